"""A power handed down by a document that cannot hand it down."""

from __future__ import annotations

from datetime import date

from registry import law
from registry.checker import naming, paths
from registry.checker.holdings import grant_hits, grants_of
from registry.checker.parts import POWERS, REACH
from registry.checker.rule import Example, Explanation, Hits, Rule
from registry.checker.setting import DECISION, NOTICE, SETTING, TOWN, URBAN, granted
from registry.checker.ways_out import grant_put_right
from registry.domain import labels, words
from registry.domain.text import Text
from registry.relations.columns import MODES
from registry.relations.powers import effective_powers
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    hits = grant_hits(snapshot, ~snapshot.once(effective_powers).fit)
    return hits.where(snapshot.territory[hits.unit])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    all_grants, indexes = grants_of(snapshot, hits)
    table = law.fit_instruments().on(snapshot.as_of)
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        grant = int(indexes[row])
        power = int(all_grants.power[grant])
        paper = int(snapshot.instruments.rests_on[all_grants.instrument[grant]])
        power_kind = words.POWER_KINDS[int(snapshot.matters.power_kind[power])]
        mode = MODES[int(all_grants.mode[grant])]
        kind_of_paper = words.INSTRUMENT_KINDS[int(snapshot.instruments.kind[paper])]
        how, kind, of = labels.MODE[mode], labels.POWER_KIND[power_kind], labels.INSTRUMENT_KIND[kind_of_paper]
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, power)
        source, provision = naming.source(snapshot, delegation, item), table[power_kind, mode]
        if provision.instruments:
            allowed = naming.fit_kinds(provision.instruments)
            zh_rule, en_rule = f"只能以{allowed.zh}{how.zh}", f"can be {how.en} only by {allowed.en}"
        else:
            zh_rule, en_rule = f"一律不得{how.zh}", f"can never be {how.en}"
        cited = naming.document(snapshot, paper)
        zh = f"{source.zh}把{what.zh}{how.zh}给{who}，所据{cited}属于{of.zh}；{kind.zh}{zh_rule}。"
        en = f"{what.en} is {how.en} to {who} {source.en}. {cited} is {of.en}; a power of kind {kind.en} {en_rule}."
        explanations.append(
            Explanation(
                paths.own(snapshot, hits, row), Text(zh, en), [reference.citation for reference in provision.references]
            )
        )
    return explanations


RULE = Rule(
    name="unfit-instrument",
    version=1,
    severity="V",
    title=Text("文件不够格", "Unfit document"),
    sentence=Text(
        "下放或委托权力所依据的文件，其种类不足以下放或委托该类权力：行政处罚、许可、强制的下放须依法律、法规或省级决定；"
        "处罚、许可的委托须依法律、法规或规章；强制不得委托；其他权力除口头外均可。",
        "The document on which a power is granted is not of a kind that can grant it: penalties, licences and "
        "coercion are "
        "devolved by law, regulation or provincial decision; penalties and licences are entrusted by law, regulation "
        "or rule; "
        "coercion never; any other power by anything but word of mouth.",
    ),
    basis=("《关于加强行政规范性文件制定和监督管理工作的通知》（国办发〔2018〕37号）",),
    remedy=Text(
        "报请有权机关以适当的文件重新下放或委托；不能补正的，终止授权，收回由此交办的职责。",
        "Have it granted anew by a fit document of a body that may; otherwise end the grant, and take back the duties "
        "that "
        "came with it.",
    ),
    fires=Example(
        Text("县里一纸通知就把处罚权下放到镇。", "A mere notice of the county hands the power to fine to the town."),
        (*SETTING, granted("R-1", URBAN, TOWN, "devolved", NOTICE)),
        date(2021, 8, 1),
        ((TOWN, "R-1"),),
    ),
    clean=Example(
        Text("处罚权由省级决定下放。", "A provincial decision hands it down."),
        (*SETTING, granted("R-1", URBAN, TOWN, "devolved", DECISION)),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=grant_put_right,
    rests_on=(POWERS, REACH),
)
