"""Questions about units and places."""
