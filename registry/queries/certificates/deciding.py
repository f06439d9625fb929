"""Whether to answer, to ask back with two choices, or to say that nothing was understood.

A wrong yes does harm, a wrong no sends somebody the wrong way, a question costs a moment: so a yes needs more than a
no, and what is not sure is asked back. What serves most is done, by how likely each is right (`chances`).
"""

from __future__ import annotations

from typing import Final

from registry.queries.certificates.chances import Chances, chances
from registry.queries.certificates.heard import Heard, Likely, Manner
from registry.queries.certificates.status import Certificate

# What it is worth, where the right answer at once is worth 1:
QUESTION: Final = -0.25  # to be asked back besides, of what the right one among the choices is worth
MISLED: Final = -0.5  # to be told a certificate that was not meant
SENT_AWAY: Final = -0.15  # to be told that it is on no list, or that nothing was understood, where that is not so
OTHERWISE: Final = 0.9  # to be asked for one and 别的证明 where several may be meant
OUTRIGHT: Final = 0.5  # no certificate less likely than this, by the models, is told without asking back
YES: Final = 0.97  # so likely one that the village may issue, where a paper is spoken of,
NO_BESIDE: Final = 0.008  # when all forbidden ones together are no likelier than this;
YES_ALIKE: Final = 0.93  # or this likely, and so alike to a name or saying of it,
ALIKE: Final = 0.78
ALIKE_UNASKED: Final = 0.82  # where nothing is said to be wanted,
NO_BESIDE_ALIKE: Final = 0.05  # when the forbidden ones are no likelier than this
ITS_NAME: Final = 0.96  # so alike to a name or saying of it,
ALONE: Final = 0.9  # and so likely, it is told without more ado,
VAGUE: Final = 0.4  # unless it is this likely that several may be meant
NAMED: Final = 0.68  # so alike to a name or saying, or
OF_UNLISTED: Final = 0.4  # this much of what is off the lists, one off the lists is told by its name
FAINTLY_ALIKE: Final = 0.5  # less alike to anything, what is neither Chinese nor about a paper is no request
ANOTHER: Final = Certificate("UNLISTED", None, "别的证明", None, None, None, None, (), None, None, (), ())


def decided(heard: Heard, manner: Manner) -> tuple[Certificate, ...] | None:
    """The certificate, or two to choose from; none where one is asked for that is on no list; None: no request."""
    listed = heard.listed
    if not listed:
        return None if heard.no_request > heard.unlisted else _off_the_lists(heard)
    first, second = listed[0], (listed[1] if len(listed) > 1 else None)
    if manner.foreign and not manner.paper and first.alike < FAINTLY_ALIKE:
        return None
    if manner.asks_how and not manner.wants:
        return None  # 独生子女的钱咋领 wants nothing written, whatever it is about
    forbidden = sum(one.share for one in listed if one.certificate.status == "FORBIDDEN")
    allowed = first.certificate.status == "ALLOWED"
    sure_enough = first.share >= OUTRIGHT and (not allowed or _sure_to_be_allowed(first, forbidden, manner))
    if sure_enough and _its_name(heard, first, manner):
        return (first.certificate,)
    likely = chances(heard, manner)
    answers: list[tuple[float, tuple[Certificate, ...] | None]] = [
        (_worth(likely.nothing, SENT_AWAY), None),
        (_worth(likely.unlisted, SENT_AWAY), _off_the_lists(heard)),
        *_choices(likely, first, second),
    ]
    if sure_enough:
        answers.append((_worth(likely.first, MISLED), (first.certificate,)))
    return max(answers, key=lambda answer: answer[0])[1]


def _its_name(heard: Heard, first: Likely, manner: Manner) -> bool:
    """Whether it is as good as a name of the first, and nothing else may be meant."""
    alone = first.share >= ALONE and heard.vague < VAGUE
    return alone and first.alike >= ITS_NAME and (manner.slip or not manner.asks)


def _worth(right: float, wrong: float) -> float:
    """What an answer is worth that is right so likely, and else worth `wrong`."""
    return right + (1.0 - right) * wrong


def _choices(likely: Chances, first: Likely, second: Likely | None) -> list[tuple[float, tuple[Certificate, ...]]]:
    """What to ask back, with what each question is worth: the first or the second, the first or one off the lists."""
    either = likely.first + likely.unlisted + OTHERWISE * likely.several
    choices = [((1.0 + QUESTION) * either, (first.certificate, ANOTHER))]
    if second is not None:
        either = likely.first + likely.second + likely.several
        choices.append(((1.0 + QUESTION) * either, (first.certificate, second.certificate)))
    return choices


def _off_the_lists(heard: Heard) -> tuple[Certificate, ...]:
    """The certificate that is on no list, by its name where that is clear."""
    named = heard.known_off_list[0] if heard.known_off_list else None
    if named is None:
        return ()
    clear = named.share >= OF_UNLISTED * heard.unlisted or named.alike >= NAMED
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
