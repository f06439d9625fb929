"""Finding tables in grids: headings and kinds as the data has them, mapping files, and grids that make no sense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from registry import data_files
from registry.exchange.sheets.grids import Cell, Grid, cell_location
from registry.exchange.sheets.planning.mappings import SCHEMA, mapping_of, read_mapping, write_mapping
from registry.exchange.sheets.reading.files import BadSheet
from registry.exchange.sheets.recognising import headings, labelled
from registry.exchange.sheets.recognising.headings import field_of, fields, kind_of, kinds
from registry.exchange.sheets.recognising.tables import Table, recognise
from tests.support.drawing import examples


def grid(*rows: list[str], name: str = "Sheet1") -> Grid:
    """A sheet of these texts; `^` continues the cell above and `<` that to the left, as merged ranges do."""
    cells: list[tuple[Cell, ...]] = []
    width = max(map(len, rows))
    for row, texts in enumerate(rows):
        made: list[Cell] = []
        for column, text in enumerate([*texts, *[""] * (width - len(texts))]):
            if text == "<":
                made.append(made[-1])
            else:
                made.append(cells[-1][column] if text == "^" else Cell(text, cell_location(name, row, column)))
        cells.append(tuple(made))
    return Grid(name, (), tuple(cells))


def cells_of(table: Table) -> list[dict[str, str]]:
    return [{field: cell.text for field, cell in row.cells.items()} for row in table.rows]


def codes(table: Table) -> list[str]:
    return [problem.code for problem in table.problems]


def test_headings_hold_to_their_schema() -> None:
    schema = json.loads(headings.SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text("utf-8")))
    Draft202012Validator(schema).validate(data_files.own_yaml(headings.FILE))


def test_each_heading_means_one_field() -> None:
    content: dict[str, Any] = data_files.own_yaml(headings.FILE)
    meant: dict[str, str] = {}
    for name, entry in content["fields"].items():
        for text in (entry["heading"], *entry.get("synonyms", ())):
            assert meant.setdefault(headings.alike(text), name) == name, text
            assert field_of(text) == name
        assert set(entry.get("split", ())) <= set(fields())


@pytest.mark.parametrize("name", list(kinds()))
def test_a_list_under_canonical_headings_is_recognised(name: str) -> None:
    kind = kinds()[name]
    assert kind_of(kind.zh) == name
    assert kind_of(f"宜城市{kind.zh}（2026年版）") == name
    assert set(kind.columns) | set(kind.signs) | set(kind.expected) <= set(fields())
    assert all(field_of(heading, name) == field for field, heading in kind.columns.items())
    values = {field: "1" if field == "number" else f"{field} text" for field in kind.columns}
    head, row = list(kind.columns.values()), list(values.values())
    (table,) = recognise([grid([kind.zh], head, row)])
    assert (table.kind, table.title, table.unused, codes(table)) == (name, kind.zh, (), [])
    assert {field: heading.text for field, heading in table.columns.items()} == dict(kind.columns)
    assert cells_of(table) == [values]


@pytest.mark.parametrize(
    ("headings", "kind"),
    [
        (["事项名称", "上级部门职责", "属地责任"], "township-assist"),
        (["事项名称", "牵头部门", "配合部门", "部门职责", "乡镇职责"], "division"),
        (["事项名称", "承接部门及工作方式"], "township-returned"),
        (["权力事项", "职权类型", "赋权方式"], "empowerment"),
        (["证明名称", "出具单位", "替代方式"], "certificates-forbidden"),
        (["名称", "所需材料", "办理流程"], "certificates-allowed"),
        (["名称", "填报内容"], "plan-forms"),
        (["事项名称", "备注"], None),
    ],
)
def test_without_a_title_columns_tell_the_kind(headings: list[str], kind: str | None) -> None:
    assert [table.kind for table in recognise([grid(["序号", *headings], ["1", *headings])])] == [kind]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("鄢城街道基本履职事项清单（2025年版）", "township-basic"),
        ("宜城市乡镇（街道）配合履职事项清单", "township-assist"),
        ("上级部门收回事项清单", "township-returned"),
        ("关于赋予乡镇人民政府部分县级经济社会管理权限的目录", "empowerment"),
        ("村（居）民委员会不应出具的证明事项清单", "certificates-forbidden"),
        ("村（社区）出具证明事项保留清单", "certificates-allowed"),
        ("2026年度督查检查考核计划", "plan-inspections"),
        ("镇（街道）2026年报表台账清单", "plan-forms"),
        ("政务微信群备案清单", "approved-workgroups"),
        ("村（社区）工作机制牌子清单", "approved-mechanisms"),
        ("农村“属地管理”主体责任清单", "division"),
        ("村级组织工作事务负面清单", "village-forbidden"),
        ("社区协助政府工作事项清单", "village-assist"),
        ("村（居）民委员会依法自治事项清单", "village-own"),
        ("2025年经费预算表", None),
    ],
)
def test_titles_tell_the_kind(title: str, kind: str | None) -> None:
    assert kind_of(title) == kind


def test_what_is_missing_is_reported_with_its_location() -> None:
    sheet = grid(["配合履职事项"], ["序号", "事项名称", "履职要点说明"], ["1", "甲", "乙"], ["2", "", "丁"])
    (table,) = recognise([sheet])
    problems = {problem.code: problem for problem in table.problems}
    assert set(problems) == {"unknown-column", "missing-column", "missing-name"}
    assert problems["unknown-column"].location == "Sheet1!C2"
    assert "履职要点说明" in problems["unknown-column"].message
    assert problems["missing-name"].location == "Sheet1!A4"
    assert {code: problem.warning for code, problem in problems.items()} == {
        "unknown-column": True,
        "missing-column": True,
        "missing-name": False,
    }
    (table,) = recognise([grid(["基本履职"], ["序号", "履职要点说明", "依据"], ["1", "甲", "乙"], ["2", "丙", "丁"])])
    assert [(problem.code, problem.location, problem.warning) for problem in table.problems] == [
        ("unknown-column", "Sheet1!B2", True),
        ("missing-column", "Sheet1!A2", False),
    ]
    assert table.rows == ()


def test_a_mapping_says_what_columns_are(tmp_path: Path) -> None:
    sheet = grid(
        ["2026年事情"], ["号数", "干什么", "谁牵头", "责任单位", "部门"], ["1", "村务公开", "甲局", "乙局", "丙局"]
    )
    with pytest.raises(BadSheet) as bad:
        recognise([sheet])
    assert [problem.code for problem in bad.value.problems] == ["no-heading"]
    stated = {
        "sheet": "*",
        "kind": "township-assist",
        "columns": {"number": "号数", "name": "干什么", "department": "谁牵头"},
        "ignored": ["部门"],
    }
    (table,) = recognise([sheet], {"tables": [stated]})
    assert table.kind == "township-assist"
    row = {"number": "1", "name": "村务公开", "department": "甲局", "remark": "责任单位：乙局"}
    assert cells_of(table) == [row]
    assert codes(table) == ["unknown-column"]
    write_mapping([table], tmp_path / "m.yaml", {"村务公开": "D-V-OPENNESS"}, {"甲局": "none"})
    mapping = read_mapping(tmp_path / "m.yaml")
    assert mapping["matters"] == {"村务公开": "D-V-OPENNESS"}
    assert mapping["units"] == {"甲局": "none"}
    (again,) = recognise([sheet], mapping)
    assert mapping_of([again])["tables"] == mapping["tables"]
    gone = {"tables": [{"sheet": "Sheet1", "columns": {"basis": "文件号"} | stated["columns"]}]}
    (table,) = recognise([sheet], gone)
    assert "mapped-column-missing" in codes(table)


def test_a_mapping_names_the_second_table_of_a_sheet() -> None:
    sheet = grid(["序号", "事项名称"], ["1", "甲"], [], ["其二"], ["序号", "名称", "内容"], ["1", "乙", "丙"])
    mapping = {"tables": [{"sheet": "Sheet1", "table": 2, "kind": "village-own", "columns": {"remark": "内容"}}]}
    first, second = recognise([sheet], mapping)
    assert (first.kind, second.kind) == (None, "village-own")
    assert cells_of(second) == [{"number": "1", "name": "乙", "remark": "丙"}]


@pytest.mark.parametrize(
    "text",
    [
        "tables: 3",
        "tables: [{kind: division}]",
        "tables: [{sheet: a, kind: no-such}]",
        "tables: [{sheet: a, columns: {nothing: b}}]",
        "tables: [{sheet: a, columns: {name: 3}}]",
        "[",
        "\x00",
        "a: &a [*a]",
        "[" * 5000,
        "!!python/object/apply:os.system [true]",
        "",
    ],
)
def test_wrong_mapping_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.yaml").write_text(text, "utf-8")
    with pytest.raises(BadSheet) as bad:
        read_mapping(tmp_path / "m.yaml")
    assert [problem.code for problem in bad.value.problems] == ["bad-mapping"]
    assert bad.value.problems[0].location.startswith("m.yaml")


def test_mapping_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "gbk.yaml").write_bytes("tables: [] # 清单".encode("gbk"))
    (tmp_path / "large.yaml").write_bytes(b"#" * (2**20 + 1))
    for name in ("missing.yaml", "gbk.yaml", "large.yaml", "."):
        with pytest.raises(BadSheet):
            read_mapping(tmp_path / name)


def test_lines_that_wrap_and_lines_that_are_entries() -> None:
    basis = "《中华人民共和国\n土地管理法》第七十七条\n《湖北省土地管理\n实施办法》\n第三条"
    duties = "1.负责日常巡查，\n发现问题及时上报；\n2.协助执法。"
    (table,) = recognise([grid(["事项\n名称", "依据", "乡镇职责"], ["违法用地\n巡查", basis, duties])])
    assert cells_of(table) == [
        {
            "name": "违法用地巡查",
            "basis": "《中华人民共和国土地管理法》第七十七条\n《湖北省土地管理实施办法》第三条",
            "township_duties": "1.负责日常巡查，发现问题及时上报；\n2.协助执法。",
        }
    ]


def recognised(sheet: Grid, mapping: dict[str, Any] | None) -> list[Table]:
    try:
        return recognise([sheet], mapping)
    except BadSheet as bad:
        if [problem.code for problem in bad.problems] != ["no-heading"]:
            raise
        return []


def test_a_label_over_two_rows_is_no_second_record() -> None:
    assert recognised(grid(["事项名称", "临时救助"], ["^", "高龄津贴"], ["责任单位", "民政局"]), None) == []
    two = grid(["事项名称", "临时救助"], ["责任单位", "民政局"], ["事项名称", "高龄津贴"], ["责任单位", "民政局"])
    (table,) = recognised(two, None)
    assert [cells["name"] for cells in cells_of(table)] == ["临时救助", "高龄津贴"]


# fmt: off
WORDS = st.sampled_from([
    "", "", "", "^", "<", "序号", "类别", "事项名称", "职责", "部门", "乡镇", "备注", "其他", "合计", "1", "2",
    "一、甲", "（一）乙", "基本履职事项清单", "配合履职事项清单", "村务公开", "同上", "/", "续表", "填报人：某",
    "注：一", "x" * 50,
])
# fmt: on


@examples(400)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=7), min_size=1, max_size=14))
@example([["事项名称"], ["^", "序号"]])  # drawn: an item 序号, for one label over two rows was read as two
def test_no_grid_makes_it_fail(rows: list[list[str]]) -> None:
    """A valid table or BadSheet, with a mapping of its own too."""
    first = [text if text not in {"^", "<"} else "" for text in rows[0]]
    sheet = grid(first, *[[text if at or text != "<" else "" for at, text in enumerate(row)] for row in rows[1:]])
    tables = recognised(sheet, None)
    recognised(sheet, mapping_of(tables))
    numbers = [row.number for table in tables for row in table.rows]
    (joined,) = labelled.joined([sheet])  # of labels and values a table with a row for each item
    assert all(1 <= number <= len(joined.rows) for number in numbers)
    for table in tables:
        assert len({row.number for row in table.rows}) == len(table.rows)
        for row in table.rows:
            assert row.cells["name"].text
            assert set(row.cells) <= set(fields())
            assert all(cell.text for cell in row.cells.values())


def test_each_kind_of_list_has_an_id_and_a_rank_of_its_own() -> None:
    kinds = headings.kinds()
    assert len({kind.id for kind in kinds.values()}) == len(kinds)
    ranks = sorted(kind.rank for kind in kinds.values() if kind.rank)
    assert ranks == list(range(1, len(kinds) - 1))
    assert [name for name, kind in kinds.items() if not kind.rank] == ["own-powers", "division"]
