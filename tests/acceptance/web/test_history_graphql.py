"""History asked over GraphQL: custody, changes, accountability, and what each decision changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from registry.recording.unit_of_work import record
from tests.support.api_client import Api
from tests.support.worlds import COUNTY, decision, duty, grant, unit

SAND = {"level": "county", "function": "water"}
LAWFUL = decision("MatterRevised", "2001-01-01", matter="D-SAND", lawful_holders=[SAND])
CHAIN = [
    *COUNTY,
    LAWFUL,
    unit("town-office", "township", "department", "town", function="enforcement"),
    duty("R-1", "2020-01-01", brings=["funds"]),
    duty("R-2", "2020-02-01", to="village", from_="town", under="R-1"),
    duty("R-3", "2020-02-01", to="village2", from_="town", role="assist"),
]


def test_custody_names_holder_document_and_decisions(api_over: Callable[..., Api]) -> None:
    end = decision("DelegationEnded", "2021-01-01", ref="R-1", reason="returned")
    client = api_over(
        [*CHAIN, end, decision("UnitRenamed", "2020-06-01", unit="town", name="新镇")], recorded_by="王某"
    )
    question = """query ($known: Known) { custody(matter: "D-SAND", within: "420684", known: $known) {
        holder { code name } role since until by subject from { code } instrument { number }
        decision { type position recordedBy } endedBy { type } } }"""
    law, leading, passed = client.ask(question)["custody"]
    assert (law["holder"]["code"], law["by"], law["since"], law["decision"]["type"]) == (
        "water",
        "law",
        "2001-01-01",
        "MatterRevised",
    )
    position = leading["decision"].pop("position")
    assert leading == {
        "holder": {"code": "town", "name": "单位town"},
        "role": "LEAD",
        "since": "2020-01-01",
        "until": "2021-01-01",
        "by": "delegation",
        "subject": "R-1",
        "from": {"code": "water"},
        "instrument": {"number": "通知1号"},
        "decision": {"type": "DutyDelegated", "recordedBy": "王某"},
        "endedBy": {"type": "DelegationEnded"},
    }
    assert (passed["holder"]["code"], passed["until"], passed["endedBy"]) == ("village", None, None)
    before = client.ask(question, known={"position": position - 1})["custody"]
    assert [span["holder"]["code"] for span in before] == ["water"]


def test_changes_say_which_attributes_changed(api_over: Callable[..., Api]) -> None:
    client = api_over([*CHAIN, decision("ResourcesAllotted", "2020-07-01", ref="R-1", brings=["staff"])])
    question = """{ changes(within: "town", from: "2020-01-31", to: "2020-12-31") {
        on change unit { code } matter { code } subject decision { type } fields { field before after } } }"""
    first, second, third = client.ask(question)["changes"]
    assert [(each["change"], each["unit"], each["subject"]) for each in (first, second)] == [
        ("began", {"code": "village"}, "R-2"),
        ("began", {"code": "village2"}, "R-3"),
    ]
    assert {each["field"]: (each["before"], each["after"]) for each in first["fields"]} == {
        "role": (None, "lead"),
        "mode": (None, "assigned"),
        "from": (None, "town"),
        "instrument": (None, "通知1号"),
    }
    assert third == {
        "on": "2020-07-01",
        "change": "changed",
        "unit": {"code": "town"},
        "matter": {"code": "D-SAND"},
        "subject": "R-1",
        "decision": {"type": "ResourcesAllotted"},
        "fields": [{"field": "brings", "before": ["funds"], "after": ["staff", "funds"]}],
    }


ACCOUNT = """query ($unit: ID!, $on: Date!, $known: Known) {
    accountability(matter: "D-SAND", unit: $unit, on: $on, known: $known) {
    held role conclusion brings required { code } missing { code } chain { unit { code } subject by }
    findings { rule subject unit { code } } above { unit { code } subject } holdings { subject } } }"""


def chain(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(link["unit"]["code"], link["subject"]) for link in answer["chain"]]


def test_accountability_follows_the_chain_up_to_the_law(api_over: Callable[..., Api]) -> None:
    client = api_over(CHAIN)

    def answer(unit: str, on: str, **more: Any) -> dict[str, Any]:
        return client.ask(ACCOUNT, unit=unit, on=on, **more)["accountability"]

    village = answer("village", "2020-03-01")
    assert chain(village) == [("village", "R-2"), ("town", "R-1"), ("water", "LAW#D-SAND")]
    assert (village["held"], village["role"], village["conclusion"]) == (True, "LEAD", "HELD_WITHOUT_POWER")
    assert village["required"] == village["missing"] == [{"code": "P-SAND"}]
    assert village["brings"] == []
    assert {finding["unit"]["code"] for finding in village["findings"]} == {"village"}
    assert "duty-without-power" in {finding["rule"] for finding in village["findings"]}
    assert village["above"] == [{"unit": {"code": "town"}, "subject": "R-1"}]

    town = answer("town", "2020-03-01")
    assert (town["conclusion"], town["brings"]) == ("HELD_WITHOUT_POWER", ["funds"])
    assert town["above"] == [{"unit": {"code": "water"}, "subject": "LAW#D-SAND"}]

    helping = answer("village2", "2020-03-01")
    assert (helping["conclusion"], helping["role"]) == ("ASSISTED", "ASSIST")
    assert chain(helping) == [("village2", "R-3"), ("town", "R-1"), ("water", "LAW#D-SAND")]

    water = answer("water", "2020-03-01")
    assert (water["conclusion"], water["missing"], chain(water)) == (
        "HELD_WITH_POWER",
        [],
        [("water", "LAW#D-SAND")],
    )

    eve = answer("town", "2019-12-31")
    assert (eve["held"], eve["role"], eve["conclusion"], eve["chain"], eve["holdings"]) == (
        False,
        None,
        "NOT_HELD",
        [],
        [],
    )
    assert answer("town", "2020-03-01", known={"position": len(COUNTY)})["conclusion"] == "NOT_HELD"


def test_a_power_held_by_a_department_of_the_government_counts(api_over: Callable[..., Api]) -> None:
    granted = grant("G-1", "2020-01-01", to="town-office")
    client = api_over([*CHAIN, granted])
    answer = client.ask(ACCOUNT, unit="town", on="2021-07-15")["accountability"]
    assert (answer["conclusion"], answer["missing"]) == ("HELD_WITH_POWER", [])


def test_a_ring_of_senders_ends_where_it_closes(api_over: Callable[..., Api]) -> None:
    ring = [
        duty("R-1", from_="town2", to="town"),
        duty("R-2", from_="market", to="town2"),
        duty("R-3", from_="town", to="market"),
    ]
    client = api_over([*COUNTY, *ring])
    answer = client.ask(ACCOUNT, unit="town", on="2020-03-01")["accountability"]
    assert chain(answer) == [("town", "R-1"), ("town2", "R-2"), ("market", "R-3")]


def test_a_burden_can_be_answered_for_too(api_over: Callable[..., Api]) -> None:
    imposed = decision("BurdenImposed", "2020-01-01", ref="B-1", matter="F-LEDGER", instrument="通知1号")
    below = decision("BurdenImposed", "2020-01-02", ref="B-2", matter="F-LEDGER", instrument="通知1号", under="B-1")
    client = api_over([*COUNTY, imposed | {"from": "water", "to": "town"}, below | {"from": "town", "to": "village"}])
    question = ACCOUNT.replace("D-SAND", "F-LEDGER")
    answer = client.ask(question, unit="village", on="2020-03-01")["accountability"]
    assert chain(answer) == [("village", "B-2"), ("town", "B-1")]
    assert (answer["role"], answer["conclusion"]) == (None, "HELD_WITH_POWER")


EFFECTS = 'effects { table key change since until fields { field before after } message en: message(lang: "en") }'


def test_history_says_what_each_decision_changed(api_over: Callable[..., Api]) -> None:
    client = api_over(
        [
            *COUNTY,
            duty("R-1", until="2021-01-01"),
            decision("UnitRenamed", "2020-05-01", unit="town", name="新镇"),
            decision("Corrected", "2022-01-01", ref="R-1", set_={"role": "share", "until": None}),
            decision("DelegationEnded", "2020-09-01", ref="R-1", reason="returned"),
        ]
    )
    question = f'{{ unit(code: "town") {{ history {{ totalCount nodes {{ type {EFFECTS} }} }} }} }}'
    history = client.ask(question)["unit"]["history"]
    assert [node["type"] for node in history["nodes"]] == [
        *["UnitRegistered"] * 3,  # of its villages too, which name it
        *["DutyDelegated", "UnitRenamed", "Corrected", "DelegationEnded"],
    ]
    assert history["totalCount"] == 7
    (renamed,) = history["nodes"][4]["effects"]
    assert renamed == {
        "table": "unit",
        "key": "town",
        "change": "changed",
        "since": "2020-05-01",
        "until": None,
        "fields": [{"field": "name", "before": "单位town", "after": "新镇"}],
        "message": "自2020-05-01起，单位新镇（town）变更：名称由单位town改为新镇。",
        "en": "From 2020-05-01, unit 新镇 (town) changes: name from 单位town to 新镇.",
    }
    corrected = history["nodes"][5]["effects"]
    assert [(each["change"], each["since"], each["until"]) for each in corrected] == [
        ("changed", "2020-01-01", "2021-01-01"),
        ("began", "2021-01-01", None),
    ]
    assert corrected[0]["fields"] == [{"field": "role", "before": "lead", "after": "share"}]
    question = f'{{ matter(code: "D-SAND") {{ history {{ nodes {{ type {EFFECTS} }} }} }} }}'
    of_matter = client.ask(question)["matter"]["history"]["nodes"]
    assert [node["type"] for node in of_matter] == ["MatterDefined", "DutyDelegated", "Corrected", "DelegationEnded"]
    (ended,) = client.ask(f'{{ decisions(type: "DelegationEnded") {{ {EFFECTS} }} }}')["decisions"]
    assert [each["en"] for each in ended["effects"]] == [
        "From 2020-09-01, delegation R-1 holds no more: reason returned."
    ]


def test_decisions_are_found_by_what_they_name_and_when_and_by_whom(
    api_over: Callable[..., Api], shared_api: tuple[psycopg.Connection, Api]
) -> None:
    client = api_over(CHAIN)
    record(shared_api[0], [duty("R-9", "2022-05-01", to="town2")], recorded_by="李某")
    size = client.ask("{ log { size } }")["log"]["size"]

    def positions(**arguments: Any) -> list[int]:
        given = ", ".join(f"{name}: {value}" for name, value in arguments.items())
        return [each["position"] for each in client.ask(f"{{ decisions({given}) {{ position }} }}")["decisions"]]

    at = client.ask(f"{{ decision(position: {size}) {{ recordedAt }} }}")["decision"]["recordedAt"]
    assert positions(recordedBy='"李某"') == [size]
    assert positions(since=f'"{at}"') == [size]
    assert positions(until=f'"{at}"', first=1000) == list(range(1, size + 1))
    assert positions(atFrom='"2022-01-01"') == [size]
    assert positions(atFrom='"2020-02-01"', atTo='"2020-02-01"') == [size - 2, size - 1]
    assert positions(instrument='"通知1号"', unit='"village"') == [size - 2]
    assert positions(ref='"R-1"') == [size - 3, size - 2]
    assert positions(ref='"R-1"', unit='"village"', matter='"D-SAND"', type='"DutyDelegated"') == [size - 2]
    assert positions(unit='"town2"', known=f"{{position: {size - 1}}}", type='"DutyDelegated"') == []
    assert positions(after=size - 2, first=1) == [size - 1]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ('{ custody(matter: "D-SAND", within: "nowhere") { since } }', "unknown-unit"),
        ('{ custody(matter: "D-NONE", within: "town") { since } }', "unknown-matter"),
        ('{ changes(within: "nowhere", from: "2020-01-01", to: "2020-01-02") { on } }', "unknown-unit"),
        ('{ changes(within: "town", from: "2020-01-02", to: "2020-01-01") { on } }', "bad-value"),
        ('{ accountability(matter: "D-SAND", unit: "nowhere", on: "2020-01-01") { held } }', "unknown-unit"),
        ('{ accountability(matter: "D-NONE", unit: "town", on: "2020-01-01") { held } }', "unknown-matter"),
    ],
)
def test_a_question_about_nothing_is_refused(api_over: Callable[..., Api], question: str, code: str) -> None:
    assert api_over(CHAIN).refused(question)["code"] == code
