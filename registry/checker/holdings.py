"""The holdings that rules look at, as columns: what is delegated, and what lists assign, laid out by unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from registry.checker.rule import Hits, both, of_delegations, of_items
from registry.relations.columns import (
    LEVEL,
    MATTER_KIND,
    ROLE,
    Flags,
    Indexes,
    Numbers,
    Small,
    among,
    distinct,
    of_rows,
)
from registry.relations.holding import held_by_law
from registry.relations.powers import Grants, effective_powers, grants, holding, subject
from registry.relations.reach import Reaching, holders_by_list, reached_by, reaching_rows
from registry.relations.territory import governing
from registry.snapshot.columns import Snapshot


def matter_of(snapshot: Snapshot, hits: Hits) -> Indexes:
    """The matter that each is about."""
    demanded = np.zeros(len(hits), np.bool_) if hits.demand is None else hits.demand >= 0
    if hits.demand is not None and demanded.all():
        return snapshot.demands.matter[hits.demand]
    held = _either(hits, snapshot.delegations.matter, snapshot.items.matter)
    if hits.demand is None or not demanded.any():
        return held
    return np.where(demanded, snapshot.demands.matter[hits.demand], held)


def subject_of(snapshot: Snapshot, hits: Hits, row: int) -> str:
    """The subject of one hit: a ref, or LIST#ITEM."""
    if hits.order is not None:
        return snapshot.orders.ref[int(hits.order[row])]
    if hits.demand is not None:
        return snapshot.demands.ref[int(hits.demand[row])]
    return subject(snapshot, int(hits.delegation[row]), int(hits.item[row]))


def instrument_of(snapshot: Snapshot, hits: Hits) -> Indexes:
    """The document each stands on: the delegation's, or the list's."""
    return _either(hits, snapshot.delegations.instrument, snapshot.lists.instrument[snapshot.items.list])


def brings_of(snapshot: Snapshot, hits: Hits) -> Small:
    """What came with each duty by the day: bits of STAFF and FUNDS."""
    return _either(hits, snapshot.delegations.brings, snapshot.items.brings)


def role_of(snapshot: Snapshot, hits: Hits) -> Small:
    """The role each duty is held in."""
    return _either(hits, snapshot.delegations.role, snapshot.lists.role[snapshot.items.list])


def _either(hits: Hits, delegated: np.ndarray, listed: np.ndarray) -> np.ndarray:
    # A place of -1 picks the last entry, if there is one, and is not used.
    if not len(delegated):
        return listed[hits.item]
    if not len(listed):
        return delegated[hits.delegation]
    return np.where(hits.delegation >= 0, delegated[hits.delegation], listed[hits.item])


def is_low(snapshot: Snapshot) -> Flags:
    """Which units are of level township or village."""
    return snapshot.units.level >= LEVEL["township"]


def assigned_duties(snapshot: Snapshot, which: Flags | None = None) -> Hits:
    """What lists assign as duties, said for each unit that holds it; only the items of `which`, if given."""
    lists, items = snapshot.lists, snapshot.items
    assigning = lists.positive & (lists.role >= 0)
    rows = (items.matter >= 0) & assigning[items.list]
    if which is not None:
        rows &= which
    return of_items(*holders_by_list(snapshot, np.flatnonzero(rows).astype(np.int32)))


def grant_hits(snapshot: Snapshot, which: Flags) -> Hits:
    """The grants of `which` (over powers.grants), items said for each unit that holds them by their list."""
    all_grants = snapshot.once(grants)
    direct = all_grants.delegation[which & (all_grants.delegation >= 0)]
    items = all_grants.item[which & (all_grants.item >= 0)]
    return both(of_delegations(snapshot, direct.astype(np.int64)), of_items(*holders_by_list(snapshot, items)))


def grants_of(snapshot: Snapshot, hits: Hits) -> tuple[Grants, Numbers]:
    """The grants, and the place among them of each hit of grant_hits."""
    all_grants = snapshot.once(grants)
    indexes = snapshot.once(_grant_indexes)
    return all_grants, np.where(hits.delegation >= 0, indexes[0][hits.delegation], indexes[1][hits.item])


def _grant_indexes(snapshot: Snapshot) -> tuple[Numbers, Numbers]:
    all_grants = snapshot.once(grants)
    # One place more than there are, so that -1 is never out of range.
    by_delegation = np.full(len(snapshot.delegations) + 1, -1, np.int64)
    by_item = np.full(len(snapshot.items) + 1, -1, np.int64)
    direct, listed = all_grants.delegation >= 0, all_grants.item >= 0
    by_delegation[all_grants.delegation[direct]] = np.flatnonzero(direct)
    by_item[all_grants.item[listed]] = np.flatnonzero(listed)
    return by_delegation, by_item


