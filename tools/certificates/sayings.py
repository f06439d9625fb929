"""The sayings: what people say or type at a village window, and which certificates that may mean.

`sayings/*.csv` has the columns `text`; `means`, the first name that certificate-words.yaml gives the certificate,
several separated by `|` where whoever asks must choose, or 清单外, 听不懂; and `part`: `train`, `tune` (thresholds are
chosen by it) or `unseen` (scored, never read). The text alone decides the part, but for two files.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).parent / "sayings"
APART: Final = "11-written-apart"  # scored as a whole
WORDS: Final = "13-words"  # how its files begin: fragments rather than sentences: learnt as a whole


class Saying(NamedTuple):
    text: str
    means: tuple[str, ...]
    part: str
    file: str


def read(folder: Path = FOLDER) -> list[Saying]:
    """Every saying, by file and line."""
    return list(_read(sorted(folder.glob("*.csv"))))


def _read(files: Iterable[Path]) -> Iterator[Saying]:
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                yield Saying(row["text"], tuple(row["means"].split("|")), row["part"], file.stem)


def part_of(text: str, file: str) -> str:
    """The part that a saying belongs to."""
    if file == APART:
        return "unseen"
    if file.startswith(WORDS):
        return "train"
    last = hashlib.sha256(text.encode()).digest()[-1] % 10
    return "unseen" if last < 2 else "tune" if last == 2 else "train"
