"""Decisions as stored events: a type name and a schema version of their own, never a Python path.

So code can move and old logs stay readable: when a type's shape changes, its VERSION goes up by one and the step from
the old shape to the new one is added to UPCASTS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from eventsourcing.dcb.api import DCBEvent
from eventsourcing.dcb.domain import Tagged
from eventsourcing.dcb.persistence import DCBMapper

from registry.domain.decisions import TYPES, Decision
from registry.domain.lines import to_line

Upcast = Callable[[dict[str, Any]], dict[str, Any]]

# (type, version) of the stored shape → the step to the next version. Every type is still in its first shape.
UPCASTS: Final[dict[tuple[str, int], Upcast]] = {}


@dataclass
class LogEvent(DCBEvent):
    """An event of the log; what the library's event lacks, the log gives on reading."""

    version: int = 1
    at: str = ""  # the decision's day, as it is written in its data
    recorded_at: datetime | None = None
    recorded_by: str | None = None


def decision_of(type_name: str, version: int, data: bytes) -> Decision:
    """The decision of a stored type, version and data, in today's shape."""
    return TYPES[type_name].__pydantic_validator__.validate_json(current_line(type_name, version, data))


def recorded_decision(event: DCBEvent) -> Decision:
    """The decision that an event stores, in today's shape."""
    return decision_of(event.type, event.version if isinstance(event, LogEvent) else 1, event.data)


def current_line(type_name: str, version: int, data: bytes) -> bytes:
    """The stored line in today's shape: as it is, unless its type has changed since."""
    if version == TYPES[type_name].VERSION:
        return data
    fields = orjson.loads(data)
    for old in range(version, TYPES[type_name].VERSION):
        fields = UPCASTS[type_name, old](fields)
    return orjson.dumps(fields)


def event_of(decision: Decision, tags: list[str]) -> LogEvent:
    """The event that stores a decision."""
    return LogEvent(decision.type, to_line(decision), tags, decision.VERSION, decision.at.isoformat())


def own_keys(tags: list[str]) -> list[str]:
    """Of an event's tags, the keys of the aggregates it is about; the others have `@` before the key."""
    return [tag for tag in tags if not tag.startswith("@")]


class DecisionMapper(DCBMapper[Decision]):
    """Between decisions and stored events, for the library's event store."""

    def to_dcb_event(self, event: Tagged[Decision]) -> LogEvent:
        """The event that stores this decision."""
        decision = event.decision
        return event_of(decision, event.tags)

    def to_domain_event(self, event: DCBEvent) -> Tagged[Decision]:
        """The decision that this event stores."""
        return Tagged(event.tags, recorded_decision(event))
