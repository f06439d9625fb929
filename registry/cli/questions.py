"""Putting a question to the registry from a command: connections, a position that exists."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import psycopg

from registry.cli.terminal import fail
from registry.database import connect, pool
from registry.log import positions
from registry.relations.two_times import Reader, UnknownPosition, reached

Answer = TypeVar("Answer")
Question = Callable[[psycopg.Connection[Any], Reader, int], Awaitable[Answer]]


def answer(question: Question[Answer], known: str | None) -> Answer:
    """Give the answer to a question: it is called with a psycopg connection, an asyncpg reader and a position."""

    async def run(connection: psycopg.Connection[Any], position: int) -> Answer:
        async with await pool(min_size=1, max_size=1) as reader:
            return await question(connection, reader, position)

    with connect() as connection:
        return asyncio.run(run(connection, known_position(connection, known)))


def need_position(connection: psycopg.Connection[Any], position: int) -> None:
    """Leave where the log has not reached the position."""
    try:
        reached(position, positions.head(connection)[0])
    except UnknownPosition as unknown:
        fail(unknown.code, *unknown.text, 2)


def known_position(connection: psycopg.Connection[Any], text: str | None) -> int:
    """Read a position, or the newest one at an RFC 3339 time; the log's last where nothing is given.

    Leaves where it is neither, or a position that the log has not reached.
    """
    if text is None:
        return positions.head(connection)[0]
    text = text.removeprefix("#")  # as positions are printed
    if text.isdecimal() and len(text) < 1000:
        need_position(connection, int(text))
        return int(text)
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError
    except ValueError:
        fail(
            "bad-value",
            f"--known 请写序号或带时区的时间：{text}",
            f"Give --known a position or a time with its zone: {text}",
            2,
        )
    return positions.position_at(connection, time)
