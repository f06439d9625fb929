"""越级交办: over the head of the level between."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.holdings import commanders, matter_of, orders, steps_down
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import SETTING, TOWN, URBAN, VILLAGE, delegated
from registry.checker.ways_out import sent_by_superior
from registry.domain.text import Text
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    rows = np.flatnonzero(orders(snapshot) & snapshot.territory[snapshot.delegations.recipient])
    return of_delegations(snapshot, rows[steps_down(snapshot, rows) > 1])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, commander, lineage = matter_of(snapshot, hits), snapshot.once(commanders), snapshot.units.lineage
    steps = steps_down(snapshot, hits.delegation.astype(np.int64))
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        over = [int(unit_above) for unit_above in lineage[commander[unit]][1 : int(steps[row])]]
        who, what, skipped = (
            naming.unit(snapshot, unit),
            naming.matter(snapshot, int(matter[row])),
            naming.units(snapshot, over),
        )
        source = naming.source(snapshot, delegation, item)
        zh = f"{source.zh}把{what.zh}直接交给{who}，越过了{skipped.zh}。"
        en = f"{what.en} is handed straight to {who} {source.en}, over the head of {skipped.en}."
        explanations.append(Explanation(paths.own(snapshot, hits, row), Text(zh, en)))
    return explanations


RULE = Rule(
    name="level-skip",
    version=1,
    severity="W",
    title=Text("越级交办", "Level skipped"),
    sentence=Text(
        "职责或负担向下交办，承接单位所属政府在交办单位所属政府以下不止一级；派驻单位按驻地政府计算。",
        "A duty or burden is delegated downwards, and the recipient's government is more than one step of parent "
        "below the "
        "sender's; a unit stationed somewhere counts as of the government there.",
    ),
    basis=(),
    remedy=Text(
        "撤回，改由中间一级政府接受后依程序逐级安排。",
        "Take it back, and have it go through the government between.",
    ),
    fires=Example(
        Text(
            "县城市管理局越过柳林镇，直接要求上河村配合整治。",
            "The county's bureau makes Shanghe village assist, over the head of Liulin town.",
        ),
        (*SETTING, delegated("R-1", URBAN, VILLAGE, role="assist")),
        date(2021, 8, 1),
        ((VILLAGE, "R-1"),),
    ),
    clean=Example(
        Text("由柳林镇安排上河村配合。", "Liulin town asks its village to assist."),
        (*SETTING, delegated("R-1", TOWN, VILLAGE, role="assist")),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=sent_by_superior,
    laws=("government-leads-below",),
)
