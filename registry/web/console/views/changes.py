"""Changes of a territory between two days: what began, ended or reads otherwise, and by which decision."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.labels import MATTER_KIND
from registry.domain.text import Text
from registry.queries.history.sentences import LABELS, value_of
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.views.changes_of_units import moved_powers, summed_up, table_of_units, unit_changes
from registry.web.console.words import decision_cell, time_cell, word
from registry.web.pages import address
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

CHANGES: Final = {
    "began": Text("开始", "began"),
    "ended": Text("终止", "ended"),
    "changed": Text("变更", "changed"),
}
COLUMNS: Final = (
    Column("on", Text("日期", "Day"), "day", width=12),
    Column("change", Text("变化", "Change"), width=8),
    Column("unit", Text("单位", "Unit"), chinese=True, width=22),
    Column("matter", Text("事项", "Matter"), chinese=True, width=40),
    Column("what", Text("从什么改为什么", "From what to what"), own_words=True, width=40),
    Column("kind", Text("种类", "Kind"), width=16),
    Column("sender", Text("交办单位", "From"), own_words=True, width=26),
    Column("document", Text("依据文件或清单", "Document or list"), own_words=True, width=30),
    Column("decision", Text("由哪项决定", "By which decision"), own_words=True, width=60),
    Column("recorded", Text("记录时间", "Recorded"), "day", width=17),
    Column("by", Text("记录人", "Recorded by"), own_words=True, width=16, hidden=True),
)

# What is on a list for all whom it reaches, or is that list itself: no duty of a unit yet, and on a negative one none.
LISTED: Final = {
    (True, "positive"): Text("清单事项", "item of a list"),
    (True, "negative"): Text("负面清单事项，不得交办", "item of a negative list, not to be handed down"),
    (False, "positive"): Text("清单", "list"),
    (False, "negative"): Text("负面清单", "negative list"),
}
OF_ONE: Final = ("TOWNSHIP", "VILLAGE")
offer("/changes", "from", Text("起始日期（不含当天）", "After"))
offer("/changes", "to", Text("截止日期（含当天）", "Up to and with"))


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/changes/{code:path}", methods=["GET", "HEAD"])
    async def changes(request: Request, code: str) -> Response:
        return await _changes(await View.of(request, resources), code)

    return routes


async def _changes(view: View, code: str) -> Response:
    """`?from=` and `?to=`: after the one day up to the other; without, the month up to the day that is shown."""
    unit = await view.unit(code)
    last = address.day(view.parameter("to"), "to") if view.parameter("to") else view.moment.valid_at
    first = address.day(view.parameter("from"), "from") if view.parameter("from") else last - timedelta(days=30)
    address.refuse_unless_ordered(first, last)
    period: dict[str, Any] = {"from": str(first), "to": str(last)}
    changes = await _changes_between(view, unit, period)
    begun = first + timedelta(days=1)
    days = (str(first), str(last))  # a list that ended meanwhile is called something on the first
    lists = await asyncio.gather(*(view.ask_all("document_lists", "lists", asOf=day) for day in days))
    listed: dict[str, Data] = {one["code"]: one for of_day in lists for one in of_day}
    names = await _names_of_senders(view, [one for one in changes if one is not None])
    table = Table(
        "changes",
        Text(f"{unit['name']}的变化 {begun} 至 {last}", f"{unit['name']} changes {begun} to {last}"),
        COLUMNS,
        rows_of(
            changes,
            on=lambda one: one["on"],
            change=lambda one: Cell(one["change"], view.localized(*CHANGES[one["change"]])),
            unit=lambda one: (
                one["unit"] and Cell(one["unit"]["name"], href=view.href(f"/overview/{one['unit']['code']}"))
            ),
            matter=lambda one: _about(view, one, listed),
            what=lambda one: _what(view, one, names),
            sender=lambda one: one["decision"] and _stated(one["decision"], "from"),
            kind=lambda one: _kind(view, one, listed),
            document=lambda one: _document(view, one, listed),
            decision=lambda one: decision_cell(view, one["decision"]),
            recorded=lambda one: one["decision"] and time_cell(one["decision"]["recordedAt"]),
            by=lambda one: one["decision"] and one["decision"]["recordedBy"],
        ),
        Text("这段时间没有变化。", "Nothing changed in this time."),
    )
    units, more_units = await unit_changes(view, unit["code"], first, last)
    of_units = table_of_units(view, unit, units, first, last)
    half = date(last.year, 1 if last.month <= 6 else 7, 1)
    spans = [(half, last), (_half_before(half), half - timedelta(days=1)), (date(last.year, 1, 1), last)]
    spans.append((date(last.year - 1, 1, 1), date(last.year - 1, 12, 31)))
    periods = [
        (view.here(**{"from": str(begin - timedelta(days=1)), "to": str(end), "page": None}), _span(view, begin, end))
        for begin, end in dict.fromkeys(spans)
    ]
    tables = [table, of_units]
    return view.download(*tables) or view.page(
        "changes.html",
        unit=unit,
        tables=tables,
        sums=await summed_up(view, unit["code"], period, units),
        more_units=more_units,
        powers=moved_powers(units),
        eve=timedelta(days=1),
        tabs=tabs(view, unit, "/changes/{}"),
        first=first,
        last=last,
        periods=periods,
    )


def _span(view: View, begin: date, end: date) -> str:
    """What a half-year or a year is called, that began on a day."""
    if begin.month == 7 or end.month <= 6:
        which = (1, "上") if begin.month == 1 else (2, "下")
        return view.localized(f"{begin.year}年{which[1]}半年", f"half-year {which[0]} of {begin.year}")
    return view.localized(f"{begin.year}年", str(begin.year))


def _half_before(half: date) -> date:
    """The first day of the half-year before one that begins on a day."""
    return date(half.year, 1, 1) if half.month == 7 else date(half.year - 1, 7, 1)


def _stated(decision: dict[str, Any], field: str) -> str | None:
    return next((one["value"] for one in decision["stated"] if one["field"] == field), None)


async def _names_of_senders(view: View, changes: Sequence[Data]) -> dict[str, str]:
    """The names of the units that something was handed down by before or after, by code; as they are called today."""
    stated = [field for one in changes for field in one["fields"] if field["field"] == "from"]
    codes = sorted({code for field in stated for code in (field["before"], field["after"]) if code})
    units = await asyncio.gather(*(view.ask("unit_named", code=code, asOf=str(view.moment.valid_at)) for code in codes))
    return {
        code: answer["unit"]["name"] for code, answer in zip(codes, units, strict=True) if answer["unit"] is not None
    }


def _what(view: View, change: Data, names: Mapping[str, str]) -> str | None:
    """What reads otherwise than the day before, each from what to what; None of what began or ended."""
    if change["change"] != "changed":
        return None
    texts: list[str] = []
    for field in change["fields"]:
        name = "sender" if field["field"] == "from" else field["field"]
        before, after = (
            word(view, field[when]) if name == "mode" else view.localized(*value_of(name, field[when], names))
            for when in ("before", "after")
        )
        texts.append(view.localized(f"{LABELS[name].zh}：{before} → {after}", f"{LABELS[name].en}: {before} → {after}"))
    return view.clauses(texts) or None


async def _changes_between(view: View, unit: Data, period: dict[str, Any]) -> list[Data | None]:
    """The changes; of a township or village all, without the items by which a list gave what it then has of its own."""
    if unit["level"] not in OF_ONE:
        return await view.ask_shown("changes", "changesPage", within=unit["code"], **period)
    every = await view.ask_all("changes", "changesPage", within=unit["code"], **period)
    own = {_event(one) for one in every if one["unit"] and one["unit"]["code"] == unit["code"]}
    return [one for one in every if one["unit"] or _event(one) not in own]


def _event(change: Data) -> tuple[str, str, str]:
    return change["on"], change["change"], change["subject"]


def _about(view: View, change: Data, listed: Mapping[str, Data]) -> Cell:
    """The matter; of a list itself, and of an item without a matter, the list."""
    matter, list_ = change["matter"], change["subject"].partition("#")[0]
    if matter:
        return Cell(matter["name"], href=view.href(f"/matters/{matter['code']}"), code=matter["code"])
    if change["unit"] is None and list_ in listed:
        return Cell(listed[list_]["title"], href=view.href(f"/lists/{list_}"), code=change["subject"])
    return Cell(None)


def _document(view: View, change: Data, listed: Mapping[str, Data]) -> Cell:
    """The document that the change rests on; of a list's item the list too, and of what ended what it had rested on."""
    fields = {one["field"]: one["after"] or one["before"] for one in change["fields"]}
    of_list = listed.get(change["subject"].partition("#")[0])
    stated = _stated(change["decision"], "instrument") if change["decision"] else None
    of_all: Data = (of_list and of_list["instrument"]) or {"number": None}
    number: str | None = stated or fields.get("instrument") or of_all["number"]
    title = view.localized(f"《{of_list['title'].strip('《》')}》", of_list["title"]) if of_list else None
    if number:
        return Cell(number, f"{title}{view.in_brackets(number)}" if title else None, view.href(f"/documents/{number}"))
    return Cell(title, href=view.href(f"/lists/{of_list['code']}")) if of_list else Cell(None)


def _kind(view: View, change: Data, listed: Mapping[str, Data]) -> Cell:
    """Whether a duty, a power or what else began or ended; of what is on a list for all whom it reaches that too."""
    of_list = listed.get(change["subject"].partition("#")[0])
    kind: str | None = change["matter"]["kind"] if change["matter"] else of_list["covers"] if of_list else None
    if kind is None:
        return Cell(None)
    text = view.localized(*MATTER_KIND[kind.lower()])
    if change["unit"] is not None or of_list is None:
        return Cell(kind, text)
    on_list = LISTED["#" in change["subject"], of_list["polarity"].lower()]
    return Cell(kind, view.localized(*on_list) + view.in_brackets(text))
