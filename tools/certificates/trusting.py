"""How far what the models hear can be trusted: learnt from sayings that these models have not learnt.

It is asked of a village that stands for all: what the negative lists name is forbidden, what the demonstration's county
lets its villages issue is allowed, the rest is on no list.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import orjson
import scipy.optimize
from numpy.typing import NDArray

from registry import data_files
from registry.queries.certificates import model
from registry.queries.certificates.chances import Chances, features, features_named
from registry.queries.certificates.heard import Heard, Manner
from registry.queries.certificates.status import Certificate
from registry.queries.certificates.understanding import Bearers, bearers, listened
from tools.certificates.sayings import Saying

NEGATIVE: Final = ("lists/negative/village-certificates.yaml", "lists/negative/village-certificates-hubei.yaml")
POSITIVE: Final = data_files.CHECKOUT / "registry" / "demo" / "data" / "items" / "YC-CERT16.csv"
PENALTY: Final = 1e-3
LONG: Final = 10  # letters: a shorter saying counts as much less; people at a window say more than a word
SEVERAL: Final = 0.5  # how often one that may mean several: they are more of the sayings than of what people ask
NO_SLIP: Final = 0.3  # how often one counts in which no paper, slip or stamp is spoken of: it may be for other things
DECIMALS: Final = 4
STEPS: Final = 2000
Numbers = NDArray[np.float64]


class Lesson(NamedTuple):
    """What was heard of a saying, how it is said, which of Chances was right, and how often it counts."""

    heard: Heard
    manner: Manner
    right: str
    counts: float


def village() -> Bearers:
    """The certificates on the lists, as a village of the demonstration's county has them."""
    entered = [
        (item["name"], item["matter"], "FORBIDDEN")
        for name in NEGATIVE
        for item in data_files.own_yaml(data_files.path(name))["items"]
    ]
    with POSITIVE.open(encoding="utf-8", newline="") as lines:
        entered += [(row["name"], row["matter"], "ALLOWED") for row in csv.DictReader(lines)]
    named: dict[tuple[str, str], list[str]] = {}
    for name, matter, status in entered:
        named.setdefault((matter, status), []).append(name)
    return bearers(
        Certificate(status, matter, names[0], None, None, None, None, (), None, None, (), tuple(dict.fromkeys(names)))
        for (matter, status), names in named.items()
    )


def lessons(texts: Iterable[Saying], by: model.Models) -> list[Lesson]:
    """What these models hear of sayings, and what would have been right; without those that are named outright."""
    listed, others = village(), bearers(())
    results: list[Lesson] = []
    for one in texts:
        answer = listened(one.text, listed, others, by)
        if answer is None:
            continue
        heard, manner = answer
        counts = min(1.0, manner.length / LONG) * (1.0 if manner.slip else NO_SLIP)
        counts *= SEVERAL if len(one.means) > 1 else 1.0
        results.append(Lesson(heard, manner, _right(heard, one.means), counts))
    return results


def trained(learnt: Sequence[Lesson], about: Mapping[str, Any]) -> bytes:
    """The file of weights that tell the chances best (`chances.weights`)."""
    rows: Numbers = np.array([list(features(one.heard, one.manner).values()) for one in learnt])
    means, spread = rows.mean(axis=0), rows.std(axis=0)
    means[0], spread[spread == 0] = 0.0, 1.0
    targets: Numbers = np.array([[float(one.right == name) for name in Chances._fields] for one in learnt])
    counts: Numbers = np.array([one.counts for one in learnt])
    weights = _descend((rows - means) / spread, targets, counts / counts.sum()) / spread[:, None]
    weights[0] -= means @ weights
    named = {
        name: [round(float(value), DECIMALS) for value in row]
        for name, row in zip(features_named(), weights, strict=True)
    }
    content = {"about": dict(about), "chances": list(Chances._fields), "weights": named}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _descend(rows: Numbers, targets: Numbers, counts: Numbers) -> Numbers:
    """Give the weights of a softmax regression: (features, chances)."""

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        weights = flat.reshape(rows.shape[1], targets.shape[1])
        logits = rows @ weights
        logits -= logits.max(axis=1, keepdims=True)
        odds = np.exp(logits)
        sums = odds.sum(axis=1, keepdims=True)
        off = (odds / sums - targets) * counts[:, None]
        value = counts @ (np.log(sums[:, 0]) - (logits * targets).sum(axis=1))
        return float(value + PENALTY * (weights**2).sum()), (rows.T @ off + 2 * PENALTY * weights).ravel()

    start = np.zeros(rows.shape[1] * targets.shape[1])
    options = {"maxiter": STEPS, "ftol": 1e-14, "gtol": 1e-9}
    solver: Any = scipy.optimize
    result = solver.minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return result.x.reshape(rows.shape[1], targets.shape[1])


def _right(heard: Heard, means: Sequence[str]) -> str:
    """Which of Chances is right of a saying that means this."""
    if len(means) > 1:
        return "several"
    if means[0] == model.NO_REQUEST:
        return "nothing"
    names = [means[0] in one.certificate.texts for one in heard.listed]
    if not any(names):
        return "unlisted"
    return {0: "first", 1: "second"}.get(names.index(True), "other")
