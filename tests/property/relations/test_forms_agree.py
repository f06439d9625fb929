"""All forms of a relation agree: SQL on a day, SQL over time cut at the day, columns, and the slow oracle.

Forms that do not exist, because no question needs them:

- an item matches a matter: no SQL; it is written as words (`matches`) and as columns (`matching`);
- holds: SQL over time is the custody of duties led; nothing else is held over time;
- effectively holds a power: columns of a day alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random
from typing import Any, Final, LiteralString, NamedTuple

import numpy as np
from hypothesis import given, note
from hypothesis import strategies as st

from registry import snapshot
from registry.domain import words
from registry.queries.holdings import custody
from registry.relations import holding, intervals, matching, powers, reach, successors, territory, two_times
from registry.relations.columns import Indexes, UnitsOverTime, among
from registry.relations.two_times import days, known, on
from registry.snapshot.past import past
from tests.oracle import validity
from tests.oracle.fold import History, Line, Snapshot
from tests.oracle.powers import holders
from tests.support import journals, random_world
from tests.support.drawing import examples
from tests.support.registry_under_test import Registry

Rows = set[tuple[Any, ...]]

_CODES: Final[LiteralString] = 'SELECT c COLLATE "C" FROM unnest({}::text[]) c'


@dataclass(frozen=True)
class World:
    """What the log knew at a position, in the registry and in the oracle; the territories and matters compared."""

    registry: Registry
    history: History
    known: int
    roots: list[str]
    matters: list[str]

    @cached_property
    def codes(self) -> list[str]:
        """Every unit registered on any day."""
        return sorted({line["unit"] for line in self.history.of("UnitRegistered")})

    @cached_property
    def units_over_time(self) -> UnitsOverTime:
        """All units on all days, in columns; the snapshot of any day has them."""
        return past(self.columns(random_world.DAYS[4])).units

    @cached_property
    def kept(self) -> dict[Any, list[tuple[Any, ...]]]:
        """The rows of questions over time, which are the same for every day."""
        return {}

    def columns(self, day: str) -> snapshot.Snapshot:
        """Everything on a day, in columns."""
        loaded = snapshot.load(self.registry.connection, date.fromisoformat(day), self.known)
        self.registry.connection.rollback()
        return loaded

    def rows(self, statement: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        """The answer to a statement without its WITH RECURSIVE."""
        text = intervals.short("WITH RECURSIVE " + statement)
        return [tuple(row.values()) for row in self.registry.runner.run(self.registry.pool.fetch(text, *values))]

    def led(self, matter: str) -> list[tuple[Any, ...]]:
        """The custody of a duty within the first root, as holdings with the days that bound them."""
        if ("led", matter) not in self.kept:
            spans = self.registry.runner.run(custody.custody(self.registry.pool, self.known, matter, self.roots[0]))
            rows = [(s.holder, matter, s.role, s.by, s.subject, s.since, s.until or date.max) for s in spans]
            self.kept["led", matter] = rows
        return self.kept["led", matter]


@dataclass(frozen=True)
class Moment:
    """A day of a world: the oracle's snapshot of it and the registry's."""

    world: World
    day: str
    oracle: Snapshot
    columns: snapshot.Snapshot

    def on_day(self, statement: LiteralString, *values: Any) -> Rows:
        """The rows of SQL on a day: $1 is the day, $2 the position, the values come from $3 on."""
        return set(self.world.rows(statement, date.fromisoformat(self.day), self.world.known, *values))

    def over_time(self, statement: LiteralString, first: Any, *values: Any) -> Rows:
        """The rows of SQL over time that hold on the day: $2 is the position; the last two columns bound the days."""
        key = (statement, str(first), *map(str, values))
        if key not in self.world.kept:
            self.world.kept[key] = self.world.rows(statement, first, self.world.known, *values)
        return self.cut(self.world.kept[key])

    def cut(self, rows: list[tuple[Any, ...]]) -> Rows:
        """The rows that hold on the day, without their last two columns, which bound the days."""
        today = date.fromisoformat(self.day)
        return {tuple(row) for *row, since, until in rows if since <= today < until}

    @cached_property
    def registered(self) -> dict[str, str]:
        """Each code registered by the day, and its node."""
        nodes = ((code, self.oracle.read(code)) for code in self.world.codes)
        return {code: node for code, node in nodes if node is not None}

    @cached_property
    def governments(self) -> Rows:
        """Each code registered by the day, and the government of its node."""
        pairs = ((code, self.oracle.government(node)) for code, node in self.registered.items())
        return {(code, government) for code, government in pairs if government is not None}

    def named(self, units: Iterable[int]) -> list[str]:
        """The codes of units of the columns."""
        return [self.columns.units.code[unit] for unit in units]

    def units_over_time(self) -> tuple[UnitsOverTime, Indexes, Indexes]:
        """The columns over time, the places in them of all codes, and the day for each."""
        units = self.world.units_over_time
        indexes = np.array([units.code.index(code) for code in self.world.codes], np.int32)
        return units, indexes, np.full(len(indexes), date.fromisoformat(self.day).toordinal(), np.int32)


def pairs_of(left: Iterable[str], right: Iterable[int], codes: list[str]) -> Rows:
    """Pairs of codes, of which the second is given by its place; none for -1."""
    return {(first, codes[second]) for first, second in zip(left, right, strict=True) if second >= 0}


def held_on_a_day(moment: Moment) -> None:
    """The predicate for each driver, the one on another's day, and the days of a row: the same rows of units."""
    expected = {(code,) for code in moment.registered}
    for row in (
        f"unit u WHERE {two_times.at('u')}",
        f"unit u, (SELECT $1::date AS day) a WHERE {on('u', 'a.day')}",
        f"unit u WHERE {days('u')} @> $1::date AND {known('u')}",
    ):
        assert moment.on_day(f"held AS (SELECT u.code FROM {row}) SELECT code FROM held") == expected
    named = moment.world.registry.connection.execute(
        "SELECT code FROM unit WHERE " + two_times.NAMED.at(), {"day": moment.day, "known": moment.world.known}
    )
    assert set(named) == expected


