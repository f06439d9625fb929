"""Writing a backup, beside everything else that the registry does: one snapshot of the database, read to its end."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from registry import __version__
from registry.database import replaced_since
from registry.exchange.backup import folder as files
from registry.exchange.backup import tables
from registry.exchange.backup.folder import BadBackup, KeptFile, KeptTable, Manifest, StoredDecision
from registry.exchange.backup.known import remembering
from registry.log import checkpoints, notes, recorder, tree
from registry.log.verifying import GrowingTree

Progress = Callable[[int, int], None]  # called with the decisions done and in all
TRIES: Final = 5  # while the read tables are being replaced
READ: Final = """
SELECT position, type, version, data, tags, recorded_at, recorded_by FROM log.decision
WHERE position BETWEEN %s AND %s ORDER BY position
"""
LEAVES: Final = "SELECT leaf FROM log.decision WHERE position BETWEEN %s AND %s ORDER BY position"


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup that was made: what it holds, and how many of its files were there already."""

    manifest: Manifest
    reused: int


def back_up(connection: psycopg.Connection, folder: Path, progress: Progress | None = None) -> Kept:
    """Keep the registry as it is now in a folder, which may hold an earlier backup of it, or an unfinished one.

    The connection must be in no transaction. What is written is read back and compared with the log's root. Raises
    BadBackup where the folder holds something else or what was written is not what the database has, and OSError. The
    registry remembers that it was made (`known`).
    """
    with remembering(connection, folder) as remembered, _alone(folder):
        earlier = _earlier(folder)
        with _snapshot(connection):
            position, _ = recorder.head(connection)
            if earlier is not None:
                _refuse_another_log(connection, folder, earlier, position)
            kept = _write(connection, folder, position, progress)
        files.write_manifest(folder, kept.manifest)
        _remove_others(folder, kept.manifest)
        remembered.whole(kept.manifest)
    return kept


