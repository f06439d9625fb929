"""Thousands of hostile inputs against a real server: `make hostile`, or `python -m tools.hostile`."""