def read_as_its_successor(moment: Moment) -> None:
    """Which unit each code registered by the day is read as, and which node of the tree it is."""
    nodes = set(moment.registered.items())
    units = {(code, node) for code, node in nodes if node in moment.oracle.units}
    codes = sorted(moment.registered)
    select: LiteralString = " SELECT named, code FROM node"
    assert moment.on_day(successors.nodes("node", _CODES.format("$3")) + select, codes) == nodes
    of_day = successors.nodes_of_days("node", 'SELECT c COLLATE "C", $1::date FROM unnest($3::text[]) c')
    assert moment.on_day(of_day + select, codes) == nodes
    query = f"{territory.REQUESTED}, {successors.NAMED} SELECT code, unit FROM named"
    assert moment.on_day(query, codes) == units

    over_time = successors.nodes_over_time("node", _CODES.format("$1"))
    bounded: LiteralString = " SELECT named, code, lower(days), upper(days) FROM node WHERE NOT isempty(days)"
    results = moment.over_time(over_time + bounded, moment.world.codes)
    # A code is its own node before it is registered, too: no question asks about it then.
    assert {pair for pair in results if pair[0] in moment.registered} == nodes

    columns = moment.columns.units
    assert pairs_of(columns.code, columns.node, columns.code) == nodes
    assert pairs_of(columns.code, columns.reads_as, columns.code) == units
    many, indexes, on_days = moment.units_over_time()
    assert pairs_of(moment.world.codes, successors.node_on(many, indexes, on_days), many.code) == nodes
    assert pairs_of(moment.world.codes, successors.read_on(many, indexes, on_days), many.code) == units


