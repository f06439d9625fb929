"""The files that lists were recorded from, by their digests: whoever has such a file can show what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import class_row

from registry.recording.unit_of_work import Recorded

_KEEP: Final = "INSERT INTO handed_in.file (sha256, size, before, upto) VALUES (%s, %s, %s, %s)"
_OF_POSITIONS: Final = """
SELECT f.sha256, f.size, f.before + 1 AS first, f.upto AS last FROM handed_in.file f
WHERE EXISTS (SELECT FROM unnest(%s::bigint[]) AS p WHERE f.before < p AND p <= f.upto) ORDER BY f.before
"""
_OF_DIGEST: Final = """
SELECT f.sha256, f.size, f.before + 1 AS first, f.upto AS last FROM handed_in.file f
WHERE f.sha256 = %s ORDER BY f.before
"""


@dataclass(frozen=True, slots=True)
class Original:
    """A file: the SHA-256 of its bytes, in hexadecimal, its size in bytes, the first and last position from it."""

    sha256: str
    size: int
    first: int
    last: int


def digest(content: bytes) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def keep(connection: psycopg.Connection[Any], file: Path | bytes, recorded: Recorded) -> None:
    """Keep with decisions just recorded which file they come from, in the caller's transaction."""
    if recorded.after > recorded.before:
        content = file if isinstance(file, bytes) else file.read_bytes()
        connection.execute(_KEEP, (digest(content), len(content), recorded.before, recorded.after))


def of_positions(connection: psycopg.Connection[Any], positions: Sequence[int]) -> list[Original]:
    """The files from which any of these decisions were recorded, in the order of the log."""
    with connection.cursor(row_factory=class_row(Original)) as cursor:
        return cursor.execute(_OF_POSITIONS, (list(positions),)).fetchall()


def of_content(connection: psycopg.Connection[Any], content: bytes) -> list[Original]:
    """What was recorded from a file of this content, in the order of the log; none where nothing was."""
    with connection.cursor(row_factory=class_row(Original)) as cursor:
        return cursor.execute(_OF_DIGEST, (digest(content),)).fetchall()