@contextlib.contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Hold the lock of the folder, made where it is not there; a killed process gives it up.

    Raises BadBackup where another backup holds it, or the folder has something else in it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries = {entry.name for entry in folder.iterdir()}
    if entries and files.LOCK not in entries:
        raise BadBackup(
            f"{folder} 中有别的文件，请另选一个空文件夹。",
            f"There are other files in {folder}: choose an empty folder.",
        )
    lock = os.open(folder / files.LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BadBackup(
            f"另一个备份正在写入 {folder}。", f"Another backup is being written into {folder} just now."
        ) from None
    finally:
        os.close(lock)


def _earlier(folder: Path) -> Manifest | None:
    """The backup that the folder holds; None where there is none that is complete."""
    return files.read_manifest(folder) if (folder / files.MANIFEST).exists() else None


@contextlib.contextmanager
def _snapshot(connection: psycopg.Connection) -> Generator[None]:
    """One moment of the database, at which its read tables are those that are in use."""
    for attempt in range(TRIES):
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            if attempt + 1 < TRIES and replaced_since(connection):
                continue
            yield
            return


def _refuse_another_log(connection: psycopg.Connection, folder: Path, earlier: Manifest, position: int) -> None:
    """Raises BadBackup where the backup in the folder is not of an earlier state of this log."""
    if earlier.position <= position and tree.root(connection, earlier.position).hex() == earlier.root:
        return
    raise BadBackup(
        f"{folder} 中是另一日志的备份，或这一日志比备份时短；请另选一个空文件夹。",
        f"{folder} holds the backup of another log, or this log is shorter than it was: choose an empty folder.",
    )


def _write(connection: psycopg.Connection, folder: Path, position: int, progress: Progress | None) -> Kept:
    digests = tables.read_tables(connection)
    grown = GrowingTree()
    log: list[KeptFile] = []
    reused = 0
    for first, last in files.segments(position):
        name = files.segment_name(first, last)
        kept = _kept_segment(connection, folder, name, (first, last), grown)
        if kept is None:
            _write_segment(connection, folder, name, (first, last))
            kept = _kept_segment(connection, folder, name, (first, last), grown)
            if kept is None:
                raise files.damaged(name, ValueError("read back otherwise than written"))
        else:
            reused += 1
        log.append(kept)
        if progress is not None:
            progress(last, position)
    root = tree.root(connection, position)
    if grown.root() != root:
        raise BadBackup(
            "写入的内容与日志的树根不符：日志可能已被改动，请运行 registry verify。",
            "What was written does not agree with the log's root: the log may have been altered; run registry verify.",
        )
    migrations = connection.execute("SELECT number, name, checksum FROM quanze.migration ORDER BY number").fetchall()
    stamp = datetime.now(UTC)
    others = [_write_table(connection, folder, stamp, table) for table in tables.kept_tables(connection)]
    manifest = Manifest(
        format=files.FORMAT,
        program=__version__,
        server=tables.server_version(connection),
        made_at=stamp.isoformat(timespec="seconds"),
        migrations=[list(row) for row in migrations],
        position=position,
        root=root.hex(),
        journal=tables.journal_digest(connection, position),
        read_tables=digests,
        signed_by=sorted({signer for note in checkpoints.kept(connection) for signer in notes.signers(note)}),
        not_kept=list(tables.NOT_KEPT),
        log=log,
        tables=others,
        sequences=tables.sequences(connection),
    )
    for kept in (table.file for table in others):
        files.check(folder, kept)
    return Kept(manifest, reused)


def _write_segment(connection: psycopg.Connection, folder: Path, name: str, span: tuple[int, int]) -> None:
    """Write the decisions of one file."""
    with (
        connection.cursor("backup", binary=True) as cursor,
        files.compressed(folder, name) as (packed, _),
    ):
        cursor.itersize = 5000
        cursor.execute(READ, span)
        for position, type_name, version, data, tags, recorded_at, recorded_by in cursor:
            row = StoredDecision(position, type_name, version, bytes(data), tags, recorded_at, recorded_by)
            packed.write(row.line())


def _kept_segment(
    connection: psycopg.Connection, folder: Path, name: str, span: tuple[int, int], grown: GrowingTree
) -> KeptFile | None:
    """The file as it lies on the disk, if it has these decisions of the database; the tree then grows by them."""
    if not (folder / name).is_file():
        return None
    leaves = [bytes(row[0]) for row in connection.execute(LEAVES, span, binary=True)]
    try:
        same = _same(files.decisions(folder, name), leaves, span[0])
    except BadBackup:
        return None
    if not same:
        return None
    for leaf in leaves:
        grown.add(leaf)
    content = (folder / name).read_bytes()
    return KeptFile(name, len(content), tables.digest([content]), len(leaves))


def _same(decisions: Iterator[StoredDecision], leaves: list[bytes], first: int) -> bool:
    """Whether these are the decisions with these leaves, from that position on."""
    position = first
    for decision in decisions:
        index = position - first
        if index >= len(leaves) or decision.position != position or decision.leaf_hash() != leaves[index]:
            return False
        position += 1
    return position == first + len(leaves)


def _write_table(connection: psycopg.Connection, folder: Path, stamp: datetime, table: tables.Table) -> KeptTable:
    """Write the rows of another table."""
    name = f"{files.TABLES}/{stamp:%Y%m%dT%H%M%S%f}/{table.schema}.{table.name}.copy.gz"
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(table.whole, columns)
    with connection.cursor() as cursor:
        with files.compressed(folder, name) as (packed, digested), cursor.copy(statement) as copy:
            _fill(packed, copy)
        rows = cursor.rowcount
    kept = KeptFile(name, digested.size, digested.digest.hexdigest(), rows)
    return KeptTable(table.schema, table.name, table.columns, kept)


def _fill(packed: gzip.GzipFile, copy: Any) -> None:
    for piece in copy:
        packed.write(piece)


def _remove_others(folder: Path, manifest: Manifest) -> None:
    """Remove what earlier backups into the folder had and this one has not: only files of such names."""
    named = {file.name for file in manifest.files()}
    for file in (folder / files.LOG).glob("*-*.jsonl.gz"):
        if f"{files.LOG}/{file.name}" not in named:
            file.unlink()
    stamps = {Path(table.file.name).parent.name for table in manifest.tables}
    for stamp in (folder / files.TABLES).glob("*T*"):
        if stamp.name not in stamps:
            shutil.rmtree(stamp)
    for unfinished in folder.rglob(".unfinished-*"):
        unfinished.unlink()
