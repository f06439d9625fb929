"""A unit merged into one of another county: what was done to it is seen from there, and listed and counted alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry import database
from registry.access import accounts
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.counties import BY, Counties, Who, mentioned
from tests.support.databases import Databases
from tests.support.two_counties import DAY, JOURNAL, mark
from tests.support.worlds import decision

GONE = "A-town-village"
S = mark("A-town")
MERGED = [
    decision("DelegationProposed", DAY, proposal=f"{S}P2", matter="D-RIVER", from_="A-town", to=GONE, instrument="A号"),
    decision("CaseRecorded", DAY, case=f"{S}A2", title=f"{S}又一案", text="已尽责", outcome="held", by=GONE),
    decision("BurdenReported", DAY, report=f"{S}Q3", unit=GONE, text=f"{S}太多"),
    decision("UnitDissolved", "2022-06-01", unit=GONE, successor="B-town-village"),
]
LISTED = {
    "proposals": 'proposals(within: "A-town") { nodes { proposal } totalCount }',
    "cases": "cases { nodes { case } totalCount }",
    "rectifications": "rectifications { nodes { ref } totalCount }",
    "reports": 'reports(within: "A-town") { nodes { report } totalCount }',
    "findings": "findings { nodes { subject } totalCount }",
    "assessments": 'assessments(within: "A-town", period: "2022") { assessments { assessment } }',
}


@pytest.fixture(scope="module")
def merged(lent_databases: Databases) -> Iterator[Counties]:
    with lent_databases.lent() as url, database.connect(url) as connection, api(url) as opened:
        record(connection, [*JOURNAL, *MERGED], recorded_by="someone")
        accounts.add(connection, "first", None, [Grant(Role.ADMINISTRATOR)], BY)
        connection.commit()
        yield Counties(url, opened, connection, {})


@pytest.mark.parametrize("field", LISTED)
def test_what_was_of_a_merged_unit_is_listed_and_counted_alike(merged: Counties, field: str) -> None:
    for unit, own in (("A-town", "A-town"), ("B-town", "B-town")):
        answer = merged.query(Who(Role.AUDITOR, unit), "{ %s }" % LISTED[field].replace("A-town", unit))  # noqa: UP031
        assert "errors" not in answer
        listed = answer["data"][field]
        if "totalCount" in listed:
            assert listed["totalCount"] == len(listed["nodes"])
        assert mentioned(str(answer)) <= {own, "A-town"}  # the village's past goes with it
        assert not mentioned(str(answer)) & {"A-town2", "B-town2"}


def test_what_was_proposed_to_a_merged_unit_is_seen_from_where_it_went(merged: Counties) -> None:
    answer = merged.query(Who(Role.AUDITOR, "B-town"), "{ %s }" % LISTED["proposals"].replace("A-town", "B-town"))  # noqa: UP031
    assert f"{S}P2" in str(answer)
