"""JSON that comes and goes in large pieces, without holding up the event loop.

The library that reads and writes it lets nobody else in meanwhile, wherever it runs. So what it reads at once is
bounded by the number of its values, by which its time goes and not by its bytes (a body of 16 MiB that is all brackets
took more than a second); and long answers are written some rows at a time, in a thread.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final, cast

import orjson

from registry.web.beside import beside
from registry.web.failures import Refused

VALUES: Final = 500_000  # of one request at most: some 60 ms
SMALL: Final = 64 * 1024  # bytes that are read as they are
_PIECE: Final = 1 << 20  # bytes that are looked through at once
_ROWS: Final = 50  # that are written at once
_LONG: Final = 500  # rows from which on an answer is written beside the loop


async def read(body: bytes) -> Any:
    """What a request's body says. Raises orjson.JSONDecodeError; Refused, too-large: it has too many values."""
    if len(body) > SMALL and await beside(values, body) > VALUES:
        raise Refused(
            "too-large",
            f"一次请求最多 {VALUES} 个值，请分几次。",
            f"A request has at most {VALUES} values; send it in several.",
        )
    return orjson.loads(body)


def values(body: bytes) -> int:
    """About how many values a JSON text has, no fewer than that: commas and brackets, those in its strings too."""
    pieces = (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))
    return 1 + sum(piece.count(b",") + piece.count(b"[") + piece.count(b"{") for piece in pieces)


async def written(answer: Any) -> bytes:
    """An answer as JSON."""
    return await beside(_in_pieces, answer) if _is_long(answer) else orjson.dumps(answer)


def _is_long(answer: Any) -> bool:
    rows, waiting = 0, [answer]
    while waiting and rows <= _LONG:
        given = waiting.pop()
        if isinstance(given, list):
            rows += len(cast(Sequence[Any], given))
        if isinstance(given, (list, dict)) and rows <= _LONG:
            waiting += cast("list[Any]", list(given.values()) if isinstance(given, dict) else given)
    return rows > _LONG


def _in_pieces(answer: Any) -> bytes:
    return b"".join(_pieces(answer))


def _pieces(answer: Any) -> Generator[bytes]:
    if isinstance(answer, dict):
        for number, (key, value) in enumerate(cast("dict[str, Any]", answer).items()):
            yield (b"," if number else b"{") + orjson.dumps(key) + b":"
            yield from _pieces(value)
        yield b"}" if answer else b"{}"
    elif isinstance(answer, list) and len(cast(Sequence[Any], answer)) > _ROWS:
        rows = cast(Sequence[Any], answer)
        for start in range(0, len(rows), _ROWS):
            yield (b"," if start else b"[") + orjson.dumps(rows[start : start + _ROWS])[1:-1]
        yield b"]"
    elif isinstance(answer, list) and _is_long(answer):
        for number, row in enumerate(cast(Sequence[Any], answer)):
            yield b"," if number else b"["
            yield from _pieces(row)
        yield b"]"
    else:
        yield orjson.dumps(answer)
