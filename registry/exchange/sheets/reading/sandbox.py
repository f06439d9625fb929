"""The process in which a file is read.

`python -m registry.exchange.sheets.reading.sandbox NAME < FILE`, JSON on standard output.
"""

from __future__ import annotations

import contextlib
import importlib
import resource
import sys
from dataclasses import asdict
from typing import Any, Final

import orjson

from registry.exchange.sheets.grids import check_cells
from registry.exchange.sheets.problems import BadSheet
from registry.exchange.sheets.reading import archives

MEMORY: Final = 2**30  # a .xls whose chain of sectors is a ring fills any memory
SECONDS: Final = 20  # of the processor

# By what a file is; only the one that is needed is imported.
_READERS: Final = {"workbook": "workbooks", "text": "delimited", "document": "documents"}


def main() -> None:
    """Reads the file on standard input and writes its grids, or its problems. Any other end of it means: damaged."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(what, (most, most))
    content, name = sys.stdin.buffer.read(), sys.argv[1]
    answer: dict[str, Any]
    try:
        reader: Any = importlib.import_module(
            f"registry.exchange.sheets.reading.{_READERS[archives.format_of(content, name)]}"
        )
        grids = reader.grids(content, name)
        check_cells(grids)
        answer = {
            "grids": [
                {
                    "name": grid.name,
                    "title": grid.title,
                    "top": grid.top,
                    "rows": [[(cell.text, cell.location) for cell in row] for row in grid.rows],
                }
                for grid in grids
            ]
        }
    except BadSheet as bad:
        answer = {"problems": [asdict(problem) for problem in bad.problems]}
    sys.stdout.buffer.write(orjson.dumps(answer))


if __name__ == "__main__":
    main()
