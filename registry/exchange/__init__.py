"""What goes in and out as files: spreadsheets, documents, published lists, evidence, journals."""
