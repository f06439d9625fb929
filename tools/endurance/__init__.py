"""An hour of mixed load, and whether memory, files and connections stay what they were: `make endure`."""
