"""The nationwide lists: how they come into the log, and how changed files change what is recorded."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from registry import data_files, database
from registry.exchange import published
from registry.recording.journal_import import import_journal
from registry.recording.unit_of_work import record
from tests.support.published_folder import edit

LISTS = data_files.path("lists")
FILES = published.read(LISTS)
ON = date(2026, 3, 1)


@pytest.fixture(scope="module")
def lists_loaded(module_database: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A connection to a database with the nationwide lists loaded."""
    with database.connect(module_database()) as connection:
        published.load(connection, LISTS, ON)
        yield connection


@pytest.fixture
def with_lists(lists_loaded: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The same, of which nothing recorded stays."""
    with lists_loaded.transaction(force_rollback=True):
        yield lists_loaded


def size(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM log.decision").fetchone()
    assert row is not None
    return row[0]


def last(connection: psycopg.Connection, after: int) -> list[dict[str, Any]]:
    """What was recorded after a position, without the note."""
    rows = connection.execute(
        "SELECT data FROM log.decision WHERE position > %s ORDER BY position", (after,)
    ).fetchall()
    return [{key: value for key, value in json.loads(bytes(data)).items() if key != "note"} for (data,) in rows]


HUBEI_UNIT = {
    "type": "UnitRegistered",
    "at": "2000-01-01",
    "unit": "42",
    "name": "湖北省",
    "level": "province",
    "kind": "government",
}


def test_the_files_are_one_journal_that_imports(connection: psycopg.Connection) -> None:
    wanted = [HUBEI_UNIT, *published.decisions(LISTS, {"42": "2000-01-01"})]
    lines = [json.dumps(decision, ensure_ascii=False).encode() for decision in wanted]
    assert import_journal(connection, lines).recorded == len(wanted)


def test_what_loading_records_is_what_the_files_decide(connection: psycopg.Connection) -> None:
    record(connection, [HUBEI_UNIT])
    loaded = published.load(connection, LISTS, ON, "organization")
    assert loaded.conflicts == []
    assert loaded.waiting == []
    assert last(connection, 1) == [
        json.loads(json.dumps({key: value for key, value in decision.items() if key != "note"}))
        for decision in published.decisions(LISTS, {"42": "2000-01-01"})
    ]
    assert sum(loaded.recorded.values()) == size(connection) - 1
    assert connection.execute("SELECT DISTINCT recorded_by FROM log.decision WHERE position > 1").fetchall() == [
        ("organization",)
    ]


def test_loading_twice_records_nothing_the_second_time(with_lists: psycopg.Connection) -> None:
    before = size(with_lists)
    again = published.load(with_lists, LISTS, date(2027, 1, 1))
    assert again.recorded == {}
    assert again.conflicts == []
    assert size(with_lists) == before


def test_a_list_with_a_scope_waits_until_that_is_registered(connection: psycopg.Connection) -> None:
    first = published.load(connection, LISTS, ON)
    assert first.waiting == ["CERTIFICATES-NEGATIVE-42"]
    record(connection, [HUBEI_UNIT | {"at": "2021-06-01"}])
    before = size(connection)
    second = published.load(connection, LISTS, ON)
    assert second.waiting == []
    assert second.recorded == {"ListAdopted": 1, "ListItemEntered": 21}
    assert {decision["at"] for decision in last(connection, before)} == {"2021-06-01"}  # not before its scope exists
    assert published.load(connection, LISTS, ON).recorded == {}


def test_an_edited_matter_is_revised_in_what_changed(with_lists: psycopg.Connection, folder: Path) -> None:
    before = size(with_lists)

    def change(content: Any) -> None:
        (burial,) = [matter for matter in content["matters"] if matter["code"] == "D-BURIAL"]
        burial["name"] = "殡葬事务管理"
        del burial["needs"]

    edit(folder / "positive/township-duties.yaml", change)
    published.load(with_lists, folder, date(2026, 5, 1))
    revised = {"type": "MatterRevised", "at": "2026-05-01", "matter": "D-BURIAL", "name": "殡葬事务管理", "needs": None}
    assert last(with_lists, before) == [revised]
    assert published.load(with_lists, folder, date(2026, 6, 1)).recorded == {}


def test_a_new_matter_is_defined_before_what_needs_it_and_one_left_out_retired(
    with_lists: psycopg.Connection, folder: Path
) -> None:
    before = size(with_lists)

    def powers(content: Any) -> None:
        fresh = {"code": "P-NOISE", "name": "对噪声扰民的行政处罚", "category": "生态环保", "power_kind": "penalty"}
        fresh |= {"basis": [{"law": "城乡规划法"}], "lawful_holders": [{"level": "county", "function": "ecology"}]}
        content["matters"].append(fresh)

    def duties(content: Any) -> None:
        content["matters"] = [matter for matter in content["matters"] if matter["code"] != "D-CENSUS"]
        (dust,) = [matter for matter in content["matters"] if matter["code"] == "D-DUST"]
        dust["requires"].append("P-NOISE")

    edit(folder / "positive/powers.yaml", powers)
    edit(folder / "positive/township-duties.yaml", duties)
    published.load(with_lists, folder, date(2026, 5, 1))
    defined, revised, retired = last(with_lists, before)
    assert (defined["type"], defined["matter"], defined["at"]) == ("MatterDefined", "P-NOISE", "2008-01-01")
    assert revised == {
        "type": "MatterRevised",
        "at": "2026-05-01",
        "matter": "D-DUST",
        "requires": ["P-SITE-DUST-PENALTY", "P-NOISE"],
    }
    assert retired == {"type": "MatterRetired", "at": "2026-05-01", "matter": "D-CENSUS"}
    shutil.copy(LISTS / "positive/township-duties.yaml", folder / "positive")
    back = published.load(with_lists, folder, date(2026, 6, 1))
    assert [(conflict.code, conflict.subject) for conflict in back.conflicts] == [("matter-retired", "D-CENSUS")]
    assert back.recorded == {"MatterRevised": 1}  # D-DUST, as it was


def change_investment(term: str) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        content["items"][2]["terms"].append(term)

    return change


def test_a_changed_item_is_withdrawn_and_entered_under_the_next_id(
    with_lists: psycopg.Connection, folder: Path
) -> None:
    before = size(with_lists)
    file = folder / "negative/village-affairs.yaml"
    edit(file, change_investment("协税护税"))
    published.load(with_lists, folder, date(2026, 5, 1))
    withdrawn, entered = last(with_lists, before)
    assert withdrawn == {"type": "ListItemWithdrawn", "at": "2026-05-01", "list": "VILLAGE-NEGATIVE", "item": "3"}
    assert (entered["item"], entered["at"], entered["terms"][-1]) == ("3-2", "2026-05-01", "协税护税")
    assert published.load(with_lists, folder, date(2026, 6, 1)).recorded == {}
    # Once more on the very day: an end is after its start, so the next one begins a day later.
    edit(file, change_investment("引税"))
    published.load(with_lists, folder, date(2026, 5, 1))
    withdrawn, entered = last(with_lists, before + 2)
    assert (withdrawn["item"], withdrawn["at"]) == ("3-2", "2026-05-02")
    assert (entered["item"], entered["at"]) == ("3-3", "2026-05-02")


def test_items_left_out_are_withdrawn_and_come_back_under_a_new_id(
    with_lists: psycopg.Connection, folder: Path
) -> None:
    before = size(with_lists)
    file = folder / "negative/village-affairs.yaml"
    edit(file, lambda content: content["items"].pop())
    published.load(with_lists, folder, date(2026, 5, 1))
    assert last(with_lists, before) == [
        {"type": "ListItemWithdrawn", "at": "2026-05-01", "list": "VILLAGE-NEGATIVE", "item": "4"}
    ]
    shutil.copy(LISTS / "negative/village-affairs.yaml", file)
    edit(file, lambda content: content["items"].append({"item": "5", "name": "填表报数", "terms": ["每日填报"]}))
    published.load(with_lists, folder, date(2026, 6, 1))
    assert [(line["type"], line["item"], line["at"]) for line in last(with_lists, before + 1)] == [
        ("ListItemEntered", "4-2", "2026-06-01"),
        ("ListItemEntered", "5", "2026-06-01"),
    ]


def test_a_list_and_an_instrument_come_and_go(with_lists: psycopg.Connection, folder: Path) -> None:
    before = size(with_lists)
    (folder / "negative/village-workgroups.yaml").unlink()

    def laws(content: Any) -> None:
        fresh = {"short": "新条例", "number": "国务院令第9999号", "title": "新条例", "kind": "regulation"}
        content["instruments"].append(fresh | {"at": "2026-04-01"})
        (old,) = [law for law in content["instruments"] if law["short"] == "物业管理条例"]
        old |= {"repealed": "2026-04-01", "replaced_by": "国务院令第9999号"}

    edit(folder / "instruments/regulations.yaml", laws)
    published.load(with_lists, folder, date(2026, 5, 1))
    issued, *without_basis, list_repealed, law_repealed = last(with_lists, before)
    assert without_basis == [
        {"type": "MatterRevised", "at": "2026-04-01", "matter": code, "basis": None}
        for code in ("P-PROPERTY-PENALTY", "D-PROPERTY-MANAGEMENT")
    ]
    assert (issued["type"], issued["instrument"], issued["at"]) == (
        "InstrumentIssued",
        "国务院令第9999号",
        "2026-04-01",
    )
    assert list_repealed == {"type": "ListRepealed", "at": "2026-05-01", "list": "VILLAGE-WORKGROUPS-NEGATIVE"}
    assert law_repealed == {
        "type": "InstrumentRepealed",
        "at": "2026-04-01",
        "instrument": "国务院令第379号",
        "replaced_by": "国务院令第9999号",
    }
    assert published.load(with_lists, folder, date(2026, 6, 1)).recorded == {}
    shutil.copy(LISTS / "negative/village-workgroups.yaml", folder / "negative")
    back = published.load(with_lists, folder, date(2026, 7, 1))
    assert [conflict.code for conflict in back.conflicts] == ["list-repealed"]
    assert back.recorded == {}


def test_a_county_may_revise_what_was_loaded(with_lists: psycopg.Connection, folder: Path) -> None:
    local = [{"level": "county", "function": "urban-management"}]
    revised = {"type": "MatterRevised", "at": "2026-04-01", "matter": "P-TOWN-BUILD-PENALTY", "lawful_holders": local}
    withdrawn = {"type": "ListItemWithdrawn", "at": "2026-04-01", "list": "COMMUNITY-NEGATIVE", "item": "3"}
    record(with_lists, [revised, withdrawn])
    assert published.load(with_lists, folder, date(2026, 5, 1)).recorded == {}

    def change(content: Any) -> None:
        content["matters"][0]["aliases"] = ["违法建设处罚"]

    edit(folder / "positive/powers.yaml", change)
    before = size(with_lists)
    published.load(with_lists, folder, date(2026, 6, 1))
    (line,) = last(with_lists, before)
    assert line == {
        "type": "MatterRevised",
        "at": "2026-06-01",
        "matter": "P-TOWN-BUILD-PENALTY",
        "aliases": ["违法建设处罚"],
    }


def test_what_a_county_defined_itself_is_left_alone_and_reported(connection: psycopg.Connection) -> None:
    record(
        connection,
        [
            {
                "type": "InstrumentIssued",
                "at": "2020-01-01",
                "instrument": "厅字〔2022〕28号",
                "title": "意见",
                "kind": "notice",
            },
            {"type": "MatterDefined", "at": "2020-01-01", "matter": "D-BURIAL", "kind": "duty", "name": "殡葬"},
            {"type": "MatterDefined", "at": "2020-01-01", "matter": "C-DOG", "kind": "form", "name": "养犬表"},
            {
                "type": "ListAdopted",
                "at": "2023-01-01",
                "list": "COMMUNITY-NEGATIVE",
                "title": "本地清单",
                "polarity": "negative",
                "covers": "duty",
                "audience": "village",
                "instrument": "厅字〔2022〕28号",
            },
        ],
    )
    before = size(connection)
    loaded = published.load(connection, LISTS, ON)
    assert {(conflict.code, conflict.subject) for conflict in loaded.conflicts} == {
        ("instrument-differs", "厅字〔2022〕28号"),
        ("matter-differs", "D-BURIAL"),
        ("matter-differs", "C-DOG"),
        ("list-differs", "COMMUNITY-NEGATIVE"),
        ("item-depends", "CERTIFICATES-NEGATIVE#4"),
    }
    assert all(conflict.zh and conflict.en for conflict in loaded.conflicts)
    recorded = last(connection, before)
    assert not [line for line in recorded if line.get("list") == "COMMUNITY-NEGATIVE"]
    assert not [line for line in recorded if line.get("matter") in ("D-BURIAL", "C-DOG")]
    assert sum(line["type"] == "ListItemEntered" and line["list"] == "VILLAGE-NEGATIVE" for line in recorded) == 4
    assert published.load(connection, LISTS, ON).recorded == {}


def test_a_power_of_another_kind_keeps_only_the_duties_out_that_need_it(connection: psycopg.Connection) -> None:
    record(
        connection,
        [{"type": "MatterDefined", "at": "2020-01-01", "matter": "P-GAS-PENALTY", "kind": "form", "name": "表"}],
    )
    loaded = published.load(connection, LISTS, ON)
    assert {(conflict.code, conflict.subject) for conflict in loaded.conflicts} == {
        ("matter-differs", "P-GAS-PENALTY"),
        ("matter-depends", "D-GAS-SAFETY"),
    }
    assert loaded.recorded["MatterDefined"] == len(FILES.matters) - 2


def test_a_folder_without_lists_is_reported_and_retires_nothing(connection: psycopg.Connection, tmp_path: Path) -> None:
    record(connection, [HUBEI_UNIT])
    published.load(connection, LISTS, ON, "organization")
    before = size(connection)
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(published.BadFile) as refused:
            published.load(connection, folder, ON, "organization")
        assert str(folder) in refused.value.zh
    assert size(connection) == before


# Bases as of a day: what the files held before, what they hold now.
def bases(connection: psycopg.Connection, code: str, *days: str) -> list[list[str]]:
    """What the matter cites as of each day, as known now."""
    query = "SELECT basis FROM matter WHERE code = %s AND valid_from <= %s AND valid_to > %s AND known_to = %s"
    newest = 9223372036854775807
    return [connection.execute(query, (code, day, day, newest)).fetchall()[0][0] for day in days]


DAYS = ("2009-12-31", "2015-06-01", "2024-09-12", "2024-09-13", "2026-11-29")
STATISTICS = [["《统计法》"], *[["《统计法》第二十七条"]] * 2, *[["《统计法》第三十条"]] * 2]


def before_the_laws_changed(folder: Path) -> None:
    """The files as they were when nobody had looked at how laws end: one article of every day, nothing repealed."""

    def laws(content: Any) -> None:
        for law in content["instruments"]:
            for name in ("repealed", "replaced_by", "reenacted", "overtaken", "renumbered"):
                law.pop(name, None)

    def matters(content: Any) -> None:
        for matter in content["matters"]:
            for basis in matter.get("basis", ()):
                basis["from"] = "1949-10-01"
                basis.pop("until", None)
            if matter["code"] == "D-STATISTICS":
                matter["basis"] = matter["basis"][1:]
            if matter["code"] == "P-POLLUTION-INSPECTION":
                matter["basis"] = matter["basis"][:1]
            if matter["code"] == "D-HOUSE-SAFETY":
                matter["lawful_holders"] = [{"level": "county", "function": "housing"}]

    for name in ("laws", "regulations"):
        edit(folder / f"instruments/{name}.yaml", laws)
    for name in ("positive/powers", "positive/township-duties", "positive/village-duties"):
        edit(folder / f"{name}.yaml", matters)


def test_a_matter_cites_the_article_of_the_day(with_lists: psycopg.Connection) -> None:
    assert bases(with_lists, "D-STATISTICS", *DAYS) == STATISTICS
    days = ("2014-12-31", "2020-06-01", "2026-08-14", "2026-08-15")
    assert bases(with_lists, "P-POLLUTION-INSPECTION", *days) == [
        ["《环境保护法》"],
        ["《环境保护法》第二十四条"],
        ["《环境保护法》第二十四条"],
        ["《生态环境法典》第五十一条"],
    ]
    assert bases(with_lists, "D-V-ASSIST", "2020-06-01", "2025-12-31", "2026-01-01") == [
        ["《村民委员会组织法》第五条"],
        ["《村民委员会组织法》第五条"],
        ["《村民委员会组织法》第六条"],
    ]


def test_a_registry_that_loaded_older_files_is_corrected_for_the_past_and_revised_for_what_changed(
    connection: psycopg.Connection, folder: Path
) -> None:
    before_the_laws_changed(folder)
    record(connection, [HUBEI_UNIT])
    published.load(connection, folder, ON)
    assert bases(connection, "D-STATISTICS", *DAYS) == [["《统计法》第三十条"]] * 5
    then = size(connection)
    loaded = published.load(connection, LISTS, date(2026, 11, 29))
    assert loaded.conflicts == []
    assert loaded.recorded["InstrumentRepealed"] == 10
    assert bases(connection, "D-STATISTICS", *DAYS) == STATISTICS
    assert bases(connection, "P-POLLUTION-INSPECTION", "2026-08-15") == [["《生态环境法典》第五十一条"]]
    corrected = {
        "type": "Corrected",
        "at": "2026-11-29",
        "of": {"type": "MatterDefined", "matter": "D-STATISTICS"},
        "set": {"basis": ["《统计法》"]},
    }
    assert corrected in last(connection, then)
    # The township was answerable by law all the time; who burns straw is a change of the day of the code.
    query = """SELECT level FROM lawful_holder
        WHERE matter = %s AND valid_from <= %s AND valid_to > %s AND known_to = 9223372036854775807"""
    for code, day, levels in (
        ("D-HOUSE-SAFETY", "2010-01-01", {"township", "county"}),
        ("D-STRAW-BURNING", "2026-08-14", {"county", "prefecture"}),
        ("D-STRAW-BURNING", "2026-08-15", {"township", "county", "prefecture"}),
    ):
        assert {level for (level,) in connection.execute(query, (code, day, day)).fetchall()} == levels
    # What was known before stays known.
    known = connection.execute(
        "SELECT basis FROM matter WHERE code = 'D-STATISTICS' AND known_from <= %s AND known_to > %s", (then, then)
    )
    assert {tuple(basis) for (basis,) in known} == {("《统计法》第三十条",)}
    assert published.load(connection, LISTS, date(2026, 12, 1)).recorded == {}


def test_a_county_that_revised_a_basis_itself_keeps_it_until_a_law_changes_it(with_lists: psycopg.Connection) -> None:
    own = {"type": "MatterRevised", "at": "2025-03-01", "matter": "D-STATISTICS", "basis": ["《本县统计办法》"]}
    record(with_lists, [own])
    assert published.load(with_lists, LISTS, date(2026, 11, 29)).recorded == {}
    assert bases(with_lists, "D-STATISTICS", "2026-11-29") == [["《本县统计办法》"]]
