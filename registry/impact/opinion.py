"""The checker's opinion of a proposal: what the delegation would open, and whether who answered was entitled to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from registry.domain.decisions import delegation_type
from registry.impact.simulation import Simulation, patiently, repeatable_read, simulated
from registry.log import recorder
from registry.recording.authority import by_the_program
from registry.relations.columns import LEVEL
from registry.relations.two_times import NAMED
from registry.snapshot import Snapshot, load

# Who is entitled to admit or refuse what is to go down: the organization and staffing departments of the recipient's
# county or above (the duty-admission procedure, 职责准入).
ENTITLED: Final = ("organization", "staffing")
_ROW: Final = f"""
    SELECT proposal, matter, sender, recipient, role, mode, instrument, brings, due_on, answer, answered_by, kind,
           (SELECT min(o.valid_from) FROM proposal o WHERE o.proposal = p.proposal
              AND {NAMED.known("o")}) AS since,
           (SELECT min(i.valid_from) FROM instrument i WHERE i.number = p.instrument
              AND {NAMED.known("i")}) AS issued
    FROM proposal p
    CROSS JOIN LATERAL (SELECT m.kind FROM matter m WHERE m.code = p.matter
                          AND {NAMED.known("m")} LIMIT 1) AS m
    WHERE p.proposal = %(proposal)s AND {NAMED.known("p")}
    ORDER BY p.valid_from <= %(day)s DESC, p.valid_from DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the delegation that is proposed would open and close if it were admitted (refused: as it stands).

    `entitled`: whether the answer came from a unit entitled to give it; None where there is none yet. `by`: who is.
    """

    simulation: Simulation
    entitled: bool | None
    by: list[str]


def opinion(connection: psycopg.Connection[Any], proposal: str, as_of: date) -> Opinion | None:
    """The checker's opinion of a proposal, for a delegation on the day; None where there is no such proposal.

    It is judged later where the proposal, or the document that it names, begins only after that day.

    A proposal that names no role or mode is judged as `lead` and `assigned`, a power as `devolved`. Raises Busy.
    """

    def ask() -> Opinion | None:
        with by_the_program(), repeatable_read(connection):
            return _given(connection, proposal, as_of)

    return patiently(ask)


def _given(connection: psycopg.Connection[Any], proposal: str, as_of: date) -> Opinion | None:
    known, _ = recorder.head(connection)
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_ROW, {"proposal": proposal, "known": known, "day": as_of}).fetchone()
    if row is None:
        return None
    # A document that is still to come is judged from its first day on: before, all that rests on it is void.
    day = max(as_of, row["since"], row["issued"] or as_of)
    snapshot = load(connection, day, known, [row["recipient"]], only=True, held_powers=True)
    entitled = _entitled(snapshot, row["recipient"])
    decisions: list[Mapping[str, Any]] = []
    if row["answer"] is None and entitled:
        admitted = {"type": "ProposalAdmitted", "at": day.isoformat(), "proposal": proposal, "by": entitled[0]}
        decisions.append(admitted)
    decisions.append(_delegation(snapshot, row, day))
    answered: bool | None = None
    if row["answered_by"] is not None:
        answered_by = snapshot.units.read(row["answered_by"])
        answered = answered_by >= 0 and snapshot.units.code[answered_by] in entitled
    return Opinion(simulated(connection, decisions, day), answered, entitled)


def _delegation(snapshot: Snapshot, row: Mapping[str, Any], day: date) -> Mapping[str, Any]:
    kind = row["kind"]

    def current_code(code: str) -> str:
        index = snapshot.units.read(code)
        return snapshot.units.code[index] if index >= 0 else code

    fields: dict[str, Any] = {
        "type": delegation_type(kind).__name__,
        "at": day.isoformat(),
        "ref": f"{row['proposal']}（拟）",
        "matter": row["matter"],
        "from": current_code(row["sender"]),
        "to": current_code(row["recipient"]),
        "instrument": row["instrument"],
        "proposal": row["proposal"],
    }
    if kind == "duty":
        fields |= {"role": row["role"] or "lead", "mode": row["mode"] or "assigned"}
    if kind == "power":
        fields["mode"] = row["mode"] or "devolved"
    if kind in ("duty", "power") and row["brings"]:
        fields["brings"] = list(row["brings"])
    if kind != "power" and row["due_on"] is not None and row["due_on"] >= day:
        fields["due_on"] = row["due_on"].isoformat()
    return fields


def _entitled(snapshot: Snapshot, recipient: str) -> list[str]:
    """The organization and staffing departments of the recipient's county and of the governments above it."""
    units = snapshot.units
    index = units.read(recipient)
    if index < 0:
        return []
    above = [int(each) for each in units.lineage[index] if each >= 0]
    functions = [units.functions.index(name) for name in ENTITLED if name in units.functions]
    departments = [
        each
        for each in range(len(units))
        if int(units.function[each]) in functions
        and 0 <= units.level[each] <= LEVEL["county"]
        and int(units.government[each]) in above
    ]
    # The nearest first.
    return [
        units.code[each] for each in sorted(departments, key=lambda each: (-int(units.level[each]), units.code[each]))
    ]
