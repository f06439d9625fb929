"""A task from somebody who is not above."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.holdings import matter_of, orders, steps_down
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import SETTING, TOWN, URBAN, delegated
from registry.checker.ways_out import sent_by_superior
from registry.domain.text import Text
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    delegations = snapshot.delegations
    sender = delegations.sender_node
    guided = (snapshot.units.guided_by[delegations.recipient] == sender) & (sender >= 0)
    rows = np.flatnonzero(orders(snapshot) & ~guided & snapshot.territory[delegations.recipient])
    return of_delegations(snapshot, rows[steps_down(snapshot, rows) < 0])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter = matter_of(snapshot, hits)
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        sender = naming.unit(snapshot, int(snapshot.delegations.sender_named[delegation]))
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        zh = f"{source.zh}把{what.zh}交给{who}，而{sender}既不属于{who}的本级或上级政府，也不是其业务指导单位。"
        en = f"{what.en} is handed to {who} {source.en}; {sender} is neither above it nor its line superior."
        explanations.append(Explanation(paths.own(snapshot, hits, row), Text(zh, en)))
    return explanations


RULE = Rule(
    name="out-of-line",
    version=1,
    severity="W",
    title=Text("无隶属关系交办", "Out of line"),
    sentence=Text(
        "交办职责或负担的单位，其所属政府既不是承接单位所属政府，也不是其上级政府，承接单位也不受其业务指导；派驻单位按驻地政府计算。",
        "A duty or burden is delegated by a unit whose government is neither the recipient's nor an ancestor of it, "
        "and which "
        "does not guide the recipient; a unit stationed somewhere counts as of the government there.",
    ),
    basis=(),
    remedy=Text(
        "撤回；确需协作的，由共同的上级政府交办，或按业务指导关系办理。",
        "Take it back; where help is needed, let the government above both ask for it, or the line superior.",
    ),
    fires=Example(
        Text("柳林镇反过来给县城市管理局派任务。", "Liulin town hands a task to the county's bureau."),
        (*SETTING, delegated("R-1", TOWN, URBAN, role="assist")),
        date(2021, 8, 1),
        ((URBAN, "R-1"),),
    ),
    clean=Example(
        Text("县城市管理局属于柳林镇的上级政府。", "The bureau belongs to the government above the town."),
        (*SETTING, delegated("R-1", URBAN, TOWN, role="assist")),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=sent_by_superior,
    laws=(
        "government-leads-below",
        "department-guided-from-above",
    ),
)
