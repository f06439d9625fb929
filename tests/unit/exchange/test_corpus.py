"""The corpus: files in the shapes that real ones have, each with the tables that must be found in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from registry import data_files
from registry.exchange.sheets.planning.mappings import mapping_of, read_mapping, write_mapping
from registry.exchange.sheets.reading.files import read
from registry.exchange.sheets.recognising.tables import Table, recognise
from tests.support.corpus import EXPECTED, check_positions
from tests.support.paths import CORPUS


def recognised(tables: list[Table]) -> list[dict[str, Any]]:
    """Tables as the files of the corpus write them down."""
    return [
        {"sheet": table.sheet, "kind": table.kind, "title": table.title}
        | ({"noted": [heading.text for heading in table.noted]} if table.noted else {})
        | ({"unused": [heading.text for heading in table.unused]} if table.unused else {})
        | ({"problems": [problem.code for problem in table.problems]} if table.problems else {})
        | {"rows": [{"at": row.number} | {field: cell.text for field, cell in row.cells.items()} for row in table.rows]}
        for table in tables
    ]


def test_there_are_enough_of_each_format() -> None:
    endings = [path.suffix for path in CORPUS.iterdir() if path.suffix not in {".yaml", ".jsonl"}]
    assert all(endings.count(ending) > 3 for ending in (".xlsx", ".xls", ".csv", ".docx"))
    assert len(EXPECTED) == len(endings) >= 25


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name.partition(".")[0])
def test_tables_of_a_file(expected: Path, tmp_path: Path) -> None:
    wanted = data_files.own_yaml(expected)
    grids = read(CORPUS / wanted["file"])
    tables = recognise(grids)
    assert recognised(tables) == wanted["tables"]
    for table in tables:
        check_positions(table, grids)
    # What was recognised, written out and read back, recognises the same.
    write_mapping(tables, tmp_path / "mapping.yaml")
    mapping = read_mapping(tmp_path / "mapping.yaml")
    again = recognise(grids, mapping)
    assert mapping_of(again) == mapping
    assert all(problem.code != "unknown-column" for table in again for problem in table.problems)
    assert [table.rows for table in again] == [table.rows for table in tables]
    assert [(table.kind, table.columns) for table in again] == [(table.kind, table.columns) for table in tables]
