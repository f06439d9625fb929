"""How findings that are looked through divide: by unit below, rule, severity, sender, document, matter, age and others.

Each facet counts what is left by all other choices, so that the count of a value is what choosing it leads to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from registry.queries.findings.counts import CountedFinding
from registry.queries.findings.origins import NONE, Origin
from registry.queries.findings.rectifications import Rectification
from registry.queries.findings.states import STATES, is_in

FACETS: Final = ("branch", "rule", "severity", "sender", "instrument", "matter", "kind", "age", "state")
AGES: Final = ("month", "quarter", "year", "older", "unknown")
_DAYS: Final = {"month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is chosen by of one finding; '' where it has no sender or document. A waived one is in that state alone."""

    finding: CountedFinding
    sender: str
    instrument: str
    age: str
    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen in each facet: the value by the facet's name. Without a state, all that are not waived."""

    values: Mapping[str, str] = field(default_factory=dict[str, str])

    def has(self, facts: Facts, *, but: str = "") -> bool:
        """Whether a finding is among what is chosen, one facet aside."""
        state = self.values.get("state")
        if but != "state" and not (state in facts.states if state else "waived" not in facts.states):
            return False
        return all(name in (but, "state") or value in _READ[name](facts) for name, value in self.values.items())


_READ: Final[dict[str, Callable[[Facts], Iterable[str]]]] = {
    "branch": lambda each: (each.finding.branch,),
    "rule": lambda each: (each.finding.rule,),
    "severity": lambda each: (each.finding.severity,),
    "sender": lambda each: (each.sender,),
    "instrument": lambda each: (each.instrument,),
    "matter": lambda each: (each.finding.matter,),
    "kind": lambda each: (each.finding.kind,),
    "subject": lambda each: (each.finding.subject,),  # chosen by, but no facet: each has about one finding
    "age": lambda each: (each.age,),
    "state": lambda each: each.states,
}


def age_of(since: date | None, as_of: date) -> str:
    """How old a finding is: one of AGES."""
    if since is None:
        return "unknown"
    days = (as_of - since).days
    return next((name for name, most in _DAYS.items() if days <= most), "older")


def facts_of(
    findings: Sequence[CountedFinding],
    origins: Mapping[str, Origin],
    orders: Mapping[CountedFinding, Sequence[Rectification]],
    ages: Mapping[tuple[str, str, str], str],
) -> list[Facts]:
    """What is chosen by of each finding. `ages` by key; unknown where they were not looked up."""
    return [
        Facts(
            each,
            origins.get(each.subject, NONE).sender or "",
            origins.get(each.subject, NONE).instrument or "",
            ages.get(each.key, "unknown"),
            frozenset(state for state in STATES if is_in(state, waived=each.waived, orders=orders.get(each, ()))),
        )
        for each in findings
    ]


def counted_facets(facts: Sequence[Facts], choice: Choice) -> dict[str, list[tuple[str, int]]]:
    """Of each facet its values, each with how many findings choosing it leads to, the most frequent first.

    Ages and states come in their own order.
    """
    results: dict[str, list[tuple[str, int]]] = {}
    for name in FACETS:
        read = _READ[name]
        tally = Counter(value for each in facts if choice.has(each, but=name) for value in read(each))
        results[name] = sorted(tally.items(), key=lambda pair: (_ORDER.get(pair[0], -1), -pair[1], pair[0]))
    return results


_ORDER: Final = {value: index for index, value in enumerate((*AGES, *STATES))}
