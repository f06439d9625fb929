"""Who effectively holds a power on a day."""

from __future__ import annotations

from typing import NamedTuple

from tests.oracle.fold import Holding, Snapshot

# The contract's table: kind of power, the law's first day, what devolves it, what entrusts it.
TABLE = (
    ("penalty", "2021-07-15", "law regulation provincial_decision", "law regulation rule"),
    ("penalty", "1996-10-01", "law regulation", "law regulation rule"),
    ("licence", "2004-07-01", "law regulation provincial_decision", "law regulation rule"),
    ("coercion", "2012-01-01", "law regulation provincial_decision", ""),
)


class Holders(NamedTuple):
    """Units by how they hold a power: one unit can be in several."""

    freely: frozenset[str]  # outright, or by a good grant that devolves: may grant it
    entrusted: frozenset[str]  # by a good grant that entrusts
    in_name: frozenset[str]  # a dispatched unit, in its parent's name

    @property
    def all(self) -> frozenset[str]:
        return self.freely | self.entrusted | self.in_name


def fit(instrument_kind: str, power_kind: str | None, mode: str | None, day: str) -> bool:
    """May an instrument of that kind hand such a power down in that mode, by the law in force on the day?"""
    for kind, since, devolving, entrusting in TABLE:
        if kind == power_kind and since <= day:
            return instrument_kind in (devolving if mode == "devolved" else entrusting).split()
    return instrument_kind != "verbal"


def grants(snapshot: Snapshot, power: str) -> list[Holding]:
    """The grants of the power in force, one for each unit that holds it by a list."""
    return [h for h in snapshot.holdings if h.matter == power and h.by != "law"]


def holders(snapshot: Snapshot, power: str) -> Holders:
    """The least relation of the contract, grown from nothing until it grows no more."""
    kind = snapshot.matters[power].power_kind
    able = {unit.code for unit in snapshot.units.values() if unit.level != "village"}
    papered = [
        grant
        for grant in grants(snapshot, power)
        if grant.instrument is not None
        and snapshot.has_basis(grant.instrument)
        and fit(snapshot.instrument_kind(snapshot.rests_on(grant.instrument)), kind, grant.mode, snapshot.day)
        and grant.unit in able
    ]
    freely = {h.unit for h in snapshot.holdings if h.matter == power and h.by == "law"} & able
    while more := {g.unit for g in papered if g.mode == "devolved" and g.sender in freely} - freely:
        freely |= more
    entrusted = {grant.unit for grant in papered if grant.mode == "entrusted" and grant.sender in freely}
    in_name: set[str] = set()
    dispatched = [snapshot.units[code] for code in able if snapshot.units[code].kind == "dispatched"]
    while more := {u.code for u in dispatched if u.parent in freely | entrusted | in_name} - in_name:
        in_name |= more
    return Holders(frozenset(freely), frozenset(entrusted), frozenset(in_name))


def powers_of(snapshot: Snapshot, unit: str) -> list[str]:
    """The powers that the unit effectively holds, sorted."""
    powers = [matter.code for matter in snapshot.matters.values() if matter.kind == "power"]
    return sorted(power for power in powers if unit in holders(snapshot, power).all)
