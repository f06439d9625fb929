"""Endpoints as the database keeps them: the address, what is sent there, and how far it has been delivered."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import psycopg
from psycopg.rows import class_row

Feed = Literal["decisions", "findings"]
LOCK: Final = 0x7175616E_686F6F6B  # "quanhook" in ASCII: the advisory lock of the process that delivers
_COLUMNS: Final = (
    "id, url, feed, within, internal, secret, position, generation, added_at, delivered_at, attempts, next_at, problem,"
    " stopped_at"
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where messages of a feed go. `position`: the last that was delivered, or passed over as of no concern.

    `within`: only what is about the territory of that unit; None: everything. `internal`: the address may be of this
    machine or of a private network, and without TLS. `generation` goes up when somebody has it go on, or elsewhere:
    what was on its way then counts no more. `attempts`, `next_at`, `problem`: of a message that is not taken.
    `stopped_at`: nothing more is sent, for the receiver has said that it is gone.
    """

    id: int
    url: str
    feed: Feed
    within: str | None
    internal: bool
    secret: str
    position: int
    generation: int
    added_at: datetime
    delivered_at: datetime | None
    attempts: int
    next_at: datetime | None
    problem: str | None
    stopped_at: datetime | None


def new_secret() -> str:
    """A secret as Standard Webhooks writes it: 32 random bytes in base64 after `whsec_`."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def add(
    connection: psycopg.Connection, url: str, feed: Feed, within: str | None, after: int, *, internal: bool
) -> Endpoint:
    """Add an endpoint that is sent what comes after a position."""
    return _one(
        connection,
        "INSERT INTO webhook.endpoint (url, feed, within, internal, secret, position) VALUES (%s, %s, %s, %s, %s, %s)",
        (url, feed, within, internal, new_secret(), after),
    )


def every(connection: psycopg.Connection) -> list[Endpoint]:
    """All endpoints, in the order in which they were added."""
    with connection.cursor(row_factory=class_row(Endpoint)) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM webhook.endpoint ORDER BY id".encode()).fetchall()


def remove(connection: psycopg.Connection, number: int) -> bool:
    """Remove an endpoint; whether there was one."""
    return connection.execute("DELETE FROM webhook.endpoint WHERE id = %s", (number,)).rowcount == 1


def resume(connection: psycopg.Connection, number: int, after: int | None) -> Endpoint | None:
    """Go on at once with an endpoint, after another position where one is given; None where there is no such."""
    return _one_or_none(
        connection,
        "UPDATE webhook.endpoint SET position = coalesce(%s, position), attempts = 0, next_at = NULL, problem = NULL,"
        " stopped_at = NULL, generation = generation + 1 WHERE id = %s",
        (after, number),
    )


def delivered(connection: psycopg.Connection, endpoint: Endpoint, position: int, *, message: bool) -> bool:
    """Keep that all up to a position is delivered, by a message or with nothing to send; False where it was moved.

    Who removes an endpoint or moves its position meanwhile goes before what was on its way.
    """
    statement = (
        "UPDATE webhook.endpoint SET position = %s, attempts = 0, next_at = NULL, problem = NULL,"
        " delivered_at = CASE WHEN %s THEN now() ELSE delivered_at END WHERE id = %s AND generation = %s"
    )
    return connection.execute(statement, (position, message, endpoint.id, endpoint.generation)).rowcount == 1


def failed(
    connection: psycopg.Connection, endpoint: Endpoint, problem: str, seconds: float, *, gone: bool = False
) -> None:
    """Keep that a message was not taken, why, and in how many seconds it is sent again."""
    connection.execute(
        "UPDATE webhook.endpoint SET attempts = attempts + 1, problem = %s,"
        " next_at = now() + make_interval(secs => %s), stopped_at = CASE WHEN %s THEN now() END"
        " WHERE id = %s AND generation = %s",
        (problem[:500], seconds, gone, endpoint.id, endpoint.generation),
    )


def _one(connection: psycopg.Connection, statement: str, values: tuple[Any, ...]) -> Endpoint:
    row = _one_or_none(connection, statement, values)
    assert row is not None
    return row


def _one_or_none(connection: psycopg.Connection, statement: str, values: tuple[Any, ...]) -> Endpoint | None:
    with connection.cursor(row_factory=class_row(Endpoint)) as cursor:
        return cursor.execute(f"{statement} RETURNING {_COLUMNS}".encode(), values).fetchone()
