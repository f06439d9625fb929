"""Cases: how accountability was settled. The table is `precedent`, for `case` is a word of SQL."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Precedent
from registry.domain.dates import OPEN
from registry.domain.decisions import CaseRecorded
from registry.projections.tables.table import table


class PrecedentRow(NamedTuple):
    """A case from the day on which it was settled. `settled_by`: the decision's `by`."""

    code: str
    title: str
    text: str
    outcome: str
    settled_by: str
    matter: str | None
    category: str | None
    rule: str | None
    about: tuple[str, ...]
    instrument: str | None
    position: int
    valid_from: date
    valid_to: date


PRECEDENT: Final = table("precedent", PrecedentRow, identity="code", aggregate="case", key="code")


def precedent_rows(precedent: Precedent) -> list[PrecedentRow]:
    """The one row that a case makes."""
    return [
        PrecedentRow(
            code=case.case,
            title=case.title,
            text=case.text,
            outcome=case.outcome,
            settled_by=case.by,
            matter=case.matter,
            category=case.category,
            rule=case.rule,
            about=case.about or (),
            instrument=case.instrument,
            position=position,
            valid_from=case.at,
            valid_to=OPEN,
        )
        for position, case in precedent.of(CaseRecorded)
    ]
