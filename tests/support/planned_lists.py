"""Lists in published shapes, as an import into the demo county plans them; nothing is recorded."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from registry.exchange.sheets.planning.importing import plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Issued, Request
from tests.support.paths import DATA
from tests.support.registry_under_test import Registry

COUNTY: Final = "420684"
PAPER: Final = "试测〔2026〕1号"  # not recorded: it is issued along with the list


def request(**more: Any) -> Request:
    """A list T of the county under PAPER; `more` as Request has it."""
    options: dict[str, Any] = {"county": COUNTY, "instrument": PAPER, "code": "T", "accept": "none"}
    options["issued"] = Issued("x", "notice", date(2026, 11, 1))
    return Request(**(options | more))


def of_file(demo: Registry, name: str, **more: Any) -> Plan:
    """The plan of the file in tests/data/lists_in whose name begins so."""
    (path,) = (DATA / "lists_in").glob(f"{name}-*")
    return plan(demo.connection, path, path.name, request(**more))


def of_text(demo: Registry, content: str | bytes, name: str = "清单.csv", **more: Any) -> Plan:
    """The plan of a file of this content."""
    return plan(demo.connection, content if isinstance(content, bytes) else content.encode(), name, request(**more))


def errors(planned: Plan) -> list[str]:
    """The codes of what keeps it from being recorded."""
    return [problem.code for problem in planned.errors]


def problems(planned: Plan) -> list[tuple[str, str]]:
    """All problems of the file, warnings too: code and cell; not that the demo county has such a list already."""
    return [(problem.code, problem.cell) for problem in planned.problems if problem.code != "stands-beside"]
