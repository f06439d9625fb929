"""What a browser or a program sends to be imported: a file and, in a form or the address, what to do with it."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NoReturn, cast

import psycopg
from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from registry.access.operations import ROLES, Rule
from registry.access.territory import reading_now
from registry.access.viewer import Viewer
from registry.domain import words
from registry.domain.text import Text
from registry.exchange.sheets.faces import EFFECTS, LABELS, MISSING, POLARITIES, Face, called
from registry.exchange.sheets.planning.answers import SECTIONS
from registry.exchange.sheets.planning.request import Issued
from registry.exchange.sheets.planning.request import Request as ImportRequest
from registry.exchange.sheets.reading.files import SIZE
from registry.exchange.sheets.recognising import headings
from registry.web.form_letters import is_utf8
from registry.web.pages import address
from registry.web.pages.failure import Refused

# A file may come back in a form as base64, a third longer.
LARGEST_BODY: Final = SIZE * 4 // 3 + 2**20
MOST_FIELDS: Final = 20_000  # a file of lists has at most that many rows, each with a name to decide on
MOST_FILES: Final = 10
PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # as the form packs what it brings back
_TICKS: Final = {"1": True, "true": True, "yes": True, "on": True}
_TICKS.update({"": False, "0": False, "false": False, "no": False, "off": False})
# What may be sent besides the options of an import.
_KNOWN: Final = {*LABELS, "content", "filename", "dry_run", "shown", "record", "token", "lang"}
# Begin the fields that say what a name, or a text that is not clear, means; and where a mapping has it.
DECIDED: Final = ("matter:", "unit:", *(f"{kind}:" for kind in SECTIONS))
# Begins what a column is said to be: `column:1:清单:事项名称` of the first table of a sheet; its field, or IGNORED.
COLUMN: Final = "column:"
IGNORED: Final = "-"
# The rows that a text beside items is said to concern are ticked, each a field of the same name.
_ROWS_OF: Final = "note:"
_ROW_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)?(?:、\d+(?:\.\d+)?)*")
_SECTIONS: Final = ("matters", "units", *SECTIONS.values())


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with its name, empty where none came, and the fields sent along."""

    content: bytes
    name: str
    fields: Mapping[str, str]

    def ticked(self, field: str) -> bool:
        """Whether a field says yes; to be read once import_request has seen to it that it says yes or no."""
        return _TICKS.get(self.fields.get(field, "").lower(), False)


async def received(request: Request) -> Upload:
    """The upload in a request: a form (multipart/form-data), else the body is the file.

    Raises Refused: `too-large`, `bad-request`.
    """
    bounded = Request(request.scope, _bounded(request.receive))
    fields = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return Upload(await bounded.body(), fields.get("filename") or "upload", fields)
    _need_utf8(request)
    try:
        async with bounded.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LARGEST_BODY) as form:
            return await _upload_of(form, fields)
    except HTTPException as error:
        raise _bad("表单不完整，无法读取。", f"The form cannot be read: {error.detail}") from None


def _need_utf8(request: Request) -> None:
    if not is_utf8(request):
        raise _bad("表单须用 UTF-8 编码。", "A form is written in UTF-8.")


async def received_folder(request: Request, most: int) -> tuple[dict[str, bytes], dict[str, str]]:
    """The files of a folder by their names in it, at most so many, or those that the form brings back, and the fields.

    Raises Refused: `too-large`, `bad-request`.
    """
    bounded = Request(request.scope, _bounded(request.receive))
    files: dict[str, bytes] = {}
    fields: dict[str, str] = {}
    _need_utf8(request)
    try:
        async with bounded.form(max_files=most, max_fields=MOST_FIELDS, max_part_size=LARGEST_BODY) as form:
            for field, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    fields[field] = value.replace("\r\n", "\n").strip()
                elif sent := await value.read():
                    files[_name_within(value.filename or "", files)] = sent
    except HTTPException as error:
        raise _bad("表单不完整，或文件过多，无法读取。", f"The form cannot be read: {error.detail}") from None
    kept = _decoded(fields.pop("content", ""))
    return files or (unpacked(kept, most) if kept else {}), fields


def _name_within(name: str, taken: Collection[str]) -> str:
    """The name of a file in its folder, that leads nowhere else and is not used twice."""
    parts = [re.sub(r"[\x00-\x1f:]", "", part)[:80] for part in name.replace("\\", "/").split("/")]
    plain = "/".join(part for part in parts if part.strip(" .")) or "upload"
    number = 1
    result = plain
    while result in taken or any(other.startswith(f"{result}/") or result.startswith(f"{other}/") for other in taken):
        number += 1
        result = f"{number}-{plain.replace('/', '-')}"
    return result


