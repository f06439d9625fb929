"""Recording over GraphQL: typed mutations make the decisions of the journal; what is refused is told by line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from registry import database
from registry.domain.decisions import TYPES
from registry.log import recorder
from registry.web.graphql.schema import CORE
from tests.support.api_client import Api, api
from tests.support.every_decision import EXAMPLES
from tests.support.worlds import COUNTY, decision, duty, unit

UNIT = unit("42", "province", "government")
ENUMS = {"Level", "Role", "MatterKind"}


@pytest.fixture
def client(api_over: Callable[..., Api]) -> Api:
    opened = api_over([])
    opened.ask("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=COUNTY)
    return opened


def typed(journal_object: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The typed mutation of a journal object, with its variables."""
    name = TYPES[journal_object["type"]].MUTATION
    assert CORE.mutation_type is not None
    arguments = CORE.mutation_type.fields[name].args
    given: dict[str, Any] = {}
    for field, value in journal_object.items():
        if field == "type":
            continue
        first, *rest = field.split("_")
        argument = first + "".join(word.capitalize() for word in rest)
        given[argument] = in_upper_case(value) if str(arguments[argument].type).strip("[]!") in ENUMS else value
        if argument == "lawfulHolders":
            given[argument] = [{**each, "level": each["level"].upper()} for each in value]
    declared = ", ".join(f"${argument}: {arguments[argument].type}" for argument in given)
    passed = ", ".join(f"{argument}: ${argument}" for argument in given)
    return f"mutation ({declared}) {{ {name}({passed}) {{ positions }} }}", given


def in_upper_case(value: Any) -> Any:
    return [each.upper() for each in value] if isinstance(value, list) else value and value.upper()


def data(client: Api) -> list[dict[str, Any]]:
    """The decisions recorded after the county's."""
    question = "query ($a: Int!) { decisions(after: $a) { position type at data recordedAt } }"
    return client.ask(question, a=len(COUNTY))["decisions"]


