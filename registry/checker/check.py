"""The checker: every rule over the snapshot of a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any, Final

import numpy as np
import psycopg

from registry.checker.finding import Finding
from registry.checker.holdings import matter_of, subject_of
from registry.checker.rule import Hits, Rule, Severity
from registry.checker.rules import RULES
from registry.law import cited
from registry.snapshot import Snapshot, load

_NONE: Final = np.zeros(0, np.int32)
NOWHERE: Final = Hits(_NONE, _NONE, _NONE)
AT_ONCE: Final = 2_000  # findings put into words together: each rule begins anew for those of the next


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
    """Return the findings of the day `as_of`, as far as the log knew at position `known`, by (rule, unit, subject).

    `within`: only those that units of this territory bear; `rule` (a name), `severity` (V, W, R) and `matter` (a code)
    narrow them down. Waived findings are included only with `waived`, and say by whom. Contract, section 4.
    """
    snapshot = load(connection, as_of, known, within)
    return check_snapshot(snapshot, rules_named(rule), severity=severity, matter=matter, waived=waived)


def rules_named(name: str | None) -> list[Rule]:
    """The rule of a name, none where there is no such; all for None."""
    return list(RULES.values()) if name is None else [RULES[name]] if name in RULES else []


def check_snapshot(
    snapshot: Snapshot,
    rules: Collection[Rule] | None = None,
    *,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
) -> list[Finding]:
    """Return the findings in the snapshot's territory, by key. `rules`: only of these."""
    return explain(snapshot, finding_rows(snapshot, rules, severity=severity, matter=matter, waived=waived))


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding without its texts: row `row` of the hits of a rule. `key`: rule, unit, subject."""

    key: tuple[str, str, str]
    rule: Rule
    hits: Hits
    row: int
    waived_by: str | None

    @property
    def severity(self) -> Severity:
        """V, W or R: the rule's, unless this one is graver."""
        return "V" if self.hits.grave is not None and self.hits.grave[self.row] else self.rule.severity


def finding_rows(
    snapshot: Snapshot,
    rules: Collection[Rule] | None = None,
    *,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
) -> list[FindingRow]:
    """Return what `check_snapshot` returns, without texts: for counting, for comparing, and to `explain` a page of."""
    rows: list[FindingRow] = []
    if not len(snapshot.matters) or not snapshot.territory.any():
        return rows
    for rule in RULES.values() if rules is None else rules:
        if severity not in (None, rule.severity) and not (severity == "V" and rule.graver):
            continue
        hits = snapshot.once(rule.find)  # which a rule about ordered findings may have looked at
        if hits.grave is not None and not rule.graver:
            raise ValueError(f"{rule.name} finds what is graver, and does not say so")
        if matter is not None:
            hits = hits.where(matter_of(snapshot, hits) == snapshot.matters.index.get(matter, -2))
        waivers = {key[1:]: waiver for key, waiver in snapshot.waivers.items() if key[0] == rule.name}
        for hit, unit in enumerate(map(int, hits.unit)):
            subject = subject_of(snapshot, hits, hit)
            waiver = waivers.get((unit, subject))
            if waiver is None or waived:
                key = (rule.name, snapshot.units.code[unit], subject)
                row = FindingRow(key, rule, hits, hit, None if waiver is None else waiver.waived_by)
                if severity in (None, row.severity):
                    rows.append(row)
    return sorted(rows, key=attrgetter("key"))


def violating(snapshot: Snapshot, rule: Rule) -> Hits:
    """Return where a rule finds violations that are not waived: as `finding_rows` of severity V, as columns."""
    if rule.severity != "V" and not rule.graver:
        return NOWHERE
    hits = snapshot.once(rule.find)
    if rule.severity != "V":
        hits = NOWHERE if hits.grave is None else hits.where(hits.grave)
    waived = {key[1:] for key in snapshot.waivers if key[0] == rule.name}
    if not waived:
        return hits
    kept = np.ones(len(hits), np.bool_)
    for hit in np.flatnonzero(np.isin(hits.unit, [unit for unit, _ in waived])).tolist():
        kept[hit] = (int(hits.unit[hit]), subject_of(snapshot, hits, hit)) not in waived
    return hits.where(kept)


def finding_keys(snapshot: Snapshot, rule: Rule) -> set[tuple[str, str, str]]:
    """The keys of what `finding_rows` returns of a rule, of waived ones too, whatever waivers there are."""
    if not len(snapshot.matters) or not snapshot.territory.any():
        return set()
    hits, codes = snapshot.once(rule.find), snapshot.units.code
    return {(rule.name, codes[unit], subject_of(snapshot, hits, hit)) for hit, unit in enumerate(hits.unit.tolist())}


def explained(snapshot: Snapshot, chosen: Sequence[FindingRow], at_once: int = AT_ONCE) -> Iterator[Finding]:
    """Yield what `explain` returns, of which only so many are kept: one takes 2 kB, a country's a gigabyte."""
    for first in range(0, len(chosen), at_once):
        yield from explain(snapshot, chosen[first : first + at_once])


def explain(snapshot: Snapshot, chosen: Sequence[FindingRow]) -> list[Finding]:
    """Return these findings with their texts, in the same order. Most of the time goes here: ask for what is shown."""
    findings: dict[int, Finding] = {}
    for rule in {row.rule.name: row.rule for row in chosen}.values():
        indexes = [index for index, row in enumerate(chosen) if row.rule is rule]
        hits = chosen[indexes[0]].hits.where(np.array([chosen[index].row for index in indexes], np.int64))
        matters = matter_of(snapshot, hits)
        for hit, (index, explanation) in enumerate(zip(indexes, rule.explain(snapshot, hits), strict=True)):
            findings[index] = Finding(
                rule=rule.name,
                severity=chosen[index].severity,
                unit=chosen[index].key[1],
                subject=chosen[index].key[2],
                matter=snapshot.matters.code[int(matters[hit])],
                as_of=snapshot.as_of,
                missing=explanation.missing,
                path=tuple(explanation.path),
                message=explanation.message,
                basis=tuple(dict.fromkeys([*cited(rule.laws, snapshot.as_of), *rule.basis, *explanation.basis])),
                waived_by=chosen[index].waived_by,
            )
    return [findings[index] for index in range(len(chosen))]
