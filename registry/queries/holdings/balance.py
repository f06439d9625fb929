"""权责平衡 of a territory as of a day, and over time."""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any, Final

import psycopg

from registry import snapshot as snapshots
from registry.checker import RULES
from registry.checker.balance import Balance, balances
from registry.checker.balance import balance as counted
from registry.checker.duty_matrix import DutyMatrix
from registry.checker.duty_matrix import duty_matrix as duties
from registry.relations.two_times import AsOf
from registry.snapshot.load import near_ever
from registry.snapshot.over_time import load_territory_over_time

STEPS: Final = {"month": 1, "quarter": 3, "year": 12}
MOST: Final = 120  # days of one series


class TooManyDays(Exception):
    """A series of more days than are counted at once."""

    code = "too-large"
    zh = f"一次最多统计 {MOST} 个日期；请缩短期间或加大步长。"
    en = f"At most {MOST} days are counted at once: take a shorter time or a longer step."

    def __init__(self) -> None:
        super().__init__(f"{self.zh} / {self.en}")


def balance(connection: psycopg.Connection[Any], moment: AsOf, within: str) -> Balance:
    """The balance of a unit and all below it; empty where no unit bears the code on the day."""
    return counted(snapshots.load(connection, moment.valid_at, moment.known_at, within, held=True), within)


def duty_matrix(connection: psycopg.Connection[Any], moment: AsOf, within: str) -> DutyMatrix:
    """Who of a unit and those right below it holds which duty; empty where no unit bears the code on the day."""
    return duties(snapshots.load(connection, moment.valid_at, moment.known_at, within, held=True), within)


def over_time(
    connection: psycopg.Connection[Any], known: int, within: str, since: date, until: date, step: str
) -> list[Balance]:
    """The balance on the last day of each month, quarter or year (`step`) between two days, and on the last of these.

    Each as the log knew at the position. Raises TooManyDays.
    """
    return on_days(connection, known, within, days(since, until, step))


def on_days(connection: psycopg.Connection[Any], known: int, within: str, wanted: Sequence[date]) -> list[Balance]:
    """The balance on each of these days, as the log knew at the position."""
    if len(wanted) < 2:
        return [balance(connection, AsOf(day, known), within) for day in wanted]
    near = near_ever(connection, wanted[-1], known, within)
    if near is None:
        return [balance(connection, AsOf(day, known), within) for day in wanted]
    over_time = load_territory_over_time(connection, known, within, near)
    changes = over_time.days()
    for age in {age for rule in RULES.values() for age in rule.ages}:
        changes |= over_time.days_after(age.table, age.column, age.days)
    for rule in RULES.values():
        changes |= {day.toordinal() for day in rule.calendar_days(wanted[0], wanted[-1])}
    ordered = sorted(changes)
    moved = [wanted[0], *(day for before, day in pairwise(wanted) if _between(ordered, before, day))]
    counts = balances(over_time.each(day.toordinal() for day in moved), within)
    by_day = dict(zip(moved, counts, strict=True))
    over_time.let_go()
    results: list[Balance] = []
    for day in wanted:
        results.append(by_day[day] if day in by_day else replace(results[-1], as_of=day))
    return results


def _between(changes: Sequence[int], before: date, until: date) -> bool:
    """Whether one of these days (ordinals, in order) lies after one day and not after another."""
    return bisect_right(changes, before.toordinal()) < bisect_right(changes, until.toordinal())


def days(since: date, until: date, step: str) -> list[date]:
    """The ends of the periods from `since` to `until`, and `until`; none where it lies before. Raises TooManyDays."""
    months = STEPS[step]
    if (until.year - since.year) * 12 // months > MOST + 1:
        raise TooManyDays
    results = [day for day in _ends(since, until, months) if since <= day < until]
    if since <= until:
        results.append(until)
    if len(results) > MOST:
        raise TooManyDays
    return results


def _ends(since: date, until: date, months: int) -> Iterator[date]:
    """The last days of the periods that the years of these days have."""
    for year in range(since.year, until.year + 1):
        for month in range(months, 13, months):
            yield date(year, month, monthrange(year, month)[1])
