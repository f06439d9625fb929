"""One finding to be put right: what it is about, and the decisions that ways out are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import psycopg
from psycopg.rows import dict_row

from registry import law
from registry.checker import Finding, naming
from registry.checker.paths import departments
from registry.domain import words
from registry.domain.text import Text
from registry.relations.powers import MAY_GRANT, effective_powers, holding
from registry.snapshot import Snapshot
from registry.snapshot.columns import UNIT_KIND

Json = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """A way out that nobody has tried yet. `action`: a slug of what it does."""

    action: str
    message: Text
    decisions: list[Json]


@dataclass(frozen=True, eq=False)
class Case:
    """A finding in the snapshot of its unit. `row`: its delegation as recorded, none for an item of a list."""

    connection: psycopg.Connection[Any]
    snapshot: Snapshot
    finding: Finding
    row: Mapping[str, Any] | None
    when: date  # the day on which ways out take effect: the finding's, or the day after the delegation began
    _taken: set[str] = field(default_factory=set[str])

    # ------------------------------------------------------------------------------------------------ what it is about

    @property
    def unit(self) -> int:
        """The unit's place in the snapshot."""
        return self.snapshot.units.read(self.finding.unit)

    @property
    def delegation(self) -> int:
        """The delegation's place in the snapshot; -1 where the subject is none."""
        return self.place(self.finding.subject)

    def place(self, ref: str) -> int:
        """A delegation's place in the snapshot; -1 where it is not in force."""
        try:
            return self.snapshot.delegations.ref.index(ref)
        except ValueError:
            return -1

    @property
    def matter(self) -> int:
        """The matter's place in the snapshot."""
        return self.snapshot.matters.index[self.finding.matter]

    @property
    def item(self) -> tuple[str, str] | None:
        """The list and the item, where the subject is one."""
        listed, _, item = self.finding.subject.partition("#")
        return (listed, item) if item else None

    @property
    def kind(self) -> str:
        """The matter's kind."""
        return words.MATTER_KINDS[int(self.snapshot.matters.kind[self.matter])]

    def code(self, unit: int) -> str:
        """The code of a unit of the snapshot."""
        return self.snapshot.units.code[unit]

    def name(self, unit: int) -> str:
        """The name of a unit of the snapshot."""
        return naming.unit(self.snapshot, unit)

    @property
    def what(self) -> Text:
        """The matter's name, quoted."""
        return naming.matter(self.snapshot, self.matter)

    def above(self, unit: int) -> list[int]:
        """The governments above a unit, nearest first; its own too where it is an office."""
        units = self.snapshot.units
        return [
            int(place)
            for place in units.lineage[unit]
            if place >= 0 and place != unit and units.kind[place] == UNIT_KIND["government"]
        ]

    def nearest_holder(self, unit: int, powers: list[int], *, but: frozenset[int] = frozenset()) -> int | None:
        """The nearest government above, or department of one, that holds all these powers so that it may grant them."""
        start, found = self.snapshot.once(departments)
        for government in self.above(unit):
            offices = sorted(map(int, found[start[government] : start[government + 1]]), key=self.code)
            for holder in (government, *offices):
                if holder != unit and holder not in but and self.may_grant(holder, powers):
                    return holder
        return None

    def may_grant(self, unit: int, powers: list[int]) -> bool:
        """Does the unit hold all these powers, and not only by entrustment or in another's name?"""
        units = np.full(len(powers), unit, np.int32)
        ways = holding(self.snapshot.once(effective_powers), units, np.array(powers, np.int32))
        return bool((ways & MAY_GRANT).all())

    def fit_instrument(self, power: int, mode: str) -> str | None:
        """A document in force that may hand such a power down: one that already does, or that the power is based on.

        Else a decision of the province that hands others down. The program knows no better reason to take a document.
        """
        matters = self.snapshot.matters
        power_kind = words.POWER_KINDS[int(matters.power_kind[power])]
        kinds = law.fit_instruments().on(self.when)[power_kind, mode].instruments
        query = """
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
            WHERE i.kind = ANY(%(kinds)s) AND i.valid_from <= %(day)s AND i.valid_to > %(day)s
              AND i.known_from <= %(known)s AND i.known_to > %(known)s
            ORDER BY reason NULLS LAST, i.valid_from DESC, i.number
            LIMIT 1
        """
        named = {
            "power": matters.code[power],
            "mode": mode,
            "basis": matters.basis[power],
            "kinds": sorted(kinds),
            "day": self.when,
            "known": self.snapshot.known,
        }
        found = self.connection.execute(query, named).fetchone()
        return found[0] if found is not None and found[1] is not None else None

    # ------------------------------------------------------------------------------------------------------- decisions

    def decided(self, type_: str, **fields: Any) -> Json:
        """A decision of the day; `from_` stands for the field that Python cannot name."""
        given = {name.rstrip("_"): value for name, value in fields.items() if value not in (None, [], ())}
        return {"type": type_, "at": self.when.isoformat(), **given}

    def ended(self, ref: str, reason: str) -> Json:
        """The end of a delegation."""
        return self.decided("DelegationEnded", ref=ref, reason=reason)

    def withdrawn(self) -> Json:
        """The item, taken off its list."""
        listed, item = self.item or ("", "")
        return self.decided("ListItemWithdrawn", list=listed, item=item)

    def ref(self, like: str) -> str:
        """A ref that nothing bears yet, made from another."""
        return self._fresh("ref:", like)

    def item_code(self, listed: str, like: str) -> str:
        """An id that no item of the list has had."""
        return self._fresh(f"item:{listed}#", like)

    def _fresh(self, prefix: str, like: str) -> str:
        like = like.replace("#", "-")
        number = 1
        while True:
            name = f"{like}-{number}"
            query = "SELECT FROM log.tag WHERE tag = %s LIMIT 1"
            if prefix + name not in self._taken and self.connection.execute(query, (prefix + name,)).fetchone() is None:
                self._taken.add(prefix + name)
                return name
            number += 1

    def instead(self, **changes: Any) -> list[Json]:
        """The delegation superseded by one that is like it but for these fields (names of the read table's columns)."""
        if self.row is None:
            return []
        row = {**self.row, **changes}
        until, due_on = row["until"], row["due_on"]
        transfer = self.decided(
            {"duty": "DutyDelegated", "power": "PowerGranted"}.get(self.kind, "BurdenImposed"),
            ref=self.ref(row["ref"]),
            matter=row["matter"],
            from_=row["sender"],
            to=row["recipient"],
            role=row["role"],
            mode=row["mode"],
            instrument=row["instrument"],
            until=until.isoformat() if until is not None and until > self.when else None,
            due_on=due_on.isoformat() if due_on is not None and due_on >= self.when else None,
            brings=list(row["brings"]) if self.kind in ("duty", "power") else None,
            under=row["under"] if self.kind != "power" else None,
            proposal=row["proposal"],
        )
        return [self.ended(row["ref"], "superseded"), transfer]


def opened(connection: psycopg.Connection[Any], snapshot: Snapshot, finding: Finding) -> Case:
    """The case of a finding that holds in this snapshot."""
    query = """
        SELECT ref, matter, sender, recipient, role, mode, instrument, began, until, due_on, brings, under, proposal
        FROM delegation
        WHERE ref = %(ref)s AND valid_from <= %(day)s AND valid_to > %(day)s
          AND known_from <= %(known)s AND known_to > %(known)s
    """
    named = {"ref": finding.subject, "day": finding.as_of, "known": snapshot.known}
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, named).fetchone()
    when = finding.as_of
    if row is not None:
        # Nothing ends before it has begun; and units that are no more are named as what they are read as.
        when = max(when, row["began"] + timedelta(days=1))
        read = snapshot.units
        for side in ("sender", "recipient"):
            place = read.read(row[side])
            row[side] = read.code[place] if place >= 0 else row[side]
    return Case(connection, snapshot, finding, row, when)
