"""How well names in disguise are recognised: `python -m registry.checker.names.evaluation [FILE.csv …]`.

A file has the columns item, candidate, label: a forbidden item, a name under which it might come back, and 1 where that
is the same burden, 0 where it is a lawful other matter.
"""

from __future__ import annotations

import csv
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from registry.checker.names.likeness import SHARED, THRESHOLD, alike, letters_shared, readings
from registry.checker.names.thesaurus import load_thesaurus
from registry.data_files import CHECKOUT

DEFAULT: Final = CHECKOUT / "tests" / "cases" / "disguised_dev.csv"
FOLDS, REPEATS = 5, 20


class Case(NamedTuple):
    item: str
    candidate: str
    same: bool


class Score(NamedTuple):
    """Of those told to be disguised, how many are; of those that are, how many were told."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall) if any(self) else 0.0


Way = Callable[[Case], float]


def read(file: Path) -> list[Case]:
    """The rows of a file."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [Case(row["item"], row["candidate"], row["label"] == "1") for row in csv.DictReader(lines)]


def by_thesaurus(case: Case) -> float:
    """What the candidate weighs as a burden that the item means; for an item that means none, letters count."""
    meant = load_thesaurus().meant([case.item])
    if not meant:
        return THRESHOLD if by_letters(case) >= SHARED else 0.0
    return max((reading.weight for reading in readings(case.candidate) if reading.burden in meant), default=0.0)


def by_letters(case: Case) -> float:
    """How many letters the two names share: what there would be without a thesaurus."""
    return letters_shared(case.candidate, case.item)


def score(cases: Iterable[Case], claims: Iterable[bool]) -> Score:
    """Precision and recall of what was told."""
    pairs = [(case.same, claimed) for case, claimed in zip(cases, claims, strict=True)]
    right = sum(same and claimed for same, claimed in pairs)
    claimed, same = sum(claimed for _, claimed in pairs), sum(same for same, _ in pairs)
    return Score(right / claimed if claimed else 0.0, right / same if same else 0.0)


def cross_validated(cases: Sequence[Case], way: Way, folds: Iterable[Sequence[int]]) -> Score:
    """The score on each fold with the threshold that was best on all others, over all folds together."""
    weights = [way(case) for case in cases]
    grid = sorted({0.01, *weights})
    tested: list[Case] = []
    claimed: list[bool] = []
    for fold in folds:
        held = set(fold)
        rest = [index for index in range(len(cases)) if index not in held]
        scores = [score([cases[p] for p in rest], [weights[p] >= limit for p in rest]).f1 for limit in grid]
        best = [limit for limit, value in zip(grid, scores, strict=True) if value == max(scores)]
        # Half-way between the lowest and the highest that do as well.
        threshold = (best[0] + best[-1]) / 2
        tested += [cases[index] for index in fold]
        claimed += [weights[index] >= threshold for index in fold]
    return score(tested, claimed)


def leave_items_out(cases: Sequence[Case]) -> list[list[int]]:
    """A fold for each item."""
    folds: dict[str, list[int]] = defaultdict(list)
    for index, case in enumerate(cases):
        folds[case.item].append(index)
    return list(folds.values())


def stratified(cases: Sequence[Case], folds: int = FOLDS, repeats: int = REPEATS) -> Iterator[list[int]]:
    """Folds with as many of either label, shuffled anew for each repeat (always the same way)."""
    shuffled = random.Random(28)  # noqa: S311
    for _ in range(repeats):
        made: list[list[int]] = [[] for _ in range(folds)]
        for label in (True, False):
            indexes = [index for index, case in enumerate(cases) if case.same is label]
            shuffled.shuffle(indexes)
            for number, index in enumerate(indexes):
                made[number % folds].append(index)
        yield from made


def claims(cases: Sequence[Case]) -> list[bool]:
    """Whether the rule claims, of each candidate, that a list forbids it as its item: one for each case."""
    return [len(alike([[case.candidate]], [[case.item]])) > 0 for case in cases]


def as_shipped(cases: Sequence[Case]) -> Score:
    """What the rule itself tells: by the thesaurus, by what was learned, by letters."""
    return score(cases, claims(cases))


def by_thesaurus_alone(cases: Sequence[Case]) -> Score:
    """What the thesaurus alone would tell."""
    return score(cases, [by_thesaurus(case) >= THRESHOLD for case in cases])


def wrong(cases: Sequence[Case]) -> list[Case]:
    """What the rule tells wrongly."""
    return [case for case, claimed in zip(cases, claims(cases), strict=True) if claimed is not case.same]


def report(file: Path) -> Iterator[str]:
    """The scores of a file, and what is told wrongly, line by line."""
    cases = read(file)
    yield f"{file.name}: {len(cases)} ({sum(case.same for case in cases)} disguised)"
    for name, way in (("thesaurus", by_thesaurus), ("letters only", by_letters)):
        for how, folds in (
            (f"{FOLDS}-fold, {REPEATS} times", list(stratified(cases))),
            ("leave items out", leave_items_out(cases)),
        ):
            yield _line(f"{name}, {how}", cross_validated(cases, way, folds))
    yield _line(f"thesaurus alone, from {THRESHOLD}", by_thesaurus_alone(cases))
    yield _line("as shipped", as_shipped(cases))
    for case in wrong(cases):
        yield f"  {'missed' if case.same else 'wrongly told'}: {case.item} ← {case.candidate}"


def _line(name: str, value: Score) -> str:
    return f"  {name:32} precision {value.precision:.3f}  recall {value.recall:.3f}  F1 {value.f1:.3f}"


def main(files: Sequence[str]) -> None:
    """Reports on these files, else on the development set of the worked cases."""
    for file in [Path(name) for name in files] or [DEFAULT]:
        for line in report(file):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
