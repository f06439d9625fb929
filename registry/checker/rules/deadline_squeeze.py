"""层层加码: each level leaves the next less time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from registry.checker import naming
from registry.checker.case import Case, Way
from registry.checker.holdings import matter_of
from registry.checker.parts import PAST
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import COUNTY, SETTING, TOWN, VILLAGE, delegated
from registry.checker.ways_out import Ways, taken_back
from registry.domain.text import Text, counted
from registry.relations.columns import Flags, Numbers, expand_ranges
from registry.relations.successors import read_on
from registry.snapshot.columns import Snapshot
from registry.snapshot.past import Orders, orders_over_time, past, ref_of

# Steps up a chain that are taken for all delegations at once; the few that are longer, or come round, one by one.
_STEPS = 64


@dataclass(frozen=True, eq=False)
class _Squeezed:
    """The delegations with less than half the days (places among the snapshot's); their orders, what they pass on."""

    delegation: Numbers
    order: Numbers
    farthest: Numbers  # the order that each is measured by
    above: Numbers  # by order: the one that it passes on, -1 none
    grave: Flags


def _passed_on(snapshot: Snapshot, orders: Orders, pending: Numbers) -> Numbers:
    """For each order the one that it passes on (-1 none), filled in for those asked for and all above them."""
    units = past(snapshot).units
    under = _under(snapshot, orders)
    above = np.full(len(orders.matter), -2, np.int64)
    while len(pending):
        above[pending] = -1
        named = pending[under[pending] >= 0]
        # What it is named to pass on counts where its recipient was there on the day when it began.
        first = under[named]
        there = read_on(units, orders.recipient[first], orders.began[first]) >= 0
        above[named[there]] = first[there]
        rest = pending[under[pending] < 0]
        above[rest] = _only_one_before(snapshot, orders, rest)
        fresh = np.zeros(len(above), np.bool_)
        fresh[above[pending][above[pending] >= 0]] = True
        pending = np.flatnonzero(fresh & (above == -2))
    return above


def _under(snapshot: Snapshot, orders: Orders) -> Numbers:
    """For each order the one that it names as `under`; -1 where it names none that is known still."""
    delegations, transfers = snapshot.delegations, past(snapshot).transfers
    order = np.full(len(delegations) + len(transfers) + 1, -1, np.int64)
    order[orders.now] = np.arange(len(orders.now))
    order[len(delegations) : -1] = np.arange(len(orders.now), len(orders.matter))
    return order[np.concatenate([delegations.under[orders.now], transfers.under])]


def _only_one_before(snapshot: Snapshot, orders: Orders, chosen: Numbers) -> Numbers:
    """The one order of the matter to the sender in force on the day when each began, begun no later; -1 if not one."""
    units = past(snapshot).units
    only = np.full(len(chosen), -1, np.int64)
    day = orders.began[chosen]
    sender = read_on(units, orders.sender[chosen], day)
    if not (sender >= 0).any():
        return only
    sent = np.zeros(len(units.last) + 1, np.bool_)
    sent[units.last[sender[sender >= 0]]] = True
    to_senders = np.flatnonzero((orders.recipient >= 0) & sent[units.last[orders.recipient]])
    known = orders.keys(units, orders.recipient[to_senders], orders.matter[to_senders])
    by_key = np.argsort(known, kind="stable")
    known, to_senders = known[by_key], to_senders[by_key]
    keys = orders.keys(units, sender, orders.matter[chosen])
    starts, ends = np.searchsorted(known, keys, "left"), np.searchsorted(known, keys, "right")
    rows, positions = expand_ranges(starts, np.where(keys >= 0, ends, starts))
    before = to_senders[positions]
    kept = (before != chosen[rows]) & (orders.began[before] <= day[rows])
    kept &= (orders.ends[before] == 0) | (orders.ends[before] > day[rows])
    rows, before = rows[kept], before[kept]
    same = read_on(units, orders.recipient[before], day[rows]) == sender[rows]
    rows, before = rows[same], before[same]
    only[rows] = before
    only[np.bincount(rows, minlength=len(chosen)) != 1] = -1
    return only


def _farthest(orders: Orders, above: Numbers, chosen: Numbers) -> Numbers:
    """The farthest order up each chain that has a day by which it is due; -1 none."""
    farthest = np.full(len(chosen), -1, np.int64)
    rows = np.flatnonzero(above[chosen] >= 0)
    at = above[chosen[rows]]
    for _ in range(_STEPS):
        if not len(rows):
            return farthest
        due = orders.due_on[at] > 0
        farthest[rows[due]] = at[due]
        at = above[at]
        rows, at = rows[at >= 0], at[at >= 0]
    for row in rows:
        farthest[row] = -1
        seen = {int(chosen[row])}
        step = int(above[chosen[row]])
        while step >= 0 and step not in seen:
            seen.add(step)
            if orders.due_on[step] > 0:
                farthest[row] = step
            step = int(above[step])
    return farthest


def _squeezed(snapshot: Snapshot) -> _Squeezed:
    orders = snapshot.once(orders_over_time)
    recipient = snapshot.delegations.recipient[orders.now]
    chosen = np.flatnonzero((orders.due_on[: len(orders.now)] > 0) & snapshot.territory[recipient])
    above = _passed_on(snapshot, orders, chosen) if len(chosen) else np.zeros(0, np.int64)
    farthest = _farthest(orders, above, chosen)
    chosen, farthest = chosen[farthest >= 0], farthest[farthest >= 0]
    own, given = orders.due_on[chosen] - orders.began[chosen], orders.due_on[farthest] - orders.began[farthest]
    squeezed = 2 * own < given
    chosen, farthest, grave = chosen[squeezed], farthest[squeezed], (3 * own < given)[squeezed]
    return _Squeezed(orders.now[chosen], chosen, farthest, above, grave)


def _find(snapshot: Snapshot) -> Hits:
    squeezed = snapshot.once(_squeezed)
    hits = of_delegations(snapshot, squeezed.delegation)
    return Hits(hits.unit, hits.delegation, hits.item, grave=squeezed.grave)


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, orders, squeezed = matter_of(snapshot, hits), snapshot.once(orders_over_time), snapshot.once(_squeezed)
    by_delegation = {int(delegation): row for row, delegation in enumerate(squeezed.delegation)}
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        index = by_delegation[delegation]
        chain = [int(squeezed.order[index])]
        while chain[-1] != squeezed.farthest[index] and (step := int(squeezed.above[chain[-1]])) not in chain:
            chain.append(step)
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        dated = [order for order in reversed(chain) if orders.due_on[order] > 0]
        days = " → ".join(f"{ref_of(snapshot, order)} {_days(orders, order)}" for order in dated)
        own, given = _days(orders, chain[0]), _days(orders, chain[-1])
        due, first = naming.day(int(orders.due_on[chain[0]])), ref_of(snapshot, chain[-1])
        zh = f"{source.zh}要求{who}在{due}前完成{what.zh}，只有{own}天，而最初的交办（{first}）给了{given}天。"
        zh += f"各级的天数：{days}。"
        en = f"{who} is to finish {what.en} by {due} {source.en}: {counted(own, 'day')}, where {first} at the top gave"
        en += f" {given}."
        en += f" Days at each level: {days}."
        explanations.append(Explanation([ref_of(snapshot, order) for order in reversed(chain)], Text(zh, en)))
    return explanations


def _days(orders: Orders, order: int) -> int:
    return int(orders.due_on[order]) - int(orders.began[order])


def _ways_out(case: Case) -> Ways:
    due_on = _fair_day(case)
    if due_on is not None:
        zh = f"把{case.what.zh}的期限放宽到{due_on.isoformat()}，重新交办。"
        en = f"Hand {case.what.en} down anew, due by {due_on.isoformat()}."
        yield Way("extend-deadline", Text(zh, en), case.instead(due_on=due_on))
    yield from taken_back(case)


def _fair_day(case: Case) -> date | None:
    """The day by which it would be due with half of the days of the farthest above."""
    orders, before = case.snapshot.once(orders_over_time), past(case.snapshot)
    longest = 0
    refs = case.snapshot.delegations.ref
    for ref in case.finding.path[:-1]:
        order = next((index for index, row in enumerate(orders.now) if refs[int(row)] == ref), None)
        if order is None:
            order = len(orders.now) + before.transfers.ref.index(ref)
        if orders.due_on[order] > 0:
            longest = max(longest, int(orders.due_on[order] - orders.began[order]))
    return case.when + timedelta(days=(longest + 1) // 2) if longest else None


RULE = Rule(
    name="deadline-squeeze",
    version=1,
    severity="W",
    title=Text("层层加码", "Deadline squeezed"),
    sentence=Text(
        "有完成期限的职责或负担交办，是把另一项交办转下去的（写明的“转自”；没有写明的，是生效当日同一事项对交办单位唯一的现行交办），"
        "而给的天数不到这条链上最远一项有期限的交办的一半；不到三分之一的为违规。",
        "A duty or burden delegation with a day by which it is due passes another on (`under`; else the one of the "
        "matter to its sender in force on the day when it began), and its days are less than half of those of the "
        "farthest up that chain that has such a day; less than a third is a violation.",
    ),
    basis=(
        "《关于解决形式主义突出问题为基层减负的通知》（2019年3月）",
        "《整治形式主义为基层减负若干规定》（2024年8月）",
    ),
    remedy=Text(
        "按上级给的时间合理确定期限，重新交办；留不出时间的，由本级自己完成。",
        "Hand it down anew with a fair share of the time that was given; where none is left, do it at this level.",
    ),
    fires=Example(
        Text(
            "县政府给柳林镇五十天，柳林镇只给上河村二十天。",
            "The county gives Liulin town fifty days, the town gives Shanghe village twenty.",
        ),
        (
            *SETTING,
            delegated("R-1", COUNTY, TOWN, role="assist", due_on="2021-05-21"),
            delegated("R-2", TOWN, VILLAGE, role="assist", due_on="2021-04-21"),
        ),
        date(2021, 4, 10),
        ((VILLAGE, "R-2"),),
    ),
    clean=Example(
        Text("柳林镇给上河村三十天。", "The town gives the village thirty."),
        (
            *SETTING,
            delegated("R-1", COUNTY, TOWN, role="assist", due_on="2021-05-21"),
            delegated("R-2", TOWN, VILLAGE, role="assist", due_on="2021-05-01"),
        ),
        date(2021, 4, 10),
    ),
    graver=True,
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(PAST,),
)
