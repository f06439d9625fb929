"""A believable county to try the registry on: Yicheng 宜城市 in Hubei, with stories of what goes wrong and well.

Divisions are real; organs, documents, figures and everything that happens are made up after real cases, unless
docs/reference/demo.md says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from registry import data_files
from registry.demo import papers, stories, tasks, units
from registry.demo.tables import Line
from registry.domain.decisions import TYPES
from registry.domain.lines import from_object, to_line
from registry.domain.words import LEVELS
from registry.exchange import published
from registry.recording.journal_import import Imported, import_journal

# On one day decisions are recorded in the contract's order of types, in which they can name each other, but these right
# after another type: what takes away comes after all that hands down, a unit's new name before what else is revised.
_AFTER = {
    "UnitRenamed": "UnitRegistered",
    "ResourcesAllotted": "CertificateDemanded",
    "DelegationEnded": "CertificateDemanded",
    "PowerDivested": "CertificateDemanded",
    "InstrumentRepealed": "CertificateDemanded",
}
_TYPES, _MOVED = list(TYPES), list(_AFTER)
_ABOVE = ("00", "42")
_RANK = {level: rank for rank, level in enumerate(LEVELS)}


def journal() -> Iterator[Line]:
    """The county's decisions, in the order of their days, ready for the log once the published lists are loaded.

    A story's decision with `recorded` came to the clerk's desk only on that later day and stands there in the order.
    """
    whole = [*units.decisions(), *papers.decisions(), *tasks.decisions(), *stories.decisions()]
    whole.sort(key=_desk)
    for decision in whole:
        yield {key: value for key, value in decision.items() if key != "recorded"}


def complete() -> Iterator[Line]:
    """The published lists and the county, as one journal for an empty registry.

    The centre and the province come first: a published list may be Hubei's own.
    """
    county = list(journal())
    above = [line for line in county if line["type"] == "UnitRegistered" and line["unit"] in _ABOVE]
    yield from above
    yield from published.decisions(data_files.path("lists"), {line["unit"]: line["at"] for line in above})
    yield from (line for line in county if line not in above)


def lines() -> Iterator[bytes]:
    """The complete journal as a file has it, each line with its end."""
    for decision in complete():
        yield to_line(from_object(decision)) + b"\n"


def record(connection: psycopg.Connection) -> Imported:
    """Record the published lists and the county, all or nothing; what is recorded already is passed over.

    Raises JournalRefused where something else was recorded under the same codes.
    """
    return import_journal(connection, lines(), recorded_by="registry demo")


def _desk(decision: Line) -> tuple[object, ...]:
    """When a decision came to the clerk's desk; units of one day from above downwards, governments first."""
    return (
        decision.get("recorded", decision["at"]),
        *_order(decision["type"]),
        _RANK.get(decision.get("level", ""), 0) if decision["type"] == "UnitRegistered" else 0,
        decision.get("kind") != "government",
    )


def _order(type_: str) -> tuple[int, int]:
    """Return where decisions of a type come on a day."""
    return _TYPES.index(_AFTER.get(type_, type_)), _MOVED.index(type_) + 1 if type_ in _AFTER else 0
