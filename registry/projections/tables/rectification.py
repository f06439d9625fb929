"""Orders to put findings right, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from registry.domain import decisions as d
from registry.domain.aggregates import Ref, by_day
from registry.domain.dates import OPEN
from registry.projections.tables.table import table


class RectificationRow(NamedTuple):
    """An order on days on which it stands the same.

    `began`: the order's `at`; `due_on`: its day, or that of the latest answer that extends it; `overdue`: that day has
    passed and no answer says done. `outcome`: of the latest answer.
    """

    ref: str
    rule: str
    subject: str
    unit: str
    ordered_by: str
    text: str
    instrument: str | None
    began: date
    due_on: date
    done: bool
    overdue: bool
    outcome: str | None
    position: int
    valid_from: date
    valid_to: date


class RectificationAnswerRow(NamedTuple):
    """An answer to an order, from its day on. `answered_by`: the decision's `by`."""

    ref: str
    answered_by: str
    text: str
    outcome: str
    due_on: date | None
    position: int
    valid_from: date
    valid_to: date


RECTIFICATION: Final = table("rectification", RectificationRow, identity="ref valid_from", aggregate="ref", key="ref")
RECTIFICATION_ANSWER: Final = table(
    "rectification_answer", RectificationAnswerRow, identity="ref position", aggregate="ref", key="ref"
)


def rectification_rows(
    ref: Ref, ordered: d.RectificationOrdered
) -> Sequence[RectificationRow | RectificationAnswerRow]:
    """The rows that an order and its answers make."""
    answers = by_day(ref.of(d.RectificationAnswered))

    def row(start: date, stop: date) -> RectificationRow:
        given = [answer for _, answer in answers if answer.at <= start]
        extended = [answer.due_on for answer in given if answer.due_on is not None]
        done = any(answer.outcome == "done" for answer in given)
        due_on = extended[-1] if extended else ordered.due_on
        return RectificationRow(
            ref=ordered.ref,
            rule=ordered.rule,
            subject=ordered.subject,
            unit=ordered.unit,
            ordered_by=ordered.by,
            text=ordered.text,
            instrument=ordered.instrument,
            began=ordered.at,
            due_on=due_on,
            done=done,
            overdue=not done and due_on < start,
            outcome=given[-1].outcome if given else None,
            position=ref.introduced_at,
            valid_from=start,
            valid_to=stop,
        )

    # What it says can change when it is answered, and on the day after one by which it was due.
    due = [ordered.due_on, *(answer.due_on for _, answer in answers if answer.due_on is not None)]
    days = {answer.at for _, answer in answers} | {day + timedelta(days=1) for day in due if day < OPEN}
    rows: list[RectificationRow] = []
    for start in sorted({ordered.at, *(day for day in days if day > ordered.at)}):
        fresh = row(start, OPEN)
        if rows:
            last = rows.pop()
            if last._replace(valid_from=start) == fresh:
                fresh = last
            else:
                rows.append(last._replace(valid_to=start))
        rows.append(fresh)
    answered = [
        RectificationAnswerRow(
            ref=ordered.ref,
            answered_by=answer.by,
            text=answer.text,
            outcome=answer.outcome,
            due_on=answer.due_on,
            position=position,
            valid_from=answer.at,
            valid_to=OPEN,
        )
        for position, answer in answers
    ]
    return [*rows, *answered]
