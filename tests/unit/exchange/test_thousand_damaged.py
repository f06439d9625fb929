"""A thousand damaged files: cut, with bits flipped, under another name, spliced, overwritten.

Each is refused with a place, or read as what it was: no traceback, and no part of a list for the whole.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any, Final

import pytest

from tests.support.paths import ROOT
from tests.support.reading_many import CHECKED, COUNT, TEXTS, damaged

CRASHES: Final = 20


def outcomes() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What comes of the files as they were, and of each damaged one.

    A file that ended its reader is refused as damaged, as files.read does.
    """
    command = [sys.executable, "-m", "tests.support.reading_many", "0", str(COUNT)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    errors = done.stderr.decode()
    assert errors.count("Traceback") == len(re.findall("^MemoryError", errors, re.MULTILINE)), errors[-3000:]
    as_they_were, *made = map(json.loads, done.stdout.splitlines())
    assert sum("ended" in outcome for outcome in made) < CRASHES
    return as_they_were, made


@pytest.mark.slow  # a thousand files
def test_each_is_refused_with_a_place_or_read_as_what_it_was() -> None:
    as_it_was, made = outcomes()
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
