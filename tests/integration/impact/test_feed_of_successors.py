"""The feed names the finding of a dissolved unit by its successor, and closes it though nothing was handed to that."""

from __future__ import annotations

import psycopg
import pytest

from registry.checker.setting import COUNTY, SETTING, TOWN, URBAN, delegated
from registry.impact import finding_feed
from registry.impact.finding_feed.replaying import compare_open_findings
from registry.recording.unit_of_work import record
from tests.support.finding_feed import feed_rows

SUCCESSOR = "990102199"


@pytest.mark.parametrize("batch", [1, 1000])
def test_what_ends_after_a_merger_closes_the_findings_that_the_successor_bears(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    record(
        connection,
        [
            *SETTING,
            {"type": "UnitRegistered", "at": "2020-01-01", "unit": SUCCESSOR, "name": "新柳镇", "level": "township"}
            | {"kind": "government", "parent": COUNTY},
            delegated("R-1", URBAN, TOWN),
            {"type": "UnitDissolved", "at": "2022-01-01", "unit": TOWN, "successor": SUCCESSOR},
            {"type": "DelegationEnded", "at": "2022-03-01", "ref": "R-1", "reason": "completed"},
        ],
    )
    monkeypatch.setattr(finding_feed, "BATCH", batch)
    finding_feed.bring_up_to_date(connection)
    rows = feed_rows(connection)
    opened = {finding for *_, change, finding in rows if change == "opened"}
    assert {finding.unit for finding in opened} == {TOWN, SUCCESSOR}
    assert {finding for *_, change, finding in rows if change == "closed"} == opened
    assert not compare_open_findings(connection)
