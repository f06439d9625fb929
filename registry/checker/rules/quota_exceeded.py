"""More forms, inspections, meetings, documents, signboards or chat groups than a list allows."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming
from registry.checker.holdings import matter_of
from registry.checker.parts import PAST, REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import COUNTY, NOTICE, SETTING, TOWN, listed
from registry.checker.ways_out import taken_back
from registry.domain import labels, words
from registry.domain.text import Text
from registry.relations.columns import MATTER_KIND, Indexes, Numbers, any_of
from registry.relations.reach import Reaching, reached_by, reaching_rows
from registry.snapshot.columns import Snapshot
from registry.snapshot.past import past

_YEARLY_KINDS = tuple(MATTER_KIND[kind] for kind in words.YEARLY_KINDS)
_KINDS = tuple(MATTER_KIND[kind] for kind in words.BURDEN_KINDS)


def _quotas(snapshot: Snapshot) -> tuple[Indexes, Reaching]:
    """The lists with a quota, findable by the kind they cover."""
    lists = np.flatnonzero(snapshot.lists.quota >= 0).astype(np.int32)
    return lists, reaching_rows(snapshot, lists, snapshot.lists.covers[lists].astype(np.int32), len(words.MATTER_KINDS))


def _given(snapshot: Snapshot) -> tuple[Numbers, Numbers]:
    """The delegations that quotas count, in order for each unit and kind, and which of these each is, from 0.

    Those that are over have numbers from the snapshot's number of delegations on.
    """
    delegations, transfers = snapshot.delegations, past(snapshot).transfers
    todays = snapshot.as_ofs
    new_years = np.array([date(date.fromordinal(day).year, 1, 1).toordinal() for day in todays.tolist()], np.int64)
    now = np.flatnonzero(any_of(delegations.kind, _KINDS))
    new_year = new_years[snapshot.which_day("units", delegations.recipient[now])]
    now = now[~any_of(delegations.kind[now], _YEARLY_KINDS) | (delegations.began[now] >= new_year)]
    over = np.flatnonzero(any_of(transfers.kind, _YEARLY_KINDS))
    reads_as = np.append(snapshot.units.reads_as, np.int32(-1))
    unit = reads_as[np.where(transfers.recipient[over] < len(snapshot.units), transfers.recipient[over], -1)]
    over, unit = over[unit >= 0], unit[unit >= 0]
    day = snapshot.which_day("units", unit)
    counted = (transfers.began[over] >= new_years[day]) & (transfers.began[over] <= todays[day])
    over, unit = over[counted], unit[counted]

    given = np.concatenate([now, over + len(delegations)])
    units = np.concatenate([delegations.recipient[now], unit]).astype(np.int64)
    keys = units * len(words.MATTER_KINDS) + np.concatenate([delegations.kind[now], transfers.kind[over]])
    began = np.concatenate([delegations.began[now], transfers.began[over]])
    order = np.lexsort((np.concatenate([delegations.position[now], transfers.position[over]]), began, keys))
    keys = keys[order]
    return given[order], np.arange(len(order)) - np.searchsorted(keys, keys, "left")


def _find(snapshot: Snapshot) -> Hits:
    given, rank = snapshot.once(_given)
    delegations = snapshot.delegations
    rank = rank[given < len(delegations)]
    hits = of_delegations(snapshot, given[given < len(delegations)])
    mine = snapshot.territory[hits.unit]
    hits, rank = hits.where(mine), rank[mine]
    lists, quotas = snapshot.once(_quotas)
    rows, reaching_lists = reached_by(snapshot, quotas, hits.unit, delegations.kind[hits.delegation].astype(np.int32))
    beyond = np.zeros(len(hits), np.bool_)
    beyond[rows[rank[rows] >= snapshot.lists.quota[lists[reaching_lists]]]] = True
    return hits.where(beyond)


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matters, delegations = matter_of(snapshot, hits), snapshot.delegations
    given, rank = snapshot.once(_given)
    order = {int(delegation): row for row, delegation in enumerate(given)}
    lists, quotas = snapshot.once(_quotas)
    strictest: dict[int, int] = {}
    kinds = delegations.kind[hits.delegation].astype(np.int32)
    for row, index in zip(*reached_by(snapshot, quotas, hits.unit, kinds), strict=True):
        known, listed_ = strictest.get(int(row)), int(lists[index])
        if known is None or _strictness(snapshot, listed_) < _strictness(snapshot, known):
            strictest[int(row)] = listed_
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        at, allowed = order[delegation], strictest[row]
        quota, nth = int(snapshot.lists.quota[allowed]), int(rank[at]) + 1
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matters[row]))
        kind = labels.MATTER_KIND[words.MATTER_KINDS[int(kinds[row])]]
        source, title = naming.source(snapshot, delegation, item), snapshot.lists.title[allowed].strip("《》")
        when = Text("当年", " this year") if kinds[row] in _YEARLY_KINDS else Text("现行", " in force")
        zh = f"{source.zh}交给{who}的{what.zh}，是该单位{when.zh}的第{nth}项{kind.zh}，超过《{title}》规定的{quota}项。"
        en = f"{what.en}, laid on {who} {source.en}, is number {nth} of its {kind.en}{when.en};"
        en += f" 《{title}》 allows {quota}."
        path = [_ref(snapshot, int(given[before])) for before in range(at - nth + 1, at + 1)]
        basis = naming.document(snapshot, int(snapshot.lists.instrument[allowed]))
        explanations.append(Explanation(path, Text(zh, en), [basis]))
    return explanations


def _strictness(snapshot: Snapshot, listed_: int) -> tuple[int, str]:
    return int(snapshot.lists.quota[listed_]), snapshot.lists.code[listed_]


def _ref(snapshot: Snapshot, given: int) -> str:
    now = len(snapshot.delegations)
    return snapshot.delegations.ref[given] if given < now else past(snapshot).transfers.ref[given - now]


def _form(ref: str, at: str) -> dict[str, object]:
    named = {"ref": ref, "matter": "F-STALLS", "from": COUNTY, "to": TOWN, "instrument": NOTICE}
    return {"type": "BurdenImposed", "at": at, **named}


_ONE_FORM = listed("T-FORMS", "乡镇报表清单", polarity="positive", covers="form", audience="township", scope=COUNTY)

RULE = Rule(
    name="quota-exceeded",
    version=2,
    severity="W",
    title=Text("超过限额", "Quota exceeded"),
    sentence=Text(
        "现行的负担交办，超出及于该单位的清单对该类事项规定的数量：报表、检查考核、会议、文件按当年起已开始的计算"
        "（已结束的也算），机制牌子、工作群和应用程序按当日现行的计算；按生效日、序号的先后，超出的每一项各为一个问题。",
        "A burden in force beyond the quota that a list which reaches the unit sets for its kind: of forms, "
        "inspections, meetings and documents those begun in the year so far count, ended ones too; of mechanisms and "
        "workgroups those in force; said of each beyond, in order of their days, then position.",
    ),
    basis=(
        "《整治形式主义为基层减负若干规定》（2024年8月）",
        "《关于规范村级组织工作事务、机制牌子和证明事项的意见》（厅字〔2022〕28号）",
    ),
    remedy=Text(
        "取消超出的事项，或与已有的合并；确需保留的，按程序调整清单限额。",
        "Drop what is beyond, or join it with what is there; if all are needed, have the list's quota changed.",
    ),
    fires=Example(
        Text("清单规定一年一项报表，县政府布置了两项。", "The list allows one form a year; the county lays two on."),
        (*SETTING, {**_ONE_FORM, "quota": 1}, _form("R-1", "2021-03-01"), _form("R-2", "2021-04-01")),
        date(2021, 8, 1),
        ((TOWN, "R-2"),),
    ),
    clean=Example(
        Text("另一项是上一年布置的。", "The other is of the year before."),
        (*SETTING, {**_ONE_FORM, "quota": 1}, _form("R-1", "2021-12-01"), _form("R-2", "2022-02-01")),
        date(2022, 5, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=taken_back,
    rests_on=(PAST, REACH),
    depends_on="kind",
    counted_by_year=words.YEARLY_KINDS,
)
