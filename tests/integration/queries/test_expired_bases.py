"""Bases that are law no more on a day, as the command line and GraphQL tell them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from registry import database
from registry.exchange import published
from registry.recording.unit_of_work import record
from tests.support.api_client import api
from tests.support.cli_runner import cli_runner
from tests.support.worlds import COUNTY, Line, decision, duty

TODAY = "2026-11-29"
ENVIRONMENT = {"instrument": "主席令第9号（2014）", "title": "中华人民共和国环境保护法", "kind": "law"}


def matter(code: str, at: str, *basis: str) -> Line:
    return decision("MatterDefined", at, matter=code, kind="duty", name=f"事项{code}", basis=list(basis))


# A county that has not loaded the lists, and cites what was law when it wrote its catalogue.
OWN = [
    *COUNTY,
    decision("InstrumentIssued", "2015-01-01", **ENVIRONMENT),
    decision("InstrumentIssued", "2018-01-01", instrument="县发1号", title="网格巡查办法", kind="notice"),
    decision("InstrumentIssued", "2022-01-01", instrument="县发2号", title="网格工作办法", kind="notice"),
    matter("D-1", "2020-01-01", "《中华人民共和国环境保护法》第二十四条"),
    matter("D-2", "2020-01-01", "《村民委员会组织法》第五条", "《村民委员会组织法》第二条"),
    matter("D-3", "2026-02-01", "《村民委员会组织法》第六条"),
    matter("D-4", "2020-01-01", "《社会救助暂行办法》第四条"),
    matter("D-5", "2020-01-01", "《网格巡查办法》第三条"),
    matter("D-6", "2020-01-01", "《城乡规划法》第六十四条", "《本县办法》第一条"),
    matter("D-7", "2020-01-01", "《社会救助暂行办法》第四条", "《社会救助法》第五条"),
    matter("D-8", "2020-01-01", "《统计法》第二十七条"),
    decision("PowerVested", "2020-01-01", power="P-SAND", unit="market", instrument="主席令第9号（2014）"),
    duty("OLD-1", "2020-01-01", instrument="县发1号"),
    decision("InstrumentRepealed", "2022-01-01", instrument="县发1号", replaced_by="县发2号"),
]


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    made = module_database()
    with database.connect(made) as connection:
        record(connection, OWN)
    return made


def rows(url: str, day: str) -> list[tuple[str, ...]]:
    ran = cli_runner(url)("lists", "check", "--as-of", day, "--json")
    assert ran.returncode == 0, ran.stderr
    lines = [json.loads(line) for line in ran.stdout.decode().splitlines()]
    return [(each["subject"], each["cites"], each["why"], each["since"], each["replacement"]) for each in lines]


NOTICE = ("OLD-1", "《网格巡查办法》（县发1号）", "repealed", "2022-01-01", "《网格工作办法》（县发2号）")
GRID = ("D-5", "《网格巡查办法》第三条", "repealed", "2022-01-01", "《网格工作办法》")


def test_what_a_county_cites_is_told_when_it_is_law_no_more_though_it_recorded_no_repeal(url: str) -> None:
    assert rows(url, "2021-12-31") == []
    assert rows(url, "2024-09-12") == [NOTICE, GRID]
    assert rows(url, TODAY) == [
        NOTICE,
        ("P-SAND#market", "《环境保护法》（主席令第9号（2014））", "repealed", "2026-08-15", "《生态环境法典》"),
        ("D-1", "《中华人民共和国环境保护法》第二十四条", "repealed", "2026-08-15", "《生态环境法典》第五十一条"),
        ("D-2", "《村民委员会组织法》第五条", "renumbered", "2026-01-01", "《村民委员会组织法》第六条"),
        ("D-4", "《社会救助暂行办法》第四条", "overtaken", "2026-07-01", "《社会救助法》第五条"),
        GRID,
        ("D-8", "《统计法》第二十七条", "renumbered", "2024-09-13", None),
    ]  # fmt: skip


def test_the_day_before_a_law_ends_it_is_none_of_them(url: str) -> None:
    assert "D-1" not in {row[0] for row in rows(url, "2026-08-14")}
    assert "D-2" not in {row[0] for row in rows(url, "2025-12-31")}


def test_the_terminal_says_it_in_words(url: str) -> None:
    printed = cli_runner(url)("lists", "check", "--as-of", TODAY).stdout.decode().splitlines()
    at = printed.index("事项 D-1  事项D-1")
    cited, now = "《中华人民共和国环境保护法》第二十四条", "《生态环境法典》第五十一条"
    assert printed[at + 1] == f"  所依{cited}已自2026-08-15起废止；现为{now}。"
    assert printed[at + 2] == f"  {cited} was repealed as of 2026-08-15; now {now}."
    assert "  所依《统计法》第二十七条条号已自2024-09-13起改变；现行依据请核对。" in printed
    assert printed[-1] == "失效依据 7 项（2026-11-29）。 / Expired bases: 7."


def test_an_item_that_is_listed_by_a_law_of_its_own_is_told_by_itself(module_database: Callable[[], str]) -> None:
    made = module_database()
    noted = "设定依据：《社会救助暂行办法》第四条\n《本县办法》第一条\n备注：《村民委员会组织法》第五条"
    adopted = {"polarity": "positive", "covers": "duty", "audience": "township", "assigns": "lead", "scope": "420684"}
    item = {"list": "L", "item": "1", "name": "示例甲", "matter": "D-1"}
    with database.connect(made) as connection:
        record(
            connection,
            [
                *COUNTY,
                decision("InstrumentIssued", "2018-01-01", instrument="县发1号", title="清单通知", kind="notice"),
                matter("D-1", "2020-01-01"),
                decision("ListAdopted", "2020-01-01", list="L", title="清单", instrument="县发1号", **adopted),
                decision("ListItemEntered", "2020-01-01", note=noted, **item),
                decision("ListItemEntered", "2020-01-01", note="备注：同上", **(item | {"item": "2"})),
            ],
        )
    assert rows(made, "2026-06-30") == []
    assert rows(made, TODAY) == [
        ("L#1", "《社会救助暂行办法》第四条", "overtaken", "2026-07-01", "《社会救助法》第五条"),
    ]
    printed = cli_runner(made)("lists", "check", "--as-of", TODAY).stdout.decode()
    assert "清单事项 L#1  示例甲" in printed


def test_graphql_tells_the_same(url: str) -> None:
    query = (
        "query ($day: Date) { expiredBases(asOf: $day) { what subject name cites why since replacement reenacted } }"
    )
    with api(url) as client:
        answered = client.ask(query, day="2026-01-01")["expiredBases"]
    assert answered[1] == {
        "what": "matter",
        "subject": "D-2",
        "name": "事项D-2",
        "cites": "《村民委员会组织法》第五条",
        "why": "renumbered",
        "since": "2026-01-01",
        "replacement": "《村民委员会组织法》第六条",
        "reenacted": True,
    }


def test_what_was_loaded_is_law_on_every_day(database_url: str) -> None:
    with database.connect(database_url) as connection:
        published.load(connection, on=date.fromisoformat(TODAY))
    for day in ("2012-06-01", "2020-06-01", "2025-05-10", "2026-01-01", "2026-05-01", "2026-08-15", TODAY):
        assert rows(database_url, day) == []
