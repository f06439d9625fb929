"""A county whose lists come as spreadsheets: its departments by their real names, the matters and papers it knows."""

from __future__ import annotations

from typing import Any

from tests.support.worlds import decision

COUNTY = "420684"
DEPARTMENTS = {
    "office": "宜城市人民政府办公室",
    "public-security": "宜城市公安局",
    "civil-affairs": "宜城市民政局",
    "justice": "宜城市司法局",
    "finance": "宜城市财政局",
    "human-resources": "宜城市人力资源和社会保障局",
    "natural-resources": "宜城市自然资源和规划局",
    "ecology": "襄阳市生态环境局宜城分局",
    "urban-management": "宜城市城市管理执法局",
    "transport": "宜城市交通运输局",
    "water": "宜城市水利和湖泊局",
    "agriculture": "宜城市农业农村局",
    "commerce": "宜城市商务局",
    "culture": "宜城市文化和旅游局",
    "health": "宜城市卫生健康局",
    "veterans": "宜城市退役军人事务局",
    "emergency": "宜城市应急管理局",
    "audit": "宜城市审计局",
    "market": "宜城市市场监督管理局",
    "statistics": "宜城市统计局",
    "medical-insurance": "宜城市医疗保障局",
    "petition": "宜城市信访局",
    "education": "宜城市教育局",
    "development": "宜城市发展和改革局",
    "science-industry": "宜城市经济和信息化局",
    "forestry": "宜城市林业局",
    "data": "宜城市政务服务和大数据管理局",
    "fire": "宜城市消防救援大队",
}
ALIASES = {
    "housing": ("宜城市住房和城市更新局", ["宜城市住房和城乡建设局"]),
    "disabled": ("宜城市残疾人联合会", ["宜城市残联"]),
    "women": ("宜城市妇女联合会", ["宜城市妇联"]),
}
PARTY = {
    "organization": "中共宜城市委组织部",
    "publicity": "中共宜城市委宣传部",
    "united-front": "中共宜城市委统一战线工作部",
    "political-legal": "中共宜城市委政法委员会",
    "staffing": "中共宜城市委机构编制委员会办公室",
    "party-office": "中共宜城市委办公室",
    "discipline": "中共宜城市纪律检查委员会",
    "social-work": "中共宜城市委社会工作部",
}
TOWNS = {
    "420684102": "小河镇",
    "420684103": "郑集镇",
    "420684106": "流水镇",
    "420684108": "雷河镇",
    "420684001": "鄢城街道",
}


def units() -> list[dict[str, Any]]:
    """The units, from above downwards."""
    made = [
        _unit("4206", "襄阳市人民政府", "prefecture", "government"),
        _unit("4206-public-security", "襄阳市公安局", "prefecture", "department", "4206", function="public-security"),
        _unit(COUNTY, "宜城市人民政府", "county", "government", "4206", aliases=["宜城市"]),
    ]
    for function, name in DEPARTMENTS.items():
        made.append(_unit(f"{COUNTY}-{function}", name, "county", "department", COUNTY, function=function))
    for function, (name, aliases) in ALIASES.items():
        made.append(
            _unit(f"{COUNTY}-{function}", name, "county", "department", COUNTY, function=function, aliases=aliases)
        )
    for function, name in PARTY.items():
        made.append(_unit(f"{COUNTY}-{function}", name, "county", "party", COUNTY, function=function))
    for code, name in TOWNS.items():
        made.append(_unit(code, f"宜城市{name}人民政府" if "镇" in name else name, "township", "government", COUNTY))
        made.append(_unit(f"{code}201", f"{name[0]}家村民委员会", "village", "village", code))
    return made


def matters() -> list[dict[str, Any]]:
    """What the registry knows already: some of the nation's, and one that another county calls its own."""
    law = [{"level": "county", "function": "emergency"}]
    return [
        _matter("D-CENSUS", "duty", "人口普查入户登记", aliases=["人口普查登记"]),
        _matter("D-FOREST-FIRE", "duty", "森林防灭火", category="平安法治", lawful_holders=law),
        _matter("D-DROWNING", "duty", "防溺水巡查", basis=["《未成年人保护法》第三十条"]),
        _matter("D-COMMUNITY-CORRECTION", "duty", "社区矫正工作"),
        _matter("D-OLD-AGE", "duty", "养老服务"),
        _matter("D-OLD-AGE-2", "duty", "养老服务"),
        _matter(
            "P-STRAW",
            "power",
            "对露天焚烧秸秆的行政处罚",
            power_kind="penalty",
            basis=["《大气污染防治法》第一百一十九条"],
        ),
        _matter(
            "C-KINSHIP",
            "certificate",
            "亲属关系证明",
            aliases=["家庭关系证明"],
            issuer="派出所",
            alternative="凭户口簿",
        ),
        _matter("420606-D-AAAAAAAA", "duty", "樊城特有事项"),
        _matter("F-LEDGER", "form", "防返贫监测对象台账"),
    ]


def papers() -> list[dict[str, Any]]:
    """The documents of three years."""
    return [
        decision(
            "InstrumentIssued", f"{year}-03-01", instrument=f"宜办发〔{year}〕6号", title="履职清单", kind="notice"
        )
        for year in (2024, 2025, 2026)
    ] + [
        decision(
            "InstrumentIssued", "2021-07-15", instrument="鄂政发〔2021〕12号", title="决定", kind="provincial_decision"
        )
    ]


def journal() -> list[dict[str, Any]]:
    """All of it, in an order that imports."""
    return [*units(), *matters(), *papers()]


def _unit(code: str, name: str, level: str, kind: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    above = {} if parent is None else {"parent": parent}
    return decision("UnitRegistered", "2019-01-01", unit=code, name=name, level=level, kind=kind, **above, **more)


def _matter(code: str, kind: str, name: str, **more: Any) -> dict[str, Any]:
    return decision("MatterDefined", "2000-01-01", matter=code, kind=kind, name=name, **more)
