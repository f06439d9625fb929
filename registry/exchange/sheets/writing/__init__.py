"""Lists written as .xlsx, .docx, JSON and pages."""
