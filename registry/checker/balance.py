"""权责平衡: what units must do against what they were given to do it with, counted over the snapshot of a day.

A duty is counted once for a unit, however often it holds it. It is led with power where every power that it requires is
effectively held by the unit or a department of which it is the government (duty-without-power's own relation, here of
units of every level). It is funded or not as unfunded-mandate says it, which looks at each delegation and each item of
a list: what the law gives brings nothing and is not asked about.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.checker.check import violating
from registry.checker.holdings import assigned_duties, duty_delegations, matter_of, role_of
from registry.checker.rule import Hits, both, of_delegations
from registry.checker.rules import RULES
from registry.checker.rules.duty_without_power import lacking
from registry.checker.rules.unfunded_mandate import unfunded
from registry.domain import words
from registry.relations.columns import MATTER_KIND, ROLE, Flags, Indexes, Numbers, distinct
from registry.relations.holding import by_law
from registry.relations.powers import effective_powers, how_many
from registry.snapshot.columns import Snapshot
from registry.snapshot.side_by_side import SideBySide

COLUMNS: Final = (
    "units",
    "duties",
    "led",
    "with_power",
    "without_power",
    "no_power_needed",
    "powers",
    "assigned",
    "funded",
    "unfunded",
    "without_needs",
    "violations",
    "duty_violations",
)
TOGETHER: Final = 100_000  # rows of days that are counted together


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a unit, or summed over several.

    `duties`: held in any role, by law, list or delegation; `led`: of these as lead, which are `with_power` or
    `without_power`; `no_power_needed`: of those with power the ones that require none. `powers`: effectively held.
    `assigned`: holdings of duties by delegation or list, in any role, which are `funded`, `unfunded` or
    `without_needs`. `violations`: findings of severity V that are borne and not waived; `duty_violations`: of these
    the ones about duties.
    """

    units: int
    duties: int
    led: int
    with_power: int
    without_power: int
    no_power_needed: int
    powers: int
    assigned: int
    funded: int
    unfunded: int
    without_needs: int
    violations: int
    duty_violations: int

    @property
    def violations_per_100_duties(self) -> float | None:
        """Violations about duties for each 100 duties held, to two decimals; None where no duty is held."""
        return round(100 * self.duty_violations / self.duties, 2) if self.duties else None


@dataclass(frozen=True, slots=True)
class Row:
    """A unit of the territory and its figures. `level`: the contract's word."""

    unit: str
    name: str
    level: str
    figures: Figures


@dataclass(frozen=True, eq=False)
class Balance:
    """The figures of a territory as of a day: a row for each unit that exists, by code; `counts` are their columns.

    `branches`: for each the unit right below the territory's root that it lies under; the root's own is itself.
    """

    as_of: date
    known: int
    units: list[str]
    names: list[str]
    level: NDArray[np.int8]
    counts: NDArray[np.int64]
    branches: list[str]

    def only(self, units: Container[str] | None) -> Balance:
        """The same of some units alone; None: all of them."""
        if units is None:
            return self
        kept = [index for index, unit in enumerate(self.units) if unit in units]
        codes, names = [self.units[index] for index in kept], [self.names[index] for index in kept]
        branches = [self.branches[index] for index in kept]
        level, counts = self.level[kept], self.counts[kept]
        return replace(self, units=codes, names=names, level=level, counts=counts, branches=branches)

    def rows(self) -> list[Row]:
        """Each unit's figures, by code."""
        return [self.row(index) for index in range(len(self.units))]

    def row(self, index: int) -> Row:
        """The figures of one unit."""
        word = words.LEVELS[int(self.level[index])]
        return Row(self.units[index], self.names[index], word, _figures(self.counts[index]))

    def total(self) -> Figures:
        """The whole territory's."""
        return _figures(self.counts.sum(axis=0))

    def by_branch(self) -> dict[str, Figures]:
        """Those of each unit right below the root with all below it, and of the root alone; by code."""
        codes, which = np.unique(np.array(self.branches, np.str_), return_inverse=True)
        sums = np.zeros((len(codes), len(COLUMNS)), np.int64)
        np.add.at(sums, which, self.counts)
        return {str(code): _figures(of) for code, of in zip(codes, sums, strict=True)}

    def by_level(self) -> dict[str, Figures]:
        """Those of each level that the territory has units of, from the top."""
        return {
            word: _figures(self.counts[self.level == level].sum(axis=0))
            for level, word in enumerate(words.LEVELS)
            if (self.level == level).any()
        }


def _figures(counts: NDArray[np.int64]) -> Figures:
    return Figures(*map(int, counts))


def balance(snapshot: Snapshot, root: str) -> Balance:
    """The balance of the snapshot's territory, of which this is the root.

    Load the snapshot with `held` for what the law alone gives.
    """
    rows = _rows(snapshot, root)
    return _balance(snapshot, rows, _counts(snapshot)[rows.order])


def balances(snapshots: Iterable[Snapshot], root: str) -> Iterator[Balance]:
    """The balance of each of these, of which this is the root: of few units many are counted together."""
    rows: dict[tuple[int, int], _Rows] = {}  # those of days that have the same units, while these are there
    for days in _few_together(snapshots):
        together = SideBySide(days)
        counts = _counts(together if len(days) > 1 else days[0])
        for day, start in zip(days, together.starts("units").tolist(), strict=False):
            of = id(day.units), id(day.territory)
            if of not in rows:
                rows[of] = _rows(day, root)
            yield _balance(day, rows[of], counts[start + rows[of].order])
        together.let_go()
        rows.clear()


