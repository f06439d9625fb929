"""The certificate window by every face, who demands what it may not, and the words that a county adds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from registry import data_files, database
from registry.queries.certificates import BadWords, demands, vocabulary
from registry.relations.two_times import NEWEST
from tests.support.api_client import Api, api
from tests.support.certificate_window import DAY, VILLAGE, Window
from tests.support.cli_runner import cli_runner

# ------------------------------------------------------------------------------------------------------- by every face


@pytest.fixture(scope="module")
def client(window: Window) -> Iterator[Api]:
    with api(window.url) as opened:
        yield opened


QUERY = """
query ($village: ID!, $text: String!, $on: Date) {
  certificate(village: $village, text: $text, asOf: $on) {
    status reason name issuer alternative materials procedure online legalBasis message english: message(lang: "en")
    matter { code } item { subject name } basis { number } candidates { code } choices { code name status }
  }
}
"""


def test_by_graphql(client: Api) -> None:
    answer = client.ask(QUERY, village=VILLAGE, text="没犯过罪的条子", on="2026-11-01")["certificate"]
    assert (answer["status"], answer["reason"], answer["matter"]["code"]) == ("FORBIDDEN", "listed", "C-NO-CRIME")
    assert answer["item"] == {"subject": "CERTIFICATES-NEGATIVE-42#5", "name": "无犯罪记录证明"}
    assert [document["number"] for document in answer["basis"]] == ["鄂民政发〔2020〕32号", "民发〔2020〕20号"]
    assert "派出所" in answer["issuer"]
    assert answer["issuer"] in answer["message"]
    assert "no criminal record" in answer["english"]
    answer = client.ask(QUERY, village=VILLAGE, text="关系证明")["certificate"]
    assert (answer["status"], answer["matter"], answer["item"]) == ("AMBIGUOUS", None, None)
    assert {one["code"] for one in answer["candidates"]} == {one["code"] for one in answer["choices"]}
    answer = client.ask(QUERY, village=VILLAGE, text="房屋面积证明")["certificate"]
    assert (answer["status"], answer["matter"]["code"], answer["item"]) == ("UNLISTED", "YC-C-AREA", None)
    assert client.refused(QUERY, village="420684", text="证明")["code"] == "unknown-unit"
    assert client.refused(QUERY, village="a\0b", text="证明")["code"] == "bad-value"
    assert client.refused(QUERY.replace('"en"', '"fr"'), village=VILLAGE, text="证明")["code"] == "bad-value"


def test_by_rest(client: Api) -> None:
    answer = client.send(
        "GET", f"/v1/villages/{VILLAGE}/certificates", params={"q": "wfzzm", "on": "2026-11-01", "lang": "en"}
    )
    content = answer.json()
    assert (content["status"], content["matter"], content["on"], content["village"]) == (
        "FORBIDDEN",
        "C-NO-CRIME",
        "2026-11-01",
        VILLAGE,
    )
    assert content["message"].startswith("The village does not issue")
    assert answer.headers["cache-control"] == "private, no-store"
    every = client.send("GET", f"/v1/villages/{VILLAGE}/certificates").json()["certificates"]
    assert [one["status"] for one in every] == ["ALLOWED"] * 16 + ["FORBIDDEN"] * 22
    described = client.send("GET", "/openapi.json").json()["paths"]["/v1/villages/{code}/certificates"]["get"]
    assert {one["name"] for one in described["parameters"]} == {"code", "q", "on", "lang"}


@pytest.mark.parametrize(
    ("village", "query", "status", "code"),
    [
        ("420684", {"q": "证明"}, 404, "unknown-unit"),
        ("nowhere", {}, 404, "unknown-unit"),
        (VILLAGE, {"q": "证明", "on": "2026-02-30"}, 400, "bad-value"),
        (VILLAGE, {"q": "证明", "on": "1999-01-01"}, 404, "unknown-unit"),
        (VILLAGE, {"q": "证明", "lang": "fr"}, 400, "bad-value"),
        ("a%00b", {"q": "证明"}, 404, "unknown-unit"),
        (VILLAGE, {"q": "x" * 10_000}, 200, None),
        (VILLAGE, {"q": "\0'; DROP TABLE unit; --"}, 200, None),
        (VILLAGE, {"q": ""}, 200, None),
    ],
)
def test_what_rest_refuses(client: Api, village: str, query: dict[str, str], status: int, code: str | None) -> None:
    answer = client.send("GET", f"/v1/villages/{village}/certificates", params=query)
    assert answer.status_code == status
    if code is not None:
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == code


def test_on_the_command_line(window: Window) -> None:
    run = cli_runner(window.url)
    printed = run("certificate", VILLAGE, "砍自家的树", "--as-of", "2026-11-01")
    assert printed.returncode == 0
    assert "ALLOWED" in printed.stdout.decode()
    assert "YC-C-LOGGING" in printed.stdout.decode()
    printed = run("certificate", VILLAGE, "关系证明", "--json")
    assert json.loads(printed.stdout)["status"] == "AMBIGUOUS"
    refused = run("certificate", "420684", "证明")
    assert refused.returncode == 1
    assert "unknown-unit" in refused.stderr.decode()


# ------------------------------------------------------------------------------------------ who demands what it may not

DEMANDS = """
query ($from: Date!, $to: Date!, $within: ID!) {
  certificateDemands(within: $within, from: $from, to: $to) {
    unit { code } demanded forbidden unlisted waived villages refs matters { demanded matter { code } }
  }
}
"""


def test_demands_are_counted_by_who_makes_them_as_the_rule_judges(window: Window, client: Api) -> None:
    from registry import checker

    with database.connect(window.url) as connection:
        results = demands.demands(connection, "420684", date(2000, 1, 1), DAY, NEWEST)
        judged = checker.check(connection, DAY, NEWEST, within="420684", rule="certificate-demand", waived=True)
    assert sorted(ref for one in results for ref in one.refs) == sorted(finding.subject for finding in judged)
    assert sum(one.forbidden + one.unlisted for one in results) == len(judged) > 0
    assert sum(often for one in results for _, often in one.matters) == len(judged)
    assert results == sorted(results, key=lambda one: one.order)
    answer = client.ask(DEMANDS, within="420684", **{"from": "2000-01-01", "to": DAY.isoformat()})["certificateDemands"]
    assert [(one["unit"]["code"], one["forbidden"], one["unlisted"]) for one in answer] == [
        (one.unit, one.forbidden, one.unlisted) for one in results
    ]
    period = ("--from", "2000-01-01", "--to", DAY.isoformat())
    printed = cli_runner(window.url)("certificate-demands", "420684", *period, "--json")
    assert [json.loads(line)["unit"] for line in printed.stdout.splitlines()] == [one.unit for one in results]


def test_demands_between_two_days_and_within_a_territory(window: Window, client: Api) -> None:
    with database.connect(window.url) as connection:
        year = demands.demands(connection, "420684", date(2022, 7, 4), date(2022, 7, 4), NEWEST)
        assert [(one.unit, one.demanded) for one in year] == [("420684-agriculture", 1)]
        town = demands.demands(connection, "420684103", date(2022, 1, 1), DAY, NEWEST)
    assert {one.unit for one in town} == {"420684-agriculture", "420684-natural-resources"}
    swapped = {"from": "2026-01-02", "to": "2026-01-01"}
    assert client.refused(DEMANDS, within="420684", **swapped)["code"] == "bad-value"
    nowhere = {"from": "2026-01-01", "to": "2026-01-02"}
    assert client.refused(DEMANDS, within="nowhere", **nowhere)["code"] == "unknown-unit"


# ----------------------------------------------------------------------------------------------------- a county's words


def test_a_county_adds_its_own_words(window: Window, tmp_path: Path) -> None:
    words = tmp_path / "words.yaml"
    words.write_text("meanings:\n  - {names: [无犯罪记录证明], says: [身家白净]}\n", "utf-8")
    run = cli_runner(window.url, REGISTRY_CERTIFICATE_WORDS=str(words))
    printed = run("certificate", VILLAGE, "身家白净的证明", "--json")
    assert json.loads(printed.stdout)["matter"] == "C-NO-CRIME"


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"meanings: [", b"meanings: 1", b"[]", b"meanings: [{says: [a]}]", b"meanings: []\ncolour: red"],
)
def test_a_wrong_file_of_words_is_reported(window: Window, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "words.yaml"
    file.write_bytes(content)
    with pytest.raises(BadWords) as refused:
        vocabulary.read([data_files.path(vocabulary.FILE), file])
    assert refused.value.zh
    assert refused.value.en
    run = cli_runner(window.url, REGISTRY_CERTIFICATE_WORDS=str(file))
    printed = run("certificate", VILLAGE, "证明")
    assert printed.returncode == 1
    assert "bad-certificate-words" in printed.stderr.decode()


def test_the_words_name_no_certificate_twice() -> None:
    words = vocabulary.load_vocabulary()
    cores = [words.core(name) for meaning in words.meanings for name in dict.fromkeys(map(words.core, meaning.names))]
    assert sorted(core for core in set(cores) if cores.count(core) > 1) == []
    named = {words.core(name) for meaning in words.meanings for name in meaning.names}
    assert [name for broad in words.broad for name in broad.of if words.core(name) not in named] == []
