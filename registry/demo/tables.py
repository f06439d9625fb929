"""The county's tables: CSV with one decision or one pattern of decisions a row, YAML where a row would not do."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast

from registry.data_files import own_yaml

Line = dict[str, Any]

_DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a CSV file of the county; an empty cell is left out of its row."""
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return [{key: cell for key, cell in row.items() if cell} for row in csv.DictReader(file)]


def document(name: str) -> Any:
    """A YAML file of the county, its dates written as the journal writes them (YYYY-MM-DD)."""
    return _written(own_yaml(_DATA / name))


def stories() -> list[str]:
    """The names of the files that tell a story each, in the order in which they are told."""
    names = [entry.name for entry in (_DATA / "stories").iterdir()]
    return sorted(f"stories/{name}" for name in names if name.endswith(".yaml"))


def several(cell: str) -> list[str]:
    """The values of a cell that holds several, parted by '|'."""
    return [value for value in cell.split("|") if value]


@cache
def divisions() -> dict[str, dict[str, str]]:
    """The real divisions by code: Hubei, Xiangyang, Yicheng, its township-level units and villages."""
    return {row["code"]: row for row in rows("divisions.csv")}


@cache
def _groups() -> dict[str, list[str]]:
    return {row["group"]: several(row["units"]) for row in rows("groups.csv")}


def units(cell: str) -> Iterator[str]:
    """The units that a cell names: codes, groups of townships, or `villages-of:` a township or group.

    `each:towns:market` names the market station of every township of the group `towns`.
    """
    for word in several(cell):
        if word.startswith("villages-of:"):
            towns = list(units(word.removeprefix("villages-of:")))
            yield from (code for code, row in divisions().items() if row.get("parent") in towns)
        elif word.startswith("each:"):
            _, group, suffix = word.split(":")
            yield from (f"{town}-{suffix}" for town in units(group))
        elif word in _groups():
            yield from _groups()[word]
        else:
            yield word


def _written(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_written(each) for each in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _written(each) for key, each in cast("Line", value).items()}
    return value
