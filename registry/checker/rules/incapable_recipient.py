"""A power 'given' to a village, which can hold none."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.holdings import grant_hits, matter_of
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule
from registry.checker.setting import DECISION, SETTING, TOWN, URBAN, VILLAGE, granted
from registry.checker.ways_out import grant_put_right
from registry.domain.text import Text
from registry.relations.columns import LEVEL
from registry.relations.powers import grants
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    all_grants, lists = snapshot.once(grants), snapshot.lists
    # Every unit that an item gives a power is of its list's audience.
    village = np.zeros(len(all_grants.power), np.bool_)
    direct, listed = all_grants.recipient >= 0, all_grants.item >= 0
    village[direct] = snapshot.units.level[all_grants.recipient[direct]] == LEVEL["village"]
    village[listed] = lists.audience[snapshot.items.list[all_grants.item[listed]]] == LEVEL["village"]
    hits = grant_hits(snapshot, village)
    return hits.where(snapshot.territory[hits.unit])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter = matter_of(snapshot, hits)
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        zh = (
            f"{source.zh}把{what.zh}交给{who}，而村（居）民委员会是基层群众性自治组织，不是行政机关，不能行使行政权力。"
        )
        en = f"{what.en} is given to {who} {source.en}; a village committee is no organ and can hold no power."
        explanations.append(Explanation(paths.own(snapshot, hits, row), Text(zh, en)))
    return explanations


RULE = Rule(
    name="incapable-recipient",
    version=1,
    severity="V",
    title=Text("承接主体不适格", "Recipient cannot hold powers"),
    sentence=Text("行政权力下放或委托给村级单位。", "A power is granted to a unit of level village."),
    basis=(),
    remedy=Text(
        "终止该授权，由乡镇或县级部门行使权力，村里只协助。",
        "End the grant; let the town or the county's department exercise the power, and the village only assist.",
    ),
    fires=Example(
        Text("处罚权直接下放给上河村。", "The power to fine is handed to Shanghe village."),
        (*SETTING, granted("R-1", URBAN, VILLAGE, "devolved", DECISION)),
        date(2021, 8, 1),
        ((VILLAGE, "R-1"),),
    ),
    clean=Example(
        Text("处罚权下放给柳林镇。", "The power to fine is handed to Liulin town."),
        (*SETTING, granted("R-1", URBAN, TOWN, "devolved", DECISION)),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=grant_put_right,
    laws=(
        "village-self-government",
        "penalty-organ",
        "penalty-entrusted-to",
        "penalty-handed-down",
    ),
    rests_on=(REACH,),
)