def is_within(moment: Moment) -> None:
    """Which codes are in the territory of each root, and which units are above it."""
    oracle, lineage = moment.oracle, moment.columns.units.lineage
    many, indexes, on_days = moment.units_over_time()
    chains, _ = territory.lineage_on(many, indexes, on_days)
    for root in moment.world.roots:
        note(f"root {root}")
        top = oracle.read(root)
        above = {(code,) for code in oracle.chain(top)}
        below = {
            (code, node, node not in oracle.units)
            for code, node in moment.registered.items()
            if top is not None and top in oracle.chain(node)
        }
        ground = {(code,) for code in oracle.units if top in oracle.chain(code)}

        walks = f"{territory.below('$3')}, {reach.ABOVE}"
        assert moment.on_day(walks + " SELECT code, unit, gone FROM below", root) == below
        assert moment.on_day(walks + " SELECT code FROM above WHERE NOT merged", root) == above
        assert moment.on_day(walks + " SELECT code FROM ground", root) == ground
        up = f"{territory.REQUESTED}, {territory.UP} SELECT code FROM up WHERE NOT merged"
        assert moment.on_day(up, [root]) == (above if root in oracle.units else set())

        walks = territory.over_time()
        bounds: LiteralString = "lower(days), upper(days)"
        assert moment.over_time(f"{walks} SELECT code, unit, gone, {bounds} FROM below", root) == below
        assert moment.over_time(f"{walks} SELECT code, {bounds} FROM above WHERE NOT merged", root) == above
        assert moment.over_time(f"{walks} SELECT code, {bounds} FROM ground", root) == ground

        index = -1 if top is None else moment.columns.units.index[top]
        within = np.flatnonzero((lineage == index).any(axis=1) & (moment.columns.units.level >= 0) & (index >= 0))
        assert {(code,) for code in moment.named(within)} == ground
        last = many.code.index(top) if top is not None else -2
        inside = {code for code, chain in zip(moment.world.codes, chains, strict=True) if last in chain}
        assert inside == {code for code, _, _ in below}


def government_of(moment: Moment) -> None:
    """The government of every code registered by the day."""
    codes = sorted(moment.registered)
    above = {code for unit in moment.oracle.units for code in moment.oracle.chain(unit)}
    scope = f"{territory.REQUESTED}, {territory.UP}, {reach.SCOPE} SELECT unnest(codes) AS code, government FROM scope"
    assert moment.on_day(scope, codes) == {pair for pair in moment.governments if pair[1] in above}
    seats = f"{territory.below('$3')}, lists (scope) AS ({_CODES.format('$4')}), {reach.SEATS}"
    root = moment.world.roots[0]
    assert moment.on_day(seats + " SELECT scope, code FROM seat", root, codes) == moment.governments

    lists: LiteralString = """
        lists AS (
            SELECT c AS list, c AS scope, 'village' AS audience, daterange('-infinity', 'infinity') AS days,
                NULL COLLATE "C" AS begun_by, NULL COLLATE "C" AS ended_by
            FROM (SELECT c COLLATE "C" AS c FROM unnest($3::text[]) c) c
        )"""
    over_time = f"{territory.over_time()}, {lists}, {reach.OVER_TIME}"
    bounded: LiteralString = " SELECT scope, code, lower(days), upper(days) FROM seat"
    assert moment.over_time(over_time + bounded, root, moment.world.codes) == moment.governments

    columns = moment.columns.units
    seat = np.where(columns.node >= 0, columns.government[columns.node], -1)
    assert pairs_of(columns.code, seat, columns.code) == moment.governments
    many, indexes, on_days = moment.units_over_time()
    nearest = territory.governments_among(many, *territory.lineage_on(many, indexes, on_days))
    assert pairs_of(moment.world.codes, nearest, many.code) == moment.governments


def a_list_reaches_a_unit(moment: Moment) -> None:
    """Which lists in force reach which units."""
    oracle, columns = moment.oracle, moment.columns
    expected = {(code, unit) for code in oracle.lists for unit in oracle.units if oracle.reaches(code, unit)}
    query = f"{territory.REQUESTED}, {territory.UP}, {reach.SCOPE}, {reach.reaching('true')}"
    assert moment.on_day(query + " SELECT code, unit FROM reaching", moment.world.codes) == expected
    for root in moment.world.roots:
        note(f"root {root}")
        top = oracle.read(root)
        inside = {(code, unit) for code, unit in expected if top in oracle.chain(unit)}
        near: LiteralString = "lists AS (SELECT l.code AS list, l.audience, l.scope FROM near l)"
        walks = f"{territory.below('$3')}, {reach.ABOVE}, {reach.near('true')}, {near}, {reach.SEATS}"
        reached = f" SELECT l.list, u.code FROM lists l JOIN ground u ON u.level = l.audience WHERE {reach.REACHES}"
        assert moment.on_day(walks + reached, root) == inside
        near = f"lists AS (SELECT l.code AS list, l.audience, l.scope, {intervals.listed()} FROM near l)"
        walks = f"{territory.over_time()}, {reach.NEAR_OVER_TIME}, {near}, {reach.OVER_TIME}"
        assert moment.over_time(walks + " SELECT list, code, lower(days), upper(days) FROM reach", root) == inside

    lists = np.arange(len(columns.lists), dtype=np.int32)
    findable = reach.reaching_rows(columns, lists, np.zeros(len(lists), np.int32), 1)
    units = np.arange(len(columns.units), dtype=np.int32)
    rows, results = reach.reached_by(columns, findable, units, np.zeros(len(units), np.int32))
    assert {(columns.lists.code[lst], code) for lst, code in zip(results, moment.named(rows), strict=True)} == expected


