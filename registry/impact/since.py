"""Since when findings hold: the first day of the unbroken time in which each does, as the log knows it now."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import psycopg

from registry.checker import RULES, Finding
from registry.checker.holdings import subject_of
from registry.checker.parts import RETURNED
from registry.checker.rule import Rule
from registry.queries.findings.counts import CountedFinding
from registry.relations.columns import Flags
from registry.relations.two_times import NAMED
from registry.snapshot.bearing import BY_MATTER, BY_NAMES, TABLES, About, Bearing
from registry.snapshot.over_time import OverTime, load_over_time
from registry.snapshot.pictures import AS_OF
from registry.snapshot.side_by_side import SideBySide

Key = tuple[str, str, str]
MOST_DAYS: Final = 400  # that are judged for one page
MOST: Final = 1_000  # findings of one page
AHEAD: Final = 8  # days that are judged together for one finding, though the first may do


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
        looking = [
            judged.first_days(rule, unit, matters[matter], keys)
            for (rule, unit, matter), keys in _alike(findings).items()
        ]
        for results in judged.looked_for(looking):
            answers.update(results)
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


class _Wanted(NamedTuple):
    """Whether these findings of a rule hold on these days (ordinals)."""

    rule: str
    about: About
    keys: frozenset[Key]
    days: list[int]


class _Heard(NamedTuple):
    """Which of the findings hold on each of the days, and the tables that the rule looked at for that."""

    held: dict[int, set[Key]]
    read: tuple[str, ...]


_Looking = Generator[_Wanted, _Heard, dict[Key, date | None]]


class _Judged:
    """What rules find on the days up to one, as far as these differ in what a rule looks at."""

    def __init__(self, over_time: OverTime, as_of: date) -> None:
        self._over_time, self._as_of = over_time, as_of
        self._bearing = Bearing(over_time)
        self._turns: dict[str, list[int]] = {}
        self._calendar: dict[tuple[str, int], set[int]] = {}
        self._looked: set[int] = set()

    def looked_for(self, looking: Iterable[_Looking]) -> Iterator[dict[Key, date | None]]:
        """What each comes to: all go on until they want something judged, which then is judged for all."""
        heard: list[tuple[_Looking, _Heard | None]] = [(each, None) for each in looking]
        while heard:
            wanted: list[tuple[_Looking, _Wanted]] = []
            for each, answer in heard:
                try:
                    wanted.append((each, next(each) if answer is None else each.send(answer)))
                except StopIteration as done:
                    yield done.value
            results = self.judge([want for _, want in wanted]) if wanted else []
            heard = [(each, result) for (each, _), result in zip(wanted, results, strict=True)]

    def first_days(self, rule: str, unit: str, matters: set[str], keys: Collection[Key]) -> _Looking:
        """Look for the first day of each finding of a rule that a unit bears about a matter; ends with these.

        `matters`: with what it requires.
        """
        about = self._about(RULES[rule], unit, frozenset(matters), keys)
        answers: dict[Key, date | None] = {}
        going, first = set(keys), self._as_of
        heard = _Heard({}, ())
        seen: tuple[Hashable, ...] | None = None  # of the last day that was judged
        days = self._days_before(rule, about)
        for later, day in enumerate(days):
            if later:  # else it is as on the day on which they are said to hold
                # What is about something of which the day has no row holds on it by no rule: nobody need look.
                gone = {key for key in going if self._lacks(rule, day, key[2])}
                answers |= dict.fromkeys(gone, first)
                going -= gone
                if not going:
                    break
                span = self._span(rule, day)
                if seen is None or (span, *self._rows_of(day, heard.read, about)) != seen:
                    if len(self._looked) >= MOST_DAYS and day not in self._looked:
                        return {**answers, **dict.fromkeys(going)}
                    self._looked.add(day)
                    if day not in heard.held:
                        ahead = self._ahead(rule, about, days[later:], going)
                        heard = yield _Wanted(rule, about, frozenset(going), ahead)
                    held = heard.held[day]
                    seen = (span, *self._rows_of(day, heard.read, about))
                    answers |= dict.fromkeys(going - held, first)
                    going &= held
                    if not going:
                        break
            first = date.fromordinal(day)
        return {**answers, **dict.fromkeys(going, first)}

    def _ahead(self, rule: str, about: About, days: Sequence[int], keys: Collection[Key]) -> list[int]:
        """The first of these days, and of those after it the next few that may have to be judged too."""
        results: list[int] = []
        tables, last = sorted(_looked_at(RULES[rule])), None
        for day in days:
            if results and all(self._lacks(rule, day, subject) for _, _, subject in keys):
                break
            alike = (self._span(rule, day), *self._rows_of(day, tables, about))
            if alike != last:
                results.append(day)
                if len(results) == AHEAD:
                    break
            last = alike
        return results

    def judge(self, wanted: Sequence[_Wanted]) -> list[_Heard]:
        """Which of the findings hold on the days on which somebody wants to know it.

        The days are judged together, with no more of each than what bears on one of the findings.
        """
        days = sorted({day for each in wanted for day in each.days})
        narrowed = self._over_time.narrowed(self._bearing_on(wanted), {each.about.unit for each in wanted})
        side = narrowed.side_by_side(days)
        number = {day: at for at, day in enumerate(days)}
        by_rule: dict[str, list[_Wanted]] = defaultdict(list)
        for each in wanted:
            by_rule[each.rule].append(each)
        try:
            by_name = {rule: self._holding(side, rule, number, of_rule) for rule, of_rule in by_rule.items()}
        finally:
            side.let_go()
            narrowed.let_go()
        results: list[_Heard] = []
        for each in wanted:
            held, read = by_name[each.rule]
            results.append(_Heard({day: {key for key in each.keys if (day, key) in held} for day in each.days}, read))
        return results

    def _holding(
        self, side: SideBySide, rule: str, number: Mapping[int, int], wanted: Sequence[_Wanted]
    ) -> tuple[set[tuple[int, Key]], tuple[str, ...]]:
        """What a rule finds of the units on the days (an ordinal each); and the tables that it looks at for that."""
        if not len(side.matters) or not side.territory.any():
            return set(), tuple(sorted(_looked_at(RULES[rule])))
        hits, read = side.looked_up(RULES[rule].find)
        starts = side.starts("units").tolist()
        bearers: dict[int, tuple[int, str]] = {}
        for each in wanted:
            for day in each.days:
                units = side.days[number[day]].units
                if (at := units.read(each.about.unit)) >= 0:
                    bearers[starts[number[day]] + at] = (day, units.code[at])
        held: set[tuple[int, Key]] = set()
        for hit in np.flatnonzero(np.isin(hits.unit, list(bearers))).tolist():
            day, unit = bearers[int(hits.unit[hit])]
            held.add((day, (rule, unit, subject_of(side, hits, hit))))
        return held, tuple(table for table in read if table != AS_OF)

    def _bearing_on(self, wanted: Sequence[_Wanted]) -> dict[str, Flags]:
        """By table the rows that bear on what somebody wants to know."""
        columns = {**self._over_time.columns, "returned": self._over_time.returned}
        rows = {table: np.zeros(len(of["from"]), np.bool_) for table, of in columns.items()}
        for rule, about in {(each.rule, each.about) for each in wanted}:
            for table in _looked_at(RULES[rule]):
                rows[table][self._bearing.rows(table, about)] = True
        return rows

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
