"""A page that says why a page cannot be shown, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from registry.domain.dates import today
from registry.domain.text import Text
from registry.web.pages.rendering import UNKEPT, address, language, render

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
    """How the field of a parameter is called, and what it may be: the values with their words, in order.

    `words` is empty where whatever is typed may be right.
    """

    label: Text
    words: Mapping[str, Text]


# What a parameter of an address is called where its form is shown again; others go along unseen.
FIELDS: Final = {
    "as_of": Text("日期（YYYY-MM-DD）", "Day (YYYY-MM-DD)"),
    "known": Text("当时所知（日期或序号）", "As was known (day or position)"),
    "on": Text("日期（YYYY-MM-DD）", "Day (YYYY-MM-DD)"),
    "from": Text("起始日期", "From"),
    "to": Text("截止日期", "To"),
    "since": Text("起始日期", "From"),
    "until": Text("截止日期", "To"),
    "against": Text("对照的日子", "Day compared with"),
    "due": Text("限期", "Due day"),
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
    "second": Text("接续到的序号", "Later position"),
    "size": Text("日志的项数", "Size of the log"),
    "page": Text("第几页", "Page"),
    "rule": Text("规则", "Rule"),
    "kind": Text("种类", "Kind"),
    "state": Text("状态", "State"),
    "branch": Text("单位（名称或代码）", "Unit (name or code)"),
    "severity": Text("严重程度", "Severity"),
    "level": Text("层级", "Level"),
}
NAMED: Final = frozenset({"unknown-unit", "unknown-matter", "unknown-list", "unknown-instrument"})  # found by name
TAB: Final = Text("分页", "Tab")
_OFFERED: Final[dict[tuple[str, str], Choices]] = {}
_LONGEST: Final = 200  # letters of what was typed that are shown again
_NO_VIEWS: Final = ("/villages", "/receipts", "/docs", "/login", "/logout", "/v1/")  # pages that have no bar either


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


@dataclass(frozen=True, slots=True)
class Choice:
    """What was written for a unit, and the units that may be meant: their codes, with their full names."""

    written: str
    units: Sequence[tuple[str, str]]


NO_CHOICE: Final = Choice("", ())


class Refused(Exception):
    """A page that cannot be shown: a code with its HTTP status, in zh and en what is wrong and what to do (`hint`).

    `field`: the parameter of the address that is wrong, where that is known. A message that begins with the name of a
    parameter, as programs read it, has the name of its field on pages (`in_words`). `words`: what the field may be,
    where that hangs on what was asked and no `offer` can say it. `outside`: the code of a unit of which only what is
    published may be seen. `choices`: the units that may be meant by what was written for one.
    """

    def __init__(
        self,
        code: str,
        status: int,
        message: tuple[str, str],
        hint: tuple[str, str],
        *,
        field: str = "",
        words: Mapping[str, Text] | None = None,
        outside: str = "",
        choices: Choice = NO_CHOICE,
    ) -> None:
        super().__init__(code)
        self.code, self.status, self.message, self.hint = code, status, message, hint
        self.field, self.words, self.outside, self.choices = field, words, outside, choices


def offer(path: str, name: str, label: Text, words: Mapping[str, Text] | None = None, *, every: bool = False) -> None:
    """Say what a parameter of the addresses below a path may be, and how its field is called on their pages.

    `every`: it may be left out, which means all; without `words` it may be anything.
    """
    first = {"": Text("全部", "all")} if every else {}
    _OFFERED[path, name] = Choices(label, {**first, **(words or {})})


def offered(path: str, name: str, given: str) -> str:
    """The word that a parameter below a path was offered with, however it is capitalized. Raises Refused, bad-value."""
    word = next((word for word in _offered(path)[name].words if word.lower() == given.lower()), None)
    if word is None:
        zh, en = f"{name} 没有“{given}”这一选项。", f"{name} has no choice {given}."
        advice = ("从列出的选项中选择。", "Choose one of those offered.")
        raise Refused("bad-value", 400, (zh, en), advice, field=name)
    return word


def in_word(path: str, name: str, given: str) -> Text:
    """What a parameter below a path says, in the words that it was offered with; else as it is written."""
    offered = _offered(path)
    words: Mapping[str, Text] = offered[name].words if name in offered else {}
    return next((text for word, text in words.items() if word.lower() == given.lower()), Text(given, given))


def in_words(path: str, refused: Refused) -> tuple[str, str]:
    """What is wrong, in the words of the pages below a path: for a parameter's name that of its field."""
    zh, en = refused.message
    name = zh.partition(" ")[0]
    label = _label(path, name)
    if label is None or not en.startswith(f"{name} "):
        return refused.message
    # What a field is called may say in brackets how it is written; so does the message.
    named = Text(label.zh.partition("（")[0], label.en.partition(" (")[0])
    return f"“{named.zh}”{zh.removeprefix(name).lstrip()}", f"“{named.en}”{en.removeprefix(name)}"


