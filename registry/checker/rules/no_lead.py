"""责任悬空: helpers, and nobody who leads."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case, Way
from registry.checker.holdings import duty_delegations, leads, matter_of
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import COUNTY, SETTING, TOWN, URBAN, delegated
from registry.checker.ways_out import Ways, made_lead, taken_back
from registry.domain.text import Text
from registry.relations.columns import ROLE, expand_ranges
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    delegations = snapshot.delegations
    helping = duty_delegations(snapshot) & (delegations.role != ROLE["lead"])
    hits = of_delegations(snapshot, helping & snapshot.territory[delegations.recipient])
    sender, matter = delegations.sender[hits.delegation], delegations.matter[hits.delegation]
    node = delegations.sender_node[hits.delegation]
    government = np.where(node >= 0, snapshot.units.government[node], -1).astype(np.int32)
    nobody = ~leads(snapshot, sender, matter) & ~leads(snapshot, government, matter)
    hits, government, matter = hits.where(nobody), government[nobody], matter[nobody]

    start, departments = snapshot.once(paths.departments)
    governed = np.flatnonzero(government >= 0)
    pairs, department = expand_ranges(start[government[governed]], start[government[governed] + 1])
    rows = governed[pairs]
    led = np.zeros(len(hits), np.bool_)
    led[rows[leads(snapshot, departments[department], matter[rows])]] = True
    return hits.where(~led)


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter = matter_of(snapshot, hits)
    chains, explanations = paths.of_holdings(snapshot, hits), list[Explanation]()
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        sender = naming.unit(snapshot, int(snapshot.delegations.sender_named[delegation]))
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        zh = f"{source.zh}要求{who}参与{what.zh}，但{sender}、其所属政府及政府各部门都不牵头，责任悬空。"
        en = f"{who} helps with {what.en} {source.en}, but neither {sender} nor its government nor a department leads."
        explanations.append(Explanation(chains[row], Text(zh, en)))
    return explanations


def _ways_out(case: Case) -> Ways:
    """Whoever asks for help leads, by word of the government above it."""
    if case.row is not None:
        sender = case.snapshot.units.read(case.row["sender"])
        above = case.above(sender)[:1] if sender >= 0 else []
        for government in above:
            zh = f"由{case.name(government)}明确{case.name(sender)}牵头{case.what.zh}。"
            en = f"Let {case.name(government)} make {case.name(sender)} lead {case.what.en}."
            yield Way("name-lead", Text(zh, en), [made_lead(case, government, sender)])
    yield from taken_back(case)


RULE = Rule(
    name="no-lead",
    version=1,
    severity="W",
    title=Text("责任悬空", "Nobody leads"),
    sentence=Text(
        "以共同承担或配合的角色交办职责，而交办单位、其所属政府及该政府的部门都不牵头这项职责。",
        "A duty is delegated in the role share or assist, and neither its sender, nor its sender's government, nor a "
        "department "
        "of that government holds the duty as lead.",
    ),
    basis=("《中国共产党机构编制工作条例》（2019年8月）",),
    remedy=Text(
        "明确一个牵头单位并记录在案；没有单位应当牵头的，终止交办。",
        "Name one unit that leads, and record it; or end it.",
    ),
    fires=Example(
        Text(
            "县政府要求柳林镇配合整治，县里却没有任何单位牵头。",
            "The county asks Liulin town to assist with the stalls, while nobody at the county leads.",
        ),
        (*SETTING, delegated("R-1", COUNTY, TOWN, role="assist")),
        date(2021, 8, 1),
        ((TOWN, "R-1"),),
    ),
    clean=Example(
        Text("县政府先明确由县城市管理局牵头。", "The county has made its urban management bureau lead."),
        (*SETTING, delegated("R-0", COUNTY, URBAN), delegated("R-1", COUNTY, TOWN, role="assist")),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(REACH,),
)
