"""Which rows of many days can bear on a unit's findings about some matters, and on which days these begin or end.

What `surroundings` says of a unit on a day holds of all days together: what was handed to units that never were above
it, never sent it anything, nor were read as one of these, bears on nothing that the unit is found to bear. So a town's
findings need not be judged again because the county wrote to another town.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np

from registry.relations.columns import Flags, Numbers
from registry.snapshot.column_reader import Columns
from registry.snapshot.over_time import OverTime

# The columns that say of which matter a row is, in the tables whose rows of other matters bear on no finding of these.
_MATTER: Final[Mapping[str, str]] = {
    "matter": "code",
    "lawful_holder": "matter",
    "item": "matter",
    "vesting": "power",
    "delegation": "matter",
    "demand": "matter",
    "proposal": "matter",
}
# The columns that say whose a row is, in the tables whose rows of units that are not near bear on nothing.
_UNIT: Final[Mapping[str, str]] = {
    "list": "scope",
    "vesting": "unit",
    "delegation": "recipient",
    "demand": "recipient",
    "rectification": "unit",
    "waiver": "unit",
    "returned": "recipient",
}
TABLES: Final = frozenset({*_MATTER, *_UNIT, "unit", "instrument"})
BY_MATTER: Final = frozenset({*_MATTER, "instrument", "list"})
BY_NAMES: Final = frozenset({"delegation", "demand", "proposal", "vesting"})  # what no matter's or item's names are in
_GOVERNMENTS: Final = ("government", "village")  # every other kind of unit is an office
_NOBODY: Final = frozenset[str]()
_NONE: Final = np.zeros(0, np.int64)


class About(NamedTuple):
    """A unit and some matters, and the tables of which rows about other matters do not count.

    `refs`: the only delegations that count, where not all of these matters do.
    """

    unit: str
    matters: frozenset[str]
    tables: frozenset[str] = frozenset()
    refs: frozenset[str] | None = None

    def by_matter(self, table: str) -> bool:
        """Whether only rows of these matters count of a table."""
        return table in self.tables


class _Near(NamedTuple):
    """By place of a unit: those whose holdings can bear on a unit, and those whose place in the tree can."""

    holding: Flags
    in_tree: Flags


class Bearing:
    """The rows of an OverTime that can bear on findings, by what these are about."""

    def __init__(self, over_time: OverTime) -> None:
        self._tables: dict[str, Columns] = {**over_time.columns, "returned": over_time.returned}
        self._places: dict[str, int] = {"": 0}  # of unit codes; '' names nobody, or a nationwide list's scope
        self._of_units = {table: self._numbered(self._tables[table][column]) for table, column in _UNIT.items()}
        self._units = self._numbered(self._tables["unit"]["code"])
        self._above = defaultdict[str, set[str]](set)
        self._works_at = defaultdict[str, set[str]](set)
        self._steps = self._led_to(over_time.past["past_delegation"])
        self._near: dict[str, _Near] = {}
        self._lists_near: dict[tuple[str, frozenset[str] | None], set[str]] = {}
        self._led: dict[str, set[str]] = {}  # from each unit all that the walk reaches, and only upwards
        self._led_up: dict[str, set[str]] = {}
        self._by_value: dict[tuple[str, str], dict[str, list[int]]] = {}
        self._chosen: dict[tuple[str, About], Numbers] = {}
        self._several: dict[tuple[tuple[str, ...], About], list[tuple[str, Numbers]]] = {}
        self._documents: dict[About, set[str]] = {}

    def rows(self, table: str, about: About) -> Numbers:
        """Which rows of a table count; too many are never wrong."""
        source = "delegation" if table == "past_delegation" else table
        if source not in TABLES:
            return _NONE  # the same on every day
        key = (source, about)
        if key not in self._chosen:
            self._chosen[key] = self._which(source, about)
        return self._chosen[key]

    def rows_of(self, tables: tuple[str, ...], about: About) -> list[tuple[str, Numbers]]:
        """Which rows count of each of these tables, of which some do: places in what `OverTime.held` gives of a day."""
        if (tables, about) not in self._several:
            several = [(table, self.rows(table, about)) for table in tables]
            among = len(self._tables["instrument"]["from"])
            self._several[tables, about] = [
                (table, np.concatenate([rows, rows + among]) if table == "instrument" else rows)
                for table, rows in several
                if len(rows)
            ]
        return self._several[tables, about]

    def days(self, tables: Iterable[str], about: About) -> set[int]:
        """The days (ordinals) on which a row of these tables that counts begins or ends."""
        results: set[int] = set()
        for table in tables:
            rows = self.rows(table, about)
            for name in ("from", "to", "returned_on") if table == "returned" else ("from", "to"):
                results.update(self._tables[table][name][rows].tolist())
        return results - {0}

    def days_after(self, table: str, column: str, days: int, about: About) -> set[int]:
        """The days (ordinals) that come so many days after a date of the rows of a table that count."""
        name = {"valid_from": "from", "valid_to": "to"}.get(column, column)
        values: Numbers = self._tables[table][name][self.rows(table, about)]
        return set((values[values > 0] + days).tolist())

    def of_subject(self, subjects: str, subject: str) -> tuple[str, list[int]]:
        """The table that a finding's subject is in, and its rows. `subjects`: as a rule says."""
        if subjects == "holdings" and "#" in subject:
            of, _, item = subject.partition("#")
            rows = self._rows_by("item", "item").get(item, ())
            return "item", [row for row in rows if self._tables["item"]["list"][row] == of]
        table = {"holdings": "delegation", "demands": "demand", "orders": "rectification"}[subjects]
        return table, self._rows_by(table, "ref").get(subject, [])

    def of_kind(self, matters: Collection[str]) -> frozenset[str]:
        """All matters that ever were of the kind of one of these."""
        of = self._tables["matter"]
        kinds = self._kinds(matters)
        return frozenset(matters).union(
            code for code, kind in zip(of["code"], of["kind"], strict=True) if kind in kinds
        )

    def _kinds(self, matters: Iterable[str]) -> set[str]:
        of = self._tables["matter"]["kind"]
        return {of[row] for matter in matters for row in self._rows_by("matter", "code").get(matter, ())}

    def _which(self, table: str, about: About) -> Numbers:
        if table == "unit":
            return np.flatnonzero(self._around(about.unit).in_tree[self._units])
        if table == "instrument":
            return self._of_values("instrument", "number", self._numbers(about))
        if table == "item":
            return self._items(about)
        if table == "list":
            return self._lists(about)
        rows = self._of_matters(table, about)
        if table == "delegation" and about.refs is not None:
            rows = np.intersect1d(rows, self._of_values(table, "ref", about.refs))
        return self._of_near(table, about, rows)

    def _of_matters(self, table: str, about: About) -> Numbers:
        if table not in _MATTER or not about.by_matter(table):
            return np.arange(len(self._tables[table]["from"]))
        return self._of_values(table, _MATTER[table], about.matters | {""})

    def _of_near(self, table: str, about: About, rows: Numbers) -> Numbers:
        if table not in _UNIT:
            return rows
        near = self._around(about.unit).holding
        return rows[near[self._of_units[table][rows]]]

    def _near_lists(self, about: About) -> set[str]:
        """The lists of units near, and of the whole country; of these, those that cover the kinds of the matters."""
        kinds = frozenset(self._kinds(about.matters)) if about.by_matter("item") else None
        if (about.unit, kinds) not in self._lists_near:
            lists = self._tables["list"]
            rows = self._of_near("list", about, np.arange(len(lists["from"]))).tolist()
            chosen = rows if kinds is None else [row for row in rows if lists["covers"][row] in kinds]
            self._lists_near[about.unit, kinds] = {lists["code"][row] for row in chosen}
        return self._lists_near[about.unit, kinds]

    def _items(self, about: About) -> Numbers:
        of, lists = self._tables["item"]["list"], self._near_lists(about)
        return np.array([row for row in self._of_matters("item", about).tolist() if of[row] in lists], np.int64)

    def _lists(self, about: About) -> Numbers:
        """Where it goes by matters: lists with an item of one, and those on which what is missing counts too."""
        lists, codes = self._tables["list"], self._near_lists(about)
        if about.by_matter("list"):
            named = {self._tables["item"]["list"][row] for row in self.rows("item", about).tolist()}
            by_itself = np.flatnonzero((np.asarray(lists["closed"]) > 0) | (np.asarray(lists["quota"]) >= 0))
            codes = codes & (named | {lists["code"][row] for row in by_itself.tolist()})
        return self._of_values("list", "code", codes)

    def _numbers(self, about: About) -> set[str]:
        """The documents on which rests what counts, and those by which they were re-enacted."""
        wider = about._replace(refs=None)
        if not about.by_matter("instrument"):
            wider = About(about.unit, _NOBODY)
        if wider not in self._documents:
            self._documents[wider] = self._rested_on(wider)
        return self._documents[wider]

    def _rested_on(self, wider: About) -> set[str]:
        named: set[str] = set()
        for table in ("delegation", "vesting", "list"):
            numbers = self._tables[table]["instrument"]
            named.update(numbers[row] for row in self.rows(table, wider).tolist())
        successors = self._tables["instrument"]["replaced_by"]
        wanted = list(named)
        while wanted:
            rows = self._rows_by("instrument", "number").get(wanted.pop(), ())
            fresh = {successors[row] for row in rows} - named
            named |= fresh
            wanted += fresh
        return named

    def _rows_by(self, table: str, column: str) -> dict[str, list[int]]:
        key = (table, column)
        if key not in self._by_value:
            named = defaultdict[str, list[int]](list)
            for row, value in enumerate(self._tables[table][column]):
                named[value].append(row)
            self._by_value[key] = dict(named)
        return self._by_value[key]

    def _of_values(self, table: str, column: str, values: Iterable[str]) -> Numbers:
        by_value = self._rows_by(table, column)
        rows = [row for value in values for row in by_value.get(value, ())]
        return np.array(sorted(rows), np.int64) if rows else _NONE

    def _numbered(self, codes: Collection[str]) -> Numbers:
        places = self._places
        return np.fromiter((places.setdefault(code, len(places)) for code in codes), np.int64, len(codes))

    def _led_to(self, transfers: Columns) -> defaultdict[str, set[str]]:
        """From each unit those to which the walk of `surroundings` leads, and whoever sent or gave it something."""
        steps = defaultdict[str, set[str]](set)
        unit, delegation = self._tables["unit"], self._tables["delegation"]
        columns = (unit[name] for name in ("code", "parent", "successor", "stationed_at", "kind"))
        for code, parent, successor, stationed_at, kind in zip(*columns, strict=True):
            self._above[code] |= {parent, successor} - {""}
            if successor:
                steps[successor].add(code)
            if stationed_at:
                steps[stationed_at].add(code)
                self._works_at[code].add(stationed_at)
            if kind not in _GOVERNMENTS:
                steps[parent or code].add(code)
        handed = defaultdict[str, set[str]](set)
        for rows in (delegation, transfers):
            for ref, recipient in zip(rows["ref"], rows["recipient"], strict=True):
                handed[ref].add(recipient)
        columns = (delegation[name] for name in ("recipient", "sender", "under"))
        for recipient, sender, under in zip(*columns, strict=True):
            if sender:
                steps[recipient].add(sender)
            if under in handed:
                steps[recipient] |= handed[under]
        for scope, grantor in self._granted():
            steps[scope].add(grantor)
        self._everywhere = steps.pop("", set()) - {""}
        return steps

    def _granted(self) -> Iterator[tuple[str, str]]:
        """By whose list, '' of the whole country, whom an item names to hand over a power."""
        lists, items = self._tables["list"], self._tables["item"]
        scopes = defaultdict[str, set[str]](set)
        for code, scope in zip(lists["code"], lists["scope"], strict=True):
            scopes[code].add(scope)
        for code, grantor in zip(items["list"], items["grantor"], strict=True):
            if grantor:
                yield from zip(scopes[code], repeat(grantor))

    def _around(self, unit: str) -> _Near:
        if unit not in self._near:
            led = (self._reached(code, (self._steps, self._above), self._led) for code in (unit, *self._everywhere))
            holding = set[str]().union(*led)
            works_at = {where for code in holding for where in self._works_at.get(code, ())}
            up = (self._reached(code, (self._above,), self._led_up) for code in works_at)
            self._near[unit] = _Near(self._flags({"", *holding}), self._flags(holding.union(*up)))
        return self._near[unit]

    def _flags(self, codes: Iterable[str]) -> Flags:
        flags = np.zeros(len(self._places), np.bool_)
        flags[[self._places[code] for code in codes if code in self._places]] = True
        return flags

    def _reached(self, code: str, steps: Sequence[Mapping[str, set[str]]], known: dict[str, set[str]]) -> set[str]:
        """What these steps lead to from a unit, and the unit; `known`: what they lead to from others."""
        line = [code]  # those above first: what they lead to is had by all below
        while line[-1] not in known and (above := self._above.get(line[-1], _NOBODY).difference(line)):
            line.append(min(above))
        for start in reversed(line):
            if start in known:
                continue
            reached, wanted = {start}, [start]
            while wanted:
                at = wanted.pop()
                for each in steps:
                    fresh = each.get(at, _NOBODY) - reached
                    reached |= fresh
                    for one in fresh:
                        if one in known:
                            reached |= known[one]
                        else:
                            wanted.append(one)
            known[start] = reached
        return known[code]
