"""Lists that are text alone: which numbered paragraphs are items, and which are notes or what stands around them."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from registry.exchange.sheets.planning.confirming import questions
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.list_files import xlsx
from tests.support.registry_under_test import Registry

ITEMS: Final = ["本村村民居住情况证明", "村民死亡情况证明", "自产自销农产品证明"]
TITLE: Final = "孔湾镇村级组织出具证明事项清单"


def planned(county: Registry, content: str | bytes, name: str = "清单.txt") -> Plan:
    issued = Issued("x", "notice", date(2026, 11, 1))
    request = Request(county="420684", instrument="试测〔2026〕1号", code="T", accept="none", issued=issued)
    return plan(county.connection, content.encode() if isinstance(content, str) else content, name, request)


def numbered(form: str) -> list[str]:
    ordinals = "一二三四五六七八九" if "一" in form else "123456789"
    return [form.replace(form[form.index("一") if "一" in form else form.index("1")], n) + item
            for n, item in zip(ordinals, ITEMS, strict=False)]  # fmt: skip


def entered(made: Plan) -> list[str]:
    assert not made.errors, made.errors
    return [one["name"] for one in made.decisions if one["type"] == "ListItemEntered"]


@pytest.mark.parametrize("form", ["1.", "1、", "一、", "（一）"])
@pytest.mark.parametrize("opening", ["填表说明：", "编制说明", "说明：1.“依据”栏填写规范性文件名称。", "注意事项："])
@pytest.mark.parametrize("above", [True, False])
def test_numbered_notes_are_no_items(demo: Registry, form: str, opening: str, above: bool) -> None:
    notes = [opening, "1.“依据”栏填写规范性文件名称。", "2.本表加盖村民委员会公章。"]
    notes = [opening, *notes[2:]] if "1." in opening else notes
    lines = [*notes, *numbered(form)] if above else [*numbered(form), *notes]
    made = planned(demo, "\n".join([TITLE, "", *lines, "孔湾镇人民政府"]) + "\n")
    assert entered(made) == ITEMS
    assert "numbers-doubled" not in {problem.code for problem in made.warnings}


def test_a_note_that_limits_an_item_is_heard_though_it_is_numbered(demo: Registry) -> None:
    notes = ["填表说明：", "1.“依据”栏填写规范性文件名称。", "2.第二项县里说了算"]
    made = planned(demo, "\n".join([TITLE, *notes, *numbered("1.")]) + "\n")
    assert {"notes-unread", "note-unread"} & {problem.code for problem in made.errors}


def test_a_remark_on_one_item_swallows_none_below_it(demo: Registry) -> None:
    first, *others = numbered("1.")
    made = planned(demo, "\n".join([TITLE, first, "备注：一式两份", *others]) + "\n")
    assert entered(made) == ITEMS


def test_what_a_page_shows_above_its_list_is_no_other_list(demo: Registry) -> None:
    lines = ["郑集镇基本履职事项清单", "当前位置：首页>乡镇街道>郑集镇>履职清单", *numbered("1.")]
    body = "".join(f"<p>{line}</p>" for line in lines)
    made = planned(demo, f'<html><head><meta charset="utf-8"></head><body>{body}</body></html>', "清单.html")
    assert entered(made) == ITEMS


@pytest.mark.parametrize("line", ["宜城市农业农村局", "（宜城市农业农村局）"])
def test_a_class_of_a_countys_powers_is_of_the_department_named_above_it(demo: Registry, line: str) -> None:
    rows = ["宜城市权力清单（农业农村类）,,", f"{line},,", "序号,事项名称,事项类型", "1,示例经营许可,行政许可"]
    made = planned(demo, "\n".join(rows) + "\n", "清单.csv")
    assert not made.errors
    assert ["宜城市农业农村局依法自有的 1 项" in question.sentence.zh for question in questions(made)] == [True]


def test_a_line_over_all_columns_is_no_item_and_does_not_hide_what_a_column_is(demo: Registry) -> None:
    line = "监督投诉渠道：市民政局办公室，市纪委监委驻市民政局纪检监察组，二十四小时有人接听"
    rows = [
        ["编号", "职权名称", "类别", "承办机构"],
        ["MZ-1", "示例甲登记", "行政许可", "社会组织股"],
        [line, "<", "<", "<"],
    ]
    made = planned(demo, xlsx(["宜城市民政局行政职权目录", rows]), "清单.xlsx")
    assert not made.errors
    assert [one["name"] for one in made.decisions if one["type"] == "MatterDefined"] == ["示例甲登记"]
    assert line in next(problem.zh for problem in made.warnings if problem.code == "notes-kept")
