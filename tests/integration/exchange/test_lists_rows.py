"""Files whose rows or cells are not plain: every row accounted for, every word read or asked about."""

from __future__ import annotations

from typing import Any

import pytest

from registry.exchange.sheets.planning import accounting
from registry.exchange.sheets.planning.plans import Plan
from tests.support.planned_lists import of_file, of_text, problems
from tests.support.registry_under_test import Registry

ASSIST = "宜城市镇（街道）配合履职事项清单\n"
POWERS = "宜城市赋予镇（街道）行政权力事项清单\n"


def entered(planned: Plan) -> list[dict[str, Any]]:
    """The items; a plan with errors has none."""
    assert not planned.errors, planned.errors
    return [one for one in planned.decisions if one["type"] == "ListItemEntered"]


# -------------------------------------------------------------------------------------------------- every row


def test_marked_numbers_are_items_and_what_the_mark_means_is_noted(demo: Registry) -> None:
    question = of_file(demo, "c1")
    assert [(one.code, one.asks) for one in question.errors] == [("notes-unread", ("note", "带*的仅部分镇承担"))]
    planned = of_file(demo, "c1", mapping={"notes": {"带*的仅部分镇承担": "nothing"}})
    assert [(item["item"], item["name"], item.get("note")) for item in entered(planned)] == [
        ("1", "村民自治工作指导", None),
        ("2", "临时救助", "备注：标记*：带*的仅部分镇承担"),
        ("3", "高龄津贴申报", "备注：标记※：未说明"),
    ]
    assert problems(planned) == [("marked-rows", "A4")]
    assert "带*的仅部分镇承担" in planned.warnings[0].zh


def test_a_row_that_is_not_filled_in_is_an_item_by_the_number_that_word_gives_it(demo: Registry) -> None:
    planned = of_file(demo, "c4")
    assert [(item["item"], item["name"], item.get("from")) for item in entered(planned)] == [
        ("1", "社区矫正工作", "420684-justice"),
        ("2", "法治宣传教育", None),
        ("3", "烟花爆竹禁放限放管理", "420684-public-security"),
    ]
    assert [code for code, _ in problems(planned)] == ["no-department"]


def test_a_head_of_two_rows_says_whose_duties_each_column_has(demo: Registry) -> None:
    (item,) = entered(of_file(demo, "c5"))
    assert (item["item"], item["name"], item["from"]) == ("1", "示例矿山汛期安全", "420684-emergency")
    assert item["note"] == "配合部门：镇（街道）\n上级部门职责：监管\n乡镇（街道）配合职责：巡查"


def test_contents_are_not_entered_beside_the_list_itself(demo: Registry) -> None:
    planned = of_file(demo, "c7")
    (item,) = entered(planned)
    assert (item["name"], item["from"], item["note"]) == (
        "社区矫正工作",
        "420684-justice",
        "乡镇（街道）配合职责：协助走访",
    )
    assert planned.decisions[1]["title"] == "宜城市镇（街道）配合履职事项清单"
    (table,) = planned.tables
    assert accounting.counts(table.uses) == {"item": 1, "title": 2, "heading": 2, "contents": 1}


def test_the_parts_of_a_power_are_kept(demo: Registry) -> None:
    (item,) = entered(of_file(demo, "c9"))
    assert item["name"] == "对示例违法建设的处罚"
    assert item["note"] == "子项：1.对示例临时建设的处罚\n2.对示例逾期不拆的处罚"


def test_a_list_that_counts_otherwise_is_refused_until_somebody_has_looked(demo: Registry) -> None:
    text = "宜城市镇（街道）基本履职事项清单（共3项）\n序号,事项名称\n1,临时救助\n2,高龄津贴申报\n"
    planned = of_text(demo, text)
    assert (problems(planned), planned.decisions) == ([("count-differs", "A1")], [])
    assert "3 项，读出 2 项" in planned.errors[0].zh
    assert "--miscounted" in planned.errors[0].zh
    assert "--" not in planned.errors[0].on("page").zh
    looked_at = of_text(demo, text, miscounted=True)
    assert [item["name"] for item in entered(looked_at)] == ["临时救助", "高龄津贴申报"]
    assert problems(looked_at) == [("count-differs", "A1")]


def test_rows_with_errors_are_refused_and_rows_said_twice_are_repeated(demo: Registry) -> None:
    text = ASSIST + "序号,事项名称,对应上级部门\n1,甲事,市公安局\n2,甲事,市公安局\n3,乙事,不知何局\n"
    planned = of_text(demo, text)
    (table,) = planned.tables
    assert accounting.counts(accounting.uses(table, planned.problems)) == {
        "item": 1,
        "repeated": 1,
        "refused": 1,
        "title": 1,
        "heading": 1,
    }
    (table,) = planned.as_object()["tables"]
    assert table["read"] == {"item": 1, "repeated": 1, "refused": 1, "title": 1, "heading": 1}
    assert [(row["place"], row["use"]) for row in table["accounts"]][-1] == ("清单!A5", "refused")


def test_a_matter_with_two_rows_that_differ_is_told_of_both(demo: Registry) -> None:
    text = ASSIST + "序号,事项名称,对应上级部门\n1,甲事,市公安局\n2,乙事,市公安局\n3,甲事,市民政局\n"
    planned = of_text(demo, text)
    (warning,) = [problem for problem in planned.warnings if problem.code == "same-matter"]
    assert (warning.cell, "B3" in warning.zh) == ("B5", True)
    assert (planned.errors, len(entered(planned))) == ([], 3)


