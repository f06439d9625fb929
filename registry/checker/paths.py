"""The delegations that show a finding, from the top down."""

from __future__ import annotations

import numpy as np

from registry.checker.holdings import grantor_holding
from registry.checker.rule import Hits
from registry.projections.picture.columns import UNIT_KIND, Codes, Numbers, Picture
from registry.projections.powers import MAY_GRANT, Powers, grants_to, subject


def _incoming(picture: Picture) -> tuple[Numbers, Numbers]:
    """Delegations by (recipient, matter): the keys, sorted, and the delegations in their order."""
    delegations = picture.delegations
    keys = delegations.recipient.astype(np.int64) * len(picture.matters) + delegations.matter
    order = np.argsort(keys)
    return keys[order], order


def to_unit(picture: Picture, unit: int, matter: int) -> list[int]:
    """The delegations in force of a matter to a unit, the leading and the earlier recorded before the others."""
    keys, order = picture.once(_incoming)
    key = unit * len(picture.matters) + matter
    start, end = np.searchsorted(keys, [key, key + 1])
    return sorted(order[start:end].tolist(), key=lambda place: _rank(picture, place))


def _rank(picture: Picture, delegation: int) -> tuple[int, int]:
    return int(picture.delegations.role[delegation]), int(picture.delegations.position[delegation])


def _above(picture: Picture, at: Numbers) -> Numbers:
    """What each delegation passes on: what it names as `under`, else the first of the matter to its sender; -1 none."""
    delegations = picture.delegations
    found = delegations.under[at].astype(np.int64)
    found[found >= len(delegations)] = -1
    rest = np.flatnonzero((found < 0) & (delegations.sender[at] >= 0))
    keys, order = picture.once(_incoming)
    wanted = delegations.sender[at[rest]].astype(np.int64) * len(picture.matters) + delegations.matter[at[rest]]
    starts, ends = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    given = starts < ends
    found[rest[given]] = order[starts[given]]
    for row in np.flatnonzero(ends - starts > 1):
        candidates: list[int] = order[starts[row] : ends[row]].tolist()
        found[rest[row]] = min(candidates, key=lambda place: _rank(picture, place))
    return found


def of_holdings(picture: Picture, hits: Hits) -> list[list[str]]:
    """How each duty or burden came down to its holder: the chain of delegations, or the one item."""
    refs = picture.delegations.ref
    found = [[subject(picture, -1, item)] if item >= 0 else list[str]() for item in map(int, hits.item)]
    rows = np.flatnonzero(hits.delegation >= 0)
    steps = [hits.delegation[rows].astype(np.int64)]
    while len(rows):
        for row, place in zip(map(int, rows), map(int, steps[-1]), strict=True):
            found[row].append(refs[place])
        above = _above(picture, steps[-1])
        # Until nothing is above, or what is above was met before.
        going = (above >= 0) & ~np.any([step == above for step in steps], axis=0)
        rows, steps = rows[going], [*(step[going] for step in steps), above[going]]
    return [chain[::-1] for chain in found]


def of_grants(powers: Powers, grant: int) -> list[str]:
    """A grant, the one that its grantor got the power by, and so on to where it breaks off or began."""
    all_grants, power = powers.grants, int(powers.grants.power[grant])
    ways = powers.picture.once(grantor_holding)
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
        subject(powers.picture, int(all_grants.delegation[place]), int(all_grants.item[place]))
        for place in reversed(seen)
    ]


def departments(picture: Picture) -> tuple[Numbers, Codes]:
    """Departments by their government: those of unit u are found[start[u]:start[u + 1]]."""
    rows = np.flatnonzero((picture.units.kind == UNIT_KIND["department"]) & (picture.units.government >= 0))
    order = np.argsort(picture.units.government[rows], kind="stable")
    found = rows[order].astype(np.int32)
    start = np.searchsorted(picture.units.government[found], np.arange(len(picture.units) + 1))
    return start, found


def own(picture: Picture, hits: Hits, row: int) -> list[str]:
    """Only the hit's own subject."""
    return [subject(picture, int(hits.delegation[row]), int(hits.item[row]))]
