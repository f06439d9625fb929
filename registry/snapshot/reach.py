"""Which lists reach which units, and which of their items match which matters, without laying lists out by unit.

A list reaches the units of its audience's level in its scope's territory. So the lists that reach a unit are found on
the unit's few ancestors: the key (government of the scope, audience) is looked up for each of them and for the nation.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from registry.domain import words
from registry.snapshot.columns import NATIONWIDE, NOBODY, UNIT_KIND, Flags, Indexes, Numbers, Snapshot, spread

_LEVELS = len(words.LEVELS)


@dataclass(frozen=True, eq=False)
class Reaching:
    """Rows of lists, each about something (a matter, a kind …), found by scope, audience and that something."""

    keys: Numbers  # sorted
    rows: Numbers  # in the order of keys
    scoped: Flags  # by (scope, audience): is there any row
    width: int  # of what the rows are about


def reaching(snapshot: Snapshot, lists: Indexes, about: Indexes, width: int) -> Reaching:
    """Makes rows findable: row i belongs to lists[i] and is about about[i] < width."""
    places = _places(snapshot, snapshot.lists.scope[lists], snapshot.lists.audience[lists])
    kept = np.flatnonzero((snapshot.lists.scope[lists] != NOBODY) & (about >= 0))
    keys = places[kept] * width + about[kept]
    order = np.argsort(keys, kind="stable")
    scoped = np.zeros((len(snapshot.units) + 1) * _LEVELS, np.bool_)
    scoped[places[kept]] = True
    return Reaching(keys[order], kept[order], scoped, width)


def reached_by(snapshot: Snapshot, rows: Reaching, units: Indexes, about: Indexes) -> tuple[Numbers, Numbers]:
    """The rows that reach each unit and are about the same: pairs (place in `units`, row)."""
    pairs: list[tuple[Numbers, Numbers]] = []
    if not len(rows.keys) or not len(units):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    level = snapshot.units.level[units]
    for scope in (*snapshot.units.lineage.T, None):
        node = np.full(len(units), NATIONWIDE, np.int32) if scope is None else scope[units]
        places = _places(snapshot, node, level)
        looked = np.flatnonzero(rows.scoped[places] & ((node >= 0) | (scope is None)) & (units >= 0) & (level >= 0))
        if not len(looked):
            continue
        keys = places[looked] * rows.width + about[looked]
        starts = np.searchsorted(rows.keys, keys, "left")
        ends = np.searchsorted(rows.keys, keys, "right")
        which, places_found = spread(starts, ends)
        pairs.append((looked[which], rows.rows[places_found]))
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])


def _places(snapshot: Snapshot, scope: Indexes, audience: Indexes | np.ndarray) -> Numbers:
    """The place of (scope, audience); nationwide comes after the last unit."""
    node = np.where(scope == NATIONWIDE, len(snapshot.units), scope).astype(np.int64)
    return np.maximum(node * _LEVELS + audience, 0)


def matching(snapshot: Snapshot) -> tuple[Indexes, Indexes]:
    """Which items match which matters of the kind that their list covers: pairs (item, matter).

    By the item's matter; or its category; or one of its terms being contained in the matter's name or an alias.
    """
    items, matters, lists = snapshot.items, snapshot.matters, snapshot.lists
    pairs: list[tuple[int, int]] = [(i, int(m)) for i, m in enumerate(items.matter) if m >= 0]
    in_category: dict[str, list[int]] = defaultdict(list)
    for place, category in enumerate(matters.category):
        if category:
            in_category[category].append(place)
    containing = _containing(snapshot)
    for place, category in enumerate(items.category):
        if category:
            pairs += [(place, matter) for matter in in_category[category]]
        for term in items.terms[place] or ():
            pairs += [(place, matter) for matter in containing[term]]
    found = np.array(sorted(set(pairs)), np.int32).reshape(-1, 2)
    item, matter = found[:, 0], found[:, 1]
    same = matters.kind[matter] == lists.covers[items.list[item]]
    return item[same], matter[same]


def _containing(snapshot: Snapshot) -> dict[str, list[int]]:
    """For each term of an item the matters whose name or an alias contains it."""
    matters = snapshot.matters
    # One search through all names laid end to end; no name contains NUL (registry.domain.decisions).
    names = [(place, name) for place in range(len(matters)) for name in (matters.name[place], *matters.aliases[place])]
    whole = "\0".join(name for _, name in names)
    begins = list(accumulate((len(name) + 1 for _, name in names), initial=0))
    containing: dict[str, list[int]] = {}
    for term in {term for terms in snapshot.items.terms for term in terms or ()}:
        found: list[int] = []
        at = whole.find(term)
        while at >= 0:
            name = bisect_right(begins, at) - 1
            found.append(names[name][0])
            at = whole.find(term, begins[name + 1])
        containing[term] = found
    return containing


@dataclass(frozen=True, eq=False)
class Matches:
    """Items of some lists findable by a matter that they match and a unit that they reach."""

    item: Indexes  # of each row
    reaching: Reaching


def _matches(snapshot: Snapshot, of: Flags) -> Matches:
    item, matter = snapshot.once(matching)
    kept = of[snapshot.items.list[item]] if len(snapshot.lists) else np.zeros(0, np.bool_)
    item, matter = item[kept], matter[kept]
    return Matches(item, reaching(snapshot, snapshot.items.list[item], matter, len(snapshot.matters)))


def negative_matches(snapshot: Snapshot) -> Matches:
    """The items of negative lists."""
    return _matches(snapshot, ~snapshot.lists.positive)


def closed_matches(snapshot: Snapshot) -> Matches:
    """The items of closed positive lists."""
    return _matches(snapshot, snapshot.lists.positive & snapshot.lists.closed)


def matched_by(snapshot: Snapshot, matches: Matches, units: Indexes, matters: Indexes) -> tuple[Numbers, Indexes]:
    """The items that reach each unit and match its matter: pairs (place in `units`, item)."""
    rows, found = reached_by(snapshot, matches.reaching, units, matters)
    return rows, matches.item[found]


def closed_lists(snapshot: Snapshot) -> Reaching:
    """The closed positive lists, findable by the kind they cover."""
    lists = np.flatnonzero(snapshot.lists.positive & snapshot.lists.closed).astype(np.int32)
    return reaching(snapshot, lists, snapshot.lists.covers[lists].astype(np.int32), len(words.MATTER_KINDS))


@dataclass(frozen=True, eq=False)
class _Below:
    """Units of kind government or village by an ancestor (or themselves, or the nation) and their own level."""

    start: Numbers
    unit: Indexes


def _below(snapshot: Snapshot) -> _Below:
    units = snapshot.units
    able = np.isin(units.kind, (UNIT_KIND["government"], UNIT_KIND["village"]))
    everyone = np.flatnonzero(able)
    found = [everyone]
    place = [_places(snapshot, np.full(len(everyone), NATIONWIDE, np.int32), units.level[everyone])]
    for ancestor in units.lineage.T:
        rows = np.flatnonzero(able & (ancestor >= 0))
        place.append(_places(snapshot, ancestor[rows], units.level[rows]))
        found.append(rows)
    places, unit = np.concatenate(place), np.concatenate(found)
    order = np.argsort(places, kind="stable")
    start = np.searchsorted(places[order], np.arange((len(units) + 1) * _LEVELS + 1))
    return _Below(start, unit[order].astype(np.int32))


def holders_by_list(snapshot: Snapshot, items: Indexes) -> tuple[Indexes, Indexes]:
    """Every unit that holds each of these items of lists that assign: pairs (unit, item), laid out."""
    below = snapshot.once(_below)
    lists = snapshot.items.list[items]
    scope = snapshot.lists.scope[lists]
    places = _places(snapshot, scope, snapshot.lists.audience[lists])
    starts = below.start[places]
    ends = np.where(scope == NOBODY, starts, below.start[places + 1])
    rows, found = spread(starts, ends)
    return below.unit[found], items[rows]
