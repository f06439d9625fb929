"""What a registry knows of its own backups: when, where, and whether each became whole."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson
import psycopg
from psycopg.rows import class_row

from registry.domain.text import Text
from registry.exchange.backup.folder import BadBackup, Manifest

KEPT: Final = 100  # backups that are remembered
_UNWRITABLE: Final = (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege)
_BEGUN: Final = "INSERT INTO quanze.backup (host, folder) VALUES (%s, %s) RETURNING number"
_ENDED: Final = """
UPDATE quanze.backup SET ended_at = now(), position = %s, bytes = %s, problem = %s::json WHERE number = %s
"""
_OLDER: Final = "DELETE FROM quanze.backup WHERE number <= %s"
_LATEST: Final = """
SELECT host, folder, began_at, ended_at, position, bytes, problem FROM quanze.backup ORDER BY number DESC LIMIT %s
"""
log = logging.getLogger("registry.backup")


@dataclass(frozen=True, slots=True)
class KnownBackup:
    """A backup. `position`: the decisions in it, None where it is not whole; `problem`: why not, zh and en.

    `ended_at` None: it is under way, or whoever wrote it was killed.
    """

    host: str
    folder: str
    began_at: datetime
    ended_at: datetime | None
    position: int | None
    bytes: int | None
    problem: dict[str, str] | None

    @property
    def whole(self) -> bool:
        """Whether it was written to its end and read back."""
        return self.position is not None


def latest(connection: psycopg.Connection[Any], most: int) -> list[KnownBackup]:
    """The latest backups, the newest first; at most so many."""
    with connection.cursor(row_factory=class_row(KnownBackup)) as cursor:
        return cursor.execute(_LATEST, (most,)).fetchall()


class Remembered:
    """A backup that is being made, remembered in the registry that it is of."""

    def __init__(self, connection: psycopg.Connection[Any], folder: Path) -> None:
        self._connection = connection
        self._number = self._write(_BEGUN, socket.gethostname(), str(folder.resolve()))

    def whole(self, manifest: Manifest) -> None:
        """It is whole now."""
        self._end(manifest.position, sum(file.bytes for file in manifest.files()), None)

    def failed(self, problem: Text) -> None:
        """It is not, and why."""
        self._end(None, None, orjson.dumps(problem._asdict()).decode())

    def _end(self, *values: Any) -> None:
        if self._number is not None:
            self._write(_ENDED, *values, self._number)
            self._write(_OLDER, self._number - KEPT)

    def _write(self, statement: str, *values: Any) -> int | None:
        """Written in a transaction of its own; the number, where the statement gives it.

        A database that is only read, as a replica, cannot remember its backups.
        """
        try:
            with self._connection.transaction():
                cursor = self._connection.execute(statement.encode(), values)
                row = cursor.fetchone() if cursor.description else None
                return row and row[0]
        except _UNWRITABLE as error:
            log.warning("this backup is not remembered: %s", error)
            return None


@contextlib.contextmanager
def remembering(connection: psycopg.Connection[Any], folder: Path) -> Generator[Remembered]:
    """Remember a backup into a folder: that it began, and that it failed where an error is raised in here."""
    remembered = Remembered(connection, folder)
    try:
        yield remembered
    except BadBackup as problem:
        remembered.failed(Text(problem.zh, problem.en))
        raise
    except OSError as problem:
        with contextlib.suppress(psycopg.Error):
            reason = problem.strerror or type(problem).__name__
            remembered.failed(Text(f"无法写入：{reason}", f"It could not be written: {reason}"))
        raise
