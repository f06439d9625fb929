"""Which words of a name say that it is a burden's, where its letters were learned from: whole words, as people read."""

from __future__ import annotations

from typing import Final

from registry.checker.names import learned
from registry.checker.names.normalise import normalised
from registry.checker.names.thesaurus import Thesaurus, load_thesaurus

# So many words are told, each saying at least this part of what the first says.
_WORDS: Final = 3
_LEAST_SHARE: Final = 0.4
# What a letter of no known word costs (a word costs 1), and how long a word becomes by such letters.
_LOOSE: Final = 1.1
_LONGEST: Final = 4
# Letters that go with the word before them (五百赞, 投保率, 安抚官), and letters that go with none.
_COUNTED: Final = "率数量榜赞条个次户人名件份表卡群圈站点岗员官单书牌函章队组"
_PARTICLES: Final = "的和与及或并请把对由按再就都"


def telling_words(name: str, burden: int) -> tuple[str, ...]:
    """The words of a name that speak most for a burden, in their order: at most three."""
    thesaurus = load_thesaurus()
    text = normalised(name)
    weight = learned.telling_letters(name, thesaurus.burdens[burden].name)
    words = _words(text, thesaurus)
    # A long word is not to be told for its length.
    scores = [sum(weight[start:end]) / (end - start) ** 0.5 for start, end in words]
    whole = [index for index, (start, end) in enumerate(words) if end - start > 1] or list(range(len(words)))
    most = sorted(whole, key=lambda index: -scores[index])[:_WORDS]
    chosen = [index for index in most if scores[index] >= _LEAST_SHARE * scores[most[0]]]
    return tuple(text[slice(*words[index])] for index in sorted(chosen))


def _words(text: str, thesaurus: Thesaurus) -> list[tuple[int, int]]:
    """Divide a text into as few words as can be: those of the thesaurus and numbers, and what is left between them."""
    best: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())]
    numbers = {match.start(): match.end() for match in learned.NUMBER.finditer(text)}
    for end in range(1, len(text) + 1):
        ways = [
            (best[start][0] + 1.0, (*best[start][1], (start, end)))
            for start in range(max(0, end - thesaurus.longest), end - 1)
            if text[start:end] in thesaurus.words or numbers.get(start) == end
        ]
        ways.append((best[end - 1][0] + _LOOSE, (*best[end - 1][1], (end - 1, end))))
        best.append(min(ways, key=lambda way: way[0]))
    words: list[tuple[int, int]] = []
    loose = False  # whether the last word is of letters that are in no known word
    for start, end in best[-1][1]:
        one = end - start == 1
        joins = one and bool(words) and words[-1][1] - words[-1][0] < _LONGEST
        if joins and (text[start] in _COUNTED or (loose and text[start] not in _PARTICLES)):
            words[-1] = (words[-1][0], end)
        else:
            words.append((start, end))
            loose = one and text[start] not in _PARTICLES
    return words
