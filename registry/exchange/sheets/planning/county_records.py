"""What the registry has that a county's sheets may name: its units, matters, instruments, lists with their items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, LiteralString

import psycopg
from psycopg.rows import class_row, dict_row

from registry.database.row_objects import as_object
from registry.domain.dates import today
from registry.exchange.published.files import Entry
from registry.exchange.published.recorded_state import RecordedState, folded, numbered
from registry.exchange.sheets.recognising.departments import Department, Departments, area_name
from registry.relations.two_times import in_days, still_known


def _on(row: LiteralString) -> LiteralString:
    return f"{in_days(row, '%(day)s', '%(day)s')} AND {still_known(row)}"


COUNTY: Final = f"""
SELECT u.code, u.name, u.level, u.kind, u.parent FROM unit u
WHERE u.code = %(county)s AND {_on("u")} AND NOT u.dissolved
"""
# The county's own units down to the townships', the departments beside the county's government, and those departments'
# branches for the county (襄阳市生态环境局宜城分局), which are the county's as others see it.
UNITS: Final = f"""
WITH RECURSIVE below AS (
    SELECT u.code FROM unit u WHERE u.code = %(county)s AND {_on("u")} AND NOT u.dissolved
    UNION
    SELECT u.code FROM below b JOIN unit u ON u.parent = b.code
    WHERE {_on("u")} AND NOT u.dissolved AND u.level <> 'village'
)
SELECT u.code, u.name, u.level, u.kind, u.function, u.aliases, u.level = %(level)s OR b.code IS NOT NULL AS own,
    ARRAY(
        SELECT DISTINCT f.name FROM unit f WHERE f.code = u.code AND {still_known("f")} AND f.name <> u.name
    ) AS former
FROM unit u LEFT JOIN below b ON b.code = u.code
WHERE {_on("u")} AND NOT u.dissolved
    AND (b.code IS NOT NULL OR (u.parent = %(above)s AND u.kind IN ('department', 'party')) OR (
        u.level = %(level)s AND strpos(u.name, %(area)s) > 0 AND u.parent IN (
            SELECT p.code FROM unit p WHERE p.parent = %(above)s AND p.kind IN ('department', 'party')
        )))
ORDER BY u.code
"""
# Those dissolved into others, to be read as these.
SUCCESSORS: Final = (
    f"SELECT u.code, u.successor FROM unit u WHERE u.code = ANY(%(codes)s) AND u.dissolved AND {_on('u')}"
)
# What the county lies in, up to the nation, and by which names it went itself.
ABOVE: Final = f"""
WITH RECURSIVE above AS (
    SELECT u.code, u.parent FROM unit u WHERE u.code = %(county)s AND {_on("u")}
    UNION
    SELECT u.code, u.parent FROM above a JOIN unit u ON u.code = a.parent WHERE {_on("u")}
)
SELECT DISTINCT n.name FROM above a JOIN unit n ON n.code = a.code WHERE {still_known("n")}
"""
OTHER_COUNTIES: Final = f"""
SELECT DISTINCT n.name FROM unit u
JOIN unnest(%(names)s::text[]) n (name) ON right(regexp_replace(u.name, '人民政府$', ''), length(n.name)) = n.name
WHERE u.kind = 'government' AND u.level IN ('prefecture', 'county')
    AND u.code <> %(county)s AND {_on("u")} AND NOT u.dissolved
"""
# Another county's own matters, whose codes begin with its code, are nothing to this one.
MATTERS: Final = f"""
SELECT m.code, m.name, m.aliases FROM matter m WHERE m.kind = %(kind)s AND NOT m.retired AND {_on("m")}
    AND (m.code !~ '^[0-9]{{6}}-' OR starts_with(m.code, %(county)s || '-'))
