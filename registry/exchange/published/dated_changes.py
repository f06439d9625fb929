"""What is to be decided so that a loaded matter's dated fields hold from the days that its file gives.

A file says of a dated field what it is from which day on. Where the log has that of another day, the matter is revised
as of the day; where what was loaded for a day is other than the file has it, that loading was wrong and is corrected:
as of a past day the registry then cites what was law on it, and goes on knowing what it cited before.
"""

from __future__ import annotations

from typing import Any

from registry.exchange.published.files import NOTE, Entry
from registry.exchange.published.recorded_state import RecordedState


def dated_changes(wanted: list[Entry], state: RecordedState, names: list[str], on: str) -> list[Entry]:
    """Corrections and revisions, by their days. `wanted`: the definition and revisions of the files, by their days."""
    defined = state.history[0]
    corrected: dict[tuple[str, str], Entry] = {}
    revised: dict[str, Entry] = {}
    for name in names:
        ours = [each for each in state.history if each.get("note") == NOTE and (each is defined or name in each)]
        now: Any = None
        for day in sorted({defined["at"], *(each["at"] for each in [*wanted, *ours] if each["at"] > defined["at"])}):
            value = _on(wanted, name, day)
            loaded = [each for each in ours if each["at"] == day]
            if loaded:
                now = loaded[-1].get(name) or None
            if now != value and loaded and _reached(loaded[-1], state):
                corrected.setdefault((loaded[-1]["type"], day), {})[name] = value
            elif now != value:
                revised.setdefault(day, {})[name] = value
            now = value
    matter = {"matter": defined["matter"]}
    made: list[Entry] = []
    for (kind, day), fields in corrected.items():
        of = {"type": kind} | matter | ({} if kind == "MatterDefined" else {"at": day})
        made.append({"type": "Corrected", "at": on, "of": of, "set": fields, "note": NOTE})
    for day, fields in sorted(revised.items()):
        made.append({"type": "MatterRevised", "at": day} | matter | fields | {"note": NOTE})
    return made


def _on(wanted: list[Entry], name: str, day: str) -> Any:
    """What the files say on a day; before their first, what they say on that."""
    value = wanted[0].get(name)
    for each in wanted[1:]:
        if each["at"] <= day and name in each:
            value = each[name]
    return value or None


def _reached(decision: Entry, state: RecordedState) -> bool:
    """Does a correction that names this decision reach it? It reaches the last one of its type and day."""
    kind, day = decision["type"], decision["at"]
    return [each for each in state.history if each["type"] == kind and each["at"] == day][-1] is decision
