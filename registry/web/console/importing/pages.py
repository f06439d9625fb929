"""What the pages of both imports do: take the file, hand it to the background, read what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Response

from registry.domain.text import Text
from registry.web.background import work
from registry.web.background.kinds import Kind
from registry.web.console.asking import Data
from registry.web.console.drafting import naming
from registry.web.console.view import View
from registry.web.failures import STATUS

UPLOAD: Final = "upload"  # the field that names the work whose file is handed in again
SECONDS: Final = 0.8  # that a page waits before it shows how far the work is
GONE: Final = (
    "原来上传的文件已不再保留，请重新选择文件；填写的内容还在下面。",
    "The file that was sent before is kept no more: choose it again; what you entered is kept below.",
)
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
    if given.isdecimal() or await naming.unit(view, given) is not None:
        return None
    problem = await naming.unit_problem(view, "county", given)
    if not problem.choices:
        return Text(
            f"没有县（市、区）“{given[:80]}”：核对名称，或写代码。",
            f"There is no county “{given[:80]}”: check its name, or write its code.",
        )
    names = [naming.written(name, code) for code, name in problem.choices[:MEANT]]
    return Text(f"{problem.text.zh}{'；'.join(names)}。", f"{problem.text.en}{'; '.join(names)}.")


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
