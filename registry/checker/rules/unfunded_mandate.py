"""费随事转: who passes a task on passes the money and the people on."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case, Way
from registry.checker.holdings import assigned_duties, brings_of, duty_delegations, is_low, matter_of
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, both, of_delegations
from registry.checker.setting import SETTING, TOWN, VILLAGE, delegated
from registry.checker.ways_out import Ways, resource_names, resources_text, taken_back
from registry.domain.text import Text
from registry.relations.columns import FUNDS, LEVEL, MODE, STAFF, Flags
from registry.snapshot.columns import Snapshot


def unfunded(snapshot: Snapshot, hits: Hits) -> Flags:
    """Which of these duties came without all that they need, or were entrusted to a village without funds."""
    delegations, lacking = snapshot.delegations, snapshot.matters.needs[matter_of(snapshot, hits)]
    lacking = lacking & ~brings_of(snapshot, hits)
    short = lacking != 0
    given = np.flatnonzero(hits.delegation >= 0)
    rows = hits.delegation[given]
    unpaid = (delegations.mode[rows] == MODE["entrusted"]) & ((delegations.brings[rows] & FUNDS) == 0)
    short[given] |= unpaid & (snapshot.units.level[hits.unit[given]] == LEVEL["village"])
    return short


def _find(snapshot: Snapshot) -> Hits:
    items = snapshot.items
    # What needs nothing and comes by a list is never unfunded: no need to lay it out by unit.
    needing = (snapshot.matters.needs[items.matter] & ~items.brings) != 0
    delegated = of_delegations(snapshot, duty_delegations(snapshot))
    hits = both(delegated, assigned_duties(snapshot, needing & (items.matter >= 0)))
    hits = hits.where((is_low(snapshot) & snapshot.territory)[hits.unit])
    return hits.where(unfunded(snapshot, hits))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, brings = matter_of(snapshot, hits), brings_of(snapshot, hits)
    chains, explanations = paths.of_holdings(snapshot, hits), list[Explanation]()
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        lacking = int(snapshot.matters.needs[matter[row]] & ~brings[row])
        # What is not needed but still lacking: an entrusted village is to be paid in any case.
        lacking = lacking or FUNDS
        names = [
            name for bit, name in ((STAFF, Text("人员", "staff")), (FUNDS, Text("经费", "funds"))) if lacking & bit
        ]
        zh_lacking, en_lacking = "和".join(name.zh for name in names), " and ".join(name.en for name in names)
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        zh = f"{who}承担{what.zh}（来源：{source.zh}），但没有随事项配备{zh_lacking}。"
        en = f"{who} bears {what.en} ({source.en}), but {en_lacking} did not come with it."
        explanations.append(Explanation(chains[row], Text(zh, en)))
    return explanations


def _ways_out(case: Case) -> Ways:
    snapshot = case.snapshot
    if case.row is not None:
        delegation = case.delegation
        brings = int(snapshot.delegations.brings[delegation])
        lacking = resource_names((int(snapshot.matters.needs[case.matter]) & ~brings) or FUNDS)
        zh = f"给{case.name(case.unit)}拨付{case.what.zh}所需的{resources_text(lacking).zh}。"
        en = f"Allot the {resources_text(lacking).en} that {case.what.en} takes to {case.name(case.unit)}."
        allotted = case.decided("ResourcesAllotted", ref=case.finding.subject, brings=lacking)
        yield Way("allot-resources", Text(zh, en), [allotted])
    elif case.item is not None:
        yield from _item_entered_anew(case)
    yield from taken_back(case)


def _item_entered_anew(case: Case) -> Ways:
    """The item again, with all that it takes."""
    listed, item = case.item or ("", "")
    snapshot = case.snapshot
    index = next(
        index
        for index, code in enumerate(snapshot.items.code)
        if code == item and snapshot.lists.code[snapshot.items.list[index]] == listed
    )
    grantor = int(snapshot.items.grantor[index])
    needs = resource_names(int(snapshot.matters.needs[case.matter]) | int(snapshot.items.brings[index]))
    entered = case.decided(
        "ListItemEntered",
        list=listed,
        item=case.item_code(listed, item),
        name=snapshot.items.name[index],
        matter=case.finding.matter,
        from_=case.code(grantor) if grantor >= 0 else None,
        brings=needs,
    )
    zh = f"清单中的{case.what.zh}改为随事项配备{resources_text(needs).zh}。"
    en = f"Let {resources_text(needs).en} come with {case.what.en} on the list."
    yield Way("allot-resources", Text(zh, en), [case.withdrawn(), entered])


RULE = Rule(
    name="unfunded-mandate",
    version=1,
    severity="W",
    title=Text("费不随事", "Unfunded mandate"),
    sentence=Text(
        "乡级或村级单位依交办或清单承担职责，所需的人员、经费没有全部随之配备；或者把职责委托给村级而不给经费。",
        "A unit of township or village level holds a duty by delegation or by a list that assigns, and not all the "
        "staff "
        "and funds that it needs came with it by the day; or a duty is entrusted to a village without funds.",
    ),
    basis=(
        "《关于规范村级组织工作事务、机制牌子和证明事项的意见》（厅字〔2022〕28号）",
        "《中共中央 国务院关于加强基层治理体系和治理能力现代化建设的意见》（2021年4月28日）",
    ),
    remedy=Text(
        "按“费随事转”配足经费和人员并记录在案；配不了的，退回职责。",
        "Allot the funds and staff and record it; what cannot be provided for goes back.",
    ),
    fires=Example(
        Text(
            "柳林镇委托上河村协助整治占道经营，没有给经费。",
            "Liulin town entrusts Shanghe village to assist with the stalls, and gives it no money.",
        ),
        (*SETTING, delegated("R-1", TOWN, VILLAGE, role="assist", mode="entrusted")),
        date(2021, 8, 1),
        ((VILLAGE, "R-1"),),
    ),
    clean=Example(
        Text("经费随委托拨付。", "The money comes with it."),
        (*SETTING, delegated("R-1", TOWN, VILLAGE, role="assist", mode="entrusted", brings=["funds"])),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(REACH,),
)
