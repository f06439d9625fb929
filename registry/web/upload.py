"""What a browser or a program sends to be imported: a file and, in a form or the address, what to do with it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlsplit

from fastapi import Request as Sent

from registry.domain import words
from registry.exchange.sheets.planning.request import Issued, Request
from registry.exchange.sheets.reading.files import SIZE
from registry.exchange.sheets.recognising import headings
from registry.web.pages import address
from registry.web.pages.failure import Refused

# A file may come back in a form as base64, a third longer.
MOST: Final = SIZE * 4 // 3 + 2**20
_NAMED: Final = re.compile(rb'(?:^|;)\s*(name|filename)="([^"]*)"')
_TRUE: Final = ("1", "true", "yes", "on")
DECIDED: Final = ("matter:", "unit:")  # begin the fields that say what a name means


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with its name, empty where none came, and the fields sent along."""

    content: bytes
    name: str
    fields: Mapping[str, str]

    def ticked(self, field: str) -> bool:
        """Whether a field says yes."""
        return self.fields.get(field, "").lower() in _TRUE


async def received(sent: Sent) -> Upload:
    """The upload in a request: a form (multipart/form-data), else the body is the file.

    Raises Refused: `too-large`, `bad-request`, and `forbidden` where another site's page sent it.
    """
    _from_here(sent)
    body = await _body(sent)
    fields = dict(sent.query_params)
    kind, _, more = sent.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "multipart/form-data":
        return Upload(body, fields.get("filename") or "upload", fields)
    boundary = re.search(r'boundary="?([^";]{1,200})"?', more)
    if boundary is None:
        raise _bad("表单缺少分隔标记。", "The form has no boundary.")
    content, name = b"", ""
    for part in parts(body, boundary.group(1).encode("latin-1")):
        named = part[0]
        if "filename" in named:
            content, name = (part[1], named["filename"]) if part[1] else (content, name)
        else:
            fields[named.get("name", "")] = part[1].decode("utf-8", "replace").replace("\r\n", "\n").strip()
    if not content and fields.get("content"):
        try:
            content, name = base64.b64decode(fields.pop("content"), validate=True), fields.get("filename", "")
        except binascii.Error:
            raise _bad("随表单带回的文件不完整。", "The file that the form brought back is incomplete.") from None
    return Upload(content, name or "upload", fields)


def parts(body: bytes, boundary: bytes) -> list[tuple[dict[str, str], bytes]]:
    """The parts of a form (RFC 7578): each with the name, and perhaps file name, that it has, and its content."""
    found: list[tuple[dict[str, str], bytes]] = []
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if piece.startswith(b"--"):
            break
        head, separator, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if separator:
            line = next((one for one in head.split(b"\r\n") if one.lower().startswith(b"content-disposition:")), b"")
            named = {key.decode(): value.decode("utf-8", "replace") for key, value in _NAMED.findall(line)}
            found.append(({key: value.replace("%22", '"') for key, value in named.items()}, content))
    return found


def request_of(fields: Mapping[str, str]) -> Request:
    """What is asked for, by the names that the command line has for it. Raises Refused: bad-value."""
    given = {name: value for name, value in fields.items() if value}
    for name in ("county", "instrument"):
        if name not in given:
            address.refuse("bad-value", f"请填写 {name}。", f"{name} must be given.")
    means: dict[str, dict[str, str]] = {"matters": {}, "units": {}}
    for name, value in given.items():
        for prefix, names in zip(DECIDED, means.values(), strict=True):
            if name.startswith(prefix):
                names[name.removeprefix(prefix)] = value
    return Request(
        county=given["county"],
        instrument=given["instrument"],
        code=given.get("as"),
        kind=_one_of("kind", given, tuple(headings.kinds())),
        sheet=given.get("sheet"),
        title=given.get("title"),
        day=address.day(given["from"], "from") if "from" in given else None,
        scope=given.get("scope"),
        audience=cast(Any, _one_of("audience", given, words.LEVELS)),
        quota=_number("quota", given),
        accept=cast(Any, _one_of("accept", given, ("near", "none"))),
        open=given.get("open", "").lower() in _TRUE,
        replace=given.get("replace", "").lower() in _TRUE,
        holders=given.get("holders", "").lower() in _TRUE,
        issued=_issued(given),
        mapping=cast("dict[str, Any]", {"tables": []} | means),
    )


def _issued(given: Mapping[str, str]) -> Issued | None:
    if "instrument_title" not in given and "issued_on" not in given:
        return None
    for name in ("instrument_title", "issued_on"):
        if name not in given:
            address.refuse("bad-value", f"登记文件须填写 {name}。", f"To record the document give {name} too.")
    kind = _one_of("instrument_kind", given, words.INSTRUMENT_KINDS) or "notice"
    on = address.day(given["issued_on"], "issued_on")
    return Issued(given["instrument_title"], cast(Any, kind), on, given.get("issuer"))


def _one_of(name: str, given: Mapping[str, str], allowed: tuple[str, ...]) -> str | None:
    value = given.get(name)
    if value is not None and value not in allowed:
        listed = ", ".join(allowed)
        address.refuse(
            "bad-value", f"{name} 没有“{value}”，可选：{listed}。", f"{name} is one of {listed}; not {value}."
        )
    return value


def _number(name: str, given: Mapping[str, str]) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and int(value[:8]) <= 1_000_000 and len(value) < 8):
        address.refuse("bad-value", f"{name} 须是不大于一百万的整数。", f"{name} must be a number up to a million.")
    return int(value)


def _from_here(sent: Sent) -> None:
    """A page of another site may make a browser send a form here: nobody behind it has seen what it would record."""
    origin, site = sent.headers.get("origin"), sent.headers.get("sec-fetch-site", "same-origin")
    elsewhere = origin is not None and urlsplit(origin).netloc != sent.headers.get("host", "")
    if elsewhere or site in ("cross-site", "same-site"):
        zh, en = "不接受其他网站的页面提交的内容。", "What a page of another site sends is not accepted."
        raise Refused("forbidden", 403, (zh, en), ("请从本站页面提交。", "Send it from a page of this server."))


async def _body(sent: Sent) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in sent.stream():
        size += len(chunk)
        if size > MOST:
            zh, en = f"超过 {SIZE >> 20} MB。", f"It is larger than {SIZE >> 20} MB."
            hint = (
                "只保留清单本身（删去图片和无关工作表）。",
                "Keep only the list, without pictures and other sheets.",
            )
            raise Refused("too-large", 413, (zh, en), hint)
        chunks.append(chunk)
    return b"".join(chunks)


def _bad(zh: str, en: str) -> Refused:
    return Refused("bad-request", 400, (zh, en), ("请重新提交。", "Send it again."))
