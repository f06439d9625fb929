"""Who effectively holds which power on a day, and which grants of powers are good.

The relation is the least one: nobody grants what it does not hold, and a ring of grants without an original holder
gives nothing. It is kept lifted: an item of a list is one grant, however many units it reaches, and who holds by law is
looked up by level and function. Devolved: Administrative Penalty Law (2021) art. 24. Entrusted, and not again:
Administrative Penalty Law art. 20, Licensing Law art. 24. In its bureau's name (a dispatched team): art. 17 of the
Penalty Law lets only the organ that has the power exercise it, so the team may not hand it on.

There is a form in columns only. A least fixed point over grants, instruments and territory, with a rule of its own for
each way of holding, takes 68 s as recursive SQL for the country and 0.15 s here; whoever asks about one unit loads the
snapshot of its surroundings. The property test holds it to the oracle's plain search instead of to a second form.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date

import numpy as np

from registry import law
from registry.relations.columns import (
    INSTRUMENT_KIND,
    LEVEL,
    MATTER_KIND,
    MODE,
    POWER_KIND,
    UNIT_KIND,
    Day,
    Flags,
    Indexes,
    Numbers,
    Small,
    among,
    distinct,
    expand_ranges,
)
from registry.relations.holding import by_law, held_by_law
from registry.relations.reach import Reaching, holders_by_list, reached_by, reaching_rows

# How a unit holds a power: bits, for it may hold it in several ways.
OUTRIGHT, DEVOLVED, ENTRUSTED, IN_NAME = 1, 2, 4, 8
# Who holds it in one of these ways may grant it.
MAY_GRANT = OUTRIGHT | DEVOLVED


@dataclass(frozen=True, eq=False)
class Grants:
    """Every grant in force, once: first the delegations of powers, then the items of lists that assign powers."""

    delegation: Indexes  # index among the day's delegations, -1 for an item
    item: Indexes  # index among the day's items, -1 for a delegation
    power: Indexes
    grantor: Indexes
    recipient: Indexes  # -1 for an item: whomever its list reaches
    mode: Small
    instrument: Indexes


@dataclass(frozen=True, eq=False)
class Powers:
    """What the grants of a day come to. Ask `holding`, `chain`, `held`."""

    day: Day
    grants: Grants
    fit: Flags  # each grant's instrument is fit to grant its power so
    good: Flags  # each grant is good
    delegated: dict[int, tuple[Numbers, Indexes]]  # bit -> sorted keys (unit, power) of good delegations; the grants
    listed: dict[int, tuple[Reaching, Indexes]]  # bit -> good items by scope, audience and power; the grants


def grants(day: Day) -> Grants:
    """Powers granted by delegation, and items of assigning lists of powers."""
    delegations, items, lists = day.delegations, day.items, day.lists
    delegation = np.flatnonzero((delegations.kind == MATTER_KIND["power"]) & (delegations.matter >= 0)).astype(np.int32)
    assigning = lists.positive & (lists.mode >= 0)
    item = np.flatnonzero((items.matter >= 0) & assigning[items.list]).astype(np.int32)
    by_list = np.full(len(item), -1, np.int32)
    return Grants(
        delegation=np.concatenate([delegation, by_list]),
        item=np.concatenate([np.full(len(delegation), -1, np.int32), item]),
        power=np.concatenate([delegations.matter[delegation], items.matter[item]]),
        grantor=np.concatenate([delegations.sender[delegation], items.grantor[item]]),
        recipient=np.concatenate([delegations.recipient[delegation], by_list]),
        mode=np.concatenate([delegations.mode[delegation], lists.mode[items.list[item]]]),
        instrument=np.concatenate([delegations.instrument[delegation], lists.instrument[items.list[item]]]),
    )


def _fitness(day: date) -> Flags:
    """The table of fit instruments on a day, by kind of power, devolved or entrusted, kind of instrument."""
    fit = np.zeros((len(POWER_KIND), 2, len(INSTRUMENT_KIND) + 1), np.bool_)
    for (power, mode), provision in law.fit_instruments().on(day).items():
        for instrument in provision.instruments:
            fit[POWER_KIND[power], int(mode == "entrusted"), INSTRUMENT_KIND[instrument]] = True
    return fit


def effective_powers(day: Day) -> Powers:
    """Which grants are good on the day, by the least fixpoint; ask it through `day.once(effective_powers)`."""
    all_grants = day.once(grants)
    power, grantor, recipient = all_grants.power, all_grants.grantor, all_grants.recipient
    entrusted = all_grants.mode == MODE["entrusted"]
    instruments = day.instruments
    known = all_grants.instrument >= 0
    rests_on = instruments.rests_on[all_grants.instrument[known]]
    fit, in_force = np.zeros(len(power), np.bool_), np.zeros(len(power), np.bool_)
    fitness = np.stack([_fitness(date.fromordinal(each)) for each in day.as_ofs.tolist()])
    fit[known] = fitness[
        day.which_day("matters", power[known]),
        day.matters.power_kind[power[known]],
        entrusted[known].astype(np.int8),
        instruments.kind[rests_on],
    ]
    in_force[known] = instruments.in_force[rests_on]
    usable = fit & in_force & _able(day, grantor)

    # Nodes: the pairs of a grantor and a power. Only those matter to whether a grant is good.
    keys = grantor.astype(np.int64) * len(day.matters) + power
    nodes, node = np.unique(np.where(usable, keys, -1), return_inverse=True)
    unit = (nodes // max(len(day.matters), 1)).astype(np.int32)
    about = (nodes % max(len(day.matters), 1)).astype(np.int32)
    origin = (nodes >= 0) & _outright(day, unit, about)

    # Edges: a usable devolved grant makes its recipient one that may grant. An entrusted one does not.
    devolving = usable & ~entrusted
    given = np.flatnonzero(devolving & (recipient >= 0))
    given = given[_able(day, recipient[given])]
    to = recipient[given].astype(np.int64) * len(day.matters) + power[given]
    indexes = np.minimum(np.searchsorted(nodes, to), max(len(nodes) - 1, 0))
    met = nodes[indexes] == to if len(nodes) else np.zeros(0, np.bool_)
    sources, targets = [node[given[met]]], [indexes[met]]
    items, rows = _listed(day, all_grants, devolving)
    reached, result = _reached(day, items, np.where(nodes >= 0, unit, -1), about)
    sources.append(node[rows[result]])
    targets.append(reached)
    may_grant = _reachable(origin, np.concatenate(sources), np.concatenate(targets))
    good = usable & may_grant[node] if len(nodes) else usable

    return Powers(
        day=day,
        grants=all_grants,
        fit=fit,
        good=good,
        delegated={bit: _delegated(day, all_grants, good & way) for bit, way in _ways(entrusted)},
        listed={bit: _listed(day, all_grants, good & way) for bit, way in _ways(entrusted)},
    )


def _ways(entrusted: Flags) -> tuple[tuple[int, Flags], tuple[int, Flags]]:
    return (DEVOLVED, ~entrusted), (ENTRUSTED, entrusted)


def _able(day: Day, units: Indexes) -> Flags:
    """A village holds no power: it is a self-governing body, no organ (Organic Law of Village Committees art. 2)."""
    if not len(day.units):
        return np.zeros(len(units), np.bool_)
    return (units >= 0) & (day.units.level[units] != LEVEL["village"])


def _outright(day: Day, units: Indexes, powers: Indexes) -> Flags:
    """By level and function, or by a vesting whose instrument is in force."""
    vested = among(day.vested, units.astype(np.int64) * len(day.matters) + powers)
    return _able(day, units) & (held_by_law(day, units, powers) | vested)


def _reachable(origin: Flags, sources: Numbers, targets: Numbers) -> Flags:
    """Origins, and all that edges lead to from them."""
    reached = origin.copy()
    # As many rounds as a chain is long: powers are handed down few times.
    while (leads := reached[sources]).any():
        reached[targets[leads]] = True
        left = ~(leads | reached[targets])
        sources, targets = sources[left], targets[left]
    return reached


def _delegated(day: Day, all_grants: Grants, kept: Flags) -> tuple[Numbers, Indexes]:
    rows = np.flatnonzero(kept & (all_grants.recipient >= 0))
    keys = all_grants.recipient[rows].astype(np.int64) * len(day.matters) + all_grants.power[rows]
    order = np.argsort(keys, kind="stable")
    return keys[order], rows[order].astype(np.int32)


def _listed(day: Day, all_grants: Grants, kept: Flags) -> tuple[Reaching, Indexes]:
    rows = np.flatnonzero(kept & (all_grants.item >= 0)).astype(np.int32)
    lists = day.items.list[all_grants.item[rows]]
    return reaching_rows(day, lists, all_grants.power[rows], len(day.matters)), rows


def _reached(day: Day, items: Reaching, units: Indexes, powers: Indexes) -> tuple[Numbers, Numbers]:
    """Lists assign powers to governments (and villages, which hold none)."""
    governing = units >= 0
    governing[governing] = day.units.kind[units[governing]] == UNIT_KIND["government"]
    rows = np.flatnonzero(governing & _able(day, units))
    reached, result = reached_by(day, items, units[rows], powers[rows])
    return rows[reached], result


def holding(powers: Powers, units: Indexes, matters: Indexes) -> Small:
    """For each pair (unit, power) how the unit effectively holds it: bits of OUTRIGHT, DEVOLVED, ENTRUSTED, IN_NAME.

    0: it does not hold it. A unit that holds it neither OUTRIGHT nor DEVOLVED may not grant it.
    """
    day = powers.day
    held = np.zeros(len(units), np.int8)
    if not len(day.units) or not len(day.matters):
        return held
    able = _able(day, units)
    held[_outright(day, units, matters)] |= OUTRIGHT
    keys = np.where(able, units.astype(np.int64) * len(day.matters) + matters, -1)
    for bit, (given, _) in powers.delegated.items():
        held[among(given, keys) & able] |= bit
    for bit, (items, _) in powers.listed.items():
        if len(items.keys):
            held[_reached(day, items, units, matters)[0]] |= bit
    dispatched = np.flatnonzero(able & (day.units.kind[units] == UNIT_KIND["dispatched"]))
    if len(dispatched):
        parents = day.units.parent[units[dispatched]]
        has = np.flatnonzero(parents >= 0)
        dispatched = dispatched[has]
        held[dispatched[holding(powers, parents[has], matters[dispatched]) != 0]] |= IN_NAME
    return held


def entrusted_only(held: Small) -> Flags:
    """Of what `holding` answered: held, but only by entrusted grants, or only so and in another's name."""
    return ((held & MAY_GRANT) == 0) & ((held & ENTRUSTED) != 0)


