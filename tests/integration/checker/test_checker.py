"""The checker: each rule by its own examples, random journals against the oracle, and the same answer from any side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import database
from registry.checker import RULES, as_json, check, check_snapshot, explain, explained, finding_rows
from registry.checker.rule import Example, Rule
from registry.checker.setting import (
    COUNTY,
    DECISION,
    ENFORCEMENT,
    LAW,
    LETTER,
    NOTICE,
    SETTING,
    START,
    TEAM,
    TOWN,
    URBAN,
    VILLAGE,
    delegated,
    entered,
    granted,
    listed,
)
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import record
from registry.relations.powers import (
    DEVOLVED,
    ENTRUSTED,
    IN_NAME,
    OUTRIGHT,
    chain,
    effective_powers,
    entrusted_only,
    held,
    holding,
)
from registry.snapshot import Snapshot, load
from tests.oracle import rules as oracle
from tests.oracle import validity
from tests.oracle.fold import History
from tests.oracle.powers import powers_of
from tests.support import journals
from tests.support.drawing import examples

NEWEST = 10**9
SPRING = date(2021, 5, 1)

Line = dict[str, Any]


def keys(results: Iterable[Any]) -> list[tuple[str, str, str]]:
    return [finding.key for finding in results]


def run(connection: psycopg.Connection, *lines: Any) -> None:
    record(connection, [dict(line) for line in lines])


# ------------------------------------------------------------------------------------------------- the rules' own


def rule_examples() -> list[Any]:
    return [
        pytest.param(rule, example, id=f"{rule.name}-{what}")
        for rule in RULES.values()
        for what, example in (("fires", rule.fires), ("clean", rule.clean))
    ]


@pytest.mark.parametrize(("rule", "example"), rule_examples())
def test_example(connection: psycopg.Connection, rule: Rule, example: Example) -> None:
    run(connection, *example.journal)
    findings = check(connection, example.as_of, NEWEST, rule=rule.name)
    assert [(finding.unit, finding.subject) for finding in findings] == list(example.findings)
    for finding in findings:
        assert finding.severity == rule.severity
        assert finding.subject in finding.path
        assert set(rule.basis) <= set(finding.basis)
        units = load(connection, example.as_of, NEWEST).units
        assert units.name[units.read(finding.unit)] in finding.message.zh
        assert units.name[units.read(finding.unit)] in finding.message.en


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_the_clean_example_is_near_the_other(rule: Rule) -> None:
    assert rule.fires.findings
    assert not rule.clean.findings
    both = {json.dumps(line, ensure_ascii=False) for line in rule.fires.journal} & {
        json.dumps(line, ensure_ascii=False) for line in rule.clean.journal
    }
    assert len(both) >= len(SETTING)


def test_of_several_grants_the_earlier_recorded_is_shown_however_the_rows_are_read(
    connection: psycopg.Connection,
) -> None:
    # Found by `make search`: the path of the whole registry and that of a territory named different grants.
    later = granted("R-1", COUNTY, TOWN, "entrusted", DECISION, at="2021-03-02")
    earlier = granted("R-3", COUNTY, TOWN, "devolved", DECISION, at="2020-03-01")
    run(connection, *SETTING, later, granted("R-2", TOWN, ENFORCEMENT, "devolved", DECISION, at="2021-03-02"), earlier)
    for within in (None, COUNTY, TOWN):
        paths = {f.subject: f.path for f in check(connection, SPRING, NEWEST, within, rule="void-grant")}
        assert paths["R-2"] == ("R-1", "R-2")


# ------------------------------------------------------------------------------------------------- against the oracle


def test_the_oracle_has_every_rule_but_those_that_it_says_it_lacks() -> None:
    assert oracle.RULES.keys() | oracle.NOT_HERE == RULES.keys()
    assert not oracle.RULES.keys() & oracle.NOT_HERE


@pytest.mark.slow
@settings(examples(12), suppress_health_check=list(HealthCheck))
@given(lines=journals.journals(size=80), day=st.sampled_from(journals.QUERY_DAYS), data=st.data())
def test_random_journals_as_the_oracle_reads_them(
    new_database: Callable[[], str], lines: list[Line], day: str, data: st.DataObject
) -> None:
    recorded = validity.judge([journals.encoded(line) for line in lines]).recorded
    with database.connect(new_database()) as connection:
        import_journal(connection, [journals.encoded(line) for line in recorded])
        known = data.draw(st.integers(1, len(recorded)))
        for knowing in (known, len(recorded)):
            expected_state = History(recorded, knowing).on(day)
            whole = load(connection, date.fromisoformat(day), knowing)
            findings = check_snapshot(whole, waived=True)
            assert [
                (*finding.key, finding.missing or (), finding.severity)
                for finding in findings
                if finding.rule not in oracle.NOT_HERE
            ] == [tuple(stated) for stated in oracle.findings(expected_state, waived=True)]
            default = [key for key in keys(check_snapshot(whole)) if key[0] not in oracle.NOT_HERE]
            assert default == [stated[:3] for stated in oracle.findings(expected_state)]
            for unit in (
                data.draw(st.lists(st.sampled_from(sorted(expected_state.units)), max_size=3))
                if expected_state.units
                else ()
            ):
                part = check(connection, date.fromisoformat(day), knowing, unit, waived=True)
                territory = expected_state.within(unit)
                assert [as_json(f) for f in part] == [as_json(f) for f in findings if f.unit in territory]
                snapshot = load(connection, date.fromisoformat(day), knowing, unit, held_powers=True)
                powers = snapshot.once(effective_powers)
                codes = [snapshot.matters.code[power] for power in held(powers, snapshot.units.read(unit))[0]]
                assert sorted(codes) == powers_of(expected_state, unit)


@pytest.fixture
def three_leads(connection: psycopg.Connection) -> psycopg.Connection:
    """A town and two offices of it made to lead one duty; the town's row is the last that the database reads."""
    office = {"type": "UnitRegistered", "at": START, "unit": f"{TOWN}-works", "name": "柳林镇村镇建设办公室"}
    office |= {"level": "township", "kind": "department", "parent": TOWN}
    renamed = {"type": "UnitRevised", "at": "2021-02-01", "unit": TOWN, "name": "柳林街道"}
    leads = [delegated(f"R-{n}", URBAN, to) for n, to in enumerate((TOWN, ENFORCEMENT, f"{TOWN}-works"))]
    run(connection, *SETTING, office, renamed, *leads)
    return connection


