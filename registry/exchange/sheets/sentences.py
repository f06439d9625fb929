"""What an import tells of a file, and what to do about it: sentences.yaml, read once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.tables import Table

FILE: Final = Path(__file__).with_name("sentences.yaml")


def at(cell: Cell, table: Table, which: str, /, *, warning: bool = False, **values: Any) -> SheetProblem:
    """What is wrong with a cell: the sentence of that code, with the values that it tells of."""
    said = sentences()[which]
    place = cell.place.rpartition("!")[2]
    return SheetProblem(table.sheet, place, which, said["zh"].format(**values), said["en"].format(**values), warning)


def of(sheet: str, which: str, /, *, warning: bool = False, **values: Any) -> SheetProblem:
    """What is wrong with a sheet, or with what was asked."""
    said = sentences()[which]
    return SheetProblem(sheet, "", which, said["zh"].format(**values), said["en"].format(**values), warning)


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """All sentences by code and language."""
    return yaml.safe_load(FILE.read_text("utf-8"))
