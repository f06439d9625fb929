"""Train a linear model of `registry.text.linear` out of examples: a softmax regression, the same bytes every time.

The loss is convex and smooth and is descended in a fixed number of steps without any choice between them; so what
differs between machines differs in the last digits, far below the steps that weights are rounded to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from registry.text import linear

# Half the memory to go through of float64, and as good: weights are rounded far more coarsely in the end.
Matrix = NDArray[np.float32]


class Example(NamedTuple):
    """A text by its pieces, of which class it is (of several, each with its share), and how much it counts."""

    pieces: Collection[str]
    classes: Mapping[str, float]
    counts: float = 1.0


def train(
    examples: Sequence[Example],
    *,
    penalty: float = 2e-5,
    steps: int = 300,
    least: int = 1,
    dropped: float = 0.0,
    about: Mapping[str, Any] | None = None,
) -> bytes:
    """Train a model and give the bytes of its file (`linear.decode` reads them).

    `penalty`: how dear large weights are; `least`: in so many examples a piece must stand; `dropped`: weights smaller
    than this are left out; `about`: what the file says of itself.
    """
    frequency = Counter(piece for example in examples for piece in set(example.pieces))
    counts = {piece: frequency[piece] for piece in sorted(frequency) if frequency[piece] >= least}
    classes = sorted({label for example in examples for label in example.classes})
    rarity = linear.rarity(np.fromiter(counts.values(), np.int32, len(counts)), len(examples))
    texts = _texts(examples, counts, rarity)
    targets = np.array([[example.classes.get(label, 0.0) for label in classes] for example in examples], np.float32)
    shares = np.array([example.counts for example in examples], np.float32)
    weights, bias = _descend(texts, targets, shares / shares.sum(), penalty, steps)
    largest = float(np.abs(weights).max())
    scale = int(np.ceil(np.log2(largest / 127))) if largest else 0
    weights[np.abs(weights) < dropped] = 0.0
    # The bias is rounded to what no machine disagrees about.
    rounded = np.round(bias * 1024) / 1024
    return linear.encode(
        classes,
        counts,
        len(examples),
        np.round(weights / 2.0**scale).astype(np.int8),
        scale,
        rounded.astype(np.float32),
        about or {},
    )


def _texts(examples: Sequence[Example], counts: Mapping[str, int], rarity: linear.Floats) -> Any:
    """Give the examples as rows of length 1: (examples, pieces)."""
    rows = {piece: row for row, piece in enumerate(counts)}
    columns = [sorted({rows[piece] for piece in example.pieces if piece in rows}) for example in examples]
    starts = np.cumsum([0, *map(len, columns)])
    column = np.array([index for each in columns for index in each], dtype=np.int64)
    values = rarity[column].astype(np.float64)
    lengths = np.sqrt(np.add.reduceat(np.append(values**2, 0.0), starts[:-1])) if len(values) else np.ones(1)
    values /= np.repeat(lengths, np.diff(starts))
    return csr_array((values.astype(np.float32), column, starts), shape=(len(examples), len(counts)))


def _descend(texts: Any, targets: Matrix, shares: Matrix, penalty: float, steps: int) -> tuple[Matrix, Matrix]:
    """Minimise the loss by Nesterov's accelerated descent: weights (pieces, classes) and bias (classes,)."""
    across: Any = texts.T.tocsr()
    weights = np.zeros((texts.shape[1], targets.shape[1]), np.float32)
    bias = np.zeros(targets.shape[1], np.float32)
    looked, looked_bias = weights.copy(), bias.copy()
    # The curvature is at most half the largest eigenvalue of the weighted covariance, bias included.
    steepest = 0.55 * _largest(texts, across, shares) + penalty
    for step in range(steps):
        off = texts @ looked
        off += looked_bias
        off -= off.max(axis=1, keepdims=True)
        np.exp(off, out=off)
        off /= off.sum(axis=1, keepdims=True)
        off -= targets
        off *= shares[:, None]
        nearer = across @ off
        nearer *= -1.0 / steepest
        nearer += np.float32(1.0 - penalty / steepest) * looked
        nearer_bias = looked_bias - off.sum(axis=0) / np.float32(steepest)
        momentum = np.float32(step / (step + 3.0))
        np.subtract(nearer, weights, out=looked)
        looked *= momentum
        looked += nearer
        looked_bias = nearer_bias + momentum * (nearer_bias - bias)
        weights, bias = nearer, nearer_bias
    return weights, bias


def _largest(texts: Any, across: Any, shares: Matrix) -> float:
    """Estimate the largest eigenvalue by a fixed number of power iterations."""
    vector = np.ones(texts.shape[1] + 1)
    size = 1.0
    for _ in range(40):
        vector /= np.sqrt(vector @ vector)
        image = (texts @ vector[:-1] + vector[-1]) * shares
        vector = np.append(across @ image, image.sum())
        size = float(np.sqrt(vector @ vector))
    return size
