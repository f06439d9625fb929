"""Traps that published lists have beside those tried elsewhere: what a careful clerk would record of them, or ask."""

from __future__ import annotations

import io

import docx
import pytest

from registry.exchange.sheets.planning.plans import Plan
from tests.support.planned_lists import errors, of_text
from tests.support.registry_under_test import Registry


def sides(planned: Plan) -> dict[str, tuple[str, str | None, list[str]]]:
    """Of each list by its id: what it does, how it assigns, and the names on it."""
    assert planned.errors == []
    adopted = {one["list"]: one for one in planned.decisions if one["type"] == "ListAdopted"}
    names: dict[str, list[str]] = {code: [] for code in adopted}
    for one in planned.decisions:
        if one["type"] == "ListItemEntered":
            names[one["list"]].append(one["name"])
    return {code: (one["polarity"], one.get("assigns"), names[code]) for code, one in adopted.items()}


@pytest.mark.parametrize("heading", ["是否可以出具", "能否出具", "是否由村出具", "是否出具"])
def test_no_below_a_heading_that_asks_forbids(demo: Registry, heading: str) -> None:
    planned = of_text(
        demo, f"宜城市村级证明事项表\n序号,证明名称,{heading}\n1,示例甲证明,是\n2,示例乙证明,否\n3,示例丙证明,×\n"
    )
    assert sides(planned) == {
        "T-CERTIFICATES": ("positive", None, ["示例甲证明"]),
        "T-NO-CERTIFICATES": ("negative", None, ["示例乙证明", "示例丙证明"]),
    }


def test_a_question_of_something_else_takes_nothing_off_a_list(demo: Registry) -> None:
    planned = of_text(demo, "宜城市村级组织出具证明事项清单\n序号,证明名称,是否网上办理\n1,示例甲证明,否\n")
    assert sides(planned) == {"T": ("positive", None, ["示例甲证明"])}


def test_a_paragraph_without_a_number_forbids_those_that_follow(demo: Registry) -> None:
    text = "宜城市村（社区）出具证明事项清单\n\n1. 示例甲证明\n以下证明不得出具：\n2. 示例乙证明\n3. 示例丙证明\n"
    assert sides(of_text(demo, text, "清单.txt")) == {
        "T-CERTIFICATES": ("positive", None, ["示例甲证明"]),
        "T-NO-CERTIFICATES": ("negative", None, ["示例乙证明", "示例丙证明"]),
    }


@pytest.mark.parametrize("remark", ["本次收回，不再下放", "已收回；由市级部门实施", "不再下放，调整后另行公布"])
def test_a_remark_of_several_clauses_takes_a_power_off(demo: Registry, remark: str) -> None:
    planned = of_text(
        demo,
        "宜城市赋予镇（街道）行政权力事项清单\n序号,事项名称,职权类型,赋权部门,备注\n"
        "1,对示例甲的行政处罚,行政处罚,市城市管理执法局,\n"
        f'2,对示例乙的行政处罚,行政处罚,市城市管理执法局,"{remark}"\n',
    )
    assert sides(planned) == {"T": ("positive", "devolved", ["对示例甲的行政处罚"])}


def test_a_certificate_struck_out_is_neither_allowed_nor_forbidden(demo: Registry) -> None:
    document = docx.Document()
    document.add_paragraph("宜城市村（社区）可出具证明事项清单")
    table = document.add_table(3, 2)
    for row, texts in enumerate([("序号", "证明名称"), ("1", "示例甲证明"), ("2", "")]):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(2, 1).paragraphs[0].add_run("示例乙证明").font.strike = True
    document.save(file := io.BytesIO())
    assert sides(of_text(demo, file.getvalue(), "清单.docx")) == {"T": ("positive", None, ["示例甲证明"])}


def test_categories_tell_which_list_of_the_village_an_item_is_on(demo: Registry) -> None:
    planned = of_text(
        demo, "宜城市村级组织工作事务清单\n序号,事项名称,类型\n1,示例村务公开,自治事务\n2,示例防汛值守,协助事务\n"
    )
    assert sides(planned) == {
        "T-VILLAGE": ("positive", "lead", ["示例村务公开"]),
        "T-VILLAGE-HELP": ("positive", "assist", ["示例防汛值守"]),
    }


def test_a_scope_that_names_towns_alone_is_theirs_alone(demo: Registry) -> None:
    planned = of_text(
        demo,
        "宜城市镇（街道）基本履职事项清单\n序号,事项名称,适用范围\n1,示例甲,孔湾镇、雷河镇\n2,示例乙,全市各镇（街道）\n",
    )
    assert sides(planned) == {
        "T": ("positive", "lead", ["示例乙"]),
        "T-420684105": ("positive", "lead", ["示例甲"]),
        "T-420684109": ("positive", "lead", ["示例甲"]),
    }


def test_the_list_of_another_county_is_asked_about(demo: Registry) -> None:
    text = "南漳县镇（街道）基本履职事项清单\n序号,事项名称\n1,示例甲\n"
    assert errors(of_text(demo, text)) == ["other-county"]
    assert errors(of_text(demo, text, scope="420684")) == []
    for title in ("农村社区", "全市镇（街道）", "城市社区", "宜城市经济开发区"):
        assert "other-county" not in errors(of_text(demo, text.replace("南漳县镇（街道）", title)))


