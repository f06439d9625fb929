"""How many findings: counted by one thing or by two, as in a heat map."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry import checker
from registry.checker.holdings import matter_of
from registry.domain.words import MATTER_KINDS
from registry.queries.findings.origins import NONE, Origin
from registry.snapshot import Snapshot

GROUPS: Final = ("rule", "unit", "severity", "sender", "instrument", "matter")
SEVERITIES: Final = ("V", "W", "R")


@dataclass(frozen=True, slots=True)
class CountedFinding:
    """What is counted of a finding.

    `branch`: the unit right below the territory's root that it is folded to; `kind`: of its matter, of MATTER_KINDS.
    """

    rule: str
    severity: str
    branch: str
    unit: str
    subject: str
    matter: str
    kind: str
    waived: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Rule, unit, subject."""
        return self.rule, self.unit, self.subject


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many findings have these keys, one for each group; '' where a finding has none (no sender, no document)."""

    keys: tuple[str, ...]
    violations: int
    warnings: int
    reviews: int

    @property
    def count(self) -> int:
        """All severities together."""
        return self.violations + self.warnings + self.reviews


def counted(snapshot: Snapshot, within: str | None) -> list[CountedFinding]:
    """The findings of a snapshot of a territory (None: everywhere), waived ones too, without their texts.

    Units are folded to those right below `within` by their chain of parents; that unit itself stays itself. Without
    `within` they are folded to those without a parent.
    """
    branches = _branches(snapshot, within)
    matters: dict[int, list[tuple[str, str]]] = {}  # of the hits of each rule, each with its kind
    results: list[CountedFinding] = []
    for row in checker.finding_rows(snapshot, waived=True):
        of_hits = matters.get(id(row.hits))
        if of_hits is None:
            of_hits = [
                (snapshot.matters.code[index], MATTER_KINDS[int(snapshot.matters.kind[index])])
                for index in map(int, matter_of(snapshot, row.hits))
            ]
            matters[id(row.hits)] = of_hits
        rule, unit, subject = row.key
        waived = row.waived_by is not None
        results.append(CountedFinding(rule, row.severity, branches(unit), unit, subject, *of_hits[row.row], waived))
    return results


def _branches(snapshot: Snapshot, within: str | None) -> Callable[[str], str]:
    """A function from a unit's code to that of the unit right below the root that it stands under."""
    units = snapshot.units
    root = -1 if within is None else int(units.node[units.index[within]]) if within in units.index else -1
    known: dict[str, str] = {}

    def branch(code: str) -> str:
        if code not in known:
            lineage = units.lineage[units.index[code]]
            # A ring of parents, left by a parent dissolved into its own child, ends where it closes.
            above = [int(index) for index in lineage if index >= 0]
            above = above[
                : next((position for position, index in enumerate(above) if index in above[:position]), len(above))
            ]
            if root in above:
                above = above[: max(above.index(root), 1)]
            known[code] = units.code[above[-1]]
        return known[code]

    return branch


def count(findings: Iterable[CountedFinding], by: Sequence[str], origins: Mapping[str, Origin]) -> list[FindingCount]:
    """How many there are by each combination of keys that occurs, the most frequent first, then by key.

    `by`: of GROUPS; `origins` by subject, needed for sender and instrument.
    """
    reads: dict[str, Callable[[CountedFinding], str]] = {
        "rule": lambda each: each.rule,
        "unit": lambda each: each.branch,
        "severity": lambda each: each.severity,
        "sender": lambda each: origins.get(each.subject, NONE).sender or "",
        "instrument": lambda each: origins.get(each.subject, NONE).instrument or "",
        "matter": lambda each: each.matter,
    }
    chosen = [reads[group] for group in by]
    tallies: defaultdict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
    for finding in findings:
        tallies[tuple(read(finding) for read in chosen)][SEVERITIES.index(finding.severity)] += 1
    results = [FindingCount(keys, *tally) for keys, tally in tallies.items()]
    return sorted(results, key=lambda each: (-each.count, each.keys))
