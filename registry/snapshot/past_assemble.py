"""The past of a snapshot made of plain columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, repeat

import numpy as np

from registry.fast.packed_texts import Coded, Texts
from registry.relations.columns import (
    DAYS,
    LEVEL,
    UNIT_KIND,
    Flags,
    Indexes,
    Matters,
    Numbers,
    Small,
    Units,
    UnitsOverTime,
)
from registry.snapshot.column_reader import Columns, taken
from registry.snapshot.letters import of_kinds, transfer_kinds
from registry.snapshot.past import Past, PastItem, PastList, Transfers, Wording


def passed_on(today: Columns, kept: Flags, past: Columns | None) -> tuple[Indexes, Indexes]:
    """What each delegation of the day that is `kept` names as `under`, and each transfer of the past: -1 none.

    A delegation is known by its place among those kept; a transfer by its place among them, after all of these.
    """
    gone: Columns = {"ref": [], "under": []} if past is None else past
    today_has = int(kept.sum())
    lost = _lost(today, kept)
    # A place for each row of the day: those kept, then transfers of the past, then what is lost.
    indexes = np.where(kept, np.cumsum(kept) - 1, -1)
    indexes[lost] = today_has + len(gone["ref"]) + np.arange(len(lost))
    if _coded_alike(today["ref"], today["under"], gone["ref"], gone["under"]):
        index_of = np.full(len(today["ref"].names), -1, np.int32)
        index_of[today["ref"].codes] = indexes
        index_of[gone["ref"].codes] = today_has + np.arange(len(gone["ref"]))
        coded: Indexes = index_of[today["under"].codes]
        return coded[kept], np.concatenate([index_of[gone["under"].codes], coded[lost]])
    wanted = {*_different(today["under"]), *_different(gone["under"])} - {""}
    index: dict[str, int] = {}
    if wanted:
        rows = _among(wanted, today["ref"])
        index = dict(zip(taken(today["ref"], rows), indexes[rows].tolist(), strict=True))
        index |= {ref: today_has + row for row, ref in enumerate(gone["ref"]) if ref in wanted}
    under = _codes(index, today["under"])
    return under[kept], np.concatenate([_codes(index, gone["under"]), under[lost]])


def _coded_alike(*columns: Sequence[str]) -> bool:
    """Whether these are codes of the same texts."""
    first = columns[0]
    return isinstance(first, Coded) and all(isinstance(each, Coded) and each.names is first.names for each in columns)


def _among(wanted: Collection[str], refs: Sequence[str]) -> Numbers:
    """The rows whose refs are wanted."""
    if isinstance(refs, Texts):
        return refs.among(wanted)
    return np.flatnonzero(np.fromiter(map(wanted.__contains__, refs), np.bool_, len(refs)))


def _lost(today: Columns, kept: Flags) -> Numbers:
    """What goes on for a unit that is no more, and so is not among the snapshot's delegations."""
    return np.flatnonzero(~kept & ~of_kinds(today["kind"], "power"))


@dataclass(frozen=True, eq=False)
class PastRecord:
    """What a past has beside its transfers. `index`: the places of units by code."""

    index: dict[str, int]
    units: UnitsOverTime
    lists: list[PastList]
    items: list[PastItem]
    wordings: dict[str, list[Wording]]


def past_record(columns: Mapping[str, Columns], units: Units) -> PastRecord:
    """Out of the columns of past_load, beside the snapshot's own units."""
    # The units of a snapshot are places of their own names too: what it cannot read, nobody can.
    index = dict(units.index)
    _entered(index, columns["past_unit"]["code"])
    lists = columns["past_list"]
    return PastRecord(
        index=index,
        units=_over_time(columns["unit"], columns["past_unit"], index),
        lists=_lists(lists, index),
        items=_items(columns["past_item"], lists["code"]),
        wordings=_wordings(columns["past_matter"]),
    )


def assemble_past(
    columns: Mapping[str, Columns], record: PastRecord, matters: Matters, kept: Flags, under: Indexes
) -> Past:
    """Out of the columns of past_load, beside the snapshot's own.

    `kept`: which delegations of the day the snapshot has; `under`: what transfers pass on (passed_on).
    """
    transfers, index, over_time = columns["past_delegation"], record.index, record.units
    named = {name for column in ("sender", "recipient") for name in _different(transfers[column])} - index.keys()
    if named:
        index = dict(index)
        _entered(index, sorted(named))
        over_time = _with_unknown(over_time, list(index))
    lost = _lost(columns["delegation"], kept)
    return Past(
        units=over_time,
        transfers=_transfers(transfers, columns["delegation"], lost, index, matters, under),
        lists=record.lists,
        items=record.items,
        wordings=record.wordings,
    )


def _entered(index: dict[str, int], codes: Iterable[str]) -> None:
    """Give those that have none a place."""
    fresh = [code for code in dict.fromkeys(codes) if code not in index]
    index.update(zip(fresh, count(len(index)), strict=False))


