"""The checker: every rule over the snapshot of a day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import numpy as np
import psycopg

from registry.checker.finding import Finding
from registry.checker.holdings import matter_of, subject_of
from registry.checker.rule import Hits, Rule, Severity
from registry.checker.rules import RULES
from registry.snapshot import Snapshot, load


def check(
    connection: psycopg.Connection[Any],
    as_of: date,
    known: int,
    within: Collection[str] | str | None = None,
    rule: str | None = None,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
) -> list[Finding]:
    """What is wrong on the day `as_of`, as far as the log knew at position `known`, sorted by (rule, unit, subject).

    `within`: only what units of that territory bear; `rule`, `severity` (V, W, R) and `matter` (a code) narrow it
    down. Waived findings come only with `waived`, and say so. Contract, section 4.
    """
    snapshot = load(connection, as_of, known, within)
    chosen = list(RULES.values()) if rule is None else [RULES[rule]] if rule in RULES else []
    return check_picture(snapshot, chosen, severity=severity, matter=matter, waived=waived)


def check_picture(
    snapshot: Snapshot,
    rules: Collection[Rule] | None = None,
    *,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
) -> list[Finding]:
    """The findings in the snapshot's territory, sorted by key; `rules`: only these."""
    return tell(snapshot, found(snapshot, rules, severity=severity, matter=matter, waived=waived))


@dataclass(frozen=True, slots=True)
class Found:
    """A finding that nobody has put in words yet: row `row` of the hits of a rule."""

    key: tuple[str, str, str]  # rule, unit, subject
    rule: Rule
    hits: Hits
    row: int
    waived_by: str | None

    @property
    def severity(self) -> Severity:
        """V, W or R: the rule's, unless this one is graver."""
        return "V" if self.hits.grave is not None and self.hits.grave[self.row] else self.rule.severity


def found(
    snapshot: Snapshot,
    rules: Collection[Rule] | None = None,
    *,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
) -> list[Found]:
    """What check_picture finds, sorted by key, without texts: for counting, comparing, and for `tell` of a page."""
    all_found: list[Found] = []
    if not len(snapshot.matters) or not snapshot.territory.any():
        return all_found
    for rule in RULES.values() if rules is None else rules:
        if severity is not None and severity not in (rule.severity, "V"):
            continue
        hits = rule.find(snapshot)
        if matter is not None:
            hits = hits.where(matter_of(snapshot, hits) == snapshot.matters.index.get(matter, -2))
        waivers = {key[1:]: waiver for key, waiver in snapshot.waivers.items() if key[0] == rule.name}
        for row, unit in enumerate(map(int, hits.unit)):
            about = subject_of(snapshot, hits, row)
            waiver = waivers.get((unit, about))
            if waiver is None or waived:
                key = (rule.name, snapshot.units.code[unit], about)
                one = Found(key, rule, hits, row, None if waiver is None else waiver.waived_by)
                if severity in (None, one.severity):
                    all_found.append(one)
    return sorted(all_found, key=attrgetter("key"))


def tell(snapshot: Snapshot, chosen: Sequence[Found]) -> list[Finding]:
    """These findings in words, in the same order: where the time goes, so ask it for what is shown."""
    findings: dict[int, Finding] = {}
    for rule in {one.rule.name: one.rule for one in chosen}.values():
        places = [place for place, one in enumerate(chosen) if one.rule is rule]
        rows = np.array([chosen[place].row for place in places], np.int64)
        hits = chosen[places[0]].hits.where(rows)
        codes = matter_of(snapshot, hits)
        for row, (place, told) in enumerate(zip(places, rule.tell(snapshot, hits), strict=True)):
            findings[place] = Finding(
                rule=rule.name,
                severity=chosen[place].severity,
                unit=chosen[place].key[1],
                subject=chosen[place].key[2],
                matter=snapshot.matters.code[int(codes[row])],
                as_of=snapshot.as_of,
                missing=told.missing,
                path=tuple(told.path),
                message=told.message,
                basis=tuple(dict.fromkeys([*rule.basis, *told.basis])),
                waived_by=chosen[place].waived_by,
            )
    return [findings[place] for place in range(len(chosen))]