def test_a_typed_mutation_of_each_type_records_what_the_journal_would(client: Api) -> None:
    assert {line["type"] for line in EXAMPLES} == set(TYPES)
    for index, line in enumerate(EXAMPLES, len(COUNTY) + 1):
        query, variables = typed(line)
        answer = client.ask(query, **variables)
        assert list(answer.values()) == [{"positions": [index]}], line
    recorded = data(client)
    assert [each["data"] for each in recorded] == EXAMPLES
    assert [each["type"] for each in recorded] == [line["type"] for line in EXAMPLES]
    assert all(each["at"] == each["data"]["at"] and each["recordedAt"].endswith("Z") for each in recorded)
    again = client.ask("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=EXAMPLES)
    assert again["record"]["positions"] == list(range(len(COUNTY) + 1, len(COUNTY) + len(EXAMPLES) + 1))
    assert len(data(client)) == len(EXAMPLES)


def test_what_is_recorded_is_readable_at_once(client: Api) -> None:
    question = '{ unit(code: "town") { responsibilities { nodes { subject } } findings { totalCount } } }'
    before = client.ask(question)["unit"]
    query, variables = typed(duty("R-1"))
    client.ask(query, **variables)
    after = client.ask(question)["unit"]
    assert [each["subject"] for each in after["responsibilities"]["nodes"]] == ["BASIC#1", "R-1"]
    assert after["findings"]["totalCount"] > before["findings"]["totalCount"]


def test_all_or_nothing_and_every_bad_line_is_reported(client: Api) -> None:
    lines = [duty("R-1"), duty("R-2", to="nowhere"), {"type": "Nothing"}, 7, duty("R-3", matter="P-SAND"), None]
    refused = client.refused("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=lines[:5])
    assert refused["code"] == "unknown-unit"
    assert [(each["line"], each["code"]) for each in refused["errors"]] == [
        (2, "unknown-unit"),
        (3, "unknown-type"),
        (4, "bad-json"),
        (5, "wrong-kind"),
    ]
    assert all(" / " in each["message"] for each in refused["errors"])
    assert data(client) == []
    assert (
        client.refused("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=lines)["code"]
        == "bad-value"
    )


def test_an_id_with_a_slash_leaves_each_language_whole(client: Api) -> None:
    zh = "没有记录过单位“X / Y”。先登记该单位，或核对其代码。"
    en = "No unit X / Y is recorded. Register the unit first, or check its code."
    query, variables = typed(duty("R / 1", to="X / Y"))
    refused = client.refused(query, **variables)
    assert refused["message"] == {"zh": zh, "en": en}
    assert [each["message"] for each in refused["errors"]] == [f"{zh} / {en}"]
    both = [duty("R / 1", to="X / Y"), duty("R / 2", to="X / Y")]
    refused = client.refused("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=both)
    assert refused["message"] == {
        "zh": f"2 项决定有误，未记录任何内容。首项：{zh}",
        "en": f"2 decisions are bad; nothing was recorded. The first: {en}",
    }


def test_a_typed_mutation_is_refused_with_the_contracts_code(client: Api) -> None:
    wrong = {
        "unknown-unit": duty("R-1", to="nowhere"),
        "bad-value": duty("R-1", mode="by force"),
        "conflict": decision(
            "UnitRegistered", "2000-01-01", unit="town", name="另一个", level="township", kind="government"
        ),
        "bad-interval": duty("R-1", until="2019-01-01"),
        "unknown-ref": decision("DelegationEnded", "2021-01-01", ref="nothing", reason="returned"),
    }
    for code, line in wrong.items():
        query, variables = typed(line)
        refused = client.refused(query, **variables)
        assert refused["code"] == code
        assert [each["line"] for each in refused["errors"]] == [1]
    assert data(client) == []


def test_an_absent_argument_is_absent_and_null_is_a_bad_value(client: Api) -> None:
    query = """mutation { delegateDuty(at: "2020-01-01", ref: "R-1", matter: "D-SAND", from: "water", to: "town",
        role: LEAD, mode: "assigned", instrument: "通知1号"%s) { positions } }"""
    assert client.refused(query % ", until: null")["code"] == "bad-value"
    client.ask(query % "")
    assert data(client)[0]["data"] == duty("R-1")


def test_odd_things_are_refused_and_not_stored(client: Api) -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    record = "mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }"
    for odd in ({"type": "UnitRenamed", "at": "2020-01-01", "unit": deep, "name": "x"}, duty("a\0b"), duty("a#b")):
        assert client.refused(record, d=[odd])["code"] in ("bad-value", "bad-json")
    assert client.ask(record, d=[]) == {"record": {"positions": []}}
    assert data(client) == []


def test_decisions_are_found_by_unit_matter_and_type(client: Api) -> None:
    client.ask("mutation ($d: [JSON!]!) { record(decisions: $d) { positions } }", d=EXAMPLES)
    question = """query ($unit: ID, $matter: ID, $type: String, $after: Int, $first: Int) {
        decisions(unit: $unit, matter: $matter, type: $type, after: $after, first: $first) { position type data } }"""
    everything = client.ask(question)["decisions"]

    def positions(**wanted: Any) -> list[int]:
        return [each["position"] for each in client.ask(question, **wanted)["decisions"]]

    assert positions(type="DutyDelegated") == [e["position"] for e in everything if e["type"] == "DutyDelegated"]
    naming = [e["position"] for e in everything if '"office"' in json.dumps(e["data"])]
    assert positions(unit="office") == naming
    assert positions(unit="office", first=2) == naming[:2]
    assert positions(unit="office", after=naming[1]) == naming[2:]
    # What happened to a delegation later is found by what it named.
    both = ["DelegationProposed", "ProposalRefused", "BurdenImposed", "DelegationEnded", "Reinstated"]
    answer = client.ask(question, unit="village", matter="F-LEDGER")["decisions"]
    assert [each["type"] for each in answer] == both
    assert client.refused(question, unit="nobody")["code"] == "unknown-unit"


def test_another_recording_under_way_is_reported(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.database.connections.WRITING", "-c search_path=live -c lock_timeout=200ms")
    query, variables = typed(UNIT)
    with database.connect(database_url) as holder, api(database_url) as client:
        with holder.transaction():
            recorder.lock(holder)
            assert client.refused(query, **variables)["code"] == "busy"
        client.ask(query, **variables)
