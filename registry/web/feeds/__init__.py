"""The live feeds of decisions and findings."""
