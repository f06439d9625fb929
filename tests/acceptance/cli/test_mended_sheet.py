"""A wrong spreadsheet of many items is taken back, and the mended one imported with the same ids: two commands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook

from registry import database
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.cli_runner import Run, cli_runner
from tests.support.sheets_county import COUNTY

SIZE = 120
OPTIONS = ("--county", COUNTY, "--instrument", "宜办发〔2025〕6号", "--as", "ASSIST", "--accept", "none", "--yes")
OPTIONS += ("--reading", f"township-assist:positive:township:{COUNTY}")
# Everything that the list says, item by item.
ITEMS = """
SELECT i.item, i.name, i.matter, i.grantor, m.name FROM item i JOIN matter m ON m.code = i.matter
WHERE i.list = 'ASSIST' AND i.known_to = 9223372036854775807 AND m.known_to = 9223372036854775807
    AND m.valid_to = 'infinity'
"""


def workbook(file: Path, *, wrong: range = range(0)) -> Path:
    """The list as Excel writes it; the items of these numbers name another department."""
    book = Workbook()
    rows = book.active
    rows.append(["配合履职事项清单"])
    rows.append(["序号", "事项名称", "对应上级部门"])
    for number in range(1, SIZE + 1):
        rows.append([number, f"应急演练第{number}场", "财政局" if number in wrong else "应急管理局"])
    book.save(file)
    return file


def test_a_wrong_sheet_is_undone_and_the_mended_one_imported_in_two_commands(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    url = new_database()
    run: Run = cli_runner(url)
    with database.connect(url) as connection:
        record(connection, sheets_county.journal())
        start, _ = recorder.head(connection)

        def items() -> dict[str, tuple[str, ...]]:
            return {row[0]: row[1:] for row in connection.execute(ITEMS).fetchall()}

        done = run("lists", "import", str(workbook(tmp_path / "错.xlsx", wrong=range(1, 11))), *OPTIONS)
        assert done.returncode == 0, done.stderr.decode()
        (span,) = set(re.findall(r"registry undo (\S+)", done.stdout.decode()))
        assert span == f"{start + 1}-{recorder.head(connection)[0]}"
        wrong = items()
        assert len(wrong) == SIZE

        undone = run("undo", span, "--yes")
        assert undone.returncode == 0, undone.stderr.decode()
        assert items() == {}
        mended = run("lists", "import", str(workbook(tmp_path / "改好.xlsx")), *OPTIONS)
        assert mended.returncode == 0, mended.stderr.decode()
        assert "ListItemEntered: 10\n" in mended.stdout.decode()

        now = items()
        assert now.keys() == wrong.keys()
        differing = {item for item in now if now[item] != wrong[item]}
        assert differing == {str(number) for number in range(1, 11)}
        assert {now[item][2] for item in now} == {f"{COUNTY}-emergency"}
        # Both are undone again: the wrong sheet is as it was.
        for printed in (mended, undone):
            (span,) = set(re.findall(r"registry undo (\S+)", printed.stdout.decode()))
            assert run("undo", span, "--yes").returncode == 0
        assert items() == wrong
    assert run("replay").returncode == 0
