"""What orders to put findings right are about: which of these findings stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import psycopg

from registry import checker
from registry.checker import Finding, FindingRow
from registry.queries.findings.rectifications import Key, Rectification
from registry.snapshot import Snapshot, load


def standing_findings(
    connection: psycopg.Connection,
    day: date,
    known: int,
    orders: Collection[Rectification],
    picture: Snapshot | None = None,
) -> dict[str, Finding]:
    """Return by ref the findings of orders that stand in the default answer of the day; of the rest nothing.

    `picture`: a snapshot of that moment that judges all units of these orders, where there is one.
    """
    snapshot, rows = _standing(connection, day, known, orders, picture)
    chosen = {key: row for key, row in rows.items() if key in {order.key for order in orders}}
    judged = (
        {} if snapshot is None else dict(zip(chosen, checker.explain(snapshot, list(chosen.values())), strict=True))
    )
    return {order.ref: judged[order.key] for order in orders if order.key in judged}


def in_state(
    connection: psycopg.Connection,
    day: date,
    known: int,
    orders: Sequence[Rectification],
    state: str,
    picture: Snapshot | None = None,
) -> list[Rectification]:
    """Return those of the orders that are in a state (registry.queries.findings.rectifications.STATES) on the day.

    `picture`: as for `standing_findings`.
    """
    possible = in_question(orders, state)
    _, rows = _standing(connection, day, known, possible, picture)
    return [order for order in possible if order.state(finding_open=order.key in rows) == state]


def in_question(orders: Sequence[Rectification], state: str) -> list[Rectification]:
    """Return the orders that may be in a state by what they alone tell: this saves looking at findings of the rest."""
    return [order for order in orders if state == "CLOSED" or order.state(finding_open=True) == state]


def _standing(
    connection: psycopg.Connection,
    day: date,
    known: int,
    orders: Collection[Rectification],
    picture: Snapshot | None,
) -> tuple[Snapshot | None, dict[Key, FindingRow]]:
    """The findings, none waived, of a snapshot that judges the units of these orders; nothing where there are none."""
    if not orders:
        return None, {}
    snapshot = picture or load(connection, day, known, {order.unit for order in orders}, only=True)
    return snapshot, {row.key: row for row in checker.finding_rows(snapshot)}