ORDER BY m.code
"""
SPENT: Final = f"""
SELECT DISTINCT m.code FROM matter m WHERE starts_with(m.code, %(county)s || '-') AND {still_known("m")}
"""
VESTED: Final = f"""
SELECT v.power, v.unit FROM vesting v JOIN unit u ON u.code = v.unit AND {_on("u")} AND u.parent = %(county)s
WHERE {_on("v")}
"""
# Under which name an item of the county's lists, old ones too, stood for which matter; the newest last.
NAMED: Final = f"""
SELECT i.name, i.matter FROM item i JOIN list l ON l.code = i.list AND {still_known("l")}
JOIN matter m ON m.code = i.matter AND NOT m.retired AND {_on("m")}
WHERE l.scope = ANY(%(scopes)s) AND l.covers = %(kind)s AND {still_known("i")} ORDER BY i.position
"""
INSTRUMENT: Final = f"""
SELECT n.number, n.title, n.kind, n.valid_from AS at, nullif(n.valid_to, 'infinity') AS repealed
FROM instrument n
WHERE n.number = %s AND {still_known("n")}
"""
_PLACE_ENDS: Final = re.compile("[县市区旗州盟]")
_LONGEST_PLACE: Final = 10  # letters of a county's name: 双江拉祜族佤族布朗族傣族自治县 is told by its form
_BRACKETS: Final = "'[]()（）［］【】〔〕 ', ''"
LIKE_NUMBERED: Final = f"""
SELECT n.number FROM instrument n
WHERE translate(n.number, {_BRACKETS}) = translate(%s, {_BRACKETS}) AND {still_known("n")} ORDER BY n.number LIMIT 3
"""
STANDING: Final = f"""
SELECT l.code FROM list l WHERE l.code = ANY(%s) AND l.valid_to = 'infinity' AND {still_known("l")} ORDER BY l.code
"""
ITEMS: Final = (
    f"SELECT DISTINCT 'item:' || i.list || '#' || i.item FROM item i WHERE i.list = %s AND {still_known('i')}"
)


@dataclass(frozen=True, slots=True)
class County:
    """The unit whose lists are imported: a county, or whatever else has departments and lists of its own."""

    code: str
    name: str
    level: str
    kind: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A document that is recorded, and the day from which it is repealed (None: it stands)."""

    number: str
    title: str
    kind: str
    at: date
    repealed: date | None


@dataclass(frozen=True, slots=True)
class Named:
    """A matter by its code and the names under which it goes."""

    code: str
    name: str
    aliases: tuple[str, ...]


class CountyRecords:
    """Questions to the registry as it stands now, of one day, for one county."""

    def __init__(self, connection: psycopg.Connection[Any], county: County, day: date) -> None:
        self.connection = connection
        self.county = county
        self.day = day

    def departments(self) -> Departments:
        """Who may be named as the one above."""
        county = self.county
        parameters = {"county": county.code, "above": county.parent, "level": county.level, "day": self.day}
        parameters["area"] = area_name(county.name)
        with self.connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(UNITS.encode(), parameters).fetchall()
        arrays = ("aliases", "former")
        units = (as_object(Department, row | {name: tuple(row[name]) for name in arrays}) for row in rows)
        return Departments(self.county.name, tuple(units))

    def above(self) -> list[str]:
        """The names of the county, older ones too, and of the governments above it."""
        rows = self.connection.execute(ABOVE.encode(), {"county": self.county.code, "day": self.day}).fetchall()
        return [name for (name,) in rows]

    def matters(self, kind: str) -> list[Named]:
        """Matters of a kind that the county's lists may name, by code."""
        parameters = {"kind": kind, "county": self.county.code, "day": self.day}
        rows = self.connection.execute(MATTERS.encode(), parameters).fetchall()
        return [Named(code, name, tuple(aliases)) for code, name, aliases in rows]

    def named(self, kind: str, scopes: list[str]) -> dict[str, str]:
        """Matters by the names that items of the county's own lists have had for them."""
        parameters = {"kind": kind, "scopes": scopes, "day": self.day}
        return dict(self.connection.execute(NAMED.encode(), parameters).fetchall())

    def matter_fields(self, codes: list[str]) -> dict[str, Entry]:
        """What was last said of these matters, by code."""
        results = folded(self.connection, [f"matter:{code}" for code in codes])
        return {state.fields["matter"]: state.fields for state in results.values()}

    def spent(self) -> set[str]:
        """The codes of all matters that the county ever called its own."""
        rows = self.connection.execute(SPENT.encode(), {"county": self.county.code}).fetchall()
        return {code for (code,) in rows}

    def vested(self) -> set[tuple[str, str]]:
        """Powers and units of the county that hold them by name on that day."""
        parameters = {"county": self.county.code, "day": self.day}
        rows = self.connection.execute(VESTED.encode(), parameters).fetchall()
        return {(power, unit) for power, unit in rows}

    def successors(self, codes: set[str]) -> dict[str, str]:
        """Of these units those that were dissolved into another, and which that is by now."""
        results: dict[str, str] = {}
        pending = codes
        while pending:
            rows = self.connection.execute(SUCCESSORS.encode(), {"codes": list(pending), "day": self.day}).fetchall()
            new = {code: successor for code, successor in rows if successor is not None and code not in results}
            results |= new
            pending = set(new.values()) - results.keys()
        return {code: _last(code, results) for code in codes if code in results}


