"""The delegations that show a finding, from the top down."""

from __future__ import annotations

import numpy as np

from registry.checker.holdings import grantor_holding
from registry.checker.rule import Hits
from registry.relations.columns import UNIT_KIND, Indexes, Numbers, any_of, of_rows
from registry.relations.powers import MAY_GRANT, Powers, grants_to, subject
from registry.snapshot.columns import Snapshot


def _incoming(snapshot: Snapshot) -> tuple[Numbers, Numbers]:
    """Delegations by (recipient, matter): the keys, sorted, and the delegations in their order."""
    delegations = snapshot.delegations
    keys = delegations.recipient.astype(np.int64) * len(snapshot.matters) + delegations.matter
    order = np.argsort(keys)
    return keys[order], order


def to_unit(snapshot: Snapshot, unit: int, matter: int) -> list[int]:
    """The delegations in force of a matter to a unit, the leading and the earlier recorded before the others."""
    keys, order = snapshot.once(_incoming)
    key = unit * len(snapshot.matters) + matter
    start, end = np.searchsorted(keys, [key, key + 1])
    return sorted(order[start:end].tolist(), key=lambda delegation: _rank(snapshot, delegation))


def _rank(snapshot: Snapshot, delegation: int) -> tuple[int, int]:
    return int(snapshot.delegations.role[delegation]), int(snapshot.delegations.position[delegation])


def _above(snapshot: Snapshot, at: Numbers) -> Numbers:
    """What each delegation passes on: what it names as `under`, else the first of the matter to its sender; -1 none."""
    delegations = snapshot.delegations
    passed_on = delegations.under[at].astype(np.int64)
    passed_on[passed_on >= len(delegations)] = -1
    rest = np.flatnonzero((passed_on < 0) & (delegations.sender[at] >= 0))
    keys, order = snapshot.once(_incoming)
    wanted = delegations.sender[at[rest]].astype(np.int64) * len(snapshot.matters) + delegations.matter[at[rest]]
    starts, ends = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    given = starts < ends
    passed_on[rest[given]] = order[starts[given]]
    for row in np.flatnonzero(ends - starts > 1):
        candidates: list[int] = order[starts[row] : ends[row]].tolist()
        passed_on[rest[row]] = min(candidates, key=lambda delegation: _rank(snapshot, delegation))
    return passed_on


def of_holdings(snapshot: Snapshot, hits: Hits) -> list[list[str]]:
    """How each duty or burden came down to its holder: the chain of delegations, or the one item."""
    refs = snapshot.delegations.ref
    chains = [[subject(snapshot, -1, item)] if item >= 0 else list[str]() for item in map(int, hits.item)]
    rows = np.flatnonzero(hits.delegation >= 0)
    steps = [hits.delegation[rows].astype(np.int64)]
    while len(rows):
        for row, delegation in zip(map(int, rows), map(int, steps[-1]), strict=True):
            chains[row].append(refs[delegation])
        above = _above(snapshot, steps[-1])
        # Until nothing is above, or what is above was met before.
        going = (above >= 0) & ~np.any([step == above for step in steps], axis=0)
        rows, steps = rows[going], [*(step[going] for step in steps), above[going]]
    return [chain[::-1] for chain in chains]


def of_grants(powers: Powers, grant: int) -> list[str]:
    """A grant, the one that its grantor got the power by, and so on to where it breaks off or began."""
    all_grants, power = powers.grants, int(powers.grants.power[grant])
    ways = powers.day.once(grantor_holding)
    seen: list[int] = []
    while grant not in seen:
        seen.append(grant)
        grantor = int(all_grants.grantor[grant])
        if grantor < 0 or ways[grant] & MAY_GRANT:
            break
        above = grants_to(powers, grantor, power, good=True) or grants_to(powers, grantor, power, good=False)
        if not above:
            break
        grant = above[0]
    return [
        subject(powers.day, int(all_grants.delegation[grant]), int(all_grants.item[grant])) for grant in reversed(seen)
    ]


@of_rows
def departments(snapshot: Snapshot) -> tuple[Numbers, Indexes]:
    """Return (start, department): the departments of the government u are `department[start[u]:start[u + 1]]`."""
    return _of_governments(snapshot, (UNIT_KIND["department"],))


@of_rows
def offices(snapshot: Snapshot) -> tuple[Numbers, Indexes]:
    """Return (start, office), as `departments` does: departments and dispatched teams, which act for it too."""
    return _of_governments(snapshot, (UNIT_KIND["department"], UNIT_KIND["dispatched"]))


def _of_governments(snapshot: Snapshot, kinds: tuple[int, ...]) -> tuple[Numbers, Indexes]:
    rows = np.flatnonzero(any_of(snapshot.units.kind, kinds) & (snapshot.units.government >= 0))
    order = np.argsort(snapshot.units.government[rows], kind="stable")
    of = rows[order].astype(np.int32)
    start = np.searchsorted(snapshot.units.government[of], np.arange(len(snapshot.units) + 1))
    return start, of


def own(snapshot: Snapshot, hits: Hits, row: int) -> list[str]:
    """Only the hit's own subject."""
    return [subject(snapshot, int(hits.delegation[row]), int(hits.item[row]))]
