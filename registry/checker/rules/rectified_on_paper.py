"""纸面整改: a finding that was answered to be put right, and stands."""

from __future__ import annotations

from datetime import date

from registry.checker import ordered
from registry.checker.rule import Example, Explanation, Hits, Rule
from registry.checker.setting import LETTER_REPEALED, ORDERED_BACK, SETTING, TOWN, URBAN, delegated
from registry.domain import words
from registry.domain.text import Text
from registry.snapshot.columns import Snapshot


def _find(snapshot: Snapshot) -> Hits:
    hits = snapshot.once(ordered.ordered_findings).hits
    return hits.where(snapshot.orders.done[hits.order])


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    zh, en = "督办（{ref}）答复称已经整改，问题仍在：", "Order {ref} was answered as done, and the finding stands."
    return ordered.explain(snapshot, hits, zh, en)


_DONE = {"type": "RectificationAnswered", "at": "2022-03-20", "ref": "Z-1", "by": TOWN, "text": "已经退回"}
_ENDED = {"type": "DelegationEnded", "at": "2022-03-20", "ref": "R-1", "reason": "returned"}
_JOURNAL = (
    *SETTING,
    delegated("R-1", URBAN, TOWN, role="assist"),
    LETTER_REPEALED,
    ORDERED_BACK,
    {**_DONE, "outcome": "done"},
)

RULE = Rule(
    name="rectified-on-paper",
    version=1,
    severity="V",
    title=Text("纸面整改", "Rectified on paper"),
    sentence=Text(
        "督办的问题（单位撤并的，读作承接单位）已有答复称整改完成，当日问题却仍然存在。",
        "An ordered finding, its unit read as its successor, was answered as done by the day, and stands in the "
        "default answer on it.",
    ),
    basis=(
        "《关于解决形式主义突出问题为基层减负的通知》（2019年3月）",
        "《整治形式主义为基层减负若干规定》（2024年8月）",
    ),
    remedy=Text(
        "核实情况，真正整改到位；以文件、报告代替整改的，予以纠正。",
        "Look at what was done, and put it right; a report in its place does not count.",
    ),
    fires=Example(
        Text("镇里报告说已经退回，任务其实还在。", "The town reports that it was given back; the task is still there."),
        _JOURNAL,
        date(2022, 4, 1),
        ((TOWN, "Z-1"),),
    ),
    clean=Example(
        Text("报告之日任务确已退回。", "It was given back on the day of the report."),
        (*_JOURNAL, _ENDED),
        date(2022, 4, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=ordered.put_right,
    rests_on=ordered.RESTS_ON,
    subjects="orders",
    depends_on="any",
    counted_by_year=words.YEARLY_KINDS,
)
