"""How much a name reads as a forbidden one: by the thesaurus, by what was learned from names, by shared letters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.checker.names import learned
from registry.checker.names.normalise import bare, normalised
from registry.checker.names.telling import telling_words
from registry.checker.names.thesaurus import EVERY, Says, Thesaurus, load_thesaurus
from registry.relations.columns import Flags, Numbers, expand_ranges

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
# Of what was learned: how likely a name must be a burden's at all, and how likely this burden's; less will do
# (RELATED_KIND) where it and those related to it are together as likely as RELATED. What the thesaurus tells does not
# count where a burden's is less likely than DOUBTED. All were chosen on tests/data/disguised/tune.csv.
BURDEN, KIND, RELATED_KIND, RELATED = 0.5, 0.08, 0.03, 0.5
DOUBTED: Final = 0.3
# How likely an item that the thesaurus does not know must be a burden's, and that one's, to be read as it; and how many
# letters it has at most: what departments took back is named at length, and is no burden by being checked.
ITEM_BURDEN, ITEM_KIND, ITEM_LENGTH = 0.9, 0.9, 8
# How many letters two names must share. At this measure no two duties of lists/positive come together but a town's
# and the village's part in it (registry.checker.names.evaluation says so).
SHARED: Final = 0.75

# A term shorter than this is a word of a name, not a name.
_NAME_LENGTH: Final = 6
_AT_ONCE: Final = 4_000_000  # pairs of names
_FEW: Final = 2_000  # names and texts whose comparison is kept, for 64 times as many at most
DENSE: Final = 1 << 20  # names times pieces of names, of which scipy is not needed
_COMMON_ACTS: Final = re.compile(
    "监督管理|综合整治|检查|巡查|核查|排查|抽查|查验|巡检|摸排|清查|监管|管理|管护|管控|监督|整治|治理|清理|整改|处置|处理|打击|查处|登记|备案|"
    "上报|报送|宣传|协助|配合|协同|服务|安全|日常|组织|指导|执行|运行|受理|办理|审核|提升|动员|劝导|综合"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a name reads as one burden: what it weighs, the words that say so, and those lawful in this very field."""

    burden: int
    weight: float
    evidence: tuple[str, ...]
    lawful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """Why a name is like an item: the burden that both mean and the words that tell, or the name it is written like.

    `by_letters`: not the thesaurus tells, but what was learned from names that people have sorted.
    """

    name: str
    reading: Reading | None
    written_like: str | None
    by_letters: bool = False


def alike(matters: Sequence[Sequence[str]], items: Sequence[Sequence[str]]) -> Numbers:
    """Which matters are like which items, each given by its names: rows (place of the matter, place of the item).

    Of an item every text counts: its name, its terms, the names of its matter.
    """
    # Many counties' matters and items are called the same.
    named, which_name = _different(matters)
    texts_of_items, which_text = _different(items)
    if not named or not texts_of_items:
        return np.empty((0, 2), np.int64)
    # From one day to another few names change: a county's are compared once for many days.
    compare = _compared_before if len(named) + len(texts_of_items) <= _FEW else _compared
    pairs = compare(tuple(named), tuple(texts_of_items), load_thesaurus())
    return _laid_out(pairs, which_name, which_text)


def _compared(named: Sequence[Sequence[str]], texts_of_items: Sequence[Sequence[str]], _: Thesaurus) -> Numbers:
    """As `alike`, of different names and different texts: pairs of places."""
    pairs = _meaning_the_same(named, texts_of_items)
    # Where the thesaurus knows what an item means it knows better than letters do.
    unknown = [text for text, texts in enumerate(texts_of_items) if not load_thesaurus().meant(texts)]
    written = _written_alike(named, [texts_of_items[text] for text in unknown])
    if written:
        more = np.array([(name, unknown[index]) for name, index in written], np.int64)
        pairs = np.unique(np.concatenate([pairs, more]), axis=0)
    return pairs


_compared_before = lru_cache(maxsize=64)(_compared)


