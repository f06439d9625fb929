"""What people hand in, in every format: the same list is recognised in each, or refused in the same words."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import pytest

from registry import data_files
from registry.exchange.sheets.problems import BadSheet
from registry.exchange.sheets.reading import converting, sandbox
from registry.exchange.sheets.reading.files import read
from registry.exchange.sheets.recognising.headings import kinds
from registry.exchange.sheets.recognising.tables import Table, recognise
from tests.support import list_files
from tests.support.list_files import FORMATS
from tests.support.paths import TESTS

FOLDER: Final = TESTS / "data" / "lists"
CASES: Final[list[dict[str, Any]]] = [
    case for file in sorted(FOLDER.glob("*.yaml")) for case in data_files.own_yaml(file)
]
# Those of sides.yaml are planned in a county: tests/integration/exchange/test_lists_in_every_format.py.
FILES: Final = [(case, name) for case in CASES if "tables" in case or "problem" in case for name in case["formats"]]


def recognised(content: bytes, name: str) -> list[Table]:
    """The tables in a file, read in this process: that costs a hundredth of a process for each."""
    grids = sandbox.grids(content, name)
    assert grids is not None
    if not grids:
        pytest.fail("nothing was read")
    return recognise(grids)


def as_written_down(table: Table, case: dict[str, Any]) -> dict[str, Any]:
    """What was recognised, of that alone which the case says."""
    result: dict[str, Any] = {"kind": table.kind, "items": [row.cells["name"].text for row in table.rows]}
    settled = kinds()[table.kind].adopts if table.kind else {}
    result |= {name: settled.get(name) for name in ("polarity", "covers", "audience", "assigns") if name in case}
    if "categories" in case:
        result["categories"] = [row.cells["category"].text for row in table.rows]
    if "cells" in case:
        result["cells"] = {
            at: {field: table.rows[at - 1].cells[field].text.replace("\n", "") for field in wanted}
            for at, wanted in case["cells"].items()
        }
    if problems := [problem.code for problem in table.problems if problem.code != "missing-column"]:
        result["problems"] = problems
    return result


@pytest.mark.parametrize(("case", "format_"), FILES, ids=[f"{case['name']}-{name}" for case, name in FILES])
def test_a_list_is_the_same_in_every_format(case: dict[str, Any], format_: str) -> None:
    ending, build = FORMATS[format_]
    content, name = build(case["blocks"]), f"清单.{ending}"
    if "problem" not in case:
        tables = recognised(content, name)
        read = [as_written_down(table, wanted) for table, wanted in zip(tables, case["tables"], strict=True)]
        assert read == case["tables"]
        return
    with pytest.raises(BadSheet) as bad:
        recognised(content, name)
    problem = bad.value.problems[0]
    assert problem.code in case["problem"].values()
    assert problem.location
    assert problem.zh
    assert problem.en


def test_there_are_enough_of_each() -> None:
    assert len(FILES) >= 120
    assert {name for _, name in FILES} == set(FORMATS)


OLD: Final = ("清单.doc", "清单.wps")
# Stands in for LibreOffice: it takes the same arguments and puts there what LibreOffice made of the file.
_STAND_IN: Final = """#!/bin/sh
while [ $# -gt 1 ]; do
    case $1 in --outdir) folder=$2 ;; esac
    shift
done
cp "{made}" "$folder/list.docx"
"""


def programs(tmp_path: Path) -> dict[str, str]:
    """Folders in which an office program lies: one that stands in for it, and the real one where it is installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    made = folder / "made.docx"  # beside the program, where it may read
    rows = [["序号", "事项名称", "对应上级部门"], ["1", "社区矫正工作", "市司法局"]]
    rows += [["2", "防溺水巡查，劝导", "市教育局"], ["3", "临时救助", "市民政局"]]
    made.write_bytes(list_files.word(["宜城市镇（街道）配合履职事项清单", rows]))
    stand_in = folder / "soffice"
    stand_in.write_text(_STAND_IN.format(made=made), "utf-8")
    stand_in.chmod(0o755)
    installed = converting.program()
    return {"stand-in": str(folder)} | ({"installed": str(Path(installed).parent)} if installed else {})


def test_an_old_document_is_read_by_an_office_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (TESTS / "data" / "assist.doc").read_bytes()
    for folder in programs(tmp_path).values():
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.defpath}")
        for name in OLD:
            (table,) = recognise(read(content, name))
            assert table.kind == "township-assist"
            assert [row.cells["name"].text for row in table.rows] == ["社区矫正工作", "防溺水巡查，劝导", "临时救助"]


def test_an_old_document_is_refused_in_words_where_no_office_program_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in OLD:
        with pytest.raises(BadSheet) as bad:
            read((TESTS / "data" / "assist.doc").read_bytes(), name)
        assert [problem.code for problem in bad.value.problems] == ["office-needed"]
        assert "LibreOffice" in bad.value.problems[0].zh
        assert ".docx" in bad.value.problems[0].zh


def test_an_office_program_that_makes_nothing_of_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fails = tmp_path / "soffice"
    fails.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    fails.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.defpath}")
    with pytest.raises(BadSheet) as bad:
        read((TESTS / "data" / "assist.doc").read_bytes(), OLD[0])
    assert [problem.code for problem in bad.value.problems] == ["damaged"]


def test_a_table_without_lines_beside_one_with_lines_is_not_passed_over() -> None:
    """Its rows would be lost, and nobody would see it."""
    rows = [["序号", "事项名称", "备注"], *([str(number), f"事项{number}号", "无"] for number in range(1, 6))]
    ruled = sandbox.grids(FORMATS["pdf"][1](["宜城市镇（街道）基本履职事项清单", rows]), "清单.pdf")
    assert ruled is not None
    assert len(ruled[0].rows) == 6
    with pytest.raises(BadSheet) as bad:
        sandbox.grids(list_files.pdf(["宜城市镇（街道）基本履职事项清单", rows, rows], above=200), "清单.pdf")
    assert [(one.code, one.location) for one in bad.value.problems] == [("no-lines", "清单.pdf!第1页 / page 1")]


@pytest.mark.parametrize("format_", ["docx", "odt", "rtf", "html", "mht"])
def test_a_list_of_paragraphs_below_a_table_is_not_passed_over(format_: str) -> None:
    ending, build = FORMATS[format_]
    blocks = [
        "一、镇（街道）基本履职事项清单",
        [["序号", "事项名称"], ["1", "临时救助"]],
        "二、镇（街道）配合履职事项清单",
        "1.社区矫正工作",
        "2.森林防灭火",
    ]
    tables = recognised(build(blocks), f"清单.{ending}")
    assert [(table.kind, [row.cells["name"].text for row in table.rows]) for table in tables] == [
        ("township-basic", ["临时救助"]),
        ("township-assist", ["社区矫正工作", "森林防灭火"]),
    ]


@pytest.mark.parametrize("format_", ["docx", "odt", "rtf", "html", "mht", "pdf", "ofd"])
def test_what_stands_below_a_table_goes_with_it_in_every_format(format_: str) -> None:
    ending, build = FORMATS[format_]
    blocks = [
        "宜城市镇（街道）基本履职事项清单",
        [["序号", "事项名称"], ["1", "临时救助"]],
        "注：以上事项已由上级部门收回。",
    ]
    grids = sandbox.grids(build(blocks), f"清单.{ending}")
    assert grids is not None
    assert "注：以上事项已由上级部门收回。" in grids[0].below
