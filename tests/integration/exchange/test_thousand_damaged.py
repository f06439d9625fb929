"""A thousand damaged files: cut, with bits flipped, under another name, spliced, overwritten.

Each is refused with a place, or read as what it was: no traceback, and no part of a list for the whole. All are brought
to one registry in which nobody says what they are, and nothing of them is recorded.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final

import pytest

from registry import database
from registry.log import recorder
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.paths import ROOT
from tests.support.reading_many import CHECKED, COUNT, TEXTS, damaged

CRASHES: Final = 20


@pytest.fixture(scope="module")
def county(module_database: Callable[[], str]) -> str:
    """The URL of the database of a county whose lists come as sheets."""
    url = module_database()
    with database.connect(url) as connection:
        record(connection, sheets_county.journal())
    return url


def position(url: str) -> int:
    with database.connect(url) as connection:
        return recorder.head(connection)[0]


def outcomes(url: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What comes of the files as they were, and of each damaged one.

    A file that ended its reader is refused as damaged, as files.read does.
    """
    command = [sys.executable, "-m", "tests.support.reading_many", "0", str(COUNT), url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    errors = done.stderr.decode()
    assert errors.count("Traceback") == len(re.findall("^MemoryError", errors, re.MULTILINE)), errors[-3000:]
    as_they_were, *made = map(json.loads, done.stdout.splitlines())
    assert sum("ended" in outcome for outcome in made) < CRASHES
    return as_they_were, made


@pytest.mark.slow  # a thousand files
def test_each_is_refused_with_a_place_or_read_as_what_it_was_and_none_is_recorded(county: str) -> None:
    before = position(county)
    as_it_was, made = outcomes(county)
    assert position(county) == before
    refused_unasked = [outcome.pop("refused") for outcome in made if "refused" in outcome]
    assert len(refused_unasked) > COUNT // 4
    assert all(why and all(code and where and worded for code, where, worded in why) for why in refused_unasked)
    assert len(made) == COUNT
    refused = 0
    for number, outcome in enumerate(made):
        one = damaged(number)
        if "problems" in outcome:
            refused += 1
            assert outcome["problems"]
            assert all(code and location and worded for code, location, worded in outcome["problems"])
            assert one.way != "renamed", (number, one.name, outcome)
        elif one.way == "renamed" or (one.way in ("flipped", "overwritten") and one.format in CHECKED):
            assert outcome == as_it_was[one.whole], (number, one.way, one.format)
        elif one.way == "cut" and one.format not in TEXTS:
            assert outcome == as_it_was[one.whole], (number, one.format, outcome)
    assert refused > COUNT // 4
