"""What is written for speed at the cost of reading: each beside its plain form, with a test that both are equal."""
