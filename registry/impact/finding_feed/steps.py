"""What happened, one thing after another: a decision, or the beginning of a day; and on whom each bears."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from registry.checker import RULES
from registry.checker.rule import Age
from registry.database.row_objects import in_order
from registry.domain.decisions import Decision
from registry.impact.affected_units import SEARCHES, About, ImpactSearch, TooManyUnits, quota
from registry.impact.finding_feed.store import Cause
from registry.impact.reachable_units import FAMILY, GOVERNMENTS, LogWindow
from registry.impact.walks import Named, Shared
from registry.projections.tables import TABLES
from registry.relations.two_times import NEWEST, known_between

# Rows that begin or end on a day, and what of them tells on whom that bears.
_TURNING: Final[Mapping[str, LiteralString]] = {
    "unit": "SELECT DISTINCT code FROM unit WHERE {changes}",
    "instrument": "SELECT DISTINCT number FROM instrument WHERE {changes}",
    "matter": "SELECT DISTINCT code FROM matter WHERE {changes}"
    " UNION SELECT DISTINCT matter FROM lawful_holder WHERE {changes}",
    "vesting": "SELECT DISTINCT unit, power FROM vesting WHERE {changes}",
    "list": "SELECT DISTINCT code FROM list WHERE {changes}",
    "item": "SELECT DISTINCT list, item FROM item WHERE {changes}",
    "transfer": "SELECT DISTINCT ref FROM delegation WHERE ({changes} OR ended = %(day)s AND {known})"
    " UNION SELECT ref FROM demand WHERE {changes}",
    "proposal": "SELECT DISTINCT proposal FROM proposal WHERE {changes}",
    "waiver": "SELECT DISTINCT unit FROM waiver WHERE {changes}",
    "rectification": "SELECT DISTINCT unit FROM rectification WHERE {changes}",
}
_KNOWN: Final[LiteralString] = known_between()
_CHANGES: Final[LiteralString] = "((valid_from = %(day)s OR valid_to = %(day)s) AND " + _KNOWN + ")"
_DAYS: Final[LiteralString] = """
    SELECT DISTINCT day FROM (
        SELECT valid_from AS day FROM {table} WHERE valid_from > %(eve)s AND valid_from <= %(day)s AND {known}
        UNION ALL SELECT valid_to FROM {table} WHERE valid_to > %(eve)s AND valid_to <= %(day)s AND {known}
    ) AS turning