def test_a_message_lists_units_by_code_in_whatever_order_they_are_read(three_leads: psycopg.Connection) -> None:
    # A search of an hour found it: of the whole registry and of a territory the same finding named them otherwise.
    for within in (None, COUNTY, TOWN, ENFORCEMENT):
        findings = check(three_leads, date(2021, 8, 1), NEWEST, within, rule="multiple-leads")
        finding = next(each for each in findings if each.unit == ENFORCEMENT)
        assert "同一政府的柳林街道、柳林镇村镇建设办公室也牵头" in finding.message.zh


# ------------------------------------------------------------------------------------------------- what is asked for


@pytest.fixture
def county(connection: psycopg.Connection) -> psycopg.Connection:
    """A town that leads without power, its village that leads too, and a form on a dead paper."""
    run(
        connection,
        *SETTING,
        delegated("R-1", URBAN, TOWN),
        delegated("R-2", TOWN, VILLAGE, under="R-1"),
        {
            "type": "BurdenImposed",
            "at": "2021-04-01",
            "ref": "R-3",
            "matter": "F-STALLS",
            "from": COUNTY,
            "to": TOWN,
            "instrument": NOTICE,
        },
        {"type": "InstrumentRepealed", "at": "2021-04-15", "instrument": NOTICE},
    )
    return connection


def test_findings_are_sorted_and_complete(county: psycopg.Connection) -> None:
    assert keys(check(county, SPRING, NEWEST)) == [
        ("duty-without-power", TOWN, "R-1"),
        ("duty-without-power", VILLAGE, "R-2"),
        ("expired-basis", TOWN, "R-3"),
        ("passed-down", VILLAGE, "R-2"),
    ]


def test_narrowed_down(county: psycopg.Connection) -> None:
    village = [("duty-without-power", VILLAGE, "R-2"), ("passed-down", VILLAGE, "R-2")]
    assert keys(check(county, SPRING, NEWEST, within=VILLAGE)) == village
    assert keys(check(county, SPRING, NEWEST, within=[VILLAGE, TEAM])) == village
    assert keys(check(county, SPRING, NEWEST, rule="expired-basis")) == [("expired-basis", TOWN, "R-3")]
    assert keys(check(county, SPRING, NEWEST, matter="F-STALLS")) == [("expired-basis", TOWN, "R-3")]
    assert len(check(county, SPRING, NEWEST, severity="V")) == 3
    assert check(county, SPRING, NEWEST, severity="R") == []
    assert check(county, SPRING, NEWEST, matter="D-NONE") == []
    assert check(county, SPRING, NEWEST, within="000000") == []
    assert check(county, date(2019, 1, 1), NEWEST) == []


def test_only_what_was_known(county: psycopg.Connection) -> None:
    before = len(SETTING) + 1
    assert keys(check(county, SPRING, before)) == [("duty-without-power", TOWN, "R-1")]
    assert check(county, SPRING, 0) == []