def test_ditto_below_a_blank_department_is_the_nearest_above(demo: Registry) -> None:
    planned = of_text(
        demo,
        "宜城市镇（街道）配合履职事项清单\n序号,事项名称,对应上级部门\n1,示例甲,市公安局\n2,示例乙,〃\n3,示例丙,\n4,示例丁,〃\n",
    )
    assert errors(planned) == []
    items = [one for one in planned.decisions if one["type"] == "ListItemEntered"]
    assert [one.get("from") for one in items if one["name"] in ("示例甲", "示例乙", "示例丁")] == [
        "420684-public-security"
    ] * 3


@pytest.mark.parametrize(
    ("title", "columns", "rows", "asks"),
    [
        (
            "2026年度督查检查考核计划",
            "名称,组织单位,检查对象",
            "甲督查,市林业局,各镇（街道）|乙考核,市教育局,市直学校",
            False,
        ),
        (
            "2026年度督查检查考核计划",
            "名称,组织单位,检查对象",
            "甲督查,市林业局,各镇（街道）|乙调研,市民政局,村（社区）",
            True,
        ),
        (
            "2026年部门联合抽查计划",
            "联合抽查事项,发起部门,抽查对象",
            "甲抽查,市林业局,基层单位|乙抽查,市民政局,餐饮企业",
            False,
        ),
        ("宜城市统计报表清单", "报表名称,报送部门,填报层级", "甲表,市林业局,镇（街道）|乙表,市民政局,村（社区）", True),
    ],
)
def test_rows_for_others_than_those_of_the_list_are_told(
    demo: Registry, title: str, columns: str, rows: str, asks: bool
) -> None:
    mixed, plain = (of_text(demo, "\n".join([title, columns, *rows.split("|")[:count]])) for count in (2, 1))
    other = [problem for problem in mixed.problems if problem.code.startswith("other-")]
    assert [(problem.cell[1:], not problem.warning) for problem in other] == [("4", asks)]
    assert not [problem for problem in plain.problems if problem.code.startswith("other-")]


@pytest.mark.parametrize("title", ["宜城市上级部门收回事项清单（征求意见稿）", "宜城市拟收回镇（街道）事项清单"])
def test_a_draft_is_told(demo: Registry, title: str) -> None:
    planned = of_text(demo, f"{title}\n序号,事项名称,收回部门\n1,示例甲检查,市市场监督管理局\n")
    assert "draft" in [problem.code for problem in planned.problems]


def test_a_remark_on_a_day_to_come_is_asked_about(demo: Registry) -> None:
    text = "宜城市村级组织出具证明事项清单\n序号,证明名称,备注\n1,示例甲证明,自{}年1月1日起不再出具\n2,示例乙证明,\n"
    assert errors(of_text(demo, text.format(2027))) == ["row-unclear"]
    assert sides(of_text(demo, text.format(2025))) == {
        "T-CERTIFICATES": ("positive", None, ["示例乙证明"]),
        "T-NO-CERTIFICATES": ("negative", None, ["示例甲证明"]),
    }


def test_what_is_said_not_to_be_in_the_list_decides_nothing(demo: Registry) -> None:
    planned = of_text(
        demo,
        "宜城市镇（街道）配合履职事项清单\n上级部门已收回的事项不在此列\n序号,事项名称,对应上级部门\n1,示例甲,市公安局\n",
    )
    assert sides(planned) == {"T": ("positive", "assist", ["示例甲"])}


def test_inspections_of_villages_that_ended_are_no_duties(demo: Registry) -> None:
    planned = of_text(demo, "2026年不再开展的涉村检查评比事项\n序号,检查考核名称,组织单位\n1,示例甲评比,市卫生健康局\n")
    adopted = [one for one in planned.decisions if one["type"] == "ListAdopted"]
    assert [(one["polarity"], one["covers"], one["audience"]) for one in adopted] == [
        ("negative", "inspection", "village")
    ]


def test_when_a_duty_is_carried_out_is_its_beginning_where_it_is_a_day(demo: Registry) -> None:
    planned = of_text(
        demo,
        "宜城市镇（街道）配合履职事项清单\n序号,事项名称,对应上级部门,实施时间\n"
        "1,示例甲,市公安局,自2026年12月1日起施行\n2,示例乙,市公安局,2026/12/1\n3,示例丙,市公安局,每年汛期\n",
    )
    assert errors(planned) == []
    days = {one["name"]: one["at"] for one in planned.decisions if one["type"] == "ListItemEntered"}
    assert days == {"示例甲": "2026-12-01", "示例乙": "2026-12-01", "示例丙": "2026-11-01"}


def test_a_change_of_what_is_not_on_the_list_is_asked_about(demo: Registry) -> None:
    text = (
        "宜城市镇（街道）赋权事项动态调整表\n序号,事项名称,职权类型,赋权部门,调整方式\n"
        "1,对示例甲的行政处罚,行政处罚,市公安局,新增\n2,{},行政许可,市自然资源和规划局,变更\n"
    )
    assert errors(of_text(demo, text.format("示例乙许可"), code="YC-POWERS")) == ["not-standing"]
    assert errors(of_text(demo, text.format("乡村建设规划许可"), code="YC-POWERS")) == []
