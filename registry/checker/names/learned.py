"""As which burdens a name reads by its letters: two linear models, learned from names that people have sorted.

The first says how likely a name is that of a burden at all, the second of which. `tools.disguised_training` makes both
files from tests/data/disguised and the thesaurus; docs/explanation/disguised.md says how well they tell.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from registry.checker.names.normalise import normalised
from registry.text import linear

FOLDER: Final = Path(__file__).parent / "weights"
BURDEN_FILE: Final = FOLDER / "burden.model"
KIND_FILE: Final = FOLDER / "kind.model"

BURDEN: Final = "burden"  # the classes of the first model; those of the second are the thesaurus's burdens
LAWFUL: Final = "lawful"

NUMBER: Final = re.compile("[0-9零一二两三四五六七八九十百千万]+")
_ANY_NUMBER: Final = "#"
_KEPT: Final = 1 << 16  # so many names
_SHORTEST: Final = 4  # letters


@dataclass(frozen=True, eq=False)
class Models:
    """Whether a name is that of a burden, and of which; `version` follows from both files."""

    burden: linear.Model
    kind: linear.Model
    version: str


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """How likely a name is a burden's (0 to 1), and if so, whose: (classes of the second model,), together 1."""

    burden: float
    kinds: NDArray[np.float32]


@cache
def load_models() -> Models:
    """Read both models, once a process; a few milliseconds. Raises linear.UnusableModel, OSError."""
    contents = [file.read_bytes() for file in (BURDEN_FILE, KIND_FILE)]
    version = hashlib.sha256(b"".join(contents)).hexdigest()[:16]
    burden, kind = map(linear.decode, contents)
    return Models(burden, kind, version)


def pieces(name: str) -> set[str]:
    """Give the runs of one to three letters of a name, and those around a number with any other in its stead.

    每天五百赞 shares 天# and #赞 with 每天两百赞.
    """
    text = normalised(name)
    runs = set(linear.grams(text))
    numberless = NUMBER.sub(_ANY_NUMBER, text)
    if numberless != text:
        runs.update(run for run in linear.grams(numberless, (2, 3)) if _ANY_NUMBER in run)
    return runs


_read: Final[LRUCache[str, Learned]] = LRUCache(_KEPT)
_lock: Final = Lock()  # the server checks in several threads


def learned(names: Sequence[str]) -> list[Learned]:
    """Read names, many at once; each name is read once and kept."""
    texts = [normalised(name) for name in names]
    with _lock:
        results = {text: one for text in texts if (one := _read.get(text)) is not None}
    new = [text for text in dict.fromkeys(texts) if text not in results]
    if new:
        models = load_models()
        runs = [pieces(text) for text in new]
        burdens = models.burden.probabilities_of(runs)[:, models.burden.classes.index(BURDEN)].tolist()
        kinds = models.kind.probabilities_of(runs)
        fresh = {text: Learned(burden, row) for text, burden, row in zip(new, burdens, kinds, strict=True)}
        results |= fresh
        with _lock:
            _read.update(fresh)
    return [results[text] for text in texts]


def says_enough(name: str) -> bool:
    """Whether a name is long enough, and Chinese enough, for its letters to tell anything."""
    text = normalised(name)
    return len(text) >= _SHORTEST and 2 * sum("\u4e00" <= letter <= "\u9fff" for letter in text) >= len(text)


def telling_letters(name: str, burden: str) -> list[float]:
    """Give what each letter of the normalised name says for its being that burden's: (letters,), none below 0."""
    text = normalised(name)
    models = load_models()
    runs = pieces(name)
    reasons = models.kind.reasons(runs, burden) + models.burden.reasons(runs, BURDEN, LAWFUL)
    weight = [0.0] * len(text)
    numbers = [(match.start(), match.end()) for match in NUMBER.finditer(text)]
    for run, part in reasons:
        letters = run.strip(linear.BEFORE + linear.AFTER)
        for start, end in _occurrences(text, letters, run, numbers):
            for index in range(start, end):
                weight[index] += part / (end - start)
    return weight


def _occurrences(text: str, letters: str, run: str, numbers: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Find where a run stands in the text."""
    before, after = run.startswith(linear.BEFORE), run.endswith(linear.AFTER)
    pattern = "".join(NUMBER.pattern if letter == _ANY_NUMBER else re.escape(letter) for letter in letters)
    spans = [match.span() for match in re.finditer(pattern, text)] if letters else []
    return [
        (start, end)
        for start, end in spans
        if (not before or start == 0) and (not after or end == len(text)) and (numbers or _ANY_NUMBER not in letters)
    ]
