"""Two counties that mirror each other, with the same done to each of their towns: what is of a town has its mark."""

from __future__ import annotations

from typing import Any

from tests.support.worlds import BASIS, Line, decision, unit

TOWNS = ("A-town", "A-town2", "B-town", "B-town2")
DAY, LATER = "2022-01-01", "2023-01-01"


def mark(town: str) -> str:
    """What is in every id and text that is of a town, and in nothing that is published."""
    return f"S-{town}."


def county(name: str) -> list[Line]:
    """A county with its bureaus, two towns and their villages."""
    units = [
        unit(name, "county", "government", "4206"),
        unit(f"{name}-water", "county", "department", name, function="water"),
        unit(f"{name}-org", "county", "department", name, function="organization"),
    ]
    for town in (f"{name}-town", f"{name}-town2"):
        units += [
            unit(town, "township", "government", name),
            unit(f"{town}-village", "village", "village", town, monitored=True),
        ]
    paper = decision("InstrumentIssued", "2018-01-01", instrument=f"{name}号", title="通知", kind="notice", issuer=name)
    listed = {"polarity": "positive", "covers": "form", "audience": "village", "instrument": f"{name}号"}
    plan = decision("ListAdopted", "2019-01-01", list=f"{name}-PLAN", title="报表清单", scope=name, **listed)
    return [*units, paper, plan]


def events(town: str) -> list[Line]:
    """What was done to a town and its village."""
    name, village, water = town.partition("-")[0], f"{town}-village", f"{town.partition('-')[0]}-water"
    paper, s = {"instrument": f"{name}号"}, mark(town)

    def sent(kind: str, ref: str, matter: str, from_: str, to: str, **more: Any) -> Line:
        return decision(kind, DAY, ref=f"{s}{ref}", matter=matter, from_=from_, to=to) | more

    duty = {"role": "lead", "mode": "assigned", **paper}
    return [
        sent("DutyDelegated", "D1", "D-SAND", water, town, **duty, note=f"{s}note"),
        sent("DutyDelegated", "D2", "D-SAND", town, village, under=f"{s}D1", **duty),
        sent("PowerGranted", "G1", "P-SAND", water, town, mode="entrusted", **paper),
        sent("BurdenImposed", "B1", "F-LEDGER", town, village, **paper),
        sent("BurdenImposed", "B2", "F-HOUSE", town, village, **paper),
        sent("BurdenImposed", "B3", "F-LEDGER", water, town, **paper),
        sent("CertificateDemanded", "C1", "C-KIN", town, village),
        decision("BurdenReported", DAY, report=f"{s}Q1", unit=village, text=f"{s}太多", about=f"{s}B1"),
        decision("BurdenReported", DAY, report=f"{s}Q2", unit=village, text=f"{s}巡河台账太多"),
        decision("ReportAnswered", DAY, report=f"{s}Q1", by=town, text=f"{s}取消", outcome="upheld"),
        decision("DelegationProposed", DAY, proposal=f"{s}P1", matter="D-RIVER", from_=water, to=town, **paper),
        decision(
            "RectificationOrdered",
            DAY,
            ref=f"{s}Z1",
            rule="duty-without-power",
            subject=f"{s}D2",
            unit=village,
            by=town,
            text=f"{s}整改",
            due_on="2022-06-30",
        ),
        decision("RectificationAnswered", DAY, ref=f"{s}Z1", by=village, text=f"{s}已办", outcome="done"),
        decision(
            "CaseRecorded",
            DAY,
            case=f"{s}A1",
            title=f"{s}案例",
            text="已尽责",
            outcome="exempted",
            by=town,
            matter="D-SAND",
            about=[f"{s}D1"],
        ),
        decision("UnitAssessed", DAY, assessment=f"{s}Y1", unit=town, by=village, period="2022", score=80, text=s),
        decision("BurdenImposed", DAY, ref=f"{s}B4", matter="F-LEDGER", from_=town, to=village, **paper),
        decision("DelegationEnded", "2022-03-01", ref=f"{s}B4", reason="completed"),
    ]


JOURNAL: list[Line] = [
    unit("4206", "prefecture", "government"),
    *(line for line in BASIS if "420684" not in line.values()),
    decision("MatterDefined", "2000-01-01", matter="F-HOUSE", kind="form", name="入户登记表", asks=["姓名", "电话"]),
    decision("InstrumentIssued", "2018-01-01", instrument="通知1号", title="通知", kind="notice"),
]
JOURNAL = [
    *sorted(
        (line for line in JOURNAL if line.get("list") is None),
        key=lambda line: line["type"] != "UnitRegistered",
    ),
    *(line for line in BASIS if line.get("list") == "NEG"),
    *county("A"),
    *county("B"),
    *(line for town in TOWNS for line in events(town)),
]

RECORD = "mutation ($decisions: [JSON!]!) { record(decisions: $decisions) { positions } }"
# Decisions that name what is another's ($ begins its ids).
NAMING_ANOTHERS: list[Line] = [
    decision("DelegationEnded", LATER, ref="$D1", reason="completed"),
    decision("ResourcesAllotted", LATER, ref="$D1", brings=["staff"]),
    decision("ProposalAdmitted", LATER, proposal="$P1", by="A"),
    decision("ReportAnswered", LATER, report="$Q1", by="A", text="好", outcome="upheld"),
    decision("RectificationAnswered", LATER, ref="$Z1", by="A", text="好", outcome="done"),
    decision("Annulled", LATER, ref="$D1"),
    decision("Corrected", LATER, ref="$D1", set_={"from": "A-water"}),
    decision("Annulled", LATER, of={"type": "CaseRecorded", "case": "$A1"}),
    decision("FindingWaived", LATER, rule="duty-without-power", subject="$D1", unit="A-town", by="A", reason="x"),
    decision("BurdenReported", LATER, report="probe", unit="A-town", text="x", about="$B1"),
    decision("CaseRecorded", LATER, case="probe", title="x", text="x", outcome="held", by="A", about=["$D1"]),
    decision("DutyDelegated", LATER, ref="probe", matter="D-SAND", from_="A-water", to="A-town", role="lead")
    | {"mode": "assigned", "instrument": "A号", "under": "$D1"},
]
