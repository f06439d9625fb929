"""The process in which a file is read.

`python -m registry.exchange.sheets.reading.sandbox NAME < FILE`, JSON on standard output.
"""

from __future__ import annotations

import contextlib
import importlib
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

import registry
from registry.exchange.sheets.grids import Cell, Grid, check_cells
from registry.exchange.sheets.problems import BadSheet, damaged
from registry.exchange.sheets.reading.confinement import confine_reader
from registry.exchange.sheets.reading.formats import Format, format_of

MEMORY: Final = 2**30  # a .xls whose chain of sectors is a ring fills any memory
SECONDS: Final = 20  # of the processor
LONGER: Final = 60  # of the processor, for pages of letters and lines

# By what a file is: the module, and its function. Only the one that is needed is imported.
_READERS: Final[dict[Format, tuple[str, str]]] = {
    "workbook": ("workbooks", "grids"),
    "text": ("delimited", "grids"),
    "document": ("documents", "grids"),
    "html": ("html", "grids"),
    "mht": ("html", "archive_grids"),
    "rtf": ("rtf", "grids"),
    "pdf": ("pdf", "grids"),
    "ofd": ("ofd", "grids"),
    "opendocument": ("opendocument", "grids"),
}


def main() -> None:
    """Reads the file on standard input and writes its grids, its problems, or that an office program must open it.

    Any other end of it means: damaged.
    """
    for what, most, hard in (
        (resource.RLIMIT_AS, MEMORY, MEMORY),
        (resource.RLIMIT_CPU, SECONDS, LONGER),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(what, (most, hard))
    confine_reader([Path(registry.__file__).parent])
    content, name = sys.stdin.buffer.read(), sys.argv[1]
    sys.stdout.buffer.write(orjson.dumps(_answer(content, name)))


def _answer(content: bytes, name: str) -> dict[str, Any]:
    try:
        made = grids(content, name)
    except BadSheet as bad:
        return {"problems": [asdict(problem) for problem in bad.problems]}
    if made is None:
        return {"office": True}
    return {
        "grids": [
            {
                "name": grid.name,
                "title": grid.title,
                "top": grid.top,
                "below": grid.below,
                "comments": [_written(cell) for cell in grid.comments],
                "footnotes": [_written(cell) for cell in grid.footnotes],
                "margins": grid.margins,
                "notices": [asdict(notice) for notice in grid.notices],
                "rows": [[_written(cell) for cell in row] for row in grid.rows],
            }
            for grid in made
        ]
    }


def _written(cell: Cell) -> tuple[str, ...]:
    return (cell.text, cell.location, cell.struck) if cell.struck else (cell.text, cell.location)


def grids(content: bytes, name: str) -> list[Grid] | None:
    """The grids in a file, read in this process; None where an office program must convert it. Raises BadSheet.

    For what nobody has looked at use `files.read`: this one may crash, or take all memory.
    """
    format_ = format_of(content, name)
    if format_ == "office":
        return None
    if format_ in ("pdf", "ofd") and resource.getrlimit(resource.RLIMIT_CPU) == (SECONDS, LONGER):
        resource.setrlimit(resource.RLIMIT_CPU, (LONGER, LONGER))
    module, function = _READERS[format_]
    reader: Any = importlib.import_module(f"registry.exchange.sheets.reading.{module}")
    try:
        made: list[Grid] = getattr(reader, function)(content, name)
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust raises where calamine did not expect the file
            raise
        raise damaged(name, str(error)) from None
    check_cells(made)
    return made


if __name__ == "__main__":
    main()
