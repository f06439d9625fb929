"""Read tables built from the log, and the snapshot of a day that is loaded from them."""
