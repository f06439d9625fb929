"""Whether to answer, to ask back with two choices, or to say that nothing was understood.

A wrong yes does harm, a wrong no sends somebody the wrong way, a question costs a moment: so a yes needs more than a
no, and what is not sure is asked back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from registry.queries.certificates.status import Certificate

SURE: Final = 0.8  # so likely a certificate is named without asking back,
SURE_UNREQUESTED: Final = 0.95  # and so likely where neither a paper nor a name is said: people come to talk
YES: Final = 0.97  # and so likely one that the village may issue, where a paper is spoken of,
NO_BESIDE: Final = 0.015  # when all forbidden ones together are no likelier than this;
YES_ALIKE: Final = 0.9  # or this likely, and so alike to a name or saying of it,
ALIKE: Final = 0.78
ALIKE_UNASKED: Final = 0.82  # where nothing is said to be wanted,
NO_BESIDE_ALIKE: Final = 0.05  # when the forbidden ones are no likelier than this
NAMED: Final = 0.68  # or so alike to a name or saying, one off the lists is told by its name
CHANCE: Final = 0.005  # a less likely one is no choice to offer
FAINT: Final = 0.2  # less likely
FAINTLY_ALIKE: Final = 0.5  # and less alike than this is chance
SILENT: Final = 0.5  # so likely it is that nothing was asked for
UNASKED: Final = 0.4  # so likely something must be where no paper is spoken of
UNASKED_UNALIKE: Final = 0.7  # or so likely, where it is like no name or saying and nothing is said to be wanted
HOW: Final = 0.03  # and this likely is enough where it is a question without a paper
ANOTHER: Final = Certificate("UNLISTED", None, "别的证明", None, None, None, None, (), None, None, (), ())


@dataclass(frozen=True, slots=True)
class Likely:
    """A certificate, how likely it is meant, and how alike one of its names and sayings is; both from 0 to 1."""

    certificate: Certificate
    share: float
    alike: float


def decided(
    likely: Sequence[Likely],
    off_list: float,
    no_request: float,
    *,
    paper: bool,
    slip: bool,
    wants: bool,
    asks_how: bool,
) -> tuple[Certificate, ...] | None:
    """The certificate, or two to choose from; none of them where one is asked for that is on no list; None: no request.

    `likely`: the likeliest first. `paper`: a paper is spoken of at all; `slip`: or a slip or stamp; `wants`: or
    something is wanted. `asks_how`: a
    question that speaks of none.
    """
    if asks_how and no_request >= HOW:
        return None
    if not paper:
        some = wants or (bool(likely) and likely[0].alike >= FAINTLY_ALIKE)
        if not likely or max(likely[0].share, off_list) < (UNASKED if some else UNASKED_UNALIKE):
            return None
    requested = paper or (bool(likely) and likely[0].alike >= ALIKE_UNASKED)
    needed = SURE if requested else SURE_UNREQUESTED
    # Whatever is on no list is answered alike, known to the words or not.
    unlisted = off_list + sum(one.share for one in likely if one.certificate.status == "UNLISTED")
    listed = [one for one in likely if one.certificate.status != "UNLISTED"]
    first = listed[0] if listed else None
    if first is None or max(unlisted, no_request) >= first.share:
        if no_request > unlisted and (no_request >= SILENT or not paper):
            return None
        if unlisted >= needed or first is None or unlisted >= 2 * first.share:
            named = likely[0] if likely and likely[0].certificate.status == "UNLISTED" else None
            clear = named is not None and named.share > off_list and (named.share >= needed or named.alike >= NAMED)
            return (named.certificate,) if named and clear else ()
    assert first is not None
    if first.share < FAINT and first.alike < FAINTLY_ALIKE:
        return ()  # a paper that nobody here has heard of
    forbidden = sum(one.share for one in listed if one.certificate.status == "FORBIDDEN")
    if first.certificate.status == "ALLOWED":
        alone = slip and first.share >= YES and forbidden <= NO_BESIDE
        # Who says of nothing that it is wanted may have come for something else.
        alike = ALIKE if wants else ALIKE_UNASKED
        sure = alone or (first.share >= YES_ALIKE and first.alike >= alike and forbidden <= NO_BESIDE_ALIKE)
    else:
        sure = first.share >= needed
    if sure:
        return (first.certificate,)
    second = next((one for one in listed[1:] if one.share > max(unlisted, CHANCE)), None)
    no = next((one for one in listed if one.certificate.status == "FORBIDDEN"), None)
    if first.certificate.status == "ALLOWED" and no is not None and no.share > NO_BESIDE:
        second = no
    return (first.certificate, second.certificate if second else ANOTHER)