def _meaning_the_same(named: Sequence[Sequence[str]], items: Sequence[Sequence[str]]) -> Numbers:
    """Which of these read as a burden that which of those mean: pairs of places, sorted."""
    count = len(load_thesaurus().burdens)
    meant = np.zeros((len(items), count), np.bool_)
    for item, burdens in enumerate(_meant(items)):
        meant[item, list(burdens)] = True
    if not meant.any():
        return np.empty((0, 2), np.int64)
    flags = np.zeros((len(named), count), np.bool_)
    owner = np.repeat(np.arange(len(named)), [len(names) for names in named])
    np.logical_or.at(flags, owner, _burdens_of([name for names in named for name in names]))
    pairs: list[Numbers] = []
    step = max(1, _AT_ONCE // len(items))
    for start in range(0, len(named), step):
        name, item = np.nonzero(flags[start : start + step].astype(np.float32) @ meant.T.astype(np.float32))
        pairs.append(np.column_stack([name + start, item]))
    return np.concatenate(pairs)


def _meant(items: Sequence[Sequence[str]]) -> list[frozenset[int]]:
    """Which burdens items mean: by the thesaurus, or where it knows none, by what their names plainly read as."""
    thesaurus = load_thesaurus()
    meant = [thesaurus.meant(texts) for texts in items]
    columns = _columns(thesaurus)
    unknown = [
        index
        for index, burdens in enumerate(meant)
        if not burdens and items[index] and len(normalised(items[index][0])) <= ITEM_LENGTH
    ]
    for index, one in zip(unknown, learned.learned([items[index][0] for index in unknown]), strict=True):
        likeliest = int(one.kinds.argmax())
        if one.burden >= ITEM_BURDEN and one.kinds[likeliest] >= ITEM_KIND and columns[likeliest] >= 0:
            meant[index] = frozenset([int(columns[likeliest])])
    return meant


def _burdens_of(names: Sequence[str]) -> Flags:
    """As which burdens names read: (names, burdens)."""
    thesaurus = load_thesaurus()
    flags = np.zeros((len(names), len(thesaurus.burdens)), np.bool_)
    if not names:
        return flags
    lawful = np.zeros_like(flags)
    read = learned.learned(names)
    for row, (name, one) in enumerate(zip(names, read, strict=True)):
        enough = learned.says_enough(name)
        lawful[row] = not enough or _called_lawful(name, thesaurus)
        for reading in readings(name):
            if reading.weight >= THRESHOLD:
                flags[row, reading.burden] = not (enough and _doubted(reading, one.burden, thesaurus))
            elif reading.lawful:
                lawful[row, reading.burden] = True
    likely = np.array([one.burden for one in read], np.float32)
    return flags | _by_letters(likely, np.stack([one.kinds for one in read]), lawful, thesaurus)


def _by_letters(likely: NDArray[np.float32], kinds: NDArray[np.float32], lawful: Flags, thesaurus: Thesaurus) -> Flags:
    """As which burdens names read by what was learned, but for what is `lawful` in their field: (names, burdens)."""
    columns = _columns(thesaurus)
    shares = np.zeros(lawful.shape, np.float32)
    shares[:, columns[columns >= 0]] = kinds[:, columns >= 0]
    shares[lawful] = 0.0
    together = np.zeros_like(shares)
    for group in map(list, thesaurus.related):
        together[:, group] = np.maximum(together[:, group], shares[:, group].sum(axis=1, keepdims=True))
    is_kind = (shares >= KIND) | ((shares >= RELATED_KIND) & (together >= RELATED))
    return is_kind & (likely >= BURDEN)[:, np.newaxis]


@lru_cache(maxsize=8)
def _columns(thesaurus: Thesaurus) -> Numbers:
    """Of each class of the model of kinds the place of its burden in the thesaurus; -1 for none."""
    places = {burden.name: index for index, burden in enumerate(thesaurus.burdens)}
    return np.array([places.get(name, -1) for name in learned.load_models().kind.classes], np.int64)


def _called_lawful(name: str, thesaurus: Thesaurus) -> bool:
    """Whether a county says in its own words that this is lawful whatever the field."""
    text = normalised(name)
    return any(word in text for word in thesaurus.local_deeds)


def _doubted(reading: Reading, likely: float, thesaurus: Thesaurus) -> bool:
    """Whether what was learned speaks against it. What a county says in its own words is not doubted."""
    known = reading.burden in _columns(thesaurus)
    return known and likely < DOUBTED and not thesaurus.local.intersection(reading.evidence)


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
    """Why a matter of these names is like an item of these texts, by what says most; None where it is not."""
    most = _most(names, texts)
    if most is not None and most.reading is not None:
        return Likeness(most.name, most.reading, None)
    if most is not None:
        words = telling_words(most.name, most.burden)
        return Likeness(most.name, Reading(most.burden, most.strength, words), None, by_letters=True)
    for name in () if load_thesaurus().meant(texts) else names:
        for text in texts:
            if _written_alike([[name]], [[text]]):
                return Likeness(name, None, text)
    return None


def how_alike(names: Sequence[str], texts: Sequence[str]) -> float:
    """How much a matter of these names means what an item of these texts means; 0 where nothing.

    What the thesaurus tells is above 1, what was learned up to 1.
    """
    most = _most(names, texts)
    return 0.0 if most is None else most.strength


class _Most(NamedTuple):
    strength: float
    name: str
    burden: int
    reading: Reading | None


def _most(names: Sequence[str], texts: Sequence[str]) -> _Most | None:
    """By which name a matter is most like an item, as which burden, and the thesaurus's reading if it tells."""
    (meant,) = _meant([texts])
    flags = _burdens_of(names)
    both = [(name, burden) for row, name in enumerate(names) for burden in sorted(meant) if flags[row, burden]]
    read = [
        _Most(reading.weight, name, burden, reading)
        for name, burden in both
        for reading in readings(name)
        if reading.burden == burden and reading.weight >= THRESHOLD
    ]
    learnt = [_Most(share, name, burden, None) for name, burden in both for share in _shares(name, burden)]
    return max(read or learnt, key=lambda most: most.strength, default=None)


def _shares(name: str, burden: int) -> list[float]:
    """How likely a name is this burden's, if it is one's; nothing where that was not learned."""
    (one,) = learned.learned([name])
    return one.kinds[_columns(load_thesaurus()) == burden].tolist()


def readings(name: str) -> tuple[Reading, ...]:
    """As which burdens a name reads at all by the thesaurus, in its order."""
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
    lawful: list[str] = []
    for minus, says, start in sorted(hits):
        end = start - minus
        if any(taken[start:end]):
            continue
        taken[start:end] = [True] * (end - start)
        counts[says] += 1
        if says is Says.DEED:
            deeds.append(start)
        if says is Says.LAWFUL:
            lawful.append(text[start:end])
        if says in (Says.NAME, Says.OBJECT, Says.ACT):
            evidence.append((start, text[start:end]))
    # The head of a Chinese name comes last: a lawful deed before the words that tell is what those are about.
    if deeds and evidence and max(deeds) < max(evidence)[0]:
        counts[Says.TOPIC] += counts.pop(Says.DEED)
    complete = counts[Says.NAME] or (counts[Says.OBJECT] and counts[Says.ACT])
    weight = sum(
        first + further * min(counts[says] - 1, FURTHER) for says, (first, further) in WEIGHTS.items() if counts[says]
    )
    return Reading(burden, weight if complete else 0.0, tuple(word for _, word in sorted(evidence)), tuple(lawful))


def letters_shared(one: str, other: str) -> float:
    """How many letters and pairs of letters two names share, common acts apart: 0 none, 1 all."""
    return float(next(_shared([one], [other]))[1][0, 0])


def nearest(names: Sequence[str], others: Sequence[str], least: float = SHARED) -> list[list[tuple[float, int]]]:
    """For each name the places of the others that share at least a part with it, and the part, the nearest first."""
    if not names or not others:
        return [[] for _ in names]
    results: list[list[tuple[float, int]]] = []
    for _, shared in _shared(names, others):
        for row in shared:
            near = [(float(row[index]), int(index)) for index in np.flatnonzero(row >= least)]
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
