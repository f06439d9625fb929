"""Formats in which lists are handed in to the demo county, at the terminal: what is read, and what is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import list_files
from tests.support.cli_runner import Run, cli_runner
from tests.support.databases import database_copy

OPTIONS = (
    *("--county", "420684", "--as", "T-TEST", "--instrument", "试测〔2026〕1号", "--instrument-title", "x"),
    *("--issued-on", "2026-11-01", "--accept", "none", "--dry-run"),
)
VILLAGE = "宜城市村级组织依法自治事项清单"


@pytest.fixture(scope="module")
def run(server_url: str, demo_template: str) -> Iterator[Run]:
    with database_copy(server_url, demo_template) as url:
        yield cli_runner(url)


def decisions(run: Run, path: Path, content: bytes) -> tuple[list[dict[str, Any]], str]:
    """What would be recorded of a file, and what is said beside."""
    path.write_bytes(content)
    done = run("lists", "import", path, *OPTIONS, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    printed = run("lists", "import", path, *OPTIONS).stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()], printed


def test_a_list_without_a_table_is_read_and_said_to_be_none(run: Run, tmp_path: Path) -> None:
    blocks = [VILLAGE, "1.讨论决定村规民约。", "2.公开村务。"]
    made, printed = decisions(run, tmp_path / "自治.docx", list_files.word(blocks))
    assert [one["name"] for one in made if one["type"] == "ListItemEntered"] == ["讨论决定村规民约", "公开村务"]
    (adopted,) = [one for one in made if one["type"] == "ListAdopted"]
    assert (adopted["polarity"], adopted["covers"], adopted["audience"]) == ("positive", "duty", "village")
    assert "text-alone" in printed
    assert "没有表格" in printed


def test_text_that_is_no_list_says_that_tables_are_read(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "说明.docx"
    path.write_bytes(list_files.word(["请各村尽快公开村务。", "谢谢。"]))
    done = run("lists", "import", path, *OPTIONS)
    assert done.returncode == 1
    assert "no-table" in done.stderr.decode()
    assert "清单按表格读取" in done.stderr.decode()


def test_a_table_for_each_item_is_read_by_its_labels(run: Run, tmp_path: Path) -> None:
    blocks = [
        "宜城市村级组织出具证明事项清单",
        [["证明名称", "受灾情况证明"], ["用途", "申请临时救助"], ["所需材料", "户口簿"]],
        "　",
        [["证明名称", "村民身份证明"], ["用途", "办理承包"], ["办理程序", "村委会核实后盖章"]],
    ]
    made, _ = decisions(run, tmp_path / "证明.docx", list_files.word(blocks))
    assert [one["name"] for one in made if one["type"] == "ListItemEntered"] == ["受灾情况证明", "村民身份证明"]
    defined = {one["name"]: one for one in made if one["type"] == "MatterDefined"}
    assert defined["受灾情况证明"]["materials"] == ["户口簿"]
    assert defined["村民身份证明"]["procedure"] == "村委会核实后盖章"


@pytest.mark.parametrize("format_", ["strict-docx", "docm", "strict-xlsx", "pdf", "ofd", "odt", "rtf-as-doc"])
def test_what_was_damaged_once_is_read(run: Run, tmp_path: Path, format_: str) -> None:
    ending, build = list_files.FORMATS[format_]
    blocks = ["宜城市镇（街道）基本履职事项清单", [["序号", "事项名称"], ["1", "农村道路巡护"]]]
    made, _ = decisions(run, tmp_path / f"清单.{ending}", build(blocks))
    assert [one["name"] for one in made if one["type"] == "ListItemEntered"] == ["农村道路巡护"]


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("照片.png", b"\x89PNG\r\n\x1a\n" + bytes(99), "picture", "这是图片"),
        ("扫描.pdf", list_files.picture(), "picture", "这是图片"),
        ("包.zip", list_files.archive({"清单.txt": "x"}), "wrong-format", "压缩包请先解压"),
        ("清单.json", b'{"list": "X"}', "wrong-format", "导出为 .xlsx"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_what_cannot_be_read_is_refused_in_words(
    run: Run, tmp_path: Path, name: str, content: bytes, code: str, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = run("lists", "import", path, *OPTIONS)
    printed = done.stderr.decode()
    assert done.returncode == 1
    assert f"{code}: " in printed
    assert words in printed
    assert "Traceback" not in printed
    assert "Error" not in printed
