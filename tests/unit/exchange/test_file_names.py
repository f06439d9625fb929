"""Files are called by names that every system can store, and that show what they are."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

import registry
from registry.exchange.file_names import LONGEST, disposition, storable


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("配合履职清单", "配合履职清单"),
        ('一<b>"二":三/四\\五|六?七*', "一 b 二 三 四 五 六 七"),
        ("清单\u202excod.exe", "清单 xcod.exe"),  # shown as `清单exe.docx`
        ("a\r\nSet-Cookie: x\0\ud800", "a Set-Cookie x"),
        ("..", ""),
        ("镇" * 200, "镇" * LONGEST),
    ],
)
def test_a_title_becomes_a_name_that_can_be_stored(title: str, name: str) -> None:
    assert storable(title) == name
    header = disposition("list.xlsx", f"{name}.xlsx")
    assert header.isascii()
    assert unquote(header.partition("''")[2]) == f"{name}.xlsx"


def test_all_files_are_named_by_it() -> None:
    """What has a name of its own in Chinese gets it nowhere else."""
    folder = Path(registry.__file__).parent
    writing = [path.relative_to(folder) for path in folder.rglob("*.py") if "filename*=" in path.read_text("utf-8")]
    assert writing == [Path("exchange/file_names.py")]
