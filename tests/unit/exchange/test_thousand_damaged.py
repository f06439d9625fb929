"""A thousand damaged files: cut, with bits flipped, under another name, spliced, overwritten.

Each is refused with a place, or read as what it was: no traceback, and no part of a list for the whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

from tests.support.paths import ROOT
from tests.support.reading_many import CHECKED, COUNT, FILES, TEXTS, damaged, reading, whole

PART: Final = 500  # files that a process reads


def outcomes(first: int, end: int) -> list[dict[str, Any]]:
    """What came of each; a file that ended its reader is refused as damaged, as files.read does."""
    results: list[dict[str, Any]] = []
    crashes = 0
    while first + len(results) < end:
        command = [sys.executable, "-m", "tests.support.reading_many", str(first + len(results)), str(end)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=False)
        results += [json.loads(line) for line in done.stdout.splitlines()]
        if first + len(results) < end:
            assert b"Traceback" not in done.stderr or b"MemoryError" in done.stderr, (
                first + len(results),
                damaged(first + len(results)).format,
                done.stderr.decode()[-3000:],
            )
            results.append({"problems": [["damaged", "清单", True]]})
            crashes += 1
            assert crashes < 20
    return results


def test_each_is_refused_with_a_place_or_read_as_what_it_was() -> None:
    made = [outcome for first in range(0, COUNT, PART) for outcome in outcomes(first, first + PART)]
    assert len(made) == COUNT
    as_it_was = [reading(whole(at)[1], whole(at)[0]) for at in range(len(FILES))]
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
