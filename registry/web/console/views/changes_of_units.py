"""Changes of a territory's units between two days: registered, renamed, moved, merged, dissolved, of another level."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from registry.domain.labels import LEVEL, MATTER_KIND
from registry.domain.text import Text
from registry.domain.words import MATTER_KINDS
from registry.web.console.asking import NOT_SEEN, Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import decision_cell, time_cell
from registry.web.graphql.relay import MOST
from registry.web.pages.failure import Refused

TYPES: Final = ("UnitRegistered", "UnitRenamed", "UnitRevised", "UnitMoved", "UnitDissolved")
LOOKED_AT: Final = 300  # changes of units that are looked at
COLUMNS: Final = (
    Column("on", Text("日期", "Day"), "day", width=12),
    Column("change", Text("变动", "Change"), width=12),
    Column("unit", Text("单位", "Unit"), chinese=True, width=24),
    Column("what", Text("从什么改为什么", "From what to what"), own_words=True, width=44),
    Column("powers", Text("有效权力", "Effective powers"), own_words=True, width=30),
    Column("document", Text("依据文件或说明", "Document or note"), own_words=True, width=30),
    Column("decision", Text("由哪项决定", "By which decision"), own_words=True, width=60),
    Column("recorded", Text("记录时间", "Recorded"), "day", width=17),
    Column("by", Text("记录人", "Recorded by"), own_words=True, width=16, hidden=True),
)
CHANGES: Final = {
    "registered": Text("设立", "registered"),
    "renamed": Text("改名", "renamed"),
    "moved": Text("改隶", "moved"),
    "merged": Text("并入", "merged"),
    "dissolved": Text("撤销", "dissolved"),
    "level": Text("级别变动", "another level"),
    "function": Text("职能变动", "another function"),
}
POWERFUL: Final = frozenset({"moved", "merged", "dissolved", "level", "function"})  # what powers may go with
OF_UNITS: Final = Text("单位变动", "Changes of units")
NONE: Final = Text("这段时间没有单位变动。", "No unit changed in this time.")


@dataclass(frozen=True, slots=True)
class UnitChange:
    """What a decision made of a unit on a day; `powers`: how many it had on the eve and on the day, lost, gained."""

    on: date
    changes: Sequence[str]
    before: Data | None
    after: Data
    decision: Data
    powers: tuple[int, int, int, int] | None

    @property
    def unit(self) -> Data:
        """The unit: as it was, where it is no more."""
        return self.before if self.before is not None and self.after["dissolved"] else self.after


async def unit_changes(view: View, within: str, first: date, last: date) -> tuple[list[UnitChange], bool]:
    """The changes of units of a territory after one day up to another, by day; and whether there are more."""
    of_types = await asyncio.gather(*(_decisions(view, type_, first, last) for type_ in TYPES))
    events = {(day, one["data"]["unit"]): one for of_type in of_types for day, one in of_type}
    looked_at = sorted(events)[:LOOKED_AT]
    made = await asyncio.gather(*(_change(view, within, day, code, events[day, code]) for day, code in looked_at))
    return [one for one in made if one is not None], len(events) > LOOKED_AT


async def _decisions(view: View, type_: str, first: date, last: date) -> list[tuple[date, Data]]:
    """The decisions of a type that take effect in the time, each with its day as it was corrected.

    Of units registered those alone whose day as recorded is in it: there are thousands of others.
    """
    begun = str(first + timedelta(days=1))
    days: dict[str, Any] = (
        {"atFrom": begun, "atTo": str(last)} if type_ == "UnitRegistered" else {"atFrom": None, "atTo": None}
    )
    rows: list[Data] = []
    after = 0
    while len(rows) <= MOST * 4:
        page = (await view.ask("changes-of-units", type=type_, after=after, first=MOST, **days))["decisions"]
        rows += page
        if len(page) < MOST:
            break
        after = page[-1]["position"]
    dated = [(_day(one), one) for one in rows]
    return [(day, one) for day, one in dated if first < day <= last]


def _day(decision: Data) -> date:
    """The day from which a decision holds, as it was last corrected."""
    sets: list[dict[str, Any]] = [one["data"].get("set") or {} for one in decision["correctedBy"]]
    return date.fromisoformat(next((one["at"] for one in reversed(sets) if one.get("at")), decision["at"]))


async def _change(view: View, within: str, day: date, code: str, decision: Data) -> UnitChange | None:
    """What became of a unit on a day; None where nothing did, as after what was annulled, or elsewhere."""
    days: dict[str, Any] = {"code": code, "eve": str(day - timedelta(days=1)), "day": str(day)}
    around = await view.ask("unit-around", **days)
    before, after = around["before"], around["after"]
    if after is None or not (_lies_in(before, within) or _lies_in(after, within)):
        return None
    changes = _changes(before, after)
    if not changes:
        return None
    powers = await _powers(view, days) if POWERFUL.intersection(changes) else None
    return UnitChange(day, changes, before, after, decision, powers)


def _lies_in(unit: Data | None, within: str) -> bool:
    over = unit
    while over is not None:
        if over["code"] == within:
            return True
        over = over.get("parent")
    return False


def _changes(before: Data | None, after: Data) -> list[str]:
    if before is None:
        return ["registered"]
    if after["dissolved"]:
        return [] if before["dissolved"] else ["merged" if after["successor"] else "dissolved"]
    compared = {
        "renamed": (before["name"], after["name"]),
        "moved": (_parent(before), _parent(after)),
        "level": (before["level"], after["level"]),
        "function": ((before["function"], before["kind"]), (after["function"], after["kind"])),
    }
    return [name for name, (was, now) in compared.items() if was != now]


def _parent(unit: Data) -> str | None:
    return unit["parent"] and unit["parent"]["code"]


async def _powers(view: View, days: dict[str, Any]) -> tuple[int, int, int, int] | None:
    """How many powers a unit effectively had on the eve and on the day, lost and gained; None where it is not seen."""
    try:
        around = await view.ask("powers-around", **days)
    except Refused as refused:
        if refused.code not in NOT_SEEN:
            raise
        return None
    was, now = ({one["power"]["code"] for one in _held(around[when])} for when in ("before", "after"))
    return len(was), len(now), len(was - now), len(now - was)


def _held(unit: Data | None) -> list[Data]:
    return [one for one in (unit or {}).get("powers") or () if one["effective"]]


def table_of_units(view: View, unit: Data, changes: Sequence[UnitChange], first: date, last: date) -> Table:
    """The changes of units as a table."""
    title = Text(
        f"{unit['name']}的单位变动 {first + timedelta(days=1)} 至 {last}",
        f"{unit['name']} changes of units {first + timedelta(days=1)} to {last}",
    )
    rows = rows_of(
        changes,
        on=lambda one: str(one.on),
        change=lambda one: Cell(" ".join(one.changes), view.series(view.localized(*CHANGES[c]) for c in one.changes)),
        unit=lambda one: Cell(
            one.unit["name"], href=view.href(f"/units/{one.unit['code']}", as_of=str(_shown_on(one)))
        ),
        what=lambda one: _what(view, one),
        powers=lambda one: _powers_cell(view, one),
        document=lambda one: _stated(one.decision, "instrument") or _stated(one.decision, "note"),
        decision=lambda one: decision_cell(view, one.decision),
        recorded=lambda one: time_cell(one.decision["recordedAt"]),
        by=lambda one: one.decision["recordedBy"],
    )
    return Table("units", title, COLUMNS, rows, NONE, main=False)


def _shown_on(one: UnitChange) -> str:
    return str(one.on - timedelta(days=1) if one.after["dissolved"] else one.on)


def _stated(decision: Data, field: str) -> str | None:
    return next((one["value"] for one in decision["stated"] if one["field"] == field), None)


def _what(view: View, one: UnitChange) -> str | None:
    before, after = one.before, one.after
    if before is None:
        return after["parent"] and view.localized(
            f"上级：{after['parent']['name']}", f"under {after['parent']['name']}"
        )
    texts: list[Text] = []
    for change in one.changes:
        match change:
            case "renamed":
                texts.append(_from_to(Text("名称", "name"), before["name"], after["name"]))
            case "moved":
                names = [(unit["parent"] or {"name": "—"})["name"] for unit in (before, after)]
                texts.append(_from_to(Text("上级", "parent"), *names))
            case "level":
                was, now = (LEVEL[unit["level"].lower()] for unit in (before, after))
                texts.append(Text(f"级别：{was.zh} → {now.zh}", f"level: {was.en} → {now.en}"))
            case "function":
                functions = ["、".join(filter(None, (unit["function"], unit["kind"]))) for unit in (before, after)]
                texts.append(_from_to(Text("职能", "function"), *functions))
            case "merged":
                texts.append(Text(f"并入{after['successor']['name']}", f"into {after['successor']['name']}"))
            case _:
                pass
    return view.clauses(view.localized(*text) for text in texts) or None


def _from_to(label: Text, was: str, now: str) -> Text:
    return Text(f"{label.zh}：{was} → {now}", f"{label.en}: {was} → {now}")


def _powers_cell(view: View, one: UnitChange) -> Cell:
    """How many powers went or came with the change; leads to the unit's powers on the day."""
    if one.powers is None or not (one.powers[2] or one.powers[3]):
        return Cell(None)
    was, now, lost, gained = one.powers
    zh = [f"{was} → {now}", *([f"少了 {lost} 项"] if lost else []), *([f"多了 {gained} 项"] if gained else [])]
    en = [f"{was} → {now}", *([f"{lost} fewer"] if lost else []), *([f"{gained} more"] if gained else [])]
    return Cell(now - was, view.localized("，".join(zh), ", ".join(en)), mark="lacking" if lost else "")


