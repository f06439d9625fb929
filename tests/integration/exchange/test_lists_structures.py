"""Lists in structures that nobody had tried: each is recorded as a clerk would, or nothing of it is."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

import pytest

from registry import data_files
from registry.checker.names.normalise import normalised
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from registry.exchange.sheets.problems import BadSheet
from tests.support.paths import DATA
from tests.support.registry_under_test import Registry

FOLDER: Final = DATA / "lists_structures"
FILES: Final[list[dict[str, Any]]] = data_files.own_yaml(FOLDER / "answers.yaml")
# Recorded with the item as a whole, its parts (子项) in its note; their authors took the parts for the items.
PARTS: Final = {"s44.docx", "v23.csv"}
# Which rows are hidden is said (`hidden-rows`), and nothing asked.
WARNED: Final = {"s67.xlsx"}
# One matter twice in a year is two lines of the plan.
TWICE: Final = {"u18.xlsx"}


def planned(registry: Registry, name: str) -> Plan | None:
    issued = Issued("x", "notice", date(2026, 11, 1))
    request = Request(county="420684", instrument="试测〔2026〕1号", code="T", accept="none", issued=issued)
    try:
        return plan(registry.connection, (FOLDER / name).read_bytes(), name, request)
    except BadSheet:
        return None


def same(names: list[str]) -> set[str]:
    return {normalised(name) for name in names}


@pytest.mark.parametrize("case", FILES, ids=[one["file"] for one in FILES])
def test_what_is_recorded_is_what_a_clerk_would_record(demo: Registry, case: dict[str, Any]) -> None:
    made = planned(demo, case["file"])
    if made is None or made.errors:
        return
    assert not case.get("ask") or case["file"] in WARNED
    wanted = [name for one in case["lists"] for name in one["items"]]
    entered = [one["name"] for one in made.decisions if one["type"] == "ListItemEntered"]
    recorded = same(entered or [one["name"] for one in made.decisions if one["type"] == "MatterDefined"])
    assert recorded.isdisjoint(same([*case.get("ended", ()), *case.get("not_items", ())]))
    if case["file"] in PARTS:
        return
    if {one["polarity"] for one in case["lists"]} == {"own"}:  # what its holder has already is only counted
        held = sum(int(match[1]) for one in made.warnings if (match := re.match(r"(\d+) 项权力已登记", one.zh)))
        assert sum(one["type"] == "PowerVested" for one in made.decisions) + held == len(wanted)
        assert recorded <= same(wanted)
    else:
        assert recorded == same(wanted)


def test_many_of_them_are_recorded_without_a_question(demo: Registry) -> None:
    plans = [planned(demo, case["file"]) for case in FILES]
    assert sum(made is not None and not made.errors for made in plans) >= 64  # of 155
