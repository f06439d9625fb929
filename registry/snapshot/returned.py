"""Matters that units gave back: what may come down on them again under another name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, LiteralString

import numpy as np
import psycopg

from registry.relations.columns import Indexes, Units
from registry.relations.two_times import NAMED
from registry.snapshot.column_reader import As, Columns, read_columns

COLUMNS: Final[Mapping[str, tuple[LiteralString, As]]] = {
    "ref": ("ref", "id"),
    "recipient": ("recipient", "id"),
    "returned_on": ("ended", "day"),
    "matter": ("matter", "id"),
    "name": ("name", "text"),
    "aliases": ("aliases", "text"),
}
# When the matter was called so, where it is asked about many days.
_DAYS: Final[Mapping[str, tuple[LiteralString, As]]] = {"from": ("named_from", "day"), "to": ("named_to", "day")}
# The names are those of the snapshot's day, or of any: as {named} says. {rows}: of delegations, as `d`.
_RETURNED: Final[LiteralString] = """(
    SELECT d.ref, d.recipient, d.ended, d.matter, m.name, m.aliases, d.position,
        greatest(m.valid_from, date '0001-01-01') AS named_from, m.valid_to AS named_to
    FROM {rows},
    LATERAL (SELECT m.* FROM matter m WHERE m.code = d.matter AND {named} OFFSET 0) m
) AS returned"""
_WAS_RETURNED: Final[LiteralString] = "d.end_reason = 'returned' AND d.kind <> 'power' AND d.valid_from = d.began"
# By the day, whatever was known.
GIVEN_BACK: Final[LiteralString] = "d.ended <= %(day)s AND " + _WAS_RETURNED
_EVER: Final[LiteralString] = _WAS_RETURNED + " AND " + NAMED.known("d")
_NAMED: Final[LiteralString] = """(SELECT code COLLATE "C" AS code FROM unnest(%(codes)s::text[]) AS code) c,
    LATERAL (SELECT d.* FROM delegation d WHERE d.recipient = c.code AND {which} OFFSET 0) d"""
_BY_NAMED: Final = _RETURNED.format(
    rows=_NAMED.format(which=GIVEN_BACK + " AND " + NAMED.known("d")), named=NAMED.at("m")
)
_BY_NAMED_EVER: Final = _RETURNED.format(rows=_NAMED.format(which=_EVER), named=NAMED.known("m"))


@dataclass(frozen=True, eq=False)
class Returned:
    """Delegations of duties and burdens that ended with reason returned by the snapshot's day."""

    ref: list[str]
    recipient: Indexes  # where it is in the tree on the day
    day: Indexes
    matter: list[str]
    names: list[tuple[str, ...]]  # the matter's name and aliases

    def __len__(self) -> int:
        return len(self.ref)


def read_returned(connection: psycopg.Connection[Any], day: Mapping[str, object], codes: Collection[str]) -> Columns:
    """What these units gave back by the day. `day`: the snapshot's `day` and what was `known`."""
    return read_columns(connection, _BY_NAMED, COLUMNS, "true", {**day, "codes": sorted(set(codes))})


def returned_among(over: Columns, matter: Columns, day: date) -> Columns:
    """What anybody gave back by the day, as read_returned gives it, out of what is read of everything anyway.

    `over`: the delegations that are over by the day, among others (past_load.TRANSFER); `matter`: the day's.
    """
    index = {code: row for row, code in enumerate(matter["code"])}
    returned = over["returned"]
    rows = np.flatnonzero((returned > 0) & (returned <= day.toordinal()))
    codes: list[str] = [over["matter"][row] for row in rows]
    rows = rows[[code in index for code in codes]]
    named = [index[code] for code in codes if code in index]
    return {
        "ref": [over["ref"][row] for row in rows],
        "recipient": [over["recipient"][row] for row in rows],
        "returned_on": returned[rows],
        "matter": [matter["code"][row] for row in named],
        "name": [matter["name"][row] for row in named],
        "aliases": [matter["aliases"][row] for row in named],
    }


def read_returned_ever(connection: psycopg.Connection[Any], known: int, codes: Collection[str]) -> Columns:
    """What these units gave back on any day, once for each name of its matter, with its days `from` and `to`."""
    named: Mapping[str, object] = {"known": known, "codes": sorted(set(codes))}
    return read_columns(connection, _BY_NAMED_EVER, {**COLUMNS, **_DAYS}, "true", named)


def assemble_returned(columns: Columns | None, units: Units) -> Returned:
    """The columns of read_returned in the snapshot's places; None: nothing was."""
    if columns is None:
        columns = {name: [] for name in COLUMNS}
    recipients = [int(units.node[units.index[code]]) if code in units.index else -1 for code in columns["recipient"]]
    kept = [row for row, index in enumerate(recipients) if index >= 0]
    return Returned(
        ref=[columns["ref"][row] for row in kept],
        recipient=np.array([recipients[row] for row in kept], np.int32),
        day=np.asarray(columns["returned_on"], np.int32)[kept],
        matter=[columns["matter"][row] for row in kept],
        names=[(columns["name"][row], *columns["aliases"][row]) for row in kept],
    )
