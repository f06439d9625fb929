"""What the log says of an aggregate that a file names too, as both comparisons of files with the log need it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import psycopg

from registry.domain.aggregates import KINDS, Aggregate
from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.domain.lines import to_object
from registry.exchange.published.files import NOTE, Entry
from registry.log.events import own_keys, recorded_decision
from registry.log.recorder import LogRecorder, streams


@dataclass(slots=True)
class RecordedState:
    """One aggregate as the log has it: all that was decided of it, and what of that came from the files."""

    fields: Entry = field(default_factory=dict[str, Any])
    loaded: Entry = field(default_factory=dict[str, Any])  # empty: none of it came from the files
    ended: str | None = None  # retired, repealed or withdrawn, on this day
    ended_by_files: bool = False
    history: list[Entry] = field(default_factory=list[Entry])  # its decisions, in the order of the log

    @property
    def base(self) -> Entry:
        """What to compare a file with."""
        return self.loaded or self.fields

    def apply(self, decision: Entry) -> None:
        """Take in the next decision on the aggregate."""
        self.history.append(decision)
        ours = decision.get("note") == NOTE
        step = TYPES[decision["type"]].STEP
        if step is Step.ENDS:
            self.ended, self.ended_by_files = decision["at"], ours
            return
        began = step is Step.INTRODUCES
        stated = {name: value for name, value in decision.items() if began or name not in ("type", "at")}
        self.fields |= stated
        if ours:
            self.loaded |= stated


def folded(connection: psycopg.Connection, keys: Iterable[str]) -> dict[str, RecordedState]:
    """What is recorded of these aggregates as corrected so far, by key; those of which nothing stands are not there."""
    aggregates: dict[str, Aggregate] = {}
    wanted = set(keys)
    if not wanted:  # of no stream is of every stream: the whole log would be read
        return {}
    for sequenced in LogRecorder(connection).read(streams(wanted)):
        decision = recorded_decision(sequenced.event)
        for key in wanted.intersection(own_keys(sequenced.event.tags)):
            aggregate = aggregates.get(key)
            if aggregate is None:
                aggregate = aggregates[key] = KINDS[key.partition(":")[0]]()
            aggregate.apply(sequenced.position, decision)
    states: dict[str, RecordedState] = {}
    for key, aggregate in aggregates.items():
        if aggregate.in_effect:
            states[key] = RecordedState()
            for _, decision in aggregate.effective():
                states[key].apply(dict(to_object(decision)))
    return states


def lineage(code: str, name: str, states: Mapping[str, RecordedState]) -> Iterator[tuple[int, RecordedState]]:
    """The item and those entered in its stead (7, 7-2, 7-3 …), oldest first."""
    number = 1
    while (state := states.get(f"item:{code}#{numbered(name, number)}")) is not None:
        yield number, state
        number += 1


def numbered(name: str, number: int) -> str:
    """The id of what takes the place of another: 7, 7-2, 7-3 …"""
    return name if number == 1 else f"{name}-{number}"


def after(day: str, state: RecordedState) -> str:
    """That day, or the first on which the aggregate can end: an end is after its start."""
    begun = date.fromisoformat(state.fields["at"])
    return max(day, (begun + timedelta(days=1)).isoformat())


def differing(wanted: Entry, base: Entry, fields: tuple[str, ...]) -> list[str]:
    """The fields that differ; an empty list is as good as none."""
    return [name for name in fields if (wanted.get(name) or None) != (base.get(name) or None)]
