"""Since when findings hold: the first day of the unbroken time in which each does, as the log knows it now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any, Final

import psycopg

from registry import checker
from registry.checker import RULES, Finding
from registry.queries.findings.counts import CountedFinding
from registry.relations.two_times import NAMED
from registry.snapshot.over_time import OverTime, load_over_time

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
    looked: set[int] = set()
    held_on: dict[tuple[int, str], set[Key]] = {}
    for rule, about in _by_rule(findings).items():
        for matter, keys in about.items():
            going = set(keys)
            first = as_of
            for day in _days_before(over_time, rule, matters[matter], as_of):
                looked.add(day)
                if len(looked) > MOST_DAYS:
                    first = None
                    break
                if (day, rule) not in held_on:
                    held_on[day, rule] = _held(over_time, rule, day)
                for key in going - held_on[day, rule]:
                    answers[key] = first
                going &= held_on[day, rule]
                if not going:
                    break
                first = date.fromordinal(day)
            for key in going:
                answers[key] = first
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


def _days_before(over_time: OverTime, rule: str, matters: set[str], as_of: date) -> list[int]:
    """The days up to `as_of` on which the finding can have begun or ended, the latest first."""
    depends_on = RULES[rule].depends_on
    about = matters if depends_on == "matter" else over_time.of_kind(matters) if depends_on == "kind" else None
    days = over_time.days(about)
    for age in RULES[rule].ages:
        days |= over_time.days_after(age.table, age.column, age.days, about)
    if days:
        days |= {day.toordinal() for day in RULES[rule].calendar_days(date.fromordinal(min(days)), as_of)}
    return sorted((day for day in days if day <= as_of.toordinal()), reverse=True)


def _held(over_time: OverTime, rule: str, day: int) -> set[Key]:
    return {row.key for row in checker.finding_rows(over_time.on(day), [RULES[rule]], waived=True)}
