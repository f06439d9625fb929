"""How likely a text beside the items of a list changes what holds for some of them: by its letters, from examples.

A linear model, made by `tools.beside_training` out of sentences that people have sorted (tests/data/beside). It decides
only how a text that nothing understood is asked about: likely ones keep a file from being recorded until somebody has
answered; the others are shown with the question that is always asked before anything is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from registry.checker.names.normalise import simplified
from registry.exchange.sheets.meaning.harmless import Where, clauses
from registry.text import linear

FILE: Final = Path(__file__).with_name("changing.model")
CHANGES: Final = "changes"
HARMLESS: Final = "harmless"
# Chosen on sentences that the model had not seen: of those that change something one in forty is below it.
CUT: Final = 0.5
LONG: Final = 24  # letters of a text in which a clause may be lost among others
SHORTEST: Final = 6  # and of a clause that is looked at by itself

_NUMBER: Final = re.compile(r"[\d零〇一二两三四五六七八九十百千]+")
_SPACES: Final = re.compile(r"\s+")


def pieces(text: str, where: Where) -> set[str]:
    """Give the runs of one to three letters of a text, numbers read as one sign, and where it stands."""
    plain = _NUMBER.sub("#", _SPACES.sub("", simplified(text)))
    return {*linear.grams(plain), f"\x04{where}"}


@cache
def _model() -> linear.Model:
    return linear.read(FILE)


def chance(text: str, where: Where, model: linear.Model | None = None) -> float:
    """How likely a text changes something, from 0 to 1: the whole of it, or the clause that is likeliest to.

    `model`: another than that of the file.
    """
    model = model or _model()
    column = model.classes.index(CHANGES)
    return max(float(model.probabilities(pieces(part, where))[column]) for part in _parts(text))


def may_change(text: str, where: Where) -> bool:
    """Whether a text is to be asked about before anything is recorded."""
    return chance(text, where) >= CUT


def _parts(text: str) -> Iterator[str]:
    yield text
    parts = text.split()
    if len(text) > LONG:
        parts += clauses(text)
    yield from (part for part in parts if SHORTEST <= len(part) < len(text))
