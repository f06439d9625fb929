"""What was made of the lists, kept while the log says nothing that could change it.

The words that people ask are no part of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from registry.domain.dates import today
from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.queries.certificates import status as standings
from registry.queries.certificates.status import Matter, Standing
from registry.queries.certificates.understanding import Bearers, bearers, off_list
from registry.relations.two_times import LAST, AsOf

HEADS_KEPT: Final = 64
LOOKED_AT: Final = 4  # of these, the newest
VILLAGES_KEPT: Final = 8192
LISTS_KEPT: Final = 256
DAYS_KEPT: Final = 8
# Decisions that say nothing of units, matters and lists; all others, corrections too, may change what stands.
INDIFFERENT: Final = [
    name
    for name, decision in TYPES.items()
    if decision.aggregate_kind() not in ("unit", "matter", "list", "item") and decision.STEP is not Step.CORRECTS
]
HEAD: Final = "SELECT position, recorded_at FROM log.decision ORDER BY position DESC LIMIT 1"
# Whether the log goes on from where it was, with nothing since that could change what stands.
SAME: Final = """
SELECT EXISTS (SELECT FROM log.decision WHERE position = $1 AND recorded_at = $2)
    AND NOT EXISTS (SELECT FROM log.decision WHERE position > $1 AND position <= $3 AND type <> ALL($4))
"""

# A position, and when its decision was recorded: that tells one log from another.
Head = tuple[int, datetime | None]
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Known:
    """All certificates of the log on a day."""

    matters: tuple[Matter, ...]
    bearers: Bearers


@dataclass(frozen=True, eq=False)
class Village:
    """What stands for a village, and for certificates on none of its lists what the log knows."""

    standing: Standing
    bearers: Bearers
    others: Known


_versions: OrderedDict[Head, Head] = OrderedDict()  # by the head of a log the first one that said the same
_known: OrderedDict[tuple[Head, date], Known] = OrderedDict()
_villages: OrderedDict[tuple[Head, date, str], Village] = OrderedDict()
_by_lists: OrderedDict[Hashable, Village] = OrderedDict()


async def village(reader: Any, code: str, as_of: date | None) -> Village:
    """What stands for a village on a day (today), as of the newest position of the log. Raises UnknownVillage."""
    newest = await reader.fetchrow(HEAD)
    head: Head = (0, None) if newest is None else (newest["position"], newest["recorded_at"])
    moment = AsOf(min(as_of or today(), LAST), head[0])
    version = await _version(reader, head)
    found = _get(_villages, (version, moment.valid_at, code))
    if found is not None:
        return found
    known = _get(_known, (version, moment.valid_at))
    if known is None:
        matters = await standings.matters(reader, moment)
        known = _put(_known, (version, moment.valid_at), Known(matters, off_list(matters)), DAYS_KEPT)
    lists, items = await standings.items(reader, moment, code)
    # Villages that the same lists reach share what is made of these; `others` keeps that identity from being another's.
    same = (lists, items, id(known))
    found = _get(_by_lists, same)
    if found is None:
        standing = standings.standing(lists, items, known.matters)
        found = _put(_by_lists, same, Village(standing, bearers(standing.certificates), known), LISTS_KEPT)
    return _put(_villages, (version, moment.valid_at, code), found, VILLAGES_KEPT)


async def _version(reader: Any, head: Head) -> Head:
    """The head from which on the log says the same of units, matters and lists."""
    version = _get(_versions, head)
    if version is None:
        version = head
        # Others may be asking meanwhile: what was kept is looked at as it was.
        for before, same in tuple(_versions.items())[: -1 - LOOKED_AT : -1]:
            if before[0] < head[0] and await reader.fetchval(SAME, *before, head[0], INDIFFERENT):
                version = same
                break
        _put(_versions, head, version, HEADS_KEPT)
    return version


def _get(kept: OrderedDict[K, T], key: K) -> T | None:
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    return None


def _put(kept: OrderedDict[K, T], key: K, value: T, most: int) -> T:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)
    return value
