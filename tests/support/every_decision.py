"""An example of every type of decision: each is tried through its slice, the journal and its GraphQL mutation."""

from __future__ import annotations

from tests.support.worlds import Line, decision, duty, grant, unit

PAPER = {"instrument": "通知1号"}
# In an order in which they can be recorded after COUNTY.
EXAMPLES: list[Line] = [
    unit("office", "county", "department", "420684", function="letters", aliases=["信访办"]),
    decision("UnitRevised", "2001-01-01", unit="office", stationed_at="town", function="complaints"),
    decision("UnitRevised", "2001-06-01", unit="office", stationed_at=None, aliases=None),
    decision("UnitRenamed", "2002-01-01", unit="office", name="信访局"),
    decision("UnitMoved", "2003-01-01", unit="office", parent="4206"),
    decision("UnitDissolved", "2024-01-01", unit="office", successor="water"),
    decision("InstrumentIssued", "2018-06-01", instrument="通知2号", title="通知", kind="notice", issuer="420684"),
    decision("InstrumentRepealed", "2023-01-01", instrument="通知2号", replaced_by="通知1号"),
    decision(
        "MatterDefined",
        "2001-01-01",
        matter="D-NEW",
        kind="duty",
        name="新事项",
        category="综合",
        aliases=["别名"],
        basis=["《条例》第一条"],
        lawful_holders=[{"level": "county", "function": "water"}],
        requires=["P-SAND"],
        needs=["staff", "funds"],
    ),
    decision("MatterRevised", "2002-01-01", matter="D-NEW", name="新名", lawful_holders=[]),
    decision(
        "MatterDefined",
        "2020-01-01",
        matter="S-BIRTH",
        kind="service",
        name="新生儿出生“一件事”",
        includes=["C-KIN", "P-SAND"],
        window="township",
        materials=["居民户口簿"],
    ),
    decision("MatterRevised", "2021-01-01", matter="S-BIRTH", window=None, materials=None, online="政务服务网"),
    decision("MatterRetired", "2023-01-01", matter="D-NEW"),
    decision("PowerVested", "2019-01-01", power="P-SAND", unit="market", **PAPER),
    decision("PowerDivested", "2020-01-01", power="P-SAND", unit="market"),
    decision(
        "ListAdopted",
        "2019-01-01",
        list="FORMS",
        title="报表清单",
        polarity="positive",
        covers="form",
        audience="village",
        scope="420684",
        closed=False,
        quota=0,
        **PAPER,
    ),
    decision(
        "ListItemEntered", "2019-02-01", list="NEG", item="9", name="不得", terms=["采砂"], roles=["lead", "assist"]
    ),
    decision("ListItemWithdrawn", "2023-01-01", list="NEG", item="9"),
    decision("ListRepealed", "2023-01-01", list="FORMS"),
    decision(
        "DelegationProposed",
        "2020-01-01",
        proposal="P-1",
        matter="D-RIVER",
        from_="water",
        to="village",
        role="share",
        mode="assigned",
        brings=["funds"],
        due_on="2020-12-31",
        **PAPER,
    ),
    decision("ProposalAdmitted", "2020-01-05", proposal="P-1", by="420684", reason="可以"),
    decision(
        "DelegationProposed", "2020-01-01", proposal="P-2", matter="F-LEDGER", from_="water", to="village", **PAPER
    ),
    decision("ProposalRefused", "2020-01-05", proposal="P-2", by="420684"),
    duty("R-1", until="2025-01-01", due_on="2020-06-01", brings=["staff"], note="备注"),
    duty("R-2", "2020-02-01", from_="town", to="village", under="R-1"),
    grant("G-1", brings=["funds"]),
    decision("BurdenImposed", "2020-05-01", ref="B-1", matter="F-LEDGER", from_="water", to="village", **PAPER),
    decision("DelegationEnded", "2021-01-01", ref="B-1", reason="completed", **PAPER),
    decision("ResourcesAllotted", "2020-03-01", ref="R-1", brings=["funds"]),
    decision("CertificateDemanded", "2020-03-01", ref="C-1", matter="C-KIN", from_="market", to="village"),
    decision("BurdenReported", "2020-06-01", report="Q-1", unit="village", text="太多", about="B-1"),
    decision("ReportAnswered", "2020-06-09", report="Q-1", by="420684", text="取消", outcome="upheld"),
    decision(
        "FindingWaived", "2020-02-01", rule="negative-list", subject="R-2", unit="village", by="420684", reason="试点"
    ),
    decision("WaiverLifted", "2021-02-01", rule="negative-list", subject="R-2", unit="village"),
    decision(
        "CaseRecorded",
        "2021-03-01",
        case="A-1",
        title="镇里没有处罚权",
        text="已尽告知、劝阻、报告之责，不予问责。",
        outcome="exempted",
        by="420684",
        matter="D-RIVER",
        category="水利",
        rule="duty-without-power",
        about=["R-1", "C-1"],
        **PAPER,
    ),
    decision(
        "UnitAssessed", "2021-04-01", assessment="Y-1", unit="water", by="town", period="2021-Q1", score=80, text="尚可"
    ),
    decision("Corrected", "2022-01-01", ref="R-1", set_={"role": "share", "until": None}),
    decision("Reinstated", "2022-02-01", ref="B-1"),
    decision("Annulled", "2022-03-01", ref="R-2"),
]
