"""反弹回潮: a duty returned, and pushed down again."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming
from registry.checker.holdings import matter_of
from registry.checker.parts import PAST
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import LETTER, SETTING, TOWN, URBAN, delegated
from registry.checker.ways_out import taken_back
from registry.domain.text import Text
from registry.relations.columns import DAYS, Flags, Indexes, Numbers, UnitsOverTime, expand_ranges
from registry.relations.successors import node_on
from registry.relations.territory import governments_among, lineage_on
from registry.snapshot.columns import Snapshot
from registry.snapshot.past import orders_over_time, past, ref_of


def _between(snapshot: Snapshot, rows: Numbers) -> tuple[Indexes, Flags]:
    """Each recipient and the units above it on the day when the order began; and which are below the sender's."""
    delegations, units = snapshot.delegations, past(snapshot).units
    day = delegations.began[rows]
    lineage, _ = lineage_on(units, delegations.recipient_named[rows], day)
    government = governments_among(units, *lineage_on(units, delegations.sender_named[rows], day))
    met = (lineage == government[:, None]) & (government >= 0)[:, None]
    met[:, 0] = False
    up_to: Numbers = np.where(met.any(axis=1), met.argmax(axis=1), 1)
    generations: Numbers = np.arange(int(lineage.shape[1]))
    below: Flags = np.less(generations, up_to[:, None])
    return lineage, below & (lineage >= 0)


def _ever_below(units: UnitsOverTime, tops: Indexes) -> Flags:
    """Which units were ever these, or below one of them, or are read as such a unit, or such a unit as they."""
    row_unit = (units.keys // DAYS).astype(np.int32)
    below = np.zeros(len(units.code) + 1, np.bool_)  # one more, so that -1 is never out of range
    below[tops] = True
    while True:
        below[-1] = False
        known = int(below.sum())
        below[row_unit[below[units.parent] | below[units.successor]]] = True
        below[units.successor[below[row_unit]]] = True
        below[-1] = False
        if int(below.sum()) == known:
            return below[:-1]


def _again(snapshot: Snapshot) -> tuple[Numbers, Numbers]:
    """What was handed down again: pairs (delegation of the snapshot, order returned before)."""
    delegations, units, orders = snapshot.delegations, past(snapshot).units, snapshot.once(orders_over_time)
    returned = np.flatnonzero(orders.returned > 0)
    keys = orders.keys(units, orders.recipient[returned], orders.matter[returned])
    order = np.argsort(keys, kind="stable")
    returned, keys = returned[order], keys[order]
    rows = orders.now[~delegations.admitted[orders.now] & snapshot.territory[delegations.recipient[orders.now]]]
    if not len(returned):
        return rows[:0], rows[:0]
    rows = rows[np.isin(delegations.matter[rows], orders.matter[returned])]
    rows = rows[_ever_below(units, orders.recipient[returned])[delegations.recipient_named[rows]]]
    if not len(rows):
        return rows, rows
    lineage, between = _between(snapshot, rows)
    row, generation = np.nonzero(between)
    unit, day = lineage[row, generation], delegations.began[rows][row]
    wanted = orders.keys(units, unit, delegations.matter[rows][row].astype(np.int64))
    starts, ends = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    pairs, positions = expand_ranges(starts, ends)
    before = returned[positions]
    kept = orders.returned[before] <= day[pairs]
    kept &= node_on(units, orders.recipient[before], day[pairs]) == unit[pairs]
    return rows[row[pairs[kept]]], before[kept]


def _find(snapshot: Snapshot) -> Hits:
    return of_delegations(snapshot, np.unique(snapshot.once(_again)[0]))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, orders, units = matter_of(snapshot, hits), snapshot.once(orders_over_time), past(snapshot).units
    again, before = snapshot.once(_again)
    latest: dict[int, int] = {}
    for delegation, earlier in zip(map(int, again), map(int, before), strict=True):
        known = latest.get(delegation)
        if known is None or _when(snapshot, earlier) > _when(snapshot, known):
            latest[delegation] = earlier
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        earlier = latest[delegation]
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        day, ref = naming.day(int(orders.returned[earlier])), ref_of(snapshot, earlier)
        returned_by = snapshot.units.index.get(units.code[int(orders.recipient[earlier])], -1)
        from_ = naming.unit(snapshot, returned_by)
        zh = f"{what.zh}已于{day}从{from_}收回（{ref}），又由{source.zh}交给{who}，没有经准入同意的申请。"
        en = f"{what.en} was returned from {from_} on {day} ({ref}) and is handed to {who} again {source.en};"
        en += " no proposal for it was admitted."
        explanations.append(Explanation([ref, snapshot.delegations.ref[delegation]], Text(zh, en)))
    return explanations


def _when(snapshot: Snapshot, order: int) -> tuple[int, str]:
    return int(snapshot.once(orders_over_time).returned[order]), ref_of(snapshot, order)


_RETURNED = {"type": "DelegationEnded", "at": "2021-03-01", "ref": "R-1", "reason": "returned"}

RULE = Rule(
    name="rebound",
    version=1,
    severity="V",
    title=Text("反弹回潮", "Rebound"),
    sentence=Text(
        "交办职责或负担之前，同一事项对该单位，或者对其上至交办单位所属政府以下的单位的交办已经退回；而这次交办没有写明已获准入的申请。",
        "A duty or burden is delegated after an earlier delegation of the matter to that unit, or to a unit above it "
        "and below the sender's government, ended with reason returned, and the delegation names no admitted proposal.",
    ),
    basis=("《整治形式主义为基层减负若干规定》（2024年8月）",),
    remedy=Text(
        "撤回交办；确需再次下放的，先走职责准入程序，获准后写明申请编号重新交办。",
        "Take it back; if it must go down again, have it admitted first, and hand it down anew naming the proposal.",
    ),
    fires=Example(
        Text(
            "占道经营整治三月已从柳林镇收回，四月县城市管理局又交了下来。",
            "The clearing of stalls was returned from Liulin town in March; in April the bureau hands it down again.",
        ),
        (
            *SETTING,
            {**delegated("R-1", URBAN, TOWN, role="assist"), "at": "2021-02-01"},
            _RETURNED,
            delegated("R-2", URBAN, TOWN, role="assist"),
        ),
        date(2021, 8, 1),
        ((TOWN, "R-2"),),
    ),
    clean=Example(
        Text("再次交办前经过准入。", "It was admitted before it was handed down again."),
        (
            *SETTING,
            {**delegated("R-1", URBAN, TOWN, role="assist"), "at": "2021-02-01"},
            _RETURNED,
            {
                "type": "DelegationProposed",
                "at": "2021-03-05",
                "proposal": "A-1",
                "matter": "D-STALLS",
                "from": URBAN,
                "to": TOWN,
                "role": "assist",
                "mode": "letter",
                "instrument": LETTER,
            },
            {"type": "ProposalAdmitted", "at": "2021-03-15", "proposal": "A-1", "by": "990102"},
            delegated("R-2", URBAN, TOWN, role="assist", proposal="A-1"),
        ),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=taken_back,
    rests_on=(PAST,),
)
