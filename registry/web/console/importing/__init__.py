"""Imports that are read and recorded in the background, and what the pages show of them."""
