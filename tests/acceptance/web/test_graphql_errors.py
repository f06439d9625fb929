"""Whatever is sent, the answer says what is wrong and what to do, with a code, in both languages; never a 500."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import get_introspection_query

from registry import database
from registry.checker.names.thesaurus import COUNTY_FILES, load_thesaurus
from registry.queries.certificates import understanding, vocabulary
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.worlds import COUNTY, duty


@pytest.fixture(scope="module")
def client(module_database: Callable[[], str]) -> Iterator[Api]:
    url = module_database()
    with database.connect(url) as connection:
        record(connection, [*COUNTY, duty("R-1")])
    with api(url) as opened:
        yield opened


REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "nothing selected": ("{}", {}, "bad-query"),
    "nothing selected to change": ("mutation M {}", {}, "bad-query"),
    "nothing selected of a unit": ('{ unit(code: "town") {} }', {}, "bad-query"),
    "nothing selected by fragments": ("{ ...F ... on Query {} } fragment F on Query {}", {}, "bad-query"),
    "no such day": ('{ unit(code: "town", asOf: "2020-02-30") { name } }', {}, "bad-value"),
    "a day in words": ('query ($d: Date) { unit(code: "town", asOf: $d) { name } }', {"d": "today"}, "bad-value"),
    "a day as a number": ('query ($d: Date) { unit(code: "town", asOf: $d) { name } }', {"d": 20200101}, "bad-value"),
    "a week": ('{ unit(code: "town", asOf: "2020-W01-1") { name } }', {}, "bad-value"),
    "known: nothing": ('{ unit(code: "town", known: {}) { name } }', {}, "bad-value"),
    "known: both": (
        '{ unit(code: "town", known: {position: 1, time: "2020-01-01T00:00:00Z"}) { name } }',
        {},
        "bad-value",
    ),
    "known before the log": ('{ unit(code: "town", known: {position: -1}) { name } }', {}, "bad-value"),
    "known beyond the log": ('{ unit(code: "town", known: {position: 999999}) { name } }', {}, "unknown-position"),
    "known beyond the log, of duties": (
        'query ($known: Known) { unit(code: "town", known: $known) { responsibilities { totalCount } } }',
        {"known": {"position": 999999}},
        "unknown-position",
    ),
    "a time without a zone": ('{ unit(code: "town", known: {time: "2020-01-01T00:00:00"}) { name } }', {}, "bad-value"),
    "a page of less than none": ("{ units(first: -1) { totalCount } }", {}, "bad-value"),
    "a cursor of nobody": ('{ units(after: "?") { totalCount } }', {}, "bad-value"),
    "a cursor of something else": (
        '{ unit(code: "town") { history(after: "azphYmM=") { totalCount } } }',
        {},
        "bad-value",
    ),
    "an unknown rule": ('{ findings(rule: "bad-weather") { totalCount } }', {}, "bad-value"),
    "an unknown level": ("{ units(level: COUNTRY) { totalCount } }", {}, "bad-query"),
    "an unknown territory": ('{ units(within: "nowhere") { totalCount } }', {}, "unknown-unit"),
    "findings of nowhere": ('{ findings(within: "nowhere") { totalCount } }', {}, "unknown-unit"),
    "holders of nothing": ('{ holders(matter: "NO", within: "town") { subject } }', {}, "unknown-matter"),
    "holders nowhere": ('{ holders(matter: "D-SAND", within: "nowhere") { subject } }', {}, "unknown-unit"),
    "a null character": ("query ($c: ID!) { unit(code: $c) { name } }", {"c": "a\0b"}, "bad-value"),
    "a null character in a search": ('{ units(search: "a\\u0000") { totalCount } }', {}, "bad-value"),
    "a variable missing": ("query ($c: ID!) { unit(code: $c) { name } }", {}, "bad-value"),
    "a position too large": ("{ decision(position: 99999999999) { type } }", {}, "bad-query"),
    "an unknown field": ('{ unit(code: "town") { colour } }', {}, "bad-query"),
    "no query": ("", {}, "bad-query"),
    "no syntax": ("{ unit(", {}, "bad-query"),
    "too deep": ('{ unit(code: "town") ' + "{ parent " * 20 + "{ name }" + " }" * 21, {}, "too-costly"),
    "very deep": ("{ a " * 5000, {}, "bad-query"),
    "very deep lists": (
        "mutation { record(decisions: " + "[" * 1900 + "]" * 1900 + ") { positions } }",
        {},
        "bad-query",
    ),
    "too many": ("{ units(first: 1000) { nodes { children(first: 1000) { nodes { code } } } } }", {}, "too-costly"),
    "too many by a variable": (
        "query ($n: Int) { units(first: $n) { nodes { children(first: $n) { nodes { code } } } } }",
        {"n": 900},
        "too-costly",
    ),
    "too many by a variable's own value": (
        "query ($n: Int = 900) { units(first: $n) { nodes { children(first: $n) { nodes { code } } } } }",
        {},
        "too-costly",
    ),
    "the schema again and again": (
        "{ " + " ".join(f"a{n}: __schema {{ types {{ fields {{ args {{ name }} }} }} }}" for n in range(60)) + " }",
        {},
        "too-costly",
    ),
    "the schema's types again and again, in a fragment": (
        "{ __schema { ...F } } fragment F on __Schema { "
        + " ".join(f"a{n}: types {{ fields {{ name type {{ name }} }} }}" for n in range(60))
        + " }",
        {},
        "too-costly",
    ),
    "too many mutations, in a fragment": (
        "mutation { ...F } fragment F on Mutation { "
        + " ".join(
            f'm{n}: endDelegation(at: "2020-01-01", ref: "R-1", reason: "revoked") {{ positions }}' for n in range(51)
        )
        + " }",
        {},
        "too-costly",
    ),
    "a search longer than any name": (
        "query ($s: String) { units(search: $s) { totalCount } }",
        {"s": "城" * 100_000},
        "bad-value",
    ),
    "a search for cases longer than any name": (
        "query ($s: String) { cases(search: $s) { totalCount } }",
        {"s": "城" * 100_000},
        "bad-value",
    ),
    "a unit longer than any name": (
        "query ($s: ID) { units(within: $s) { totalCount } }",
        {"s": "城" * 100_000},
        "unknown-unit",
    ),
    "too long": ("{ " + "log { size } " * 3000 + "}", {}, "bad-query"),
    "comments without end": ("{ log { size } }" + "#" * 300_000, {}, "too-large"),
    "a subscription": ("subscription { decisions { type } }", {}, "bad-request"),
    "fragments in a ring": (
        '{ unit(code: "town") { ...A } } fragment A on Unit { parent { ...A } }',
        {},
        "bad-query",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_question_gets_its_code(client: Api, name: str) -> None:
    query, variables, code = REFUSED[name]
    response = client.post(query, **variables)
    assert response.status_code == 200, response.text
    errors = response.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {code}
    for error in errors:
        assert error["message"]
        assert all(error["extensions"]["hint"][language] for language in ("zh", "en"))
        assert "日志格式" not in error["extensions"]["hint"]["zh"], "that is for who writes journals"
        assert all(error["extensions"]["message"][language] for language in ("zh", "en"))


def test_the_whole_schema_is_told_as_tools_ask_for_it(client: Api) -> None:
    kinds = client.ask(get_introspection_query())["__schema"]["types"]
    assert {"Query", "Finding", "Unit"} <= {kind["name"] for kind in kinds}


def test_many_fragments_that_double_each_other_are_refused_quickly(client: Api) -> None:
    doubling = "".join(
        f"fragment F{n} on Unit {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }} " for n in range(14)
    )
    query = '{ unit(code: "town") { ...F0 } } ' + doubling + "fragment F14 on Unit { name }"
    assert client.refused(query)["code"] == "too-costly"


def test_nothing_is_found_where_there_is_nothing(client: Api) -> None:
    assert client.ask('{ unit(code: "nobody") { name } }') == {"unit": None}
    assert client.ask('{ unit(code: "town", asOf: "1999-12-31") { name } }') == {"unit": None}
    assert client.ask('{ unit(code: "town", known: {position: 0}) { name } }') == {"unit": None}
    assert client.ask('{ matter(code: "NO") { name } instrument(number: "无") { title } }') == {
        "matter": None,
        "instrument": None,
    }
    assert client.ask("{ decision(position: 0) { type } a: decision(position: -5) { type } }") == {
        "decision": None,
        "a": None,
    }
    assert client.ask('{ unit(code: "town", asOf: "9999-12-31") { name } }')["unit"]
    assert client.ask('{ unit(code: "town", asOf: "0001-01-01") { name } }') == {"unit": None}


def test_a_huge_page_is_cut(client: Api) -> None:
    answer = client.ask("{ units(first: 2147483647) { totalCount nodes { code } pageInfo { hasNextPage } } }")
    assert answer["units"]["totalCount"] == len(answer["units"]["nodes"]) == 8
    assert answer["units"]["pageInfo"] == {"hasNextPage": False}


Send = Callable[[Api], Any]
HTTP: dict[str, tuple[Send, int, str]] = {
    "not JSON": (
        lambda a: a.send("POST", "/graphql", content=b"{", headers={"content-type": "application/json"}),
        400,
        "bad-json",
    ),
    "not UTF-8": (
        lambda a: a.send("POST", "/graphql", content=b'{"query":"\xff"}', headers={"content-type": "application/json"}),
        400,
        "bad-json",
    ),
    "a list": (lambda a: a.send("POST", "/graphql", json=[{"query": "{ log { size } }"}]), 400, "bad-request"),
    "no query": (lambda a: a.send("POST", "/graphql", json={}), 400, "bad-request"),
    "a query that is no text": (lambda a: a.send("POST", "/graphql", json={"query": 1}), 400, "bad-request"),
    "variables that are a list": (
        lambda a: a.send("POST", "/graphql", json={"query": "{ log { size } }", "variables": [1]}),
        400,
        "bad-request",
    ),
    "a form": (lambda a: a.send("POST", "/graphql", data={"query": "{ log { size } }"}), 415, "unsupported-media-type"),
    "a huge body": (
        lambda a: a.send("POST", "/graphql", content=b" " * (17 << 20), headers={"content-type": "application/json"}),
        413,
        "too-large",
    ),
    "another method": (lambda a: a.send("DELETE", "/graphql"), 405, "method-not-allowed"),
    "a mutation by GET": (
        lambda a: a.send("GET", "/graphql", params={"query": "mutation { record(decisions: []) { positions } }"}),
        405,
        "method-not-allowed",
    ),
    "variables by GET that are not JSON": (
        lambda a: a.send("GET", "/graphql", params={"query": "{ log { size } }", "variables": "{"}),
        400,
        "bad-json",
    ),
    "another address": (lambda a: a.send("GET", "/nowhere"), 404, "not-found"),
    "posting to another address": (lambda a: a.send("POST", "/health"), 405, "method-not-allowed"),
}


@pytest.mark.parametrize("name", HTTP)
def test_a_bad_request_gets_its_status_and_code(client: Api, name: str) -> None:
    send, status, code = HTTP[name]
    response = send(client)
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert all(error["extensions"]["hint"][language] for language in ("zh", "en"))


def test_questions_may_come_by_get(client: Api) -> None:
    asking = {
        "query": "query Q($c: ID!) { unit(code: $c) { name } }",
        "variables": '{"c": "town"}',
        "operationName": "Q",
    }
    assert client.send("GET", "/graphql", params=asking).json() == {"data": {"unit": {"name": "单位town"}}}


def test_the_operation_must_be_named_where_there_are_several(client: Api) -> None:
    both = 'query A { log { size } } query B { unit(code: "town") { name } }'
    assert client.refused(both)["code"] == "bad-query"
    named = client.send("POST", "/graphql", json={"query": both, "operationName": "B"}).json()
    assert named == {"data": {"unit": {"name": "单位town"}}}
    other = client.send("POST", "/graphql", json={"query": both, "operationName": "C"}).json()
    assert other["errors"][0]["extensions"]["code"] == "bad-query"


def test_errors_are_400_to_those_who_ask_for_the_newer_media_type(client: Api) -> None:
    headers = {"accept": "application/graphql-response+json"}
    bad = client.send("POST", "/graphql", json={"query": "{ nothing }"}, headers=headers)
    assert (bad.status_code, bad.headers["content-type"]) == (400, "application/graphql-response+json")
    good = client.send("POST", "/graphql", json={"query": "{ log { size } }"}, headers=headers)
    assert good.status_code == 200


def test_what_the_program_does_wrong_is_not_shown_to_strangers(client: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the password is 1234")

    monkeypatch.setattr("registry.queries.history.decisions.decision", broken)
    response = client.post("{ decision(position: 1) { type } log { size } }")
    assert response.status_code == 200
    assert "1234" not in response.text
    assert response.json()["errors"][0]["extensions"]["code"] == "internal"
    assert response.json()["data"]["decision"] is None
    assert response.json()["data"]["log"]["size"] > 0


def test_bad_certificate_words_of_the_county_are_reported_as_such(
    client: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "words.yaml"
    file.write_text("certificates: 3", "utf-8")
    monkeypatch.setenv(vocabulary.COUNTY_FILES, str(file))
    vocabulary.load_vocabulary.cache_clear()
    understanding.knowledge.cache_clear()
    try:
        answer = client.refused('{ certificate(village: "village", text: "无犯罪证明") { status } }')
        assert answer["code"] == "bad-certificate-words"
        assert all("words.yaml" in answer["message"][language] for language in ("zh", "en"))
    finally:
        vocabulary.load_vocabulary.cache_clear()
        understanding.knowledge.cache_clear()


def test_a_bad_thesaurus_of_the_county_is_reported_as_such(
    client: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text("burdens: 3", "utf-8")
    monkeypatch.setenv(COUNTY_FILES, str(file))
    load_thesaurus.cache_clear()
    try:
        answer = client.refused('{ findings(within: "town") { totalCount } }')
        assert answer["code"] == "bad-thesaurus"
        assert all("ours.yaml" in answer["message"][language] for language in ("zh", "en"))
        # Once it is put right, everything is answered again.
        file.write_text("burdens: [{burden: 甲, names: [甲乙丙]}]", "utf-8")
        client.ask('{ findings(within: "town") { totalCount } }')
    finally:
        load_thesaurus.cache_clear()
