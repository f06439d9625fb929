"""Webhooks: who is told of decisions and findings at an address of theirs, and how a message is signed and sent."""
