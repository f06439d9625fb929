"""Every row of a list is accounted for: rows.yaml has small lists, and what each of their rows is."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import data_files
from registry.exchange.sheets.planning import accounting
from registry.exchange.sheets.reading import delimited
from registry.exchange.sheets.recognising import accounts
from registry.exchange.sheets.recognising.tables import Table, recognise
from tests.support.drawing import examples

CASES: Final[list[dict[str, Any]]] = data_files.own_yaml(Path(__file__).with_name("rows.yaml"))


def tables_of(rows: list[list[str]]) -> list[Table]:
    """What a .csv with these rows is recognised as."""
    content = io.StringIO()
    csv.writer(content).writerows(rows)
    return recognise(delimited.grids(content.getvalue().encode(), "清单.csv"))


def texts(table: Table, field: str) -> list[str | None]:
    return [row.cells[field].text if field in row.cells else None for row in table.rows]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_small_list(case: dict[str, Any]) -> None:
    rows = [line.split("|") for line in case["text"].splitlines()]
    (table,) = tables_of(rows)
    assert texts(table, "name") == case["names"]
    for key, field in {
        "numbers": "number",
        "departments": "department",
        "categories": "category",
        "remarks": "remark",
    }.items():
        if key in case:
            assert texts(table, field) == case[key]
    codes = [f"{'' if problem.warning else '!'}{problem.code}" for problem in table.problems]
    assert codes == case.get("problems", [])
    assert accounting.counts(table.uses) == case["rows"]
    assert sum(case["rows"].values()) == sum(any(row) for row in rows)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("基本履职事项清单（共47项）", 47),
        ("基本履职事项清单（47项）", 47),
        ("职责任务清单（共7类193项）", 193),
        ("职责任务清单（共7个方面，共193项）", 193),
        ("赋权事项清单（共12项，其中处罚8项、许可4项）", 12),
        ("清单共计一百四十二项", 142),
        ("一、党的建设（28项）", 28),
        ("合计：16项", 16),
        ("共有3个事项", 3),
        ("公共服务事项清单", None),
        ("公共服务12项", None),
        ("共担事项清单（2026年版）", None),
        ("2026年第3批取消5项", None),
        ("（自治事务35项、协助事务80项）", None),
        ("总数不超过12项", None),
        ("共减少3项", None),
    ],
)
def test_the_number_of_items_that_a_title_gives(text: str, count: int | None) -> None:
    assert accounts.counted(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("注：本清单共3项。", 3),
        ("说明：1.共3项；2.由编办解释。", 3),
        ("注：以上事项共计3项", 3),
        ("注：原清单共50项，现保留3项。", None),
        ("注：每年总数不超过12项。", None),
        ("注：其中处罚共5项。", None),
    ],
)
def test_the_number_of_items_that_a_note_gives(text: str, count: int | None) -> None:
    assert accounts.counted(text, note=True) == count


NOISE = st.sampled_from(
    [
        ["", "", ""],
        ["一、民生服务", "", ""],
        ["（二）平安法治", "", ""],
        ["小计", "", ""],
        ["注：带*的仅部分镇承担。", "", ""],
        ["第 2 页", "", ""],
        ["序号", "事项名称", "备注"],
        ["9", "", ""],
        ["", "无编号的", ""],
        ["", "", "续写"],
        ["10", "", "只有备注"],
        ["", "#REF!", ""],
        ["填表人：某某", "审核人：某某", ""],
    ]
)


@examples(120)
@given(noise=st.lists(st.tuples(st.integers(0, 12), NOISE), max_size=8), size=st.integers(1, 9))
def test_rows_read_are_the_sum_of_what_they_are(noise: list[tuple[int, list[str]]], size: int) -> None:
    rows = [[str(number), f"事项{number}号", ""] for number in range(1, size + 1)]
    for at, row in noise:
        rows.insert(at, row)
    rows = [["基本履职事项清单", "", ""], ["序号", "事项名称", "备注"], *rows]
    tables = tables_of(rows)
    uses = [use for table in tables for use in table.uses]
    assert len(uses) == sum(any(row) for row in rows)
    assert len({use.number for use in uses}) == len(uses)
    names = [name for table in tables for name in texts(table, "name")]
    assert {f"事项{number}号" for number in range(1, size + 1)} <= set(names)
    assert sum(use.use in ("item", "part") for use in uses) == len(names)
