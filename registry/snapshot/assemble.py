"""A snapshot made of plain columns, wherever they come from: the read tables, or decisions that nobody has recorded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import chain, repeat
from typing import Any, Final

import numpy as np

from registry.domain import words
from registry.fast.packed_texts import Coded
from registry.relations.columns import (
    INSTRUMENT_KIND,
    LEVEL,
    MATTER_KIND,
    MODES,
    NATIONWIDE,
    NOBODY,
    POWER_KIND,
    RESOURCE,
    ROLE,
    UNIT_KIND,
    Delegations,
    Flags,
    Indexes,
    Instruments,
    Items,
    Lists,
    Matters,
    Numbers,
    Small,
    Units,
    distinct,
)
from registry.relations.successors import node_indexes
from registry.relations.territory import governments, lineages
from registry.snapshot.column_reader import Columns, taken
from registry.snapshot.columns import Demands, Orders, Snapshot, Waiver
from registry.snapshot.letters import by_letter, transfer_kinds
from registry.snapshot.past import Past
from registry.snapshot.past_assemble import assemble_past, passed_on, past_record
from registry.snapshot.returned import assemble_returned


def assemble(
    as_of: date,
    known: int,
    columns: Mapping[str, Columns],
    within: Collection[str] | None = None,
    *,
    only: bool = False,
    repealed: Collection[str] = (),
) -> Snapshot:
    """The snapshot of the day out of the columns of load.TABLES, and its past where there are columns of that too.

    `within`: codes of units, whose territories it judges, or with `only` these units alone; None: everything.
    `repealed`: documents read as repealed on that day.
    """
    parts = Parts(as_of, columns, within, only=only, repealed=repealed)
    return Snapshot(as_of=as_of, known=known, **{name: parts.of(name) for name in PARTS})


class Parts:
    """What a snapshot is made of, each part made when it is first asked for."""

    def __init__(
        self,
        as_of: date,
        columns: Mapping[str, Columns],
        within: Collection[str] | None = None,
        *,
        only: bool = False,
        repealed: Collection[str] = (),
    ) -> None:
        """As `assemble`."""
        self.as_of, self.columns, self.within = as_of, columns, within
        self.only, self.repealed = only, repealed
        self._made: dict[str, Any] = {}

    def of(self, name: str) -> Any:
        """The part of a name in PARTS, or of one that parts share."""
        if name not in self._made:
            self._made[name] = (PARTS.get(name) or _SHARED[name])(self)
        return self._made[name]


def _named(parts: Parts) -> tuple[Indexes, Flags]:
    """The units to whom the delegations of the day were handed, and which of these are read as a unit of the day."""
    units: Units = parts.of("units")
    named = _indexes(units.index, parts.columns["delegation"]["recipient"])
    return named, _read(units.reads_as, named) >= 0


def _passed_on(parts: Parts) -> tuple[Indexes, Indexes]:
    return passed_on(parts.columns["delegation"], parts.of("named")[1], parts.columns.get("past_delegation"))


def _delegations_of(parts: Parts) -> Delegations:
    named, kept = parts.of("named")
    columns = parts.columns["delegation"], parts.columns["proposal"]
    about = (parts.of("units"), parts.of("matters"), parts.of("instruments"))
    return _delegations(*columns, *about, named[kept], kept, parts.of("under")[0])


def _past_of(parts: Parts) -> Past | None:
    if "past_unit" not in parts.columns:
        return None
    kept, under = parts.of("named")[1], parts.of("under")[1]
    return assemble_past(parts.columns, parts.of("record"), parts.of("matters"), kept, under)


# The fields of a snapshot beside its day and position, each with what makes it.
PARTS: Final[Mapping[str, Callable[[Parts], Any]]] = {
    "units": lambda of: _units(of.columns["unit"]),
    "matters": lambda of: _matters(of.columns["matter"], of.columns["lawful_holder"], of.of("units")),
    "instruments": lambda of: _instruments(of.columns["instrument"], of.as_of, of.repealed),
    "lists": lambda of: _lists(of.columns["list"], of.of("units"), of.of("instruments")),
    "items": lambda of: _items(of.columns["item"], of.columns["list"]["code"], of.of("units"), of.of("matters")),
    "vested": lambda of: _vested(of.columns["vesting"], of.of("units"), of.of("matters"), of.of("instruments")),
    "delegations": _delegations_of,
    "demands": lambda of: _demands(of.columns["demand"], of.of("units"), of.of("matters")),
    "orders": lambda of: _orders(of.columns["rectification"], of.of("units")),
    "waivers": lambda of: _waivers(of.columns["waiver"], of.of("units")),
    "territory": lambda of: _territory(of.of("units"), of.within, only=of.only),
    "returned": lambda of: assemble_returned(of.columns.get("returned"), of.of("units")),
    "past": _past_of,
}
_SHARED: Final[Mapping[str, Callable[[Parts], Any]]] = {
    "named": _named,
    "under": _passed_on,
    "record": lambda of: past_record(of.columns, of.of("units")),
}


def _indexes(index: Mapping[str, int], names: Sequence[str]) -> Indexes:
    if isinstance(names, Coded):
        return names.places(index)
    return np.fromiter(map(index.get, names, repeat(-1)), np.int32, len(names))


def _index(codes: Iterable[str]) -> dict[str, int]:
    return {code: index for index, code in enumerate(codes)}


def _small(table: Mapping[str, int], values: Iterable[str | None], count: int) -> Small:
    if isinstance(values, Coded):
        return values.places(table).astype(np.int8)
    return np.fromiter(map(table.get, values, repeat(-1)), np.int8, count)  # type: ignore[arg-type]


def resources(values: Sequence[Collection[str] | None] | Small) -> Small:
    """What each brings or needs: bits of STAFF and FUNDS; as it is where it is given so."""
    return _bits(RESOURCE, values)


def roles(values: Sequence[Collection[str] | None] | Small) -> Small:
    """The roles of each: bits 1 << role; as it is where it is given so."""
    return _bits({role: 1 << at for role, at in ROLE.items()}, values)


def _bits(bits: Mapping[str, int], values: Sequence[Collection[str] | None] | Small) -> Small:
    if isinstance(values, np.ndarray):
        return values
    # Most have none, and that is said without a call for each.
    return np.array([sum({bits[each] for each in value}) if value else 0 for value in values], np.int8)


def _read(reads_as: Indexes, indexes: Indexes) -> Indexes:
    """The unit that each is read as. (Places of -1 pick the last unit and are put right after.)"""
    if not len(reads_as):
        return indexes
    return np.where(indexes >= 0, reads_as[indexes], -1).astype(np.int32)


def tree(index: Mapping[str, int], columns: Columns) -> tuple[Indexes, Indexes]:
    """The node of each unit of a day, and the node of its parent; -1 for none, and for those merged into others.

    `index`: of the codes; `columns`: `dissolved`, `successor` and `parent` of the units in that order.
    """
    node = node_indexes(np.asarray(columns["dissolved"], np.int64) > 0, _indexes(index, columns["successor"]))
    itself = np.arange(len(node))
    parent = np.where(node != itself, -1, _read(node, _indexes(index, columns["parent"]))).astype(np.int32)
    # A unit may be left as its own parent when its parent was dissolved into it.
    parent[parent == itself] = -1
    return node, parent


def _units(columns: Columns) -> Units:
    codes: list[str] = list(columns["code"])
    index = _index(codes)
    dissolved: Flags = np.asarray(columns["dissolved"], np.int64) > 0
    node, parent = tree(index, columns)
    reads_as = np.where(dissolved[node], -1, node).astype(np.int32) if codes else node
    merged = node != np.arange(len(codes))
    level = _small(LEVEL, columns["level"], len(codes))
    last_kind = _small(UNIT_KIND, columns["kind"], len(codes))
    kind = np.where(dissolved, -1, last_kind).astype(np.int8)
    level[dissolved] = -1
    functions = sorted(set(columns["function"]) - {""})
    guided_by, stationed_at = (
        np.where(merged, -1, _read(node, _indexes(index, columns[name]))).astype(np.int32)
        for name in ("guided_by", "stationed_at")
    )
    lineage = lineages(parent, merged)
    return Units(
        code=codes,
        name=columns["name"],
        level=level,
        kind=kind,
        function=np.where(dissolved, -1, _indexes(_index(functions), columns["function"])).astype(np.int32),
        functions=functions,
        parent=parent,
        government=governments(lineage, last_kind),
        guided_by=guided_by,
        stationed_at=stationed_at,
        lineage=lineage,
        reads_as=reads_as,
        node=node,
        index=index,
    )


def _territory(units: Units, within: Collection[str] | None, *, only: bool) -> Flags:
    if within is None:
        return units.level >= 0
    roots = [int(units.node[units.index[code]]) for code in within if code in units.index]
    exists = units.level >= 0
    if only:
        return np.asarray(np.isin(np.arange(len(units)), roots) & exists, np.bool_)
    return np.asarray(np.isin(units.lineage, roots).any(axis=1) & exists, np.bool_)


def _matters(columns: Columns, lawful: Columns, units: Units) -> Matters:
    codes: list[str] = list(columns["code"])
    index = _index(codes)
    none: list[int] = []  # as most of them require
    required = [
        [index[power] for power in powers if power in index] if powers else none for powers in columns["requires"]
    ]
    starts = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(list(map(len, required)), out=starts[1:])
    functions = _indexes(_index(units.functions), lawful["function"]).astype(np.int64)
    keys = (_indexes(index, lawful["matter"]).astype(np.int64) * len(units.functions) + functions) * len(words.LEVELS)
    keys += _small(LEVEL, lawful["level"], len(functions))
    return Matters(
        code=codes,
        name=columns["name"],
        category=columns["category"],
        aliases=columns["aliases"],
        basis=columns["basis"],
        kind=_small(MATTER_KIND, columns["kind"], len(codes)),
        power_kind=_small(POWER_KIND, columns["power_kind"], len(codes)),
        needs=resources(columns["needs"]),
        in_law=np.asarray(columns["in_law"], np.int64) > 0,
        requires_start=starts,
        requires=np.fromiter(chain.from_iterable(required), np.int32, int(starts[-1])),
        index=index,
        # No unit of the snapshot has the other functions.
        lawful=distinct(keys[functions >= 0]),
    )


def _instruments(columns: Columns, as_of: date, repealed: Collection[str] = ()) -> Instruments:
    """Of several rows of one number the one in force counts, else the latest."""
    day = as_of.toordinal()
    began, ended = np.asarray(columns["began"], np.int64), np.asarray(columns["ended"], np.int64)
    successors: list[str] = columns["replaced_by"]
    if repealed:
        now = np.array([number in repealed for number in columns["number"]], np.bool_)
        now &= (ended == 0) | (ended > day)
        ended = np.where(now, day, ended)
        successors = ["" if gone else number for gone, number in zip(now, successors, strict=True)]
    in_force = (began <= day) & ((ended == 0) | (ended > day))
    order = np.lexsort((began, in_force))
    numbers: list[str] = [columns["number"][offset] for offset in order]
    last = {number: int(order[offset]) for offset, number in enumerate(numbers)}
    chosen = np.fromiter(last.values(), np.int64, len(last))
    index = _index(last)
    rests_on = np.arange(len(last), dtype=np.int32)
    if any(successors):
        after = [index.get(successors[int(row)], -1) for row in chosen]
        for at in range(len(last)):
            rests_on[at] = _reenacted(at, day, began[chosen], ended[chosen], after)
    return Instruments(
        number=list(last),
        title=[columns["title"][offset] for offset in chosen],
        kind=_small(INSTRUMENT_KIND, (columns["kind"][offset] for offset in chosen), len(chosen)),
        in_force=in_force[chosen],
        ended=ended[chosen].astype(np.int32),
        rests_on=rests_on,
        index=index,
    )


def _reenacted(at: int, day: int, began: Numbers, ended: Numbers, after: Sequence[int]) -> int:
    """The document on which rests what was decided under `at`; it has been re-enacted where there was no gap.

    `after`: for each the one that re-enacts it, -1 none.
    """
    while after[at] >= 0 and 0 < ended[at] <= day:
        successor = after[at]
        if began[successor] > ended[at] or 0 < ended[successor] <= ended[at]:
            break
        at = successor
    return at


def _lists(columns: Columns, units: Units, instruments: Instruments) -> Lists:
    codes: list[str] = list(columns["code"])
    named = np.array([scope != "" for scope in columns["scope"]], np.bool_)
    scope = _read(units.node, _indexes(units.index, columns["scope"]))
    if len(units):
        scope = np.where(scope >= 0, units.government[scope], -1)
    assigns: list[str] = columns["assigns"]
    return Lists(
        code=codes,
        title=columns["title"],
        positive=np.array([polarity == "positive" for polarity in columns["polarity"]], np.bool_),
        covers=_small(MATTER_KIND, columns["covers"], len(codes)),
        audience=_small(LEVEL, columns["audience"], len(codes)),
        scope=np.where(named, np.where(scope >= 0, scope, NOBODY), NATIONWIDE).astype(np.int32),
        instrument=_indexes(instruments.index, columns["instrument"]),
        closed=np.asarray(columns["closed"], np.int64) > 0,
        role=_small(ROLE, assigns, len(codes)),
        mode=_small({"devolved": MODES.index("devolved"), "entrusted": MODES.index("entrusted")}, assigns, len(codes)),
        quota=np.asarray(columns["quota"], np.int64),
    )


def _items(columns: Columns, lists: Sequence[str], units: Units, matters: Matters) -> Items:
    index = _indexes(_index(lists), columns["list"])
    kept = np.flatnonzero(index >= 0)

    def of(name: str) -> Any:
        return columns[name] if len(kept) == len(index) else taken(columns[name], kept)

    named = _indexes(units.index, of("grantor"))
    return Items(
        list=index[kept],
        code=of("item"),
        name=of("name"),
        matter=_indexes(matters.index, of("matter")),
        category=of("category"),
        terms=of("terms"),
        roles=roles(of("roles")),
        grantor=_read(units.reads_as, named),
        grantor_named=named,
        brings=resources(of("brings")),
    )


def _vested(columns: Columns, units: Units, matters: Matters, instruments: Instruments) -> Numbers:
    unit = _read(units.reads_as, _indexes(units.index, columns["unit"])).astype(np.int64)
    power = _indexes(matters.index, columns["power"]).astype(np.int64)
    instrument = _indexes(instruments.index, columns["instrument"])
    held = (unit >= 0) & (power >= 0) & (instrument >= 0)
    # A vesting is holding by law too: before the power begins and once it is retired, nobody holds it so.
    rests_on = instruments.rests_on[instrument[held]]
    held[held] = instruments.in_force[rests_on] & matters.in_law[power[held]]
    return distinct(unit[held] * len(matters) + power[held])


def _delegations(
    columns: Columns,
    proposals: Columns,
    units: Units,
    matters: Matters,
    instruments: Instruments,
    named: Indexes,
    kept: Flags,
    under: Indexes,
) -> Delegations:
    """Those `kept`, whose recipient is read as a unit of the day; `named`: their recipients as named."""
    rows = np.flatnonzero(kept)

    def strings(name: str) -> Sequence[str]:
        return numbers(name)

    def numbers(name: str) -> Any:
        return columns[name] if len(rows) == len(kept) else taken(columns[name], rows)

    recipient = _read(units.reads_as, named)
    matter = _indexes(matters.index, strings("matter"))
    sender = _indexes(units.index, strings("sender"))
    return Delegations(
        ref=strings("ref"),
        kind=transfer_kinds(numbers("kind")),
        matter=matter,
        sender=_read(units.reads_as, sender),
        sender_named=sender,
        sender_node=_read(units.node, sender),
        recipient=recipient,
        recipient_named=named,
        role=by_letter(words.ROLES, numbers("role")),
        mode=by_letter(MODES, numbers("mode")),
        instrument=_indexes(instruments.index, strings("instrument")),
        began=numbers("began").astype(np.int32),
        ends=numbers("ends").astype(np.int32),
        due_on=numbers("due_on").astype(np.int32),
        brings=(numbers("brings") - ord("0")).astype(np.int8),
        under=under,
        admitted=_admitted(strings("proposal"), matter, recipient, proposals, units, matters),
        position=numbers("position"),
    )


def _admitted(
    named: Sequence[str], matter: Indexes, recipient: Indexes, proposals: Columns, units: Units, matters: Matters
) -> Flags:
    """Which delegations name a proposal, admitted by the day, of their own matter and recipient."""
    index = _indexes(_index(proposals["proposal"]), named)
    rows = np.flatnonzero(index >= 0)
    proposed_matter = _indexes(matters.index, proposals["matter"])
    proposed_for = _read(units.reads_as, _indexes(units.index, proposals["recipient"]))
    admitted = np.zeros(len(named), np.bool_)
    admitted[rows] = (proposed_matter[index[rows]] == matter[rows]) & (proposed_for[index[rows]] == recipient[rows])
    return admitted


def _demands(columns: Columns, units: Units, matters: Matters) -> Demands:
    named = _indexes(units.index, columns["recipient"])
    recipient = _read(units.reads_as, named)
    rows = np.flatnonzero(recipient >= 0)

    def strings(name: str) -> list[str]:
        return [columns[name][row] for row in rows]

    return Demands(
        ref=strings("ref"),
        matter=_indexes(matters.index, strings("matter")),
        sender_named=_indexes(units.index, strings("sender")),
        recipient=recipient[rows],
        recipient_named=named[rows],
        day=columns["day"][rows].astype(np.int32),
    )


def _orders(columns: Columns, units: Units) -> Orders:
    unit = _read(units.reads_as, _indexes(units.index, columns["unit"]))
    rows = np.flatnonzero(unit >= 0)
    return Orders(
        ref=[columns["ref"][row] for row in rows],
        rule=[columns["rule"][row] for row in rows],
        subject=[columns["subject"][row] for row in rows],
        unit=unit[rows],
        day=np.asarray(columns["began"], np.int32)[rows],
        due=np.asarray(columns["due_on"], np.int32)[rows],
        done=np.asarray(columns["done"], np.int64)[rows] > 0,
        overdue=np.asarray(columns["overdue"], np.int64)[rows] > 0,
    )


def _waivers(columns: Columns, units: Units) -> dict[tuple[str, int, str], Waiver]:
    waivers = zip(*(columns[name] for name in ("rule", "unit", "subject", "waived_by", "reason")), strict=True)
    return {
        (rule, units.read(unit), subject): Waiver(waived_by, reason)
        for rule, unit, subject, waived_by, reason in waivers
        if units.read(unit) >= 0
    }
