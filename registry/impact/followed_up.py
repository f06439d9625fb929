"""What orders to put findings right are about: which of these findings stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import psycopg

from registry.checker import Finding
from registry.impact.unit_findings import borne_findings
from registry.queries.findings.rectifications import Rectification


def standing_findings(
    connection: psycopg.Connection, day: date, known: int, orders: Collection[Rectification]
) -> dict[str, Finding]:
    """Return by ref the findings of orders that stand in the default answer of the day; of the rest nothing."""
    borne = borne_findings(connection, day, known, {order.unit for order in orders})
    by_key = {finding.key: finding for finding in borne if finding.waived_by is None}
    return {order.ref: by_key[order.key] for order in orders if order.key in by_key}


def in_state(
    connection: psycopg.Connection, day: date, known: int, orders: Sequence[Rectification], state: str
) -> list[Rectification]:
    """Return those of the orders that are in a state (registry.queries.findings.rectifications.STATES) on the day."""
    # What the order alone tells saves looking at the findings of its unit.
    possible = [order for order in orders if state == "CLOSED" or order.state(finding_open=True) == state]
    standing = standing_findings(connection, day, known, possible)
    return [order for order in possible if order.state(finding_open=order.ref in standing) == state]
