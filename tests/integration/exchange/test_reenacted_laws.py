"""Powers that rest on a law stand when the published lists say that another re-enacts it."""

from __future__ import annotations

from datetime import date

import pytest

from registry import database
from registry.checker import check
from registry.exchange import published
from registry.recording.unit_of_work import record
from tests.support.worlds import decision, unit

SEAL, LAW = "P-POLLUTION-SEIZURE", "主席令第9号（2014）"
# The team holds the power only by a vesting under the law; the town has it from the team.
COUNTY = [
    unit("4206", "prefecture", "government"),
    unit("420684", "county", "government", "4206"),
    unit("team", "county", "department", "420684", function="urban-management"),
    unit("town", "township", "government", "420684"),
    decision("InstrumentIssued", "2019-01-01", instrument="省政府令1号", title="赋权决定", kind="provincial_decision"),
    decision("PowerVested", "2020-01-01", power=SEAL, unit="team", instrument=LAW),
    decision("PowerGranted", "2021-09-01", ref="G-1", matter=SEAL, from_="team", to="town", mode="devolved",
        instrument="省政府令1号"),
    decision("PowerGranted", "2021-09-01", ref="G-2", matter=SEAL, from_="team", to="town", mode="devolved",
        instrument=LAW),
]  # fmt: skip


@pytest.fixture(params=["lists first", "county first"])
def url(database_url: str, request: pytest.FixtureRequest) -> str:
    """The county and the lists, in either order: a county's own code of that kind is left as it was."""
    with database.connect(database_url) as connection:
        if request.param == "county first":
            bare = [
                decision("InstrumentIssued", "2015-01-01", instrument=LAW, title="中华人民共和国环境保护法",
                    kind="law"),
                decision("MatterDefined", "1989-12-26", matter=SEAL, kind="power", power_kind="coercion",
                    name="查封、扣押造成污染物排放的设施、设备"),
            ]  # fmt: skip
            record(connection, [*COUNTY[:4], *bare, *COUNTY[4:]])
        published.load(connection, on=date(2026, 11, 29))
        if request.param == "lists first":
            record(connection, COUNTY)
    return database_url


@pytest.mark.parametrize("day", ["2022-01-01", "2026-08-14", "2026-08-15", "2026-11-29"])
def test_vestings_and_grants_stand_under_the_code(url: str, day: str) -> None:
    with database.connect(url) as connection:
        rules = {(f.rule, f.subject) for f in check(connection, date.fromisoformat(day), 10**9)}
    assert not {rule for rule, subject in rules if subject in ("G-1", "G-2")} & {
        "void-grant", "expired-basis", "unfit-instrument", "re-entrusted",
    }  # fmt: skip
