"""Several days side by side as if they were one: each with units, matters and all else of its own.

Relations and rules go over all holdings of a snapshot at once, and for some hundreds of rows the calls take nearly all
of the time. Whatever they join, they join by places in the snapshot's own tables. So with the places of each day put
behind those of the day before, they answer for all days together, and nothing of one day meets anything of another.

What is of the whole nation on a day is of a unit of that day's own, which is above all others. What is looked up by
codes or texts is made of each day by itself and put together (`by_day`): the tables of days side by side have no index.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain
from typing import Any, Final, Never, cast, overload

import numpy as np

from registry.domain import words
from registry.relations.columns import (
    BY_DAY,
    DAYS,
    NATIONWIDE,
    WHERE_NEEDED,
    Delegations,
    Flags,
    Indexes,
    Instruments,
    Items,
    Lists,
    Made,
    Matters,
    Numbers,
    OfOneDay,
    Units,
    UnitsOverTime,
)
from registry.snapshot.columns import Demands, Orders, Snapshot, Waiver
from registry.snapshot.past import Past, Transfers
from registry.snapshot.pictures import AS_OF, Picture, Reckoned
from registry.snapshot.returned import Returned

# In which table the columns of a table give places; -1 and what is in no table stay as they are.
_PLACES: Final[Mapping[type, Mapping[str, str]]] = {
    Units: {
        **dict.fromkeys(("parent", "government", "guided_by", "stationed_at", "reads_as", "node"), "units"),
        "function": "functions",
    },
    Matters: {"requires": "matters"},
    Instruments: {"rests_on": "instruments"},
    Lists: {"scope": "units", "instrument": "instruments"},
    Items: {"list": "lists", "matter": "matters", "grantor": "units", "grantor_named": "units"},
    Delegations: {
        **dict.fromkeys(("sender", "sender_named", "sender_node", "recipient", "recipient_named"), "units"),
        "matter": "matters",
        "instrument": "instruments",
    },
    Demands: {"matter": "matters", **dict.fromkeys(("sender_named", "recipient", "recipient_named"), "units")},
    Orders: {"unit": "units"},
    Returned: {"recipient": "units"},
}
_OF_NATIONS: Final = ("level", "kind", *_PLACES[Units])  # of units: what a nation has as well, all but its node none
_LEVELS: Final = len(words.LEVELS)


class SideBySide(Snapshot):
    """Several days as one snapshot, whose parts are made when they are first looked at; for one thread.

    No words can be made of it: what is found is to be explained by the day that it is of.
    """

    def __init__(self, days: Sequence[Snapshot], reckoned: Reckoned | None = None) -> None:
        """`days`: as known at the same position; `reckoned`: theirs, which then notes what tables are looked at."""
        own: dict[str, Any] = {
            "known": days[0].known,
            "days": days,
            "_reckoned": reckoned or Reckoned(),
            "_starts": {},
            "_made": {},
        }
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        if name == AS_OF:
            raise OfOneDay(name)
        if name not in _PARTS:
            raise AttributeError(name)
        return self._of(name, lambda: _PARTS[name](self))[0]

    def let_go(self) -> None:
        """Keep nothing more of what was made of these days, which holds on to them."""
        self.__dict__["_reckoned"].let_go()
        for day in self.days:
            if isinstance(day, Picture):
                day.let_go()

    @property
    def as_ofs(self) -> Numbers:
        """The days, as ordinals, in their order."""
        return np.array([day.as_of.toordinal() for day in self.days], np.int64)

    def which_day(self, table: str, rows: Indexes | Numbers) -> Numbers:
        """The number, from 0, of the day that each of these rows of a table is of."""
        if table == "units":  # behind those of all days the nation of each
            every = self.starts("units")[-1]
            nations = np.asarray(rows, np.int64) - every
            return np.where(nations >= 0, nations, np.searchsorted(self.starts("units"), rows, "right") - 1)
        return np.searchsorted(self.starts(table), rows, "right") - 1

    def starts(self, table: str) -> Numbers:
        """Of each day the first place that its rows have in a table; and where the last one's end."""
        starts: dict[str, Numbers] = self.__dict__["_starts"]
        if table not in starts:
            lengths = [len(_table(day, table)) for day in self.days]
            starts[table] = np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))])
        return starts[table]

    def moved(self, table: str, places: Sequence[np.ndarray]) -> Any:
        """Places of each day in its own table as places among those of all days."""
        joined = np.concatenate(places)
        more = np.repeat(self.starts(table)[:-1].astype(joined.dtype), [len(each) for each in places])
        return np.where(joined >= 0, joined + more, joined)

    def once(self, make: Callable[[Any], Made]) -> Made:
        """As that of a day; what is made of each day by itself is put together."""
        return self.looked_up(make)[0]

    def looked_up(self, make: Callable[[Any], Made]) -> tuple[Made, tuple[str, ...]]:
        """What `once` gives, and the tables that it hangs on, as far as these are noted."""
        together = BY_DAY.get(make)
        try:
            if together is None:
                return self._of(make, lambda: make(self))
        except OfOneDay:
            together = WHERE_NEEDED.get(make)
            if together is None:
                raise
        return self._of(make, lambda: together(self, lambda day: day.once(make)))

    def _of(self, what: Hashable, make: Callable[[], Made]) -> tuple[Made, tuple[str, ...]]:
        reckoned: Reckoned = self.__dict__["_reckoned"]
        return reckoned.of((self, what), _the_same, make)


