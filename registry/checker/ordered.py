"""Findings ordered to be put right (督办): which of them stand, for the rules about the orders."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from registry.checker.case import Case, Way
from registry.checker.holdings import subject_of
from registry.checker.parts import NAMES, PAST, POWERS, REACH, RETURNED, Part
from registry.checker.rule import Explanation, Hits, Rule
from registry.domain.text import Text
from registry.domain.words import RECTIFICATION_RULES
from registry.law import cited
from registry.relations.columns import Indexes
from registry.snapshot.columns import Snapshot

MORE_TIME: Final = timedelta(days=30)  # what a way out asks for


def _others() -> dict[str, Rule]:
    """The rules that orders are about."""
    from registry.checker.rules import RULES  # in which the rules that use this module are entered

    return {name: rule for name, rule in RULES.items() if name not in RECTIFICATION_RULES}


def _version() -> str:
    versions = "\n".join(f"{name} {rule.full_version}" for name, rule in sorted(_others().items()))
    return hashlib.sha256(versions.encode()).hexdigest()[:8]


def _days() -> tuple[date, ...]:
    return tuple({day for rule in _others().values() for part in rule.rests_on for day in part.days()})


# The findings of all other rules, and with them all that these rest on.
RESTS_ON: Final = (REACH, POWERS, PAST, RETURNED, NAMES, Part("findings", 1, _version, _days))


@dataclass(frozen=True, eq=False)
class Ordered:
    """The orders whose finding stands in the default answer of the day: `hits`, as of the finding, with `order`.

    `by_order`: by order, the rule of its finding and the row of that among all hits of the rule.
    """

    hits: Hits
    by_order: dict[int, tuple[str, int]]


def ordered_findings(snapshot: Snapshot) -> Ordered:
    """Return the orders of the territory whose finding stands: found by its rule, and not waived."""
    orders, rules = snapshot.orders, _others()
    wanted: defaultdict[str, defaultdict[tuple[int, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for order in np.flatnonzero(snapshot.territory[orders.unit]).tolist():
        wanted[orders.rule[order]][int(orders.unit[order]), orders.subject[order]].append(order)
    by_order: dict[int, tuple[str, int]] = {}
    rows: list[tuple[int, int, int, int, int]] = []
    for name, keys in wanted.items():
        hits = snapshot.once(rules[name].find)
        for hit in np.flatnonzero(np.isin(hits.unit, [unit for unit, _ in keys])).tolist():
            key = (int(hits.unit[hit]), subject_of(snapshot, hits, hit))
            if key not in keys or (name, *key) in snapshot.waivers:
                continue
            demand = -1 if hits.demand is None else int(hits.demand[hit])
            for order in keys[key]:
                by_order[order] = (name, hit)
                rows.append((key[0], int(hits.delegation[hit]), int(hits.item[hit]), demand, order))
    columns: list[Indexes] = list(np.array(rows, np.int32).reshape(-1, 5).T)
    unit, delegation, item, demands, order = columns
    return Ordered(Hits(unit, delegation, item, demands, order=order), by_order)


def explain(snapshot: Snapshot, hits: Hits, order_zh: str, order_en: str) -> list[Explanation]:
    """Return what is said of each: of the order (texts with `{ref}`, `{due}`), then of the finding itself."""
    by_order, rules = snapshot.once(ordered_findings).by_order, _others()
    assert hits.order is not None
    explanations: list[Explanation] = []
    for order in map(int, hits.order):
        name, hit = by_order[order]
        (finding,) = rules[name].explain(snapshot, snapshot.once(rules[name].find).where(np.array([hit])))
        ref = snapshot.orders.ref[order]
        named = {"ref": ref, "due": date.fromordinal(int(snapshot.orders.due[order])).isoformat()}
        zh = order_zh.format_map(named) + finding.message.zh
        en = f"{order_en.format_map(named)} {finding.message.en}"
        basis = [*cited(rules[name].laws, snapshot.as_of), *rules[name].basis, *finding.basis]
        explanations.append(Explanation([ref, *finding.path], Text(zh, en), basis))
    return explanations


def put_right(case: Case) -> Iterator[Way]:
    """What the finding that stands is about, taken back; a demand, put on record."""
    snapshot = case.snapshot
    order = snapshot.orders.ref.index(case.finding.subject)
    rule, subject = snapshot.orders.rule[order], snapshot.orders.subject[order]
    listed, _, item = subject.partition("#")
    zh, en = f"把{case.what.zh}真正整改到位（{subject}）。", f"Put {case.what.en} right ({subject})."
    if item:
        yield Way("withdraw-item", Text(zh, en), [case.decided("ListItemWithdrawn", list=listed, item=item)])
    elif case.delegation_of(subject) >= 0:
        reason = "returned" if case.kind == "duty" else "revoked"
        yield Way("return-duty" if case.kind == "duty" else "revoke", Text(zh, en), [case.ended(subject, reason)])
    else:
        above = next(iter(case.above(case.unit)), None)
        if above is not None:
            named = {"rule": rule, "subject": subject, "unit": case.finding.unit, "by": case.code(above)}
            waived = case.decided("FindingWaived", **named, reason="已整改")
            yield Way("record-outcome", Text(zh, en), [waived])


def more_time(case: Case) -> Iterator[Way]:
    """The unit asks for more time."""
    until = (case.when + MORE_TIME).isoformat()
    answer = {"ref": case.finding.subject, "by": case.finding.unit, "text": "申请延期", "outcome": "extended"}
    zh = f"由{case.name(case.unit)}说明情况，申请延期至{until}。"
    en = f"Have {case.name(case.unit)} say why, and ask for time until {until}."
    yield Way("extend", Text(zh, en), [case.decided("RectificationAnswered", **answer, due_on=until)])
