"""What goes off a list: rows that say so, and what stands and is not in the file, which nobody withdraws unasked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from registry.checker.names.normalise import normalised
from registry.exchange.published.recorded_state import RecordedState
from registry.exchange.sheets.planning.differing import Step
from registry.exchange.sheets.planning.items import Wanted, key
from registry.exchange.sheets.planning.matching import Matters
from registry.exchange.sheets.planning.plans import Plan, Sheets
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.tables import Row
from registry.exchange.sheets.sentences import at, of

_SHARE: Final = 5  # where more than one in so many would go, it must be said that they are to go
_NAMED: Final = 12


def named(sheets: Sheets, matters: Matters, made: Plan) -> list[RecordedState]:
    """The items in force that the rows which go off the list name, by their name, else by their matter.

    A row that names none is a problem where the file touches only what it names; else it is told, for nothing is lost.
    """
    open_items = [item for item in sheets.items.values() if item.ended is None]
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


def unasked(sheets: Sheets, request: Request) -> SheetProblem | None:
    """The question whether what the file does not have is to go, where that must be answered in so many words."""
    going = sheets.going
    if request.missing is not None or not going:
        return None
    standing = sum(item.ended is None for item in sheets.items.values())
    part = any(table.meaning.adjusts for table in sheets.tables)
    if not part and len(going) * _SHARE <= standing:
        return None
    shown = "、".join(list(going.values())[:_NAMED]) + ("……" if len(going) > _NAMED else "")
    which = "not-in-an-adjustment" if part else "not-in-the-file"
    return of(sheets.sheet, which, code=sheets.code, count=len(going), standing=standing, names=shown)


def without(sheets: Sheets, wanted: Iterable[Wanted]) -> Mapping[str, str]:
    """The items that a list adopted anew in place of this one would no longer have, by id: their names."""
    kept = {one.key for one in wanted}
    open_items = (item.fields for item in sheets.items.values() if item.ended is None)
    return {item["item"]: item["name"] for item in open_items if key(item) not in kept}


def missing(sheets: Sheets, steps: Sequence[Step], gone: Sequence[RecordedState]) -> Mapping[str, str]:
    """The items that would go because the file does not have them, by id: their names."""
    named_ids = {item.fields["item"] for item in gone}
    by_id = {item.fields["item"]: item for item in sheets.items.values()}
    return {
        id_: by_id[id_].fields["name"]
        for step in steps
        if step.decision["type"] == "ListItemWithdrawn" and step.change == "withdrawn"
        if (id_ := step.decision["item"]) not in named_ids and id_ in by_id
    }
