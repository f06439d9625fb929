"""Which words of a name say that it is a burden's, where its letters were learned from: whole words, as people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.checker.names import learned
from registry.checker.names.normalise import normalised
from registry.checker.names.thesaurus import Thesaurus, load_thesaurus

# So many words are told, each saying at least this part of what the first says.
_WORDS: Final = 3
_SAYS_ENOUGH: Final = 0.4
# What a letter of no known word costs (a word costs 1), and how many such letters make a word.
_LOOSE: Final = 1.1
_LONGEST_LOOSE: Final = 6


def telling_words(name: str, burden: int) -> tuple[str, ...]:
    """The words of a name that speak most for a burden, in their order: at most three, those side by side as one."""
    thesaurus = load_thesaurus()
    text = normalised(name)
    weight = learned.telling_letters(name, thesaurus.burdens[burden].name)
    words = _words(text, thesaurus)
    said = [sum(weight[start:end]) for start, end in words]
    most = sorted(range(len(words)), key=lambda index: -said[index])[:_WORDS]
    chosen = [index for index in most if said[index] >= _SAYS_ENOUGH * said[most[0]]]
    joined: list[tuple[int, int]] = []
    for start, end in (words[index] for index in sorted(chosen)):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(text[start:end] for start, end in joined)


def _words(text: str, thesaurus: Thesaurus) -> list[tuple[int, int]]:
    """Divide a text into as few words as can be: those of the thesaurus and numbers, and what is left between them."""
    best: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())]
    numbers = {found.start(): found.end() for found in learned.NUMBER.finditer(text)}
    for end in range(1, len(text) + 1):
        ways = [(best[end - 1][0] + _LOOSE, (*best[end - 1][1], (end - 1, end)))]
        ways += [
            (best[start][0] + 1.0, (*best[start][1], (start, end)))
            for start in range(max(0, end - thesaurus.longest), end - 1)
            if text[start:end] in thesaurus.words or numbers.get(start) == end
        ]
        best.append(min(ways, key=lambda way: way[0]))
    words: list[tuple[int, int]] = []
    for start, end in best[-1][1]:
        # Letters of no known word make one together.
        if end - start == 1 and words and words[-1][1] == start and _loose(text, words[-1], thesaurus, numbers):
            words[-1] = (words[-1][0], end)
        else:
            words.append((start, end))
    return words


def _loose(text: str, word: tuple[int, int], thesaurus: Thesaurus, numbers: Mapping[int, int]) -> bool:
    start, end = word
    known = end - start > 1 and (text[start:end] in thesaurus.words or numbers.get(start) == end)
    return not known and end - start < _LONGEST_LOOSE
