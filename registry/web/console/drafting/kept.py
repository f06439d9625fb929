"""Drafts in the database: one's own, and those shared with one's territory; what is neither is not there."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson
import psycopg
from psycopg.rows import class_row

from registry.access.territory import Territory
from registry.domain.dates import today
from registry.domain.text import Text

MOST: Final = 1000  # drafts of one account
LARGEST: Final = 1024 * 1024  # bytes of one
ALL: Final = 32 * 1024 * 1024  # bytes of all of one account
Doing = Literal["recorded", "proposed"]
_LOCK: Final = 0x64726166  # an advisory lock, with the account's hash
_COLUMNS: Final = "id, account, unit, title, content, shared, version, outcome, changed_at, changed_by"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft. `account`: whose it is, empty while there are no accounts; `outcome`: what was recorded from it."""

    id: str
    account: str
    unit: str | None
    title: str
    content: dict[str, Any]
    shared: bool
    version: int
    outcome: dict[str, Any] | None
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Line:
    """A draft as it stands in a list. `done`: recorded or proposed, as `positions`; None: neither yet."""

    id: str
    account: str
    unit: str | None
    title: str
    kind: str
    shared: bool
    done: str | None
    positions: list[int]
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads drafts: by its account, and the territory that it drafts for."""

    account: str
    territory: Territory


class NotKept(Exception):
    """A draft that was not saved, and why."""

    def __init__(self, status: int, zh: str, en: str) -> None:
        super().__init__(zh)
        self.status, self.text = status, Text(zh, en)


def new_id() -> str:
    """An id for a new draft: its day, and a number."""
    return f"CG-{today():%Y%m%d}-{secrets.randbelow(10**8):08}"


def is_id(text: str) -> bool:
    """Whether a text is the id of a draft, as new_id gives them."""
    return re.fullmatch(r"CG-\d{8}-\d{8}", text, re.ASCII) is not None


def drafts(connection: psycopg.Connection[Any], reader: Reader) -> list[Line]:
    """The drafts that a reader sees, the one changed last first."""
    codes = reader.territory.listed
    statement = """
        SELECT id, account, unit, title, kind, shared, done, changed_at, changed_by,
            ARRAY(SELECT p::bigint FROM json_array_elements_text(outcome -> 'positions') p ORDER BY 1) AS positions
        FROM drafts.draft
        WHERE account = %s OR (shared AND (%s::text[] IS NULL OR unit = ANY (%s::text[])))
        ORDER BY changed_at DESC, id LIMIT 5000"""
    with connection.cursor(row_factory=class_row(Line)) as cursor:
        return cursor.execute(statement.encode(), (reader.account, codes, codes)).fetchall()


def draft(connection: psycopg.Connection[Any], reader: Reader, id_: str) -> Draft | None:
    """A draft that a reader sees; None where there is none of that id for it."""
    with connection.cursor(row_factory=class_row(Draft)) as cursor:
        statement = f"SELECT {_COLUMNS} FROM drafts.draft WHERE id = %s"
        row = cursor.execute(statement.encode(), (id_,)).fetchone()
    return row if row is not None and _sees(reader, row) else None


def _sees(reader: Reader, row: Draft) -> bool:
    if row.account == reader.account:
        return True
    return row.shared and (reader.territory.everywhere or (row.unit is not None and reader.territory.has(row.unit)))


def save(
    connection: psycopg.Connection[Any],
    reader: Reader,
    id_: str,
    version: int,
    *,
    title: str,
    unit: str | None,
    content: Mapping[str, Any],
    shared: bool | None = None,
) -> int:
    """Keep a draft that was read as `version` (0: a new one), and give its version now; `shared` None: as it is.

    Raises NotKept: somebody else has saved it since, it was recorded or is not there, or there are too many.
    """
    written = orjson.dumps(content).decode()
    if len(written.encode()) > LARGEST:
        raise NotKept(400, "草稿过大，请分成几份。", "The draft is too large: make several of it.")
    with connection.transaction():
        if version == 0:
            return _add(connection, reader, id_, (unit, title, written, bool(shared)))
        row = _locked(connection, reader, id_)
        if row.version != version:
            return _same(row, title, written, shared)
        _room(connection, row.account, id_, written)
        # A draft that was shared stays within the reach of whoever saved it: it is not moved to another's territory.
        connection.execute(
            "UPDATE drafts.draft SET title = %s, unit = %s, content = %s, shared = coalesce(%s, shared),"
            " version = version + 1, changed_at = now(), changed_by = %s WHERE id = %s",
            (title, unit, written, shared, reader.account, id_),
        )
        return version + 1


def _room(connection: psycopg.Connection[Any], account: str, id_: str, written: str) -> None:
    """Raise NotKept where an account has as many drafts as it may, or they would be larger together than they may.

    Who saves several at once is looked at one after another.
    """
    connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, account))
    sums = "SELECT count(*), coalesce(sum(bytes), 0) FROM drafts.draft WHERE account = %s AND id <> %s"
    count, size = connection.execute(sums, (account, id_)).fetchone() or (0, 0)
    if count >= MOST:
        raise NotKept(409, f"草稿已有 {MOST} 份，请先删去不用的。", f"There are {MOST} drafts: delete some first.")
    if size + len(written.encode()) > ALL:
        zh = f"草稿合计超过 {ALL >> 20} MiB，请先删去不用的。"
        raise NotKept(409, zh, f"The drafts are larger than {ALL >> 20} MiB together: delete some first.")


def _same(row: Draft, title: str, written: str, shared: bool | None) -> int:
    """The version of a draft that reads just so already, as after sending a form twice. Raises NotKept: it does not."""
    if (row.title, row.content) == (title, orjson.loads(written)) and shared in (None, row.shared):
        return row.version
    raise NotKept(409, *_changed(row))


def _changed(row: Draft) -> Text:
    who = row.changed_by or "-"
    return Text(
        f"这份草稿已由 {who} 另行保存（第 {row.version} 稿），您的改动没有保存，仍在下面。请打开最新一稿对照后再改。",
        f"{who} has saved this draft since (version {row.version}). Your changes were not saved; they are still below. "
        "Open the newest version, compare, and change that.",
    )


def _locked(connection: psycopg.Connection[Any], reader: Reader, id_: str) -> Draft:
    connection.execute("SELECT FROM drafts.draft WHERE id = %s FOR UPDATE", (id_,))
    row = draft(connection, reader, id_)
    if row is None:
        raise NotKept(404, "没有这份草稿，可能已删除。", "There is no such draft; it may have been deleted.")
    if row.outcome is not None:
        raise NotKept(409, "这份草稿已经记录，不能再改；可另存一份。", "It is recorded, and changes no more; copy it.")
    return row


def _add(connection: psycopg.Connection[Any], reader: Reader, id_: str, values: tuple[Any, ...]) -> int:
    _room(connection, reader.account, id_, values[2])
    row = connection.execute(
        "INSERT INTO drafts.draft (id, account, unit, title, content, shared, changed_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING version",
        (id_, reader.account, *values, reader.account),
    ).fetchone()
    if row is None:  # sent twice, or another's id
        again = draft(connection, reader, id_)
        if again is None:
            raise NotKept(409, "请从“新建草稿”重新开始。", "Begin again with a new draft.")
        return _same(again, values[1], values[2], values[3] or None)
    return row[0]


# A draft that was begun and not finished for longer was left by a process that ended.
_CARRYING_OUT: Final = """
SELECT FROM drafts.draft
WHERE id <> %(id)s AND doing = 'recorded' AND outcome IS NULL
    AND (
        content -> 'texts' ->> 'proposal' = ANY(%(proposals)s)
        OR EXISTS (
            SELECT FROM jsonb_each_text(coalesce((content -> 'under')::jsonb, '{}')) u
            WHERE u.value = ANY(%(proposals)s)
        )
    )
    AND changed_at > now() - interval '2 minutes'
