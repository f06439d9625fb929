"""What two linear models say of a request: one knows its letters, the other how it sounds.

They are trained by `tools.certificates` from the sayings there and the vocabulary, and lie beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from registry.checker.names.normalise import letters
from registry.queries.certificates import pinyin
from registry.queries.certificates.reading import unasked, wanted
from registry.queries.certificates.vocabulary import Vocabulary
from registry.text import linear

OFF_LIST: Final = "清单外"  # a certificate is asked for that none of the others is
NO_REQUEST: Final = "听不懂"  # nothing is asked for that a certificate would answer
LETTERS: Final = Path(__file__).parent / "letters.model"
SOUNDS: Final = Path(__file__).parent / "sounds.model"
SOUND: Final = 0.8  # what how it sounds weighs beside its letters
_RUNS: Final = (3, 4, 5)  # letters of pinyin
# The word for the paper stands in most requests, says nothing of which, and would speak for what is asked most often.
_PAPER: Final = re.compile("证明(?:一下|书|信)?|証明|證明|证名|正明|政明|证眀|眀|zh?eng ?ming?")


def by_letters(text: str, vocabulary: Vocabulary) -> set[str]:
    """The pieces of a request by its letters, and by those that are left without fillers, synonyms made alike."""
    heard = _PAPER.sub("，", unasked(wanted(text)))
    return {*linear.grams(letters(heard)), *linear.grams(vocabulary.core(heard), (1, 2), mark="=")}


def by_sound(text: str) -> set[str]:
    """The pieces of a request by how it is typed in pinyin, sounds that many do not tell apart made alike."""
    typed = pinyin.typed(pinyin.syllables(letters(_PAPER.sub("，", unasked(wanted(text))))))
    return set(linear.grams(pinyin.softened(typed), _RUNS))


@cache
def models() -> tuple[linear.Model, linear.Model]:
    """Both models, read once a process: by letters and by sound, of the same classes."""
    return linear.read(LETTERS), linear.read(SOUNDS)


def classes() -> Sequence[str]:
    """What the models tell apart: the first name of each meaning of the vocabulary, OFF_LIST and NO_REQUEST."""
    return models()[0].classes


def logits(text: str, vocabulary: Vocabulary) -> linear.Floats:
    """What speaks for each class: (classes,)."""
    written, spoken = models()
    sums = written.logits(by_letters(text, vocabulary)) + SOUND * spoken.logits(by_sound(text))
    return np.asarray(sums, np.float32)
