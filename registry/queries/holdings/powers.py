"""The powers of a unit: which it effectively holds and by which chain, and which were handed to it in vain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from registry import snapshot as snapshots
from registry.relations.powers import Powers, chain, effective_powers, entrusted_only, grants, grants_to, held
from registry.relations.two_times import AsOf
from registry.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class PowerHolding:
    """A power that a unit holds, or was granted without effect.

    `chain`: the subjects from the original holder down to the unit; empty where there is no way, or where the power
    is vested in the unit by name. `entrusted_only`: it may not grant it again.
    """

    power: str
    effective: bool
    entrusted_only: bool
    chain: list[str]


def powers(connection: psycopg.Connection[Any], moment: AsOf, units: Sequence[str]) -> dict[str, list[PowerHolding]]:
    """The powers of each unit on the day, in order of code. A unit that does not exist then is not in the answer."""
    snapshot = snapshots.load(connection, moment.valid_at, moment.known_at, within=units, held_powers=True)
    result = snapshot.once(effective_powers)
    indexes = {unit: snapshot.units.index.get(unit, -1) for unit in units}
    return {unit: _of(snapshot, result, index) for unit, index in indexes.items() if index >= 0}


def _of(snapshot: Snapshot, powers: Powers, unit: int) -> list[PowerHolding]:
    codes = snapshot.matters.code
    if snapshot.units.kind[unit] < 0:  # dissolved
        return []
    effective, ways = held(powers, unit)
    only = entrusted_only(ways)
    holdings = [
        PowerHolding(codes[power], True, bool(entrusted), chain(powers, unit, power))
        for power, entrusted in zip(map(int, effective), only, strict=True)
    ]
    candidates = np.setdiff1d(np.unique(snapshot.once(grants).power), effective)
    holdings += [
        PowerHolding(codes[power], False, False, [])
        for power in map(int, candidates)
        if grants_to(powers, unit, power, good=False)
    ]
    return sorted(holdings, key=lambda holding: holding.power)
