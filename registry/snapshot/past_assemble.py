"""The past of a snapshot made of plain columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, count, repeat

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
    wanted = {*_different(today["under"]), *_different(gone["under"])} - {""}
    # A place for each row of the day: those kept, then transfers of the past, then what is lost.
    indexes = np.where(kept, np.cumsum(kept) - 1, -1)
    indexes[lost] = today_has + len(gone["ref"]) + np.arange(len(lost))
    index: dict[str, int] = {}
    if wanted:
        rows = _among(wanted, today["ref"])
        index = dict(zip(taken(today["ref"], rows), indexes[rows].tolist(), strict=True))
        index |= {ref: today_has + row for row, ref in enumerate(gone["ref"]) if ref in wanted}
    under = _codes(index, today["under"])
    return under[kept], np.concatenate([_codes(index, gone["under"]), under[lost]])


def _among(wanted: Collection[str], refs: Sequence[str]) -> Numbers:
    """The rows whose refs are wanted."""
    if isinstance(refs, Texts):
        return refs.among(wanted)
    return np.flatnonzero(np.fromiter(map(wanted.__contains__, refs), np.bool_, len(refs)))


def _lost(today: Columns, kept: Flags) -> Numbers:
    """What goes on for a unit that is no more, and so is not among the snapshot's delegations."""
    return np.flatnonzero(~kept & ~of_kinds(today["kind"], "power"))


def assemble_past(columns: Mapping[str, Columns], units: Units, matters: Matters, kept: Flags, under: Indexes) -> Past:
    """Out of the columns of past_load, beside the snapshot's own.

    `kept`: which delegations of the day the snapshot has; `under`: what transfers pass on (passed_on).
    """
    index = dict(units.index)
    transfers, lists = columns["past_delegation"], columns["past_list"]
    named: dict[str, None] = dict.fromkeys(
        chain(columns["past_unit"]["code"], *(_different(transfers[name]) for name in ("sender", "recipient")))
    )
    fresh = [code for code in named if code not in index]
    index.update(zip(fresh, count(len(index)), strict=False))
    # The units of a snapshot are places of their own names too: what it cannot read, nobody can.
    over_time = _over_time(columns["unit"], columns["past_unit"], index)
    return Past(
        units=over_time,
        transfers=_transfers(
            transfers, columns["delegation"], _lost(columns["delegation"], kept), index, matters, under
        ),
        lists=_lists(lists, index),
        items=_items(columns["past_item"], lists["code"]),
        wordings=_wordings(columns["past_matter"]),
    )


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
