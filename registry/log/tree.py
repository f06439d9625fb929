"""The Merkle tree over the log as the database keeps it: grown with every append, read for roots and proofs.

Positions are from 1, leaves from 0: the decision at position p is leaf p - 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from registry.log import merkle


def reader(connection: psycopg.Connection) -> merkle.Read:
    """How the tree's functions read kept hashes from this database."""

    def read(level: int, start: int, stop: int) -> list[bytes]:
        if level == 0:
            rows = connection.execute(
                "SELECT leaf FROM log.decision WHERE position > %s AND position <= %s ORDER BY position",
                (start, stop),
                binary=True,
            )
        else:
            rows = connection.execute(
                "SELECT hash FROM log.ancestor WHERE level = %s AND place >= %s AND place < %s ORDER BY place",
                (level, start, stop),
                binary=True,
            )
        return [bytes(row[0]) for row in rows]

    return read


def grow(connection: psycopg.Connection, size: int, hashes: Sequence[bytes]) -> None:
    """Keep what the hashes of leaves appended to a tree of `size` leaves complete further up."""
    for level, index, hashed in merkle.ancestors(0, size, hashes, reader(connection)):
        connection.execute("INSERT INTO log.ancestor (level, place, hash) VALUES (%s, %s, %s)", (level, index, hashed))


def root(connection: psycopg.Connection, size: int) -> bytes:
    """The root over the first `size` decisions."""
    return merkle.root(size, reader(connection))


def inclusion(connection: psycopg.Connection, position: int, size: int) -> list[bytes]:
    """The proof that the decision at `position` is in the log of `size`. Raises ValueError where it is not."""
    return merkle.inclusion(position - 1, size, reader(connection))


def consistency(connection: psycopg.Connection, first: int, second: int) -> list[bytes]:
    """The proof that the log of `first` decisions is the beginning of that of `second`. Raises ValueError."""
    return merkle.consistency(first, second, reader(connection))
