"""What lists say, in the formats in which they come: recorded on the right side and for whom, or asked about."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest

from registry import data_files
from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.list_files import FORMATS
from tests.support.paths import DATA
from tests.support.registry_under_test import Registry

CASES: Final[list[dict[str, Any]]] = data_files.own_yaml(DATA / "lists" / "sides.yaml")
FILES: Final = [(case, name) for case in CASES for name in case["formats"]]


@pytest.fixture(scope="module")
def county(registry: Registry) -> Registry:
    record(registry.connection, sheets_county.journal())
    return registry


def lists(planned: Plan) -> list[dict[str, Any]]:
    """What each list is, and what is on it."""
    results: dict[str, dict[str, Any]] = {}
    for one in planned.decisions:
        if one["type"] == "ListAdopted":
            about = ("polarity", "covers", "audience", "assigns", "scope")
            results[one["list"]] = {name: one[name] for name in about if name in one} | {"items": []}
        elif one["type"] == "ListItemEntered":
            results[one["list"]]["items"].append(one["name"])
    return list(results.values())


@pytest.mark.parametrize(("case", "format_"), FILES, ids=[f"{case['name']}-{name}" for case, name in FILES])
def test_a_list_is_recorded_on_its_side_or_asked_about(county: Registry, case: dict[str, Any], format_: str) -> None:
    ending, build = FORMATS[format_]
    issued = Issued("x", "notice", date(2026, 11, 1))
    request = Request(sheets_county.COUNTY, "试测〔2026〕1号", code="T", accept="none", issued=issued)
    planned = plan(county.connection, build(case["blocks"]), f"清单.{ending}", request)
    errors = [problem.code for problem in planned.errors]
    assert (errors, lists(planned)) == (case.get("errors", []), case.get("lists", []))
