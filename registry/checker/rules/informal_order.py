"""白头文件: an order to a township or village that stands on minutes or on word of mouth."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.holdings import is_low, matter_of, orders
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import COUNTY, NOTICE, SETTING, TOWN, delegated, issued
from registry.checker.ways_out import taken_back
from registry.domain import labels, words
from registry.domain.text import Text
from registry.relations.columns import INSTRUMENT_KIND
from registry.snapshot.columns import Snapshot

_INFORMAL = (INSTRUMENT_KIND["verbal"], INSTRUMENT_KIND["minutes"])
_MINUTES = "清专纪〔2021〕3号"


def _find(snapshot: Snapshot) -> Hits:
    delegations, kinds = snapshot.delegations, snapshot.instruments.kind
    rows = np.flatnonzero(orders(snapshot) & is_low(snapshot)[delegations.recipient] & (delegations.instrument >= 0))
    rows = rows[snapshot.territory[delegations.recipient[rows]]]
    return of_delegations(snapshot, rows[np.isin(kinds[delegations.instrument[rows]], _INFORMAL)])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matters, explanations = matter_of(snapshot, hits), list[Explanation]()
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matters[row]))
        source, paper = naming.source(snapshot, delegation, item), int(snapshot.delegations.instrument[delegation])
        kind = labels.INSTRUMENT_KIND[words.INSTRUMENT_KINDS[int(snapshot.instruments.kind[paper])]]
        zh = f"{source.zh}把{what.zh}交给{who}，所据的是{kind.zh}，不是按程序印发的正式文件。"
        en = f"{what.en} is laid on {who} {source.en}: that is {kind.en}, no document that was reviewed."
        explanations.append(Explanation(paths.own(snapshot, hits, row), Text(zh, en)))
    return explanations


RULE = Rule(
    name="informal-order",
    version=1,
    severity="W",
    title=Text("白头文件交办", "Informal order"),
    sentence=Text(
        "以会议纪要或者口头方式向乡级或村级单位交办职责或负担。",
        "A duty or burden is delegated to a unit of township or village level by minutes or by word of mouth.",
    ),
    basis=(
        "《整治形式主义为基层减负若干规定》（2024年8月）",
        "《关于加强行政规范性文件制定和监督管理工作的通知》（国办发〔2018〕37号）",
    ),
    remedy=Text(
        "需要交办的，由有权单位按程序印发正式文件后重新交办；不需要的，收回。",
        "Where it is needed, hand it down anew by a formal document of a unit that may; otherwise take it back.",
    ),
    fires=Example(
        Text(
            "县政府以一次专题会议的纪要要求柳林镇配合整治占道经营。",
            "By the minutes of a meeting the county makes Liulin town assist with the clearing of stalls.",
        ),
        (
            *SETTING,
            issued(_MINUTES, "专题会议纪要", "minutes", "2021-01-01"),
            delegated("R-1", COUNTY, TOWN, role="assist", instrument=_MINUTES),
        ),
        date(2021, 8, 1),
        ((TOWN, "R-1"),),
    ),
    clean=Example(
        Text("县政府以通知交办。", "The county hands it down by a notice."),
        (*SETTING, delegated("R-1", COUNTY, TOWN, role="assist", instrument=NOTICE)),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=taken_back,
)
