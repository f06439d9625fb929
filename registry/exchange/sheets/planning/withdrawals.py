"""What goes off a list: rows that say so, and what stands and is not in the file, which nobody withdraws unasked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from registry.checker.names.normalise import normalised
from registry.exchange.published.files import Entry
from registry.exchange.published.recorded_state import RecordedState
from registry.exchange.sheets.planning import coverage, ends
from registry.exchange.sheets.planning.differing import Step
from registry.exchange.sheets.planning.items import Wanted, key
from registry.exchange.sheets.planning.matching import Matters
from registry.exchange.sheets.planning.plans import Plan, Sheets
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.departments import Department
from registry.exchange.sheets.recognising.tables import Row
from registry.exchange.sheets.sentences import at, of

_SHARE: Final = 5  # where more than one in so many would go, it must be said that they are to go
_NAMED: Final = 12


def named(sheets: Sheets, matters: Matters, day: str, made: Plan) -> list[RecordedState]:
    """The items in force that the rows which go off the list name, by their name, else by their matter.

    A row that names none is a problem where the file touches only what it names; else it is told, for nothing is lost.
    """
    open_items = [item for item in sheets.items.values() if ends.in_force(item, day)]
    by_name: dict[str, list[RecordedState]] = {}
    by_matter: dict[str, list[RecordedState]] = {}
    for item in open_items:
        by_name.setdefault(normalised(item.fields["name"]), []).append(item)
        by_matter.setdefault(item.fields.get("matter", ""), []).append(item)
    results: dict[int, RecordedState] = {}
    matched = matters.match([row.cells["name"].text for _, row in sheets.gone])
    for (table, row), match in zip(sheets.gone, matched, strict=True):
        cell = row.cells["name"]
        items = by_name.get(normalised(cell.text)) or by_matter.get(match.code or "-", [])
        if not items:
            strict = sheets.adjusts or not any(table.rows for table in sheets.tables)
            which = "not-standing" if strict else "left-out"
            text = row.verdict.cell.text if row.verdict else table.title
            problem = at(cell, table, which, warning=not strict, name=cell.text, code=sheets.code, text=text)
            made.problems.append(problem)
        results |= {id(item): item for item in items}
    changed = [(table, row) for table in sheets.tables for row in table.rows if sheets.adjusts and _is_changed(row)]
    matched = matters.match([row.cells["name"].text for _, row in changed])
    for (table, row), match in zip(changed, matched, strict=True):
        cell = row.cells["name"]
        if normalised(cell.text) not in by_name and (match.code or "-") not in by_matter:
            text = row.verdict.cell.text if row.verdict else ""
            problem = of(
                table.sheet,
                "changed-not-standing",
                cell=cell.location.rpartition("!")[2],
                problem_code="not-standing",
                name=cell.text,
                code=sheets.code,
                text=text,
            )
            made.problems.append(problem)
    return list(results.values())


def _is_changed(row: Row) -> bool:
    """Whether the file says that the row changes what stands: 变更, 调整."""
    return row.verdict is not None and row.verdict.effect == "change"


def unasked(
    sheets: Sheets, request: Request, day: str, units: Mapping[str, Department], matters: Mapping[str, Entry]
) -> SheetProblem | None:
    """The question whether what the file does not have is to go, where that must be answered in so many words.

    That is where more than a fifth would go, where the file calls itself an adjustment, and where it has nothing of
    categories or departments that have several items on the list: it may be of a part of them only. `units`: by code,
    for names; `matters`: the fields of the items' matters, by code.
    """
    going = sheets.going
    if request.missing is not None or not going:
        return None
    open_items = [item.fields for item in sheets.items.values() if ends.in_force(item, day)]
    standing = len(open_items)
    shown = "、".join(list(going.values())[:_NAMED]) + ("……" if len(going) > _NAMED else "")
    values: dict[str, Any] = {"code": sheets.code, "count": len(going), "standing": standing, "names": shown}
    if any(table.meaning.adjusts for table in sheets.tables):
        return of(sheets.sheet, "not-in-an-adjustment", **values)
    categories = {item["item"]: part for item in open_items if (part := coverage.category_of(item, matters))}
    if gone := coverage.left_out(open_items, going, categories):
        values |= {"categories": "、".join(gone[:_NAMED]), "count": _count_of(going, categories, gone)}
        return of(sheets.sheet, "categories-not-in-the-file", **values)
    senders = {item["item"]: item["from"] for item in open_items if "from" in item}
    if gone := coverage.left_out(open_items, going, senders):
        names = (units[sender].name if sender in units else sender for sender in gone)
        values |= {"departments": "、".join(names), "count": _count_of(going, senders, gone)}
        return of(sheets.sheet, "departments-not-in-the-file", **values)
    return of(sheets.sheet, "not-in-the-file", **values) if standing < len(going) * _SHARE else None


def _count_of(going: Iterable[str], of_item: Mapping[str, str], parts: Sequence[str]) -> int:
    return sum(of_item.get(id_) in parts for id_ in going)


def without(sheets: Sheets, wanted: Iterable[Wanted], day: str) -> Mapping[str, str]:
    """The items that a list adopted anew in place of this one would no longer have, by id: their names."""
    kept = {one.key for one in wanted}
    open_items = (item.fields for item in sheets.items.values() if ends.in_force(item, day))
    return {item["item"]: item["name"] for item in open_items if key(item) not in kept}


def missing(sheets: Sheets, steps: Sequence[Step], gone: Sequence[RecordedState]) -> Mapping[str, str]:
    """The items that would go because the file does not have them, by id: their names."""
    named_ids = {item.fields["item"] for item in gone}
    by_id = {item.fields["item"]: item for item in sheets.items.values()}
    return {
        id_: by_id[id_].fields["name"]
        for step in steps
        if step.change == "withdrawn"
        if (id_ := step.decision.get("of", step.decision)["item"]) not in named_ids and id_ in by_id
    }
