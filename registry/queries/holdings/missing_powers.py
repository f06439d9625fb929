"""Which of the powers that duties require their holders lack: of many holdings at once, by one snapshot."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import psycopg

from registry import snapshot as snapshots
from registry.checker.rules.duty_without_power import lacking
from registry.relations.two_times import AsOf

Pair = tuple[str, str]  # a unit and a duty
ALONE: Final = 3_000  # units; what bears on more of them is read faster with everything


def missing_powers(connection: psycopg.Connection[Any], moment: AsOf, pairs: Collection[Pair]) -> dict[Pair, list[str]]:
    """The powers that each duty requires and that neither the unit nor a department or team of it effectively holds.

    In order of code, as the rule duty-without-power says it, of duties in any role. A pair whose unit is not there on
    the day, or whose matter requires nothing, is not in the answer.
    """
    units = {unit for unit, _ in pairs}
    within = sorted(units) if len(units) <= ALONE else None
    snapshot = snapshots.load(connection, moment.valid_at, moment.known_at, within, only=within is not None, held=True)
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