"""


def begin(connection: psycopg.Connection[Any], id_: str, doing: Doing, proposals: Sequence[str] = ()) -> None:
    """Say what a saved draft is about to become; `proposals`: which it carries out, if any.

    Raises NotKept: it is about to become the other already, or another draft is carrying out such a proposal just now.
    """
    with connection.transaction():
        if proposals:
            for each in sorted(proposals):  # in one order, so that no two drafts wait for each other
                connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"proposal:{each}",))
            named = {"id": id_, "proposals": list(proposals)}
            if connection.execute(_CARRYING_OUT, named).fetchone() is not None:
                zh = (
                    "另有一份草稿正在依同一准入申请记录，这一份没有记录。请稍后打开准入申请看结果，再决定是否还要记录。"
                )
                en = "Another draft is being recorded under the same proposal just now, and this one was not. "
                raise NotKept(409, zh, en + "Look at the proposal in a moment before you record this one too.")
        begun = connection.execute(
            "UPDATE drafts.draft SET doing = %s, changed_at = now() WHERE id = %s AND (doing IS NULL OR doing = %s)",
            (doing, id_, doing),
        )
    if not begun.rowcount:
        zh = "这份草稿正在以另一种方式办理（记录或申请准入），什么都没有另外记录。请打开草稿看结果。"
        raise NotKept(409, zh, "It is being recorded, or proposed, already; nothing else was done. Open the draft.")


def leave(connection: psycopg.Connection[Any], id_: str) -> None:
    """Say that a draft did not become what it was about to: it was refused."""
    with connection.transaction():
        connection.execute("UPDATE drafts.draft SET doing = NULL WHERE id = %s AND outcome IS NULL", (id_,))


def finish(connection: psycopg.Connection[Any], reader: Reader, id_: str, outcome: Mapping[str, Any]) -> None:
    """Write down what was recorded from a draft; once, whoever does it first."""
    with connection.transaction():
        connection.execute(
            "UPDATE drafts.draft SET outcome = %s, version = version + 1, changed_at = now(), changed_by = %s"
            " WHERE id = %s AND outcome IS NULL",
            (orjson.dumps(outcome).decode(), reader.account, id_),
        )


def delete(connection: psycopg.Connection[Any], reader: Reader, id_: str) -> bool:
    """Delete a draft of the reader's own; False where it has none of that id."""
    with connection.transaction():
        statement = "DELETE FROM drafts.draft WHERE id = %s AND account = %s"
        return connection.execute(statement, (id_, reader.account)).rowcount > 0
