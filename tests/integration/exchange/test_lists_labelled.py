"""A table for each item, labels and values: every row of the file is accounted for with its own place and number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import pytest

from registry.exchange.sheets.planning import accounting
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.recognising.accounts import RowUse
from tests.support import list_files
from tests.support.list_details import detailed
from tests.support.list_files import FORMATS, Block
from tests.support.planned_lists import errors, of_text
from tests.support.registry_under_test import Registry

TITLE: Final = "宜城市村级组织出具证明事项清单"
NAMES: Final = ["示例甲证明", "示例乙证明"]
Build = Callable[[Sequence[Block]], bytes]


def of_item(name: str) -> list[list[str]]:
    return [["证明名称", name], ["用途", "申请救助"], ["设定依据", "《示例条例》第三条"], ["备注", ""]]


def entered(made: Plan) -> list[str]:
    return [one["name"] for one in made.decisions if one["type"] == "ListItemEntered"]


def rows_read(made: Plan) -> list[RowUse]:
    return [use for table in made.tables for use in accounting.uses(table, made.problems)]


@pytest.mark.parametrize("format_", ["docx", "docm", "strict-docx", "odt", "rtf", "html", "mht", "pdf", "ofd"])
def test_every_row_of_an_items_table_is_counted_at_its_own_place(demo: Registry, format_: str) -> None:
    ending, build = FORMATS[format_]
    made = of_text(demo, build([TITLE, of_item(NAMES[0]), "附表", of_item(NAMES[1])]), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], NAMES)
    rows = rows_read(made)
    assert accounting.sentence(rows).zh == "读入 8 行：事项 2、事项续行 6。"
    assert [(use.sheet, use.number) for use in rows] == [(f"表{table}", row) for table in (1, 2) for row in range(1, 5)]
    assert all(f"第{use.number}行" in use.location for use in rows)
    assert rows[2].text == "设定依据 《示例条例》第三条"


@pytest.mark.parametrize("format_", ["xlsx", "xls", "ods"])
def test_rows_of_a_sheet_have_the_numbers_that_they_have_there(demo: Registry, format_: str) -> None:
    ending, build = FORMATS[format_]
    blocks = [TITLE, of_item(NAMES[0]), [[""]], of_item(NAMES[1]), "合计：2项"]
    made = of_text(demo, build(blocks), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], NAMES)
    rows = rows_read(made)
    assert accounting.counts(rows) == {"item": 2, "part": 6, "title": 1, "total": 1}
    assert [use.number for use in rows] == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
    assert [use.location.partition("!")[2] for use in rows] == [f"A{use.number}" for use in rows]


def test_an_item_that_is_refused_takes_all_of_its_rows_along(demo: Registry) -> None:
    blocks = [TITLE, of_item(NAMES[0]), [["证明名称", NAMES[1]], ["用途", "申请救助"], ["备注", "拟取消"]]]
    made = of_text(demo, list_files.word(blocks), "清单.docx")
    assert errors(made) == ["row-unclear"]
    uses = [use.use for use in rows_read(made)]
    assert uses == ["item", "part", "part", "part", "refused", "refused", "refused"]


def test_a_comment_on_a_later_items_table_is_asked_about(demo: Registry) -> None:
    content = list_files.word([TITLE, of_item(NAMES[0]), of_item(NAMES[1])])
    made = of_text(demo, detailed(content, {"comments": {NAMES[1]: "此项已取消"}}), "清单.docx")
    (problem,) = made.errors
    assert (problem.code, problem.asks) == ("row-unclear", ("row", "批注：此项已取消"))


def test_a_value_that_goes_on_without_a_label_is_kept(demo: Registry) -> None:
    table = [["证明名称", NAMES[0]], ["用途", "申请救助"], ["", "村级组织不得出具用于贷款的"], ["设定依据", "无"]]
    made = of_text(demo, list_files.word([TITLE, table, of_item(NAMES[1])]), "清单.docx")
    written = str(made.decisions) + "".join(problem.zh for problem in made.problems)
    assert "不得出具用于贷款的" in written
    assert len(rows_read(made)) == 8


def test_an_items_table_that_is_not_understood_is_no_mere_warning(demo: Registry) -> None:
    odd = [["证明名称", NAMES[1], "经办", "甲", "乙"], ["用途", "申请救助", "", "", ""]]
    made = of_text(demo, list_files.word([TITLE, of_item(NAMES[0]), odd]), "清单.docx")
    assert "no-heading" in errors(made)
    assert made.decisions == []
