"""What the words of a row's cells become, and what is told where they are not clear: means, days, ways, kinds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.planning import answers
from registry.exchange.sheets.recognising import cells, days, powers
from registry.exchange.sheets.recognising.means import means
from registry.exchange.sheets.sentences import at

if TYPE_CHECKING:
    from registry.exchange.sheets.planning.items import Read, Setting, Wanted
    from registry.exchange.sheets.recognising.tables import Table

_IN_BRACKETS: Final = re.compile("[（(]([^（()）]{4,40})[）)]")
_BEGINS: Final = re.compile("实施|施行|生效|执行")


def take_means(wanted: Wanted, left: dict[str, Cell], setting: Setting, made: Read) -> None:
    """Staff and funds that come along; what the cell says of them besides, or unclearly, stays in the note."""
    cell, heading = left["brings"], wanted.table.columns.get("brings")
    result = means(cell.text, heading.text if heading else "", village=setting.attributes["audience"] == "village")
    if result.brings:
        wanted.item["brings"] = result.brings
    if result.alone:
        left.pop("brings")
    if not result.clear and setting.attributes.get("assigns") is not None:
        made.problems.append(at(cell, wanted.table, "means-unclear", warning=True, text=shortened(cell.text)))


def take_days(wanted: Wanted, left: dict[str, Cell], setting: Setting, made: Read) -> None:
    """From when the item holds, and its last day, which is recorded as its withdrawal on the day after."""
    binding = setting.attributes.get("assigns") is not None
    for name in ("since", "until", "time"):
        if name not in left:
            continue
        cell, key = left[name], answers.key(left[name].text)
        heading = wanted.table.columns.get(name)
        if name == "time" and not (binding and heading and _BEGINS.search(heading.text)):
            continue  # when it is done
        answered = setting.request.days.get(key)
        if answered == answers.NO_DAY:
            continue
        period = days.period(cell.text, ends=name == "until", written=setting.written)
        if isinstance(answered, date):
            period = days.Period(until=answered) if name == "until" else days.Period(answered)
        if period is None and name == "time":
            if days.each_year(cell.text):
                made.times.append((wanted, cell))
            else:
                called = heading.text if heading else ""
                asks = "day", key
                unclear = at(cell, wanted.table, "time-unclear", asks=asks, heading=called, text=cell.text)
                made.problems.append(unclear)
            continue
        if period is None:
            unclear = at(cell, wanted.table, "day-unclear", warning=not binding, asks=("day", key), text=cell.text)
            made.problems.append(unclear)
            continue
        if isinstance(period.since, date) and wanted.since is None:
            wanted.since = period.since
            if setting.begins is not None and period.since < setting.begins:
                made.before.append((wanted, cell))
        if name == "since" and period.since is not None and period.until is None:
            left.pop(name)
        if isinstance(period.until, date):
            _end(wanted, cell, period.until, setting, made)
    _take_remark(wanted, setting, made)


def _end(wanted: Wanted, cell: Cell, until: date, setting: Setting, made: Read) -> None:
    """Let the item end on a day, unless that is over before the item begins: then somebody must say what is meant."""
    begins = max(filter(None, (wanted.since, setting.begins)), default=until)
    if until < begins:
        asks = "day", answers.key(cell.text)
        text = shortened(cell.text)
        made.problems.append(
            at(cell, wanted.table, "ended-before", asks=asks, name=wanted.name.text, text=text, day=begins)
        )
        return
    wanted.until = until
    made.ends.append((wanted, cell))


def close(wanted: Wanted, line: Cell, until: date, setting: Setting, made: Read) -> None:
    """Let an item of which no last day is said end with its list."""
    if wanted.until is None and "until" not in wanted.row.cells:
        _end(wanted, line, until, setting, made)


def ask_of_term(table: Table, line: Cell | None, made: Read) -> None:
    """Tell that a list is to hold for a time, 试行一年, which nothing of it says when to count from."""
    if line is not None:
        made.problems.append(at(line, table, "list-term-unclear", warning=True, text=shortened(line.text)))


def _take_remark(wanted: Wanted, setting: Setting, made: Read) -> None:
    """The days that a remark gives, where no column does; it stays in the note."""
    cell = wanted.row.cells.get("remark")
    if cell is None:
        parts = (Cell(part, wanted.name.location) for part in _IN_BRACKETS.findall(wanted.name.text))
        cell = next((part for part in parts if days.of_remark(part.text, setting.written) != days.Period()), None)
    if cell is None:
        return
    period = days.of_remark(cell.text, setting.written)
    answered = setting.request.days.get(answers.key(cell.text))
    if (
        answered is None
        and period == days.Period()
        and "until" not in wanted.row.cells
        and days.is_open_term(cell.text)
    ):
        asks = "day", answers.key(cell.text)
        made.problems.append(at(cell, wanted.table, "term-unclear", warning=True, asks=asks, text=cell.text))
    if answered is not None:
        period = days.Period() if answered == answers.NO_DAY else replace(period, until=answered)
    if isinstance(period.since, date) and wanted.since is None and "since" not in wanted.row.cells:
        wanted.since = period.since
        if setting.begins is not None and period.since < setting.begins:
            made.before.append((wanted, cell))
    if isinstance(period.until, date) and wanted.until is None and "until" not in wanted.row.cells:
        _end(wanted, cell, period.until, setting, made)


def take_mode(wanted: Wanted, left: dict[str, Cell], setting: Setting, made: Read) -> None:
    """How the power is handed down, where that is not how the list does it all."""
    cell, way = left["mode"], cells.mode(left["mode"].text)
    if way is not None and way == setting.attributes.get("assigns"):
        left.pop("mode")
    elif way is None and wanted.table.kind == "empowerment":
        made.problems.append(at(cell, wanted.table, "mode-unclear", text=shortened(cell.text)))


def days_noted(made: Read) -> None:
    """Tell once, not in every row, of days before the list's own, of items that end by themselves, and of seasons."""
    if made.before:
        (wanted, cell), rows = made.before[0], len(made.before)
        text = shortened(cell.text)
        made.problems.append(at(cell, wanted.table, "since-before", warning=True, rows=rows, text=text))
    if made.times:
        (wanted, cell), rows = made.times[0], len(made.times)
        heading = wanted.table.columns["time"].text
        text = shortened(cell.text)
        made.problems.append(at(cell, wanted.table, "time-noted", warning=True, rows=rows, heading=heading, text=text))
    if made.ends:
        (wanted, cell), rows = made.ends[0], len(made.ends)
        made.problems.append(
            at(cell, wanted.table, "ends-recorded", warning=True, rows=rows, text=shortened(cell.text))
        )


def shortened(text: str) -> str:
    """A cell's text as a sentence quotes it: on one line, its first forty characters."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:40]}…"


def power_kind(wanted: Wanted, made: Read) -> str:
    """The kind of a new power, by its column, or by its name where that is empty."""
    name, cell = wanted.name, wanted.row.cells.get("power_kind")
    if cell is None:
        section = wanted.row.cells.get("category")
        kind = powers.of_name(name.text) or (powers.of_section(section.text) if section is not None else None)
    else:
        named = powers.of_cell(cell.text)
        kind = named.kind
        if named.beyond:
            beyond = at(cell, wanted.table, "power-kind-beyond", warning=True, text=named.beyond, name=name.text)
            made.problems.append(beyond)
    if kind is None:
        made.problems.append(at(cell or name, wanted.table, "power-kind-unclear", name=name.text))
    return kind or "other"
