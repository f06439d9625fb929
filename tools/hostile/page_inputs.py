"""Hostile readers of pages: every view of the table of operations as page and file, and forms with their tokens."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from typing import Final
from urllib.parse import quote, urlencode

from registry.access.operations import ADDRESSES
from registry.data_files import CHECKOUT
from tools.hostile.inputs import COOKIE, STAMP, Input, http, text
from tools.hostile.upload_inputs import NAMES, archives

PROGRAMS: Final = ("/v1/", "/tlog/", "/graphql", "/openapi.json", "/login", "/logout", "/accounts")
FORMATS: Final = ("json", "xlsx", "csv", "svg", "png", "docx", "ics", "", "x")
BESIDES: Final = ("format", "page", "after", "size", "against", "rule", "severity", "year", "instrument", "decision")
# What the demo county knows, so that more than a refusal is worked out.
KNOWN: Final = (
    *("420684", "420684001", "420684102", "420684102200", "YC-CERT16", "宜办发〔2022〕11号", "1", "2", "2493", "2022"),
    *("2022-02", "2022-02-01", "duty", "township", "lead", "duty-without-power", "zh", "en", "unit", "year", "V"),
)


@cache
def names() -> tuple[str, ...]:
    """The names of all fields that pages have."""
    known: set[str] = set()
    for page in sorted((CHECKOUT / "registry" / "web").rglob("templates/*.html")):
        known.update(re.findall(r'name="([a-z_]+)"', page.read_text(encoding="utf-8")))
    return (*sorted(known - {"token"}), *BESIDES)


@cache
def deeds() -> tuple[str, ...]:
    """What the buttons of forms say is to be done."""
    pages = sorted((CHECKOUT / "registry" / "web").rglob("templates/*.html"))
    written = (re.findall(r'name="do" value="([a-z_-]+)"', page.read_text(encoding="utf-8")) for page in pages)
    return tuple(sorted({deed for each in written for deed in each}))


def pages(method: str) -> list[str]:
    """The addresses of pages that take a method."""
    return [one.path for one in ADDRESSES if method in one.methods.split() and not one.path.startswith(PROGRAMS)]


def views(chance: random.Random, many: int) -> Iterator[Input]:
    """So many views of the console and pages, query_fields for as nobody means them, and as files."""
    paths = pages("GET")
    for _ in range(many):
        path = _filled(chance, chance.choice(paths))
        query_fields = {name: _value(chance) for name in chance.sample(names(), chance.choice((0, 1, 3, 8)))}
        if chance.random() < 0.3:
            query_fields["format"] = chance.choice(FORMATS)
        query = urlencode(query_fields, errors="replace") + chance.choice(("", "", "", "&" + "within=420684&" * 300))
        headers = {"Accept": "text/html", "Accept-Encoding": chance.choice(("gzip", "br", "gzip;q=0,*"))}
        headers |= {"HX-Request": "true"} if chance.random() < 0.2 else {}
        yield Input("views", f"GET {path.split('/')[1]}", (http("GET", f"{path}?{query}", b"", headers),))


def signed(chance: random.Random, many: int) -> Iterator[Input]:
    """So many forms with the token of a page of ours, filled in as nobody means them; some with files."""
    paths = pages("POST")
    for _ in range(many):
        path = chance.choice((*paths, "/drafts", "/findings/one", "/proofs/check"))
        fields = {name: _value(chance) for name in chance.sample(names(), chance.choice((1, 4, 12)))}
        fields |= {"do": chance.choice(deeds())} if chance.random() < 0.7 else {}
        body, kind = _written(chance, fields | {"token": STAMP if chance.random() < 0.9 else text(chance)})
        headers = {"Content-Type": kind, "Cookie": COOKIE, "Accept": "text/html"}
        address = f"{_filled(chance, path)}?{urlencode({name: _value(chance) for name in chance.sample(names(), 2)})}"
        yield Input("signed", f"POST {path.split('/')[1]}", (http("POST", address, body, headers),))


def _filled(chance: random.Random, path: str) -> str:
    return re.sub(r"\{.*?\}", lambda _: quote(_value(chance)[:300], safe=""), path)


def _value(chance: random.Random) -> str:
    return chance.choice(KNOWN) if chance.random() < 0.6 else text(chance)[:2000]


def _written(chance: random.Random, fields: dict[str, str]) -> tuple[bytes, str]:
    """A form's body and its type: as a form without files, or with one or two."""
    if chance.random() < 0.5:
        return urlencode(fields, errors="replace").encode(), "application/x-www-form-urlencoded"
    parts = [(f'name="{name}"', given.encode("utf-8", "replace")) for name, given in fields.items()]
    for _ in range(chance.choice((1, 1, 2))):
        file = chance.choice((b"", b"{}", b'{"leaf":"00","size":1,"path":[]}', b"\xff" * 500, b"[" * 9000, *archives()))
        parts.append((f'name="{chance.choice(("file", "files"))}"; filename="{chance.choice(NAMES[:6])}"', file))
    written = (f"--x\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + given for head, given in parts)
    return b"\r\n".join(written) + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
