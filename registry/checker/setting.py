"""The imagined county in which the rules' examples play."""

from __future__ import annotations

from registry.checker.rule import Line

PREFECTURE, COUNTY, TOWN, VILLAGE = "9901", "990102", "990102101", "990102101201"
URBAN, ENFORCEMENT, TEAM = "990102-urban-management", "990102101-enforcement", "990102101-team"
LAW, DECISION, NOTICE, LETTER = "主席令第1号", "省政发〔2021〕1号", "清政办〔2021〕1号", "清溪责〔2021〕1号"
START = "2020-01-01"


def _unit(unit: str, name: str, level: str, kind: str, parent: str | None = None, **others: str) -> Line:
    above = {} if parent is None else {"parent": parent}
    return (
        {"type": "UnitRegistered", "at": START, "unit": unit, "name": name, "level": level, "kind": kind}
        | above
        | others
    )


UNITS: tuple[Line, ...] = (
    _unit(PREFECTURE, "云山市", "prefecture", "government"),
    _unit(COUNTY, "清溪县", "county", "government", PREFECTURE),
    _unit(URBAN, "清溪县城市管理局", "county", "department", COUNTY, function="urban-management"),
    _unit(TOWN, "柳林镇", "township", "government", COUNTY),
    _unit(ENFORCEMENT, "柳林镇综合行政执法办公室", "township", "department", TOWN, function="enforcement"),
    _unit(TEAM, "清溪县城管执法大队柳林中队", "township", "dispatched", URBAN, stationed_at=TOWN),
    _unit(VILLAGE, "上河村", "village", "village", TOWN),
)


def issued(instrument: str, title: str, kind: str, at: str = START) -> Line:
    """A document."""
    return {"type": "InstrumentIssued", "at": at, "instrument": instrument, "title": title, "kind": kind}


DOCUMENTS: tuple[Line, ...] = (
    issued(LAW, "某管理法", "law"),
    issued(DECISION, "关于赋予乡镇部分行政处罚权的决定", "provincial_decision", "2021-01-01"),
    issued(NOTICE, "关于开展市容整治的通知", "notice", "2021-01-01"),
    issued(LETTER, "市容管理目标责任书", "letter", "2021-01-01"),
)
POWER: Line = {
    "type": "MatterDefined",
    "at": START,
    "matter": "P-STALLS",
    "kind": "power",
    "name": "对占道经营的行政处罚",
    "power_kind": "penalty",
    "lawful_holders": [{"level": "county", "function": "urban-management"}],
}
DUTY: Line = {
    "type": "MatterDefined",
    "at": START,
    "matter": "D-STALLS",
    "kind": "duty",
    "name": "占道经营整治",
    "requires": ["P-STALLS"],
}
FORM: Line = {"type": "MatterDefined", "at": START, "matter": "F-STALLS", "kind": "form", "name": "占道经营整治周报"}
SETTING: tuple[Line, ...] = (*UNITS, *DOCUMENTS, POWER, DUTY, FORM)
LETTER_REPEALED: Line = {"type": "InstrumentRepealed", "at": "2022-01-01", "instrument": LETTER}
# Given under that letter, R-1 is to be returned.
ORDERED_BACK: Line = {
    "type": "RectificationOrdered",
    "at": "2022-02-01",
    "ref": "Z-1",
    "rule": "expired-basis",
    "subject": "R-1",
    "unit": TOWN,
    "by": COUNTY,
    "text": "责任书已废止，限期退回整治任务",
    "due_on": "2022-03-31",
}


def granted(ref: str, sender: str, recipient: str, mode: str, instrument: str, at: str = "2021-03-01") -> Line:
    """The power to fine stalls, granted."""
    named = {"ref": ref, "matter": "P-STALLS", "from": sender, "to": recipient}
    return {"type": "PowerGranted", "at": at, **named, "mode": mode, "instrument": instrument}


def delegated(
    ref: str, sender: str, recipient: str, role: str = "lead", mode: str = "letter", **others: object
) -> Line:
    """The duty to clear stalls, delegated."""
    named = {"ref": ref, "matter": "D-STALLS", "from": sender, "to": recipient, "role": role, "mode": mode}
    return {"type": "DutyDelegated", "at": "2021-04-01", **named, "instrument": LETTER, **others}


def listed(code: str, title: str, **fields: object) -> Line:
    """A list, adopted by the county's notice."""
    return {"type": "ListAdopted", "at": "2021-02-01", "list": code, "title": title, "instrument": NOTICE, **fields}


def entered(code: str, item: str, name: str, **fields: object) -> Line:
    """An item of a list."""
    return {"type": "ListItemEntered", "at": "2021-02-01", "list": code, "item": item, "name": name, **fields}