def _few_together(snapshots: Iterable[Snapshot]) -> Iterator[list[Snapshot]]:
    some, many = list[Snapshot](), 0
    for snapshot in snapshots:
        size = sum(map(len, (snapshot.units, snapshot.matters, snapshot.delegations, snapshot.items)))
        if some and many + size > TOGETHER:
            yield some
            some, many = [], 0
        some.append(snapshot)
        many += size
    if some:
        yield some


@dataclass(frozen=True, eq=False)
class _Rows:
    """The units of a balance by code: their places, codes and names, and each one's branch."""

    order: Numbers
    units: list[str]
    names: list[str]
    branches: list[str]


def _rows(snapshot: Snapshot, root: str) -> _Rows:
    units = snapshot.units
    mine = np.flatnonzero(snapshot.territory & (units.level >= 0))
    order = np.array(sorted(mine.tolist(), key=units.code.__getitem__), np.int64)
    return _Rows(
        order=order,
        units=[units.code[unit] for unit in order.tolist()],
        names=[units.name[unit] for unit in order.tolist()],
        branches=[units.code[branch] for branch in branches(snapshot, order, root).tolist()],
    )


def _balance(snapshot: Snapshot, rows: _Rows, counts: NDArray[np.int64]) -> Balance:
    level = snapshot.units.level[rows.order]
    return Balance(snapshot.as_of, snapshot.known, rows.units, rows.names, level, counts, rows.branches)


def _counts(snapshot: Snapshot) -> NDArray[np.int64]:
    """The figures of all units, a row each."""
    units = snapshot.units
    mine = snapshot.territory & (units.level >= 0)
    columns = {name: np.zeros(len(units), np.int64) for name in COLUMNS}
    columns["units"][mine] = 1
    if len(snapshot.matters) and mine.any():
        _count_duties(snapshot, columns)
        _count_means(snapshot, columns)
        held = how_many(snapshot.once(effective_powers), np.arange(len(units), dtype=np.int32))
        columns["powers"] = np.where(mine, held, 0)
        _count_violations(snapshot, columns)
    return np.column_stack([columns[name] for name in COLUMNS])


def branches(snapshot: Snapshot, units: Numbers, root: str | None) -> Numbers:
    """Of each of these units the one right below the root that it lies under; of the root itself, itself.

    Where the root is not above it, the highest that is.
    """
    lineage = snapshot.units.lineage[units]
    index = snapshot.units.index.get(root, -1) if root is not None else -1
    at = lineage == (int(snapshot.units.node[index]) if index >= 0 else -2)
    last = (lineage >= 0).sum(axis=1) - 1
    inside: Flags = at.any(axis=1)
    first: Numbers = at.argmax(axis=1)
    below = np.maximum(np.where(inside, first - 1, last), 0)
    return lineage[np.arange(len(units)), below].astype(np.int64)


def _by_unit(snapshot: Snapshot, units: Indexes | Numbers) -> Numbers:
    """How often each unit is among these."""
    return np.bincount(units, minlength=len(snapshot.units))


def _assigned(snapshot: Snapshot) -> Hits:
    """The duties that the territory holds by delegation and by list."""
    hits = both(of_delegations(snapshot, duty_delegations(snapshot)), assigned_duties(snapshot))
    return hits.where(snapshot.territory[hits.unit])


def held_duties(snapshot: Snapshot) -> tuple[Numbers, Numbers]:
    """The duties that the territory holds, keys `unit * matters + matter`, sorted: in any role, and of these as lead.

    Load the snapshot with `held` for what the law alone gives.
    """
    hits, (units, duties) = snapshot.once(_assigned), by_law(snapshot, "duty", snapshot.territory)
    width = len(snapshot.matters)
    lawful = units.astype(np.int64) * width + duties
    given = hits.unit.astype(np.int64) * width + matter_of(snapshot, hits)
    led = given[role_of(snapshot, hits) == ROLE["lead"]]
    return distinct(np.concatenate([lawful, given])), distinct(np.concatenate([lawful, led]))


def _count_duties(snapshot: Snapshot, columns: dict[str, Numbers]) -> None:
    every, led = held_duties(snapshot)
    width = len(snapshot.matters)
    columns["duties"] += _by_unit(snapshot, every // width)
    units, duties = led // width, (led % width).astype(np.int32)
    columns["led"] += _by_unit(snapshot, units)
    without = distinct(lacking(snapshot, units.astype(np.int32), duties)[0])
    columns["without_power"] += _by_unit(snapshot, units[without])
    columns["with_power"] += columns["led"] - columns["without_power"]
    needs_none = np.diff(snapshot.matters.requires_start)[duties] == 0
    columns["no_power_needed"] += _by_unit(snapshot, units[needs_none])


def _count_means(snapshot: Snapshot, columns: dict[str, Numbers]) -> None:
    hits = snapshot.once(_assigned)
    short = unfunded(snapshot, hits)
    needing = snapshot.matters.needs[matter_of(snapshot, hits)] != 0
    columns["assigned"] += _by_unit(snapshot, hits.unit)
    columns["unfunded"] += _by_unit(snapshot, hits.unit[short])
    columns["funded"] += _by_unit(snapshot, hits.unit[needing & ~short])
    columns["without_needs"] += _by_unit(snapshot, hits.unit[~needing & ~short])


def _count_violations(snapshot: Snapshot, columns: dict[str, Numbers]) -> None:
    for rule in RULES.values():
        hits = violating(snapshot, rule)
        columns["violations"] += _by_unit(snapshot, hits.unit)
        about_duties = snapshot.matters.kind[matter_of(snapshot, hits)] == MATTER_KIND["duty"]
        columns["duty_violations"] += _by_unit(snapshot, hits.unit[about_duties])
