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
from registry.log import checkpoints, recorder, tree
from registry.log.notes import BadNote, Checkpoint
from registry.log.verifying import Differs
from registry.replay.building import Building
from registry.replay.tags import surplus, tags

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
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (schema.LOCK,))  # nobody else restores, or migrates
        _refuse_what_is_not_empty(connection, manifest)
        schema.migrate(connection, wanted)
        recorder.lock(connection)  # nobody records: what was recorded until now is no longer overlooked
        _refuse_what_is_not_empty(connection, manifest)
        _fill(connection, folder, manifest, progress)
        schema.migrate(connection)
        altered = surplus(connection, [tags(connection, 0, manifest.position)])
        _build_read_tables(connection, altered)
        return _compared(connection, manifest, altered, same_tables=len(wanted) == len(schema.migrations()))


def _fill(connection: psycopg.Connection, folder: Path, manifest: Manifest, progress: Progress | None) -> None:
    """Fill the tables, the log and the sequences. Raises BadBackup, also where the files do not fit the tables."""
    _need_all_tables(connection, folder, manifest)
    try:
        for table in manifest.tables:
            _copy(connection, folder, table)
        _fill_log(connection, folder, manifest, progress)
        for name, value in manifest.sequences.items():
            connection.execute("SELECT setval(%s::regclass, %s)", (name, value))
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as problem:
        raise files.damaged(files.MANIFEST, ValueError(problem.diag.message_primary)) from None


def _need_all_tables(connection: psycopg.Connection, folder: Path, manifest: Manifest) -> None:
    """Raises BadBackup unless its tables are those that are kept, with their columns, each once.

    Without one of them, as that of accounts, the registry would be another, and nothing would say so.
    """
    due = {(table.schema, table.name): sorted(table.columns) for table in tables.kept_tables(connection)}
    kept = {(table.schema, table.table): sorted(table.columns) for table in manifest.tables}
    left_out = set(manifest.not_kept) - set(tables.NOT_KEPT)  # by a program that kept less
    due = {name: columns for name, columns in due.items() if ".".join(name) not in left_out}
    differing = sorted(".".join(name) for name in {*due, *kept} if due.get(name) != kept.get(name))
    if differing or len(kept) != len(manifest.tables):
        names = ", ".join(differing) or "…"
        raise BadBackup(
            f"{folder} 的备份缺表、多表，或表的列不符：{names}。",
            f"The backup in {folder} lacks tables, has others, or other columns: {names}.",
        )


def _migrations(manifest: Manifest) -> tuple[schema.Migration, ...]:
    """The migrations of the database that was backed up. Raises BadBackup where this program has others."""
    own = schema.migrations()
    wanted = own[: len(manifest.migrations)]
    if len(manifest.migrations) > len(own):
        raise BadBackup(
            f"备份来自更新的程序（{manifest.program}），请先升级本程序。",
            f"The backup was made by a newer program ({manifest.program}): upgrade this one first.",
        )
    if not wanted or [[one.number, one.name, one.checksum] for one in wanted] != manifest.migrations:
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
    except files.UNREADABLE as problem:
        raise files.damaged(table.file.name, problem) from None
    except (psycopg.DataError, psycopg.IntegrityError) as problem:
        raise files.damaged(table.file.name, ValueError(problem.diag.message_primary)) from None


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


def _build_read_tables(connection: psycopg.Connection, altered: Differs | None) -> None:
    """Build the read tables from the log and put them in the place of the empty ones.

    Raises BadBackup where tags that were `altered` name what there cannot be.
    """
    building = Building(connection, BUILT, logged=True)
    try:
        building.go_on()
    except Exception:
        if altered is None:
            raise
        raise BadBackup(altered.zh, altered.en) from None
    building.index()
    building.leave()
    live, built = sql.Identifier(schema.LIVE), sql.Identifier(BUILT)
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(live))
    connection.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(built, live))


def _compared(
    connection: psycopg.Connection, manifest: Manifest, altered: Differs | None, *, same_tables: bool
) -> Restored:
    """The restored registry beside the one that was backed up. Read tables of other migrations cannot be compared.

    What was altered before it was backed up, or in the backup with its digests, differs from what follows from the log
    (its tags, `altered`) or from the checkpoints that were kept with it.
    """
    restored = Restored(manifest)
    if altered is not None:
        restored.differences.append(Text(altered.zh, altered.en))
    restored.differences.extend(_other_checkpoints(connection, manifest))
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


def _other_checkpoints(connection: psycopg.Connection, manifest: Manifest) -> Iterator[Text]:
    """That the log is not the one of a checkpoint that was kept with it. Who signed it is for `registry verify`."""
    for note in checkpoints.kept(connection):
        try:
            checkpoint = Checkpoint.parse(note)
        except BadNote:
            yield Text("所存的一份检查点读不出。", "A checkpoint that was kept cannot be read.")
            continue
        size = checkpoint.size
        if size > manifest.position or tree.root(connection, size) != checkpoint.root:
            yield Text(
                f"日志与 {size} 项时的检查点不符：日志在签发之后被改动或截短过。",
                f"The log is not that of the checkpoint at position {size}: it was altered or cut off since.",
            )
