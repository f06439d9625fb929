"""A slow and obvious reading of the contract, to compare the product with.

Nothing here imports the product: `fold` says what holds on a day as far as the log knew, `powers` who effectively
holds a power, `rules` what is wrong, `answers` custody and certificates, `shape` and `validity` which lines can be.
"""
