"""Who leads what a township's list names a 牵头单位 for: asked, and one answer settles the column."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from registry.exchange.sheets.folders.folder_answers import Answers
from registry.exchange.sheets.folders.folder_import import import_folder
from registry.exchange.sheets.planning import confirming
from registry.exchange.sheets.planning.importing import carry_out, plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.registry_under_test import Registry

TOWN: Final = "420684105"
NOTED: Final = "牵头县直单位"  # that headings.yaml does not know
ROWS: Final = (
    ("示例甲公路养护", "交通局"),
    ("示例乙安全检查", "应急局"),
    ("示例丙资金监管", "孔湾镇"),
    ("示例丁厕所管护", "孔湾镇人民政府"),
)


@pytest.fixture
def recording(demo: Registry) -> Iterator[Registry]:
    """The county's registry, of which nothing recorded stays."""
    with demo.connection.transaction(force_rollback=True):
        yield demo


def workbook(folder: Path, heading: str = "牵头单位", rows: tuple[tuple[str, str], ...] = ROWS) -> Path:
    """A town's sheet as an office makes it: a title over all columns, and a line for each item."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["孔湾镇职责事项清单"])
    sheet.append(["序号", "事项名称", heading, "依据"])
    for number, (name, unit) in enumerate(rows, 1):
        sheet.append([number, name, unit, "宜办发〔2025〕6号"])
    sheet.merge_cells("A1:D1")
    file = folder / "孔湾镇.xlsx"
    book.save(file)
    return file


def request(**more: Any) -> Request:
    options: dict[str, Any] = {"county": "420684", "instrument": "试测〔2026〕1号", "code": "T", "accept": "none"}
    options |= {"kind": "township-basic", "issued": Issued("x", "notice", date(2026, 11, 1))}
    return Request(**(options | more))


def answered(answer: str, heading: str = "牵头单位") -> dict[str, Any]:
    return {"mapping": {"tables": [], "leads": {heading: answer}}}


def entered(planned: Plan) -> dict[str, list[tuple[str, str | None]]]:
    """By list the items entered, each with whom it comes from."""
    assert planned.errors == []
    results: dict[str, list[tuple[str, str | None]]] = {}
    for one in planned.decisions:
        if one["type"] == "ListItemEntered":
            results.setdefault(one["list"], []).append((one["name"], one.get("from")))
    return results


def adopted(planned: Plan) -> dict[str, tuple[str, str]]:
    lists = (one for one in planned.decisions if one["type"] == "ListAdopted")
    return {one["list"]: (one["assigns"], one["scope"]) for one in lists}


def test_it_is_asked_who_leads_where_a_column_says_that_others_do(demo: Registry, tmp_path: Path) -> None:
    made = plan(demo.connection, workbook(tmp_path), "孔湾镇.xlsx", request())
    (error,) = made.errors
    assert (error.code, error.cell, error.asks) == ("who-leads", "C3", ("lead", "牵头单位"))
    assert "有 2 行" in error.zh
    assert "交通局、应急局" in error.zh
    assert made.decisions == []


@pytest.mark.parametrize("answer", ["unit", "该栏所写的单位牵头，镇（街道）、村（社区）只配合", "由该单位牵头"])
def test_where_they_lead_the_township_helps_and_leads_what_names_it(
    demo: Registry, tmp_path: Path, answer: str
) -> None:
    made = plan(demo.connection, workbook(tmp_path), "孔湾镇.xlsx", request(**answered(answer)))
    assert entered(made) == {
        "T-BASIC": [("示例丙资金监管", None), ("示例丁厕所管护", None)],
        "T-ASSIST": [("示例甲公路养护", "420684-transport"), ("示例乙安全检查", "420684-emergency")],
    }
    assert adopted(made) == {"T-BASIC": ("lead", TOWN), "T-ASSIST": ("assist", TOWN)}
    titles = [one["title"] for one in made.decisions if one["type"] == "ListAdopted"]
    assert titles == ["孔湾镇职责事项清单（基本履职事项）", "孔湾镇职责事项清单（配合履职事项）"]
    (led, helped) = confirming.questions(made)
    assert "由孔湾镇负责承担" in led.sentence.zh
    assert "由“牵头单位”一栏所写的单位牵头。" in helped.sentence.zh


@pytest.mark.parametrize("answer", ["own", "镇（街道）、村（社区）自己牵头，该栏是对应的上级部门", "镇牵头"])
def test_where_the_township_leads_they_are_the_departments_above(demo: Registry, tmp_path: Path, answer: str) -> None:
    made = plan(demo.connection, workbook(tmp_path), "孔湾镇.xlsx", request(**answered(answer)))
    units = ["420684-transport", "420684-emergency", None, None]  # the township is never its own department above
    assert entered(made) == {"T": [(name, unit) for (name, _), unit in zip(ROWS, units, strict=True)]}
    assert adopted(made) == {"T": ("lead", TOWN)}
    assert not any("孔湾镇" in str(one.get("note")) for one in made.decisions)
    (question,) = confirming.questions(made)
    assert "“牵头单位”一栏所写的单位是对应的上级部门，不牵头。" in question.sentence.zh


@pytest.mark.parametrize(
    "heading",
    [
        "牵头部门",
        "主责单位",
        "主体责任单位",
        "责任主体",
        "第一责任单位",
        "责任单位",
        "实施主体",
        "履职主体",
        "牵头县直单位",
    ],
)
def test_every_heading_that_says_who_leads_is_asked_about(demo: Registry, tmp_path: Path, heading: str) -> None:
    made = plan(demo.connection, workbook(tmp_path, heading), "孔湾镇.xlsx", request())
    assert ("lead", heading) in [error.asks for error in made.errors]
    if heading == NOTED:  # what no field is for is asked about as a text too
        return
    made = plan(demo.connection, workbook(tmp_path, heading), "孔湾镇.xlsx", request(**answered("unit", heading)))
    helped = [("示例甲公路养护", "420684-transport"), ("示例乙安全检查", "420684-emergency")]
    assert entered(made)["T-ASSIST"] == helped


@pytest.mark.parametrize("heading", ["对应上级部门", "业务指导部门", "行业主管部门"])
def test_a_department_above_that_is_not_said_to_lead_is_not_asked_about(
    demo: Registry, tmp_path: Path, heading: str
) -> None:
    made = plan(demo.connection, workbook(tmp_path, heading), "孔湾镇.xlsx", request())
    assert entered(made)["T"][0] == ("示例甲公路养护", "420684-transport")
    assert entered(made)["T"][2] == ("示例丙资金监管", None)


def test_what_names_the_township_alone_is_not_asked_about(demo: Registry, tmp_path: Path) -> None:
    own = tuple(
        (name, unit) for (name, _), unit in zip(ROWS, ("孔湾镇", "镇政府", "孔湾镇党建办", "本镇"), strict=True)
    )
    made = plan(demo.connection, workbook(tmp_path, rows=own), "孔湾镇.xlsx", request())
    assert entered(made) == {"T": [(name, None) for name, _ in ROWS]}


def test_a_countys_office_whose_name_begins_as_a_townships_is_another(demo: Registry, tmp_path: Path) -> None:
    rows = (("示例甲巡查", "市乡村振兴办"), ("示例乙巡查", "乡镇企业服务中心"))
    made = plan(demo.connection, workbook(tmp_path, rows=rows), "孔湾镇.xlsx", request())
    assert [error.code for error in made.errors] == ["who-leads"]
    assert "有 2 行" in made.errors[0].zh


def test_a_cell_that_says_who_leads_is_asked_about_under_any_heading(demo: Registry, tmp_path: Path) -> None:
    rows = (("示例甲公路养护", "交通局牵头，孔湾镇配合"), *ROWS[2:])
    made = plan(demo.connection, workbook(tmp_path, "部门", rows), "孔湾镇.xlsx", request())
    assert [error.asks for error in made.errors] == [("lead", "部门")]


def test_a_list_by_which_the_township_helps_is_asked_about(demo: Registry) -> None:
    text = "孔湾镇职责事项清单\n序号,事项名称,主管部门,配合单位\n1,示例甲巡查,市公安局,孔湾镇\n"
    made = plan(demo.connection, text.encode(), "清单.csv", request())
    assert [error.asks for error in made.errors] == [("lead", "主管部门")]


def test_of_a_county_wide_list_what_one_township_is_said_to_lead_is_its_own(demo: Registry) -> None:
    text = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,牵头单位\n1,示例甲巡查,各镇（街道）\n2,示例乙巡查,孔湾镇\n"
    made = plan(demo.connection, text.encode(), "清单.csv", request(kind=None))
    assert entered(made) == {"T": [("示例甲巡查", None)], f"T-{TOWN}": [("示例乙巡查", None)]}


@pytest.mark.parametrize("heading", ["牵头单位", "对应上级部门"])
def test_on_a_list_of_help_the_township_is_not_its_own_department(demo: Registry, heading: str) -> None:
    text = f"孔湾镇配合履职事项清单\n序号,事项名称,{heading}\n1,示例甲巡查,市公安局\n2,示例乙巡查,孔湾镇\n"
    made = plan(demo.connection, text.encode(), "清单.csv", request(kind=None))
    assert [(error.code, error.cell) for error in made.errors] == [("own-department", "C4")]


def test_powers_that_others_go_on_exercising_are_not_handed_down(demo: Registry) -> None:
    text = (
        "宜城市赋予镇（街道）行政权力事项清单\n序号,事项名称,职权类型,责任主体\n"
        "1,对示例甲行为的处罚,行政处罚,市城管局\n2,对示例乙行为的处罚,行政处罚,各镇（街道）\n"
    )
    made = plan(demo.connection, text.encode(), "清单.csv", request(kind=None))
    assert [error.code for error in made.errors] == ["who-holds"]
    made = plan(demo.connection, text.encode(), "清单.csv", request(kind=None, **answered("unit", "责任主体")))
    assert entered(made) == {"T": [("对示例乙行为的处罚", None)]}
    assert "not-handed-down" in [warning.code for warning in made.warnings]


def test_a_village_leads_only_what_nobody_else_is_said_to_lead(demo: Registry) -> None:
    text = "宜城市村级组织自治事务清单\n序号,事项名称,责任单位\n1,示例甲登记,市民政局\n2,示例乙公约,村民委员会\n"
    made = plan(demo.connection, text.encode(), "清单.csv", request(kind=None))
    assert [error.asks for error in made.errors] == [("lead", "责任单位")]
    made = plan(demo.connection, text.encode(), "清单.csv", request(kind=None, **answered("unit", "责任单位")))
    helped = {"T-VILLAGE-HELP": [("示例甲登记", "420684-civil-affairs")]}
    assert entered(made) == {"T-VILLAGE": [("示例乙公约", None)]} | helped


def test_the_answer_is_remembered_and_told(recording: Registry, tmp_path: Path) -> None:
    carry_out(recording.connection, workbook(tmp_path), "孔湾镇.xlsx", request(**answered("own")))
    more = (*ROWS, ("示例戊巡查", "水利局"))
    made = plan(recording.connection, workbook(tmp_path, rows=more), "孔湾镇.xlsx", request(missing="keep"))
    assert entered(made) == {"T": [("示例戊巡查", "420684-water")]}
    notices = [warning.zh for warning in made.warnings if warning.asks == ("lead", "牵头单位")]
    assert "该栏是对应的上级部门" in notices[0]
    # Asked again, it is open.
    made = plan(recording.connection, workbook(tmp_path, rows=more), "孔湾镇.xlsx", request(**answered("?")))
    assert [error.code for error in made.errors] == ["who-leads"]


def test_a_list_that_stands_as_led_by_townships_does_not_take_what_others_lead(
    recording: Registry, tmp_path: Path
) -> None:
    carry_out(recording.connection, workbook(tmp_path, "对应上级部门"), "孔湾镇.xlsx", request())
    for options, codes in ((answered("?"), ["who-leads"]), (answered("unit"), ["stands-as-led"])):
        made = plan(recording.connection, workbook(tmp_path), "孔湾镇.xlsx", request(kind=None, **options))
        assert [error.code for error in made.errors] == codes


def test_the_report_of_a_folder_asks_it_too(recording: Registry, tmp_path: Path) -> None:
    workbook(tmp_path)
    given = request(code="T")
    first = import_folder(recording.connection, tmp_path, given, Answers(), dry_run=True)
    (question,) = (one for one in first.questions if one.key == "lead:牵头单位")
    assert question.needed
    assert question.choices.zh.startswith("unit（")
    answers = Answers(texts={("lead", "牵头单位"): "own（镇、村牵头，该单位是对应的上级部门）"})
    second = import_folder(recording.connection, tmp_path, given, answers, dry_run=True)
    assert [one.key.partition(":")[0] for one in second.questions if one.needed] == ["confirm"]
    assert "不牵头" in next(one.text.zh for one in second.questions if one.needed)
