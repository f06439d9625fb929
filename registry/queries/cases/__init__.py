"""Cases: how accountability was settled, found by their words and by what they resemble."""
