"""What it costs to bring the feed up to date: some statements for many decisions, whomever they bear on."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from registry.checker.setting import SETTING, TOWN, delegated
from registry.impact import finding_feed
from registry.recording.unit_of_work import record
from tests.support.finding_feed import feed_rows

VILLAGES = 60


def test_duties_of_many_villages_take_fewer_statements_than_there_are(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    villages = [f"990102101{number}" for number in range(300, 300 + VILLAGES)]
    unit = {"type": "UnitRegistered", "at": "2020-01-01", "level": "village", "kind": "village", "parent": TOWN}
    named = [unit | {"unit": code, "name": f"第{number}村"} for number, code in enumerate(villages, 1)]
    record(connection, [*SETTING, *named])
    finding_feed.bring_up_to_date(connection)
    record(connection, [delegated(f"R-{code}", TOWN, code) for code in villages])
    statements: list[Any] = []
    execute = psycopg.Cursor.execute

    def counted(cursor: psycopg.Cursor, query: Any, *arguments: Any, **others: Any) -> Any:
        statements.append(query)
        return execute(cursor, query, *arguments, **others)

    monkeypatch.setattr(psycopg.Cursor, "execute", counted)
    monkeypatch.setattr(finding_feed, "SECONDS", 600)
    finding_feed.bring_up_to_date(connection)
    assert {finding.subject for *_, finding in feed_rows(connection)} == {f"R-{code}" for code in villages}
    assert 20 < len(statements) < VILLAGES