def _the_same(_: str) -> None:
    """These days have the same rows as themselves."""


def _table(day: Snapshot, table: str) -> Any:
    return day.units.functions if table == "functions" else getattr(day, table)


class _Joined(Sequence[Any]):
    """Lists one after another, which are only copied where somebody looks at one of the rows."""

    def __init__(self, lists: Sequence[Sequence[Any]]) -> None:
        self._lists = lists
        self._all: list[Any] | None = None

    def __len__(self) -> int:
        return sum(map(len, self._lists))

    @overload
    def __getitem__(self, row: int) -> Any: ...

    @overload
    def __getitem__(self, row: slice) -> list[Any]: ...

    def __getitem__(self, row: int | slice) -> Any:
        if self._all is None:
            self._all = list(self)
        return self._all[row]

    def __iter__(self) -> Iterator[Any]:
        return chain.from_iterable(self._lists)


class _NoIndex(dict[str, int]):
    """Several days have the same codes: none can be looked up among all of them."""

    def get(self, *_: object) -> Never:
        raise OfOneDay("index")

    def __missing__(self, code: str) -> Never:
        self.get(code)

    def __contains__(self, _: object) -> Never:
        self.get()


def _columns(many: SideBySide, of: type, parts: Sequence[Any], **others: Any) -> Any:
    """A table of all days; `others`: columns that are not made like the rest."""
    places, columns = _PLACES[of], dict[str, Any](others)
    for field in fields(of):
        if field.name in columns:
            continue
        values = [getattr(part, field.name) for part in parts]
        if field.name == "index":
            columns["index"] = _NoIndex()
        elif not isinstance(values[0], np.ndarray):
            columns[field.name] = _Joined(values)
        elif field.name in places:
            columns[field.name] = many.moved(places[field.name], values)
        else:
            columns[field.name] = np.concatenate(values)
    return of(**columns)