"""
_ABOVE: Final[LiteralString] = (
    'WITH RECURSIVE up (start, code) AS (SELECT code COLLATE "C", code COLLATE "C" FROM unit WHERE'
    " code = ANY(%(codes)s) AND kind IN ('government', 'village') AND level = ANY(%(levels)s) AND "
    + _KNOWN
    + " UNION SELECT up.start, above.code FROM up CROSS JOIN LATERAL ("
    "SELECT u.parent FROM unit u WHERE u.code = up.code AND u.parent IS NOT NULL AND "
    + known_between("u")
    + " UNION ALL SELECT u.successor FROM unit u WHERE u.code = up.code AND u.successor IS NOT NULL AND "
    + known_between("u")
    + ") AS above (code)) SELECT start, code FROM up"
)
# Walks that are kept while a batch is judged: a unit is handed many things one after another.
WALKS: Final = 4096
# The tables that findings depend on: those of aggregates that something is searched from.
_TABLES: Final = tuple(table.name for table in TABLES if table.aggregate == "ref" or table.aggregate in SEARCHES)


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """A decision is recorded (known from `position` on), or a day begins; `known`: the newest position after it."""

    cause: Cause
    known: int
    day: date
    decision: Decision | None = None

    @property
    def before(self) -> tuple[int, date]:
        """What was known the moment before, and as of which day."""
        return (self.known - 1, self.day) if self.cause == "decision" else (self.known, self.day - timedelta(days=1))


@dataclass
class Bearing:
    """Finds on whom steps bear, for steps up to position `until`; what holds for all of these is looked up once."""

    connection: psycopg.Connection[Any]
    since: int
    until: int
    named: Named  # what the steps are about
    shared: Shared = field(init=False)
    requiring: dict[str, list[str]] = field(init=False)
    kinds: dict[str, str] = field(init=False)
    _related: set[str] = field(init=False)
    _window: LogWindow = field(init=False)
    _handed: dict[str, dict[str, list[_Handed]]] = field(
        init=False, default_factory=dict[str, dict[str, list["_Handed"]]]
    )
    _first: dict[str, int] = field(init=False, default_factory=dict[str, int])
    _ups: dict[str, set[str]] = field(init=False, default_factory=dict[str, set[str]])
    _assigning: list[_Assigning] | None = field(init=False, default=None)
    _quotas: dict[str, int] | None = field(init=False, default=None)
    _listed: set[str] = field(init=False, default_factory=set[str])

    def __post_init__(self) -> None:
        query = "SELECT power, array_agg(DISTINCT code) FROM matter CROSS JOIN LATERAL unnest(requires) AS power"
        self.requiring = dict(self.connection.execute(query + " GROUP BY power").fetchall())
        self.kinds = dict(self.connection.execute("SELECT DISTINCT code, kind FROM matter").fetchall())
        self._window = window = LogWindow(self.connection, date.min, date.max, self.since, self.until)
        self.shared = Shared(window, self.named, WALKS)
        query = "SELECT code, successor FROM unit WHERE successor IS NOT NULL AND " + _KNOWN
        self._related = {code for pair in window.rows(query) for code in pair}

    def of(self, step: Step) -> Mapping[str, set[About]] | None:
        """The units whose findings the step may change, and what about; None: everybody's.

        Named by every code under which decisions may know them. Only units to whom anything was handed down, or that
        hold something by a list, and only matters that they may have so: others bear no findings before the step or
        after it, and no finding is about others.
        """
        before, eve = step.before
        window = LogWindow(self.connection, eve, step.day, before, step.known)
        search = ImpactSearch(window, self.requiring, self.shared)
        try:
            if step.decision is not None:
                search.add_decisions([step.decision])
            else:
                _day_begins(search)
        except TooManyUnits:
            return None
        if not search.touched:
            return {}
        families = self._families(search.touched)
        for unit, about in list(search.touched.items()):
            for relative in families.get(unit, ()):
                search.touched[relative] |= about
        return self._borne(window, search.touched, families)

    def _families(self, units: Collection[str]) -> dict[str, frozenset[str]]:
        """The codes under which decisions may know these units, by each of them; of a unit with one code, nothing."""
        families: dict[str, frozenset[str]] = {}
        for unit in self._related.intersection(units):
            if unit not in families:
                family = self.shared.units(FAMILY, [unit])
                families |= dict.fromkeys(family, family)
        return families

    def _borne(
        self, window: LogWindow, touched: Mapping[str, set[About]], families: Mapping[str, frozenset[str]]
    ) -> dict[str, set[About]]:
        """Of what is touched that about which the unit can bear findings: what it has under one of its codes."""
        self._read_handed(touched)
        held: dict[str, set[str]] = {}
        having: set[str] = set()  # that have anything
        wanted: set[str] = set()
        for unit, about in touched.items():
            family = families.get(unit, (unit,))
            matters = {each for each in about if each is not None and each[0] != "#"}
            held[unit] = {each for each in matters if self._has(window, family, each)}
            if held[unit] or self._has_any(window, family):
                having.add(unit)
            if unit not in having or len(held[unit]) < len(matters):
                wanted.update(family)
        assigned = self._assigned(window, wanted)
        exceeding = self._exceeding(window, touched, families)
        borne: dict[str, set[About]] = {}
        for unit, about in touched.items():
            by_list = not assigned.isdisjoint(families.get(unit, (unit,)))
            if unit in having or by_list:
                known = held[unit] | self._listed & set(filter(None, about)) if by_list else held[unit]
                if kept := {each for each in about if each is None or each in known or (unit, each) in exceeding}:
                    borne[unit] = kept
        return borne

    def _read_handed(self, units: Collection[str]) -> None:
        """Read what was handed down to these units, and to those that will be asked about, if it was not yet."""
        if all(unit in self._handed for unit in units):
            return
        missing = sorted((self.shared.expected | set(units)) - self._handed.keys())
        of_units: LiteralString = " WHERE recipient = ANY(%(codes)s) AND " + _KNOWN
        query: LiteralString = (
            f"SELECT recipient, matter, kind, ref, known_from, known_to FROM delegation{of_units}"
            f" UNION ALL SELECT recipient, matter, NULL, NULL, known_from, known_to FROM demand{of_units}"
        )
        self._handed |= {unit: {} for unit in missing}
        for unit, matter, *handed in self._window.rows(query, codes=missing):
            known = _Handed(*handed)
            self._handed[unit].setdefault(matter, []).append(known)
            self._first[unit] = min(known.since, self._first.get(unit, known.since))

    def _has(self, window: LogWindow, family: Iterable[str], matter: str) -> bool:
        """Whether a matter was handed down to a unit under one of these codes, as known in the window."""
        return any(each.within(window) for code in family for each in self._handed[code].get(matter, ()))

    def _has_any(self, window: LogWindow, family: Iterable[str]) -> bool:
        """Whether anything was."""
        return any(
            each.within(window)
            for code in family
            if self._first.get(code, NEWEST) <= window.after
            for of in self._handed[code].values()
            for each in of
        )

    def _exceeding(
        self, window: LogWindow, touched: Mapping[str, set[About]], families: Mapping[str, frozenset[str]]
    ) -> set[tuple[str, str]]:
        """For which of these units more of a kind may count than the smallest quota for it allows: as (unit, quota)."""
        if self._quotas is None:
            known = LogWindow(self.connection, date.min, date.max, self.since, self.until)
            query: LiteralString = "SELECT covers, min(quota) FROM list WHERE quota IS NOT NULL AND " + _KNOWN
            self._quotas = {quota(kind): most for kind, most in known.rows(query + " GROUP BY covers")}
        wanted = [(unit, each) for unit, about in touched.items() for each in about if each in self._quotas]
        if not wanted:
            return set()
        refs: dict[tuple[str, str], set[str]] = {}
        for unit, each in wanted:
            for code in families.get(unit, {unit}):
                refs[code, each] = {
                    str(handed.ref)
                    for of in self._handed[code].values()
                    for handed in of
                    if handed.kind is not None and quota(handed.kind) == each and handed.within(window)
                }
        return {
            (unit, each)
            for unit, each in wanted
            if sum(len(refs[code, each]) for code in families.get(unit, {unit})) > self._quotas[each]
        }

    def _assigned(self, window: LogWindow, units: Collection[str]) -> set[str]:
        """To which of these a list that was known by then may assign something."""
        lists = [each for each in self._lists() if each.since <= window.after and each.until > window.before]
        if not units or not lists:
            return set()
        above = self._above_of(units)
        if any(each.governments is None for each in lists):
            return {unit for unit in units if above[unit]}
        scopes = {code for each in lists for code in each.governments or ()}
        return {unit for unit in units if not scopes.isdisjoint(above[unit])}

    def _above_of(self, units: Collection[str]) -> Mapping[str, set[str]]:
        """What is above each of these (and more), itself included; nothing, where no list can assign it anything.

        That is where it is never a government or village of a level that a list is for.
        """
        if any(unit not in self._ups for unit in units):
            missing = (self.shared.expected | set(units)) - self._ups.keys()
            self._ups |= {unit: set() for unit in missing}
            named = {"codes": sorted(missing), "levels": sorted({each.audience for each in self._lists()})}
            for unit, above in self._window.rows(_ABOVE, **named):
                self._ups[unit].add(above)
        return self._ups

    def _lists(self) -> list[_Assigning]:
        """The lists that assign something at any of these steps."""
        if self._assigning is None:
            window = LogWindow(self.connection, date.min, date.max, self.since, self.until)
            # Those known before all the steps are looked up together.
            rows = window.rows(
                "SELECT audience, greatest(known_from, %(before)s) AS since, max(known_to), scope IS NULL,"
                " array_agg(scope) FROM list WHERE assigns IS NOT NULL AND "
                + _KNOWN
                + " GROUP BY audience, since, scope IS NULL"
            )
            self._assigning = []
            for audience, since, until, nationwide, scopes in rows:
                governments = None if nationwide else window.units(GOVERNMENTS, window.units(FAMILY, scopes))
                self._assigning.append(_Assigning(governments, audience, since, until))
            items = "SELECT DISTINCT matter FROM item WHERE matter IS NOT NULL AND " + _KNOWN
            assigning = " AND list IN (SELECT l.code FROM list l WHERE l.assigns IS NOT NULL)"
            self._listed = {row[0] for row in window.rows(items + assigning)}
        return self._assigning


class _Handed(NamedTuple):
    """A delegation to a unit or a demand (which has no kind here), known so from one position up to another."""

    kind: str | None
    ref: str | None
    since: int
    until: int

    def within(self, window: LogWindow) -> bool:
        """Whether it was known in a window."""
        return self.since <= window.after and self.until > window.before


class _Assigning(NamedTuple):
    """Lists that assign something: in whose territories (None: nationwide), to which level, known when."""

    governments: set[str] | None
    audience: str
    since: int
    until: int


def _day_begins(search: ImpactSearch) -> None:
    """What begins or ends with the day bears on whom a decision about it would."""
    window = search.window
    if any(window.day in part.days() for rule in RULES.values() for part in rule.rests_on):
        raise TooManyUnits
    turned: dict[str, list[tuple[Any, ...]]] = {
        name: window.rows(statement.replace("{changes}", _CHANGES).replace("{known}", _KNOWN))
        for name, statement in _TURNING.items()
    }
    search.transfers({ref for (ref,) in turned["transfer"]})
    search.empower(set(turned["vesting"]))
    search.touch(unit for name in ("waiver", "rectification") for (unit,) in turned[name])
    for name, bears in (
        ("unit", search.unit),
        ("instrument", search.instrument),
        ("matter", search.matter),
        ("item", search.item),
        ("proposal", search.proposal),
    ):
        for row in turned[name]:
            bears(*row)
    for (code,) in turned["list"]:
        for listed in window.lists("code = %(list)s", list=code):
            search.whole_list(listed)
    _come_of_age(search)
    kinds = sorted({kind for rule in RULES.values() for kind in rule.counted_by_year})
    if (window.day.month, window.day.day) == (1, 1) and kinds:
        counted = "SELECT DISTINCT recipient, kind FROM delegation WHERE kind = ANY(%(kinds)s) AND " + _KNOWN
        for recipient, kind in window.rows(counted, kinds=kinds):
            search.touch([recipient], quota(kind))


def _ages() -> set[Age]:
    return {age for rule in RULES.values() for age in rule.ages}


def _come_of_age(search: ImpactSearch) -> None:
    """Search from the rows that on this day reach an age at which some rule's findings can change."""
    window = search.window
    for age in _ages():
        table = next(table for table in TABLES if table.name == age.table)
        key: LiteralString = ", ".join(table.key)
        of_age: LiteralString = f" WHERE {age.column} = %(day)s::date - %(days)s::int AND {_KNOWN}"
        rows = window.rows(f"SELECT DISTINCT {key} FROM {table.name}" + of_age, days=age.days)
        if table.aggregate == "ref":
            search.transfers({ref for (ref,) in rows})
            continue
        for row in rows:
            SEARCHES[table.aggregate](search, *row)


