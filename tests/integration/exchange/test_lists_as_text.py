"""Lists that are text alone: which numbered paragraphs are items, and which are notes or what stands around them."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from registry.exchange.sheets.planning.confirming import questions
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.list_files import word, xlsx
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


@pytest.mark.parametrize("part", ["三、工作要求", "第三部分　有关要求", "（三）保障措施"])
def test_a_part_of_requirements_is_no_part_of_the_list(demo: Registry, part: str) -> None:
    lines = ["一、自主开展", *numbered("1."), part, "1.严格落实首问负责制。", "2.加强数据共享，推行告知承诺。"]
    made = planned(demo, "\n".join([TITLE, *lines]) + "\n")
    assert entered(made) == ITEMS


def test_who_can_be_called_is_no_item_though_it_is_numbered(demo: Registry) -> None:
    lines = [
        *numbered("1、"),
        "4、监督电话：０７１０－４２１２３４５",
        "5、电子邮箱：yc＠example.cn",
        "填报单位：孔湾镇人民政府",
    ]
    made = planned(demo, "\n".join([TITLE, *lines]) + "\n")
    assert entered(made) == ITEMS


def test_what_stands_in_other_brackets_is_said_of_the_item(demo: Registry) -> None:
    lines = [f"{line}【依据：《示例条例》；用途：办理入学。】" for line in numbered("（一）")]
    made = planned(demo, "\n".join([TITLE, *lines]) + "\n")
    assert entered(made) == ITEMS


def test_numbered_labels_are_said_of_the_item_above_them(demo: Registry) -> None:
    labels = ["1.依据：《示例条例》", "2.用途：办理入学"]
    lines = [line for item in numbered("（一）") for line in (item, *labels)]
    made = planned(demo, "\n".join([TITLE, "一、家庭类", *lines]) + "\n")
    assert entered(made) == ITEMS


def test_a_list_of_one_town_is_not_filled_in_by_another(demo: Registry) -> None:
    made = planned(demo, "\n".join([TITLE, *numbered("1."), "填报单位：宜城市流水镇人民政府"]) + "\n")
    assert [problem.code for problem in made.errors] == ["towns-differ"]


@pytest.mark.parametrize("over", ["续表", "（续上表）", "续表1", "— 3 —"])
def test_the_next_page_of_a_table_is_of_the_same_town(demo: Registry, over: str) -> None:
    head = ["序号", "事项名称", "承接部门", "工作方式"]
    first = [head, ["1", "示例甲登记", "宜城市民政局", "窗口办理"]]
    second = [head, ["2", "示例乙登记", "宜城市民政局", "窗口办理"]]
    made = planned(demo, word(["小河镇上级部门收回事项清单", first, over, second]), "清单.docx")
    assert ["2 项职责，不得交由小河镇承担" in question.sentence.zh for question in questions(made)] == [True]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("宜城市应急管理局行政权力和责任清单", "宜城市应急管理局依法自有的 1 项"),
        ("宜城市应急管理局行政许可事项清单", "宜城市应急管理局依法自有的 1 项"),
        ("宜城市小河镇承接行政权力事项清单", "1 项行政权力，下放给小河镇行使"),
    ],
)
def test_whose_powers_a_title_says_they_are(demo: Registry, title: str, words: str) -> None:
    table = [["序号", "权力名称", "权力类型", "原权力主体"], ["1", "示例经营许可", "行政许可", "市自然资源和规划局"]]
    table = [row[:3] for row in table] if "承接" not in title else table
    made = planned(demo, xlsx([title, table]), "清单.xlsx")
    assert [words in question.sentence.zh for question in questions(made)] == [True]


def test_the_heading_of_a_section_says_of_which_kind_its_powers_are(demo: Registry) -> None:
    rows = ["宜城市应急管理局权力清单,", "序号,权力名称", "一、行政强制类（共1项）,", "1,对示例设施的查封、扣押"]
    made = planned(demo, "\n".join(rows) + "\n", "清单.csv")
    assert not made.errors
    assert [one["power_kind"] for one in made.decisions if one["type"] == "MatterDefined"] == ["coercion"]


def test_several_items_in_one_cell_are_asked_to_be_written_in_rows(demo: Registry) -> None:
    rows = [["权力类型", "权力事项"], ["行政许可", "1.示例甲许可\n2.示例乙许可"], ["行政确认", "1.示例丙认定"]]
    made = planned(demo, xlsx(["宜城市农业农村局权责清单", rows]), "清单.xlsx")
    assert "several-in-cell" in [problem.code for problem in made.errors]
    assert not made.decisions


def test_an_item_whose_department_is_named_in_full_is_no_signature(demo: Registry) -> None:
    lines = ["1、示例甲整治（牵头：宜城市公安局）", "2、示例乙管理（牵头：宜城市住房和城市更新局）"]
    made = planned(demo, "\n".join(["流水镇配合履职事项清单", *lines]) + "\n")
    assert entered(made) == ["示例甲整治", "示例乙管理"]


def test_a_table_of_contents_is_no_list(demo: Registry) -> None:
    contents = ["目　　录", "一、基本履职事项清单（2项）", "二、上级部门收回事项清单 …… 3"]
    first = ["流水镇基本履职事项清单", "1、示例甲登记", "2、示例乙登记"]
    second = ["流水镇上级部门收回事项清单", "1、示例丙审查（承接部门：宜城市民政局）"]
    made = planned(demo, "\n".join(["流水镇履行职责事项清单", *contents, "附件1", *first, "附件2", *second]) + "\n")
    assert entered(made) == ["示例甲登记", "示例乙登记", "示例丙审查"]


def test_how_many_a_town_has_ticked_is_no_tick(demo: Registry) -> None:
    rows = [["序号", "事项名称", "原实施部门", "郑集镇", "小河镇"], ["1", "示例甲处罚", "市民政局", "√", ""]]
    rows += [["2", "示例乙处罚", "市民政局", "√", "√"], ["合计", "<", "<", "2", "1"]]
    made = planned(demo, xlsx(["宜城市赋权事项承接情况表", rows]), "清单.xlsx")
    assert not made.errors
    sentences = "".join(question.sentence.zh for question in questions(made))
    assert "2 项行政权力，下放给郑集镇" in sentences
    assert "1 项行政权力，下放给小河镇" in sentences


def test_letters_and_numbers_of_columns_are_no_item(demo: Registry) -> None:
    rows = [["序号", "事项名称", "对应上级部门", "镇配合职责"], ["甲", "乙", "1", "2"]]
    made = planned(
        demo, xlsx(["流水镇配合履职事项清单", [*rows, ["1", "示例甲整治", "宜城市公安局", "协助宣传。"]]]), "清单.xlsx"
    )
    assert entered(made) == ["示例甲整治"]


def page(*blocks: str) -> str:
    return f'<html><head><meta charset="utf-8"></head><body>{"".join(blocks)}</body></html>'


def test_the_numbers_that_a_browser_shows_are_read(demo: Registry) -> None:
    items = "".join(f"<li>{item}</li>" for item in ITEMS)
    made = planned(demo, page(f"<h1>{TITLE}</h1><h3>家庭类</h3>", f"<ol>{items}</ol>"), "清单.html")
    assert entered(made) == ITEMS


def test_a_list_of_links_is_not_numbered(demo: Registry) -> None:
    crumbs = '<ol><li><a href="/">首页</a></li><li><a href="/x">政务公开</a></li></ol>'
    items = "".join(f"<p>{line}</p>" for line in numbered("1."))
    made = planned(demo, page(f"<h1>{TITLE}</h1>", crumbs, items), "清单.html")
    assert "首页" not in [one["name"] for one in made.decisions if one["type"] == "ListItemEntered"]


@pytest.mark.parametrize("kind", ["sheet", "document", "text"])
def test_a_title_that_names_a_town_is_over_all_lists_below_it(demo: Registry, kind: str) -> None:
    title, second = "板桥店镇履行职责事项清单", "表二：上级部门收回事项"
    first = [["序号", "类别", "事项名称"], ["1", "经济发展", "示例甲登记"]]
    then = [["序号", "事项名称", "承接部门", "工作方式"], ["1", "示例乙审查", "市民政局", "窗口办理"]]
    if kind == "sheet":
        made = planned(demo, xlsx([title, "表一：基本履职事项", first, second, then]), "清单.xlsx")
    elif kind == "document":
        made = planned(demo, word([title, "表一：基本履职事项", first, second, then]), "清单.docx")
    else:
        lines = [
            title,
            "基本履职事项清单",
            "1.示例甲登记",
            "上级部门收回事项清单",
            "1.示例乙审查（承接部门：市民政局）",
        ]
        made = planned(demo, "\n".join(lines) + "\n")
    sentences = "".join(question.sentence.zh for question in questions(made))
    assert "1 项职责，由板桥店镇负责承担" in sentences
    assert "1 项职责，不得交由板桥店镇承担" in sentences


def test_an_item_that_a_page_cuts_is_one(demo: Registry) -> None:
    lines = [
        "1.本村村民居住",
        "",
        "      — 1 —",
        "\f",
        "情况证明",
        "2.村民死亡情况证明",
        "第 2 页",
        "3.自产自销农产品证明",
        "- 3 -",
    ]
    made = planned(demo, "\n".join([TITLE, *lines, "孔湾镇人民政府"]) + "\n")
    assert entered(made) == ITEMS


def test_a_table_that_is_drawn_has_its_rows_on_several_lines(demo: Registry) -> None:
    rule = "+------+--------------+----------+"
    lines = [
        rule,
        "| 序号 | 证明名称     | 用途     |",
        rule,
        "|  1   | 本村村民居住 | 办理入学 |",
        "|      | 情况证明     | 手续     |",
    ]
    lines += [rule, "|  2   | 村民死亡情况 | 注销户口 |", "|      | 证明         |          |", rule]
    made = planned(demo, "\n".join([TITLE, *lines]) + "\n")
    assert entered(made) == ITEMS[:2]


def test_a_sentence_in_the_column_of_names_is_no_item(demo: Registry) -> None:
    rows = [["序号", "证明名称", "用途"], ["1", ITEMS[0], "办理入学"], ["", "以上一项按季度开展，由村委会统筹。", ""]]
    made = planned(demo, xlsx([TITLE, [*rows, ["2", ITEMS[1], "注销户口"]]]), "清单.xlsx")
    assert [one["name"] for one in made.decisions if one["type"] == "ListItemEntered"] in ([], ITEMS[:2])
    assert "以上一项按季度开展" in "".join(problem.zh for problem in (*made.errors, *made.warnings))


def test_what_the_items_are_called_speaks_against_a_kind_for_which_a_column_speaks(demo: Registry) -> None:
    rows = ["序号,报表名称,报送频次,接收单位", "1,示例甲统计表,月报,市民政局", "2,示例乙统计表,季报,市民政局"]
    assert [problem.code for problem in planned(demo, "\n".join(rows) + "\n", "目录.csv").errors] == ["unknown-kind"]
