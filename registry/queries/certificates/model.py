"""What linear models say of a request: one knows its letters, another how it sounds, the third both.

The first two tell which certificate is meant, the third only whether it may be several.

They are trained by `tools.certificates` from the sayings there and the vocabulary, and lie beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from registry.checker.names.normalise import letters
from registry.queries.certificates import pinyin, reading
from registry.queries.certificates.reading import unasked, wanted
from registry.queries.certificates.vocabulary import Vocabulary
from registry.text import linear

OFF_LIST: Final = "清单外"  # a certificate is asked for that none of the others is
NO_REQUEST: Final = "听不懂"  # nothing is asked for that a certificate would answer
SEVERAL: Final = "好几种"  # what is said may mean any of several
LETTERS: Final = Path(__file__).parent / "letters.model"
SOUNDS: Final = Path(__file__).parent / "sounds.model"
VAGUE: Final = Path(__file__).parent / "vague.model"
ONE: Final = "一种"  # the other class of the third model, beside SEVERAL
SOUND: Final = 1.2  # what how it sounds weighs beside its letters
_RUNS: Final = (3, 4, 5)  # letters of pinyin
_SYLLABLES: Final = (1, 2)
_MARKS: Final = "=#!@"  # how pieces begin that are no letters as they stand
_LENGTHS: Final = (3, 5, 8, 13, 22)  # letters: requests are told apart by which of these they do not exceed
# The word for the paper stands in most requests, says nothing of which, and would speak for what is asked most often.
_PAPER: Final = re.compile("证明(?:一下|书|信)?|証明|證明|证名|正明|政明|证眀|眀|zh?eng ?ming?")


def pieces(text: str, vocabulary: Vocabulary) -> tuple[set[str], set[str]]:
    """The pieces of a request for either model: by its letters, and by how it sounds; how it is said is in both.

    By letters: as they are, without fillers and with synonyms made alike, and with words for things of one kind as that
    kind; what stands by the word for the paper once more, for a story tells of other things too. By sound: as it is
    typed in pinyin, sounds that many do not tell apart made alike, and by syllables.
    """
    request = unasked(wanted(text))
    heard = _PAPER.sub("，", request)
    plain, manner = letters(heard), by_manner(text, vocabulary)
    spoken = [pinyin.blurred(syllable) for syllable in pinyin.syllables(plain)]
    written = {
        *linear.grams(plain),
        *linear.grams(vocabulary.core(heard), (1, 2), mark="="),
        *linear.grams(vocabulary.by_kind(plain), mark="#"),
        *linear.grams("".join(part for part, says in vocabulary.parts(request) if says), (1, 2), mark="@"),
        *manner,
    }
    return written, {
        *linear.grams(pinyin.typed(spoken), _RUNS),
        *linear.grams(spoken, _SYLLABLES, mark="$"),
        *manner,
    }


def by_manner(text: str, vocabulary: Vocabulary) -> set[str]:
    """Pieces for how it is said: whether a paper, a slip, a wish are spoken of, whether it asks, how long it is."""
    paper = int(vocabulary.asks_for_paper(text))
    slip, wish = int(reading.speaks_of_slip(text)), int(reading.wants(text))
    asks, how = int(reading.asks(text)), int(reading.asks_how(text))
    length = sum(len(letters(text)) > limit for limit in _LENGTHS)
    return {
        f"!paper{paper}",
        f"!slip{slip}",
        f"!wish{wish}",
        f"!asks{asks}",
        f"!how{how}",
        f"!length{length}",
        f"!paper{paper} asks{asks}",
        f"!slip{slip} wish{wish}",
        f"!slip{slip} how{how} asks{asks}",
        f"!paper{paper} length{length}",
        f"!slip{slip} wish{wish} asks{asks} length{length}",
    }


def joint(written: set[str], spoken: set[str]) -> set[str]:
    """The pieces by letters and by sound together, none taken for one of the others."""
    return written | {f"~{piece}" for piece in spoken}


class Models(NamedTuple):
    """By letters and by sound, of the same classes; and whether it may be several.

    The classes are the first name of each meaning of the vocabulary, OFF_LIST, NO_REQUEST, SEVERAL.
    """

    letters: linear.Model
    sounds: linear.Model
    vague: linear.Model

    @property
    def classes(self) -> Sequence[str]:
        """What the first two tell apart."""
        return self.letters.classes


@cache
def models() -> Models:
    """The models that come along, read once a process."""
    return Models(linear.read(LETTERS), linear.read(SOUNDS), linear.read(VAGUE))


def classified(text: str, vocabulary: Vocabulary, of: Models) -> tuple[linear.Floats, float, float]:
    """What speaks for each class: (classes,); from 0 to 1 how likely several may be meant, and how strange it is.

    Strange is how many of its pairs of letters stand in no saying.
    """
    written, spoken = pieces(text, vocabulary)
    sums = of.letters.logits(written) + SOUND * of.sounds.logits(spoken)
    vague = of.vague.probabilities(joint(written, spoken))[of.vague.classes.index(SEVERAL)]
    pairs = [piece for piece in written if len(piece) == 2 and piece[0] not in _MARKS]
    strange = sum(piece not in of.letters.rows for piece in pairs) / max(1, len(pairs))
    return np.asarray(sums, np.float32), float(vague), strange
