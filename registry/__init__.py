"""Quanze 权责: an event-sourced registry of who must do what, under which document and with which powers."""

__version__ = "0.2.0"
