"""A folder of lists imported at once: every file planned, its questions asked in one report, all recorded together."""
