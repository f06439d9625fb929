"""社区万能章: a certificate asked of a village that should not issue it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from registry.checker import naming
from registry.checker.case import Case, Way
from registry.checker.holdings import matter_of
from registry.checker.parts import PAST
from registry.checker.rule import Example, Explanation, Hits, Rule, of_demands
from registry.checker.setting import SETTING, START, URBAN, VILLAGE, entered, listed
from registry.checker.ways_out import Ways
from registry.domain.text import Text
from registry.relations.columns import LEVEL, Indexes, Numbers, by_day
from registry.relations.matching import matching_items
from registry.relations.territory import governments_among, lineage_on
from registry.snapshot.columns import Snapshot
from registry.snapshot.past import Past, PastItem, PastList, past


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the lists said on the day of a demand: the item that forbade it, or the closed lists that it was not on."""

    item: PastItem | None
    off: list[PastList]


def _ever_above(before: Past) -> np.ndarray:
    """Which units were ever above the scope of a list of certificates, or are read as one of these."""
    units = before.units
    row_unit = units.keys >> 22
    marked = np.zeros(len(units.code) + 1, np.bool_)
    marked[[listed_.scope for listed_ in before.lists if listed_.scope >= 0]] = True
    while True:
        rows = marked[row_unit]
        fresh = np.concatenate([units.parent[rows], units.successor[rows]])
        fresh = fresh[(fresh >= 0) & ~marked[fresh]]
        if not len(fresh):
            return marked[:-1]
        marked[fresh] = True


def _scopes(before: Past) -> tuple[dict[int, list[int]], Indexes, list[int]]:
    """The lists by a government whose territory they ever had; what each list had from each of some days on."""
    units = before.units
    above = _ever_above(before)
    rows = np.flatnonzero(above[units.keys >> 22]) if len(units.keys) else np.zeros(0, np.int64)
    days = np.unique(units.keys[rows] & ((1 << 22) - 1))
    scope = np.array([listed_.scope for listed_ in before.lists], np.int32)
    scopes, at = np.repeat(scope, len(days)), np.tile(days, len(scope)).astype(np.int32)
    governments = governments_among(units, *lineage_on(units, scopes, at)).reshape(len(scope), len(days))
    by_government: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(governments):
        if scope[index] == -1:
            by_government[-1].append(index)
        for government in {int(unit) for unit in row if unit >= 0}:
            by_government[government].append(index)
    return by_government, governments, [int(day) for day in days]


def _matching(before: Past) -> dict[tuple[str, int], list[PastItem]]:
    """The items that match each wording of what was demanded (certificate, number)."""
    matched = matching_items(before.items)
    return {
        (matter, number): matched(matter, wording.category, wording.names)
        for matter, wordings in before.wordings.items()
        for number, wording in enumerate(wordings)
    }


def _holds(since: int, until: int, day: int) -> bool:
    return since <= day and (until == 0 or day < until)


def _verdicts_together(days: Any, of: Callable[[Snapshot], dict[int, Verdict]]) -> dict[int, Verdict]:
    """What was wrong with a demand on its day is so on all days: only those that have others are judged."""
    known: dict[str, Verdict | None] = {}
    results: dict[int, Verdict] = {}
    for start, day in zip(days.starts("demands").tolist(), days.days, strict=False):
        demands = day.demands
        rows: list[int] = np.flatnonzero(day.territory[demands.recipient]).tolist()
        if not all(demands.ref[row] in known for row in rows):
            wrong = of(day)
            known.update({demands.ref[row]: wrong.get(row) for row in rows})
        verdicts = ((start + row, known[demands.ref[row]]) for row in rows)
        results |= {row: verdict for row, verdict in verdicts if verdict is not None}
    return results


@by_day(_verdicts_together)
def verdicts(snapshot: Snapshot) -> dict[int, Verdict]:
    """What was wrong with a demand (its place among the snapshot's), where in the territory something was."""
    before, demands = past(snapshot), snapshot.demands
    rows = np.flatnonzero(snapshot.territory[demands.recipient])
    wrong: dict[int, Verdict] = {}
    if not len(rows) or not before.lists:
        return wrong
    by_government, governments, days = _scopes(before)
    matching = _matching(before)
    lineage, unit_rows = lineage_on(before.units, demands.recipient_named[rows], demands.day[rows])
    unit = unit_rows[:, 0]
    level = np.where((unit >= 0) & ~before.units.dissolved[unit], before.units.level[unit], -1)
    for row, ancestors, audience in zip(map(int, rows), lineage, level, strict=True):
        day, matter = int(demands.day[row]), snapshot.matters.code[int(demands.matter[row])]
        stretch = int(np.searchsorted(days, day, "right")) - 1
        reached: set[int] = set()
        for government in {*map(int, ancestors), -1} if audience >= 0 else ():
            for index in by_government.get(government, ()):
                listed_ = before.lists[index]
                there = government == -1 or (stretch >= 0 and governments[index, stretch] == government)
                if there and listed_.audience == audience and _holds(listed_.since, listed_.until, day):
                    reached.add(index)
        if reached:
            number = next(
                number
                for number, wording in enumerate(before.wordings[matter])
                if _holds(wording.since, wording.until, day)
            )
            items = [
                item
                for item in matching[matter, number]
                if item.list in reached and _holds(item.since, item.until, day)
            ]
            verdict = _assessed(before, reached, items)
            if verdict is not None:
                wrong[row] = verdict
    return wrong


