"""What goes on under a document that is not in force."""

from __future__ import annotations

from datetime import date

import numpy as np

from registry.checker import naming, paths
from registry.checker.case import Case, Way
from registry.checker.holdings import instrument_of, matter_of
from registry.checker.parts import REACH
from registry.checker.rule import Example, Explanation, Hits, Rule, both, of_delegations, of_items
from registry.checker.setting import LETTER, SETTING, TOWN, URBAN, delegated
from registry.checker.ways_out import Ways, taken_back
from registry.domain.text import Text
from registry.relations.columns import Flags, Indexes
from registry.relations.reach import holders_by_list
from registry.snapshot.columns import Snapshot


def _dead(snapshot: Snapshot, instrument: Indexes) -> Flags:
    if not len(snapshot.instruments.in_force):
        return np.ones(len(instrument), np.bool_)
    instruments = snapshot.instruments
    # What rests on a document that was re-enacted goes on under the one that re-enacts it.
    return (instrument < 0) | ~instruments.in_force[instruments.rests_on[instrument]]


def _find(snapshot: Snapshot) -> Hits:
    delegations, items, lists = snapshot.delegations, snapshot.items, snapshot.lists
    dead = _dead(snapshot, delegations.instrument) & snapshot.territory[delegations.recipient]
    assigning = lists.positive & ((lists.role >= 0) | (lists.mode >= 0)) & _dead(snapshot, lists.instrument)
    rows = np.flatnonzero((items.matter >= 0) & assigning[items.list]).astype(np.int32)
    listed = of_items(*holders_by_list(snapshot, rows))
    return both(of_delegations(snapshot, dead), listed.where(snapshot.territory[listed.unit]))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, instrument = matter_of(snapshot, hits), instrument_of(snapshot, hits)
    today = snapshot.as_of.toordinal()
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source, paper = naming.source(snapshot, delegation, item), int(instrument[row])
        cited, ended = naming.document(snapshot, paper), int(snapshot.instruments.ended[paper]) if paper >= 0 else 0
        if 0 < ended <= today:
            when = naming.day(ended)
            zh_why, en_why = f"已自{when}起废止", f"was repealed as of {when}"
        else:
            zh_why, en_why = "尚未施行", "is not in force yet"
        zh_paper, en_paper = ("该文件", "that document") if delegation >= 0 else (f"所依据的{cited}", cited)
        zh = f"{who}承担的{what.zh}来自{source.zh}，{zh_paper}{zh_why}。"
        en = f"{who} holds {what.en} {source.en}; {en_paper} {en_why}."
        explanations.append(Explanation(paths.own(snapshot, hits, row), Text(zh, en), [cited]))
    return explanations


def _ways_out(case: Case) -> Ways:
    paper = None if case.row is None else case.records.replacement(case.row["instrument"], case.when)
    if paper is not None:
        zh, en = (
            f"依据现行的{paper}重新交办{case.what.zh}。",
            f"Hand {case.what.en} down anew on {paper}, which is in force.",
        )
        yield Way("renew-basis", Text(zh, en), case.instead(instrument=paper))
    yield from taken_back(case)


RULE = Rule(
    name="expired-basis",
    version=1,
    severity="V",
    title=Text("依据失效", "Basis not in force"),
    sentence=Text(
        "依交办或清单而有的职责、权力，以及任何负担，其依据文件当日不在有效期内。",
        "A holding by delegation or list, or any burden, whose document is not in force on the day.",
    ),
    basis=("《关于加强行政规范性文件制定和监督管理工作的通知》（国办发〔2018〕37号）",),
    remedy=Text(
        "终止交办；确需继续的，以现行有效的文件重新作出。",
        "End it; if it is to go on, do it anew under a document in force.",
    ),
    fires=Example(
        Text("责任书已经废止，整治任务仍在派。", "The letter has been repealed, but the task goes on."),
        (
            *SETTING,
            delegated("R-1", URBAN, TOWN, role="assist"),
            {"type": "InstrumentRepealed", "at": "2022-01-01", "instrument": LETTER},
        ),
        date(2022, 1, 1),
        ((TOWN, "R-1"),),
    ),
    clean=Example(
        Text("责任书当日仍然有效。", "On that day the letter is still in force."),
        (
            *SETTING,
            delegated("R-1", URBAN, TOWN, role="assist"),
            {"type": "InstrumentRepealed", "at": "2022-01-01", "instrument": LETTER},
        ),
        date(2021, 12, 31),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(REACH,),
)
