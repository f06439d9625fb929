"""多头指挥: two superiors, two deadlines."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case, Way
from registry.checker.holdings import matter_of, orders, pair_keys
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import COUNTY, SETTING, TOWN, URBAN, delegated
from registry.checker.ways_out import Ways, taken_back
from registry.domain.text import Text
from registry.relations.columns import Numbers, among, distinct
from registry.snapshot.columns import Snapshot


def _alike(*columns: np.ndarray) -> Numbers:
    """For each row the number of rows that are the same in all columns."""
    group = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        values, index = np.unique(column, return_inverse=True)
        _, group = np.unique(group * len(values) + index, return_inverse=True)
    return np.bincount(group, minlength=1)[group]


def _find(snapshot: Snapshot) -> Hits:
    delegations = snapshot.delegations
    rows = np.flatnonzero(orders(snapshot) & (delegations.due_on > 0))
    if not len(rows):
        return of_delegations(snapshot, rows)
    order = pair_keys(snapshot, delegations.recipient[rows], delegations.matter[rows])
    ordered = np.sort(order)
    again = among(distinct(ordered[1:][ordered[1:] == ordered[:-1]]), order)
    rows, order = rows[again], order[again]
    sender, due = delegations.sender_node[rows], delegations.due_on[rows]
    # All of the same order, without those of the same sender and those of the same day; what is both was taken twice.
    others = _alike(order) - _alike(order, sender) - _alike(order, due) + _alike(order, sender, due)
    return of_delegations(snapshot, rows[(others > 0) & snapshot.territory[delegations.recipient[rows]]])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, delegations = matter_of(snapshot, hits), snapshot.delegations
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        due, sender = int(delegations.due_on[delegation]), int(delegations.sender_node[delegation])
        others = [
            other
            for other in paths.to_unit(snapshot, unit, int(matter[row]))
            if delegations.due_on[other] not in (0, due) and delegations.sender_node[other] != sender
        ]
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        named = [
            (
                naming.unit(snapshot, int(delegations.sender_named[o])),
                naming.day(int(delegations.due_on[o])),
                delegations.ref[o],
            )
            for o in others[:3]
        ]
        zh_others = "，".join(f"{name}要求{day}（{ref}）" for name, day, ref in named)
        en_others = ", ".join(f"{name} wants it by {day} ({ref})" for name, day, ref in named)
        zh = f"{source.zh}要求{who}在{naming.day(due)}前完成{what.zh}，而{zh_others}，期限互相冲突。"
        en = f"{who} is to finish {what.en} by {naming.day(due)} {source.en}, but {en_others}."
        explanations.append(
            Explanation([*(delegations.ref[other] for other in others), delegations.ref[delegation]], Text(zh, en))
        )
    return explanations


def _ways_out(case: Case) -> Ways:
    """One day for all: the latest that anybody asked for; or one order less."""
    delegations, own = case.snapshot.delegations, case.delegation
    others = [
        other
        for other in paths.to_unit(case.snapshot, case.unit, case.matter)
        if delegations.due_on[other] not in (0, delegations.due_on[own])
    ]
    days = [date.fromordinal(int(delegations.due_on[other])) for other in others]
    later = [day for day in days if day >= case.when]
    if later:
        day = max(later)
        zh, en = (
            f"统一期限为{day.isoformat()}，重新交办{case.what.zh}。",
            f"Hand {case.what.en} down anew, due by {day} like the other.",
        )
        yield Way("align-deadline", Text(zh, en), case.instead(due_on=day))
    yield from taken_back(case)


RULE = Rule(
    name="conflicting-orders",
    version=1,
    severity="W",
    title=Text("多头指挥", "Conflicting orders"),
    sentence=Text(
        "同一单位因同一事项受到不同单位交办，完成期限不同。",
        "Duty or burden delegations in force of the same matter to the same recipient by different senders, both with "
        "a date "
        "by which it is due, and different ones.",
    ),
    basis=("《关于解决形式主义突出问题为基层减负的通知》（2019年3月）",),
    remedy=Text(
        "由共同的上级明确一个交办单位和一个期限，终止其余交办。",
        "Let the government above both settle one sender and one date, and end the others.",
    ),
    fires=Example(
        Text(
            "县政府要求5月20日前完成，县城市管理局要求4月20日前完成。",
            "The county wants it done by 20 May, its bureau by 20 April.",
        ),
        (
            *SETTING,
            delegated("R-1", COUNTY, TOWN, role="assist", due_on="2021-05-20"),
            delegated("R-2", URBAN, TOWN, role="assist", due_on="2021-04-20"),
        ),
        date(2021, 4, 10),
        ((TOWN, "R-1"), (TOWN, "R-2")),
    ),
    clean=Example(
        Text("两家要求的期限相同。", "Both want it by the same day."),
        (
            *SETTING,
            delegated("R-1", COUNTY, TOWN, role="assist", due_on="2021-05-20"),
            delegated("R-2", URBAN, TOWN, role="assist", due_on="2021-05-20"),
        ),
        date(2021, 4, 10),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
)
