"""Decisions about something as a table: what each decided and changed, as a link to it, when and by whom recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.domain.text import Text
from registry.queries.history.headlines import CORRECTIONS
from registry.web.console.tables import ALL, PAGE, Column, Table, page_number, rows_of
from registry.web.console.words import decision_cell, time_cell
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
AT_ONCE: Final = 8  # decisions of whose effects is asked side by side
# What may leave something that held before reading otherwise.
CHANGING: Final = frozenset(["Corrected", *(name for name, type_ in TYPES.items() if type_.STEP is Step.CHANGES)])


async def decision_table(view: View, decisions: Sequence[Data]) -> Table:
    """The table `history`, in the order given; each decision as `position type at recordedAt recordedBy summary`."""
    changes = await _changes(view, [one for one in _shown(view, decisions) if one["type"] in CHANGING])
    rows = rows_of(
        decisions,
        position=lambda one: one["position"],
        at=lambda one: one["at"],
        decision=lambda one: decision_cell(view, one),
        what=lambda one: changes.get(one["position"]),
        recorded=lambda one: time_cell(one["recordedAt"]),
        by=lambda one: one["recordedBy"],
    )
    none = Text("没有您可以查看的记录。", "There is nothing recorded that is yours to see.")
    return Table("history", Text("历次决定", "History"), COLUMNS, rows, none)


def _shown(view: View, decisions: Sequence[Data]) -> Sequence[Data]:
    """Those of the page that is shown; all where the address has them sorted, filtered or in a file."""
    number = page_number(view.parameter("page"))
    if any(map(view.parameter, ("q", "sort", "format"))) or view.parameter("page") == ALL:
        return decisions
    number = min(number, max(1, -(-len(decisions) // PAGE)))
    return decisions[PAGE * (number - 1) : PAGE * number]


async def _changes(view: View, decisions: Sequence[Data]) -> dict[int, str]:
    """By position what each changed from what to what, in sentences; one that replaced nothing is not in it."""
    changes: dict[int, str] = {}
    for start in range(0, len(decisions), AT_ONCE):
        some = decisions[start : start + AT_ONCE]
        answers = await asyncio.gather(*(view.ask("decision_effects", position=one["position"]) for one in some))
        for one, answer in zip(some, answers, strict=True):
            effects = answer["decision"]["effects"] if answer["decision"] else ()
            sentences = _of_old_values(effects, whole=one["type"] == "Corrected")
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