def unpacked(packed: bytes, most: int) -> dict[str, bytes]:
    """The files of a folder out of the archive that they are kept as, at most so many. Raises Refused: bad-request."""
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            infos = archive.infolist()
            whole = sum(info.file_size for info in infos)
            if len(infos) > most or whole > LARGEST_BODY or any(info.compress_type not in PACKED for info in infos):
                raise ValueError
            for info in infos:
                files[_name_within(info.filename, files)] = archive.read(info)
    except (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error):
        raise _incomplete() from None
    return files


def packed(files: Mapping[str, bytes]) -> bytes:
    """The files of a folder as an archive, as `unpacked` takes it; empty where there are none."""
    if not files:
        return b""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return output.getvalue()


async def _upload_of(form: FormData, fields: dict[str, str]) -> Upload:
    """A form's last file that is not empty, or the one it brings back as base64 (`content`), and its other fields."""
    content, name = b"", ""
    for field, value in form.multi_items():
        if isinstance(value, UploadFile):
            sent = await value.read()
            content, name = (sent, value.filename or "") if sent else (content, name)
        else:
            text = value.replace("\r\n", "\n").strip()
            ticked = field.startswith(_ROWS_OF) and all(map(_ROW_NUMBERS.fullmatch, (fields.get(field, ""), text)))
            fields[field] = f"{fields[field]}、{text}" if ticked else text
    kept = fields.pop("content", "")
    if not content:
        content, name = _decoded(kept), fields.get("filename", "")
    return Upload(content, name or "upload", fields)


def _decoded(kept: str) -> bytes:
    """What a form brought back in base64. Raises Refused: bad-request."""
    try:
        return base64.b64decode(kept, validate=True)
    except (binascii.Error, ValueError):
        raise _incomplete() from None


def _incomplete() -> Refused:
    return _bad("随表单带回的文件不完整。", "What the form brought back is incomplete.")


def _bounded(receive: Receive) -> Receive:
    """`receive`, raising Refused `too-large` where the body is larger than a file may be."""
    size = 0

    async def bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            zh, en = f"超过 {SIZE >> 20} MB。", f"It is larger than {SIZE >> 20} MB."
            hint = (
                "只保留清单本身（删去图片和无关工作表）。",
                "Keep only the list, without pictures and other sheets.",
            )
            raise Refused("too-large", 413, (zh, en), hint)
        return message

    return bounded


def need_county(connection: psycopg.Connection[Any], viewer: Viewer, county: str) -> None:
    """Raise NotOwn where a viewer has no lists of a county to bring in: nor may it answer what its names mean."""
    reading_now(connection, viewer.with_roles(*ROLES[Rule.EDITOR])).need(county)


def folder_request(fields: Mapping[str, str]) -> ImportRequest:
    """The import of a folder that the fields of its page ask for; without a document each file is asked for its own.

    Raises Refused: `bad-value`.
    """
    given = Fields({name: value for name, value in fields.items() if value}, "page")
    return ImportRequest(
        county=given.needed("county"),
        instrument=given.text("instrument") or "",
        code=given.text("as"),
        issued=_issued(given),
    )


def import_request(fields: Mapping[str, str], face: Face) -> ImportRequest:
    """The import that the fields ask for; what is wrong with one is said as `face` calls it.

    Raises Refused: `bad-value`.
    """
    given = Fields({name: value for name, value in fields.items() if value}, face)
    for name in fields:
        if name not in _KNOWN and not name.startswith((*DECIDED, COLUMN)):
            address.refuse("bad-value", f"没有“{name[:80]}”这一项。", f"There is no field {name[:80]}.")
    given.ticked("dry_run")
    means: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for name, value in given.values.items():
        for prefix, names in zip(DECIDED, means.values(), strict=True):
            if name.startswith(prefix):
                names[name.removeprefix(prefix)] = value
    return ImportRequest(
        county=given.needed("county"),
        instrument=given.needed("instrument"),
        code=given.text("as"),
        kind=given.one_of("kind", tuple(headings.kinds())),
        polarity=cast(Any, given.one_of("polarity", tuple(POLARITIES))),
        effect=cast(Any, given.one_of("effect", tuple(EFFECTS))),
        missing=cast(Any, given.one_of("missing", tuple(MISSING))),
        reading=given.text("reading"),
        sheet=given.text("sheet"),
        title=given.text("title"),
        day=given.day("from"),
        scope=given.text("scope"),
        audience=cast(Any, given.one_of("audience", words.LEVELS)),
        quota=given.number("quota"),
        accept=cast(Any, given.one_of("accept", ("near", "none"))),
        open=given.ticked("open"),
        replace=given.ticked("replace"),
        holders=given.ticked("holders"),
        miscounted=given.ticked("miscounted"),
        issued=_issued(given),
        mapping=cast("dict[str, Any]", {"tables": _columns(given.values)} | means),
    )


