"""Putting a backup back into an empty database, in one transaction: killed at any moment, nothing of it is there."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from registry.database import schema
from registry.domain.text import Text
from registry.exchange.backup import folder as files
from registry.exchange.backup import tables
from registry.exchange.backup.folder import BadBackup, Manifest, StoredDecision
from registry.log import recorder, tree
from registry.replay.building import Building

Progress = Callable[[int, int], None]
BATCH: Final = 5000  # decisions written at once
BUILT: Final = "restored"  # the schema in which the read tables are built


class NotEmpty(Exception):
    """A database that holds something already."""

    code = "database-not-empty"
    zh = "数据库中已有内容，备份只能恢复到空的数据库：请另建一个，或用 REGISTRY_HOME 另选目录。"
    en = (
        "There is something in the database; a backup is restored into an empty one only: make another, or choose "
        "another folder with REGISTRY_HOME."
    )

    def __init__(self, zh: str | None = None, en: str | None = None) -> None:
        self.zh, self.en = zh or self.zh, en or self.en
        super().__init__(Text(self.zh, self.en).joined)


OTHER_TABLES: Final = Text(
    "数据库中的表由另一版本的程序建好，与备份的不同（其中还没有记录）：请另建一个没有表的数据库（CREATE DATABASE），"
    "恢复到那里；恢复时会自动迁移到本程序的版本。",
    "The tables of the database were made by another version of the program than those of the backup, though nothing "
    "is in them: make a database without tables (CREATE DATABASE) and restore into that; it is migrated to this "
    "program's version.",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and in what it is not as it was (in words; none: everything is the same)."""

    manifest: Manifest
    differences: list[Text] = field(default_factory=list[Text])
    notes: list[Text] = field(default_factory=list[Text])  # what could not be compared


def restore(connection: psycopg.Connection, folder: Path, progress: Progress | None = None) -> Restored:
    """Put a backup into an empty database, migrate it to this program and build the read tables.

    The connection is to a database without tables, or one whose tables are those of the backup and empty; it must be in
    no transaction. Raises BadBackup, NotEmpty or NoDatabase, and then nothing has changed.
    """
    manifest = files.read_manifest(folder)
    for kept in manifest.files():
        files.check(folder, kept)
    wanted = _migrations(manifest)
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = 0")
        connection.execute("SET LOCAL search_path = live")
        _refuse_what_is_not_empty(connection, manifest)
        schema.migrate(connection, wanted)
        for table in manifest.tables:
            _copy(connection, folder, table)
        _fill_log(connection, folder, manifest, progress)
        for name, value in manifest.sequences.items():
            connection.execute("SELECT setval(%s::regclass, %s)", (name, value))
        schema.migrate(connection)
        _build_read_tables(connection)
        return _compared(connection, manifest, same_tables=len(wanted) == len(schema.migrations()))


def _migrations(manifest: Manifest) -> tuple[schema.Migration, ...]:
    """The migrations of the database that was backed up. Raises BadBackup where this program has others."""
    own = schema.migrations()
    wanted = own[: len(manifest.migrations)]
    if len(manifest.migrations) > len(own):
        raise BadBackup(
            f"备份来自更新的程序（{manifest.program}），请先升级本程序。",
            f"The backup was made by a newer program ({manifest.program}): upgrade this one first.",
        )
    if [[one.number, one.name, one.checksum] for one in wanted] != manifest.migrations:
        raise BadBackup(
            f"备份的数据库与本程序的迁移不符，请用程序 {manifest.program} 恢复。",
            f"The database of the backup was migrated otherwise: restore it with the program {manifest.program}.",
        )
    return wanted


def _refuse_what_is_not_empty(connection: psycopg.Connection, manifest: Manifest) -> None:
    """Raises NotEmpty where the database has rows that are not made by migrating, or tables of another program."""
    row = connection.execute("SELECT to_regclass('quanze.migration') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return
    applied = connection.execute("SELECT count(*) FROM quanze.migration").fetchone()
    others = applied is not None and applied[0] not in (0, len(manifest.migrations))
    for table in (sql.Identifier("log", "decision"), *(each.whole for each in tables.kept_tables(connection))):
        rows = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table)).fetchone()
        if rows is not None and rows[0]:
            raise NotEmpty
    if others:
        raise NotEmpty(OTHER_TABLES.zh, OTHER_TABLES.en)


