"""Decisions about something as a table: what each decided and changed, as a link to it, when and by whom recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.domain.text import Text
from registry.queries.history.headlines import CORRECTIONS
from registry.web.console.tables import Column, Scalar, Table, paged, rows_of
from registry.web.console.words import day_of, decision_cell, time_cell
from registry.web.graphql.relay import MOST

if TYPE_CHECKING:
    from registry.web.console.view import View

Data = dict[str, Any]
COLUMNS: Final = (
    Column("position", Text("序号", "Position"), "number", width=9),
    Column("at", Text("生效日期", "Effective"), "day", width=12),
    Column("decision", Text("决定", "What was decided"), own_words=True, width=80),
    Column("what", Text("从什么改为什么", "From what to what"), own_words=True, width=60),
    Column("recorded", Text("记录时间", "Recorded"), "day", width=17),
    Column("by", Text("记录人", "Recorded by"), own_words=True, width=16),
)
# Of corrections alone: from which day on what is said became another, and how long after that day this was recorded.
CORRECTING: Final = (
    COLUMNS[0],
    Column("reaches", Text("改动从哪天起", "Reaches back to"), "day", width=14),
    Column("late", Text("晚记天数", "Days late"), "number", width=10),
    *COLUMNS[2:],
)
AT_ONCE: Final = 8  # decisions of whose effects is asked side by side
# What may leave something that held before reading otherwise.
CHANGING: Final = frozenset([*CORRECTIONS, *(name for name, type_ in TYPES.items() if type_.STEP is Step.CHANGES)])


async def decision_table(view: View, decisions: Sequence[Data]) -> Table:
    """The table `history`, in the order given; each decision as `position type at recordedAt recordedBy summary`."""
    effects = await _effects(view, paged(view, decisions))
    return _table(
        view, decisions, effects, COLUMNS, at=lambda one: day_of_effect(one, effects.get(one["position"], ()))
    )


async def correction_table(view: View, late: int) -> Table:
    """The table `history` of all that corrected, annulled or reinstated another, the newest first, and how late it was.

    `late`: only what reaches back so many days before it was recorded, or more.
    """
    rows = (await corrections(view))[::-1]
    effects = await _effects(view, rows if late else paged(view, rows))

    def reaches(one: Data) -> str | None:
        return day_of_effect(one, effects.get(one["position"], ()))

    def days(one: Data) -> int | None:
        day = reaches(one)
        return None if day is None else max(0, (day_of(one["recordedAt"]) - date.fromisoformat(day)).days)

    if late:
        rows = [one for one in rows if (days(one) or 0) >= late]
    return _table(view, rows, effects, CORRECTING, reaches=reaches, late=days)


def day_of_effect(decision: Data, effects: Sequence[Data]) -> str | None:
    """From which day on a decision has effect; of a correction the first on which its effects leave something other.

    A correction's own day has none: it counts from the position at which it was recorded.
    """
    if decision["type"] not in CORRECTIONS:
        return decision["at"]
    return min((one["since"] for one in effects if one["since"]), default=None)


def _table(
    view: View,
    decisions: Sequence[Data],
    effects: Mapping[int, Sequence[Data]],
    columns: Sequence[Column],
    **cells: Callable[[Data], Scalar],
) -> Table:
    changes = _changes(view, decisions, effects)
    rows = rows_of(
        decisions,
        **cells,
        position=lambda one: one["position"],
        decision=lambda one: decision_cell(view, one),
        what=lambda one: changes.get(one["position"]),
        recorded=lambda one: time_cell(one["recordedAt"]),
        by=lambda one: one["recordedBy"],
    )
    none = Text("没有您可以查看的记录。", "There is nothing recorded that is yours to see.")
    return Table("history", Text("历次决定", "History"), columns, rows, none)


async def _effects(view: View, decisions: Sequence[Data]) -> dict[int, Sequence[Data]]:
    """By position what each of these that may have changed something did."""
    effects: dict[int, Sequence[Data]] = {}
    changing = [one for one in decisions if one["type"] in CHANGING]
    for start in range(0, len(changing), AT_ONCE):
        some = changing[start : start + AT_ONCE]
        answers = await asyncio.gather(*(view.ask("decision_effects", position=one["position"]) for one in some))
        for one, answer in zip(some, answers, strict=True):
            effects[one["position"]] = answer["decision"]["effects"] if answer["decision"] else ()
    return effects


def _changes(view: View, decisions: Sequence[Data], effects: Mapping[int, Sequence[Data]]) -> dict[int, str]:
    """By position what each changed from what to what, in sentences; one that replaced nothing is not in it."""
    changes: dict[int, str] = {}
    for one in decisions:
        sentences = _of_old_values(effects.get(one["position"], ()), whole=one["type"] in CORRECTIONS)
        if sentences:
            changes[one["position"]] = "".join(sentences) if view.lang == "zh" else " ".join(sentences)
    return changes


def _of_old_values(effects: Sequence[Data], *, whole: bool) -> list[str]:
    """The sentences of effects that name what read otherwise before; of a correction (`whole`) of all.

    The same change on other days is in it once, with the first of them.
    """
    seen: set[tuple[str, ...]] = set()
    sentences: list[str] = []
    for effect in effects:
        replaced = [one for one in effect["fields"] if one["before"] not in (None, [], False)]
        if not (whole or (replaced and effect["change"] == "changed")):
            continue
        about = (effect["table"], effect["key"], effect["change"])
        news = {(*about, one["field"], str(one["before"]), str(one["after"])) for one in replaced} or {about}
        if news - seen:
            sentences.append(effect["message"])
            seen |= news
    return sentences


async def decisions_naming(view: View, *, instrument: str | None = None, ref: str | None = None) -> list[Data]:
    """All decisions that name an `instrument` or a `ref`, in the order of recording."""
    return await _all(view, "history-of", instrument=instrument, ref=ref)


async def corrections(view: View) -> list[Data]:
    """All decisions that corrected, annulled or reinstated another, in the order of recording."""
    of_types = await asyncio.gather(*(_all(view, "corrections", type=type_) for type_ in CORRECTIONS))
    return sorted((one for rows in of_types for one in rows), key=lambda one: one["position"])


async def _all(view: View, question: str, **variables: Any) -> list[Data]:
    rows: list[Data] = []
    while True:
        after = rows[-1]["position"] if rows else 0
        page = (await view.ask(question, **variables, after=after, first=MOST))["decisions"]
        rows += page
        if len(page) < MOST:
            return rows
