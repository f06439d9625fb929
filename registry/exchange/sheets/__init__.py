"""Lists in and out as people keep them: spreadsheets, documents, sheets for the notice board."""
