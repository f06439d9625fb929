"""May this village issue the certificate a person asks for in these words?"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from registry.certificates import standing as standings
from registry.certificates.standing import Certificate, Item, Listed, Standing
from registry.certificates.understanding import Bearers, bearers, off_list, understand
from registry.domain.dates import today
from registry.queries.moment import LAST, Moment

LONGEST: Final = 200  # letters of a request; nobody says more at a window
VILLAGES_KEPT: Final = 4096
LISTS_KEPT: Final = 256
MATTERS_KEPT: Final = 8
# Decisions after which the certificates that the log knows may be others.
CHANGING: Final = ["MatterDefined", "MatterRevised", "MatterRetired", "Corrected", "Reinstated", "Annulled"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several certificates that may be meant; no code where no matter known here is meant."""

    code: str | None
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a village may do about what it is asked for.

    `reason`: listed (on a list), closed-list, open-list or no-list (on none), several (choose), empty, too-long,
    nothing-named (a paper, but which?), not-understood.
    """

    status: str  # ALLOWED FORBIDDEN UNLISTED AMBIGUOUS UNKNOWN
    reason: str
    matter: str | None = None
    name: str | None = None
    list: str | None = None
    item: str | None = None
    issuer: str | None = None
    alternative: str | None = None
    materials: tuple[str, ...] = ()
    procedure: str | None = None
    online: str | None = None
    basis: tuple[str, ...] = ()  # instrument numbers: the list's, then the matter's basis
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, eq=False)
class _Village:
    standing: Standing
    bearers: Bearers


_villages: OrderedDict[Hashable, _Village] = OrderedDict()
_by_lists: OrderedDict[Hashable, _Village] = OrderedDict()
_matters: OrderedDict[tuple[int, datetime | None, date], tuple[tuple[standings.Matter, ...], Bearers]] = OrderedDict()


async def answer(connection: Any, village: str, text: str, as_of: date | None = None) -> Answer:
    """The answer for a village (its code) to a request in anybody's words, on a day (today).

    The text is neither logged nor kept. Raises UnknownVillage.
    """
    stands, others = await _read(connection, village, as_of)
    if not text.strip():
        return Answer("UNKNOWN", "empty")
    if len(text) > LONGEST:
        return Answer("UNKNOWN", "too-long")
    understood = understand(text, stands.bearers, others)
    closed = stands.standing.closed
    match understood.certificates:
        case (certificate,):
            return _about(certificate, stands.standing)
        case ():
            if understood.paper and understood.named and closed:
                return Answer("UNLISTED", "closed-list", basis=tuple(one.instrument for one in closed))
            return Answer("UNKNOWN", "not-understood" if understood.named else "nothing-named")
        case several:
            candidates = tuple(Candidate(one.matter, one.name, one.status) for one in several)
            return Answer("AMBIGUOUS", "several", candidates=candidates)


async def certificates_of(connection: Any, village: str, as_of: date | None = None) -> tuple[Certificate, ...]:
    """Every certificate on lists that reach a village, ALLOWED first, by the lists' order. Raises UnknownVillage."""
    stands, _ = await _read(connection, village, as_of)
    return tuple(sorted(stands.standing.certificates, key=lambda one: one.status))


def _about(certificate: Certificate, standing: Standing) -> Answer:
    reason, basis = "listed", certificate.basis
    if certificate.status == "UNLISTED":
        positive = [one for one in standing.lists if one.positive]
        reason = "closed-list" if standing.closed else "open-list" if positive else "no-list"
        basis = tuple(dict.fromkeys([*(one.instrument for one in standing.closed or positive), *basis]))
    return Answer(
        certificate.status,
        reason,
        certificate.matter,
        certificate.name,
        certificate.list,
        certificate.item,
        certificate.issuer,
        certificate.alternative,
        certificate.materials,
        certificate.procedure,
        certificate.online,
        basis,
    )


HEAD: Final = "SELECT position, recorded_at FROM log.decision ORDER BY position DESC LIMIT 1"
# Whether the log goes on from where it was, and without a decision about matters since.
SAME_MATTERS: Final = """
SELECT EXISTS (SELECT FROM log.decision WHERE position = $1 AND recorded_at = $2)
    AND NOT EXISTS (SELECT FROM log.decision WHERE position > $1 AND position <= $3 AND type = ANY($4))
"""


async def _read(connection: Any, village: str, as_of: date | None) -> tuple[_Village, Bearers]:
    """What stands for a village on a day, and all certificates of the log, as of its newest position.

    Kept while the log has not gone on; the time at which its last decision was recorded tells one log from another.
    """
    head = await connection.fetchrow(HEAD)
    position, recorded_at = (0, None) if head is None else (head["position"], head["recorded_at"])
    moment = Moment(min(as_of or today(), LAST), position)
    key = (position, recorded_at, moment.as_of, village)
    known, others = await _known(connection, moment, recorded_at)
    found = _get(_villages, key)
    if found is None:
        lists, items = await standings.items(connection, moment, village)
        found = _put(_villages, key, _village(lists, items, known), VILLAGES_KEPT)
    return found, others


def _village(lists: tuple[Listed, ...], items: tuple[Item, ...], known: tuple[standings.Matter, ...]) -> _Village:
    """Villages that the same lists reach share what is made of these."""
    key = (lists, items, id(known))
    found = _get(_by_lists, key)
    if found is None:
        standing = standings.standing(lists, items, known)
        found = _put(_by_lists, key, _Village(standing, bearers(standing.certificates)), LISTS_KEPT)
    return found


async def _known(
    connection: Any, moment: Moment, recorded_at: datetime | None
) -> tuple[tuple[standings.Matter, ...], Bearers]:
    """All certificates of the log on a day; read again when a decision about matters was recorded."""
    key = (moment.known, recorded_at, moment.as_of)
    found = _get(_matters, key)
    if found is not None:
        return found
    # Others may be asking meanwhile: what was kept is looked at as it was.
    for before, kept in reversed(tuple(_matters.items())):
        position, time, day = before
        if day == moment.as_of and await connection.fetchval(SAME_MATTERS, position, time, moment.known, CHANGING):
            _matters.pop(before, None)
            return _put(_matters, key, kept, MATTERS_KEPT)
    known = await standings.matters(connection, moment)
    return _put(_matters, key, (known, off_list(known)), MATTERS_KEPT)


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
