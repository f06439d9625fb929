"""Whether to answer, to ask back with two choices, or to say that nothing was understood.

A wrong yes does harm, a wrong no sends somebody the wrong way, a question costs a moment: so a yes needs more than a
no, and what is not sure is asked back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry.queries.certificates.status import Certificate

SURE: Final = 0.55  # so likely a certificate is named without asking back,
RIVAL: Final = 0.2  # where no other one on the lists is likelier than this,
SURE_UNREQUESTED: Final = 0.8  # and so likely where no paper is spoken of: people come to talk
UNLISTED_BESIDE: Final = 0.12  # in both cases where those off the lists together are no likelier than this;
YES: Final = 0.97  # and so likely one that the village may issue, where a paper is spoken of,
NO_BESIDE: Final = 0.008  # when all forbidden ones together are no likelier than this;
YES_ALIKE: Final = 0.93  # or this likely, and so alike to a name or saying of it,
ALIKE: Final = 0.78
ALIKE_UNASKED: Final = 0.82  # where nothing is said to be wanted,
NO_BESIDE_ALIKE: Final = 0.05  # when the forbidden ones are no likelier than this
NAMED: Final = 0.68  # or so alike to a name or saying, or
OF_UNLISTED: Final = 0.6  # this much of what is off the lists, one off the lists is told by its name
CHANCE: Final = 0.005  # a less likely one is no choice to offer;
UNLIKELIER: Final = 0.4  # nor where several may be meant one so much less likely than one off the lists
FAINT: Final = 0.15  # less likely
FAINTLY_ALIKE: Final = 0.5  # and less alike than this is chance
SILENT: Final = 0.6  # so likely it is that nothing was asked for
SEVERAL: Final = 0.05  # so likely it is that several may be meant it is asked back,
SEVERAL_BESIDE: Final = 0.03  # or so likely,
LIKELY_BESIDE: Final = 0.97  # where the first is less likely than this,
VAGUE: Final = 0.2  # or so likely by the model for this alone,
VAGUE_THOUGH_SURE: Final = 0.6  # this likely where the first is at least so likely,
ALL_BUT_SURE: Final = 0.97
VAGUE_THOUGH_NAMED: Final = 0.4  # and this likely where the first is at least so alike to a name or saying of it;
ITS_VERY_NAME: Final = 0.97
OF_ITS_NAME: Final = 0.9  # and in both cases less alike than this to a name or saying of it
CLEARLY: Final = 3.0  # so many times likelier than any other one off the lists is named without asking back
HOW: Final = 0.2  # and this likely is enough where it is a question without a paper,
QUESTION: Final = 0.05  # or this likely, where nothing is said to be wanted either
ANOTHER: Final = Certificate("UNLISTED", None, "别的证明", None, None, None, None, (), None, None, (), ())


@dataclass(frozen=True, slots=True)
class Likely:
    """A certificate, how likely it is meant, and how alike one of its names and sayings is; both from 0 to 1."""

    certificate: Certificate
    share: float
    alike: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What the models heard, all from 0 to 1 and together 1: `likely`, the likeliest first, and what is none of these.

    `off_list`: a paper that is none of them; `no_request`: nothing is asked for; `several`: it may mean several.
    `vague`, apart from these: how likely several are meant by the model that tells nothing else.
    """

    likely: Sequence[Likely]
    off_list: float
    no_request: float
    several: float
    vague: float


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is said: `paper`, one is spoken of; `slip`, or a slip or stamp; `wants`, or something is wanted.

    `asks`: it is a question; `asks_how`: one that speaks of no paper. `foreign`: it has no Chinese letter.
    """

    paper: bool
    slip: bool
    wants: bool
    asks: bool
    asks_how: bool
    foreign: bool


def decided(heard: Heard, manner: Manner) -> tuple[Certificate, ...] | None:
    """The certificate, or two to choose from; none where one is asked for that is on no list; None: no request."""
    if manner.asks_how and heard.no_request >= HOW:
        return None
    if manner.asks and not (manner.slip or manner.wants) and heard.no_request >= QUESTION:
        return None
    # Whatever is on no list is answered alike, known to the words or not.
    unlisted = heard.off_list + sum(one.share for one in heard.likely if one.certificate.status == "UNLISTED")
    listed = [one for one in heard.likely if one.certificate.status != "UNLISTED"]
    if not listed:
        return None if heard.no_request > unlisted else _off_the_lists(heard)
    first = listed[0]
    of_one = 1.0 - heard.several
    silent = heard.no_request >= SILENT * of_one or not manner.paper
    if silent and heard.no_request > max(unlisted, first.share, heard.several):
        return None
    if manner.foreign and not manner.paper and first.alike < FAINTLY_ALIKE:
        return None
    vague = _may_be_several(heard.vague, first)
    several = vague or (heard.several >= SEVERAL and first.alike < OF_ITS_NAME)
    needed = SURE if manner.paper else SURE_UNREQUESTED
    if unlisted >= needed or (unlisted >= CLEARLY * first.share and not several):
        return _off_the_lists(heard, needed)
    if first.share < FAINT * of_one and first.alike < FAINTLY_ALIKE and not several:
        return () if manner.paper else None  # a paper that nobody here has heard of
    forbidden = sum(one.share for one in listed if one.certificate.status == "FORBIDDEN")
    rival = max((one.share for one in listed[1:]), default=0.0)
    sure = first.share >= needed and unlisted <= UNLISTED_BESIDE and rival <= RIVAL
    if first.certificate.status == "ALLOWED":
        sure = _sure_to_be_allowed(first, forbidden, manner)
    unsure = heard.several >= SEVERAL_BESIDE and first.share < LIKELY_BESIDE and first.alike < OF_ITS_NAME
    if sure and not several and not unsure:
        return (first.certificate,)
    least = UNLIKELIER * unlisted if vague else max(unlisted, CHANCE)
    second = next((one for one in listed[1:] if one.share > least), None)
    no = next((one for one in listed if one.certificate.status == "FORBIDDEN"), None)
    if first.certificate.status == "ALLOWED" and no is not None and no.share > max(NO_BESIDE, unlisted):
        second = no
    return (first.certificate, second.certificate if second else ANOTHER)


def _may_be_several(vague: float, first: Likely) -> bool:
    """Whether it is asked back however likely the first is; `vague`: how likely several are meant."""
    if first.alike >= ITS_VERY_NAME:
        return vague >= VAGUE_THOUGH_NAMED
    return vague >= (VAGUE if first.share < ALL_BUT_SURE else VAGUE_THOUGH_SURE)


def _off_the_lists(heard: Heard, needed: float = SURE) -> tuple[Certificate, ...]:
    """The certificate that is on no list, by its name where that is clear."""
    named = heard.likely[0] if heard.likely and heard.likely[0].certificate.status == "UNLISTED" else None
    if named is None or named.share <= heard.off_list:
        return ()
    unlisted = heard.off_list + sum(one.share for one in heard.likely if one.certificate.status == "UNLISTED")
    clear = named.share >= min(needed, OF_UNLISTED * unlisted) or named.alike >= NAMED
    return (named.certificate,) if clear else ()


def _sure_to_be_allowed(first: Likely, forbidden: float, manner: Manner) -> bool:
    """Whether a certificate that the village may issue is told; `forbidden`: how likely all forbidden ones together."""
    if manner.asks and not manner.slip:
        return False  # 调解收不收钱 wants no paper
    # Who says of nothing that it is wanted may have come for something else.
    alike = ALIKE if manner.wants else ALIKE_UNASKED
    if first.share >= YES_ALIKE and first.alike >= alike and forbidden <= NO_BESIDE_ALIKE:
        return True
    return manner.slip and first.share >= YES and forbidden <= NO_BESIDE
