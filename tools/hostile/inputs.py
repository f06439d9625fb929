"""An input: bytes for a socket, in pieces, and how the client behaves after them. Values that nobody thought of."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import orjson

Ending = Literal["read", "head", "half", "leave", "reset", "wait"]
"""What the client does then: read all; read the head and leave; say that it sends no more, and read; leave; reset the
connection; wait without a word until the server lets it go."""


@dataclass(frozen=True, slots=True)
class Input:
    """One hostile client. `pause`: seconds between the pieces; `pair`: what is recorded together, if it is recorded."""

    family: str
    name: str
    pieces: tuple[bytes, ...]
    ending: Ending = "read"
    pause: float = 0.0
    pair: str = ""


# Stand in a form for its token and in its head for the cookie, which a server gives out (`signed`).
STAMP: Final = "0form0stamp0"
COOKIE: Final = "0form0cookie0"


def signed(given: Input, token: str, cookie: str) -> Input:
    """The same input with the token and cookie of a form, and a length that fits."""
    whole = b"".join(given.pieces)
    if COOKIE.encode() not in whole:
        return given
    head, _, body = whole.partition(b"\r\n\r\n")
    body = body.replace(STAMP.encode(), token.encode())
    head = re.sub(
        rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head.replace(COOKIE.encode(), cookie.encode())
    )
    return replace(given, pieces=(head + b"\r\n\r\n" + body,))


def http(
    method: str,
    target: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    length: bool = True,
) -> bytes:
    """A request as it goes over the wire, for one answer and no more; letters up to 255 go as one byte."""
    given = {"Host": "localhost", "Connection": "close"} | dict(headers or {})
    if length and (body or method in ("POST", "PUT")):
        given["Content-Length"] = str(len(body))
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return head.encode("latin-1", "replace") + b"\r\n" + body


def posted(value: object, **headers: str) -> bytes:
    """A GraphQL request with a body of JSON, whatever it is."""
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return http("POST", "/graphql", body, {"Content-Type": "application/json", **headers})


TEXTS: Final = (
    *("", " ", "\u3000", "\t\r\n", "a" * 300, "城" * 5_000, "城" * 100_000, "-", "--", "'", '"', "\\", "%", "%%", "_"),
    *("' OR 1=1 --", "'; DROP TABLE log.decision; --", "$1", "{}", "[]", "null", "undefined", "NaN", "true", "0"),
    *("-1", "1e400", "9" * 400, "0x10", "\u0661\u0662", "\u202e420684", "\u200b", "\ufeff", "\ud7ff", "\uffff"),
    *("\U0010ffff", "👩‍👩‍👧‍👦" * 50, "e\u0301" * 2_000, "\x01", "\x1b[31m", "../../../etc/passwd", "..\\..\\boot.ini"),
    *("/etc/passwd\x00.xlsx", "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://127.0.0.1/a}", "=1+1", "@SUM(A1)"),
    *(
        "http://[",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "420684",
        "420684001",
        "宜城市",
        "2026-02-30",
        "0000-01-01",
    ),
    *("9999-12-31", "10000-01-01", "2026-W01-1", "2026-11-29T00:00:00Z", "-0001-01-01", "k:", "az0=", "====", "azox"),
)
NUMBERS: Final = (
    0,
    -1,
    1,
    500,
    501,
    2**31 - 1,
    2**31,
    -(2**31),
    2**53,
    2**63 - 1,
    2**63,
    -(2**63),
    10**18,
    0.5,
    -0.0,
    1e308,
)


def text(chance: random.Random) -> str:
    """A text that nobody thought of."""
    drawn = chance.choice(TEXTS)
    return drawn + chance.choice(TEXTS) if chance.random() < 0.1 else drawn


def value(chance: random.Random, depth: int = 0) -> object:
    """A value of JSON, of any type, seldom the right one."""
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind == 5:
        return [value(chance, depth + 1) for _ in range(chance.choice((0, 1, 3)))]
    if kind == 6:
        return {text(chance)[:50]: value(chance, depth + 1) for _ in range(chance.choice((0, 1, 3)))}
    if kind == 7:
        return nested(chance.choice(("[", '{"a":')), chance.choice((10, 100, 900)))
    return (text(chance), chance.choice(NUMBERS[:-4]), chance.choice(NUMBERS[-4:]), None, chance.random() < 0.5)[kind]


def nested(opening: str, depth: int) -> object:
    """Lists in lists, or objects in objects."""
    result: object = None
    for _ in range(min(depth, 200)):
        result = [result] if opening == "[" else {"a": result}
    return result
