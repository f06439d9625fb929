"""What a negative list says must not be put on a unit, put on it all the same."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case
from registry.checker.holdings import assigned_duties, matter_of, role_of
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, both, of_delegations
from registry.checker.setting import SETTING, TOWN, VILLAGE, delegated, entered, listed
from registry.checker.ways_out import Ways, let_assist, taken_back
from registry.domain import labels, words
from registry.domain.text import Text
from registry.relations.columns import MATTER_KIND, Flags, Indexes, Numbers, distinct, of_rows
from registry.relations.matching import matched_by, negative_matches
from registry.relations.powers import subject
from registry.snapshot.columns import Snapshot


def _forbidding(snapshot: Snapshot, hits: Hits) -> tuple[Numbers, Indexes]:
    """The negative items against each: pairs (place among the hits, item)."""
    matter, role = matter_of(snapshot, hits), role_of(snapshot, hits)
    rows, items = matched_by(snapshot, snapshot.once(negative_matches), hits.unit, matter)
    # A burden has no role: every item is against it.
    against = (role[rows] < 0) | ((snapshot.items.roles[items] >> np.maximum(role[rows], 0)) & 1 > 0)
    return rows[against], items[against]


@of_rows
def _named_by_negative_items(snapshot: Snapshot) -> Flags:
    named = np.zeros(len(snapshot.matters), np.bool_)
    matches = snapshot.once(negative_matches)
    named[matches.reaching.keys % max(len(snapshot.matters), 1)] = True
    return named


def _find(snapshot: Snapshot) -> Hits:
    delegations = snapshot.delegations
    named = snapshot.once(_named_by_negative_items)
    taken = (delegations.kind != MATTER_KIND["power"]) & named[delegations.matter] & (delegations.matter >= 0)
    hits = both(of_delegations(snapshot, taken), assigned_duties(snapshot, named[snapshot.items.matter]))
    hits = hits.where(snapshot.territory[hits.unit])
    return hits.where(distinct(_forbidding(snapshot, hits)[0]))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    rows, items = _forbidding(snapshot, hits)
    against: dict[int, list[int]] = defaultdict(list)
    for row, item in zip(rows, items, strict=True):
        against[int(row)].append(int(item))
    matters, roles = matter_of(snapshot, hits), role_of(snapshot, hits)
    chains = paths.of_holdings(snapshot, hits)
    return [
        _explanation(snapshot, hits, row, int(matters[row]), int(roles[row]), against[row], chains[row])
        for row in range(len(hits))
    ]


def _explanation(
    snapshot: Snapshot, hits: Hits, row: int, matter: int, role: int, items: list[int], path: list[str]
) -> Explanation:
    unit, delegation, item = naming.hit(hits, row)
    items.sort(key=lambda each: subject(snapshot, -1, each))
    first = items[0]
    listed_in = int(snapshot.items.list[first])
    title, name = snapshot.lists.title[listed_in].strip("《》"), naming.quoted(snapshot.items.name[first])
    paper = naming.document(snapshot, int(snapshot.lists.instrument[listed_in]))
    who, what = naming.unit(snapshot, unit), naming.matter(snapshot, matter)
    source = naming.source(snapshot, delegation, item)
    how = labels.ROLE[words.ROLES[role]] if role >= 0 else Text("承担", "is to bear")
    against = f"{paper}的负面清单《{title}》第{snapshot.items.code[first]}项{name}"
    zh = f"{who}{how.zh}{what.zh}（来源：{source.zh}），而{against}不准向其交办。"
    en = (
        f"{who} {how.en} {what.en} ({source.en}), which item {snapshot.items.code[first]} {name} of the negative "
        f"list 《{title}》, {paper}, forbids."
    )
    basis = dict.fromkeys(
        naming.document(snapshot, int(snapshot.lists.instrument[snapshot.items.list[i]])) for i in items
    )
    return Explanation(path, Text(zh, en), list(basis))


def _ways_out(case: Case) -> Ways:
    yield from taken_back(case)
    yield from let_assist(case)


RULE = Rule(
    name="negative-list",
    version=1,
    severity="V",
    title=Text("触碰负面清单", "On a negative list"),
    sentence=Text(
        "交办的职责、负担或清单分派的职责，与覆盖该类事项、以该层级为对象并及于该单位的现行负面清单条目相符，且角色属该条目所禁（负担不论角色）。",
        "A duty or burden delegated, or a duty assigned by a list, matches an item of a negative list in force that "
        "covers the "
        "kind, reaches the unit and has its level as audience, and whose roles include the role (burdens have none: "
        "always).",
    ),
    basis=(
        "《关于规范村级组织工作事务、机制牌子和证明事项的意见》（厅字〔2022〕28号）",
        "《整治形式主义为基层减负若干规定》（2024年8月）",
    ),
    remedy=Text(
        "撤回交办，由清单指明的责任主体承担；确需基层参与的，只作配合。",
        "Take it back to the body that is responsible; where the unit's help is really needed, let it only assist.",
    ),
    fires=Example(
        Text(
            "县负面清单规定不得把行政执法交由村级负责，柳林镇仍让上河村牵头整治占道经营。",
            "The county's negative list forbids to make villages responsible for enforcement; Liulin town makes "
            "Shanghe village "
            "lead the clearing of stalls all the same.",
        ),
        (
            *SETTING,
            listed("V-NOT", "村级组织不得承担事项清单", polarity="negative", covers="duty", audience="village"),
            entered("V-NOT", "1", "行政执法", terms=["占道经营", "执法"]),
            delegated("R-1", TOWN, VILLAGE),
        ),
        date(2021, 8, 1),
        ((VILLAGE, "R-1"),),
    ),
    clean=Example(
        Text(
            "村里只是配合，清单禁止的是牵头和共同承担。",
            "The village only assists; the list forbids to lead and to share.",
        ),
        (
            *SETTING,
            listed("V-NOT", "村级组织不得承担事项清单", polarity="negative", covers="duty", audience="village"),
            entered("V-NOT", "1", "行政执法", terms=["占道经营", "执法"]),
            delegated("R-1", TOWN, VILLAGE, role="assist"),
        ),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(REACH,),
)
