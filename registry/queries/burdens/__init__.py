"""Questions about burdens and reports from below."""
