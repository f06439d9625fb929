"""Keeping an installation in order: what is wrong with it, how large and how fast it is, who works in it."""
