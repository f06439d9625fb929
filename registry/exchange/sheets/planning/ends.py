"""Items that end by themselves: 施行至2026年底 is recorded with the entry, as a withdrawal on the day after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from registry.exchange.published.files import Entry
from registry.exchange.published.recorded_state import RecordedState
from registry.exchange.sheets.planning import notes

FIELD: Final = "until"


def end(code: str, item: str, until: date) -> Entry:
    """The withdrawal of an item whose last day is known when it is entered."""
    note = notes.write({FIELD: until.isoformat()})
    at = (until + timedelta(days=1)).isoformat()
    return {"type": "ListItemWithdrawn", "at": at, "list": code, "item": item, "note": note}


def foreseen(item: RecordedState) -> str | None:
    """The day from which an item is off its list because its last day was known when it was entered; else None."""
    if item.ended is None or not item.history or item.history[-1]["type"] != "ListItemWithdrawn":
        return None
    return item.ended if FIELD in notes.read(item.history[-1].get("note")) else None


def in_force(item: RecordedState, day: str) -> bool:
    """Whether an item is on its list on a day, as far as is known: not withdrawn, or to end by itself only later."""
    ends = foreseen(item)
    return item.ended is None or (ends is not None and ends > day)
