"""Lists in shapes that counties publish, judged by eye: what is recorded of each, or what is asked about it."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from registry import data_files
from registry.exchange.sheets.planning import accounting
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.list_details import detailed
from tests.support.list_files import FORMATS
from tests.support.paths import DATA
from tests.support.registry_under_test import Registry

CASES: Final[list[dict[str, Any]]] = [
    case for file in sorted((DATA / "lists_judged").glob("*.yaml")) for case in data_files.own_yaml(file)
]


def planned(county: Registry, case: dict[str, Any]) -> Plan:
    ending, build = FORMATS[case.get("format", "xlsx")]
    options: dict[str, Any] = {"county": "420684", "instrument": "试测〔2026〕1号", "code": "T", "accept": "none"}
    options["issued"] = Issued("x", "notice", date(2026, 11, 1))
    content = detailed(build(case["blocks"]), case.get("details", {}))
    return plan(county.connection, content, f"清单.{ending}", Request(**(options | case.get("with", {}))))


def lists(made: Plan) -> dict[str, list[Any]]:
    """Of each list by its id: what it does, how it assigns, and the names on it."""
    adopted = {one["list"]: one for one in made.decisions if one["type"] == "ListAdopted"}
    names: dict[str, list[str]] = {code: [] for code in adopted}
    for one in made.decisions:
        if one["type"] == "ListItemEntered":
            names[one["list"]].append(one["name"])
    return {code: [one["polarity"], one.get("assigns"), names[code]] for code, one in adopted.items()}


def sides(made: Plan) -> dict[str, list[str]]:
    """The names on lists that permit or order (+) and on those that forbid (-), sorted; one that is on two, twice."""
    names: dict[str, list[str]] = {}
    for polarity, _, listed in lists(made).values():
        names.setdefault("+" if polarity == "positive" else "-", []).extend(listed)
    return {side: sorted(listed) for side, listed in names.items()}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_file_is_recorded_as_a_clerk_would_or_asked_about(demo: Registry, case: dict[str, Any]) -> None:
    made = planned(demo, case)
    assert len(set(made.problems)) == len(made.problems)  # nothing is told twice
    if "asks" in case:
        assert list(dict.fromkeys(problem.code for problem in made.errors)) == case["asks"]
        assert made.decisions == []
        return
    if made.errors and (case.get("asks_any") or case.get("or_asks") or case.get("heard")):
        assert made.decisions == []
        return
    assert "asks_any" not in case, lists(made)
    assert made.errors == []
    entered = {one["name"]: one for one in made.decisions if one["type"] == "ListItemEntered"}
    if "sides" in case:
        assert sides(made) == {side: sorted(names) for side, names in case["sides"].items()}
    if "lists" in case:
        assert lists(made) == case["lists"]
    if "entered" in case:
        every = [[one["name"], one["from"]] for one in made.decisions if one["type"] == "ListItemEntered"]
        assert every == case["entered"]
    for name, fields in case.get("items", {}).items():
        assert {field: entered[name].get(field) for field in fields} == fields
    for name, day in case.get("ends", {}).items():
        ends = {one["item"]: one["at"] for one in made.decisions if one["type"] == "ListItemWithdrawn"}
        assert ends == {entered[name]["item"]: day}
    if "vested" in case:
        names = {one["matter"]: one["name"] for one in made.decisions if one["type"] == "MatterDefined"}
        vested = (one for one in made.decisions if one["type"] == "PowerVested")
        assert {names[one["power"]]: one["unit"] for one in vested} == case["vested"]
    if "counts" in case:
        (table,) = made.tables
        assert accounting.counts(table.uses) == case["counts"]
    written = "\n".join(str(one) for one in made.decisions)
    assert [text for text in case.get("kept", ()) if text not in written] == []
    codes = [problem.code for problem in made.warnings]
    assert set(codes) - {"stands-beside", "missing-column"} or not case.get("heard")
    assert [code for code in case.get("told", ()) if code not in codes] == []
    if case.get("silent"):
        assert set(codes) <= {"stands-beside"}  # the demo county has such a list


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 90
