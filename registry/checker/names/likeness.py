"""How much a name reads as a forbidden one: by the thesaurus, and by the letters that two names share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from registry.checker.names.normalise import bare, normalised
from registry.checker.names.thesaurus import EVERY, Says, Thesaurus, load_thesaurus
from registry.relations.columns import Numbers, expand_ranges

# What each kind of word weighs: the first of them, and each further one.
WEIGHTS: Final[Mapping[Says, tuple[float, float]]] = {
    Says.NAME: (2.0, 1.0),
    Says.OBJECT: (1.0, 0.25),
    Says.ACT: (1.0, 0.25),
    Says.LAWFUL: (-2.0, -1.0),
    Says.DEED: (-1.5, -0.5),
    Says.TOPIC: (-0.5, -0.25),
}
FURTHER: Final = 2  # so many further words count
THRESHOLD: Final = 1.5
# How many letters two names must share. At this measure no two duties of lists/positive come together but a town's
# and the village's part in it (registry.checker.names.evaluation says so).
SHARED: Final = 0.75

# A term shorter than this is a word of a name, not a name.
_NAME_LENGTH: Final = 6
_AT_ONCE: Final = 4_000_000  # pairs of names
DENSE: Final = 1 << 20  # names times pieces of names, of which scipy is not needed
_COMMON_ACTS: Final = re.compile(
    "监督管理|综合整治|检查|巡查|核查|排查|抽查|查验|巡检|摸排|清查|监管|管理|管护|管控|监督|整治|治理|清理|整改|处置|处理|打击|查处|登记|备案|"
    "上报|报送|宣传|协助|配合|协同|服务|安全|日常|组织|指导|执行|运行|受理|办理|审核|提升|动员|劝导|综合"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a name reads as one burden: what it weighs, and the words that say so."""

    burden: int
    weight: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why a name is like an item: the burden that both mean and the words that tell, or the name it is written like."""

    name: str
    reading: Reading | None
    written_like: str | None


def alike(matters: Sequence[Sequence[str]], items: Sequence[Sequence[str]]) -> Numbers:
    """Which matters are like which items, each given by its names: rows (place of the matter, place of the item).

    Of an item every text counts: its name, its terms, the names of its matter.
    """
    thesaurus = load_thesaurus()
    # Many counties' matters and items are called the same.
    named, which_name = _different(matters)
    texts_of_items, which_text = _different(items)
    pairs: set[tuple[int, int]] = set()
    meaning: dict[int, list[int]] = defaultdict(list)
    unknown: list[int] = []
    for text, texts in enumerate(texts_of_items):
        meant = thesaurus.meant(texts)
        for burden in meant:
            meaning[burden].append(text)
        if not meant:
            unknown.append(text)
    for name, names in enumerate(named):
        for burden in {reading.burden for one in names for reading in readings(one) if reading.weight >= THRESHOLD}:
            pairs.update((name, text) for text in meaning[burden])
    # Where the thesaurus knows what an item means it knows better than letters do.
    written = _written_alike(named, [texts_of_items[text] for text in unknown])
    pairs.update((name, unknown[index]) for name, index in written)
    return _laid_out(np.array(sorted(pairs), np.int64).reshape(-1, 2), which_name, which_text)


def _different(names: Sequence[Sequence[str]]) -> tuple[list[tuple[str, ...]], Numbers]:
    """The different ones, and which of these each is."""
    indexes: dict[tuple[str, ...], int] = {}
    which = [indexes.setdefault(tuple(own), len(indexes)) for own in names]
    return list(indexes), np.array(which, np.int64)


def _laid_out(pairs: Numbers, first: Numbers, second: Numbers) -> Numbers:
    """Pairs of what is different as pairs of all that are the same as these, sorted."""
    order, (start, end) = _same(first, pairs[:, 0])
    other_order, (other_start, other_end) = _same(second, pairs[:, 1])
    pair, position = expand_ranges(start, end)
    rows, other = expand_ranges(other_start[pair], other_end[pair])
    keys: Numbers = order[position[rows]] * max(len(second), 1) + other_order[other]
    keys.sort()
    return np.column_stack(np.divmod(keys, max(len(second), 1)))


def _same(which: Numbers, wanted: Numbers) -> tuple[Numbers, tuple[Numbers, Numbers]]:
    """All places in an order, and between what places of that order each of the wanted is."""
    order = np.argsort(which, kind="stable")
    ordered = which[order]
    return order, (np.searchsorted(ordered, wanted, "left"), np.searchsorted(ordered, wanted, "right"))


def why_alike(names: Sequence[str], texts: Sequence[str]) -> Likeness | None:
    """Why a matter of these names is like an item of these texts; None where it is not."""
    thesaurus = load_thesaurus()
    meant = thesaurus.meant(texts)
    read = [(reading.weight, name, reading) for name in names for reading in readings(name) if reading.burden in meant]
    weight, name, reading = max(read, key=lambda one: one[0], default=(0.0, "", None))
    if weight >= THRESHOLD:
        return Likeness(name, reading, None)
    for name in () if meant else names:
        for text in texts:
            if _written_alike([[name]], [[text]]):
                return Likeness(name, None, text)
    return None


def readings(name: str) -> tuple[Reading, ...]:
    """As which burdens a name reads at all, in the thesaurus's order."""
    return _readings(normalised(name), load_thesaurus())