def _units(many: SideBySide) -> Units:
    parts, starts = [day.units for day in many.days], many.starts("units")
    nations = len(parts)
    none, itself = np.full(nations, -1, np.int32), (starts[-1] + np.arange(nations)).astype(np.int32)
    deepest = max(part.lineage.shape[1] for part in parts)
    lineage = np.full((int(starts[-1]) + nations, deepest + 1), -1, np.int32)
    for start, nation, part in zip(starts[:-1].tolist(), itself.tolist(), parts, strict=True):
        own = lineage[start : start + len(part)]
        own[:, : part.lineage.shape[1]] = np.where(part.lineage >= 0, part.lineage + start, -1)
        own[:, -1] = np.where(part.lineage[:, 0] >= 0, nation, -1)
    functions = [function for part in parts for function in part.functions]
    rest = _columns(many, Units, parts, lineage=lineage, functions=functions)
    columns: dict[str, Any] = {field.name: getattr(rest, field.name) for field in fields(Units)}
    for name in ("code", "name"):
        columns[name] = _Joined([*(getattr(part, name) for part in parts), [""] * nations])
    for name in _OF_NATIONS:
        columns[name] = np.append(columns[name], itself if name == "node" else none.astype(columns[name].dtype))
    return Units(**columns)


def _matters(many: SideBySide) -> Matters:
    parts = [day.matters for day in many.days]
    functions, width = many.starts("functions"), len(many.units.functions) * _LEVELS
    lawful: list[Numbers] = [np.zeros(0, np.int64)]
    required = [np.zeros(1, np.int64)]
    before = 0
    for start, function, day, part in zip(many.starts("matters"), functions, many.days, parts, strict=False):
        own = max(len(day.units.functions) * _LEVELS, 1)
        matter, class_ = part.lawful // own, part.lawful % own
        lawful.append((matter + start) * width + class_ + function * _LEVELS)
        required.append(part.requires_start[1:] + before)
        before += int(part.requires_start[-1])
    return _columns(many, Matters, parts, lawful=np.concatenate(lawful), requires_start=np.concatenate(required))


def _lists(many: SideBySide) -> Lists:
    lists: Lists = _columns(many, Lists, [day.lists for day in many.days])
    nation = many.starts("units")[-1] + many.which_day("lists", np.arange(len(lists)))
    nationwide = lists.scope == NATIONWIDE
    lists.scope[nationwide] = nation[nationwide]
    return lists


def _delegations(many: SideBySide) -> Delegations:
    under = _passed_on(many, [day.delegations.under for day in many.days])
    return _columns(many, Delegations, [day.delegations for day in many.days], under=under)


def _passed_on(many: SideBySide, parts: Sequence[Indexes]) -> Indexes:
    """Places among the delegations of each day, or behind these among the transfers of its past; -1 none."""
    if many.days[0].past is None:
        return _behind(parts, many.starts("delegations"), np.zeros(len(parts) + 1, np.int64))
    lengths = [len(_past_of(day).transfers) for day in many.days]
    return _behind(parts, many.starts("delegations"), np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64))


def _behind(parts: Sequence[np.ndarray], first: Numbers, second: Numbers) -> Any:
    """Places in a table, or behind its last row in another: so too of all days, those of the other behind all."""
    results: list[np.ndarray] = []
    for part, start, end, other in zip(parts, first[:-1], first[1:], second[:-1], strict=True):
        own, every = int(end - start), int(first[-1])
        moved = np.where(part < own, part + int(start), part - own + every + int(other))
        results.append(np.where(part >= 0, moved, part).astype(part.dtype))
    return np.concatenate(results)


