"""Spreadsheets as people hand them in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from openpyxl import Workbook


def workbook(folder: Path, *names: str, title: str = "配合履职事项清单") -> Path:
    """A list of that name as Excel writes it."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append([title])
    sheet.append(["序号", "事项名称", "对应上级部门"])
    for number, name in enumerate(names, 1):
        sheet.append([number, name, "司法局"])
    file = folder / "清单.xlsx"
    buffer = io.BytesIO()
    book.save(buffer)
    file.write_bytes(buffer.getvalue())
    return file
