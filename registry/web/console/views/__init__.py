"""The views of the console, one module each: what it asks of the API, and what of the answer its page shows."""
