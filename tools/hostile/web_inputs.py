"""Hostile requests to addresses, pages and forms, heads that are none, and clients that are slow or leave."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import quote

import orjson

from registry.data_files import CHECKOUT
from tools.hostile.inputs import Input, http, posted, text

METHODS: Final = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")
PAGES: Final = (
    *(
        "/",
        "/graphql",
        "/docs",
        "/villages",
        "/villages/{code}",
        "/villages/{code}/wrong-answer",
        "/lists",
        "/lists/{code}",
    ),
    *("/lists/import", "/lists/import-folder", "/undo", "/units/{code}/burdens", "/static/{code}", "/favicon.ico"),
)
ACCEPTED: Final = ("*/*", "text/html", "application/json", "", "text/html;q=0", "x" * 3000, "*/*" + ",a/b" * 500)
STREAMS: Final = ("/v1/decisions", "/v1/findings")


def addresses() -> list[tuple[str, list[str]]]:
    """The paths that the program describes, each with the names of its parameters; and its pages."""
    described = orjson.loads((CHECKOUT / "docs" / "reference" / "openapi.json").read_bytes())["paths"]
    results: list[tuple[str, list[str]]] = []
    for path, methods in described.items():
        parameters: list[dict[str, Any]] = [one for each in methods.values() for one in each.get("parameters", ())]
        results.append((path, [one["name"] for one in parameters if one["in"] == "query"]))
    return results + [(page, ["q", "lang", "as_of", "known", "from", "to", "month", "token", "name"]) for page in PAGES]


def requests(chance: random.Random, many: int) -> Iterator[Input]:
    """So many requests to addresses with strange parts, parameters and headers."""
    paths = addresses()
    for _ in range(many):
        path, parameters = chance.choice(paths)
        stream = path in STREAMS
        path = re.sub(r"\{.*?\}", lambda _: _part(chance), path)
        given = [(name, text(chance)[:2000]) for name in parameters if chance.random() < 0.3]
        given += [(text(chance)[:50], text(chance)[:50])] if chance.random() < 0.2 else []
        query = "&".join(f"{quote(name)}={quote(one)}" for name, one in given)
        query = chance.choice((query, query, query, "%", "=", "&" * 1000, query + "&%ff=%00", query + "#x"))
        headers = {"Accept": chance.choice(ACCEPTED)}
        for name in (
            "Accept-Language",
            "Range",
            "If-None-Match",
            "Last-Event-ID",
            "Cookie",
            "Origin",
            "Sec-Fetch-Site",
        ):
            if chance.random() < 0.15:
                headers[name] = _header(chance)
        method = chance.choice(METHODS)
        body = text(chance).encode("utf-8", "replace")[:50_000] if method in ("POST", "PUT", "PATCH") else b""
        if body and chance.random() < 0.7:
            kinds = (
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "multipart/form-data; boundary=x",
                "application/json",
            )
            headers["Content-Type"] = chance.choice(kinds)
        sent = http(method, f"{path}?{query}" if query else path, body, headers)
        yield Input("addresses", f"{method} an address", (sent,), "head" if stream else "read")


def _part(chance: random.Random) -> str:
    known = ("420684", "420684001", "420684102200", "YC-CERT16", "0", "1", "-1", "x001/000", "99999999999999999999")
    return (
        chance.choice(known)
        if chance.random() < 0.5
        else quote(text(chance)[:1500], safe=chance.choice(("", "/", "/.")))
    )


def _header(chance: random.Random) -> str:
    drawn = chance.choice(
        ("null", "http://[", "bytes=0-,1-", 'W/"x"', "zh;q=a,*", "quanze_form=x; quanze_form=y", text(chance)[:500])
    )
    return re.sub(r"[\r\n\0]", " ", drawn)


# ------------------------------------------------------------------------------------------ heads that are none


def heads(chance: random.Random, many: int) -> Iterator[Input]:
    """So many requests whose head no client would write."""
    for number in range(many):
        name, sent = HEADS[number % len(HEADS)](chance)
        yield Input("heads", name, (sent,), chance.choice(("read", "read", "half")))


def _raw(line: str, *more: str, body: bytes = b"") -> bytes:
    return "\r\n".join((line, *more)).encode("latin-1", "replace") + b"\r\n\r\n" + body


_GOOD: Final = "Host: localhost"
_JSON: Final = "Content-Type: application/json"
_CHECK: Final = _raw("GET /health HTTP/1.1", _GOOD)
_VERSIONS: Final = ("1.2", "3.0", "9.9", "x", "1.1.1", "")
_METHODS: Final = ("G\x00T", "get", "A" * 5000, "", "CONNECT", "\xff")
_TARGETS: Final = (
    *("*", "http://[", "http://evil.example/", "//", "/%", "/%00", "/%ff", "/\xff", "/..%2f..", "/" * 9000, "x:1", "?"),
    *("/a b", "", "/?" + "a" * 70_000, "/villages/%F0%9F%91%A9", "/lists/%2e%2e%2f", "/v1/lists/%ed%a0%80.xlsx"),
)
_HOSTS: Final[tuple[list[str], ...]] = (
    [],
    [_GOOD, _GOOD],
    ["Host: evil.example"],
    ["Host:"],
    ["Host: \xff"],
    ["Host: localhost, evil.example"],
)
_LENGTHS: Final = ("-1", "+5", "0x5", "5 5", "9" * 30, "1e3", "")
_CODINGS: Final = ("chunked", "gzip, chunked", "chunked, chunked", "xchunked")
_CHUNKS: Final = (
    *(b"5\r\n{}   \r\n0\r\n\r\n", b"ffffffffffffffffff\r\n", b"-1\r\n\r\n", b"zz\r\n", b"1\r\n{\r\n" * 20_000),
    *(b"1;" + b"a" * 300_000 + b"\r\n{\r\n", b"2\r\n{}\r\n0\r\nX: y\r\n\r\n"),
)
_ODD: Final = ("A: b\r\n c", ": x", "A B: c", "A\x00: b", "A: \x00", "A: \x7f\xff", "A", "\tA: b", "Content-Type: \xe9")


def _bytes(chance: random.Random) -> tuple[str, bytes]:
    greeting = bytes.fromhex("16030100c8010000c40303") + chance.randbytes(190)
    name, sent = chance.choice(
        (
            ("random bytes", chance.randbytes(chance.choice((1, 100, 20_000)))),
            ("a greeting of TLS", greeting),
            ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)),
            ("HTTP/0.9", b"GET /\r\n\r\n"),
        )
    )
    return name, sent


def _line(chance: random.Random) -> tuple[str, bytes]:
    way = chance.randrange(3)
    if way == 0:
        return "an odd version", _raw(f"GET / HTTP/{chance.choice(_VERSIONS)}", _GOOD)
    if way == 1:
        return "an odd method", _raw(f"{chance.choice(_METHODS)} / HTTP/1.1", _GOOD)
    return "an odd target", _raw(f"GET {chance.choice(_TARGETS)} HTTP/1.1", _GOOD)


def _hosts(chance: random.Random) -> tuple[str, bytes]:
    return "no Host, or several", _raw("GET / HTTP/1.1", *chance.choice(_HOSTS))


def _length(chance: random.Random) -> tuple[str, bytes]:
    two = ["Content-Length: 5", f"Content-Length: {chance.choice((5, 6, 0))}"]
    lengths = chance.choice((two, [f"Content-Length: {chance.choice(_LENGTHS)}"]))
    return "an odd length", _raw("POST /graphql HTTP/1.1", _GOOD, _JSON, *lengths, body=b"{}   ")


def _chunked(chance: random.Random) -> tuple[str, bytes]:
    both = ["Content-Length: 4"] if chance.random() < 0.3 else []
    body = b"0\r\n\r\n" + _CHECK if both else chance.choice(_CHUNKS)
    coding = f"Transfer-Encoding: {chance.choice(_CODINGS)}"
    return "odd chunks", _raw("POST /graphql HTTP/1.1", _GOOD, _JSON, *both, coding, body=body)


def _headers(chance: random.Random) -> tuple[str, bytes]:
    name = chance.choice(("Cookie", "Accept", "Authorization", "X"))
    odd = chance.choice(
        (
            [chance.choice(_ODD)],
            [f"A{number}: b" for number in range(chance.choice((50, 900, 60_000)))],
            [f"{name}: {'a' * chance.choice((8_000, 60_000, 300_000))}"],
        )
    )
    return "odd headers", _raw("GET /health HTTP/1.1", _GOOD, *odd, "Connection: close")


def _in_a_row(chance: random.Random) -> tuple[str, bytes]:
    last = _raw("GET /health HTTP/1.1", _GOOD, "Connection: close")
    return "requests in a row", _CHECK * chance.choice((2, 50, 2000)) + last


def _expecting(chance: random.Random) -> tuple[str, bytes]:
    expected = f"Expect: {chance.choice(('100-continue', '200-ok'))}"
    head = ("POST /graphql HTTP/1.1", _GOOD, _JSON, expected, "Content-Length: 2", "Connection: close")
    return "100-continue", _raw(*head, body=b"{}")


def _upgrade(chance: random.Random) -> tuple[str, bytes]:
    head = (
        f"GET {chance.choice(('/graphql', '/', '/health'))} HTTP/1.1",
        *(_GOOD, "Connection: Upgrade", f"Upgrade: {chance.choice(('websocket', 'h2c', 'x'))}"),
        f"Sec-WebSocket-Version: {chance.choice((13, 8, 'x'))}",
        f"Sec-WebSocket-Key: {chance.choice(('dGhlIHNhbXBsZSBub25jZQ==', 'x', ''))}",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
    )
    return "an upgrade", _raw(*head, body=chance.randbytes(chance.choice((0, 10, 5000))))


def _forwarded(chance: random.Random) -> tuple[str, bytes]:
    headers = {
        "X-Forwarded-For": chance.choice(("127.0.0.1", "x" * 3000, "," * 500, "[::1", "1.2.3.4:99999")),
        "X-Forwarded-Proto": chance.choice(("https", "ftp", "\xff")),
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=x",
    }
    return "forwarded", http("GET", "/", b"", headers)


HEADS: Final[tuple[Callable[[random.Random], tuple[str, bytes]], ...]] = (
    *(_bytes, _line, _line, _hosts, _length, _chunked, _chunked, _headers, _headers, _in_a_row, _expecting, _upgrade),
    _forwarded,
)


# ------------------------------------------------------------------------------------------ slow, gone, and sockets


def behaviours(chance: random.Random, many: int) -> Iterator[Input]:
    """So many clients that stop in the middle, or that read nothing."""
    large = posted(
        {"query": "{ units(first: 500) { nodes { code name responsibilities(first: 5) { nodes { role } } } } }"}
    )
    upload = http("POST", "/v1/lists?county=420684&instrument=x&dry_run=1", bytes(500_000))
    for number in range(many):
        whole = chance.choice((large, upload, http("GET", "/villages"), posted({"query": "{ log { size } }"})))
        cut = chance.randrange(1, min(len(whole), 3000))
        ways = (
            Input("slow", "half a request", (whole[:cut],), "wait"),
            Input("slow", "nothing", (), "wait"),
            Input("slow", "a letter at a time", tuple(whole[at : at + 1] for at in range(min(cut, 40))), "leave", 0.05),
            Input("slow", "half a request, no more to come", (whole[:cut],), "half"),
            Input("slow", "all of it, no more to come", (whole,), "half"),
            Input("slow", "gone in the middle", (whole[:cut],), "leave"),
            Input("slow", "reset in the middle", (whole[:cut],), "reset"),
            Input("slow", "gone before the answer", (large,), "leave"),
            Input("slow", "reset before the answer", (large,), "reset"),
            Input("slow", "a socket without a greeting", (SOCKET,), "wait"),
        )
        yield ways[number % len(ways)]


SOCKET: Final = http(
    "GET",
    "/graphql",
    b"",
    {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "graphql-transport-ws",
    },
)


def sockets(chance: random.Random, many: int) -> Iterator[Input]:
    """So many WebSockets that say what the protocol does not know."""
    init = b'{"type":"connection_init"}'
    for _ in range(many):
        messages: list[bytes] = [init] if chance.random() < 0.8 else []
        for number in range(chance.choice((1, 3, 80))):
            query = chance.choice(
                (
                    "subscription { decisions { type } }",
                    "{ log { size } }",
                    "{",
                    "subscription { nothing }",
                    text(chance)[:500],
                )
            )
            payloads: tuple[Any, ...] = (
                {"query": query},
                {"query": 1},
                None,
                [],
                {"query": query, "variables": []},
                {"query": query, "operationName": 5},
            )
            kinds = ("subscribe", "subscribe", "subscribe", "complete", "ping", "pong", "connection_init", "x", None)
            key = chance.choice((str(number), "same", "", None, 5, "k" * 5000))
            messages.append(orjson.dumps({"type": chance.choice(kinds), "id": key, "payload": chance.choice(payloads)}))
        if chance.random() < 0.3:
            messages.append(chance.choice((b"", b"null", b"[" * 50_000, b"\xff\xfe", b"{" * 1000, b"a" * 3_000_000)))
        frames = b"".join(_frame(one, chance) for one in messages)
        if chance.random() < 0.2:
            frames += chance.choice(
                (bytes.fromhex("ffff"), bytes.fromhex("81ffffffffffffffffff"), b"\x89\xfe", chance.randbytes(300))
            )
        yield Input("sockets", "a WebSocket", (SOCKET, frames), chance.choice(("leave", "reset", "half")), 0.02)


def _frame(content: bytes, chance: random.Random) -> bytes:
    """A masked frame of text, seldom of another kind."""
    kind = chance.choice((0x81,) * 12 + (0x82, 0x01, 0x80, 0x88, 0x89, 0x8F))
    size = len(content)
    long = (
        bytes([0x80 | size])
        if size < 126
        else b"\xfe" + size.to_bytes(2, "big")
        if size < 65536
        else b"\xff" + size.to_bytes(8, "big")
    )
    return bytes([kind]) + long + bytes(4) + content
