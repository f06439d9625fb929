"""Decisions with what each changed, as `registry history` and `registry decisions` print them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

from registry.cli.lines import at_time, recorded, write
from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.domain.lines import from_object
from registry.domain.text import Text, counted
from registry.queries.history import effects
from registry.queries.history.decisions import Decision
from registry.queries.history.headlines import headlines
from registry.relations.two_times import Reader

# A decision, what it changed, and of a correction what it corrects, in one line.
Explained = list[tuple[Decision, list[effects.Effect], Text | None]]
Question = Callable[[psycopg.Connection[Any], Reader, int], Awaitable[list[Decision]]]


def with_effects(question: Question) -> Callable[[psycopg.Connection[Any], Reader, int], Awaitable[Explained]]:
    """Give the question that also answers what each decision changed."""

    async def explained(connection: psycopg.Connection[Any], reader: Reader, position: int) -> Explained:
        rows = await question(connection, reader, position)
        changed = await effects.effects(reader, [decision.position for decision in rows])
        corrections = [row for row in rows if TYPES[row.type].STEP is Step.CORRECTS]
        lines = await headlines(reader, [from_object(row.data) for row in corrections])
        corrected = {row.position: line for row, line in zip(corrections, lines, strict=True)}
        return [(row, changed.get(row.position, []), corrected.get(row.position)) for row in rows]

    return explained


def print_decisions(rows: Explained, *, as_json: bool) -> None:
    """Print decisions, and what each changed."""
    for decision, changed, headline in rows:
        if as_json:
            listed = [{**_as_object(effect), "message": effect.message._asdict()} for effect in changed]
            write({**(recorded(decision) or {}), "data": decision.data, "effects": listed})
            continue
        by = f"  {decision.recorded_by}" if decision.recorded_by else ""
        print(f"#{decision.position}  {decision.data['at']}  {decision.type}  {at_time(decision.recorded_at)}{by}")
        sentence = headline or TYPES[decision.type].SENTENCE
        print(f"  {sentence.zh} / {sentence.en}")
        for effect in changed:
            print(f"  {effect.message.zh}")
            print(f"  {effect.message.en}")
    if not as_json:
        print(f"共 {len(rows)} 项决定。 / {counted(len(rows), 'decision')}.")


def _as_object(effect: effects.Effect) -> dict[str, Any]:
    fields = [{"field": each.field, "before": each.before, "after": each.after} for each in effect.fields]
    line = {"table": effect.table, "key": effect.key, "change": effect.change}
    return line | {"since": effect.since, "until": effect.until, "fields": fields}
