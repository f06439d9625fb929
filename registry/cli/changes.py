"""`registry changes`: what began, ended or changed between two days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import recorded, with_code, write
from registry.cli.questions import answer
from registry.cli.terminal import JSON, KNOWN, WITHIN, days_between
from registry.domain.text import counted
from registry.queries import as_of_many
from registry.queries.history import causes
from registry.queries.history import changes as changed_holdings
from registry.queries.history.changes import Change
from registry.queries.history.decisions import Decision
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import LAST, AsOf, Reader

CHANGE = {"began": ("新增", "began"), "ended": ("终止", "ended"), "changed": ("变更", "changed")}
Names = dict[tuple[str, Any], str]  # of a unit or matter, by its code and the day


def changes(
    within: WITHIN,
    after: Annotated[str, typer.Option("--from", help="此日之后。 / After this day.")],
    until: Annotated[
        str | None, typer.Option("--to", help="至此日（含），缺省今天。 / Up to this day (today).")
    ] = None,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """两日之间的变化：承担和清单事项的新增、终止、变更。 / What began, ended or changed in between two days."""
    first, last = days_between(after, until)

    async def question(
        _: psycopg.Connection[Any], reader: Reader, position: int
    ) -> tuple[list[Change], dict[causes.Cause, Decision], Names]:
        territory = await resolve_unit(reader, within, AsOf(LAST, position))
        rows = await changed_holdings.changes(reader, position, territory, first, last)
        wanted = {(change.cause, change.on) for change in rows if change.cause is not None}
        return rows, await causes.decisions(reader, position, wanted), await _names(reader, position, rows)

    rows, moved, names = answer(question, known)
    for change in rows:
        decision = None if change.cause is None else moved.get((change.cause, change.on))
        before, now = change.before or {}, change.after or {}
        fields = [name for name in changed_holdings.ATTRIBUTES if (before.get(name) or None) != (now.get(name) or None)]
        if as_json:
            differences = [{"field": name, "before": before.get(name), "after": now.get(name)} for name in fields]
            line = {"on": change.on, "change": change.change, "unit": change.unit, "matter": change.matter}
            write(line | {"subject": change.subject, "fields": differences, "decision": recorded(decision)})
            continue
        zh, en = CHANGE[change.change]
        by = f"  #{decision.position} {decision.type}" if decision else ""
        unit = with_code(names.get((change.unit, change.on)), change.unit) if change.unit else "清单事项 item"
        matter = [with_code(names.get((change.matter, change.on)), change.matter)] if change.matter else []
        print(f"{change.on}  {zh} {en}  {'  '.join([unit, *matter, change.subject])}{by}")
        if change.change == "changed":
            print("  " + "；".join(f"{name}: {before.get(name)} → {now.get(name)}" for name in fields))
    if not as_json:
        print(f"{first} 之后至 {last} 共 {len(rows)} 项变化。")
        print(f"{counted(len(rows), 'change')} after {first} up to {last}.")


async def _names(reader: Reader, position: int, rows: Iterable[Change]) -> Names:
    """Give the names of the units and matters that changes concern, each on its day."""
    of_units = [(change.unit, change.on) for change in rows if change.unit]
    of_matters = [(change.matter, change.on) for change in rows if change.matter]
    units = await as_of_many.units(reader, position, of_units)
    matters = await as_of_many.matters(reader, position, of_matters)
    return {key: row.name for key, row in (*units.items(), *matters.items())}
