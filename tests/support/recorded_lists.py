"""Lists of the county of sheets_county: planned, recorded, and what then stands in the read tables."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from registry.exchange.sheets.planning.importing import carry_out, plan
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Request
from registry.log import recorder
from tests.support.registry_under_test import Registry
from tests.support.sheets_county import COUNTY

ASSIST: Final = "宜城市镇（街道）配合履职事项清单\n序号,类别,事项名称,对应上级部门,上级部门职责,乡镇职责\n"
PAPER: Final = "宜办发〔2025〕6号"


def request_with(**more: Any) -> Request:
    """The list ASSIST of the county under PAPER; `more` as Request has it."""
    return Request(**({"county": COUNTY, "instrument": PAPER, "code": "ASSIST"} | more))


def read(registry: Registry, text: str, **more: Any) -> Plan:
    """What would be recorded."""
    return plan(registry.connection, text.encode(), "清单.csv", request_with(**more))


def take(registry: Registry, text: str, **more: Any) -> Counter[str]:
    """Record it; how many decisions of each type were recorded."""
    done = carry_out(registry.connection, text.encode(), "清单.csv", request_with(**more), recorded_by="组织部")
    return Counter(decision["type"] for decision in done.decisions)


def items(registry: Registry, code: str = "ASSIST") -> dict[str, tuple[str, str, str | None]]:
    """The items in force of a list by id: name, matter, from."""
    rows = registry.connection.execute(
        "SELECT item, name, matter, grantor FROM item WHERE list = %s AND valid_to = 'infinity'"
        " AND known_to = 9223372036854775807",
        (code,),
    ).fetchall()
    return {item: (name, matter, grantor) for item, name, matter, grantor in rows}


def head(registry: Registry) -> int:
    """How long the log is."""
    return recorder.head(registry.connection)[0]
