"""A page that says why a page cannot be shown, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from registry.domain.text import Text
from registry.web.pages.rendering import UNKEPT, language, render

ADDRESSES: Final = (
    "/overview",
    "/balance",
    "/matrix",
    "/search",
    "/accountability",
    "/cases",
    "/burdens",
    "/changes",
    "/findings",
    "/rectifications",
    "/work",
    "/decisions",
    "/history",
    "/log",
    "/drafts",
    "/proposals",
    "/villages",
    "/lists",
    "/units",
    "/matters",
    "/documents",
    "/undo",
    "/docs",
    "/proofs",
    "/login",
    "/logout",
    "/account",
    "/receipts",
    "/reports",
    "/monitoring",
    "/assessments",
    "/admin",
)  # pages whatever the client accepts, unless that is JSON


@dataclass(frozen=True, slots=True)
class Choices:
    """What a parameter of an address may be: how its field is called, and the values with their words, in order."""

    label: Text
    words: Mapping[str, Text]


# What a parameter of an address is called where its form is shown again; others go along unseen.
FIELDS: Final = {
    "as_of": Text("日期（YYYY-MM-DD）", "Day (YYYY-MM-DD)"),
    "known": Text("当时所知（日期或序号）", "As was known (day or position)"),
    "on": Text("日期（YYYY-MM-DD）", "Day (YYYY-MM-DD)"),
    "from": Text("从", "From"),
    "to": Text("到", "To"),
    "since": Text("自哪一天", "Since"),
    "until": Text("至哪一天", "Until"),
    "month": Text("月份（如 2026-09）", "Month (as 2026-09)"),
    "period": Text("时段（如 2026、2026-H1、2026-Q3、2026-09）", "Period (2026, 2026-H1, 2026-Q3, 2026-09)"),
    "q": Text("名称里的字", "Words"),
    "within": Text("地域（单位名称或代码）", "Territory (name or code of a unit)"),
    "in": Text("地域（单位名称或代码）", "Territory (name or code of a unit)"),
    "unit": Text("单位（名称或代码）", "Unit (name or code)"),
    "otherUnit": Text("另一单位（名称或代码）", "Other unit (name or code)"),
    "sender": Text("布置单位（名称或代码）", "Sender (name or code)"),
    "matter": Text("事项（名称或编码）", "Matter (name or code)"),
    "document": Text("文件（文号）", "Document (number)"),
    "instrument": Text("文件（文号）", "Document (number)"),
    "list": Text("清单（名称或编号）", "List (title or code)"),
    "other": Text("另一份清单（名称或编号）", "Other list (title or code)"),
    "ref": Text("编号", "Id"),
    "position": Text("登记序号", "Position"),
    "first": Text("登记序号", "Position"),
    "page": Text("第几页", "Page"),
    "rule": Text("规则", "Rule"),
    "kind": Text("种类", "Kind"),
    "state": Text("状态", "State"),
    "severity": Text("严重程度", "Severity"),
    "level": Text("层级", "Level"),
}
_OFFERED: Final[dict[tuple[str, str], Choices]] = {}
_LONGEST: Final = 200  # letters of what was typed that are shown again


@dataclass(frozen=True, slots=True)
class Typed:
    """A parameter of a refused address: what was typed, how its field is called, whether it is what is wrong.

    `words`: what it may be, by value; empty where it is free.
    """

    name: str
    value: str
    label: Text | None
    wrong: bool
    words: Mapping[str, Text]


class Refused(Exception):
    """A page that cannot be shown: a code with its HTTP status, in zh and en what is wrong and what to do (`hint`)."""

    def __init__(self, code: str, status: int, message: tuple[str, str], hint: tuple[str, str]) -> None:
        super().__init__(code)
        self.code, self.status, self.message, self.hint = code, status, message, hint


def offer(path: str, name: str, label: Text, words: Mapping[str, Text], *, every: bool = False) -> None:
    """Say what a parameter of the addresses below a path may be; `every`: it may be left out, which means all."""
    first = {"": Text("全部", "all")} if every else {}
    _OFFERED[path, name] = Choices(label, {**first, **words})


def wants_page(request: Request) -> bool:
    """Whether who asks reads pages: its Accept names HTML; or the address is a page and Accept does not name JSON."""
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted:
        return True
    path = request.url.path
    return (path == "/" or path.startswith(ADDRESSES)) and "json" not in accepted


def failure(request: Request, refused: Refused) -> HTMLResponse:
    """The page for an error in the reader's language, the other folded up below.

    Where the address came from a form, the form is shown again with what was typed, the message at the field.
    """
    query = {name: value for name, value in request.query_params.items() if name != "lang"}
    shown_again = request.method == "GET" and not request.url.path.startswith("/v1/")
    return render(
        "failure.html",
        language(request),
        status=refused.status,
        cache=UNKEPT,
        query=query if shown_again else None,
        refused=refused,
        path=request.url.path,
        typed=_typed(request.url.path, query, refused) if shown_again else [],
    )


def _typed(path: str, query: Mapping[str, str], refused: Refused) -> list[Typed]:
    """What an address has in its parameters; empty where none of them is what is wrong."""
    message = refused.message[0]
    named = [name for name, value in query.items() if value and message.startswith(name)]
    wrong = named[:1] or [name for name, value in query.items() if value and value in message][:1]
    offered = {name: choices for (below, name), choices in _OFFERED.items() if f"{path}/".startswith(f"{below}/")}
    if not wrong or wrong[0] not in {*FIELDS, *offered} or any(len(value) > _LONGEST for value in query.values()):
        return []
    return [
        Typed(
            name,
            value,
            offered[name].label if name in offered else FIELDS.get(name),
            name in wrong,
            offered[name].words if name in offered else {},
        )
        for name, value in query.items()
    ]
