"""The one way in: decisions taken and journals imported, each in one transaction under the lock of the log."""
