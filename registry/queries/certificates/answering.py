"""May this village issue the certificate a person asks for in these words?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from registry.domain.dates import today
from registry.domain.text import Text
from registry.queries.certificates import cache, errands, services
from registry.queries.certificates.errands import Errand
from registry.queries.certificates.reading import demander, unspaced
from registry.queries.certificates.services import Service
from registry.queries.certificates.status import Certificate, VillageCertificates, items
from registry.queries.certificates.understanding import bearers, topic, understand
from registry.relations.two_times import LAST, NEWEST, AsOf

LONGEST: Final = 200  # letters of a request; nobody says more at a window


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of several certificates that may be meant; no code where no matter known here is meant."""

    code: str | None
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What in particular was asked about (收入 within 居民财产证明), what to tell of it, and on what that rests."""

    about: Text
    text: Text
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a village may do about what it is asked for.

    `reason`: listed (on a list), closed-list, open-list or no-list (on none), several (choose), empty, too-long,
    nothing-named (a paper, but which?), burden (no certificate, but what is laid on the village), duty (whose duty
    something is), not-understood.
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
    services: tuple[Service, ...] = ()  # those that include it: one application, one window
    advice: Advice | None = None  # of what in particular was asked about
    demander: str | None = None  # who demands, as it was said, what the lists keep the village from issuing
    errand: Errand | None = None  # what was meant where that is no certificate


async def answer(connection: Any, village: str, text: str, as_of: date | None = None, *, before: str = "") -> Answer:
    """The answer for a village (its code) to a request in anybody's words, on a day (today).

    `before`: what was said first, where the text is what was then chosen. Neither is logged or kept. Raises
    UnknownVillage.
    """
    known = await cache.village(connection, village, as_of)
    if not text.strip():
        return Answer("UNKNOWN", "empty")
    if len(text) > LONGEST:
        return Answer("UNKNOWN", "too-long")
    text, on = unspaced(text), as_of or today()
    before = unspaced(before) if len(before) <= LONGEST else ""
    if came_with := errands.errand(text):
        return Answer("UNKNOWN", came_with.reason, errand=came_with)
    understood = understand(text, known.bearers, known.others.bearers)
    closed = known.certificates.closed
    words = f"{before}，{text}" if before else text
    if one := _same_way(understood.certificates, words, on, known):
        understood = replace(understood, certificates=(one,))
    match understood.certificates:
        case (certificate,):
            about = replace(
                _about(certificate, known.certificates),
                services=services.including(known.others.services, certificate.matter),
            )
            return _demanded(_particular(about, certificate, words, on, known), words)
        case ():
            if understood.paper and understood.named and closed:
                return Answer("UNLISTED", "closed-list", basis=tuple(one.instrument for one in closed))
            return Answer("UNKNOWN", "not-understood" if understood.named else "nothing-named")
        case several:
            candidates = tuple(Candidate(one.matter, one.name, one.status) for one in several)
            return Answer("AMBIGUOUS", "several", candidates=candidates)


async def certificates_of(connection: Any, village: str, as_of: date | None = None) -> tuple[Certificate, ...]:
    """Every certificate on lists that reach a village, ALLOWED first, by the lists' order. Raises UnknownVillage."""
    known = await cache.village(connection, village, as_of)
    return tuple(sorted(known.certificates.certificates, key=lambda one: one.status))


async def certificates_meant(connection: Any, text: str, as_of: date | None = None) -> tuple[Certificate, ...]:
    """The certificates that somebody wants, in anybody's words, whatever the village; on a day (today).

    One; several where it cannot be told which; none where no paper is wanted, or none that the log knows. The text is
    neither logged nor kept.
    """
    if not text.strip() or len(text) > LONGEST:
        return ()
    known = await cache.known(connection, as_of)
    understood = understand(unspaced(text), bearers(()), known.bearers)
    return tuple(one for one in understood.certificates if one.matter)


async def services_for(
    connection: Any,
    as_of: date | None = None,
    *,
    village: str | None = None,
    level: str | None = None,
    text: str | None = None,
) -> tuple[Service, ...]:
    """Services that are offered on a day (today), at the newest position; by code, with `text` the likeliest first.

    `village`: those that the lists of services which reach it leave open to it. `level`: those handed in at a window
    of this level. `text`: those meant by it, in anybody's words; it is neither logged nor kept. Raises UnknownVillage.
    """
    known = await cache.known(connection, as_of)
    offered: tuple[Service, ...] = known.services
    if village is not None:
        moment = AsOf(min(as_of or today(), LAST), NEWEST)
        offered = services.open_to(offered, *await items(connection, moment, village, "service"))
    if level is not None:
        offered = services.handed_in_at(offered, level)
    if text is None:
        return offered
    if len(text) > LONGEST:
        return ()
    meant = understand(text, bearers(()), known.bearers).certificates if text.strip() else ()
    return services.spoken_of(offered, text, [one.matter for one in meant if one.matter])


def _same_way(certificates: tuple[Certificate, ...], text: str, on: date, known: cache.Village) -> Certificate | None:
    """The one of several about which something in particular was asked, with whom to go to whichever is meant."""
    if len(certificates) < 2 or any(one.status == "ALLOWED" for one in certificates):
        return None
    for one in certificates:
        about = topic(one, text, on, known.bearers, known.others.bearers)
        if about is not None and about.issuer and about.says:
            return one
    return None


def _particular(answer: Answer, certificate: Certificate, text: str, on: date, known: cache.Village) -> Answer:
    """The answer with what to tell of what in particular was asked about; in place of its own where that misleads."""
    if certificate.status == "ALLOWED":
        return answer  # it would tell of other ways to what the village itself gives
    about = topic(certificate, text, on, known.bearers, known.others.bearers)
    if about is None:
        return answer
    answer = replace(answer, advice=Advice(about.about, about.advice, about.basis))
    if about.issuer is None:
        return answer
    on_lists = {one.instrument for one in known.certificates.lists}
    return replace(
        answer,
        issuer=about.issuer,
        alternative=None,
        materials=(),
        procedure=None,
        online=None,
        basis=tuple(number for number in answer.basis if number in on_lists),
    )


def _demanded(answer: Answer, text: str) -> Answer:
    """The answer with who demands what the lists keep the village from issuing."""
    refused = answer.status == "FORBIDDEN" or answer.reason == "closed-list"
    return replace(answer, demander=demander(text)) if refused else answer


def _about(certificate: Certificate, village: VillageCertificates) -> Answer:
    reason, basis = "listed", certificate.basis
    if certificate.status == "UNLISTED":
        positive = [one for one in village.lists if one.positive]
        reason = "closed-list" if village.closed else "open-list" if positive else "no-list"
        basis = tuple(dict.fromkeys([*(one.instrument for one in village.closed or positive), *basis]))
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
