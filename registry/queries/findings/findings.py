"""What the checker finds, asked for by scope, unit, rule, severity and matter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, Final, TypeVar, cast

import psycopg
from cachetools import LRUCache

from registry import checker
from registry import snapshot as snapshots
from registry.checker import RULES, Finding
from registry.checker.balance import Balance, balance
from registry.checker.duty_matrix import DutyMatrix, duty_matrix
from registry.queries.findings.counts import CountedFinding, counted
from registry.queries.holdings.balance import on_days
from registry.queries.holdings.effective import effective, effective_holders
from registry.queries.holdings.missing_powers import Pair, missing_powers
from registry.relations.two_times import AsOf
from registry.snapshot import Snapshot
from registry.snapshot.kept import KeptSnapshots

FIRST_DAYS_KEPT: Final = 20_000
ALONE: Final = 3_000  # units; more are judged faster with their whole territories
BALANCES_KEPT: Final = 16 * 1024 * 1024  # bytes, about
FINDINGS_KEPT: Final = 50_000  # of all answers of a kind together; each takes 2 kB, one that is counted 0.2
ANSWER: Final = 1_500  # findings that an answer counts for beside its own: no more than 33 are kept
Key = tuple[AsOf, Any, frozenset[str] | None]  # moment, when that position was recorded, scope
T = TypeVar("T")
FindingKey = tuple[str, str, str]  # rule, unit, subject
AnyFinding = TypeVar("AnyFinding", Finding, CountedFinding)


@dataclass
class Checked:
    """The last answers of the checker, by moment and scope: one log position never changes what it knew.

    When that position was recorded is part of the key, for a server may go on over a log that was restored.
    """

    answers: LRUCache[Key, list[Finding]] = field(default_factory=lambda: LRUCache(FINDINGS_KEPT, getsizeof=_size))
    alone: LRUCache[Key, list[Finding]] = field(default_factory=lambda: LRUCache(FINDINGS_KEPT, getsizeof=_size))
    tallied: LRUCache[Key, list[CountedFinding]] = field(
        default_factory=lambda: LRUCache(FINDINGS_KEPT, getsizeof=_size)
    )
    first_days: LRUCache[Any, date | None] = field(default_factory=lambda: LRUCache(FIRST_DAYS_KEPT))
    balances: LRUCache[Any, Balance] = field(default_factory=lambda: LRUCache(BALANCES_KEPT, getsizeof=_bytes))
    pictures: KeptSnapshots = field(default_factory=KeptSnapshots)
    lock: Lock = field(default_factory=Lock)

    def within(self, connection: psycopg.Connection[Any], moment: AsOf, scope: Sequence[str] | None) -> list[Finding]:
        """Every finding within the territories of these units (None: everywhere), waived ones too, by key."""

        def check() -> list[Finding]:
            results = checker.check_snapshot(self.picture(connection, moment, scope), waived=True)
            return sorted(results, key=lambda finding: finding.key)

        return self._kept(self.answers, self._key(connection, moment, scope), check)

    def borne(self, connection: psycopg.Connection[Any], moment: AsOf, units: Sequence[str]) -> list[Finding]:
        """Every finding that these units bear, waived ones too, by key; what lies below them is not judged."""
        if len(units) > ALONE:
            wanted = set(units)
            return [finding for finding in self.within(connection, moment, units) if finding.unit in wanted]

        def check() -> list[Finding]:
            results = checker.check_snapshot(self.picture(connection, moment, units, only=True), waived=True)
            return sorted(results, key=lambda finding: finding.key)

        return self._kept(self.alone, self._key(connection, moment, units), check)

    def counted(self, connection: psycopg.Connection[Any], moment: AsOf, within: str | None) -> list[CountedFinding]:
        """As `counts.counted`: the findings without texts, waived ones too."""
        scope = None if within is None else [within]

        def count() -> list[CountedFinding]:
            return counted(self.picture(connection, moment, scope), within)

        return self._kept(self.tallied, self._key(connection, moment, scope), count)

    def explained(
        self, connection: psycopg.Connection[Any], moment: AsOf, within: str | None, findings: Sequence[CountedFinding]
    ) -> list[Finding]:
        """Some of the findings of a territory (as `counted` gives them) with their texts, in the same order.

        Ask for those that are shown: out of the picture that they were counted in, else of one of their units alone.
        """
        scope = None if within is None else [within]
        picture = self.pictures.kept((self._key(connection, moment, scope), False))
        if picture is None:
            units = sorted({finding.unit for finding in findings})
            few = len(units) <= ALONE
            picture = self.picture(connection, moment, units if few else scope, only=few)
        rules = [RULES[name] for name in sorted({finding.rule for finding in findings})]
        rows = {row.key: row for row in checker.finding_rows(picture, rules, waived=True)}
        return checker.explain(picture, [rows[finding.key] for finding in findings])

    def balanced(
        self, connection: psycopg.Connection[Any], known: int, within: str, days: Sequence[date]
    ) -> list[Balance]:
        """The balance of a unit and all below it on each of these days, as the log knew at the position."""
        if not days:
            return []
        base = self._key(connection, AsOf(days[-1], known), [within])[1:]
        with self.lock:
            kept = {day: self.balances[known, day, base] for day in days if (known, day, base) in self.balances}
        missing = [day for day in days if day not in kept]
        if len(missing) == 1:
            made = [balance(self.picture(connection, AsOf(missing[0], known), [within]), within)]
        else:
            made = on_days(connection, known, within, missing)
        with self.lock:
            for row in made:
                if _bytes(row) <= BALANCES_KEPT:
                    self.balances[known, row.as_of, base] = row
        return [{**kept, **dict(zip(missing, made, strict=True))}[day] for day in days]

    def duty_matrix(self, connection: psycopg.Connection[Any], moment: AsOf, within: str) -> DutyMatrix:
        """Who of a unit and those right below it holds which duty; empty where no unit bears the code on the day."""
        return duty_matrix(self.picture(connection, moment, [within]), within)

    def missing_powers(
        self, connection: psycopg.Connection[Any], moment: AsOf, pairs: Collection[Pair]
    ) -> dict[Pair, list[str]]:
        """As `missing_powers.missing_powers`, of pairs of a unit and a duty."""
        units = sorted({unit for unit, _ in pairs})
        few = len(units) <= ALONE
        return missing_powers(self.picture(connection, moment, units if few else None, only=few), pairs)

    def effective(self, connection: psycopg.Connection[Any], moment: AsOf, pairs: Collection[Pair]) -> dict[Pair, bool]:
        """As `effective.effective`, of pairs of a unit and a power."""
        units = sorted({unit for unit, _ in pairs})
        few = len(units) <= ALONE
        return effective(self.picture(connection, moment, units if few else None, only=few), pairs)

    def effective_holders(
        self, connection: psycopg.Connection[Any], moment: AsOf, within: str, powers: Sequence[str]
    ) -> dict[str, list[str]]:
        """As `effective.effective_holders`, of a unit and all below it."""
        return effective_holders(self.picture(connection, moment, [within]), powers)

    def picture(
        self, connection: psycopg.Connection[Any], moment: AsOf, scope: Sequence[str] | None, *, only: bool = False
    ) -> Snapshot:
        """The snapshot of these units' territories (None: everywhere), with what the law alone gives.

        `only`: of these units alone.
        """

        def load() -> Snapshot:
            return snapshots.load(connection, moment.valid_at, moment.known_at, scope, only=only, held=True)

        return self.pictures.of((self._key(connection, moment, scope), only), load)

    def judging(
        self, connection: psycopg.Connection[Any], moment: AsOf, units: Collection[str], within: str | None = None
    ) -> Snapshot | None:
        """A picture that is kept, and judges all of these units; of `within` also one that is being made.

        None where there is none: these units alone are then sooner loaded. `within`: a unit above all of them.
        """
        now, recorded, _ = self._key(connection, moment, None)
        awaited = None if within is None else self.pictures.awaited(((now, recorded, frozenset([within])), False))
        if awaited is not None and _judges(awaited, units):
            return awaited
        for kept, picture in self.pictures.every():
            (of, when, _), _ = cast("tuple[Key, bool]", kept)
            if (of, when) == (now, recorded) and _judges(picture, units):
                return picture
        return None

    def since(
        self,
        connection: psycopg.Connection[Any],
        moment: AsOf,
        findings: Sequence[AnyFinding],
        ask: Callable[[psycopg.Connection[Any], date, int, list[AnyFinding]], Mapping[FindingKey, date | None]],
    ) -> dict[FindingKey, date | None]:
        """The first day of each finding, by key: what `ask` says of those of which it is not kept."""
        base = self._key(connection, moment, None)
        with self.lock:
            kept = {one.key: self.first_days[base, one.key] for one in findings if (base, one.key) in self.first_days}
        missing = [one for one in findings if one.key not in kept]
        answers: Mapping[FindingKey, date | None] = {}
        if missing:
            answers = ask(connection, moment.valid_at, moment.known_at, missing)
        with self.lock:
            self.first_days.update({(base, key): day for key, day in answers.items()})
        return {**kept, **answers}

    @staticmethod
    def _key(connection: psycopg.Connection[Any], moment: AsOf, scope: Sequence[str] | None) -> Key:
        recorded = connection.execute("SELECT recorded_at FROM log.decision WHERE position = %s", (moment.known_at,))
        return moment, recorded.fetchone(), None if scope is None else frozenset(scope)

    def _kept(self, answers: LRUCache[Key, list[T]], key: Key, ask: Callable[[], list[T]]) -> list[T]:
        """The answer kept for a key, else a new one, kept where it is not too large."""
        with self.lock:
            if key in answers:
                return answers[key]
        results = ask()
        if _size(results) <= FINDINGS_KEPT:
            with self.lock:
                answers[key] = results
        return results


def _judges(picture: Snapshot, units: Collection[str]) -> bool:
    index, territory = picture.units.index, picture.territory
    return all(unit in index and territory[index[unit]] for unit in units)


def _size(findings: Sequence[Any]) -> int:
    return ANSWER + len(findings)


def _bytes(balance: Balance) -> int:
    return 200 * len(balance.units) + balance.counts.nbytes


def chosen(
    findings: Sequence[AnyFinding],
    *,
    unit: str | None = None,
    subject: str | None = None,
    rule: str | None = None,
    severity: str | None = None,
    matter: str | None = None,
    waived: bool = False,
    only_waived: bool = False,
) -> list[AnyFinding]:
    """Those of a unit, a subject, a rule, a severity (V, W, R) and a matter; waived ones only on request, or alone."""
    return [
        finding
        for finding in findings
        if (unit is None or finding.unit == unit)
        and (subject is None or finding.subject == subject)
        and (rule is None or finding.rule == rule)
        and (severity is None or finding.severity == severity)
        and (matter is None or finding.matter == matter)
        and (waived or only_waived or not finding.waived)
        and (not only_waived or finding.waived)
    ]
