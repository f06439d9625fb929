"""责大权小: a township or village leads a duty, and the powers that it takes stay above."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case, Way
from registry.checker.holdings import assigned_duties, duty_delegations, is_low, matter_of
from registry.checker.parts import POWERS, REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, both, of_delegations
from registry.checker.setting import DECISION, SETTING, TOWN, URBAN, delegated, granted
from registry.checker.ways_out import Ways, let_assist, made_lead, powers_granted, taken_back
from registry.domain.text import Text
from registry.relations.columns import ROLE, UNIT_KIND, Indexes, Numbers, distinct, expand_ranges
from registry.relations.holding import held_by_law
from registry.relations.powers import effective_powers, holding
from registry.snapshot.columns import Snapshot


def _leads(snapshot: Snapshot) -> Hits:
    """Duties that require powers, led by a low unit, by delegation or list."""
    delegations, matters, items, lists = snapshot.delegations, snapshot.matters, snapshot.items, snapshot.lists
    requiring = np.diff(matters.requires_start) > 0
    low = is_low(snapshot)
    delegated_leads = duty_delegations(snapshot) & (delegations.role == ROLE["lead"])
    delegated_leads &= low[delegations.recipient] & requiring[delegations.matter] & (delegations.matter >= 0)
    listed = assigned_duties(snapshot, (lists.role == ROLE["lead"])[items.list] & requiring[items.matter])
    return both(of_delegations(snapshot, delegated_leads), listed.where(low[listed.unit]))


def lacking(snapshot: Snapshot, units: Indexes, duties: Indexes) -> tuple[Numbers, Indexes]:
    """What each unit lacks for its duty, itself and in its departments and teams: pairs (place in `units`, power)."""
    powers, matters = snapshot.once(effective_powers), snapshot.matters
    rows, indexes = expand_ranges(matters.requires_start[duties], matters.requires_start[duties + 1])
    required = matters.requires[indexes]
    without = np.flatnonzero(holding(powers, units[rows], required) == 0)
    rows, required = rows[without], required[without]

    start, offices = snapshot.once(paths.offices)
    unit = units[rows]
    pairs, office = expand_ranges(start[unit], start[unit + 1])
    by_office = holding(powers, offices[office], required[pairs]) != 0
    without_too = np.ones(len(rows), np.bool_)
    without_too[pairs[by_office]] = False
    return rows[without_too], required[without_too]


def _missing(snapshot: Snapshot, hits: Hits) -> tuple[Numbers, Indexes]:
    return lacking(snapshot, hits.unit, matter_of(snapshot, hits))


def _find(snapshot: Snapshot) -> Hits:
    hits = _leads(snapshot)
    if not len(hits):
        return hits
    hits = hits.where(snapshot.territory[hits.unit])
    return hits.where(distinct(_missing(snapshot, hits)[0]))


def _stationed(snapshot: Snapshot) -> dict[int, list[int]]:
    """The units stationed at each unit."""
    at: dict[int, list[int]] = defaultdict(list)
    for index in np.flatnonzero(snapshot.units.stationed_at >= 0):
        at[int(snapshot.units.stationed_at[index])].append(int(index))
    return at


def _above(snapshot: Snapshot, unit: int) -> list[int]:
    """The governments above a unit, nearest first."""
    return [
        int(index)
        for index in snapshot.units.lineage[unit]
        if index >= 0 and index != unit and snapshot.units.kind[index] == UNIT_KIND["government"]
    ]


def _near(snapshot: Snapshot, units: list[int], missing: list[list[int]]) -> list[tuple[list[int], list[int]]]:
    """For each unit who near it holds one of the powers that it misses; for many at once, one by one would be slow.

    First the teams stationed there or with the next government above; then, of the nearest government above and its
    departments with such a holder, the holders.
    """
    stationed = snapshot.once(_stationed)
    start, departments = snapshot.once(paths.departments)
    above = {unit: _above(snapshot, unit) for unit in units}
    # Candidates come in groups: the teams stationed at a unit, and a government with its departments.
    members: dict[tuple[str, int], list[int]] = {}
    wanted_of: dict[tuple[str, int], set[int]] = defaultdict(set)
    for unit, powers in zip(units, missing, strict=True):
        for index in [unit, *above[unit][:1]]:
            members["teams", index] = stationed.get(index, [])
            wanted_of["teams", index].update(powers)
        for index in above[unit]:
            members["government", index] = [index, *map(int, departments[start[index] : start[index + 1]])]
            wanted_of["government", index].update(powers)
    triples = [(group, unit, power) for group, among in members.items() for unit in among for power in wanted_of[group]]
    candidates = np.array([unit for _, unit, _ in triples], np.int32)
    wanted = np.array([power for _, _, power in triples], np.int32)
    holders: dict[tuple[str, int, int], list[int]] = {}
    for row in np.flatnonzero(holding(snapshot.once(effective_powers), candidates, wanted)):
        group, unit, power = triples[row]
        holders.setdefault((*group, power), []).append(unit)

    def holding_one(sort: str, indexes: list[int], powers: list[int]) -> list[int]:
        keys = [(sort, index, power) for index in indexes for power in powers]
        return naming.by_code(snapshot, {unit for key in keys if key in holders for unit in holders[key]})

    results: list[tuple[list[int], list[int]]] = []
    for unit, powers in zip(units, missing, strict=True):
        by_government = (holding_one("government", [index], powers) for index in above[unit])
        nearest = next(filter(None, by_government), None)
        results.append((holding_one("teams", [unit, *above[unit][:1]], powers), nearest or []))
    return results


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    missing: list[list[int]] = [[] for _ in range(len(hits))]
    rows, lacking = _missing(snapshot, hits)
    for row, power in zip(rows, lacking, strict=True):
        missing[int(row)].append(int(power))
    missing = [sorted(set(powers), key=lambda power: snapshot.matters.code[power]) for powers in missing]
    near = _near(snapshot, [int(unit) for unit in hits.unit], missing)
    duties = matter_of(snapshot, hits)
    chains = paths.of_holdings(snapshot, hits)
    return [
        _explanation(snapshot, hits, row, int(duties[row]), powers, *near[row], chains[row])
        for row, powers in enumerate(missing)
    ]


def _explanation(
    snapshot: Snapshot,
    hits: Hits,
    row: int,
    duty: int,
    powers: list[int],
    teams: list[int],
    holders: list[int],
    path: list[str],
) -> Explanation:
    unit, delegation, item = naming.hit(hits, row)
    who, what = naming.unit(snapshot, unit), naming.matter(snapshot, duty)
    source, lacked = naming.source(snapshot, delegation, item), naming.matters(snapshot, powers)
    zh = f"{who}牵头负责{what.zh}（来源：{source.zh}），但该单位及其所属部门、队伍不掌握所需的{lacked.zh}。"
    en = f"{who} leads {what.en} ({source.en}), but neither it nor a department or team of it holds what it takes:"
    en += f" {lacked.en}."
    if teams:
        named = naming.units(snapshot, teams)
        zh += f"在当地或上一级政府派驻的{named.zh}掌握其中的权力，但不归{who}指挥。"
        en += (
            f" {named.en}, stationed there or with the next government above, holds such a power, but does not obey it."
        )
    if holders:
        named = naming.units(snapshot, holders)
        zh += f"上级掌握其中权力的是{named.zh}。"
        en += f" Above, {named.en} holds such a power."
    missing_codes = tuple(snapshot.matters.code[power] for power in powers)
    basis = [document for power in powers for document in snapshot.matters.basis[power]]
    return Explanation(path, Text(zh, en), basis, missing_codes)


def _ways_out(case: Case) -> Ways:
    powers = [case.snapshot.matters.index[code] for code in case.finding.missing or ()]
    yield from _returned_to_holder(case)
    yield from powers_granted(case, case.unit, powers)
    yield from taken_back(case)
    yield from let_assist(case)


def _returned_to_holder(case: Case) -> Ways:
    """Everything ended from the unit up to the nearest that holds what the duty takes, itself or in its offices."""
    if case.row is None:
        return
    snapshot, delegations = case.snapshot, case.snapshot.delegations
    required = _required(case)
    ends: list[str] = []
    for ref in reversed(case.finding.path):
        index = case.delegation_of(ref)
        if index < 0:
            break
        ends.append(ref)
        sender = int(delegations.sender[index])
        holder = sender if sender >= 0 and _has(case, sender, required) else None
        if holder is not None:
            zh = f"把{case.what.zh}从{case.name(case.unit)}退回掌握所需权力的{case.name(holder)}"
            zh += f"（终止{'、'.join(ends)}）。"
            en = f"Return {case.what.en} from {case.name(case.unit)} to {case.name(holder)}, which has the powers"
            yield Way("return-duty", Text(zh, f"{en} (end {', '.join(ends)})."), _ended(case, ends))
            return
    holder = case.nearest_holder(case.unit, required)
    if holder is None or not ends:
        return
    government = int(snapshot.units.government[holder])
    zh = f"把{case.what.zh}从{case.name(case.unit)}退回，明确由掌握所需权力的{case.name(holder)}牵头。"
    en = (
        f"Return {case.what.en} from {case.name(case.unit)} and let {case.name(holder)}, which has the powers, lead it."
    )
    decisions = _ended(case, ends[:1])
    if government not in (-1, holder) and not _leads_by_law(case, holder):
        decisions.append(made_lead(case, government, holder))
    yield Way("return-duty", Text(zh, en), decisions)


def _ended(case: Case, refs: list[str]) -> list[dict[str, Any]]:
    return [case.ended(ref, "returned") for ref in refs]


def _required(case: Case) -> list[int]:
    matters = case.snapshot.matters
    start, end = matters.requires_start[case.matter : case.matter + 2]
    return [int(power) for power in matters.requires[start:end]]


def _has(case: Case, unit: int, powers: list[int]) -> bool:
    """Does the unit, itself or in its departments and teams, hold each power so that it may act on its own?"""
    start, of = case.snapshot.once(paths.offices)
    offices = (unit, *map(int, of[start[unit] : start[unit + 1]]))
    return all(any(case.may_grant(office, [power]) for office in offices) for power in powers)


def _leads_by_law(case: Case, unit: int) -> bool:
    pair = np.array([unit], np.int32), np.array([case.matter], np.int32)
    return bool(held_by_law(case.snapshot, *pair)[0])


RULE = Rule(
    name="duty-without-power",
    version=3,
    severity="V",
    title=Text("有责无权", "Duty without power"),
    sentence=Text(
        "乡级或村级单位依交办或清单牵头承担职责，而所需权力中有的既不由该单位有效掌握，也不由其所属部门、派驻（下属）队伍有效掌握。",
        "A unit of township or village level leads a duty, by delegation or list, and some power that the duty "
        "requires is effectively held neither by the unit nor by a department or dispatched team of which it is the "
        "government.",
    ),
    basis=("《中共中央 国务院关于加强基层治理体系和治理能力现代化建设的意见》（2021年4月28日）",),
    remedy=Text(
        "把职责退回掌握权力的上级单位；或由掌握权力的单位以适当的文件下放、委托所缺权力；或改为配合，由上级部门牵头。",
        "Return the duty to the unit above that holds the powers; or have their holder devolve or entrust them by a "
        "fit "
        "document; or let a department above lead and the unit assist.",
    ),
    fires=Example(
        Text(
            "县城市管理局以责任书要求柳林镇牵头整治占道经营，处罚权仍在县局，派驻镇里的中队也不归镇里指挥。",
            "By a letter of responsibility the county's urban management bureau makes Liulin town lead the clearing "
            "of stalls; "
            "the power to fine stays with the bureau, and the team stationed in the town is not the town's.",
        ),
        (*SETTING, delegated("R-1", URBAN, TOWN)),
        date(2021, 8, 1),
        ((TOWN, "R-1"),),
    ),
    clean=Example(
        Text(
            "省人民政府决定先把处罚权下放到镇，责权一致。",
            "A provincial decision has handed the power to fine to the town first: duty and power are together.",
        ),
        (*SETTING, granted("R-0", URBAN, TOWN, "devolved", DECISION), delegated("R-1", URBAN, TOWN)),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    laws=(
        "penalty-organ",
        "penalty-handed-down",
    ),
    rests_on=(POWERS, REACH),
)
