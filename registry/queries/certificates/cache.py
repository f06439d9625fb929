"""What is worked out from the lists for a village, cached while the log says nothing that could change it.

The words that people ask are no part of it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import nlargest
from operator import itemgetter
from typing import Any, Final
from weakref import WeakValueDictionary

from cachetools import LRUCache

from registry.domain.dates import today
from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.queries.certificates import status
from registry.queries.certificates.services import Service, services
from registry.queries.certificates.status import Matter, VillageCertificates
from registry.queries.certificates.understanding import Bearers, bearers, off_list
from registry.relations.two_times import LAST, AsOf

VILLAGES: Final = 8192  # of a day whose lists are known by their codes
BYTES: Final = 64 * 1024 * 1024  # about, of what stands for villages on all days together
CERTIFICATE: Final = 7_000  # bytes, about, of one of them with the words that it goes by
COMPARED: Final = 4  # earlier heads of the log, the newest, that a new one is compared with
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


@dataclass(frozen=True, eq=False)
class LogCertificates:
    """All certificates of the log on a day, and the services that are offered; what was made of them for villages.

    `villages`: by their codes, as long as they are kept; those that the same lists reach are one.
    """

    matters: tuple[Matter, ...]
    bearers: Bearers
    services: tuple[Service, ...]
    villages: WeakValueDictionary[str, Village] = field(default_factory=WeakValueDictionary[str, "Village"])


@dataclass(frozen=True, eq=False)
class Village:
    """What stands for a village, and for certificates on none of its lists what the log knows."""

    certificates: VillageCertificates
    bearers: Bearers
    others: LogCertificates


def size(village: Village) -> int:
    """The bytes that what stands for a village takes, about."""
    return CERTIFICATE * (len(village.certificates.certificates) + 1)


Day = tuple[Head, date]
# What stands for villages: by the day, and by the lists that reach them, with their items.
_villages: LRUCache[tuple[Day, Hashable], Village] = LRUCache(BYTES, getsizeof=size)


class _Days(LRUCache[Day, LogCertificates]):
    """What the log knew on the last days asked about: what is let go lets its villages go, which hold on to it."""

    def popitem(self) -> tuple[Day, LogCertificates]:
        day, known = super().popitem()
        for key in [key for key in _villages if key[0] == day]:
            del _villages[key]
        return day, known


_versions: LRUCache[Head, Head] = LRUCache(64)  # by the head of a log the first one that says the same
_known: _Days = _Days(8)


async def village(reader: Any, code: str, as_of: date | None) -> Village:
    """Give what the lists say of certificates in a village on a day (today), at the newest position of the log.

    Raises UnknownVillage.
    """
    version, moment = await _newest(reader, as_of)
    known, day = await _log_certificates(reader, version, moment), (version, moment.valid_at)
    if (cached := known.villages.get(code)) is not None:
        return cached
    lists, items = await status.items(reader, moment, code)
    key = day, (lists, items)
    shared = _villages.get(key)
    if shared is None or shared.others is not known:
        certificates = status.certificates_of_village(lists, items, known.matters)
        shared = Village(certificates, bearers(certificates.certificates), known)
        # Its day may have been let go meanwhile.
        if _known.get(day) is known and size(shared) <= BYTES:
            _villages[key] = shared
    if len(known.villages) >= VILLAGES:
        known.villages.clear()
    known.villages[code] = shared
    return shared


async def known(reader: Any, as_of: date | None) -> LogCertificates:
    """Give what the log knows of certificates and services on a day (today), at its newest position."""
    return await _log_certificates(reader, *await _newest(reader, as_of))


async def _newest(reader: Any, as_of: date | None) -> tuple[Head, AsOf]:
    newest = await reader.fetchrow(HEAD)
    head: Head = (0, None) if newest is None else (newest["position"], newest["recorded_at"])
    return await _version(reader, head), AsOf(min(as_of or today(), LAST), head[0])


async def _log_certificates(reader: Any, version: Head, moment: AsOf) -> LogCertificates:
    known = _known.get((version, moment.valid_at))
    if known is None:
        matters = await status.matters(reader, moment)
        offered = await services(reader, moment)
        known = _known[version, moment.valid_at] = LogCertificates(matters, off_list(matters), offered)
    return known


async def _version(reader: Any, head: Head) -> Head:
    """Give the head from which on the log says the same of units, matters and lists."""
    version = _versions.get(head)
    if version is None:
        version = head
        earlier = nlargest(COMPARED, (before for before in _versions if before[0] < head[0]), key=itemgetter(0))
        for before in earlier:
            if await reader.fetchval(SAME, *before, head[0], INDIFFERENT):
                version = _versions.get(before, before)
                break
        _versions[head] = version
    return version
