"""What the registry costs, measured: `python -m bench`. Not part of the distribution's package."""
