"""Which units effectively hold which powers: of many at once, by one snapshot."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from registry.relations.powers import IN_NAME, effective_powers, holding
from registry.snapshot import Snapshot

Pair = tuple[str, str]  # a unit and a power
_AT_ONCE = 1_000_000  # pairs of a unit and a power that are looked at together


def effective(snapshot: Snapshot, pairs: Collection[Pair]) -> dict[Pair, bool]:
    """Whether each unit effectively holds the power: itself, or as a team in its bureau's name.

    Not where the unit is not there on the day. The snapshot: loaded with `held`, for what the law alone gives.
    """
    units, powers = snapshot.units, snapshot.matters
    there = [(unit, power) for unit, power in pairs if unit in units.index and power in powers.index]
    there = [(unit, power) for unit, power in there if units.kind[units.index[unit]] >= 0]
    ways = holding(
        snapshot.once(effective_powers),
        np.array([units.index[unit] for unit, _ in there], np.int32),
        np.array([powers.index[power] for _, power in there], np.int32),
    )
    return dict.fromkeys(pairs, False) | {pair: bool(way) for pair, way in zip(there, ways, strict=True)}


def effective_holders(snapshot: Snapshot, powers: Sequence[str]) -> dict[str, list[str]]:
    """The units of the snapshot's territory that effectively hold each of these powers themselves, by code.

    A team that acts in its bureau's name does not hold it itself. Load the snapshot with `held`.
    """
    units, index = snapshot.units, snapshot.matters.index
    mine = np.flatnonzero(snapshot.territory & (units.level >= 0)).astype(np.int32)
    results: dict[str, list[str]] = {power: [] for power in powers}
    wanted = [power for power in results if power in index]
    together = max(_AT_ONCE // max(len(mine), 1), 1)
    for start in range(0, len(wanted), together):
        some = wanted[start : start + together]
        matters = np.array([index[power] for power in some], np.int32)
        ways = holding(
            snapshot.once(effective_powers), np.tile(mine, len(some)), np.repeat(matters, len(mine)).astype(np.int32)
        )
        held = (ways & ~IN_NAME != 0).reshape(len(some), len(mine))
        for power, row in zip(some, held, strict=True):
            results[power] = sorted(units.code[int(unit)] for unit in mine[row].tolist())
    return results
