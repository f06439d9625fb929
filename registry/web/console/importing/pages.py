"""What the pages of both imports do: take the file, hand it to the background, read what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import orjson
from fastapi import Response

from registry.domain.labels import LEVEL
from registry.domain.text import Text
from registry.web.background import work
from registry.web.background.kinds import Kind
from registry.web.console.asking import Data
from registry.web.console.drafting import naming
from registry.web.console.view import View
from registry.web.failures import STATUS

UPLOAD: Final = "upload"  # the field that names the work whose file is handed in again
LOOKED: Final = "looked"  # the field that tells with what entries the file was looked at
SECONDS: Final = 0.8  # that a page waits before it shows how far the work is
GONE: Final = (
    "原来上传的文件已不再保留，请重新选择文件；填写的内容还在下面。",
    "The file that was sent before is kept no more: choose it again; what you entered is kept below.",
)
ALTERED: Final = Text(
    "列的含义或填写的内容在查看之后改动过，没有记录；下面是改动后的结果，请核对后再确认。",
    "Columns or entries were changed after it was looked at, and nothing was recorded; below is what it comes to now:"
    " look at it, and confirm.",
)
# What a form brings back by itself, or that says what to do: nobody entered it.
_NOT_ENTERED: Final = frozenset(["token", "record", "lang", "shown", "content", "filename", UPLOAD, LOOKED])
_NO_COUNTIES: Final = ("township", "village")
_INTERRUPTED: Final = (
    "读取文件的服务进程中途停止，没有记录任何内容；请再提交一次。",
    "The server process that read it has ended, and nothing was recorded: send it again.",
)


MEANT: Final = 8  # units that may be meant, named in a message


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a piece of work: what it was begun with, its result, or why there is none with its status."""

    id: str
    fields: Mapping[str, str]
    name: str
    result: Data | None
    note: Text | None = None
    status: int = 200


async def county_code(view: View, given: str) -> str:
    """The code of a county that is named; what was given where it is one, or names none."""
    if not given or given.isdecimal():
        return given
    row = await naming.unit(view, given)
    return row["code"] if row else given


async def county_problem(view: View, given: str) -> Text | None:
    """Why what `county_code` gave is no county; None where it is one, or looks like its code."""
    row = await naming.unit(view, given)
    if row is not None and (level := row["level"].lower()) in _NO_COUNTIES:
        zh, en = LEVEL[level]
        return Text(
            f"“{row['name']}”（{given[:80]}）是{zh}单位，不是县（市、区）：请在“县”一栏写它所在的县（市、区）。",
            f"“{row['name']}” ({given[:80]}) is a {en} unit, and no county: write the county that it lies in.",
        )
    if given.isdecimal() or row is not None:
        return None
    problem = await naming.unit_problem(view, "county", given)
    if not problem.choices:
        return Text(
            f"没有县（市、区）“{given[:80]}”：核对名称，或写代码。",
            f"There is no county “{given[:80]}”: check its name, or write its code.",
        )
    names = [naming.written(name, code) for code, name in problem.choices[:MEANT]]
    return Text(f"{problem.text.zh}{'；'.join(names)}。", f"{problem.text.en}{'; '.join(names)}.")


def entries_digest(fields: Mapping[str, str], name: str) -> str:
    """Tells what was entered beside a file of that name from other entries: a SHA-256, in hexadecimal."""
    entered = sorted((field, text) for field, text in fields.items() if text and field not in _NOT_ENTERED)
    return hashlib.sha256(orjson.dumps([name, entered])).hexdigest()


async def handed_on(view: View, kind: Kind, file: bytes, name: str, fields: Mapping[str, str]) -> Response:
    """Have a file read in the background, or recorded where `record` is among the fields; on to what comes of it.

    Raises Refused: too-much-work.
    """
    kept = {key: value for key, value in fields.items() if key not in ("token", "record", "lang", UPLOAD)}
    parameters = {"fields": kept, "name": name, "record": bool(fields.get("record"))}
    id_ = await work.begin(view, kind.name, parameters, file)
    piece = await work.waited(view, id_, SECONDS)
    if piece.state == "running":
        return view.go(f"/work/{id_}")
    path, given = kind.address(id_, parameters)
    return view.go(path, **given)


async def came_of(view: View, kind: Kind, id_: str) -> Came | None:
    """What came of a piece of work of a kind; None while it is under way. Raises Refused: not-found."""
    piece = await work.one(view, id_)
    if piece.state == "running":
        return None
    fields, name = piece.parameters.get("fields", {}), piece.parameters.get("name", "")
    if piece.state == "interrupted":
        return Came(id_, fields, name, None, Text(*_INTERRUPTED), 503)
    if piece.problem is not None and piece.kind == kind.name:
        code = piece.problem["code"]
        return Came(id_, fields, name, None, Text(piece.problem["zh"], piece.problem["en"]), STATUS.get(code, 503))
    return Came(id_, fields, name, (await work.result(view, id_, kind.name))[1])