def test_a_finding_as_the_contract_writes_it(county: psycopg.Connection) -> None:
    (finding,) = check(county, SPRING, NEWEST, within=VILLAGE, rule="duty-without-power")
    written = as_json(finding)
    message = written.pop("message")
    assert isinstance(message, dict)
    assert written == {
        "rule": "duty-without-power",
        "severity": "V",
        "unit": VILLAGE,
        "subject": "R-2",
        "matter": "D-STALLS",
        "as_of": "2021-05-01",
        "missing": ["P-STALLS"],
        "path": ["R-1", "R-2"],
        "basis": [
            "《中华人民共和国行政处罚法》（2017年修正）第十五条、第十六条、第十七条",
            *RULES["duty-without-power"].basis,
        ],
        "remedies": [],
    }
    # The message names the unit, the matter, the document, the power, and who has it: near by and above.
    for stated in ("上河村", "“占道经营整治”", "《市容管理目标责任书》（清溪责〔2021〕1号）", "“对占道经营的行政处罚”"):
        assert stated in message["zh"]
        assert stated in message["en"]
    assert "柳林中队" in message["zh"]
    assert "上级掌握其中权力的是清溪县城市管理局" in message["zh"]


def test_a_waived_finding_comes_only_on_request(county: psycopg.Connection) -> None:
    run(
        county,
        {
            "type": "FindingWaived",
            "at": "2021-05-01",
            "rule": "duty-without-power",
            "subject": "R-1",
            "unit": TOWN,
            "by": COUNTY,
            "reason": "过渡期",
            "until": "2021-06-01",
        },
    )
    waived = [finding for finding in check(county, SPRING, NEWEST, waived=True) if finding.waived_by]
    assert keys(waived) == [("duty-without-power", TOWN, "R-1")]
    assert as_json(waived[0])["waived_by"] == COUNTY
    assert ("duty-without-power", TOWN, "R-1") not in keys(check(county, SPRING, NEWEST))
    assert ("duty-without-power", TOWN, "R-1") in keys(check(county, date(2021, 6, 1), NEWEST))
    assert ("duty-without-power", TOWN, "R-1") in keys(check(county, date(2021, 4, 30), NEWEST))


def test_a_page_is_reported_as_the_whole(county: psycopg.Connection) -> None:
    snapshot = load(county, SPRING, NEWEST)
    everything, findings = finding_rows(snapshot), check_snapshot(snapshot)
    assert [one.key for one in everything] == keys(findings)
    assert [as_json(f) for f in explain(snapshot, everything[1:3])] == [as_json(f) for f in findings[1:3]]
    assert explain(snapshot, []) == []
    for at_once in (1, 2, len(everything)):
        assert [as_json(f) for f in explained(snapshot, everything, at_once)] == [as_json(f) for f in findings]


def test_a_territory_is_judged_from_its_surroundings(county: psycopg.Connection) -> None:
    """What bears on a village comes with it: those above, their offices, what they were given; not the next village."""
    neighbour = {"unit": "990102101202", "name": "下河村", "level": "village", "kind": "village", "parent": TOWN}
    elsewhere = {"unit": "990103", "name": "石桥县", "level": "county", "kind": "government", "parent": "9901"}
    run(
        county,
        {"type": "UnitRegistered", "at": START, **neighbour},
        {"type": "UnitRegistered", "at": START, **elsewhere},
        delegated("R-4", TOWN, "990102101202", role="assist"),
    )
    snapshot = load(county, SPRING, NEWEST, VILLAGE)
    assert {VILLAGE, TOWN, COUNTY, URBAN, ENFORCEMENT, TEAM} <= set(snapshot.units.code)
    assert not {"990102101202", "990103"} & set(snapshot.units.code)
    assert sorted(snapshot.delegations.ref) == ["R-1", "R-2", "R-3"]
    assert [snapshot.units.code[index] for index in np.flatnonzero(snapshot.territory)] == [VILLAGE]


@pytest.mark.parametrize("kind", ["form", "inspection", "meeting", "document"])
def test_what_is_over_counts_for_the_quota_of_a_unit_alone_too(connection: psycopg.Connection, kind: str) -> None:
    """The first of the year has ended; judged in its territory, the second is beyond the quota as it is among all."""
    matter = {"matter": "B-1", "kind": kind, "name": "占道经营整治情况"}
    quota = {"polarity": "positive", "covers": kind, "audience": "township", "scope": COUNTY, "quota": 1}

    def imposed(ref: str, at: str) -> Any:
        named = {"ref": ref, "matter": "B-1", "from": COUNTY, "to": TOWN, "instrument": NOTICE}
        return {"type": "BurdenImposed", "at": at, **named}

    run(
        connection,
        *SETTING,
        {"type": "MatterDefined", "at": START, **matter},
        listed("Q-1", "乡镇清单", **quota),
        imposed("R-1", "2021-03-01"),
        {"type": "DelegationEnded", "at": "2021-03-20", "ref": "R-1", "reason": "completed"},
        imposed("R-2", "2021-04-01"),
    )
    among_all = keys(check(connection, SPRING, NEWEST, rule="quota-exceeded"))
    assert among_all == [("quota-exceeded", TOWN, "R-2")]
    for within in (TOWN, COUNTY):
        assert keys(check(connection, SPRING, NEWEST, within, rule="quota-exceeded")) == among_all, within


