"""Read tables built from the log, and the picture of a day that is loaded from them."""
