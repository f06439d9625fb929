"""Questions about lists and their items."""
