"""How much words asked are like the names and sayings of certificates: by letters, by sound, by pinyin, in English.

Transparent on purpose: each likeness comes of one text that explains it, and of the letters that this text explains.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter
from typing import Final

from rapidfuzz.distance import LCSseq, Levenshtein

from registry.checker.names.normalise import letters
from registry.queries.certificates import pinyin
from registry.queries.certificates.vocabulary import GAP, Vocabulary

EXAMINED: Final = 24  # of the texts that share most with what is asked, by letters and again by sound
TYPINGS: Final = 10  # and of those typed alike
HALF: Final = 0.6  # so much of a text must be found again, or the letters in common are taken for chance
TWO_SOUNDS: Final = 0.77  # what a name of two letters weighs by its sound: enough for a no, not for a yes
SOUND: Final = 0.96  # what a likeness by sound weighs beside the same one by letters
TYPED: Final = 0.97  # what the whole name typed in pinyin or initials weighs
_PAPER: Final = re.compile(
    "zh?eng?ming?(?:shu|xin)?|tiaozi"
    "|^(?:qingwen|nihao)?(?:wo(?:men)?(?:xiang|xuyao|yao)+|xuyao|yao|gei?wo)(?:kai|ban|da|xie)?(?:yi)?(?:ge|zhang|fen)?"
)
_WORD: Final = re.compile("[a-z]+")


@dataclass(frozen=True, slots=True)
class Text:
    """A name or a saying: its core letters, how they sound, and what they weigh.

    `letters` and `sounds`: what its letters with their pairs, and the pairs of its sounds, weigh.
    """

    core: str
    sound: tuple[str, ...]
    weight: float
    letters: float
    sounds: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a text is like what was asked, from 0 to 1, and the places of the letters asked that it explains."""

    text: int
    score: float
    explains: frozenset[int]
    heard: bool = False  # by sound or pinyin: written otherwise


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, made ready: its core, and the places in it that say what the paper is to be about.

    `whole`: the core without regard to clauses, as names have it; `paper`: whether it speaks of a paper at all.
    """

    core: str
    focused: frozenset[int]
    whole: str
    paper: bool
    words: tuple[str, ...]

    @property
    def focus(self) -> str:
        """What stands in these places."""
        return "".join(letter for index, letter in enumerate(self.core) if index in self.focused)


@dataclass(eq=False)
class Texts:
    """All names and sayings that ever were on a list here, by what they share; new ones are added as lists change."""

    vocabulary: Vocabulary
    texts: list[Text] = field(default_factory=list[Text])
    _ids: dict[str, int] = field(default_factory=dict[str, int])
    _by_core: dict[str, int] = field(default_factory=dict[str, int])
    _by_name: dict[str, int] = field(default_factory=dict[str, int])
    _letters: dict[Hashable, list[int]] = field(default_factory=lambda: defaultdict(list))
    _sounds: dict[Hashable, list[int]] = field(default_factory=lambda: defaultdict(list))
    _typed: dict[str, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    _whole: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    _patterns: list[tuple[re.Pattern[str], int]] = field(default_factory=list[tuple[re.Pattern[str], int]])
    _english: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _english_words: dict[int, frozenset[str]] = field(default_factory=dict[int, frozenset[str]])
    _weights: dict[Hashable, float] = field(default_factory=dict[Hashable, float])
    _unseen: float = 1.0

    def __post_init__(self) -> None:
        """Weigh letters by how many meanings use them."""
        counts: dict[Hashable, int] = defaultdict(int)
        for meaning in self.vocabulary.meanings:
            grams: set[Hashable] = set()
            for saying in (*meaning.names, *meaning.says):
                core = self.vocabulary.core(saying.replace(GAP, ""))
                grams |= {*core, *_pairs(core), *pinyin.heard(core), *_pairs(pinyin.heard(core))}
            words = {word for saying in (*meaning.english, meaning.en or "") for word in self.english(saying)}
            for gram in grams | {("english", word) for word in words}:
                counts[gram] += 1
        many = len(self.vocabulary.meanings) + 1
        self._weights = {gram: math.log(many / count) + 0.3 for gram, count in counts.items()}
        self._unseen = math.log(many) + 0.3

    def weigh(self, gram: Hashable) -> float:
        """What a letter, a pair, a sound or a word tells: the rarer in the vocabulary the more."""
        return self._weights.get(gram, self._unseen)

    def weight(self, sequence: Iterable[Hashable]) -> float:
        """What letters or sounds weigh together."""
        weights, unseen = self._weights, self._unseen
        return sum([weights.get(gram, unseen) for gram in sequence])

    def add(self, saying: str) -> int:
        """The number of a name or saying; where it is new it can be found from now on."""
        known = self._ids.get(saying)
        if known is not None:
            return known
        number = self._ids[saying] = self._added(saying)
        return number

    def add_english(self, saying: str) -> int:
        """The number of a saying in English."""
        known = self._ids.get(saying)
        if known is None:
            known = self._ids[saying] = len(self.texts)
            self.texts.append(Text("", (), 0.0, 0.0, 0.0))
            self._english_words[known] = frozenset(self.english(saying))
            for word in self._english_words[known]:
                self._english[word].append(known)
        return known

    def _added(self, saying: str) -> int:
        if GAP in saying:
            parts = [f"({re.escape(self.vocabulary.core(part))})" for part in saying.split(GAP)]
            number = len(self.texts)
            core = self.vocabulary.core(saying.replace(GAP, ""))
            self.texts.append(Text(core, (), self.weight(core), 0.0, 0.0))
            self._patterns.append((re.compile(".{0,6}?".join(parts)), number))
            return number
        short = core = self.vocabulary.core(saying)
        if len(core) < 2 <= len(_named(letters(saying))):
            short, core = core, _named(letters(saying))  # what is left of it would be everywhere
        number = self._by_core.get(core)
        if number is None:
            number = self._by_core[core] = len(self.texts)
            sound = pinyin.heard(core)
            grams, sounds = {*core, *_pairs(core)}, set(_pairs(sound))
            text = Text(core, sound, self.weight(core), self.weight(grams), self.weight(sounds))
            self.texts.append(text)
            for gram in grams:
                self._letters[gram].append(number)
            for gram in sounds:
                self._sounds[gram].append(number)
        self._by_core.setdefault(short, number)
        self._by_name.setdefault(_named(letters(saying)), number)
        for form in {core, _named(letters(saying))}:
            if form and not form.isascii():
                syllables = pinyin.syllables(form)
                soft = pinyin.softened(pinyin.typed(syllables))
                self._whole[soft].add(number)
                self._whole[pinyin.initials(syllables)].add(number)
                for gram in {soft[index : index + 3] for index in range(len(soft) - 2)}:
                    self._typed[gram].append((soft, number))
        return number

    def english(self, text: str) -> tuple[str, ...]:
        """The English words of a text that say something, shortened to what their forms have in common."""
        plain = unicodedata.normalize("NFKC", text).casefold().replace("'s", "").replace("’s", "")
        return tuple(_stem(word) for word in _WORD.findall(plain) if word not in self.vocabulary.english_filler)

    def query_of(self, text: str) -> Query:
        """What was asked, made ready."""
        core, focused = "", set[int]()
        for part, says in self.vocabulary.parts(text):
            if says:
                focused.update(range(len(core), len(core) + len(part)))
            core += part
        whole, paper = self.vocabulary.core(text), self.vocabulary.asks_for_paper(text)
        return Query(core, frozenset(focused), whole, paper, self.english(text))

    def exactly(self, core: str) -> int | None:
        """The text of this very core."""
        return self._by_core.get(core) if core else None

    def named(self, text: str) -> int | None:
        """The text that is this very name, whatever the vocabulary would leave of it."""
        name = _named(letters(text))
        return self._by_name.get(name) if name else None

    def like(self, core: str, words: Sequence[str] = ()) -> list[Likeness]:
        """The texts that are like a core at all, or in English like words; each once, the most alike first."""
        results: dict[int, Likeness] = {}
        if not core.isascii():
            self._by_letters(core, results)
        elif words:
            self._by_english(words, results)
        if any(letter.isascii() and letter.isalpha() for letter in core):
            self._by_typing(core, results)
        return sorted(results.values(), key=lambda likeness: (-likeness.score, likeness.text))

    def _by_letters(self, core: str, results: dict[int, Likeness]) -> None:
        sound, whole = pinyin.heard(core), self.weight(core)
        for number in self._likely({*core, *_pairs(core)}, self._letters, attrgetter("letters")):
            text = self.texts[number]
            _keep(results, self._compared(number, core, text.core, whole, text.weight))
        weight = self.weight(sound)
        for number in self._likely(set(_pairs(sound)), self._sounds, attrgetter("sounds")):
            text = self.texts[number]
            alike = self._compared(number, sound, text.sound, weight, self.weight(text.sound))
            if len(text.sound) == 2 and len(alike.explains) < len(sound):
                continue  # two sounds within others are chance
            discount = SOUND if len(text.sound) > 2 else TWO_SOUNDS
            _keep(results, Likeness(number, discount * alike.score, alike.explains, heard=True))
        for pattern, number in self._patterns:
            hit = pattern.search(core)
            if hit:
                # What lies between the parts is not explained by it.
                parts = range(1, pattern.groups + 1)
                inside = frozenset(index for part in parts for index in range(*hit.span(part)))
                share = self.weight(core[index] for index in inside) / whole
                _keep(results, Likeness(number, 0.78 + 0.2 * min(1.0, share), inside))

    def _likely(
        self, grams: set[Hashable], indexes: Mapping[Hashable, list[int]], whole: Callable[[Text], float]
    ) -> list[int]:
        """The texts of which all is in what was asked, and of the others those that share most for their own weight."""
        shared: dict[int, float] = defaultdict(float)
        for gram in grams:
            weight = self.weigh(gram)
            for number in indexes.get(gram, ()):
                shared[number] += weight
        texts = self.texts
        inside = [number for number, weight in shared.items() if weight > 0.99 * whole(texts[number])]
        rest = sorted(shared.keys() - set(inside), key=lambda number: -shared[number] / (whole(texts[number]) + 4.0))
        return [*inside, *rest[:EXAMINED]]

    def _compared(
        self, number: int, query: Sequence[str], text: Sequence[str], whole: float, weight: float
    ) -> Likeness:
        if len(query) == len(text) and all(map(str.__eq__, query, text)):
            return Likeness(number, 1.0, frozenset(range(len(query))))
        index = _find(text, query)
        if index >= 0:
            inside = frozenset(range(index, index + len(text)))
            least = 0.78 if len(text) > 1 else 0.62
            return Likeness(number, least + 0.2 * weight / whole, inside)
        if len(query) > 1 and _find(query, text) >= 0:
            return Likeness(number, 0.47 + 0.45 * whole / weight, frozenset(range(len(query))))
        pairs = _common(query, text)
        joined = {p for (p, t), (q, u) in pairwise(pairs) if q == p + 1 and u == t + 1 for p in (p, q)}
        shared = sum(self.weigh(query[p]) * (1.0 if p in joined else 0.4) for p, _ in pairs)
        score = 0.95 * (0.7 * shared / weight + 0.3 * shared / whole)
        if shared < HALF * weight:
            score *= 0.7  # a few letters in common are chance
        return Likeness(number, min(score, 0.95), frozenset(p for p, _ in pairs))

    def _by_typing(self, core: str, results: dict[int, Likeness]) -> None:
        typed = _without_paper(pinyin.typed(pinyin.syllables(core)))
        soft = pinyin.softened(typed)
        every = frozenset(range(len(soft) if core.isascii() else len(core)))
        for whole in {typed, soft, _without_paper(core)}:
            for number in self._whole.get(whole, ()) if len(whole) > 1 else ():
                _keep(results, Likeness(number, TYPED, every, heard=True))
        shared: dict[tuple[str, int], int] = defaultdict(int)
        for gram in {soft[index : index + 3] for index in range(len(soft) - 2)}:
            for form in self._typed.get(gram, ()):
                shared[form] += 1
        likely = [form for form in shared if len(form[0]) > 4 and shared[form] * 2 >= min(len(form[0]), len(soft)) - 2]
        for form in sorted(likely, key=lambda form: (-shared[form] / (len(form[0]) + 2), form))[:TYPINGS]:
            text, number = form
            index = soft.find(text)
            if index >= 0:
                # Of what is typed only in part no place says which letter it is.
                inside = frozenset(range(index, index + len(text))) if core.isascii() else every
                _keep(results, Likeness(number, 0.76 + 0.2 * len(text) / len(soft), inside, heard=True))
            elif text.startswith(soft):
                _keep(results, Likeness(number, 0.5 + 0.45 * len(soft) / len(text), every, heard=True))
            else:
                share = min(1.0, len(text) / len(soft))
                wrong, end = _distance(text, soft)
                if wrong * 6 > len(text):
                    continue  # "i want" is no 死亡 (siwang)
                inside = frozenset(range(max(0, end - len(text)), end)) if core.isascii() else every
                _keep(
                    results, Likeness(number, (1 - 1.5 * wrong / len(text)) * (0.76 + 0.2 * share), inside, heard=True)
                )

    def _by_english(self, words: Sequence[str], results: dict[int, Likeness]) -> None:
        query = tuple(dict.fromkeys(words))
        whole = sum(self.weigh(("english", word)) for word in query)
        same: dict[int, dict[str, int]] = defaultdict(dict)  # by saying: its words that were asked, and where
        for index, word in enumerate(query):
            known = [word] if word in self._english else [other for other in self._english if _near(word, other)]
            for other in known:
                for number in self._english[other]:
                    same[number][other] = index
        for number, matched in same.items():
            total = sum(self.weigh(("english", word)) for word in self._english_words[number])
            weight = sum(self.weigh(("english", word)) for word in matched)
            score = 0.65 * weight / total + 0.33 * min(1.0, weight / whole)
            _keep(results, Likeness(number, score, frozenset(matched.values())))


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word[: -len(ending)]
    return word


def _near(word: str, other: str) -> bool:
    """Whether a word is the other with one letter wrong."""
    return (
        word[0] == other[0] and min(len(word), len(other)) > 4 and Levenshtein.distance(word, other, score_cutoff=1) < 2
    )


def _named(name: str) -> str:
    """A name without the word for the paper."""
    return name.removesuffix("证明")


def _without_paper(typed: str) -> str:
    typed = _PAPER.sub("", typed)
    return typed.removesuffix("zm") if len(typed) > 3 else typed


def _pairs(sequence: Sequence[str]) -> list[Hashable]:
    if isinstance(sequence, str):
        return [sequence[index : index + 2] for index in range(len(sequence) - 1)]
    return [tuple(sequence[index : index + 2]) for index in range(len(sequence) - 1)]


def _find(part: Sequence[str], whole: Sequence[str]) -> int:
    """Where one sequence stands in another; -1 where it does not."""
    if isinstance(part, str) and isinstance(whole, str):
        return whole.find(part) if part else -1
    size = len(part)
    if not size or any(one not in whole for one in part):
        return -1
    part = tuple(part)
    return next((p for p in range(len(whole) - size + 1) if tuple(whole[p : p + size]) == part), -1)


def _common(query: Sequence[str], text: Sequence[str]) -> list[tuple[int, int]]:
    """Give the indexes of a longest common subsequence, in both."""
    blocks = LCSseq.opcodes(list(query), list(text))
    return [
        (block.src_start + index, block.dest_start + index)
        for block in blocks
        if block.tag == "equal"
        for index in range(block.src_end - block.src_start)
    ]


def _distance(text: str, query: str) -> tuple[int, int]:
    """How many letters must change so that the text stands somewhere in what was asked, and where it ends (Sellers)."""
    above = [0] * (len(query) + 1)
    for letter in text:
        row = [above[0] + 1]
        for index, other in enumerate(query, 1):
            row.append(min(above[index - 1] + (letter != other), above[index] + 1, row[-1] + 1))
        above = row
    wrong = min(above)
    return wrong, above.index(wrong)


def _keep(results: dict[int, Likeness], likeness: Likeness) -> None:
    known = results.get(likeness.text)
    if known is None or known.score < likeness.score:
        results[likeness.text] = likeness