def test_paths_go_from_the_top_down(connection: psycopg.Connection) -> None:
    run(
        connection,
        *SETTING,
        granted("R-1", COUNTY, TOWN, "devolved", DECISION),
        granted("R-2", TOWN, ENFORCEMENT, "entrusted", LAW),
    )
    findings = {finding.subject: finding for finding in check(connection, SPRING, NEWEST, rule="void-grant")}
    assert findings["R-1"].path == ("R-1",)
    assert findings["R-2"].path == ("R-1", "R-2")


# ------------------------------------------------------------------------------------------------- effective powers


def ways(snapshot: Snapshot, unit: str, power: str = "P-STALLS") -> int:
    pair = np.array([snapshot.units.read(unit)], np.int32), np.array([snapshot.matters.index[power]], np.int32)
    return int(holding(snapshot.once(effective_powers), *pair)[0])


def chain_of(snapshot: Snapshot, unit: str, power: str = "P-STALLS") -> list[str]:
    return chain(snapshot.once(effective_powers), snapshot.units.read(unit), snapshot.matters.index[power])


def test_who_holds_a_power_and_how(connection: psycopg.Connection) -> None:
    run(
        connection,
        *SETTING,
        listed(
            "POWERS",
            "赋权清单",
            polarity="positive",
            covers="power",
            audience="township",
            scope=COUNTY,
            assigns="devolved",
        )
        | {"instrument": DECISION},
        entered("POWERS", "1", "占道经营处罚", matter="P-STALLS", **{"from": URBAN}),
        granted("R-1", TOWN, ENFORCEMENT, "entrusted", LAW),
        granted("R-2", TOWN, VILLAGE, "entrusted", LAW),
    )
    snapshot = load(connection, date(2021, 8, 1), NEWEST)
    assert ways(snapshot, URBAN) == OUTRIGHT
    assert ways(snapshot, TOWN) == DEVOLVED
    assert ways(snapshot, ENFORCEMENT) == ENTRUSTED
    assert ways(snapshot, TEAM) == IN_NAME
    assert ways(snapshot, VILLAGE) == ways(snapshot, COUNTY) == 0
    assert list(
        entrusted_only(np.array([0, OUTRIGHT, ENTRUSTED, ENTRUSTED | IN_NAME, ENTRUSTED | DEVOLVED, IN_NAME]))
    ) == [*(False, False, True, True, False, False)]
    assert chain_of(snapshot, URBAN) == chain_of(snapshot, TEAM) == ["LAW#P-STALLS"]
    assert chain_of(snapshot, TOWN) == ["LAW#P-STALLS", "POWERS#1"]
    assert chain_of(snapshot, ENFORCEMENT) == ["LAW#P-STALLS", "POWERS#1", "R-1"]
    assert chain_of(snapshot, VILLAGE) == chain_of(snapshot, COUNTY) == []


def test_a_vesting_ends_with_the_power(connection: psycopg.Connection) -> None:
    vested = {"type": "PowerVested", "at": "2021-01-01", "power": "P-STALLS", "unit": COUNTY, "instrument": LAW}
    run(connection, *SETTING, vested, {"type": "MatterRetired", "at": "2021-06-01", "matter": "P-STALLS"})
    assert ways(load(connection, SPRING, NEWEST), COUNTY) == OUTRIGHT
    assert chain_of(load(connection, SPRING, NEWEST), COUNTY) == []
    assert ways(load(connection, date(2021, 6, 1), NEWEST), COUNTY) == 0


def test_a_dissolved_unit_is_read_as_its_successor(connection: psycopg.Connection) -> None:
    run(
        connection,
        *SETTING,
        {
            "type": "UnitRegistered",
            "at": START,
            "unit": "990102102",
            "name": "河口镇",
            "level": "township",
            "kind": "government",
            "parent": COUNTY,
        },
        delegated("R-1", URBAN, TOWN),
        {"type": "UnitDissolved", "at": "2021-05-01", "unit": TOWN, "successor": "990102102"},
    )
    before, after = (check(connection, day, NEWEST, within=TOWN) for day in (date(2021, 4, 30), SPRING))
    assert keys(before) == [("duty-without-power", TOWN, "R-1")]
    # Who asks for the territory of a dissolved unit gets its successor's; the village below came along.
    assert keys(after) == [("duty-without-power", "990102102", "R-1")]
    snapshot = load(connection, SPRING, NEWEST, TOWN)
    assert snapshot.territory[snapshot.units.read(VILLAGE)]
    assert LETTER in snapshot.instruments.index
