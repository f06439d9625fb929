"""Train what understands requests at the village window, out of sayings and the vocabulary."""