@lru_cache(maxsize=1 << 16)
def _readings(text: str, thesaurus: Thesaurus) -> tuple[Reading, ...]:
    hits_of: dict[int, list[tuple[int, Says, int]]] = defaultdict(list)
    for start in range(len(text)):
        for length in range(1, min(thesaurus.longest, len(text) - start) + 1):
            for burden, says in thesaurus.words.get(text[start : start + length], ()):
                hits_of[burden].append((-length, says, start))
    common = hits_of.pop(EVERY, [])
    return tuple(_reading(text, burden, [*hits, *common]) for burden, hits in sorted(hits_of.items()))


def _reading(text: str, burden: int, hits: list[tuple[int, Says, int]]) -> Reading:
    """Longer words first: a shorter one that overlaps them says nothing."""
    taken = [False] * len(text)
    counts: dict[Says, int] = defaultdict(int)
    deeds: list[int] = []
    evidence: list[tuple[int, str]] = []
    for minus, says, start in sorted(hits):
        end = start - minus
        if any(taken[start:end]):
            continue
        taken[start:end] = [True] * (end - start)
        counts[says] += 1
        if says is Says.DEED:
            deeds.append(start)
        if says in (Says.NAME, Says.OBJECT, Says.ACT):
            evidence.append((start, text[start:end]))
    # The head of a Chinese name comes last: a lawful deed before the words that tell is what those are about.
    if deeds and evidence and max(deeds) < max(evidence)[0]:
        counts[Says.TOPIC] += counts.pop(Says.DEED)
    complete = counts[Says.NAME] or (counts[Says.OBJECT] and counts[Says.ACT])
    weight = sum(
        first + further * min(counts[says] - 1, FURTHER) for says, (first, further) in WEIGHTS.items() if counts[says]
    )
    return Reading(burden, weight if complete else 0.0, tuple(word for _, word in sorted(evidence)))


def letters_shared(one: str, other: str) -> float:
    """How many letters and pairs of letters two names share, common acts apart: 0 none, 1 all."""
    return float(next(_shared([one], [other]))[1][0, 0])


def nearest(names: Sequence[str], others: Sequence[str]) -> list[list[tuple[float, int]]]:
    """For each name the places of the others that are written like it, with what they share, the nearest first."""
    if not names or not others:
        return [[] for _ in names]
    results: list[list[tuple[float, int]]] = []
    for _, shared in _shared(names, others):
        for row in shared:
            near = [(float(row[index]), int(index)) for index in np.flatnonzero(row >= SHARED)]
            results.append(sorted(near, key=lambda one: (-one[0], one[1])))
    return results


def _shared(names: Sequence[str], others: Sequence[str]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """What names share with the others, so many names at a time as fit into memory: the first one's place, the part."""
    cores = [_core(name) for name in (*names, *others)]
    single, double = (_cosines(cores, len(names), length) for length in (1, 2))
    step = max(1, _AT_ONCE // len(others))
    for start in range(0, len(names), step):
        block = slice(start, start + step)
        yield start, (single(block) + double(block)) / 2


def _written_alike(matters: Sequence[Sequence[str]], items: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Pairs whose names share most of their letters and pairs of letters, common acts apart."""
    mine = [(index, name) for index, names in enumerate(matters) for name in names]
    theirs = [
        (index, text) for index, texts in enumerate(items) for text in texts if len(normalised(text)) >= _NAME_LENGTH
    ]
    if not mine or not theirs:
        return []
    results: list[tuple[int, int]] = []
    for start, shared in _shared([name for _, name in mine], [text for _, text in theirs]):
        rows, columns = np.nonzero(shared >= SHARED)
        results += [
            (mine[start + row][0], theirs[column][0])
            for row, column in zip(map(int, rows), map(int, columns), strict=True)
            if _deeds(mine[start + row][1]) <= _deeds(theirs[column][1])
        ]
    return results


def _core(name: str) -> str:
    return _COMMON_ACTS.sub("", bare(name)) or bare(name)


def _cosines(cores: Sequence[str], split: int, length: int) -> Callable[[slice], NDArray[np.float64]]:
    """Of some of the first `split` against the others: the cosine of their sets of pieces so many letters long."""
    indexes: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for core in cores:
        pieces = {core[i : i + length] for i in range(len(core) - length + 1)} or {core}
        columns += [indexes.setdefault(piece, len(indexes)) for piece in pieces]
        ends.append(len(columns))
    sizes, width = np.diff(ends), len(indexes)
    roots = np.sqrt(np.asarray(sizes, np.float64))
    ones = np.ones(len(columns))
    dense = len(cores) * width <= DENSE
    rows: Any
    if dense:
        rows = np.zeros((len(cores), width))
        rows[np.repeat(np.arange(len(cores)), sizes), columns] = ones
        others: Any = rows[split:].T
    else:
        from scipy.sparse import csr_array  # its import takes longer than all else where names are few

        rows = csr_array((ones, columns, ends), shape=(len(cores), width))
        others = rows[split:].T.tocsr()

    def cosines(block: slice) -> NDArray[np.float64]:
        common: Any = rows[:split][block] @ others
        shared: NDArray[np.float64] = common if dense else common.toarray()
        shared /= roots[:split][block, np.newaxis]
        shared /= roots[split:]
        return shared

    return cosines


def _deeds(name: str) -> set[str]:
    """The lawful deeds in a name: to lecture on a matter is not to police it."""
    return set(_lawful_deeds(normalised(name), load_thesaurus()))


@lru_cache(maxsize=1 << 16)
def _lawful_deeds(text: str, thesaurus: Thesaurus) -> tuple[str, ...]:
    pieces: Iterable[str] = (
        text[start : start + length]
        for start in range(len(text))
        for length in range(2, min(thesaurus.longest, len(text) - start) + 1)
    )
    return tuple(piece for piece in pieces if (EVERY, Says.DEED) in thesaurus.words.get(piece, ()))
