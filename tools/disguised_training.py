"""Train the models of names in disguise, when names change or the thesaurus much: `python -m tools.disguised_training`.

It writes registry/checker/names/weights/*.model, the same bytes from the same names: tests/data/disguised_names.csv,
and in tests/data/disguised train.csv, tune.csv and official.txt. What weighs how much was chosen on tune.csv by models
that had not seen it; unseen.csv is only to be scored.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from registry.checker.names import learned
from registry.checker.names.evaluation import Case, read
from registry.checker.names.thesaurus import EVERY, Says, Thesaurus, nationwide
from registry.checker.names.thesaurus import read as read_thesaurus
from registry.data_files import CHECKOUT
from tools.linear_training import Example, train

DATA: Final = CHECKOUT / "tests" / "data"
NAMES: Final = (DATA / "disguised_names.csv", DATA / "disguised" / "train.csv", DATA / "disguised" / "tune.csv")
# What lawful duties of towns and villages are called, but for those of towns that would be a burden on a village.
OFFICIAL_NAMES: Final = DATA / "disguised" / "official.txt"

WORD, LAWFUL_WORD = 0.3, 0.4  # what a word of the thesaurus counts, a name counting 1
OFFICIAL = 2.0  # and what an official name of something lawful counts
NOTHING = 20.0  # so many names that say nothing, which is no burden


def examples(cases: Sequence[Case], thesaurus: Thesaurus) -> list[Example]:
    """Give what there is to learn: of each name its pieces and the burdens, or that it is lawful."""
    results = [Example((), {learned.LAWFUL: 1.0}, NOTHING)]
    for case in cases:
        meant = thesaurus.meant([case.item])
        if case.same and not meant:
            raise ValueError(f"no burden of the thesaurus is meant by the item {case.item}")
        results.append(_example(case.candidate, _named(thesaurus, meant) if case.same else ()))
    forbidden = sorted({case.item for case in cases if case.same})
    results += [_example(item, _named(thesaurus, thesaurus.meant([item]))) for item in forbidden]
    results += [_example(name, (), OFFICIAL) for name in OFFICIAL_NAMES.read_text("utf-8").splitlines()]
    return results + list(_words(thesaurus))


def _named(thesaurus: Thesaurus, burdens: Iterable[int]) -> list[str]:
    return [thesaurus.burdens[burden].name for burden in sorted(burdens)]


def _example(name: str, burdens: Sequence[str], counts: float = 1.0) -> Example:
    classes = {burden: 1 / len(burdens) for burden in burdens} or {learned.LAWFUL: 1.0}
    return Example(sorted(learned.pieces(name)), classes, counts)


def _words(thesaurus: Thesaurus) -> Iterator[Example]:
    for word, says in sorted(thesaurus.words.items()):
        burdens = sorted(burden for burden, what in says if what is Says.NAME and burden != EVERY)
        if burdens:
            yield _example(word, _named(thesaurus, burdens), WORD)
        elif any(what in (Says.LAWFUL, Says.DEED) for _, what in says):
            yield _example(word, (), LAWFUL_WORD)
    for burden in thesaurus.burdens:
        for head in burden.heads:
            yield _example(head, [burden.name], WORD)


def digest() -> str:
    """Tell the names apart from any others: a test sees that the models are those of the names in the repository."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in (*NAMES, OFFICIAL_NAMES))).hexdigest()[:16]


def everything() -> list[Example]:
    """Give the examples of the files in the repository."""
    return examples([case for file in NAMES for case in read(file)], read_thesaurus(nationwide()))


def models(all_examples: Sequence[Example]) -> tuple[bytes, bytes]:
    """Train whether a name is a burden's, and of which; the bytes of both files."""
    about = {"of": "names in disguise", "examples": digest()}
    either = [
        one if learned.LAWFUL in one.classes else one._replace(classes={learned.BURDEN: 1.0}) for one in all_examples
    ]
    burdens = [one for one in all_examples if learned.LAWFUL not in one.classes]
    return (
        train(either, penalty=2e-5, steps=250, least=2, about=about),
        train(burdens, penalty=1e-5, steps=250, least=2, about=about),
    )


def main() -> None:
    """Train both and write them."""
    for file, content in zip((learned.BURDEN_FILE, learned.KIND_FILE), models(everything()), strict=True):
        Path(file).parent.mkdir(exist_ok=True)
        Path(file).write_bytes(content)
        sys.stdout.write(f"{file.name}: {len(content)} bytes\n")


if __name__ == "__main__":
    main()
