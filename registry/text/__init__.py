"""Text by the letters it is made of: a linear model that says of which class a text is. No database, no training."""
