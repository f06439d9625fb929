"""A county whose burdens are counted by hand: plans, forms that share fields, and what was imposed in three years."""

from __future__ import annotations

from typing import Any

from tests.support.worlds import COUNTY, Line, decision, unit


def burden(ref: str, at: str, matter: str, **more: Any) -> Line:
    """A burden that the town lays on the village."""
    base = {"ref": ref, "matter": matter, "from": "town", "to": "village", "instrument": "通知1号"}
    return decision("BurdenImposed", at) | base | {name.rstrip("_"): value for name, value in more.items()}


def matter(code: str, kind: str, name: str, **more: Any) -> Line:
    return decision("MatterDefined", "2000-01-01", matter=code, kind=kind, name=name, **more)


def plan(code: str, covers: str, **more: Any) -> Line:
    base = {"list": code, "title": f"计划{code}", "polarity": "positive", "covers": covers, "audience": "village"}
    return decision("ListAdopted", "2020-01-01", scope="420684", instrument="通知1号") | base | more


def item(code: str, name: str, **more: Any) -> Line:
    return decision("ListItemEntered", "2020-01-01", list=code, item="1", name=name, **more)


HOUSE = ["户主姓名", "家庭人口", "联系电话"]
JOURNAL = [
    *COUNTY,
    matter("I-SAFE", "inspection", "安全检查", category="安全"),
    matter("I-PARTY", "inspection", "党建检查"),
    matter("M-SIGN", "mechanism", "便民服务点牌子"),
    matter("W-CHAT", "workgroup", "工作群"),
    matter("F-HOUSE", "form", "入户登记表", asks=HOUSE),
    matter("F-POOR", "form", "帮扶台账", asks=["家庭人口", "户主姓名", "联系电话 ", "年收入"]),
    matter("F-AWAY", "form", "外出务工表", asks=["户主姓名", "家庭人口", "务工地点"]),
    matter("F-PHONE", "form", "通讯录", asks=["联系电话"]),
    matter("F-CROPS", "form", "播种表", asks=["作物", "面积"]),
    plan("P-INSPECT", "inspection", quota=2),
    item("P-INSPECT", "安全类检查", category="安全"),
    plan("P-FORMS", "form", quota=1),
    item("P-FORMS", "巡河台账", terms=["巡河"]),
    plan("P-SIGNS", "mechanism"),
    item("P-SIGNS", "牌子", matter="M-SIGN"),
    # Last year: three inspections (two of them by 30 June), one form, two signs of which one is taken down in time.
    burden("I1", "2021-02-01", "I-SAFE", until="2021-03-01"),
    burden("I2", "2021-05-01", "I-PARTY"),
    burden("I3", "2021-11-01", "I-SAFE"),
    burden("F0", "2021-01-01", "F-LEDGER", until="2021-12-01"),
    burden("S0", "2021-06-01", "M-SIGN"),
    burden("S1", "2021-06-02", "M-SIGN", until="2021-12-31"),
    # This year.
    burden("J1", "2022-01-10", "I-SAFE", until="2022-01-20"),
    burden("J2", "2022-03-01", "I-PARTY"),
    burden("J3", "2022-04-01", "I-SAFE", due_on="2022-06-15"),
    burden("F1", "2022-05-01", "F-LEDGER", due_on="2022-06-10"),
    decision(
        "DelegationProposed",
        "2022-04-01",
        proposal="A1",
        matter="F-HOUSE",
        from_="town",
        to="village",
        instrument="通知1号",
    ),
    decision("ProposalAdmitted", "2022-04-20", proposal="A1", by="420684"),
    burden("F2", "2022-06-01", "F-HOUSE", proposal="A1"),
    burden("W1", "2022-07-01", "W-CHAT"),
    # On others: the town itself, and a village that is merged into the first in 2023.
    burden("T1", "2022-02-01", "F-LEDGER", from_="water", to="town"),
    burden("V1", "2021-03-01", "F-LEDGER", to="village2"),
    decision("UnitDissolved", "2023-01-01", unit="village2", successor="village"),
    decision("DutyDelegated", "2022-06-20", ref="D1", matter="D-RIVER", from_="town", to="village")
    | {"role": "assist", "mode": "assigned", "instrument": "通知1号"},
]
# Forms that ask for the same fields, laid on a village of their own.
SHARED_FIELDS = [
    unit("v", "village", "village", "town2"),
    burden("H", "2024-01-01", "F-HOUSE", from_="town2", to="v"),
    burden("P", "2024-01-01", "F-POOR", from_="town2", to="v"),
    burden("A", "2024-01-01", "F-AWAY", from_="water", to="v"),
    burden("N", "2024-01-01", "F-PHONE", from_="town2", to="v"),
    burden("C", "2024-01-01", "F-CROPS", from_="town2", to="v"),
    burden("C2", "2024-02-01", "F-CROPS", from_="water", to="v"),
    burden("old", "2024-01-01", "F-AWAY", from_="market", to="v", until="2024-03-01"),
]
