"""逾期未整改: a finding that was to be put right by a day that has passed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from registry.checker import ordered
from registry.checker.case import Case, Way
from registry.checker.rule import Example, Explanation, Hits, Rule
from registry.checker.setting import LETTER_REPEALED, ORDERED_BACK, SETTING, TOWN, URBAN, delegated
from registry.domain import words
from registry.domain.text import Text
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    hits = snapshot.once(ordered.ordered_findings).hits
    return hits.where(snapshot.orders.overdue[hits.order])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    zh, en = "督办（{ref}）要求{due}前整改，逾期仍未整改：", "Order {ref} was to be followed by {due}, and was not."
    return ordered.explain(snapshot, hits, zh, en)


def _ways_out(case: Case) -> Iterator[Way]:
    yield from ordered.put_right(case)
    yield from ordered.more_time(case)


_JOURNAL = (*SETTING, delegated("R-1", URBAN, TOWN, role="assist"), LETTER_REPEALED, ORDERED_BACK)

RULE = Rule(
    name="rectification-overdue",
    version=1,
    severity="W",
    title=Text("逾期未整改", "Rectification overdue"),
    sentence=Text(
        "督办的问题（单位撤并的，读作承接单位）当日仍然存在，没有已经整改的答复，而期限（有延期的，以当日之前最近一次延期为准）已过。",
        "An ordered finding, its unit read as its successor, stands in the default answer on the day, no answer says "
        "done, and the day by which it was due, that of the latest answer that extends it, has passed.",
    ),
    basis=(
        "《关于解决形式主义突出问题为基层减负的通知》（2019年3月）",
        "《整治形式主义为基层减负若干规定》（2024年8月）",
    ),
    remedy=Text(
        "真正整改到位并作出答复；确需延期的，在期限之前说明理由。",
        "Put it right and answer; where more time is needed, say so before the day.",
    ),
    fires=Example(
        Text(
            "责任书已经废止，县里限期3月31日前退回，4月1日任务还在。",
            "It was to be given back by 31 March, and was not.",
        ),
        _JOURNAL,
        date(2022, 4, 1),
        ((TOWN, "Z-1"),),
    ),
    clean=Example(Text("期限当日还不算逾期。", "On the day itself it is not overdue."), _JOURNAL, date(2022, 3, 31)),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=ordered.RESTS_ON,
    subjects="orders",
    depends_on="any",
    counted_by_year=words.YEARLY_KINDS,
)
