"""Reads damaged files one after the other in processes with the limits of the reader's own, and imports them.

`python -m tests.support.reading_many FIRST END URL`: first a line of JSON with what comes of the files as they were;
then, for each number of a damaged file from first to before end, a line with what came of it, read and then imported
into the database there. The files are read in a fork that is bounded in memory; one that a file ends is followed by
another for those after it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import traceback
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

import psycopg
import yaml

from registry import database
from registry.exchange.sheets.planning.importing import NotImported, carry_out
from registry.exchange.sheets.planning.request import Issued, Request
from registry.exchange.sheets.problems import BadSheet
from registry.exchange.sheets.reading import sandbox
from registry.exchange.sheets.recognising.tables import recognise
from tests.support import sheets_county
from tests.support.list_files import FORMATS
from tests.support.paths import DATA

CASES: Final[list[dict[str, Any]]] = [
    case for file in sorted((DATA / "lists").glob("*.yaml")) for case in yaml.safe_load(file.read_text("utf-8"))
]
FILES: Final = [(case, name) for case in CASES if "tables" in case for name in case["formats"]]
COUNT: Final = 1_000
MEMORY: Final = 2**30
# What is written with a checksum over it: a byte that is not what it was is seen.
CHECKED: Final = ("xlsx", "xlsm", "strict-xlsx", "ods", "docx", "docm", "strict-docx", "odt", "ofd")
# What is only text: half of it is a text too.
TEXTS: Final = ("csv", "csv-gbk", "tsv-as-xls", "txt", "txt-gbk")


@dataclass(frozen=True, slots=True)
class Damaged:
    """A damaged file: its name and content, how it was damaged, the format and the number of the one that was whole."""

    name: str
    content: bytes
    way: str
    format: str
    whole: int


@cache
def whole(number: int) -> tuple[str, bytes]:
    """A file as it was: its name and content."""
    case, name = FILES[number]
    ending, build = FORMATS[name]
    return f"清单.{ending}", build(case["blocks"])


def damaged(number: int) -> Damaged:
    """The damaged file of that number, always the same."""
    chance = random.Random(number)
    at = number % len(FILES)
    name, content = whole(at)
    way = ("cut", "flipped", "renamed", "spliced", "overwritten")[number // len(FILES) % 5]
    if way == "cut":
        content = content[: chance.randrange(len(content) // 3, len(content) - 1)]
    elif way == "flipped":
        mutable = bytearray(content)
        for _ in range(chance.choice((1, 3, 20))):
            mutable[chance.randrange(len(mutable))] ^= 1 << chance.randrange(8)
        content = bytes(mutable)
    elif way == "renamed":
        name = f"清单.{chance.choice(('xls', 'xlsx', 'docx', 'doc', 'csv', 'pdf', 'ofd', 'html', 'wps', 'dat'))}"
    elif way == "spliced":
        other = whole(chance.randrange(len(FILES)))[1]
        content = content[: chance.randrange(len(content))] + other[chance.randrange(len(other)) :]
    else:
        start = chance.randrange(len(content))
        content = content[:start] + chance.choice((b"\0", b"\xff", b" ")) * 64 + content[start + 64 :]
    return Damaged(name, content, way, FILES[at][1], at)


def reading(content: bytes, name: str) -> dict[str, Any]:
    """What came of a file: its tables by kind and names, or its problems by code and place."""
    try:
        grids = sandbox.grids(content, name)
        if grids is None:
            return {"problems": [["office-needed", name, True]]}
        if not grids:
            return {"problems": [["empty", name, True]]}
        tables = recognise(grids)
    except BadSheet as bad:
        return {"problems": [[one.code, one.location, bool(one.zh and one.en)] for one in bad.problems]}
    for table in tables:
        assert all(row.cells["name"].location for row in table.rows)
    return {"tables": [[table.kind, [row.cells["name"].text for row in table.rows]] for table in tables]}


def importing(connection: psycopg.Connection[Any], one: Damaged) -> list[list[Any]]:
    """Why a file that can be read is not recorded where nobody says what it is: codes, places, whether in words."""
    grids = sandbox.grids(one.content, one.name)
    assert grids
    request = Request(
        county=sheets_county.COUNTY, instrument="试测〔2026〕1号", issued=Issued("x", "notice", date(2026, 11, 1))
    )
    try:
        carry_out(connection, grids, one.name, request, stated=True)
    except NotImported as refused:
        return [[problem.code, problem.location, bool(problem.zh and problem.en)] for problem in refused.plan.errors]
    return []


def main() -> None:
    """Reads and imports the files of these numbers."""
    print(json.dumps([reading(whole(at)[1], whole(at)[0]) for at in range(len(FILES))]))
    number, end = map(int, sys.argv[1:3])
    while number < end:
        number += _read_in_fork(number, end, sys.argv[3])


def _read_in_fork(first: int, end: int, url: str) -> int:
    """Read from this number on, as far as one process comes; gives how many, with the one that ended it."""
    sys.stdout.flush()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            with os.fdopen(sending, "w") as lines, database.connect(url) as connection:
                for number in range(first, end):
                    one = damaged(number)
                    outcome = reading(one.content, one.name)
                    if "tables" in outcome:
                        outcome["refused"] = importing(connection, one)
                    print(json.dumps(outcome), file=lines, flush=True)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(sending)
    with os.fdopen(receiving) as lines:
        made = list(lines)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.stdout.writelines(made)
    if first + len(made) < end:
        print(json.dumps({"problems": [["damaged", "清单", True]], "ended": status}))
        return len(made) + 1
    return len(made)


if __name__ == "__main__":
    main()
