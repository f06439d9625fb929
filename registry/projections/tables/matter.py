"""Matters over time, and who holds them by law."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

import orjson

from registry.domain.aggregates import Matter
from registry.domain.dates import EVER, OPEN
from registry.domain.decisions import LawfulHolder
from registry.projections.tables.table import Json, table


class MatterRow(NamedTuple):
    """A matter on days with the same attributes.

    The rows of a matter cover all days, for it is known by name before it begins. `in_law`: between its definition's
    day and its retirement.
    """

    code: str
    kind: str
    name: str
    category: str | None
    aliases: tuple[str, ...]
    basis: tuple[str, ...]
    lawful_holders: Json
    requires: tuple[str, ...]
    needs: tuple[str, ...]
    power_kind: str | None
    issuer: str | None
    alternative: str | None
    in_law: bool
    retired: bool
    position: int
    valid_from: date
    valid_to: date
    materials: tuple[str, ...]
    procedure: str | None
    online: str | None
    asks: tuple[str, ...]
    includes: tuple[str, ...]
    window_level: str | None


class LawfulHolderRow(NamedTuple):
    """A level and function whose units hold a matter by law, on days without a break."""

    matter: str
    kind: str
    level: str
    function: str
    position: int
    valid_from: date
    valid_to: date


MATTER: Final = table("matter", MatterRow, identity="code valid_from", aggregate="matter", key="code")
LAWFUL_HOLDER: Final = table(
    "lawful_holder", LawfulHolderRow, identity="matter level function valid_from", aggregate="matter", key="matter"
)
ATTRIBUTES: Final = (
    "name",
    "category",
    "aliases",
    "basis",
    "lawful_holders",
    "requires",
    "needs",
    "power_kind",
    "issuer",
    "alternative",
    "materials",
    "procedure",
    "online",
    "asks",
    "includes",
    "window",
)


def matter_rows(matter: Matter) -> list[MatterRow | LawfulHolderRow]:
    """The rows that a matter makes in both tables."""
    defined = matter.defined
    if defined is None:
        return []
    position = matter.introduced_at
    begins, ends = defined.at, matter.retired.at if matter.retired else OPEN
    now = {name: getattr(defined, name) for name in ATTRIBUTES}
    days = sorted({EVER, begins, ends, *(revised.at for _, revised in matter.revisions)} - {OPEN})
    revisions = list(matter.revisions)
    rows: list[MatterRow | LawfulHolderRow] = []
    held: dict[tuple[str, str], date] = {}  # holders by law, and since when

    def holder(level: str, function: str, start: date, end: date) -> LawfulHolderRow:
        return LawfulHolderRow(
            matter=defined.matter,
            kind=defined.kind,
            level=level,
            function=function,
            position=position,
            valid_from=start,
            valid_to=end,
        )

    for start, end in zip(days, [*days[1:], OPEN], strict=True):
        while revisions and revisions[0][1].at <= start:
            revised = revisions.pop(0)[1]
            now.update({name: value for name in ATTRIBUTES if (value := getattr(revised, name)) is not None})
        in_law = begins <= start < ends
        lawful: tuple[LawfulHolder, ...] = (now["lawful_holders"] or ()) if in_law else ()
        holders: set[tuple[str, str]] = {(each.level, each.function) for each in lawful}
        for level, function in sorted(held.keys() - holders):
            rows.append(holder(level, function, held.pop((level, function)), start))
        held |= dict.fromkeys(holders - held.keys(), start)
        rows.append(
            MatterRow(
                code=defined.matter,
                kind=defined.kind,
                name=now["name"],
                category=now["category"] or None,
                aliases=tuple(now["aliases"] or ()),
                basis=tuple(now["basis"] or ()),
                lawful_holders=orjson.dumps([each.model_dump() for each in now["lawful_holders"] or ()]).decode(),
                requires=tuple(now["requires"] or ()),
                needs=tuple(now["needs"] or ()),
                power_kind=now["power_kind"],
                issuer=now["issuer"] or None,
                alternative=now["alternative"] or None,
                in_law=in_law,
                retired=start >= ends,
                position=position,
                valid_from=start,
                valid_to=end,
                materials=tuple(now["materials"] or ()),
                procedure=now["procedure"] or None,
                online=now["online"] or None,
                asks=tuple(now["asks"] or ()),
                includes=tuple(now["includes"] or ()),
                window_level=now["window"] or None,
            )
        )
    rows += [holder(level, function, since, OPEN) for (level, function), since in sorted(held.items())]
    return rows
