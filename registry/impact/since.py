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
from registry.checker.parts import RETURNED
from registry.checker.rule import Rule
from registry.queries.findings.counts import CountedFinding
from registry.relations.two_times import NAMED
from registry.snapshot.bearing import BY_MATTER, BY_NAMES, TABLES, About, Bearing
from registry.snapshot.over_time import OverTime, load_over_time
from registry.snapshot.pictures import AS_OF

Key = tuple[str, str, str]
MOST_DAYS: Final = 400  # that are judged for one page
MOST: Final = 1_000  # findings of one page


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
    try:
        for (rule, unit, matter), keys in _alike(findings).items():
            answers.update(judged.first_days(rule, unit, matters[matter], keys))
    finally:
        over_time.let_go()
    return answers


def _alike(findings: Iterable[Finding | CountedFinding]) -> dict[tuple[str, str, str], list[Key]]:
    """The keys of findings by rule, unit and matter: those on which the same rows bear."""
    keys: dict[tuple[str, str, str], list[Key]] = defaultdict(list)
    for finding in findings:
        keys[finding.rule, finding.unit, finding.matter].append(finding.key)
    return keys


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
        self._bearing = Bearing(over_time)
        self._held: dict[tuple[int, str], tuple[set[Key], tuple[str, ...]]] = {}
        self._turns: dict[str, list[int]] = {}
        self._calendar: dict[tuple[str, int], set[int]] = {}
        self._looked: set[int] = set()

    def first_days(self, rule: str, unit: str, matters: set[str], keys: Collection[Key]) -> dict[Key, date | None]:
        """The first day of each finding of a rule that a unit bears about a matter.

        `matters`: with what it requires.
        """
        about = self._about(RULES[rule], unit, frozenset(matters), keys)
        answers: dict[Key, date | None] = {}
        going, first = set(keys), self._as_of
        read: tuple[str, ...] = ()
        seen: tuple[Hashable, ...] | None = None  # of the last day that was judged
        for later, day in enumerate(self._days_before(rule, about)):
            if later:  # else it is as on the day on which they are said to hold
                # What is about something of which the day has no row holds on it by no rule: nobody need look.
                gone = {key for key in going if self._lacks(rule, day, key[2])}
                answers |= dict.fromkeys(gone, first)
                going -= gone
                if not going:
                    break
                span = self._span(rule, day)
                if seen is None or (span, *self._rows_of(day, read, about)) != seen:
                    if len(self._looked) >= MOST_DAYS and day not in self._looked:
                        return {**answers, **dict.fromkeys(going)}
                    held, read = self._judge(rule, day)
                    seen = (span, *self._rows_of(day, read, about))
                    answers |= dict.fromkeys(going - held, first)
                    going &= held
                    if not going:
                        break
            first = date.fromordinal(day)
        return {**answers, **dict.fromkeys(going, first)}

    def _about(self, rule: Rule, unit: str, matters: frozenset[str], keys: Iterable[Key]) -> About:
        """What counts for findings of a rule that a unit bears about some matters."""
        match rule.depends_on:
            case "matter":
                return About(unit, matters, BY_MATTER)
            case "kind":
                return About(unit, self._bearing.of_kind(matters), BY_MATTER)
            case "names":
                return About(unit, matters, BY_NAMES, frozenset(subject for _, _, subject in keys))
            case "any":
                return About(unit, matters)

    def _rows_of(self, day: int, tables: Iterable[str], about: About) -> tuple[Hashable, ...]:
        """What is the same on two days that have the same rows of these tables, as far as they count."""
        return self._over_time.alike(day, self._bearing.rows_of(tuple(tables), about))

    def _lacks(self, rule: str, day: int, subject: str) -> bool:
        """Whether a subject is in a table, and the day (an ordinal) has no row of it."""
        table, rows = self._bearing.of_subject(RULES[rule].subjects, subject)
        return bool(rows) and not self._over_time.held(day, table)[rows].any()

    def _judge(self, rule: str, day: int) -> tuple[set[Key], tuple[str, ...]]:
        """What a rule finds on a day (an ordinal), waived or not, and the tables that it looks at for that."""
        self._looked.add(day)
        if (day, rule) not in self._held:
            find = partial(checker.finding_keys, rule=RULES[rule])
            keys, read = self._over_time.on(day).shared(("found", rule), find, self._span(rule, day))
            self._held[day, rule] = keys, tuple(table for table in read if table != AS_OF)
        return self._held[day, rule]

    def _days_before(self, rule: str, about: About) -> list[int]:
        """The days up to `as_of` on which these findings can have begun or ended, the latest first."""
        days = self._bearing.days(_looked_at(RULES[rule]), about)
        for age in RULES[rule].ages:
            days |= self._bearing.days_after(age.table, age.column, age.days, about)
        days |= self._by_calendar(rule, days)
        until = self._as_of.toordinal()
        return sorted((day for day in days if day <= until), reverse=True)

    def _span(self, rule: str, day: int) -> int:
        """The same for days between which no finding of a rule changes by time alone."""
        if rule not in self._turns:
            self._turns[rule] = sorted(self._by_time_alone(rule, self._over_time.days()))
        return bisect_right(self._turns[rule], day)

    def _by_time_alone(self, rule: str, days: set[int]) -> set[int]:
        """The days on which what a rule finds can change though nothing begins or ends.

        `days`: on which anything does.
        """
        results: set[int] = set()
        for age in RULES[rule].ages:
            results |= self._over_time.days_after(age.table, age.column, age.days)
        return results | self._by_calendar(rule, days | results)

    def _by_calendar(self, rule: str, days: set[int]) -> set[int]:
        """Days of the calendar or of the law, after the first of these, on which what a rule finds can change."""
        if not days:
            return set()
        first = min(days)
        if (rule, first) not in self._calendar:
            calendar = RULES[rule].calendar_days(date.fromordinal(first), self._as_of)
            self._calendar[rule, first] = {day.toordinal() for day in calendar}
        return self._calendar[rule, first]


def _looked_at(rule: Rule) -> frozenset[str]:
    """The tables whose rows a rule may look at; what it finds hangs on no others."""
    left_out: set[str] = set()
    if rule.subjects != "orders":  # the findings of all others are looked at for these, and what was waived
        left_out |= {"rectification", "waiver"}
        if rule.subjects != "demands":
            left_out.add("demand")
        if RETURNED not in rule.rests_on:
            left_out.add("returned")
    return TABLES - left_out
