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
from registry.projections.picture.columns import (
    NATIONWIDE,
    NOBODY,
    UNIT_KIND,
    Codes,
    Flags,
    Numbers,
    Picture,
    spread,
)

_LEVELS = len(words.LEVELS)


@dataclass(frozen=True, eq=False)
class Reaching:
    """Rows of lists, each about something (a matter, a kind …), found by scope, audience and that something."""

    keys: Numbers  # sorted
    rows: Numbers  # in the order of keys
    scoped: Flags  # by (scope, audience): is there any row
    width: int  # of what the rows are about


def reaching(picture: Picture, lists: Codes, about: Codes, width: int) -> Reaching:
    """Makes rows findable: row i belongs to lists[i] and is about about[i] < width."""
    places = _places(picture, picture.lists.scope[lists], picture.lists.audience[lists])
    kept = np.flatnonzero((picture.lists.scope[lists] != NOBODY) & (about >= 0))
    keys = places[kept] * width + about[kept]
    order = np.argsort(keys, kind="stable")
    scoped = np.zeros((len(picture.units) + 1) * _LEVELS, np.bool_)
    scoped[places[kept]] = True
    return Reaching(keys[order], kept[order], scoped, width)


def reached_by(picture: Picture, rows: Reaching, units: Codes, about: Codes) -> tuple[Numbers, Numbers]:
    """The rows that reach each unit and are about the same: pairs (place in `units`, row)."""
    pairs: list[tuple[Numbers, Numbers]] = []
    if not len(rows.keys) or not len(units):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    level = picture.units.level[units]
    for scope in (*picture.units.lineage.T, None):
        node = np.full(len(units), NATIONWIDE, np.int32) if scope is None else scope[units]
        places = _places(picture, node, level)
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


def _places(picture: Picture, scope: Codes, audience: Codes | np.ndarray) -> Numbers:
    """The place of (scope, audience); nationwide comes after the last unit."""
    node = np.where(scope == NATIONWIDE, len(picture.units), scope).astype(np.int64)
    return np.maximum(node * _LEVELS + audience, 0)


def matching(picture: Picture) -> tuple[Codes, Codes]:
    """Which items match which matters of the kind that their list covers: pairs (item, matter).

    By the item's matter; or its category; or one of its terms being contained in the matter's name or an alias.
    """
    items, matters, lists = picture.items, picture.matters, picture.lists
    pairs: list[tuple[int, int]] = [(i, int(m)) for i, m in enumerate(items.matter) if m >= 0]
    in_category: dict[str, list[int]] = defaultdict(list)
    for place, category in enumerate(matters.category):
        if category:
            in_category[category].append(place)
    containing = _containing(picture)
    for place, category in enumerate(items.category):
        if category:
            pairs += [(place, matter) for matter in in_category[category]]
        for term in items.terms[place] or ():
            pairs += [(place, matter) for matter in containing[term]]
    found = np.array(sorted(set(pairs)), np.int32).reshape(-1, 2)
    item, matter = found[:, 0], found[:, 1]
    same = matters.kind[matter] == lists.covers[items.list[item]]
    return item[same], matter[same]


def _containing(picture: Picture) -> dict[str, list[int]]:
    """For each term of an item the matters whose name or an alias contains it."""
    matters = picture.matters
    # One search through all names laid end to end; no name contains NUL (registry.domain.decisions).
    names = [(place, name) for place in range(len(matters)) for name in (matters.name[place], *matters.aliases[place])]
    whole = "\0".join(name for _, name in names)
    begins = list(accumulate((len(name) + 1 for _, name in names), initial=0))
    containing: dict[str, list[int]] = {}
    for term in {term for terms in picture.items.terms for term in terms or ()}:
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

    item: Codes  # of each row
    reaching: Reaching


def _matches(picture: Picture, of: Flags) -> Matches:
    item, matter = picture.once(matching)
    kept = of[picture.items.list[item]] if len(picture.lists) else np.zeros(0, np.bool_)
    item, matter = item[kept], matter[kept]
    return Matches(item, reaching(picture, picture.items.list[item], matter, len(picture.matters)))


def negative_matches(picture: Picture) -> Matches:
    """The items of negative lists."""
    return _matches(picture, ~picture.lists.positive)


def closed_matches(picture: Picture) -> Matches:
    """The items of closed positive lists."""
    return _matches(picture, picture.lists.positive & picture.lists.closed)


def matched_by(picture: Picture, matches: Matches, units: Codes, matters: Codes) -> tuple[Numbers, Codes]:
    """The items that reach each unit and match its matter: pairs (place in `units`, item)."""
    rows, found = reached_by(picture, matches.reaching, units, matters)
    return rows, matches.item[found]


def closed_lists(picture: Picture) -> Reaching:
    """The closed positive lists, findable by the kind they cover."""
    lists = np.flatnonzero(picture.lists.positive & picture.lists.closed).astype(np.int32)
    return reaching(picture, lists, picture.lists.covers[lists].astype(np.int32), len(words.MATTER_KINDS))


@dataclass(frozen=True, eq=False)
class _Below:
    """Units of kind government or village by an ancestor (or themselves, or the nation) and their own level."""

    start: Numbers
    unit: Codes


def _below(picture: Picture) -> _Below:
    units = picture.units
    able = np.isin(units.kind, (UNIT_KIND["government"], UNIT_KIND["village"]))
    everyone = np.flatnonzero(able)
    found = [everyone]
    place = [_places(picture, np.full(len(everyone), NATIONWIDE, np.int32), units.level[everyone])]
    for ancestor in units.lineage.T:
        rows = np.flatnonzero(able & (ancestor >= 0))
        place.append(_places(picture, ancestor[rows], units.level[rows]))
        found.append(rows)
    places, unit = np.concatenate(place), np.concatenate(found)
    order = np.argsort(places, kind="stable")
    start = np.searchsorted(places[order], np.arange((len(units) + 1) * _LEVELS + 1))
    return _Below(start, unit[order].astype(np.int32))


def holders_by_list(picture: Picture, items: Codes) -> tuple[Codes, Codes]:
    """Every unit that holds each of these items of lists that assign: pairs (unit, item), laid out."""
    below = picture.once(_below)
    lists = picture.items.list[items]
    scope = picture.lists.scope[lists]
    places = _places(picture, scope, picture.lists.audience[lists])
    starts = below.start[places]
    ends = np.where(scope == NOBODY, starts, below.start[places + 1])
    rows, found = spread(starts, ends)
    return below.unit[found], items[rows]
