"""Files of lists as grids of text, read in a process of its own."""