def county(connection: psycopg.Connection[Any], code: str, day: date) -> County | None:
    """The unit of that code as it stands on that day."""
    with connection.cursor(row_factory=class_row(County)) as cursor:
        return cursor.execute(COUNTY.encode(), {"county": code, "day": day}).fetchone()


def other_counties(connection: psycopg.Connection[Any], code: str, texts: Iterable[str]) -> list[str]:
    """The names in texts that are, or end, those of other counties and prefectures of the registry: 巴南区."""
    ends = [(text, end.end()) for text in texts for end in _PLACE_ENDS.finditer(text)]
    written = {text[start:end] for text, end in ends for start in range(max(0, end - _LONGEST_PLACE), end - 2)}
    if not written:
        return []
    parameters = {"names": sorted(written), "county": code, "day": today()}
    rows = connection.execute(OTHER_COUNTIES.encode(), parameters).fetchall()
    return sorted((name for (name,) in rows), key=lambda name: (-len(name), name))


def load_list(
    connection: psycopg.Connection[Any], code: str
) -> tuple[str, RecordedState | None, dict[str, RecordedState]]:
    """The list of that code, or the last adopted in its place (code-2 …): its code, it, and its items by key."""
    number, result = 1, None
    while (now := folded(connection, [key := f"list:{numbered(code, number)}"]).get(key)) is not None:
        result = now
        number += 1
    last = numbered(code, max(number - 1, 1))
    if result is None:
        return last, None, {}
    return last, result, folded(connection, [key for (key,) in connection.execute(ITEMS.encode(), (last,)).fetchall()])


def standing_lists(connection: psycopg.Connection[Any], codes: Iterable[str]) -> list[str]:
    """Of these lists, by their codes, those that are in force."""
    wanted = list(codes)
    rows = connection.execute(STANDING.encode(), (wanted,)).fetchall() if wanted else []
    return [code for (code,) in rows]


def instrument(connection: psycopg.Connection[Any], number: str) -> Instrument | None:
    """The document of that number."""
    with connection.cursor(row_factory=class_row(Instrument)) as cursor:
        return cursor.execute(INSTRUMENT.encode(), (number,)).fetchone()


def like_numbered(connection: psycopg.Connection[Any], number: str) -> list[str]:
    """Documents whose numbers differ from this one in brackets and spaces only."""
    return [result for (result,) in connection.execute(LIKE_NUMBERED.encode(), (number,)).fetchall()]


def _last(code: str, successors: Mapping[str, str]) -> str:
    while code in successors:
        code = successors[code]
    return code
