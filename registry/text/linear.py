"""A linear model over pieces of a text: of which class the text is, how surely, and by which pieces.

It is read from a small file, which `tools.linear_training` makes out of examples; nothing is trained here. The file is
one line of JSON (classes, how many pieces, weights and documents, `about`), then the pieces, each ended by a line feed,
in how many documents each stood (int32), how many weights each has (uint16), of each weight its class (uint16), and
the weights (int8, in units of 2^scale), last the bias of each class (float32); all
little-endian, and compressed by zlib.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

Floats = NDArray[np.float32]
FORMAT: Final = "quanze-linear-1"
SIZES: Final = (1, 2, 3)
BEFORE: Final = "\x02"  # stands for where a text begins
AFTER: Final = "\x03"  # and for where it ends
_AT_ONCE: Final = 2048  # texts


class UnusableModel(Exception):
    """A file is no model, or one of another format."""


def grams(letters: Sequence[str], sizes: Iterable[int] = SIZES, mark: str = "") -> Iterator[str]:
    """Every run of so many letters (or syllables), the begin and the end counted as letters where a run has others.

    `mark` goes before each, so that runs of syllables are not taken for runs of letters.
    """
    joint = "" if isinstance(letters, str) else " "
    ended = [BEFORE, *letters, AFTER]
    for size in sizes:
        for index in range(len(ended) - size + 1):
            run = ended[index : index + size]
            if size > 1 or run[0] not in (BEFORE, AFTER):
                yield mark + joint.join(run)


@dataclass(frozen=True, eq=False)
class Model:
    """By piece its row in `weights` (pieces, classes) and `rarity` (pieces,); `bias` is (classes,).

    A weight counts 2^`scale`. `about`: what whoever trained it says of it.
    """

    classes: tuple[str, ...]
    rows: Mapping[str, int]
    rarity: Floats
    weights: NDArray[np.int8]
    scale: int
    bias: Floats
    about: Mapping[str, Any]

    def logits(self, pieces: Iterable[str]) -> Floats:
        """Give what speaks for each class, by all pieces together: (classes,). Unknown pieces say nothing."""
        known, values = self._known(pieces)
        if not len(known):
            return self.bias.copy()
        sums: Floats = values @ self.weights[known].astype(np.float32)
        return np.asarray(self.bias + sums * 2.0**self.scale, np.float32)

    def probabilities(self, pieces: Iterable[str]) -> Floats:
        """How likely each class is: (classes,), together 1."""
        logits = self.logits(pieces)
        odds: Floats = np.exp(logits - logits.max())
        return odds / odds.sum()

    def probabilities_of(self, texts: Sequence[Iterable[str]]) -> Floats:
        """How likely each class is of each of many texts, by their pieces: (texts, classes), each row together 1."""
        logits = np.repeat(self.bias[None, :], len(texts), axis=0)
        for start in range(0, len(texts), _AT_ONCE):
            known = [self._known(pieces) for pieces in texts[start : start + _AT_ONCE]]
            ends = np.cumsum([len(rows) for rows, _ in known])
            some = np.flatnonzero(np.diff(ends, prepend=0))
            if len(some):
                rows = np.concatenate([rows for rows, _ in known])
                values = np.concatenate([values for _, values in known])
                weighted = self.weights[rows].astype(np.float32) * values[:, None]
                sums = np.add.reduceat(weighted, np.append(0, ends)[some], axis=0)
                logits[start + some] += sums * np.float32(2.0**self.scale)
        odds: Floats = np.exp(logits - logits.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def reasons(self, pieces: Iterable[str], label: str, than: str | None = None) -> list[tuple[str, float]]:
        """The pieces that speak for a class (rather than for another), with how much; what says most comes first."""
        known, values = self._known(pieces)
        rows: list[int] = known.tolist()
        column = self.classes.index(label)
        weights = self.weights[known, column].astype(np.float32)
        if than is not None:
            weights -= self.weights[known, self.classes.index(than)]
        names = list(self.rows)
        parts: list[float] = (values * weights * np.float32(2.0**self.scale)).tolist()
        reasons = [(names[row], part) for row, part in zip(rows, parts, strict=True) if part > 0]
        return sorted(reasons, key=lambda reason: (-reason[1], reason[0]))

    def _known(self, pieces: Iterable[str]) -> tuple[NDArray[np.intp], Floats]:
        """Give the rows of the pieces that the model knows, each once, and their values: rarity, of length 1."""
        distinct = {row for row in map(self.rows.get, pieces) if row is not None}
        known = np.array(sorted(distinct), dtype=np.intp)
        values = self.rarity[known]
        length = float(np.sqrt(values @ values)) if len(known) else 0.0
        return known, values / np.float32(length) if length else values


def rarity(counts: NDArray[np.int32], documents: int) -> Floats:
    """The weight of pieces by how many of the documents have them, (pieces,): the rarer the more (smoothed IDF)."""
    weight = np.log((1.0 + documents) / (1.0 + counts)) + 1.0
    return np.asarray(weight, np.float32)


def encode(
    classes: Sequence[str],
    counts: Mapping[str, int],
    documents: int,
    weights: NDArray[np.int8],
    scale: int,
    bias: Floats,
    about: Mapping[str, Any],
) -> bytes:
    """Put a model into the bytes of its file. `counts`: by piece in how many documents; `weights` (pieces, classes).

    Raises ValueError for a piece with a line feed.
    """
    if any("\n" in piece for piece in counts):
        raise ValueError("a piece has a line feed")
    row, column = np.nonzero(weights)
    head = {
        "format": FORMAT,
        "classes": list(classes),
        "pieces": len(counts),
        "weights": len(row),
        "documents": documents,
        "scale": scale,
        "about": dict(about),
    }
    content = b"".join(
        [
            orjson.dumps(head, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE),
            "".join(f"{piece}\n" for piece in counts).encode(),
            np.fromiter(counts.values(), "<i4", len(counts)).tobytes(),
            np.bincount(row, minlength=len(counts)).astype("<u2").tobytes(),
            column.astype("<u2").tobytes(),
            weights[row, column].tobytes(),
            bias.astype("<f4").tobytes(),
        ]
    )
    return zlib.compress(content, 9)


def decode(content: bytes) -> Model:
    """Read the bytes of a model's file. Raises UnusableModel."""
    try:
        line, rest = zlib.decompress(content).split(b"\n", 1)
        head = orjson.loads(line)
        if head["format"] != FORMAT:
            raise UnusableModel(f"format {head['format']}, not {FORMAT}")
        classes: list[str] = head["classes"]
        many, filled = int(head["pieces"]), int(head["weights"])
        ends = np.flatnonzero(np.frombuffer(rest, np.uint8) == ord("\n"))
        start = int(ends[many - 1]) + 1 if many else 0
        pieces = rest[:start].decode().split("\n")
        cursor = iter((("<i4", many), ("<u2", many), ("<u2", filled), ("i1", filled), ("<f4", len(classes))))
        arrays: list[NDArray[Any]] = []
        for kind, size in cursor:
            arrays.append(np.frombuffer(rest, kind, size, start))
            start += arrays[-1].nbytes
        counts, each, column, values, bias = arrays
        weights = np.zeros((many, len(classes)), np.int8)
        weights[np.repeat(np.arange(many), each), column] = values
    except (zlib.error, ValueError, KeyError, IndexError, TypeError) as error:
        raise UnusableModel(f"no model: {error}") from error
    rows = {piece: row for row, piece in enumerate(islice(pieces, many))}
    return Model(
        tuple(classes),
        rows,
        rarity(counts.astype(np.int32), head["documents"]),
        weights,
        int(head["scale"]),
        bias.astype(np.float32),
        head["about"],
    )


def read(file: Path) -> Model:
    """Read a model from its file. Raises UnusableModel, OSError."""
    return decode(file.read_bytes())
