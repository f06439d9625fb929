"""What a list says of its items, permission or prohibition, and which words say so."""
