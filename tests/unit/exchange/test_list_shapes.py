"""Tables with merged cells, of several lists, in sections and with broken lines: the same in every format.

What each must give was written down before the first run.
"""

from __future__ import annotations

from typing import Final

import pytest

from registry.exchange.sheets.reading import sandbox
from registry.exchange.sheets.recognising.tables import recognise
from tests.support.list_files import FORMATS, Block

ASSIST: Final = "宜城市镇（街道）配合履职事项清单"
BASIC: Final = "宜城市镇（街道）基本履职事项清单"
HEAD: Final = ["序号", "事项名称", "对应上级部门"]
LONG: Final = "示例甲" * 13
MERGED: Final = [
    ["序号", "类别", "事项名称", "对应上级部门", "配合职责"],
    ["1", "经济", "示例甲", "市民政局", "a"],
    ["2", "^", "示例乙", "^", "b"],
    ["合计", "<", "2项", "<", "<"],
]
Names = list[list[tuple[str, str]]]  # of each table its items and their departments
SHAPES: Final[dict[str, tuple[list[Block], Names]]] = {
    "merged": ([ASSIST, MERGED], [[("示例甲", "市民政局"), ("示例乙", "市民政局")]]),
    "two lists": (
        [ASSIST, [HEAD, ["1", "示例甲", "市民政局"]], BASIC, [HEAD[:2], ["1", "示例乙"], ["2", "示例丙"]]],
        [[("示例甲", "市民政局")], [("示例乙", ""), ("示例丙", "")]],
    ),
    "sections": (
        [
            ASSIST,
            [
                HEAD,
                ["一、经济发展（1项）", "<", "<"],
                ["1", "示例甲", "市民政局"],
                ["二、民生", "<", "<"],
                ["2", "示例乙", "市水利局"],
            ],
        ],
        [[("示例甲", "市民政局"), ("示例乙", "市水利局")]],
    ),
    "wrapped": (
        [ASSIST, [HEAD, ["1", LONG, "市民政局"], ["2", "示例乙", "市水利局"]]],
        [[(LONG, "市民政局"), ("示例乙", "市水利局")]],
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("format_", ["xls", "rtf", "ods", "odt", "html", "mht", "ofd", "pdf", "docm", "strict-docx"])
def test_a_shape_is_read_alike_in_every_format(format_: str, shape: str) -> None:
    ending, build = FORMATS[format_]
    blocks, names = SHAPES[shape]
    grids = sandbox.grids(build(blocks), f"清单.{ending}")
    assert grids
    tables = recognise(grids)
    read = [
        [
            (
                row.cells["name"].text.replace("\n", ""),
                row.cells["department"].text if "department" in row.cells else "",
            )
            for row in table.rows
        ]
        for table in tables
    ]
    assert read == names
    assert [problem.code for table in tables for problem in table.problems if not problem.warning] == []
