"""Who asks, and what they may see and do: roles, viewers, territory, and the one table of operations."""
