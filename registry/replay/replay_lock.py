"""The lock of replays: any number compare at once; one replaces the live tables, and only while none compares.

A comparison reads as of the moment it began; tables put in place after that are empty to it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import psycopg

REPLAYING: Final = 0x7265706C6179  # "replay" in ASCII


class Underway(Exception):
    """Another replay keeps this one from starting."""

    code = "busy"
    zh = "另一项重放正在进行，请待其完成后再试。"
    en = "Another replay is under way. Try again when it is done."

    def __init__(self) -> None:
        super().__init__(f"{self.zh} / {self.en}")


@contextmanager
def replay_lock(connection: psycopg.Connection, *, exclusive: bool) -> Generator[None]:
    """Hold the lock, exclusive or shared, until the block or the session ends. Raises Underway."""
    kind = "" if exclusive else "_shared"
    row = connection.execute(f"SELECT pg_try_advisory_lock{kind}(%s)".encode(), (REPLAYING,)).fetchone()
    if row is None or not row[0]:
        raise Underway
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(f"SELECT pg_advisory_unlock{kind}(%s)".encode(), (REPLAYING,))