def _with_unknown(units: UnitsOverTime, codes: list[str]) -> UnitsOverTime:
    """The same with units behind them of which there are no rows."""
    more = len(codes) - len(units.code)
    start = np.concatenate([units.start, np.full(more, len(units.keys), units.start.dtype)])
    last = np.concatenate([units.last, np.arange(len(units.code), len(codes), dtype=np.int32)])
    return replace(units, code=codes, start=start, last=last)


def _codes(index: Mapping[str, int], names: Sequence[str]) -> Indexes:
    if isinstance(names, Coded):
        return names.places(index)
    return np.fromiter(map(index.get, names, repeat(-1)), np.int32, len(names))


def _different(names: Sequence[str]) -> Iterable[str]:
    """The names, each at least once."""
    return names.names if isinstance(names, Coded) else names


def _words(table: Mapping[str, int], values: Sequence[str]) -> Small:
    return np.fromiter(map(table.get, values, repeat(-1)), np.int8, len(values))


def _over_time(now: Columns, other: Columns, index: Mapping[str, int]) -> UnitsOverTime:
    def joined(name: str) -> list[str]:
        return [*now[name], *other[name]]

    indexes = _codes(index, joined("code")).astype(np.int64)
    since = np.concatenate([np.asarray(now["since"], np.int64), np.asarray(other["since"], np.int64)])
    # A row of the day may have come twice.
    keys, rows = np.unique(indexes * DAYS + since, return_index=True)
    dissolved = np.concatenate([np.asarray(now["dissolved"]), np.asarray(other["dissolved"])])[rows] > 0
    successor = _codes(index, joined("successor"))[rows]
    last = np.arange(len(index), dtype=np.int32)
    ended = np.flatnonzero(dissolved & (successor >= 0))
    last[keys[ended] // DAYS] = successor[ended]
    for _ in range(len(ended)):
        further = last[last]
        if (further == last).all():
            break
        last = further
    return UnitsOverTime(
        code=list(index),
        keys=keys,
        start=np.searchsorted(keys, np.arange(len(index) + 1, dtype=np.int64) * DAYS),
        since=(keys % DAYS).astype(np.int32),
        level=_words(LEVEL, joined("level"))[rows],
        kind=_words(UNIT_KIND, joined("kind"))[rows],
        dissolved=dissolved,
        parent=_codes(index, joined("parent"))[rows],
        successor=successor,
        last=last,
    )


def _transfers(
    columns: Columns, today: Columns, lost: Numbers, index: Mapping[str, int], matters: Matters, under: Indexes
) -> Transfers:
    """What is over, and what is lost of today's."""

    def strings(name: str) -> Sequence[str]:
        return columns[name] if not len(lost) else [*columns[name], *taken(today[name], lost)]

    def days(name: str) -> Indexes:
        return np.concatenate([columns[name], today[name][lost]]).astype(np.int32)

    of = strings("matter")
    numbers = {
        code: matters.index.get(code, number) for number, code in enumerate(dict.fromkeys(_different(of)), len(matters))
    }
    kinds = np.concatenate([columns["kind"], today["kind"][lost]])
    return Transfers(
        ref=strings("ref"),
        kind=transfer_kinds(kinds),
        matter=_codes(numbers, of).astype(np.int64),
        sender=_codes(index, strings("sender")),
        recipient=_codes(index, strings("recipient")),
        began=days("began"),
        ends=days("ends"),
        due_on=days("due_on"),
        returned=np.concatenate([columns["returned"], np.zeros(len(lost), np.int32)]).astype(np.int32),
        under=under,
        position=np.concatenate([columns["position"], today["position"][lost]]).astype(np.int64),
    )


def _lists(columns: Columns, index: Mapping[str, int]) -> list[PastList]:
    return [
        PastList(
            code=columns["code"][row],
            title=columns["title"][row],
            instrument=columns["instrument"][row],
            positive=columns["polarity"][row] == "positive",
            closed=bool(columns["closed"][row]),
            audience=LEVEL[columns["audience"][row]],
            scope=index.get(scope, -2) if scope else -1,
            since=int(columns["since"][row]),
            until=int(columns["until"][row]),
        )
        for row, scope in enumerate(columns["scope"])
    ]


def _items(columns: Columns, lists: Sequence[str]) -> list[PastItem]:
    indexes = {code: index for index, code in enumerate(lists)}
    return [
        PastItem(
            list=indexes[code],
            code=columns["item"][row],
            name=columns["name"][row],
            matter=columns["matter"][row],
            category=columns["category"][row],
            terms=tuple(columns["terms"][row] or ()),
            since=int(columns["since"][row]),
            until=int(columns["until"][row]),
        )
        for row, code in enumerate(columns["list"])
    ]


def _wordings(columns: Columns) -> dict[str, list[Wording]]:
    results: dict[str, list[Wording]] = {}
    for row, code in enumerate(columns["code"]):
        wording = Wording(
            since=int(columns["since"][row]),
            until=int(columns["until"][row]),
            category=columns["category"][row],
            names=(columns["name"][row], *columns["aliases"][row]),
        )
        results.setdefault(code, []).append(wording)
    return results
