"""What is on no closed positive list, handed down without having been admitted."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case, Way
from registry.checker.holdings import is_low, matter_of
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import COUNTY, LETTER, SETTING, TOWN, URBAN, delegated, entered, listed
from registry.checker.ways_out import Ways, taken_back
from registry.domain import labels, words
from registry.domain.text import Text
from registry.relations.columns import MATTER_KIND
from registry.relations.matching import closed_matches, matched_by
from registry.relations.reach import closed_lists, reached_by
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    delegations = snapshot.delegations
    taken = (delegations.kind != MATTER_KIND["power"]) & ~delegations.admitted & (delegations.matter >= 0)
    taken &= (is_low(snapshot) & snapshot.territory)[delegations.recipient]
    hits = of_delegations(snapshot, taken)
    reached = np.zeros(len(hits), np.bool_)
    kinds = delegations.kind[hits.delegation].astype(np.int32)
    reached[reached_by(snapshot, snapshot.once(closed_lists), hits.unit, kinds)[0]] = True
    hits = hits.where(reached)
    off = np.ones(len(hits), np.bool_)
    off[matched_by(snapshot, snapshot.once(closed_matches), hits.unit, delegations.matter[hits.delegation])[0]] = False
    return hits.where(off)


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    kinds = snapshot.delegations.kind[hits.delegation].astype(np.int32)
    closed = np.flatnonzero(snapshot.lists.positive & snapshot.lists.closed)
    reached: dict[int, list[int]] = defaultdict(list)
    for row, index in zip(*reached_by(snapshot, snapshot.once(closed_lists), hits.unit, kinds), strict=True):
        reached[int(row)].append(int(closed[index]))
    matters = matter_of(snapshot, hits)
    chains = paths.of_holdings(snapshot, hits)
    return [_explanation(snapshot, hits, row, int(matters[row]), reached[row], chains[row]) for row in range(len(hits))]


def _explanation(
    snapshot: Snapshot, hits: Hits, row: int, matter: int, lists: list[int], path: list[str]
) -> Explanation:
    unit, delegation, _ = naming.hit(hits, row)
    who, what = naming.unit(snapshot, unit), naming.matter(snapshot, matter)
    kind = labels.MATTER_KIND[words.MATTER_KINDS[int(snapshot.matters.kind[matter])]]
    source = naming.source(snapshot, delegation, -1)
    lists = sorted(lists, key=lambda each: snapshot.lists.code[each])
    titles = [f"《{snapshot.lists.title[each].strip('《》')}》" for each in lists[:3]]
    zh = (
        f"{source.zh}交给{who}的{what.zh}，"
        f"不在对其适用的{kind.zh}清单{'、'.join(titles)}{'等' if len(lists) > 3 else ''}之内，"
        "也没有经准入同意的申请。"
    )
    en = (
        f"{what.en}, handed to {who} {source.en}, is on none of the closed lists of {kind.en} that reach it "
        f"({', '.join(titles)}{' …' if len(lists) > 3 else ''}), and no proposal for it was admitted."
    )
    basis = dict.fromkeys(naming.document(snapshot, int(snapshot.lists.instrument[each])) for each in lists)
    return Explanation(path, Text(zh, en), list(basis))


def _ways_out(case: Case) -> Ways:
    yield from taken_back(case)
    snapshot = case.snapshot
    kind = np.array([snapshot.matters.kind[case.matter]], np.int32)
    closed = np.flatnonzero(snapshot.lists.positive & snapshot.lists.closed)
    _, rows = reached_by(snapshot, snapshot.once(closed_lists), np.array([case.unit], np.int32), kind)
    # A list that assigns would make every unit that it reaches hold the matter.
    lists = [int(closed[row]) for row in rows if snapshot.lists.role[closed[row]] < 0]
    for chosen in sorted(lists, key=lambda row: snapshot.lists.code[row])[:1]:
        code, title = snapshot.lists.code[chosen], snapshot.lists.title[chosen].strip("《》")
        entered = case.decided(
            "ListItemEntered",
            list=code,
            item=case.item_code(code, case.finding.matter),
            name=snapshot.matters.name[case.matter],
            matter=case.finding.matter,
        )
        zh, en = f"按程序把{case.what.zh}列入《{title}》。", f"Have {case.what.en} entered in 《{title}》."
        yield Way("enter-item", Text(zh, en), [entered])


_BASIC = (
    listed("T-BASIC", "乡镇履行职责事项清单", polarity="positive", covers="duty", audience="township", scope=COUNTY),
    entered("T-BASIC", "1", "农村环境整治", terms=["农村环境"]),
)

RULE = Rule(
    name="off-list",
    version=1,
    severity="W",
    title=Text("清单之外", "Off the list"),
    sentence=Text(
        "向乡级或村级单位交办的职责或负担，有至少一份封闭的现行正面清单覆盖该类事项并及于该单位，而事项不在其中任何一份之内，交办也没有写明已获准入的申请。",
        "A duty or burden is delegated to a unit of township or village level; at least one closed positive list in "
        "force covers "
        "the kind and reaches the unit, the matter matches none of them, and the delegation names no admitted "
        "proposal.",
    ),
    basis=(
        "《整治形式主义为基层减负若干规定》（2024年8月）",
        "《关于规范村级组织工作事务、机制牌子和证明事项的意见》（厅字〔2022〕28号）",
    ),
    remedy=Text(
        "撤回交办；确需下放的，先走职责准入程序，获准后写明申请编号，或把事项列入清单。",
        "Take it back; if it must go down, have it admitted first and name the proposal, or enter it in the list.",
    ),
    fires=Example(
        Text(
            "柳林镇有履职事项清单，县城市管理局以责任书另派占道经营整治，清单上没有，也未经准入。",
            "Liulin town has its list of duties; the bureau adds the clearing of stalls by letter, which is not on it "
            "and was not "
            "admitted.",
        ),
        (*SETTING, *_BASIC, delegated("R-1", URBAN, TOWN, role="assist")),
        date(2021, 8, 1),
        ((TOWN, "R-1"),),
    ),
    clean=Example(
        Text(
            "县里先同意了该项职责准入申请，交办时写明。",
            "The county had admitted a proposal, which the delegation names.",
        ),
        (
            *SETTING,
            *_BASIC,
            {
                "type": "DelegationProposed",
                "at": "2021-03-01",
                "proposal": "A-1",
                "matter": "D-STALLS",
                "from": URBAN,
                "to": TOWN,
                "role": "assist",
                "mode": "letter",
                "instrument": LETTER,
            },
            {"type": "ProposalAdmitted", "at": "2021-03-15", "proposal": "A-1", "by": COUNTY},
            delegated("R-1", URBAN, TOWN, role="assist", proposal="A-1"),
        ),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(REACH,),
)
