"""Questions about findings and proposals."""
