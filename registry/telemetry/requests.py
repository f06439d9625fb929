"""The request under way: its id, and the operation that it turned out to be."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from typing import Final

HEADER: Final = b"x-request-id"
_SAFE: Final = re.compile(rb"[0-9A-Za-z][0-9A-Za-z_.-]{7,63}")


class RequestUnderWay:
    """One request. `operation`: a word of a bounded set, by which it is counted; never what a client wrote."""

    __slots__ = ("id", "operation")

    def __init__(self, request_id: str) -> None:
        self.id = request_id
        self.operation: str | None = None


_under_way: Final[ContextVar[RequestUnderWay | None]] = ContextVar("request_under_way", default=None)
enter: Final = _under_way.set
leave: Final = _under_way.reset


def current() -> RequestUnderWay | None:
    """The request that this code works for; None where it works for none."""
    return _under_way.get()


def request_id(given: bytes | None) -> str:
    """The id of a request: that which a proxy gave it, where it is 8 to 64 letters, digits, `_`, `.`, `-`; else new."""
    if given is not None and _SAFE.fullmatch(given):
        return given.decode("ascii")
    return secrets.token_hex(16)


def name_operation(name: str) -> None:
    """Say which operation the request under way is."""
    under_way = _under_way.get()
    if under_way is not None:
        under_way.operation = name
