"""Questions about the past: decisions, their effects, changes."""