def _copy(connection: psycopg.Connection, folder: Path, table: files.KeptTable) -> None:
    """Fill another table."""
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.schema, table.table), columns)
    try:
        with (
            gzip.open(folder / table.file.name, "rb") as rows,
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            while piece := rows.read(files.PIECE):
                copy.write(piece)
    except (EOFError, gzip.BadGzipFile, psycopg.DataError, psycopg.IntegrityError) as problem:
        raise files.damaged(table.file.name, problem) from None


def _fill_log(connection: psycopg.Connection, folder: Path, manifest: Manifest, progress: Progress | None) -> None:
    """Fill the log, its tags and its tree, and compare its root. Raises BadBackup."""
    done = 0
    for batch in _batches(_decisions(folder, manifest), BATCH):
        if [each.position for each in batch] != list(range(done + 1, done + len(batch) + 1)):
            zh, en = f"备份缺第 {done + 1} 项之后的决定。", f"Decisions after {done} are missing in the backup."
            raise BadBackup(zh, en)
        _write(connection, done, batch)
        done += len(batch)
        if progress is not None:
            progress(done, manifest.position)
    if done != manifest.position or tree.root(connection, done).hex() != manifest.root:
        raise BadBackup("备份中的决定与其树根不符。", "The decisions of the backup do not agree with its root.")
    connection.execute("ANALYZE log.decision, log.tag")


def _write(connection: psycopg.Connection, after: int, batch: Sequence[StoredDecision]) -> None:
    """Write decisions as they were, their tags, and what they complete of the tree."""
    hashes = [each.leaf_hash() for each in batch]
    rows: list[tuple[Any, ...]] = [
        (d.position, d.type, d.version, d.data, list(d.tags), d.recorded_at, d.recorded_by, hashed)
        for d, hashed in zip(batch, hashes, strict=True)
    ]
    tags = [(tag, each.position) for each in batch for tag in dict.fromkeys(each.tags)]
    recorder.LogRecorder(connection).write(recorder.Packed(after, rows, tags, hashes))


def _batches(decisions: Iterable[StoredDecision], size: int) -> Iterator[list[StoredDecision]]:
    iterator = iter(decisions)
    while batch := list(islice(iterator, size)):
        yield batch


def _decisions(folder: Path, manifest: Manifest) -> Iterator[StoredDecision]:
    for kept in manifest.log:
        yield from files.decisions(folder, kept.name)


def _build_read_tables(connection: psycopg.Connection) -> None:
    """Build the read tables from the log and put them in the place of the empty ones."""
    building = Building(connection, BUILT, logged=True)
    building.go_on()
    building.index()
    building.leave()
    live, built = sql.Identifier(schema.LIVE), sql.Identifier(BUILT)
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(live))
    connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(built, live))


def _compared(connection: psycopg.Connection, manifest: Manifest, *, same_tables: bool) -> Restored:
    """The restored registry beside the one that was backed up. Read tables of other migrations cannot be compared."""
    restored = Restored(manifest)
    if tables.journal_digest(connection, manifest.position) != manifest.journal:
        zh, en = "导出的日志与备份时不同。", "The exported journal is not what it was when the backup was made."
        restored.differences.append(Text(zh, en))
    if not same_tables:
        zh = f"备份来自程序 {manifest.program}，已升级；日志相同，读表由日志重建，未与备份时逐表比对。"
        en = (
            f"The backup is of the program {manifest.program} and was migrated: the log is the same; the read tables "
            "were built from it and could not be compared with those of then."
        )
        restored.notes.append(Text(zh, en))
        return restored
    now = tables.read_tables(connection)
    changed = ", ".join(name for name, digest in manifest.read_tables.items() if now.get(name) != digest)
    if changed:
        zh, en = f"以下读表与备份时不同：{changed}。", f"These read tables are not what they were: {changed}."
        restored.differences.append(Text(zh, en))
    return restored