def _vested(many: SideBySide) -> Numbers:
    width = len(many.matters)
    results: list[Numbers] = []
    for unit, matter, day in zip(many.starts("units"), many.starts("matters"), many.days, strict=False):
        own = max(len(day.matters), 1)
        results.append((day.vested // own + unit) * width + day.vested % own + matter)
    return np.concatenate(results)


def _waivers(many: SideBySide) -> dict[tuple[str, int, str], Waiver]:
    return {
        (rule, unit + start, subject): waiver
        for start, day in zip(many.starts("units").tolist(), many.days, strict=False)
        for (rule, unit, subject), waiver in day.waivers.items()
    }


def _territory(many: SideBySide) -> Flags:
    return np.concatenate([*(day.territory for day in many.days), np.zeros(len(many.days), np.bool_)])


def _past_of(day: Snapshot) -> Past:
    if day.past is None:
        raise ValueError("of days side by side some have a past, and some have none")
    return day.past


def _past(many: SideBySide) -> Past | None:
    """Without what certificates are judged by, which is done by day."""
    if many.days[0].past is None:
        return None
    parts = [_past_of(day) for day in many.days]
    units = many.starts("units")
    first = np.concatenate([units[:-1], [len(many.units)]])  # those of the snapshot first, with the nations of the days
    others = np.array([len(part.units.code) for part in parts], np.int64) - np.diff(units)
    second = np.concatenate([[0], np.cumsum(others)])

    def moved(values: Iterable[np.ndarray]) -> Any:
        return _in_past(list(values), units, first, second)

    return Past(
        units=_over_time(many, [part.units for part in parts], moved, second),
        transfers=_transfers(many, [part.transfers for part in parts], moved),
        lists=[],
        items=[],
        wordings={},
    )


def _in_past(parts: Sequence[np.ndarray], units: Numbers, first: Numbers, second: Numbers) -> Any:
    results: list[np.ndarray] = []
    for at, part in enumerate(parts):
        own = int(units[at + 1] - units[at])
        moved = np.where(part < own, part + int(first[at]), part - own + int(first[-1]) + int(second[at]))
        results.append(np.where(part >= 0, moved, part).astype(part.dtype))
    return np.concatenate(results)


def _over_time(
    many: SideBySide, parts: Sequence[UnitsOverTime], moved: Callable[[Iterable[np.ndarray]], Any], second: Numbers
) -> UnitsOverTime:
    count = len(many.units) + int(second[-1])
    rows = np.concatenate([part.keys % DAYS for part in parts])
    keys: Numbers = moved(part.keys // DAYS for part in parts) * DAYS + rows
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    last = np.arange(count, dtype=np.int32)
    last[moved(np.arange(len(part.last)) for part in parts)] = moved(part.last for part in parts)

    def column(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])[order]

    return UnitsOverTime(
        code=cast("list[str]", range(count)),  # nobody looks at more than how many there are
        keys=keys,
        start=np.searchsorted(keys, np.arange(count + 1, dtype=np.int64) * DAYS),
        since=column("since"),
        level=column("level"),
        kind=column("kind"),
        dissolved=column("dissolved"),
        parent=moved(part.parent for part in parts)[order],
        successor=moved(part.successor for part in parts)[order],
        last=last,
    )


def _transfers(many: SideBySide, parts: Sequence[Transfers], moved: Callable[[Iterable[np.ndarray]], Any]) -> Transfers:
    # Of matters above those of the snapshot it is enough that two of one day differ.
    above = np.zeros(len(parts) + 1, np.int64)

    def column(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    return Transfers(
        ref=_Joined([part.ref for part in parts]),
        kind=column("kind"),
        matter=_behind([part.matter for part in parts], many.starts("matters"), above),
        sender=moved(part.sender for part in parts),
        recipient=moved(part.recipient for part in parts),
        began=column("began"),
        ends=column("ends"),
        due_on=column("due_on"),
        returned=column("returned"),
        under=_passed_on(many, [part.under for part in parts]),
        position=column("position"),
    )


def _plain(name: str, of: type) -> Callable[[SideBySide], Any]:
    return lambda many: _columns(many, of, [getattr(day, name) for day in many.days])


_PARTS: Final[Mapping[str, Callable[[SideBySide], Any]]] = {
    "units": _units,
    "matters": _matters,
    "instruments": _plain("instruments", Instruments),
    "lists": _lists,
    "items": _plain("items", Items),
    "vested": _vested,
    "delegations": _delegations,
    "demands": _plain("demands", Demands),
    "orders": _plain("orders", Orders),
    "waivers": _waivers,
    "territory": _territory,
    "returned": _plain("returned", Returned),
    "past": _past,
}
