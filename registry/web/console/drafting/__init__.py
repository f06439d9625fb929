"""Drafts: how they are kept, what their fields come to, to whom they can go, what may help."""
