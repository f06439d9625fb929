"""The append-only log on PostgreSQL: append under its lock, read, and the journal in and out."""
