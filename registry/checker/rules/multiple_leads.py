"""Two that lead are as good as none."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case, Way
from registry.checker.holdings import duty_delegations, lead_keys, leads, matter_of, pair_keys
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import ENFORCEMENT, SETTING, TOWN, URBAN, delegated
from registry.checker.ways_out import Ways, taken_back
from registry.domain.text import Text
from registry.relations.columns import ROLE, Flags, Indexes, Numbers, among, distinct, expand_ranges
from registry.snapshot.columns import Snapshot


def _members(snapshot: Snapshot) -> tuple[Numbers, Indexes]:
    """Units by their government: those of unit g are member[start[g]:start[g + 1]] of (start, member)."""
    government = snapshot.units.government
    order = np.argsort(government, kind="stable")
    return np.searchsorted(government[order], np.arange(len(government) + 1)), order.astype(np.int32)


def _given_lead(snapshot: Snapshot) -> Flags:
    return duty_delegations(snapshot) & (snapshot.delegations.role == ROLE["lead"])


def _leaders(snapshot: Snapshot) -> Numbers:
    """Sorted keys (unit, matter) of who leads, of the governments and matters in which somebody was made to lead."""
    units = snapshot.units
    given = snapshot.once(lead_keys)
    unit, matter = (given // len(snapshot.matters)).astype(np.int32), given % len(snapshot.matters)
    governed = distinct(pair_keys(snapshot, units.government[unit], matter))
    governed = governed[governed >= 0]
    government, about = governed // len(snapshot.matters), (governed % len(snapshot.matters)).astype(np.int32)
    start, members = snapshot.once(_members)
    rows, positions = expand_ranges(start[government], start[government + 1])
    member, about = members[positions], about[rows]
    leading = leads(snapshot, member, about)
    return distinct(pair_keys(snapshot, member[leading], about[leading]))


def _find(snapshot: Snapshot) -> Hits:
    delegations, units = snapshot.delegations, snapshot.units
    hits = of_delegations(snapshot, _given_lead(snapshot) & snapshot.territory[delegations.recipient])
    leaders = snapshot.once(_leaders)
    counted = units.government[(leaders // len(snapshot.matters)).astype(np.int64)]
    there, count = np.unique(pair_keys(snapshot, counted, leaders % len(snapshot.matters)), return_counts=True)

    matter, sender = delegations.matter[hits.delegation], delegations.sender[hits.delegation]
    government = units.government[hits.unit]
    keys = pair_keys(snapshot, government, matter)
    governed = among(there, keys)
    others = np.zeros(len(hits), np.int64)
    others[governed] = count[np.searchsorted(there, keys[governed])]
    # Not itself, which leads; nor its sender, if it is of that government and leads.
    others -= 1
    of_same = (
        (sender >= 0) & (sender != hits.unit) & (np.where(sender >= 0, units.government[sender], -1) == government)
    )
    others -= of_same & among(leaders, pair_keys(snapshot, sender, matter))
    return hits.where(governed & (others > 0))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, delegations = matter_of(snapshot, hits), snapshot.delegations
    start, units_by_government = snapshot.once(_members)
    leaders = snapshot.once(_leaders)
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        government = snapshot.units.government[unit]
        members = units_by_government[start[government] : start[government + 1]]
        leading = members[among(leaders, pair_keys(snapshot, members, np.full(len(members), matter[row], np.int32)))]
        others = naming.by_code(
            snapshot, (int(other) for other in leading if other not in (unit, delegations.sender[delegation]))
        )
        path = [
            delegations.ref[order]
            for other in others
            for order in paths.to_unit(snapshot, other, int(matter[row]))
            if delegations.role[order] == ROLE["lead"]
        ]
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source, too = naming.source(snapshot, delegation, item), naming.units(snapshot, others)
        zh = f"{source.zh}让{who}牵头{what.zh}，而同一政府的{too.zh}也牵头，多头牵头等于无人牵头。"
        en = f"{who} is made to lead {what.en} {source.en}, while {too.en} of the same government leads it too."
        explanations.append(Explanation([*path, delegations.ref[delegation]], Text(zh, en)))
    return explanations


def _ways_out(case: Case) -> Ways:
    yield from taken_back(case)
    zh, en = (
        f"改由{case.name(case.unit)}共同承担{case.what.zh}。",
        f"Let {case.name(case.unit)} only share {case.what.en}.",
    )
    yield Way("let-share", Text(zh, en), case.instead(role="share"))


RULE = Rule(
    name="multiple-leads",
    version=2,
    severity="W",
    title=Text("多头牵头", "More than one leads"),
    sentence=Text(
        "交办牵头职责时，承接单位所属政府内另有单位（交办单位除外）也依法、依清单或依交办牵头该职责。",
        "A duty is delegated as lead, and another unit of the recipient's government, not the sender, holds it as "
        "lead by law, "
        "list or delegation.",
    ),
    basis=("《中国共产党机构编制工作条例》（2019年8月）",),
    remedy=Text("只留一个牵头单位，其余改为配合。", "Keep one that leads; let the others assist."),
    fires=Example(
        Text(
            "县局让柳林镇牵头，又让镇执法办公室牵头。",
            "The bureau makes Liulin town lead, and its enforcement office too.",
        ),
        (*SETTING, delegated("R-1", URBAN, TOWN), delegated("R-2", URBAN, ENFORCEMENT)),
        date(2021, 8, 1),
        ((TOWN, "R-1"), (ENFORCEMENT, "R-2")),
    ),
    clean=Example(
        Text("柳林镇牵头，执法办公室配合。", "Liulin town leads, and its enforcement office assists."),
        (*SETTING, delegated("R-1", URBAN, TOWN), delegated("R-2", URBAN, ENFORCEMENT, role="assist")),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(REACH,),
)
