"""The delegations that show a finding, from the top down."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from registry.checker.rule import Hits
from registry.projections.picture.columns import UNIT_KIND, Codes, Numbers, Picture
from registry.projections.powers import MAY_GRANT, Powers, grants_to, holding, subject


def _incoming(picture: Picture) -> tuple[Numbers, Numbers]:
    """Delegations by (recipient, matter), the leading and the earlier recorded before the others."""
    delegations = picture.delegations
    keys = delegations.recipient.astype(np.int64) * len(picture.matters) + delegations.matter
    order = np.lexsort((delegations.position, delegations.role, keys))
    return keys[order], order


def _by_ref(picture: Picture) -> dict[str, int]:
    return {ref: place for place, ref in enumerate(picture.delegations.ref)}


def to_unit(picture: Picture, unit: int, matter: int) -> list[int]:
    """The delegations in force of a matter to a unit."""
    keys, order = picture.once(_incoming)
    key = unit * len(picture.matters) + matter
    start, end = np.searchsorted(keys, [key, key + 1])
    return [int(place) for place in order[start:end]]


def _upward(picture: Picture, delegation: int) -> Iterator[int]:
    """A delegation, the one that it passes on, and so on: by `under`, else one of the same matter to its sender."""
    seen: set[int] = set()
    while delegation not in seen:
        seen.add(delegation)
        yield delegation
        above = picture.once(_by_ref).get(picture.delegations.under[delegation])
        if above is None:
            sender, matter = int(picture.delegations.sender[delegation]), int(picture.delegations.matter[delegation])
            above = next(iter(to_unit(picture, sender, matter)), None) if sender >= 0 else None
        if above is None:
            return
        delegation = above


def of_holding(picture: Picture, delegation: int, item: int) -> list[str]:
    """How a duty or a burden came down to its holder: the chain of delegations, or the one item."""
    if delegation < 0:
        return [subject(picture, delegation, item)]
    return [picture.delegations.ref[place] for place in _upward(picture, delegation)][::-1]


def of_grants(powers: Powers, grant: int) -> list[str]:
    """A grant, the one that its grantor got the power by, and so on to where it breaks off or began."""
    all_grants, power = powers.grants, int(powers.grants.power[grant])
    seen: list[int] = []
    while grant not in seen:
        seen.append(grant)
        grantor = int(all_grants.grantor[grant])
        if grantor < 0 or _may_grant(powers, grantor, power):
            break
        above = grants_to(powers, grantor, power, good=True) or grants_to(powers, grantor, power, good=False)
        if not above:
            break
        grant = above[0]
    return [
        subject(powers.picture, int(all_grants.delegation[place]), int(all_grants.item[place]))
        for place in reversed(seen)
    ]


def _may_grant(powers: Powers, unit: int, power: int) -> bool:
    ways = holding(powers, np.array([unit], np.int32), np.array([power], np.int32))
    return bool(ways[0] & MAY_GRANT)


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