class Entered(NamedTuple):
    """An item of a list, as registry.relations.matching takes it."""

    item: str
    matter: str
    category: str
    terms: tuple[str, ...]


def an_item_matches_a_matter(moment: Moment) -> None:
    """Which items in force match which matters of the kind that their list covers, and which units they reach so."""
    oracle, columns = moment.oracle, moment.columns
    expected: Rows = set()
    reaching: dict[str, Rows] = {"negative": set(), "closed": set()}
    for code, adopted in oracle.lists.items():
        units = [unit for unit in oracle.units if oracle.reaches(code, unit)]
        negative = adopted["polarity"] == "negative"
        sort = "negative" if negative else "closed" if adopted.get("closed", True) else "open"
        items_on_it = [*oracle.items(code)]
        entered = [
            Entered(each["item"], each.get("matter", ""), each.get("category", ""), tuple(each.get("terms", ())))
            for each in items_on_it
        ]
        matched_by = matching.matching_items(entered)
        for matter in oracle.matters.values():
            matched_items = [each["item"] for each in items_on_it if oracle.matches(each, matter.code)]
            answer = matched_by(matter.code, matter.category or "", matter.names)
            assert [each.item for each in answer] == matched_items
        for item in oracle.items(code):
            given = (item.get("matter"), item.get("category"), item.get("terms", ()))
            for matter in oracle.matters.values():
                matched = oracle.matches(item, matter.code)
                assert matching.matches(given, matter.code, matter.category, matter.names) == matched
                if matched and matter.kind == adopted["covers"]:
                    subject = f"{code}#{item['item']}"
                    expected.add((subject, matter.code))
                    reaching.setdefault(sort, set()).update((unit, subject, matter.code) for unit in units)

    def subject_of(item: int) -> str:
        return powers.subject(columns, -1, item)

    items, matters = matching.matching(columns)
    results = zip(items, matters, strict=True)
    assert {(subject_of(item), columns.matters.code[matter]) for item, matter in results} == expected
    unit, matter = every_pair(len(columns.units), len(columns.matters))
    for sort, matches in (("negative", matching.negative_matches), ("closed", matching.closed_matches)):
        rows, items = matching.matched_by(columns, matches(columns), unit, matter)
        assert {
            (columns.units.code[unit[row]], subject_of(item), columns.matters.code[matter[row]])
            for row, item in zip(rows, items, strict=True)
        } == reaching[sort], sort


def holds(moment: Moment) -> None:
    """Every holding, by law, by list and by delegation: (unit, matter, role, by, subject)."""
    oracle, world = moment.oracle, moment.world
    expected = {(h.unit, h.matter, h.role, h.by, h.subject) for h in oracle.holdings}
    duties = {held for held in expected if oracle.matters[held[1]].kind == "duty"}
    query = holding.HELD + " SELECT unit, matter, role, by, subject FROM held"
    assert moment.on_day(query, world.codes) == duties
    assert holdings_in_columns(moment) == expected
    root = world.roots[0]
    territory_of_root = oracle.within(oracle.read(root) or root)
    every = f"{territory.over_time()}, {holding.held_over_time('l.assigns IS NOT NULL')}"
    bounded: LiteralString = " SELECT unit, matter, role, by, subject, lower(days), upper(days) FROM piece"
    assert moment.over_time(every + bounded, root) == {held for held in expected if held[0] in territory_of_root}
    for matter in set(world.matters) & set(oracle.matters):
        note(f"matter {matter}")
        inside = {held for held in expected if held[1] == matter and held[0] in territory_of_root}
        assert (
            moment.on_day(holding.HELD_WITHIN + " SELECT unit, $3, role, by, subject FROM held", matter, root) == inside
        )
        if oracle.matters[matter].kind == "duty":
            assert moment.cut(world.led(matter)) == {held for held in inside if held[2] == "lead"}


