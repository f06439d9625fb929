"""What is said of certificates, forms and monitoring points: by day, as known, in old logs, in files, over GraphQL."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import sql

from registry import data_files, database
from registry.database import schema
from registry.exchange import published
from registry.exchange.journal import export_journal
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import JournalRefused, record
from registry.replay import replay
from tests.support.api_client import Api, api
from tests.support.worlds import COUNTY, decision, line

ASKS = """query ($asOf: Date, $known: Known) {
  form: matter(code: "F-HOUSE", asOf: $asOf, known: $known) { asks materials procedure online }
  kin: matter(code: "C-KIN", asOf: $asOf, known: $known) { asks materials procedure online }
  village: unit(code: "village", asOf: $asOf, known: $known) { monitored }
  new: unit(code: "new", asOf: $asOf, known: $known) { monitored }
}"""
LINES = [
    decision("MatterDefined", "2020-01-01", matter="F-HOUSE", kind="form", name="入户表", asks=["户数", "人口"]),
    decision("MatterRevised", "2021-01-01", matter="F-HOUSE", asks=["户数"]),
    decision(
        "MatterRevised",
        "2021-01-01",
        matter="C-KIN",
        materials=["身份证", "户口簿"],
        procedure="当场核验后出具",
        online="鄂汇办",
    ),
    decision("UnitRevised", "2021-01-01", unit="village", monitored=True),
    decision(
        "UnitRegistered",
        "2021-01-01",
        unit="new",
        name="新村",
        level="village",
        kind="village",
        parent="town",
        monitored=True,
    ),
    decision("UnitRevised", "2022-01-01", unit="village", monitored=False),
    decision("MatterRevised", "2020-06-01", matter="F-HOUSE", asks=["户数", "耕地面积"]),
]


@pytest.fixture
def client(database_url: str) -> Iterator[Api]:
    """The API over a county of which this is said besides."""
    with database.connect(database_url) as connection:
        record(connection, [*COUNTY, *LINES])
    with api(database_url) as client:
        yield client


def test_each_day_has_what_was_stated_by_then(client: Api) -> None:
    nothing = {"asks": [], "materials": [], "procedure": None, "online": None}
    kinship = nothing | {"materials": ["身份证", "户口簿"], "procedure": "当场核验后出具", "online": "鄂汇办"}
    for as_of, asks, of_kinship, village, new in (
        ("2020-05-31", ["户数", "人口"], nothing, {"monitored": False}, None),
        ("2020-06-01", ["户数", "耕地面积"], nothing, {"monitored": False}, None),
        ("2021-01-01", ["户数"], kinship, {"monitored": True}, {"monitored": True}),
        ("2022-01-01", ["户数"], kinship, {"monitored": False}, {"monitored": True}),
    ):
        answer = client.ask(ASKS, asOf=as_of)
        assert answer == {"form": nothing | {"asks": asks}, "kin": of_kinship, "village": village, "new": new}, as_of


def test_a_revision_is_not_known_before_it_is_recorded(client: Api) -> None:
    before = len(COUNTY) + len(LINES) - 1
    assert client.ask(ASKS, asOf="2020-06-01", known={"position": before})["form"]["asks"] == ["户数", "人口"]


def test_the_typed_mutations_take_them_and_report_what_changed(client: Api) -> None:
    client.ask(
        """mutation {
          form: defineMatter(at: "2023-01-01", matter: "F-NEW", kind: FORM, name: "新表", asks: ["姓名"]) { positions }
          unit: reviseUnit(at: "2023-01-01", unit: "village2", monitored: true) { positions }
        }"""
    )
    answer = client.ask('{ matter(code: "F-NEW") { asks } decisions(unit: "village2") { effects { message } } }')
    assert answer["matter"] == {"asks": ["姓名"]}
    assert "减负监测点" in answer["decisions"][-1]["effects"][0]["message"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (decision("MatterDefined", "2020-01-01", matter="X", kind="duty", name="职责", asks=["姓名"]), "unknown-field"),
        (decision("MatterDefined", "2020-01-01", matter="X", kind="form", name="表", online="网"), "unknown-field"),
        (decision("MatterRevised", "2020-01-01", matter="C-KIN", asks=["姓名"]), "unknown-field"),
        (decision("MatterRevised", "2020-01-01", matter="F-LEDGER", materials=["证"]), "unknown-field"),
        (decision("MatterRevised", "2020-01-01", matter="F-LEDGER", asks=[""]), "bad-value"),
        (decision("MatterRevised", "2020-01-01", matter="C-KIN", materials="证"), "bad-value"),
        (decision("UnitRevised", "2020-01-01", unit="village", monitored="true"), "bad-value"),
        (decision("UnitRevised", "2020-01-01", unit="village", name=None), "bad-value"),
    ],
)
def test_what_they_cannot_be(database_url: str, wrong: dict[str, Any], code: str) -> None:
    with database.connect(database_url) as connection, pytest.raises(JournalRefused) as refused:
        record(connection, [*COUNTY, wrong])
    assert [error.code for error in refused.value.errors] == [code]


def test_export_and_import_give_them_back(new_database: Callable[[], str]) -> None:
    exports: list[list[bytes]] = []
    lines = [line(each) for each in [*COUNTY, *LINES]]
    for _ in range(2):
        with database.connect(new_database()) as connection:
            import_journal(connection, lines)
            lines = list(export_journal(connection))
            assert not replay(connection).differences
        exports.append(lines)
    assert exports[0] == exports[1]
    exported = [json.loads(each) for each in exports[0]]
    assert [each for each in exported if each["type"] != "MatterRevised"][-3:] == [LINES[3], LINES[4], LINES[5]]


def test_a_registry_of_before_reads_as_if_nothing_were_stated(database_url: str, empty_database: str) -> None:
    with database.connect(database_url) as connection, psycopg.connect(empty_database) as before:
        record(connection, COUNTY)
        schema.migrate(before, schema.migrations()[:4])  # the program as it was before
        tables = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('log', 'live')"
        for name in before.execute(tables).fetchall():
            table = sql.Identifier(*name)
            row = sql.SQL("SELECT (to_jsonb(t) || %s)::text FROM {} t").format(table)
            rows = connection.execute(row, (json.dumps({"province": "42"}),)).fetchall()  # units had it then
            put = sql.SQL("INSERT INTO {0} OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(null::{0}, %s)")
            before.cursor().executemany(put.format(table), rows)
    with database.connect(empty_database) as connection:
        assert not replay(connection).differences
        record(connection, LINES)
        assert not replay(connection).differences


def test_files_may_say_them(database_url: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(data_files.path("lists"), tmp_path / "lists"))
    file = folder / "negative/certificates.yaml"
    content = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
    code = content["matters"][0]["code"]
    content["matters"][0] |= {"materials": ["身份证"], "procedure": "窗口办理", "online": "国家政务服务平台"}
    with database.connect(database_url) as connection:
        published.load(connection, folder, date(2026, 1, 1))
        file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
        forms = {
            "title": {"zh": "报表目录", "en": "Forms"},
            "kind": "form",
            "matters": [
                {
                    "code": "F-HOUSE",
                    "name": "入户表",
                    "category": "综合政务",
                    "basis": content["matters"][0]["basis"],
                    "asks": ["户数"],
                }
            ],
        }
        (folder / "positive/forms.yaml").write_text(yaml.safe_dump(forms, allow_unicode=True), "utf-8")
        published.load(connection, folder, date(2026, 2, 1))
        assert published.load(connection, folder, date(2026, 3, 1)).recorded == {}
    with api(database_url) as client:
        answer = client.ask(
            """query ($code: ID!) {
              matter(code: $code) { materials procedure online }
              form: matter(code: "F-HOUSE") { asks }
            }""",
            code=code,
        )
    assert answer["matter"] == {"materials": ["身份证"], "procedure": "窗口办理", "online": "国家政务服务平台"}
    assert answer["form"] == {"asks": ["户数"]}
