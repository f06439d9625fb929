"""A country in pieces: territories that are loaded and judged one after another, each with what bears on it from above.

A piece is a province, where that is too large its prefectures, and so on down; small neighbours go together. Every
unit of the day is in the territory of exactly one piece, so that the findings of all pieces together are those of the
whole, and no more is in memory than the largest piece takes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import psycopg

from registry.relations.columns import Flags, Indexes, Numbers
from registry.relations.territory import lineages
from registry.relations.two_times import NAMED
from registry.snapshot.assemble import tree
from registry.snapshot.columns import Snapshot
from registry.snapshot.large_tables import read_table
from registry.snapshot.load import MANY, TABLES, count_below, load
from registry.snapshot.surroundings import surroundings

# Up to so many units, those of a hundred counties, everything is read at once: that takes half the processor time that
# finding what bears on pieces by indexes does, and 200 MiB.
WHOLE: Final = 30_000
# Units of a piece where there are more: fewer take hardly less memory (of 5,000 units 169 MiB, of 28,000 478).
MOST: Final = 10_000
_TREE: Final = {name: TABLES["unit"][name] for name in ("code", "parent", "dissolved", "successor")}


class Piece(NamedTuple):
    """The territory of `roots`, or with `only` these units alone; None: everything. `units`: how many it judges.

    `apart`: only what bears on it is to be read, even where reading everything would be faster.
    """

    roots: tuple[str, ...] | None
    only: bool
    units: int
    apart: bool = True


def pieces(
    connection: psycopg.Connection[Any],
    as_of: date,
    known: int,
    within: str | None = None,
    *,
    most: int | None = None,
    at_least: int = 1,
) -> list[Piece]:
    """Return the pieces of a unit's territory (None: of the whole country) on the day, of at most `most` units each.

    One, where there are no more units than that (None: than WHOLE; pieces then have at most MOST) and one is enough;
    then `units` is no less than there are. `at_least`: about so many are wanted, for several who judge them; there are
    fewer where there are fewer units.

    Each unit that exists on the day as known is in exactly one of them, whatever order they are judged in; which pieces
    there are hangs on the units of the day alone. A unit without units below it is never divided, however much was
    handed to it.
    """
    whole, most = (WHOLE, MOST) if most is None else (most, most)
    if within is None:
        count, roots = _all_units(connection), None
    else:
        count, roots = count_below(connection, as_of, known, [within], whole * at_least + 1), (within,)
    if count <= whole and at_least == 1:
        apart = roots is not None and (count < MANY or _all_units(connection) > whole)
        return [Piece(roots, only=False, units=count, apart=apart)]
    most = max(1, min(most, -(-count // at_least)))
    return list(_cut(_Tree(connection, as_of, known), within, most))


def load_piece(connection: psycopg.Connection[Any], as_of: date, known: int, piece: Piece) -> Snapshot:
    """Return the snapshot that judges a piece; of a part of the country nothing but what bears on that part."""
    if piece.roots is None or not piece.apart:
        return load(connection, as_of, known, piece.roots, only=piece.only)
    near = surroundings(connection, as_of, known, piece.roots, only=piece.only)
    return load(connection, as_of, known, piece.roots, only=piece.only, near=near)


def _all_units(connection: psycopg.Connection[Any]) -> int:
    """How many rows of units there are, of all days: no fewer than units."""
    row = connection.execute("SELECT count(*) FROM unit").fetchone()
    return 0 if row is None else int(row[0])


class _Tree:
    """The units of a day: who is below whom, and how many."""

    def __init__(self, connection: psycopg.Connection[Any], as_of: date, known: int) -> None:
        columns = read_table(connection, "unit", _TREE, NAMED.at(), {"day": as_of, "known": known})
        self.codes: list[str] = list(columns["code"])
        self.index = {code: index for index, code in enumerate(self.codes)}
        dissolved: Flags = np.asarray(columns["dissolved"], np.int64) > 0
        self.node, self.parent = tree(self.index, columns)
        merged = self.node != np.arange(len(self.codes))
        self.exists: Flags = ~dissolved & ~merged
        self.lineage = lineages(self.parent, merged)
        ancestors = self.lineage[self.exists]
        self.sizes: Numbers = np.bincount(ancestors[ancestors >= 0], minlength=len(self.codes))
        self._children = defaultdict[int, list[int]](list)
        for unit in np.flatnonzero(~merged & (self.sizes > 0)).tolist():
            self._children[int(self.parent[unit])].append(unit)

    def children(self, unit: int) -> list[int]:
        """Those directly below a unit, -1: below none, by code; without those that judge nothing."""
        return sorted(self._children.get(unit, ()), key=self.codes.__getitem__)

    def below(self, unit: int) -> Flags:
        """Which units exist in the territory of a unit."""
        return np.asarray((self.lineage == unit).any(axis=1) & self.exists, np.bool_)


def _cut(of: _Tree, within: str | None, most: int) -> Iterator[Piece]:
    if within is None:
        left, starts = of.exists.copy(), of.children(-1)
    elif within in of.index:
        root = int(of.node[of.index[within]])
        left, starts = of.below(root), [root]
    else:
        left, starts = np.zeros(len(of.codes), np.bool_), []
    every: list[int] = []
    for roots in _packed(of, starts, most):
        every += roots
        yield _piece(of, roots, only=False)
    left &= ~np.isin(of.lineage, every).any(axis=1)
    # Those whose territory was divided, and any that the walk from above did not come to.
    rest: Indexes = np.flatnonzero(left).astype(np.int32)
    for first in range(0, len(rest), most):
        yield _piece(of, rest[first : first + most].tolist(), only=True)


def _packed(of: _Tree, starts: Sequence[int], most: int) -> Iterator[list[int]]:
    """Yield units whose territories go together; for one whose is too large, those below it."""
    packed: list[int] = []
    size = 0
    waiting = list(reversed(starts))
    while waiting:
        unit = waiting.pop()
        if of.sizes[unit] > most and (below := of.children(unit)):
            waiting.extend(reversed(below))
            continue
        if packed and size + of.sizes[unit] > most:
            yield packed
            packed, size = [], 0
        packed.append(unit)
        size += int(of.sizes[unit])
    if packed:
        yield packed


def _piece(of: _Tree, units: Sequence[int], *, only: bool) -> Piece:
    count = len(units) if only else int(of.sizes[list(units)].sum())
    return Piece(tuple(of.codes[unit] for unit in units), only=only, units=count)
