"""The journal as a file: read line by line in bounded memory, and written out of the log."""

from __future__ import annotations

import gzip
import io
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Final

import psycopg

from registry.domain.decisions import TYPES
from registry.domain.lines import LINE_LENGTH
from registry.log import positions
from registry.log.events import current_line
from registry.log.stored import BATCH

GZIP: Final = b"\x1f\x8b"
BLOCK: Final = 1024 * 1024  # bytes, packed by themselves
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a journal, plain or gzip, told apart by their first bytes. A line too long is cut where it is.

    Raises gzip.BadGzipFile, EOFError or zlib.error where the compressed stream is damaged.
    """
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
    if buffered.peek(2)[:2] == GZIP:
        buffered = io.BufferedReader(gzip.GzipFile(fileobj=buffered))  # type: ignore[type-var]
    first = True
    while line := buffered.readline(LINE_LENGTH + 1):
        rest = line
        while len(rest) > LINE_LENGTH and not rest.endswith(b"\n"):
            rest = buffered.readline(LINE_LENGTH + 1)
        if first:
            line, first = line.removeprefix(BYTE_ORDER_MARK), False
        yield line


def export_journal(connection: psycopg.Connection, *, after: int = 0, until: int | None = None) -> Iterator[bytes]:
    """The log as a journal, one line a decision in today's shape, oldest first; the same state throughout.

    Imported into an empty registry it gives the same positions, answers and export.
    """
    for piece in export_pieces(connection, after=after, until=until):
        yield from piece.splitlines(keepends=True)


# Lines are joined where they are stored, some at a time: no object is made of each, and together they fit in a value
# though each were as long as a line may be. A type whose shape has changed, and a line of an older one, is looked at.
RUN: Final = 200
_PAGE: Final = """
SELECT min(position) AS first, max(position) AS last, bool_or(older) AS older,
    string_agg(data || '\\x0a'::bytea, ''::bytea ORDER BY position) AS lines
FROM (
    SELECT position, data, version <> 1 OR type = ANY(%(changed)s) AS older
    FROM log.decision WHERE position > %(after)s AND position <= %(until)s ORDER BY position LIMIT %(most)s
) d GROUP BY (position - 1) / %(run)s ORDER BY first"""


def export_pieces(connection: psycopg.Connection, *, after: int = 0, until: int | None = None) -> Iterator[bytes]:
    """The same as `export_journal`, but some lines at a time."""
    page: dict[str, object] = {
        "run": RUN,
        "most": BATCH,
        "changed": [name for name in TYPES if TYPES[name].VERSION > 1],
    }
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        head, _ = positions.head(connection)  # what is recorded meanwhile is not of this state
        last = head if until is None else min(until, head)
        while after < last:
            rows = cursor.execute(_PAGE, {**page, "after": after, "until": last}).fetchall()
            if not rows:
                return
            for first, end, older, lines in rows:
                yield _in_shape(connection, first, end) if older else bytes(lines)
            after = rows[-1][1]


def _in_shape(connection: psycopg.Connection, first: int, last: int) -> bytes:
    """The lines from one position up to and with another, each in today's shape."""
    rows = connection.execute(
        "SELECT type, version, data FROM log.decision WHERE position BETWEEN %s AND %s ORDER BY position", (first, last)
    )
    return b"".join([current_line(type_name, version, bytes(data)) + b"\n" for type_name, version, data in rows])


def packed(pieces: Iterable[bytes], workers: int) -> Iterator[bytes]:
    """The bytes as gzip (RFC 1952), in members that so many threads pack: the same whoever packs, and whenever."""
    begun: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for block in _blocks(pieces):
            begun.append(pool.submit(gzip.compress, block, mtime=0))  # zlib lets others work
            if len(begun) > workers:
                yield begun.popleft().result()
        for each in begun:
            yield each.result()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes in blocks of one size, the last of what is left: one of nothing where there is nothing."""
    block = bytearray()
    for piece in pieces:
        block += piece
        while len(block) >= BLOCK:
            yield bytes(block[:BLOCK])
            del block[:BLOCK]
    yield bytes(block)