def _assessed(before: Past, reached: set[int], items: list[PastItem]) -> Verdict | None:
    negative = [item for item in items if not before.lists[item.list].positive]
    if negative:
        return Verdict(min(negative, key=lambda item: (before.lists[item.list].code, item.code)), [])
    closed = [before.lists[index] for index in reached if before.lists[index].positive and before.lists[index].closed]
    if closed and not any(before.lists[item.list].closed for item in items):
        return Verdict(None, sorted(closed, key=lambda listed_: listed_.code))
    return None


def _find(snapshot: Snapshot) -> Hits:
    return of_demands(snapshot, np.array(sorted(snapshot.once(verdicts)), np.int64))


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, demands = matter_of(snapshot, hits), snapshot.demands
    before, wrong = past(snapshot), snapshot.once(verdicts)
    demanded: Numbers = np.zeros(0, np.int64) if hits.demand is None else hits.demand.astype(np.int64)
    explanations: list[Explanation] = []
    for row, demand in enumerate(map(int, demanded)):
        verdict, ref = wrong[demand], demands.ref[demand]
        who, what = naming.unit(snapshot, int(hits.unit[row])), naming.matter(snapshot, int(matter[row]))
        asker, day = naming.unit(snapshot, int(demands.sender_named[demand])), naming.day(int(demands.day[demand]))
        zh = f"{asker}于{day}要求{who}出具{what.zh}（{ref}），"
        en = f"{asker} asked {who} on {day} for {what.en} ({ref})"
        if verdict.item is not None:
            listed_ = before.lists[verdict.item.list]
            title, item = listed_.title.strip("《》"), f"{verdict.item.code} “{verdict.item.name}”"
            zh += f"而《{title}》（{listed_.instrument}）第{item}项规定不得由其出具。"
            en += f", which item {item} of the negative list 《{title}》 ({listed_.instrument}) forbids."
            documents = [listed_]
        else:
            titles = "、".join(f"《{listed_.title.strip('《》')}》" for listed_ in verdict.off[:3])
            zh += f"而它不在当时适用的清单{titles}之内。"
            en += f", which was on none of the closed lists that reached it ({titles.replace('、', ', ')})."
            documents = verdict.off
        basis = dict.fromkeys(f"《{listed_.title.strip('《》')}》（{listed_.instrument}）" for listed_ in documents)
        explanations.append(Explanation([ref], Text(zh, en), list(basis)))
    return explanations


def _ways_out(case: Case) -> Ways:
    """What was asked was asked; what was done about it can be put on record."""
    above = case.above(case.unit)
    county = next((unit for unit in above if case.snapshot.units.level[unit] <= LEVEL["county"]), None)
    if county is not None:
        waived = case.decided(
            "FindingWaived",
            rule=case.finding.rule,
            subject=case.finding.subject,
            unit=case.finding.unit,
            by=case.code(county),
            reason="索要已撤回",
        )
        zh = f"撤回索要后，由{case.name(county)}记明处理结果。"
        en = f"Once it is withdrawn, have {case.name(county)} put that on record."
        yield Way("record-outcome", Text(zh, en), [waived])


_KINSHIP = {"type": "MatterDefined", "at": START, "matter": "C-KIN", "kind": "certificate", "name": "亲属关系证明"}
_LIVING = {"type": "MatterDefined", "at": START, "matter": "C-LIVING", "kind": "certificate", "name": "居住证明"}
_ALLOWED = (
    listed("V-SEALS", "村级组织可以出具的证明", polarity="positive", covers="certificate", audience="village"),
    entered("V-SEALS", "1", "居住证明", matter="C-LIVING"),
)


def _demanded(matter: str) -> dict[str, object]:
    named = {"ref": "R-1", "matter": matter, "from": URBAN, "to": VILLAGE}
    return {"type": "CertificateDemanded", "at": "2021-04-01", **named}


RULE = Rule(
    name="certificate-demand",
    version=1,
    severity="V",
    title=Text("违规索要证明", "Certificate demanded"),
    sentence=Text(
        "要求村级组织出具的证明，在提出当日列于及于该村的负面清单；或者有封闭的正面清单及于该村，而该证明不在其中任何一份之内。",
        "A certificate was demanded of a village that on that day was on a negative list reaching the village, or "
        "closed positive lists reached it and it was on none of these.",
    ),
    basis=(
        "《关于改进和规范基层群众性自治组织出具证明工作的指导意见》（民发〔2020〕20号）",
        "《关于规范村级组织工作事务、机制牌子和证明事项的意见》（厅字〔2022〕28号）",
    ),
    remedy=Text(
        "撤回索要，由清单指明的单位出具或以信息核验、告知承诺代替；已经提出的，记明处理结果。",
        "Withdraw it; the body named in the list issues it, or data are checked or a pledge taken instead; record "
        "what was done about it.",
    ),
    fires=Example(
        Text(
            "县里规定村里只出具居住证明，县城市管理局仍要上河村开亲属关系证明。",
            "Villages issue certificates of residence only; the bureau asks Shanghe village for one of kinship.",
        ),
        (*SETTING, _KINSHIP, _LIVING, *_ALLOWED, _demanded("C-KIN")),
        date(2021, 8, 1),
        ((VILLAGE, "R-1"),),
    ),
    clean=Example(
        Text("要的是居住证明。", "It asks for one of residence."),
        (*SETTING, _KINSHIP, _LIVING, *_ALLOWED, _demanded("C-LIVING")),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
    rests_on=(PAST,),
    subjects="demands",
)
