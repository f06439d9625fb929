"""The table of background work: one row for each piece, seen by who began it alone."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson
import psycopg
from psycopg.rows import class_row

from registry.access.viewer import Viewer

MOST_OF_ONE: Final = 3  # that one account has under way
MOST: Final = 24  # under way in all
LISTED: Final = "100"
ENDED: Final = 50  # that are kept of one account: the older ones go, however short a time ago they ended
FILES: Final = 10  # that are kept of one account, the newest
RESULT: Final = 32 * 1024 * 1024  # bytes
State = Literal["running", "done", "failed", "interrupted"]
_SILENT: Final = "interval '20 seconds'"  # after which whoever did it does it no more
_KEPT: Final = "interval '1 day'"
_LOCK: Final = 0x776F726B  # an advisory lock: who counts and begins one does so alone
_COLUMNS: Final = f"""id, kind, parameters, progress, words, problem, began_at, ended_at,
    CASE WHEN problem IS NOT NULL THEN 'failed' WHEN ended_at IS NOT NULL THEN 'done'
         WHEN seen_at < now() - {_SILENT} THEN 'interrupted' ELSE 'running' END AS state"""
_OWN: Final = "account IS NOT DISTINCT FROM %(account)s AND roles = %(roles)s"
_UNDER_WAY: Final = f"ended_at IS NULL AND seen_at >= now() - {_SILENT}"
_ONE: Final = f"SELECT {_COLUMNS} FROM background.work WHERE id = %(id)s AND {_OWN}"
_ALL: Final = f"SELECT {_COLUMNS} FROM background.work WHERE {_OWN} ORDER BY began_at DESC LIMIT {LISTED}"
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work. `progress`: of 100; `words`: what is being done, zh and en; `problem`: code, zh, en.

    `interrupted`: the process that did it is no more; nothing came of it. `result` is read by `result_of`.
    """

    id: str
    kind: str
    parameters: dict[str, Any]
    progress: int
    words: list[str] | None
    problem: dict[str, str] | None
    began_at: datetime
    ended_at: datetime | None
    state: State


def _own(viewer: Viewer) -> dict[str, Any]:
    grants = sorted((grant.role.value, grant.unit or "") for grant in viewer.grants)
    return {"account": viewer.account, "roles": hashlib.sha256(orjson.dumps([viewer.open, grants])).digest()}


def add(
    connection: Connection, viewer: Viewer, kind: str, parameters: dict[str, Any], file: bytes | None = None
) -> str | None:
    """A new piece of work's id; None where too much is under way. What ended a day ago is removed, or is too many.

    `file`: kept with it, as long as its account hands in no more than FILES newer ones.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(f"DELETE FROM background.work WHERE coalesce(ended_at, seen_at) < now() - {_KEPT}")
        connection.execute(
            "DELETE FROM background.work WHERE id IN (SELECT id FROM background.work WHERE account IS NOT DISTINCT FROM"
            " %s AND ended_at IS NOT NULL ORDER BY began_at DESC OFFSET %s)",
            (viewer.account, ENDED),
        )
        counted = (
            "SELECT count(*), count(*) FILTER (WHERE account IS NOT DISTINCT FROM %s) FROM background.work "
            f"WHERE {_UNDER_WAY}"
        )
        row = connection.execute(counted, (viewer.account,)).fetchone() or (0, 0)
        if row[0] >= MOST or row[1] >= MOST_OF_ONE:
            return None
        id_ = secrets.token_urlsafe(12)
        connection.execute(
            "INSERT INTO background.work (id, account, roles, kind, parameters) "
            "VALUES (%(id)s, %(account)s, %(roles)s, %(kind)s, %(parameters)s)",
            {"id": id_, **_own(viewer), "kind": kind, "parameters": orjson.dumps(parameters).decode()},
        )
        if file is not None:
            connection.execute("INSERT INTO background.file (work, content) VALUES (%s, %s)", (id_, file))
            connection.execute(
                "DELETE FROM background.file WHERE work IN (SELECT f.work FROM background.file f "
                "JOIN background.work w ON w.id = f.work "
                "WHERE w.account IS NOT DISTINCT FROM %s ORDER BY w.began_at DESC OFFSET %s)",
                (viewer.account, FILES),
            )
    return id_


def heard(connection: Connection, under_way: Sequence[tuple[str, int, list[str] | None]]) -> None:
    """Say that these are still being done, how far each is, and what is being done in it."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE background.work SET seen_at = now(), progress = %s, words = %s WHERE id = %s AND ended_at IS NULL",
            [(progress, words and orjson.dumps(words).decode(), id_) for id_, progress, words in under_way],
        )


def end(
    connection: Connection, id_: str, *, result: bytes | None = None, problem: dict[str, str] | None = None
) -> None:
    """Write down what came of it, once: its result, as JSON, or why there is none."""
    connection.execute(
        "UPDATE background.work SET ended_at = now(), seen_at = now(), progress = CASE WHEN %(good)s THEN 100 ELSE "
        "progress END, result = %(result)s, problem = %(problem)s WHERE id = %(id)s AND ended_at IS NULL",
        {
            "id": id_,
            "good": problem is None,
            "result": None if result is None else result.decode(),
            "problem": problem and orjson.dumps(problem).decode(),
        },
    )
    connection.commit()


def find(connection: Connection, viewer: Viewer, id_: str) -> Work | None:
    """A piece of work that the viewer began, with the roles it has now; None where there is none."""
    with connection.cursor(row_factory=class_row(Work)) as cursor:
        return cursor.execute(_ONE, {"id": id_, **_own(viewer)}).fetchone()


def all_of(connection: Connection, viewer: Viewer) -> list[Work]:
    """What the viewer began, the newest first."""
    with connection.cursor(row_factory=class_row(Work)) as cursor:
        return cursor.execute(_ALL, _own(viewer)).fetchall()


def result_of(connection: Connection, viewer: Viewer, id_: str) -> tuple[Work, Any] | None:
    """A piece of work that the viewer began, and its result; None where there is none."""
    work = find(connection, viewer, id_)
    row = connection.execute("SELECT result FROM background.work WHERE id = %s", (id_,)).fetchone()
    return None if work is None else (work, row and row[0])


def file_of(connection: Connection, viewer: Viewer, id_: str) -> bytes | None:
    """The file of a piece of work that the viewer began; None where there is none, or it is kept no more."""
    if find(connection, viewer, id_) is None:
        return None
    row = connection.execute("SELECT content FROM background.file WHERE work = %s", (id_,)).fetchone()
    return row and bytes(row[0])