def _offered(path: str) -> dict[str, Choices]:
    """What was offered for a path, the nearest first."""
    below = sorted(_OFFERED, key=lambda one: len(one[0]))
    return {name: _OFFERED[above, name] for above, name in below if f"{path}/".startswith(f"{above}/")}


def _label(path: str, name: str) -> Text | None:
    offered = _offered(path)
    return offered[name].label if name in offered else FIELDS.get(name)


def wants_page(request: Request) -> bool:
    """Whether who asks reads pages: its Accept names HTML; or the address is a page and Accept does not name JSON.

    Who asks for a table as a file for programs (`?format=json`, `csv`) reads none, whatever its Accept.
    """
    if request.query_params.get("format", "").lower() in ("json", "csv"):
        return False
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted:
        return True
    path = request.url.path
    return (path == "/" or path.startswith(ADDRESSES)) and "json" not in accepted


def failure(request: Request, refused: Refused) -> Response:
    """The page for an error in the reader's language, the other folded up below.

    Where the address came from a form, the form is shown again with what was typed, the message at the field.
    """
    query = {name: value for name, value in request.query_params.items() if name != "lang"}
    of_program = request.url.path.startswith("/v1/")  # whose parameters have no fields
    shown_again = request.method == "GET" and not of_program
    typed = _typed(request.url.path, query, refused) if shown_again else []
    return render(
        "failure.html",
        language(request),
        status=refused.status,
        cache=UNKEPT,
        query=query if shown_again else None,
        refused=refused,
        message=refused.message if of_program else in_words(request.url.path, refused),
        path=request.url.path,
        typed=typed,
        as_known_now=_as_known_now(request, query, refused) if shown_again else "",
        searched=_searched(request.url.path, refused, typed),
        meant=_meant(request, query, refused) if shown_again else [],
        console=request.url.path != "/" and not request.url.path.startswith(_NO_VIEWS),
        at=_bar(query, typed) if shown_again and refused.status in (400, 404) else None,  # a day changes no role
    )


def _as_known_now(request: Request, query: Mapping[str, str], refused: Refused) -> str:
    """The address without when it was known, where that is what is wrong; else empty."""
    if refused.field != "known" or any(len(value) > _LONGEST for value in query.values()):
        return ""
    others = {name: value for name, value in query.items() if name != "known"}
    return address(request.url.path, language(request), **others)


def _meant(request: Request, query: Mapping[str, str], refused: Refused) -> list[tuple[str, str, str]]:
    """The units that may be meant: code, full name, and the address with it in place of what was written."""
    written = refused.choices.written
    if any(len(value) > _LONGEST for value in query.values()):
        return []
    named = [name for name, value in query.items() if value.strip() == written]
    field = refused.field if refused.field in named else next(iter(named), "")
    path, lang = request.url.path, language(request)
    parts = path.split("/")
    if field:
        return [(code, name, address(path, lang, **{**query, field: code})) for code, name in refused.choices.units]
    if written not in parts:
        return []
    return [
        (code, name, address("/".join(code if part == written else part for part in parts), lang, **query))
        for code, name in refused.choices.units
    ]


def _bar(query: Mapping[str, str], typed: Sequence[Typed]) -> dict[str, Any] | None:
    """The day and the knowledge that the bar offers to change, and what it keeps; None where the form has them."""
    if any(field.name in ("as_of", "known") for field in typed) or any(len(one) > _LONGEST for one in query.values()):
        return None
    given = query.get("as_of", "")
    others = {name: value for name, value in query.items() if name not in ("as_of", "known")}
    day = given if re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII) else today()
    return {"as_of": day, "known": query.get("known", ""), "others": others}


def _searched(path: str, refused: Refused, typed: Sequence[Typed]) -> str:
    """What to search for by name where nothing is called as was typed; empty where that is of no use."""
    if refused.code not in NAMED or path.startswith("/villages"):
        return ""
    parts = [part for part in path.split("/") if part and f"“{part}”" in refused.message[0]]
    return next((field.value for field in typed if field.wrong), parts[0] if parts else "")


def _typed(path: str, query: Mapping[str, str], refused: Refused) -> list[Typed]:
    """What an address has in its parameters; empty where none of them is what is wrong."""
    message = refused.message[0]
    named = [name for name, value in query.items() if value and message.startswith(f"{name} ")]
    named = [refused.field] if refused.field in query else named
    wrong = named[:1] or [name for name, value in query.items() if value and value in message][:1]
    if not wrong or _label(path, wrong[0]) is None or any(len(value) > _LONGEST for value in query.values()):
        return []
    offered = {name: choices.words for name, choices in _offered(path).items()}
    if refused.words is not None:
        offered[wrong[0]] = refused.words
    return [
        Typed(name, value, _label(path, name), name in wrong, offered.get(name, {})) for name, value in query.items()
    ]
