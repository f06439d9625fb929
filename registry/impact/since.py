"""Since when findings hold: the first day of the unbroken time in which each does, as the log knows it now."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from datetime import date
from functools import partial
from typing import Any, Final

import psycopg

from registry import checker
from registry.checker import RULES, Finding
from registry.checker.rule import Rule
from registry.queries.findings.counts import CountedFinding
from registry.relations.two_times import NAMED
from registry.snapshot.over_time import BY_MATTER, BY_NAMES, About, OverTime, load_over_time
from registry.snapshot.pictures import AS_OF

Key = tuple[str, str, str]
MOST_DAYS: Final = 400  # that are judged for one page
MOST: Final = 200  # findings of one page


def since(
    connection: psycopg.Connection[Any], as_of: date, known: int, findings: Collection[Finding | CountedFinding]
) -> dict[Key, date | None]:
    """For each finding of a page, which holds as of the day, the first day of the unbroken time in which it holds.

    Waived or not, it holds. None where too much has changed to look through, or the page is too large. A unit's finding
    begins with the unit: what its predecessor bore was the predecessor's.
    """
    answers: dict[Key, date | None] = {finding.key: None for finding in findings}
    if not findings or len(findings) > MOST:
        return answers
    matters = _matters(connection, known, {finding.matter for finding in findings})
    every = {each for needed in matters.values() for each in needed}
    over_time = load_over_time(connection, known, {finding.unit for finding in findings}, every)
    judged = _Judged(over_time, as_of)
    for rule, about in _by_rule(findings).items():
        for matter, keys in about.items():
            answers.update(judged.first_days(rule, matters[matter], keys))
    return answers


def _by_rule(findings: Iterable[Finding | CountedFinding]) -> dict[str, dict[str, list[Key]]]:
    keys_by_rule: dict[str, dict[str, list[Key]]] = defaultdict(lambda: defaultdict(list))
    for finding in findings:
        keys_by_rule[finding.rule][finding.matter].append(finding.key)
    return keys_by_rule


def _matters(connection: psycopg.Connection[Any], known: int, matters: Collection[str]) -> dict[str, set[str]]:
    """Each matter with all powers that it ever required."""
    query = f"""
        SELECT code, power FROM matter CROSS JOIN LATERAL unnest(requires) AS power
        WHERE code = ANY(%(codes)s) AND {NAMED.known()}
    """
    needed = {matter: {matter} for matter in matters}
    for code, power in connection.execute(query, {"codes": sorted(matters), "known": known}):
        needed[code].add(power)
    return needed


class _Judged:
    """What rules find on the days up to one, as far as these differ in what a rule looks at."""

    def __init__(self, over_time: OverTime, as_of: date) -> None:
        self._over_time, self._as_of = over_time, as_of
        self._held: dict[tuple[int, str], tuple[set[Key], tuple[str, ...]]] = {}
        self._turns: dict[str, list[int]] = {}
        self._looked: set[int] = set()

    def first_days(self, rule: str, matters: set[str], keys: Collection[Key]) -> dict[Key, date | None]:
        """The first day of each finding of a rule about a matter, of `matters` with what it requires."""
        over_time = self._over_time
        about = self._about(RULES[rule], frozenset(matters), keys)
        refs = {key[2] for key in keys if RULES[rule].subjects == "holdings" and "#" not in key[2]}
        answers: dict[Key, date | None] = {}
        going, first = set(keys), self._as_of
        read: tuple[str, ...] = ()
        seen: tuple[Hashable, ...] | None = None  # of the last day that was judged
        for day in self._days_before(rule, about):
            # What is about a delegation that the day does not have holds on it by no rule: nobody need look.
            gone = {key for key in going if key[2] in refs and over_time.lacks(day, key[2])}
            answers |= dict.fromkeys(gone, first)
            going -= gone
            if not going:
                break
            span = self._span(rule, day)
            if seen is None or (span, *over_time.alike(day, read, about)) != seen:
                if len(self._looked) >= MOST_DAYS and day not in self._looked:
                    return {**answers, **dict.fromkeys(going)}
                held, read = self._judge(rule, day)
                seen = (span, *over_time.alike(day, read, about))
                answers |= dict.fromkeys(going - held, first)
                going &= held
                if not going:
                    break
            first = date.fromordinal(day)
        return {**answers, **dict.fromkeys(going, first)}

    def _about(self, rule: Rule, matters: frozenset[str], keys: Iterable[Key]) -> About | None:
        """What counts for findings of a rule about some matters; None: everything."""
        match rule.depends_on:
            case "matter":
                return About(matters, BY_MATTER)
            case "kind":
                return About(self._over_time.of_kind(matters), BY_MATTER)
            case "names":
                return About(matters, BY_NAMES, frozenset(subject for _, _, subject in keys))
            case "any":
                return None

    def _judge(self, rule: str, day: int) -> tuple[set[Key], tuple[str, ...]]:
        """What a rule finds on a day (an ordinal), waived or not, and the tables that it looks at for that."""
        self._looked.add(day)
        if (day, rule) not in self._held:
            find = partial(checker.finding_keys, rule=RULES[rule])
            keys, read = self._over_time.on(day).shared(("found", rule), find, self._span(rule, day))
            self._held[day, rule] = keys, tuple(table for table in read if table != AS_OF)
        return self._held[day, rule]

    def _days_before(self, rule: str, about: About | None) -> list[int]:
        """The days up to `as_of` on which findings about these matters can have begun or ended, the latest first."""
        days = self._over_time.days(about)
        days = days | self._by_time_alone(rule, days, about)
        until = self._as_of.toordinal()
        return sorted((day for day in days if day <= until), reverse=True)

    def _span(self, rule: str, day: int) -> int:
        """The same for days between which no finding of a rule changes by time alone."""
        if rule not in self._turns:
            self._turns[rule] = sorted(self._by_time_alone(rule, self._over_time.days(), None))
        return bisect_right(self._turns[rule], day)

    def _by_time_alone(self, rule: str, days: set[int], about: About | None) -> set[int]:
        """The days on which what a rule finds about these matters can change though nothing begins or ends.

        `days`: on which anything does.
        """
        results: set[int] = set()
        for age in RULES[rule].ages:
            results |= self._over_time.days_after(age.table, age.column, age.days, about)
        if earliest := min(days | results, default=0):
            calendar = RULES[rule].calendar_days(date.fromordinal(earliest), self._as_of)
            results |= {day.toordinal() for day in calendar}
        return results
