"""How likely each answer is the right one, by all that was heard.

What the models say of each class is too sure of itself, most of all where people want a paper that is like one on the
lists. How far it can be trusted is learnt from sayings that they had not learnt: a softmax regression over what they
say and how it is said. `tools.certificates` makes its weights, which lie beside this file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.queries.certificates.heard import Heard, Likely, Manner

FILE: Final = Path(__file__).parent / "chances.json"
LEAST: Final = 1e-4  # shares are cut off here before their logarithm is taken
LEAST_ODDS: Final = 1e-3
ITS_NAME: Final = 0.96  # so alike to a name or saying it is as good as that


class Chances(NamedTuple):
    """How likely what is right, from 0 to 1 and together 1.

    The likeliest certificate on the lists, the second; one on no list; to ask which of several; that nothing was asked
    for; another one on the lists.
    """

    first: float
    second: float
    unlisted: float
    several: float
    nothing: float
    other: float


@dataclass(frozen=True, eq=False)
class Weights:
    """By feature and chance: (features, chances). `about`: what whoever trained them says of them."""

    weights: NDArray[np.float64]
    about: dict[str, Any]


@cache
def weights() -> Weights:
    """The weights, read once a process."""
    content = json.loads(FILE.read_text("utf-8"))
    return Weights(np.array([content["weights"][name] for name in features_named()]), content["about"])


def features_named() -> tuple[str, ...]:
    """The names of the features in their order."""
    return tuple(features(_NOTHING, _SILENCE))


def chances(heard: Heard, manner: Manner) -> Chances:
    """How likely each is right where some certificate on the lists may be meant."""
    logits = np.array(list(features(heard, manner).values())) @ weights().weights
    odds = np.exp(logits - logits.max())
    return Chances(*(odds / odds.sum()).tolist())


def features(heard: Heard, manner: Manner) -> dict[str, float]:
    """What tells how far to trust what was heard, by its name."""
    listed, unlisted = heard.listed, heard.unlisted
    first, first_alike = _at(listed, 0)
    second, second_alike = _at(listed, 1)
    return {
        "always": 1.0,
        "first": _log(first),
        "first odds": _log_odds(first),
        "second": _log(second),
        "unlisted": _log(unlisted),
        "unlisted odds": _log_odds(unlisted),
        "no request": _log(heard.no_request),
        "several": _log(heard.several),
        "vague odds": _log_odds(heard.vague),
        "first alike": first_alike**2,
        "first named": float(first_alike >= ITS_NAME),
        "second alike": second_alike**2,
        "most alike": max((one.alike for one in listed), default=0.0) ** 2,
        "off the lists alike": _at(heard.known_off_list, 0)[1] ** 2,
        "strange": heard.strange,
        "length": math.log(manner.length + 1),
        "allowed": float(bool(listed) and listed[0].certificate.status == "ALLOWED"),
        "paper": float(manner.paper),
        "slip": float(manner.slip),
        "wants": float(manner.wants),
        "asks": float(manner.asks),
        "asks how": float(manner.asks_how),
        "foreign": float(manner.foreign),
        # Of a question that speaks of no paper likeness to a certificate says little: 选举哪天投票 wants none.
        "first, asks how": manner.asks_how * _log(first),
        "first alike, asks how": manner.asks_how * first_alike**2,
        "no request, wants a slip": (manner.slip and not manner.asks) * _log(heard.no_request),
        "unlisted, wants a slip": (manner.slip and not manner.asks) * _log(unlisted),
    }


def _at(ones: Sequence[Likely], index: int) -> tuple[float, float]:
    """Give how likely and how alike one of them is; nothing where there is none."""
    return (ones[index].share, ones[index].alike) if index < len(ones) else (0.0, 0.0)


def _log(share: float) -> float:
    return math.log(max(share, LEAST))


def _log_odds(share: float) -> float:
    return math.log(max(share, LEAST_ODDS) / max(1.0 - share, LEAST_ODDS))


_NOTHING: Final = Heard((), 0.0, 0.0, 0.0, 0.0, 0.0)
_SILENCE: Final = Manner(False, False, False, False, False, False, 0)
