"""The log's decisions as they are stored, read one after another in batches: what goes through all of it reads so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

import psycopg

from registry.database.row_objects import in_order
from registry.log.events import own_keys

BATCH: Final = 5000


class Stored(NamedTuple):
    """A decision as it is stored. `tags`: with a line feed between them, `number`: how many they are."""

    position: int
    type: str
    version: int
    data: bytes
    recorded_at: datetime
    recorded_by: str | None
    leaf: bytes
    tags: str
    number: int

    @property
    def shape(self) -> tuple[str, int, bytes]:
        """What the decision is made of: type, version and data."""
        return self[1:4]

    @property
    def own_keys(self) -> list[str]:
        """Of its tags, the keys of the aggregates it is about: almost always one, the first."""
        if self.tags.count("\n@") == self.number - 1 and not self.tags.startswith("@"):
            return [self.tags.partition("\n")[0]]
        return own_keys(self.tags.split("\n")) if self.number else []


# Tags as one text: an object of each would take as long as all the rest of reading a decision.
_STORED: Final = """
SELECT position, type, version, data, recorded_at, recorded_by, leaf,
    array_to_string(tags, chr(10)) AS tags, cardinality(tags) AS number
FROM log.decision WHERE {} ORDER BY position LIMIT %(most)s"""
_FROM_BELOW: Final = _STORED.format("position <= %(last)s").encode()
_AFTER: Final = _STORED.format("position > %(after)s AND position <= %(last)s").encode()


def stored(
    connection: psycopg.Connection[Any], after: int, last: int, *, below: bool = False
) -> Iterator[list[Stored]]:
    """The decisions after that position up to and with the last, in batches; `below`: also what is at no position.

    In the caller's transaction.
    """
    statement = _FROM_BELOW if below and after == 0 else _AFTER
    with connection.cursor(binary=True, row_factory=in_order(Stored)) as cursor:
        while rows := cursor.execute(statement, {"after": after, "last": last, "most": BATCH}).fetchall():
            yield rows
            statement, after = _AFTER, rows[-1].position
