"""Lists by somebody who had not seen the program: what changes an item beside it is heard, and little else asked."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import pytest

from registry import data_files
from registry.exchange.sheets.planning.confirming import questions
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.paths import DATA
from tests.support.registry_under_test import Registry

FOLDER: Final = DATA / "lists_beside"
FILES: Final[list[dict[str, Any]]] = data_files.own_yaml(FOLDER / "answers.yaml")
TRAPS: Final = [one for one in FILES if "sentence" in one]
PLAIN: Final = [one for one in FILES if "sentence" not in one]
# Thought to change nothing, and so only part of the question before anything is recorded.
MENTIONED: Final = {"second/traps/t18.ods"}
BESIDE: Final = {"note-unread", "notes-unread", "row-unclear"}


def planned(registry: Registry, name: str) -> Plan:
    file = FOLDER / name
    issued = Issued("x", "notice", date(2026, 11, 1))
    request = Request(county="420684", instrument="试测〔2026〕1号", code="T", accept="none", issued=issued)
    return plan(registry.connection, file.read_bytes(), file.name, request)


def recorded(made: Plan) -> int:
    """Items that are entered, powers that are vested and those that their holder has already, which a notice counts."""
    rows = sum(one["type"] in ("ListItemEntered", "PowerVested") for one in made.decisions)
    held = (re.match(r"\d+", one.zh) for one in made.warnings if one.code == "held-already")
    return rows + sum(int(count[0]) for count in held if count)


@pytest.mark.parametrize("case", TRAPS, ids=[one["file"] for one in TRAPS])
def test_nothing_is_recorded_as_though_the_text_beside_it_were_not_there(demo: Registry, case: dict[str, Any]) -> None:
    made = planned(demo, case["file"])
    names = {one["name"] for one in made.decisions if one["type"] == "ListItemEntered"}
    if made.errors:
        assert names == set()
    elif case["file"] in MENTIONED:
        texts = [problem.zh for problem in made.warnings if problem.code == "notes-kept"]
        assert [text for text in texts if case["sentence"] in text]
        assert ["不影响这些事项" in question.sentence.zh for question in questions(made)] == [True]
    else:  # understood: the items are not entered, or not as they stand
        assert case["affected"], case["sentence"]
        assert names.isdisjoint(case["affected"]), case["sentence"]


def test_most_ordinary_lists_are_not_with_questions_for_what_stands_beside_their_items(demo: Registry) -> None:
    with_questions: list[str] = []
    for case in PLAIN:
        made = planned(demo, case["file"])
        if BESIDE.intersection(problem.code for problem in made.errors):
            with_questions.append(case["file"])
        elif not made.errors:
            assert recorded(made) == case["rows"], case["file"]
    assert len(with_questions) <= 35, with_questions  # of 105