def test_what_no_field_is_for_is_in_the_note_and_comes_back(demo: Registry) -> None:
    text = "宜城市镇（街道）基本履职事项清单\n序号,事项名称,满意度,责任事项,抽查比例,备注\n1,临时救助,高,受理,5%,急\n"
    planned = of_text(demo, text)
    (item,) = entered(planned)
    assert item["note"] == "备注：急\n满意度：高\n责任事项：受理\n抽查比例：5%"
    assert problems(planned) == [("unknown-column", "C2")]


# --------------------------------------------------------------------------------------------------- words in cells


def test_means_that_are_denied_bring_nothing(demo: Registry) -> None:
    items = entered(of_file(demo, "e1"))
    assert [item.get("brings") for item in items] == [None, None, None, None, ["funds"], ["funds"]]
    assert items[3]["note"] == "人员经费保障：由村集体承担费用"


def test_days_in_four_forms_are_the_same_day_and_an_end_is_told(demo: Registry) -> None:
    planned = of_file(demo, "e2")
    items = entered(planned)
    assert [item["at"] for item in items] == ["2027-03-01"] * 4
    assert [item.get("note") for item in items] == [None, None, None, "截止日期：2028-12-31"]
    assert problems(planned) == [("ends-recorded", "F6")]


def test_full_names_on_lines_are_departments_of_which_the_first_leads(demo: Registry) -> None:
    items = entered(of_file(demo, "e4"))
    assert [item["from"] for item in items] == ["420684-public-security", "420684-urban-management"]
    assert "宜城市应急管理局\n宜城市市场监督管理局" in items[0]["note"]


def test_departments_with_remarks_are_these_departments(demo: Registry) -> None:
    items = entered(of_file(demo, "e5"))
    names = ["education", "forestry", "agriculture", "fire", "party-office"]
    assert [item["from"] for item in items] == [f"420684-{name}" for name in names]
    assert [item.get("note", "").partition("：")[2] for item in items] == [
        "市教育局等部门",
        "1.市林业局\n2.市公安局",
        "市农业农村局（市乡村振兴局）",
        "市消防救援大队牵头，市公安局配合",
        "",
    ]


def test_sections_of_departments_are_whose_items_stand_below(demo: Registry) -> None:
    planned = of_file(demo, "e7")
    assert [item["note"].split("\n")[0] for item in entered(planned)] == [
        "对应上级部门：市民政局",
        "对应上级部门：市应急管理局",
    ]
    assert all("category" not in one for one in planned.decisions)
    head = "序号,事项名称,配合职责\n"
    assist = f"{ASSIST}{head}一、市民政局（1项）\n1,甲事,走访\n二、市公安局（1项）\n2,乙事,巡查\n"
    assert [item["from"] for item in entered(of_text(demo, assist))] == [
        "420684-civil-affairs",
        "420684-public-security",
    ]


def test_a_basis_with_rank_and_text_is_instruments_with_articles(demo: Registry) -> None:
    planned = of_file(demo, "e9")
    (defined,) = (one for one in planned.decisions if one["type"] == "MatterDefined")
    assert defined["basis"] == ["《城市市容和环境卫生管理条例》第三十六条", "《湖北省示例条例》第十条"]


def test_kinds_beyond_the_ten_are_other_and_two_kinds_are_asked_about(demo: Registry) -> None:
    planned = of_file(demo, "e11")
    assert ("power-kind-unclear", "C4") in problems(planned)
    assert ("power-kind-beyond", "C3") in problems(planned)
    assert not planned.decisions
    first = POWERS + "序号,事项名称,职权类型,赋权部门\n1,示例检查计划备案,行政备案,市应急管理局\n"
    (defined,) = (one for one in of_text(demo, first).decisions if one["type"] == "MatterDefined")
    assert defined["power_kind"] == "other"


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("生效时间", "条件成熟时", "day-unclear"),
        ("生效时间", "2027年上半年", "day-unclear"),
        ("赋权方式", "赋权或委托", "mode-unclear"),
        ("赋权方式", "不委托", "mode-unclear"),
    ],
)
def test_words_that_are_not_understood_keep_a_power_out(demo: Registry, column: str, value: str, code: str) -> None:
    text = f"{POWERS}序号,事项名称,职权类型,赋权部门,{column}\n1,甲罚,行政处罚,市公安局,{value}\n"
    planned = of_text(demo, text)
    assert (code, "E3") in [(problem.code, problem.cell) for problem in planned.errors]
    assert not planned.decisions


@pytest.mark.parametrize(
    "heading",
    [
        *("责任主体", "主要责任", "配合责任", "职责分工", "责任分工", "子项", "子项名称", "行使主体", "实施层级"),
        *("责任事项", "追责情形", "二级事项", "抽查领域", "发起部门", "业务条线", "填报层级", "本部门职责", "关联镇街"),
        *("法定时限", "抽查比例", "抽查对象", "监督方式", "权限划分", "检查依据", "归口部门", "委托期限", "办理期限"),
    ],
)
def test_headings_that_counties_publish_are_known(demo: Registry, heading: str) -> None:
    text = f"{ASSIST}序号,事项名称,对应上级部门,{heading}\n1,甲事,市公安局,市公安局\n"
    planned = of_text(demo, text)
    assert not [problem for problem in planned.problems if "不认识" in problem.zh]
    assert [problem.code for problem in planned.errors] in ([], ["day-unclear"])
    (table,) = planned.tables
    assert heading in {known.text for known in (*table.columns.values(), *table.noted)}
