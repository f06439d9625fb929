"""What a file says of its lists beside their rows: from when they hold; and where the rows of odd tables stand."""

from __future__ import annotations

from datetime import date

from registry.exchange.sheets.planning import accounting
from tests.support.list_files import html, word, xlsx
from tests.support.planned_lists import errors, of_text, problems
from tests.support.registry_under_test import Registry

BASIC = "宜城市镇（街道）基本履职事项清单"
ROWS = [["序号", "事项名称"], ["1", "示例甲登记"], ["2", "示例乙登记"]]


def days(planned_of: bytes, demo: Registry, **more: object) -> set[str]:
    planned = of_text(demo, planned_of, "清单.xlsx", **more)
    assert planned.errors == []
    return {one["at"] for one in planned.decisions if one["type"] == "ListItemEntered"}


def test_the_day_in_a_title_is_that_of_the_list_and_the_question_says_it(demo: Registry) -> None:
    planned = of_text(demo, xlsx([f"{BASIC}（自2027年1月1日起施行）", ROWS]), "清单.xlsx")
    assert planned.day == date(2027, 1, 1)
    assert ("day-of-file", "A1") in problems(planned)
    assert {one["at"] for one in planned.decisions if one["type"] != "InstrumentIssued"} >= {"2027-01-01"}


def test_a_day_that_is_given_holds_and_that_of_the_file_is_told(demo: Registry) -> None:
    content = xlsx([f"{BASIC}（自2027年1月1日起施行）", ROWS])
    planned = of_text(demo, content, "清单.xlsx", day=date(2027, 5, 1))
    assert planned.day == date(2027, 5, 1)
    assert ("day-given-differs", "A1") in problems(planned)


def test_a_day_before_the_document_and_two_days_are_asked_about(demo: Registry) -> None:
    assert errors(of_text(demo, xlsx([f"{BASIC}（自2025年1月1日起施行）", ROWS]), "清单.xlsx")) == [
        "day-before-document"
    ]
    both = xlsx([f"{BASIC}（自2027年1月1日起施行）", [*ROWS, ["注：本清单自2027年3月1日起执行。", "<"]]])
    assert errors(of_text(demo, both, "清单.xlsx")) == ["days-differ"]


def test_the_day_of_a_document_that_is_quoted_is_not_the_lists(demo: Registry) -> None:
    content = xlsx([BASIC, [*ROWS, ["注：依据《示例办法》（自2027年1月1日起施行）制定。", "<"]]])
    assert days(content, demo) == {"2026-11-01"}


def test_a_term_without_a_beginning_is_told(demo: Registry) -> None:
    planned = of_text(demo, xlsx([f"{BASIC}（试行一年）", ROWS]), "清单.xlsx")
    assert ("list-term-unclear", "A1") in problems(planned)
    assert not [one for one in planned.decisions if one["type"] == "ListItemWithdrawn"]


def test_items_of_tables_of_label_and_value_have_the_rows_of_the_sheet(demo: Registry) -> None:
    tables = [
        [["证明名称", name], ["用途", "示例用途"], ["设定依据", "《示例条例》第三条"]]
        for name in ("示例甲证明", "示例乙证明")
    ]
    (table,) = of_text(demo, xlsx(["宜城市村级组织出具证明事项清单", *tables]), "清单.xlsx").tables
    assert [(row.number, row.cells["name"].location) for row in table.rows] == [(2, "Sheet!B2"), (5, "Sheet!B5")]
    uses = accounting.uses(table, ())
    assert [(use.use, use.number) for use in uses if use.use == "item"] == [("item", 2), ("item", 5)]


def test_a_note_of_a_number_that_no_row_has_is_not_passed_over(demo: Registry) -> None:
    content = html([BASIC, ROWS, "说明：以上第7项自2027年1月1日起取消。"])
    assert errors(of_text(demo, content, "清单.html")) == ["which-reading"]


def test_a_note_that_says_plainly_what_a_row_is_stands_in_its_remark(demo: Registry) -> None:
    planned = of_text(demo, word([BASIC, ROWS, "注：第2项由市民政局牵头指导。"]), "清单.docx")
    notes = {one["name"]: one.get("note") for one in planned.decisions if one["type"] == "ListItemEntered"}
    assert notes == {"示例甲登记": None, "示例乙登记": "备注：由市民政局牵头指导"}


def test_several_departments_ticked_in_a_row_are_asked_about(demo: Registry) -> None:
    rows = [["序号", "事项名称", "市公安局", "市民政局"], ["1", "示例甲巡查", "√", "√"], ["2", "示例乙走访", "", "√"]]
    planned = of_text(demo, xlsx(["宜城市镇（街道）配合履职事项清单", rows]), "清单.xlsx")
    assert [(one.code, one.cell) for one in planned.errors] == [("departments-ticked", "C3")]


def test_two_marks_under_towns_are_not_both_ticks(demo: Registry) -> None:
    rows = [["序号", "事项名称", "孔湾镇", "流水镇"], ["1", "示例甲登记", "√", "○"], ["2", "示例乙登记", "○", "√"]]
    assert errors(of_text(demo, xlsx([BASIC, rows]), "清单.xlsx")) == ["town-column"]