def _columns(fields: Mapping[str, str]) -> list[dict[str, Any]]:
    """What columns are said to be, as a mapping file has it: by sheet and table. Raises Refused: `bad-value`."""
    tables: dict[tuple[str, int], dict[str, Any]] = {}
    for name, value in fields.items():
        if not name.startswith(COLUMN):
            continue
        number, _, rest = name.removeprefix(COLUMN).partition(":")
        sheet, _, heading = rest.rpartition(":")
        if not (number.isascii() and number.isdecimal() and len(number) < 4 and sheet and heading):
            address.refuse("bad-value", f"没有“{name[:80]}”这一项。", f"There is no field {name[:80]}.")
        if value != IGNORED and value not in headings.fields():
            address.refuse("bad-value", f"没有“{value[:80]}”这种列。", f"There is no column {value[:80]}.")
        table = tables.setdefault((sheet, int(number)), {"sheet": sheet, "table": int(number), "columns": {}})
        if value == IGNORED:
            table.setdefault("ignored", []).append(heading)
        else:
            if value in table["columns"]:  # which of them it is must be asked
                table.setdefault("rivals", {}).setdefault(value, [table["columns"][value]]).append(heading)
            table["columns"][value] = heading
    return list(tables.values())


def _issued(given: Fields) -> Issued | None:
    """The document to be recorded along with its lists, where the fields describe it."""
    if given.text("instrument_title") is None and given.text("issued_on") is None:
        return None
    title, on = given.needed("instrument_title"), given.needed_day("issued_on")
    kind = given.one_of("instrument_kind", words.INSTRUMENT_KINDS) or "notice"
    return Issued(title, cast(Any, kind), on, given.text("issuer"))


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a form that are not empty, read as what they must be. Every reading raises Refused: `bad-value`."""

    values: Mapping[str, str]
    face: Face

    def text(self, name: str) -> str | None:
        """A field as it was written."""
        return self.values.get(name)

    def ticked(self, name: str) -> bool:
        """Whether a field says yes, and not no."""
        value = self.values.get(name, "").lower()
        if value not in _TICKS:
            self._refuse(name, f"须是 1 或 0：{value}", f"must be 1 or 0: {value}")
        return _TICKS[value]

    def needed(self, name: str) -> str:
        """A field that must not be empty."""
        value = self.values.get(name)
        if value is None:
            zh, en = called(name, self.face)
            address.refuse("bad-value", f"请填写{zh}。", f"{en} must be given.")
        return value

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str | None:
        """A field that has one of a few values."""
        value = self.values.get(name)
        if value is not None and value not in allowed:
            listed = ", ".join(allowed)
            self._refuse(name, f"没有“{value}”，可选：{listed}。", f"is one of {listed}; not {value}.")
        return value

    def day(self, name: str) -> date | None:
        """A day, `YYYY-MM-DD`, as it is written."""
        value = self.values.get(name)
        if value is None:
            return None
        try:
            return address.exact_day(value, name)
        except address.Refused:
            self._refuse(name, f"须写成 YYYY-MM-DD：{value}", f"must be YYYY-MM-DD: {value}")

    def needed_day(self, name: str) -> date:
        """A day that must not be left out."""
        self.needed(name)
        return cast(date, self.day(name))

    def number(self, name: str) -> int | None:
        """A number from 0 up to a million."""
        value = self.values.get(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) < 8 and int(value) <= 1_000_000):
            self._refuse(name, "须是不大于一百万的整数。", "must be a number up to a million.")
        return int(value)

    def _refuse(self, name: str, zh: str, en: str) -> NoReturn:
        """Refuse a field, called as the face calls it: what it is not, in zh and en."""
        label = called(name, self.face) if name in LABELS else Text(name, name)
        address.refuse("bad-value", f"{label.zh} {zh}", f"{label.en} {en}")


def _bad(zh: str, en: str) -> Refused:
    return Refused("bad-request", 400, (zh, en), ("请重新提交。", "Send it again."))
