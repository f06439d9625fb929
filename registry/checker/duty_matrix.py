"""Who does what: the duties of a unit and of those right below it, side by side."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from registry.checker.balance import branches, held_duties
from registry.checker.rules.duty_without_power import lacking
from registry.snapshot.columns import Snapshot

Cell = Literal["none", "assists", "leads", "powerless"]
CELLS: Final[tuple[Cell, ...]] = ("none", "assists", "leads", "powerless")


@dataclass(frozen=True, slots=True)
class Row:
    """A duty: of each unit of the matrix whether it leads it, assists in it, or leads it without a power it takes."""

    matter: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class DutyMatrix:
    """`units`: the root, then those right below it, by code; `rows`: the duties that any of them holds, by code."""

    units: list[str]
    rows: list[Row]

    def only(self, units: Container[str] | None) -> DutyMatrix:
        """The same of some units alone; None: all of them."""
        if units is None:
            return self
        kept = [index for index, unit in enumerate(self.units) if unit in units]
        rows = [Row(row.matter, [row.cells[index] for index in kept]) for row in self.rows]
        return DutyMatrix([self.units[index] for index in kept], [row for row in rows if {*row.cells} - {"none"}])


def duty_matrix(snapshot: Snapshot, root: str) -> DutyMatrix:
    """What the root and the units right below it hold themselves, by law, list or delegation.

    Load the snapshot with `held` for what the law alone gives.
    """
    units, width = snapshot.units, len(snapshot.matters)
    there = np.flatnonzero(snapshot.territory & (units.level >= 0))
    chosen = there[branches(snapshot, there, root) == there] if len(there) else there
    start = int(units.node[units.index[root]]) if root in units.index else -1
    order = sorted(chosen.tolist(), key=lambda unit: (unit != start, units.code[unit]))
    column = np.full(len(units), -1, np.int64)
    column[order] = np.arange(len(order))
    if not width or not order:
        return DutyMatrix([units.code[unit] for unit in order], [])
    every, led = (keys[column[keys // width] >= 0] for keys in held_duties(snapshot))
    powerless = np.unique(lacking(snapshot, (led // width).astype(np.int32), (led % width).astype(np.int32))[0])
    matters, row = np.unique(every % width, return_inverse=True)
    cells = np.zeros((len(matters), len(order)), np.int8)
    cells[row, column[every // width]] = 1
    cells[np.searchsorted(matters, led % width), column[led // width]] = 2
    cells[np.searchsorted(matters, led[powerless] % width), column[led[powerless] // width]] = 3
    codes = [snapshot.matters.code[int(matter)] for matter in matters]
    rows = [Row(code, [CELLS[cell] for cell in of]) for code, of in zip(codes, cells.tolist(), strict=True)]
    return DutyMatrix([units.code[unit] for unit in order], sorted(rows, key=lambda each: each.matter))
