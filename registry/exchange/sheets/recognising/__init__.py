"""What a grid means: its headings, its columns, its rows, its kind of list."""