def grantor_holding(snapshot: Snapshot) -> Small:
    """How the grantor of each grant holds the power (bits of registry.projections.powers; 0: not)."""
    all_grants = snapshot.once(grants)
    return holding(snapshot.once(effective_powers), all_grants.grantor, all_grants.power)


@dataclass(frozen=True, eq=False)
class Assigned:
    """Items of lists that assign duties, findable by unit and matter."""

    item: Indexes
    reaching: Reaching


def _assigned(snapshot: Snapshot, roles: Flags) -> Assigned:
    lists, items = snapshot.lists, snapshot.items
    rows = np.flatnonzero((items.matter >= 0) & (lists.positive & roles)[items.list]).astype(np.int32)
    return Assigned(rows, reaching_rows(snapshot, items.list[rows], items.matter[rows], len(snapshot.matters)))


@of_rows
def any_assigned(snapshot: Snapshot) -> Assigned:
    """Duties that lists assign, in whatever role."""
    return _assigned(snapshot, snapshot.lists.role >= 0)


@of_rows
def lead_assigned(snapshot: Snapshot) -> Assigned:
    """Duties that lists make units lead."""
    return _assigned(snapshot, snapshot.lists.role == ROLE["lead"])


def assigned_to(snapshot: Snapshot, assigned: Assigned, units: Indexes, matters: Indexes) -> tuple[Numbers, Indexes]:
    """By which items each unit holds the duty: pairs (place in `units`, item).

    Lists assign to governments and villages only.
    """
    able = governing(snapshot.units.kind[units]) & (units >= 0)
    rows = np.flatnonzero(able)
    result, items = reached_by(snapshot, assigned.reaching, units[rows], matters[rows])
    return rows[result], assigned.item[items]


def holds_duty_not_by_delegation(snapshot: Snapshot, units: Indexes, matters: Indexes) -> Flags:
    """Which units hold the duty by law or by a list."""
    held = held_by_law(snapshot, units, matters)
    held[assigned_to(snapshot, snapshot.once(any_assigned), units, matters)[0]] = True
    return held


def lead_keys(snapshot: Snapshot) -> Numbers:
    """Sorted keys (recipient, matter) of the delegations that make a unit lead."""
    return delegated_to(snapshot, duty_delegations(snapshot) & (snapshot.delegations.role == ROLE["lead"]))


def leads(snapshot: Snapshot, units: Indexes, matters: Indexes) -> Flags:
    """Which units hold the duty as lead: by law, list or delegation."""
    held = held_by_law(snapshot, units, matters)
    held |= among(snapshot.once(lead_keys), pair_keys(snapshot, units, matters))
    held[assigned_to(snapshot, snapshot.once(lead_assigned), units, matters)[0]] = True
    return held


def delegated_to(snapshot: Snapshot, which: Flags) -> Numbers:
    """Sorted keys (recipient, matter) of these delegations; look up by `among`."""
    delegations = snapshot.delegations
    return distinct(delegations.recipient[which].astype(np.int64) * len(snapshot.matters) + delegations.matter[which])


def pair_keys(snapshot: Snapshot, units: Indexes, matters: Indexes | Numbers) -> Numbers:
    """The keys to look up in `delegated_to`; -1 where there is no unit."""
    return np.where(units >= 0, units.astype(np.int64) * len(snapshot.matters) + matters, -1)


def duty_delegations(snapshot: Snapshot) -> Flags:
    """Which delegations are of duties."""
    return snapshot.delegations.kind == MATTER_KIND["duty"]


def orders(snapshot: Snapshot) -> Flags:
    """Which delegations are of duties or burdens."""
    return snapshot.delegations.kind != MATTER_KIND["power"]


@of_rows
def commanders(snapshot: Snapshot) -> Indexes:
    """Each unit's government; for a unit stationed somewhere that of the unit where it works."""
    units = snapshot.units
    works_at = np.where(units.stationed_at >= 0, units.stationed_at, np.arange(len(units)))
    return units.government[works_at]


def steps_down(snapshot: Snapshot, orders_: Numbers) -> Numbers:
    """How many steps of parent each recipient's government is below its sender's; -1 where it is not.

    A unit dissolved without a successor is a step like any other.
    """
    delegations, units = snapshot.delegations, snapshot.units
    commander = snapshot.once(commanders)
    sender, recipient = delegations.sender_node[orders_], commander[delegations.recipient[orders_]]
    above = np.where(sender >= 0, commander[sender], -1)
    met = (units.lineage[recipient] == above[:, None]) & (above >= 0)[:, None] & (recipient >= 0)[:, None]
    return np.where(met.any(axis=1), met.argmax(axis=1), -1)
