"""What ways out need of the registry beyond the snapshot, by SQL; and the case of a finding."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from registry import law
from registry.checker import Finding
from registry.checker.case import Case
from registry.relations.two_times import NAMED, AsOf
from registry.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class DatabaseRecords:
    """The records as far as the log knew at position `known`; checker.case.Records says what each method returns."""

    connection: psycopg.Connection[Any]
    known: int

    def fit_instrument(
        self, power: str, mode: str, kinds: Collection[str], basis: Sequence[str], day: date
    ) -> str | None:
        query = f"""
            SELECT i.number,
                   CASE WHEN EXISTS (SELECT FROM delegation d WHERE d.matter = %(power)s AND d.kind = 'power'
                                       AND d.instrument = i.number AND d.mode = %(mode)s) THEN 0
                        WHEN EXISTS (SELECT FROM item t JOIN list l ON l.code = t.list WHERE t.matter = %(power)s
                                       AND l.instrument = i.number AND l.assigns = %(mode)s) THEN 1
                        WHEN EXISTS (SELECT FROM unnest(%(basis)s::text[]) AS based (text)
                                     WHERE strpos(based.text, i.number) > 0 OR strpos(based.text, i.title) > 0) THEN 2
                        WHEN i.kind = 'provincial_decision'
                         AND EXISTS (SELECT FROM delegation d WHERE d.kind = 'power' AND d.mode = %(mode)s
                                       AND d.instrument = i.number) THEN 3
                   END AS reason
            FROM instrument i
            WHERE i.kind = ANY(%(kinds)s) AND {NAMED.at("i")}
            ORDER BY reason NULLS LAST, i.valid_from DESC, i.number
            LIMIT 1
        """
        named = {
            "power": power,
            "mode": mode,
            "basis": list(basis),
            "kinds": sorted(kinds),
            "day": day,
            "known": self.known,
        }
        row = self.connection.execute(query, named).fetchone()
        return row[0] if row is not None and row[1] is not None else None

    def leaves_out(self, instrument: str, power: str, day: date) -> bool:
        query = f"""
            SELECT EXISTS (SELECT FROM own) AND NOT EXISTS (
                SELECT FROM own JOIN item t ON t.list = own.code AND {NAMED.at("t")}
                WHERE t.matter = %(power)s
                    OR EXISTS (
                        SELECT FROM matter m WHERE m.code = %(power)s AND {NAMED.at("m")}
                            AND (m.category = t.category OR EXISTS (
                                SELECT FROM unnest(t.terms) term, unnest(m.name || m.aliases) name
                                WHERE strpos(name, term) > 0
                            ))
                    )
            )
        """
        own = f"""
            WITH own AS (
                SELECT l.code FROM list l
                WHERE l.instrument = %(instrument)s AND l.covers = 'power' AND l.closed AND {NAMED.at("l")}
            )
        """
        named = {"instrument": instrument, "power": power, "day": day, "known": self.known}
        row = self.connection.execute(own + query, named).fetchone()
        return row is not None and bool(row[0])

    def replacement(self, instrument: str, day: date) -> str | None:
        query = f"""
            WITH RECURSIVE later (number, steps) AS (
                SELECT %(number)s::text COLLATE "C", 0
              UNION ALL
                SELECT i.replaced_by, later.steps + 1 FROM later JOIN instrument i ON i.number = later.number
                WHERE i.replaced_by IS NOT NULL AND later.steps < 50
                  AND {NAMED.known("i")}
            )
            SELECT later.number FROM later JOIN instrument i ON i.number = later.number
            WHERE later.steps > 0 AND {NAMED.at("i")}
            ORDER BY later.steps LIMIT 1
        """
        row = self.connection.execute(query, {"number": instrument, "day": day, "known": self.known}).fetchone()
        return None if row is None else row[0]

    def is_used(self, key: str) -> bool:
        return self.connection.execute("SELECT FROM log.tag WHERE tag = %s LIMIT 1", (key,)).fetchone() is not None


def fit_document(
    connection: psycopg.Connection[Any], power: str, power_kind: str, basis: Sequence[str], mode: str, moment: AsOf
) -> str | None:
    """Return the number of a document in force that may hand such a power down in that mode, as ways out name it."""
    kinds = law.fit_instruments().on(moment.valid_at)[power_kind, mode].instruments
    return DatabaseRecords(connection, moment.known_at).fit_instrument(power, mode, kinds, basis, moment.valid_at)


def load_case(connection: psycopg.Connection[Any], snapshot: Snapshot, finding: Finding) -> Case:
    """Return the case of a finding that holds in this snapshot, with its delegation as recorded."""
    query = f"""
        SELECT ref, matter, sender, recipient, role, mode, instrument, began, until, due_on, brings, under, proposal
        FROM delegation
        WHERE ref = %(ref)s AND {NAMED.at()}
    """
    named = {"ref": finding.subject, "day": finding.as_of, "known": snapshot.known}
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, named).fetchone()
    when = finding.as_of
    if row is not None:
        # Nothing ends before it has begun; and units that are no more are named as what they are read as.
        when = max(when, row["began"] + timedelta(days=1))
        units = snapshot.units
        for side in ("sender", "recipient"):
            unit = units.read(row[side])
            row[side] = units.code[unit] if unit >= 0 else row[side]
    return Case(DatabaseRecords(connection, snapshot.known), snapshot, finding, row, when)
