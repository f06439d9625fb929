"""Recording the published lists: read what stands, compare, record the difference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psycopg

from registry import data_files
from registry.domain.dates import today
from registry.exchange.published.difference import Conflict, difference
from registry.exchange.published.files import NOTE, Published, read
from registry.exchange.published.recorded_state import RecordedState, folded
from registry.log import recorder
from registry.recording.unit_of_work import record
from registry.relations.two_times import still_known

# What came from the files: the decision that brought it in says so. Of lists, all items.
OURS = f"""
SELECT 'matter:' || m.code FROM matter m JOIN log.decision d ON d.position = m.position
WHERE {still_known("m")} AND convert_from(d.data, 'UTF8')::jsonb ->> 'note' = %(note)s
UNION
SELECT 'list:' || l.code FROM list l JOIN log.decision d ON d.position = l.position
WHERE {still_known("l")} AND convert_from(d.data, 'UTF8')::jsonb ->> 'note' = %(note)s
UNION
SELECT 'item:' || i.list || '#' || i.item FROM item i
WHERE {still_known("i")} AND i.list = ANY(%(lists)s)
"""
SCOPES = f"""
SELECT code, min(valid_from)::text FROM unit
WHERE code = ANY(%s) AND NOT dissolved AND {still_known()} GROUP BY code
"""


@dataclass(slots=True)
class Loaded:
    """What a loading did."""

    recorded: Counter[str] = field(default_factory=Counter[str])  # decisions by type
    conflicts: list[Conflict] = field(default_factory=list[Conflict])  # left as they were
    waiting: list[str] = field(default_factory=list[str])  # lists whose scope is not registered yet


def load(
    connection: psycopg.Connection,
    path: Path | None = None,
    on: date | None = None,
    recorded_by: str | None = None,
) -> Loaded:
    """Record the difference between the files in `path` (else those that come with the program) and the registry.

    Loading twice records nothing the second time. Changes take effect `on` that day (today in China where not given);
    what comes in for the first time, on the day its file says. All or nothing. Raises BadFile, and what record raises.
    """
    published = read(path or data_files.path("lists"))
    with connection.transaction():
        recorder.lock(connection)  # nobody decides between the comparison and the recording
        scopes = _scopes(connection, published)
        made = difference(published, _recorded_states(connection, published), on or today(), scopes)
        counts = Counter[str]()
        if made.decisions:
            done = record(connection, made.decisions, recorded_by=recorded_by)
            # What somebody annulled since is a repeat, and stays as it is.
            recorded = zip(made.decisions, done.positions, strict=True)
            counts.update(decision["type"] for decision, position in recorded if position > done.before)
    return Loaded(counts, made.conflicts, made.waiting)


def _scopes(connection: psycopg.Connection, published: Published) -> dict[str, str]:
    """The units that lists have as their scope, those that exist, with the day from which they do."""
    codes = [adopted["scope"] for adopted in published.lists.values() if "scope" in adopted]
    return dict(connection.execute(SCOPES, (codes,)).fetchall())


def _recorded_states(connection: psycopg.Connection, published: Published) -> dict[str, RecordedState]:
    """What the log says of all that the files name, or named when last loaded."""
    keys = {
        *(f"instrument:{number}" for number in published.instruments),
        *(f"matter:{code}" for code in published.matters),
        *(f"list:{code}" for code in published.lists),
    }
    lists = list(published.lists)
    keys.update(key for (key,) in connection.execute(OURS, {"note": NOTE, "lists": lists}).fetchall())
    return folded(connection, sorted(keys))
