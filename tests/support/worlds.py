"""A small county to test in: journal objects, in the order of a valid journal."""

from __future__ import annotations

import json
from typing import Any

Line = dict[str, Any]


def decision(type_: str, at: str, /, **fields: Any) -> Line:
    """A journal object; `from_` and `set_` stand for the fields that Python cannot name."""
    return {"type": type_, "at": at} | {name.rstrip("_"): value for name, value in fields.items()}


def unit(code: str, level: str, kind: str, parent: str | None = None, at: str = "2000-01-01", **fields: Any) -> Line:
    """A unit registered."""
    above = {} if parent is None else {"parent": parent}
    return decision("UnitRegistered", at, unit=code, name=f"单位{code}", level=level, kind=kind, **above, **fields)


def line(given: Line) -> bytes:
    """The object as a line of a journal."""
    return json.dumps(given, ensure_ascii=False).encode()


def journal(given: list[Line]) -> bytes:
    """The objects as a journal."""
    return b"".join(line(each) + b"\n" for each in given)


UNITS = [
    unit("4206", "prefecture", "government"),
    unit("420684", "county", "government", "4206"),
    unit("water", "county", "department", "420684", function="water"),
    unit("market", "county", "department", "420684", function="market"),
    unit("town", "township", "government", "420684"),
    unit("town2", "township", "government", "420684"),
    unit("village", "village", "village", "town"),
    unit("village2", "village", "village", "town"),
]
BASIS = [
    decision("InstrumentIssued", "2018-01-01", instrument="通知1号", title="通知", kind="notice", issuer="420684"),
    decision("InstrumentIssued", "2018-01-01", instrument="决定1号", title="决定", kind="provincial_decision"),
    decision(
        "MatterDefined",
        "2000-01-01",
        matter="P-SAND",
        kind="power",
        name="对非法采砂的行政处罚",
        power_kind="penalty",
        lawful_holders=[{"level": "county", "function": "water"}],
    ),
    decision("MatterDefined", "2000-01-01", matter="D-SAND", kind="duty", name="采砂管理", requires=["P-SAND"]),
    decision("MatterDefined", "2000-01-01", matter="D-RIVER", kind="duty", name="巡河"),
    decision("MatterDefined", "2000-01-01", matter="F-LEDGER", kind="form", name="巡河台账"),
    decision("MatterDefined", "2000-01-01", matter="C-KIN", kind="certificate", name="亲属关系证明", issuer="派出所"),
    decision(
        "ListAdopted",
        "2019-01-01",
        list="NEG",
        title="村级负面清单",
        polarity="negative",
        covers="duty",
        audience="village",
        instrument="通知1号",
    ),
    decision(
        "ListAdopted",
        "2019-01-01",
        list="BASIC",
        title="基本履职清单",
        polarity="positive",
        covers="duty",
        audience="township",
        scope="420684",
        instrument="通知1号",
        assigns="lead",
    ),
    decision("ListItemEntered", "2019-01-01", list="BASIC", item="1", name="巡河", matter="D-RIVER"),
]


def duty(ref: str, at: str = "2020-01-01", **fields: Any) -> Line:
    """A duty from the water bureau to the town."""
    base = {
        "matter": "D-SAND",
        "from": "water",
        "to": "town",
        "role": "lead",
        "mode": "assigned",
        "instrument": "通知1号",
    }
    return decision("DutyDelegated", at, ref=ref) | base | {name.rstrip("_"): value for name, value in fields.items()}


def grant(ref: str, at: str = "2020-01-01", **fields: Any) -> Line:
    """A power from the water bureau to the town."""
    base = {"matter": "P-SAND", "from": "water", "to": "town", "mode": "devolved", "instrument": "决定1号"}
    return decision("PowerGranted", at, ref=ref) | base | {name.rstrip("_"): value for name, value in fields.items()}


COUNTY = [*UNITS, *BASIS]


def bulk(count: int) -> list[Line]:
    """Many delegations, some ended, corrected or annulled."""
    made: list[Line] = []
    for number in range(count):
        ref = f"N{number}"
        made.append(duty(ref, to="town" if number % 2 else "town2"))
        if number % 7 == 0:
            made.append(decision("DelegationEnded", "2021-01-01", ref=ref, reason="revoked"))
        if number % 11 == 0:
            made.append(decision("Corrected", "2022-01-01", ref=ref, set_={"role": "assist"}))
        if number % 50 == 0:
            made.append(decision("Annulled", "2022-01-01", ref=ref))
    return made