def holdings_in_columns(moment: Moment) -> Rows:
    """The holdings out of the columns: (unit, matter, role, by, subject)."""
    columns = moment.columns
    units, matters, lists = columns.units, columns.matters, columns.lists
    results: Rows = set()
    unit, matter = every_pair(len(units), len(matters))
    vested = among(columns.vested, unit.astype(np.int64) * len(matters) + matter)
    for row in np.flatnonzero(holding.held_by_law(columns, unit, matter) | vested):
        code = matters.code[matter[row]]
        role = "lead" if words.MATTER_KINDS[matters.kind[matter[row]]] == "duty" else None
        results.add((units.code[unit[row]], code, role, "law", f"LAW#{code}"))

    def word(role: int) -> str | None:
        return words.ROLES[role] if role >= 0 else None

    assigning = lists.positive & ((lists.role >= 0) | (lists.mode >= 0))
    items = np.flatnonzero((columns.items.matter >= 0) & assigning[columns.items.list]).astype(np.int32)
    for holder, item in zip(*reach.holders_by_list(columns, items), strict=True):
        code, role = matters.code[columns.items.matter[item]], word(lists.role[columns.items.list[item]])
        results.add((units.code[holder], code, role, "list", powers.subject(columns, -1, item)))
    given = columns.delegations
    for row, ref in enumerate(given.ref):
        code, role = matters.code[given.matter[row]], word(given.role[row])
        results.add((units.code[given.recipient[row]], code, role, "delegation", ref))
    return results


def every_pair(units: int, matters: int) -> tuple[Indexes, Indexes]:
    """Every unit with every matter, by their places."""
    unit, matter = np.divmod(np.arange(units * matters, dtype=np.int32), max(matters, 1))
    return unit, matter


def effectively_holds(moment: Moment) -> None:
    """Who holds which power, and how: freely (outright or devolved), entrusted, in its bureau's name."""
    columns = moment.columns
    unit, matter = every_pair(len(columns.units), len(columns.matters))
    bits_of_holders = (powers.OUTRIGHT | powers.DEVOLVED, powers.ENTRUSTED, powers.IN_NAME)  # as in Holders
    ways = powers.holding(columns.once(powers.effective_powers), unit, matter)
    for index, power in enumerate(columns.matters.code):
        if moment.oracle.matters[power].kind == "power":
            expected = holders(moment.oracle, power)
            for bits, those in zip(bits_of_holders, expected, strict=True):
                assert set(moment.named(unit[(matter == index) & (ways & bits != 0)])) == those, (power, bits)


RELATIONS: Final = (
    held_on_a_day,
    read_as_its_successor,
    is_within,
    government_of,
    a_list_reaches_a_unit,
    an_item_matches_a_matter,
    holds,
    effectively_holds,
)


@examples(6)
@given(journal=journals.journals(size=60), seed=st.integers(0, 2**20))
def test_all_forms_of_a_relation_agree(registry: Registry, journal: list[Line], seed: int) -> None:
    recorded = validity.judge(map(journals.encoded, journal)).recorded
    random = Random(seed)
    assert registry.import_lines(map(journals.encoded, recorded)) == []
    registered = [line["unit"] for line in recorded if line["type"] == "UnitRegistered"]
    dissolved = [line["unit"] for line in recorded if line["type"] == "UnitDissolved"]
    roots = ["420684", random.choice(registered), random.choice(dissolved or registered)]
    matters = random.sample([line["matter"] for line in recorded if line["type"] == "MatterDefined"], 3)
    for position in (len(recorded), random.randint(len(recorded) // 2, len(recorded))):
        world = World(registry, History(recorded, position), position, roots, matters)
        for day in random.sample(random_world.QUERY_DAYS, 3):
            moment = Moment(world, day, world.history.on(day), world.columns(day))
            for agree in RELATIONS:
                note(f"{agree.__name__}, as of {day}, known {position}")
                agree(moment)
            registry.connection.rollback()