def held(powers: Powers, unit: int) -> tuple[Indexes, Small]:
    """Every power of the day that a unit effectively holds, and how. (Load with held_powers for all there are.)"""
    candidates = np.flatnonzero(powers.day.matters.kind == MATTER_KIND["power"]).astype(np.int32)
    ways = holding(powers, np.full(len(candidates), unit, np.int32), candidates)
    return candidates[ways != 0], ways[ways != 0]


def how_many(powers: Powers, units: Indexes) -> Numbers:
    """How many powers of the day each of these units effectively holds."""
    day = powers.day
    if not len(day.units) or not len(day.matters):
        return np.zeros(len(units), np.int64)
    counts = np.bincount(day.once(_held_by_all) // len(day.matters), minlength=len(day.units))
    return np.where(units >= 0, counts[units], 0)


def _held_by_all(day: Day) -> Numbers:
    """Keys (unit, power) of all that `holding` says is held, each once: laid out, instead of every pair looked up."""
    powers, width = day.once(effective_powers), len(day.matters)
    parts = [pair[0].astype(np.int64) * width + pair[1] for pair in (by_law(day, "power"), *_by_lists(powers))]
    keys = np.concatenate([*parts, day.vested, *(given for given, _ in powers.delegated.values())])
    able = _able(day, np.arange(len(day.units), dtype=np.int32))
    keys = distinct(keys[able[keys // width] & (day.matters.kind[keys % width] == MATTER_KIND["power"])])
    parent = np.where(able & (day.units.kind == UNIT_KIND["dispatched"]), day.units.parent, -1)
    (teams,) = np.nonzero(parent >= 0)
    while len(teams):  # what a bureau holds its team has in its name, and so has a team of that team
        starts, ends = (np.searchsorted(keys, parent[teams].astype(np.int64) * width + more) for more in (0, width))
        rows, held = expand_ranges(starts, ends)
        more = distinct(np.concatenate([keys, teams[rows] * width + keys[held] % width]))
        if len(more) == len(keys):
            break
        keys = more
    return keys


def _by_lists(powers: Powers) -> list[tuple[Indexes, Indexes]]:
    """What governments hold by good items of lists: pairs of a unit and a power."""
    day, results = powers.day, list[tuple[Indexes, Indexes]]()
    for _, rows in powers.listed.values():
        units, items = holders_by_list(day, powers.grants.item[rows])
        governs = day.units.kind[units] == UNIT_KIND["government"]
        results.append((units[governs], day.items.matter[items[governs]]))
    return results


def subject(day: Day, delegation: int, item: int) -> str:
    """The subject of a holding by delegation (its ref) or by list (LIST#ITEM)."""
    if delegation >= 0:
        return day.delegations.ref[delegation]
    return f"{day.lists.code[day.items.list[item]]}#{day.items.code[item]}"


def _given(day: Day) -> tuple[tuple[Numbers, Indexes], tuple[Reaching, Indexes]]:
    """All grants, findable by recipient and power: delegations by key, items by scope."""
    all_grants = day.once(grants)
    everything = np.ones(len(all_grants.power), np.bool_)
    return _delegated(day, all_grants, everything), _listed(day, all_grants, everything)


def grants_to(powers: Powers, unit: int, power: int, *, good: bool) -> list[int]:
    """The grants of a power to one unit: the good ones, or all.

    Delegations come first, in the order of their recording, then items by list and code, however rows were read.
    """
    day = powers.day
    (keys, direct), (items, listed) = day.once(_given)
    key = unit * len(day.matters) + power
    start, end = np.searchsorted(keys, [key, key + 1])
    results = list(direct[start:end])
    if len(listed) and day.units.kind[unit] in (UNIT_KIND["government"], UNIT_KIND["village"]):
        one, what = np.array([unit], np.int32), np.array([power], np.int32)
        results += list(listed[reached_by(day, items, one, what)[1]])
    chosen = [int(grant) for grant in results if powers.good[grant] or not good]
    return sorted(chosen, key=lambda grant: _rank(powers, grant)) if len(chosen) > 1 else chosen


def _rank(powers: Powers, grant: int) -> tuple[bool, int, str]:
    delegation, item = int(powers.grants.delegation[grant]), int(powers.grants.item[grant])
    if delegation >= 0:
        return False, int(powers.day.delegations.position[delegation]), ""
    return True, 0, subject(powers.day, -1, item)


def chain(powers: Powers, unit: int, power: int) -> list[str]:
    """By which subjects a unit effectively holds a power: the shortest way, from the original holder to the unit.

    It begins with LAW#POWER where the origin holds it by level and function; a vesting has no subject, so a unit in
    which it is vested has an empty chain. A team that acts in its bureau's name has its bureau's. Empty too where the
    unit does not hold it.
    """
    day = powers.day
    while not int(_way(powers, unit, power)) & ~IN_NAME:
        if not int(_way(powers, unit, power)):
            return []
        unit = int(day.units.parent[unit])
    came: dict[int, tuple[int, int]] = {}
    queue = deque([unit])
    while queue:
        at = queue.popleft()
        one, what = np.array([at], np.int32), np.array([power], np.int32)
        if _outright(day, one, what)[0]:
            subjects = [f"LAW#{day.matters.code[power]}"] if held_by_law(day, one, what)[0] else []
            while at != unit:
                grant, at = came[at]
                subjects.append(subject(day, int(powers.grants.delegation[grant]), int(powers.grants.item[grant])))
            return subjects
        for grant in grants_to(powers, at, power, good=True):
            grantor = int(powers.grants.grantor[grant])
            if grantor not in came and grantor != unit:
                came[grantor] = (grant, at)
                queue.append(grantor)
    return []


def _way(powers: Powers, unit: int, power: int) -> int:
    return int(holding(powers, np.array([unit], np.int32), np.array([power], np.int32))[0])
