"""Train how likely texts beside the items of lists change some of them: `python -m tools.beside_training`.

To be run when the sentences change. It writes registry/exchange/sheets/meaning/changing.model, the same bytes from
the same sentences: tests/data/beside/*.csv (text, where it stands, whether it changes what holds for some item).
`--score` trains ten times without a tenth of them and prints what the models say of that tenth.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import numpy as np

from registry.data_files import CHECKOUT
from registry.exchange.sheets.meaning import likely
from registry.exchange.sheets.meaning.harmless import Where
from registry.text import linear
from tools.linear_training import Example, train

FOLDER: Final = CHECKOUT / "tests" / "data" / "beside"
PARTS: Final = 10
CUTS: Final = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


class Sentence(NamedTuple):
    """A text beside items, where it stands, and whether it changes what holds for some of them."""

    text: str
    where: Where
    changes: bool


def sentences() -> list[Sentence]:
    """Read the sentences of the repository, each once. Raises ValueError for one that is sorted both ways."""
    read: dict[tuple[str, str], Sentence] = {}
    for file in sorted(FOLDER.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                where = cast("Where", row["where"])
                one = Sentence(row["text"], where, row["changes"] == "1")
                if read.setdefault((one.text, where), one) != one:
                    raise ValueError(f"sorted both ways: {one.text}")
    return [*read.values()]


def digest() -> str:
    """Tell the sentences apart from any others: a test sees that the model is that of those in the repository."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(FOLDER.glob("*.csv")))).hexdigest()[:16]


def model(of: Sequence[Sentence]) -> bytes:
    """Train the model; the bytes of its file."""
    examples = [
        Example(sorted(likely.pieces(one.text, one.where)), {likely.CHANGES if one.changes else likely.HARMLESS: 1.0})
        for one in of
    ]
    return train(examples, penalty=1e-4, steps=250, least=2, about={"of": "texts beside items", "examples": digest()})


def score(of: Sequence[Sentence]) -> None:
    """Print, by cut, how many that change something lie below it, and how many of the harmless above."""
    chances = np.zeros(len(of))
    for part in range(PARTS):
        trained = linear.decode(model([one for index, one in enumerate(of) if index % PARTS != part]))
        for index in range(part, len(of), PARTS):
            chances[index] = likely.chance(of[index].text, of[index].where, trained)
    changing = np.array([one.changes for one in of])
    for cut in CUTS:
        missed, needless = (chances[changing] < cut).mean(), (chances[~changing] >= cut).mean()
        sys.stdout.write(f"{cut:.2f}: missed {missed:.1%}, needless {needless:.1%}\n")


def main() -> None:
    """Train it and write it; or score it."""
    every = sentences()
    if "--score" in sys.argv[1:]:
        score(every)
        return
    content = model(every)
    likely.FILE.write_bytes(content)
    sys.stdout.write(f"{likely.FILE.name}: {len(content)} bytes, {len(every)} sentences\n")


if __name__ == "__main__":
    main()
