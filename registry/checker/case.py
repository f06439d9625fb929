"""One finding to be put right: what it is about, and the decisions that ways out are made of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import numpy as np

from registry import law
from registry.checker import naming
from registry.checker.finding import Finding
from registry.checker.paths import departments
from registry.domain import words
from registry.domain.text import Text
from registry.relations.columns import UNIT_KIND
from registry.relations.powers import MAY_GRANT, effective_powers, holding
from registry.snapshot.columns import Snapshot

Json = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """A way out of a finding that has not been tried yet. `action`: a slug that says what it does."""

    action: str
    message: Text
    decisions: list[Json]


class Records(Protocol):
    """What ways out need of the registry beyond the snapshot; registry.impact.remedies answers it from the database."""

    def fit_instrument(
        self, power: str, mode: str, kinds: Collection[str], basis: Sequence[str], day: date
    ) -> str | None:
        """Return the number of a document of one of these kinds, in force on the day, that may hand the power down."""
        ...

    def leaves_out(self, instrument: str, power: str, day: date) -> bool:
        """Return whether a document's own closed lists of powers, in force on the day, do not have this power."""
        ...

    def replacement(self, instrument: str, day: date) -> str | None:
        """Return the number of the document in force on the day that replaced this one, or replaced what did."""
        ...

    def is_used(self, key: str) -> bool:
        """Return whether the log has a decision about the thing with this key: `ref:BN-2`, `item:LIST#ITEM`."""
        ...


@dataclass(frozen=True, eq=False)
class Case:
    """A finding in the snapshot of its unit.

    `row`: its delegation as the read table has it (`ref`, `matter`, `sender`, `recipient`, `role`, `mode`,
    `instrument`, `began`, `until`, `due_on`, `brings`, `under`, `proposal`), the units as they are read on the day;
    None for an item of a list and for a demand. `when`: the day on which ways out take effect: the finding's, or the
    day after the delegation began where that is later.
    """

    records: Records
    snapshot: Snapshot
    finding: Finding
    row: Mapping[str, Any] | None
    when: date
    _taken: set[str] = field(default_factory=set[str])

    # ------------------------------------------------------------------------------------------------ what it is about

    @property
    def unit(self) -> int:
        """The index of the unit in the snapshot."""
        return self.snapshot.units.read(self.finding.unit)

    @property
    def delegation(self) -> int:
        """The index of the delegation in the snapshot; -1 where the subject is none."""
        return self.delegation_of(self.finding.subject)

    def delegation_of(self, ref: str) -> int:
        """Return the index of a delegation in the snapshot; -1 where it is not in force."""
        try:
            return self.snapshot.delegations.ref.index(ref)
        except ValueError:
            return -1

    @property
    def matter(self) -> int:
        """The index of the matter in the snapshot."""
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
            int(government)
            for government in units.lineage[unit]
            if government >= 0 and government != unit and units.kind[government] == UNIT_KIND["government"]
        ]

    def nearest_holder(self, unit: int, powers: list[int], *, but: frozenset[int] = frozenset()) -> int | None:
        """The nearest government above, or department of one, that holds all these powers so that it may grant them."""
        start, department = self.snapshot.once(departments)
        for government in self.above(unit):
            offices = sorted(map(int, department[start[government] : start[government + 1]]), key=self.code)
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
        """Return the number of a document in force that may hand such a power down in that mode; None where none may.

        A document that already does, or that the power is based on; else a decision of the province that hands others
        down: the program knows no better reason to choose a document.
        """
        matters = self.snapshot.matters
        power_kind = words.POWER_KINDS[int(matters.power_kind[power])]
        kinds = law.fit_instruments().on(self.when)[power_kind, mode].instruments
        return self.records.fit_instrument(matters.code[power], mode, kinds, matters.basis[power], self.when)

    def to_be_listed_first(self, power: int, paper: str) -> Text:
        """What has to be said beside a document that may hand such powers down, but whose own list has not this one."""
        if not self.records.leaves_out(paper, self.snapshot.matters.code[power], self.when):
            return Text("", "")
        return Text(
            "（这份文件的清单里还没有这一项，先请发文机关列入）",
            " (its own list does not have it yet: ask who issued it to enter it first)",
        )

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
        while f"{prefix}{like}-{number}" in self._taken or self.records.is_used(f"{prefix}{like}-{number}"):
            number += 1
        self._taken.add(f"{prefix}{like}-{number}")
        return f"{like}-{number}"

    def instead(self, **changes: Any) -> list[Json]:
        """The delegation superseded by one that is like it but for these fields (names of the read table's columns)."""
        from registry.domain.decisions import delegation_type  # a third of a second, for which no check waits

        if self.row is None:
            return []
        row = {**self.row, **changes}
        until, due_on = row["until"], row["due_on"]
        transfer = self.decided(
            delegation_type(self.kind).__name__,
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