def turning_days(connection: psycopg.Connection[Any], known: int, eve: date, until: date) -> list[date]:
    """Return the days after one up to another on which findings can change by the day alone, as known: in order."""
    named = {"eve": eve, "day": until, "before": known, "after": known}
    days = {day for rule in RULES.values() for day in rule.calendar_days(eve, until)}
    for table in _TABLES:
        statement = _DAYS.replace("{table}", table).replace("{known}", _KNOWN)
        days.update(row[0] for row in connection.execute(statement.encode(), named))
    for age in _ages():
        reached: LiteralString = f"{age.column} + %(days)s::int"
        after: LiteralString = f"{age.column} > %(eve)s::date - %(days)s::int"
        until_then: LiteralString = f"{age.column} <= %(day)s::date - %(days)s::int"
        statement = f"SELECT DISTINCT {reached} FROM {age.table} WHERE {after} AND {until_then} AND {_KNOWN}"
        days.update(row[0] for row in connection.execute(statement, {**named, "days": age.days}))
    ended = "SELECT DISTINCT ended FROM delegation WHERE ended > %(eve)s AND ended <= %(day)s AND " + _KNOWN
    days.update(row[0] for row in connection.execute(ended, named))
    return sorted(days)


class LogRow(NamedTuple):
    """A decision as the log stores it, and the day on which it was recorded (Asia/Shanghai)."""

    position: int
    recorded_on: date
    type: str
    version: int
    data: bytes


def decisions_after(connection: psycopg.Connection[Any], position: int, limit: int) -> list[LogRow]:
    """The next decisions of the log, at most `limit`, in order of position."""
    query = """
        SELECT position, (recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS recorded_on, type, version, data
        FROM log.decision WHERE position > %s ORDER BY position LIMIT %s
    """
    with connection.cursor(row_factory=in_order(LogRow)) as cursor:
        return cursor.execute(query, (position, limit)).fetchall()
