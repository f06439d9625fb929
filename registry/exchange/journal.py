"""The journal as a file: read line by line in bounded memory, and written out of the log."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

import psycopg

from registry.domain.lines import LINE_LENGTH
from registry.log.events import current_line

GZIP: Final = b"\x1f\x8b"
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
    with connection.transaction(), connection.cursor("export") as cursor:
        cursor.itersize = 5000
        cursor.execute(
            "SELECT type, version, data FROM log.decision WHERE position > %s AND position <= %s ORDER BY position",
            (after, 2**63 - 1 if until is None else until),
        )
        for type_name, version, data in cursor:
            yield current_line(type_name, version, bytes(data)) + b"\n"
