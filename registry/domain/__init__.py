"""What may be decided: decisions, the states of the aggregates they are about, and the slices that decide them.

Pure Python: nothing here knows of a database, a file or the network.
"""
