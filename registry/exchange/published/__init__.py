"""The nationwide lists, kept as YAML files, and how they come into the log.

`files` reads and checks them and gives the decisions they stand for; `difference` says what is to be decided so that
the registry says what the files say; `loading` records it.
"""

from registry.exchange.published.difference import Conflict, Difference, difference
from registry.exchange.published.files import BadFile, Published, decisions, read
from registry.exchange.published.loading import Loaded, load

__all__ = [
    "BadFile",
    "Conflict",
    "Difference",
    "Loaded",
    "Published",
    "decisions",
    "difference",
    "load",
    "read",
]