def moved_powers(changes: Sequence[UnitChange]) -> list[UnitChange]:
    """Those with which effective powers went or came."""
    return [one for one in changes if one.powers is not None and (one.powers[2] or one.powers[3])]


async def summed_up(view: View, within: str, period: dict[str, Any], units: Sequence[UnitChange]) -> list[Text]:
    """How many holdings, items of lists and units began, ended or changed: a line for each kind that has any."""
    rows: list[Data] = (await view.ask("changes-counted", within=within, **period))["changes"]
    counts: Counter[tuple[str, str]] = Counter()
    for one in rows:
        kind = "list" if one["unit"] is None else one["matter"]["kind"].lower() if one["matter"] else ""
        counts[kind, one["change"]] += 1
    kinds = {name: MATTER_KIND[name] for name in MATTER_KINDS} | {"list": Text("清单及其事项", "lists and their items")}
    lines: list[Text] = []
    for kind, called in [*kinds.items(), ("", Text("其他", "others"))]:
        began, ended, changed = (counts[kind, change] for change in ("began", "ended", "changed"))
        if began or ended or changed:
            lines.append(
                Text(
                    f"{called.zh}：开始 {began}，终止 {ended}，变更 {changed}",
                    f"{called.en}: {began} began, {ended} ended, {changed} changed",
                )
            )
    of_units = Counter(change for one in units for change in one.changes)
    if of_units:
        named = [(CHANGES[name], of_units[name]) for name in CHANGES if of_units[name]]
        zh = "，".join(f"{text.zh} {number}" for text, number in named)
        lines.append(Text(f"单位：{zh}", f"units: {', '.join(f'{number} {text.en}' for text, number in named)}"))
    return lines
