"""Which of the powers that duties require their holders lack: of many holdings at once, by one snapshot."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from registry.checker.rules.duty_without_power import lacking
from registry.snapshot import Snapshot

Pair = tuple[str, str]  # a unit and a duty


def missing_powers(snapshot: Snapshot, pairs: Collection[Pair]) -> dict[Pair, list[str]]:
    """The powers that each duty requires and that neither the unit nor a department or team of it effectively holds.

    In order of code, as the rule duty-without-power says it, of duties in any role. A pair whose unit is not there on
    the day, or whose matter requires nothing, is not in the answer. The snapshot: loaded with `held`, for what the law
    alone gives.
    """
    unit_at, duty_at, codes = snapshot.units.index, snapshot.matters.index, snapshot.matters.code
    there = [
        (unit, duty)
        for unit, duty in pairs
        if duty in duty_at and unit in unit_at and snapshot.units.kind[unit_at[unit]] >= 0
    ]
    answers: dict[Pair, list[str]] = {pair: [] for pair in there}
    if not there:
        return answers
    of_units = np.array([unit_at[unit] for unit, _ in there], np.int32)
    rows, powers = lacking(snapshot, of_units, np.array([duty_at[duty] for _, duty in there], np.int32))
    for row, power in zip(map(int, rows), map(int, powers), strict=True):
        answers[there[row]].append(codes[power])
    return {pair: sorted(missing) for pair, missing in answers.items()}
