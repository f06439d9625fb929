"""A journal of any length about real divisions: the same for the same seed, and a prefix of any longer one.

First what the whole country shares (laws, powers, duties, burdens, nationwide lists), then prefecture after
prefecture in an order drawn by the seed, each with its counties: units, instruments, lists, delegations passed down to
the villages, and what becomes of them. Units are about a fifth of it, delegations more than a half.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

DIVISIONS = Path(__file__).with_name("divisions.csv.gz")
SEED = 20250601
BEGAN = "2015-01-01"
FIRST_DAY = date(2018, 1, 1)
DAYS = [(FIRST_DAY + timedelta(days=n)).isoformat() for n in range(365 * 9)]
LAST = 365 * 8  # decisions take effect up to here; what is after is for ends and deadlines

FUNCTIONS = {
    "emergency": "应急管理局",
    "ecology": "生态环境局",
    "housing": "住房和城乡建设局",
    "natural-resources": "自然资源和规划局",
    "urban-management": "城市管理执法局",
    "agriculture": "农业农村局",
    "water": "水利局",
    "forestry": "林业局",
    "transport": "交通运输局",
    "market": "市场监督管理局",
    "health": "卫生健康局",
    "civil-affairs": "民政局",
    "human-resources": "人力资源和社会保障局",
    "education": "教育局",
    "culture": "文化和旅游局",
    "public-security": "公安局",
    "justice": "司法局",
    "fire": "消防救援大队",
    "statistics": "统计局",
    "finance": "财政局",
    "development": "发展和改革局",
    "science-industry": "经济和信息化局",
    "medical-insurance": "医疗保障局",
    "veterans": "退役军人事务局",
    "petition": "信访局",
}
POWER_KINDS = ("penalty", "inspection", "licence", "coercion")
WORK = ("日常巡查", "隐患排查", "信息上报", "宣传教育", "台账管理", "协助处置", "初审上报", "整治督促")
BURDENS = {"form": "报表", "inspection": "检查", "mechanism": "领导小组", "workgroup": "工作群"}
VILLAGE_NAMES = "东西南北上下大小新老高长石沙李王张陈周吴林龙凤金白清桥河湖山湾坪岭沟店庙塘坝营寨"
INSTRUMENTS = ("notice", "government_document", "notice", "letter", "minutes", "rule", "provincial_decision", "verbal")

Line = dict[str, Any]


@dataclass(slots=True)
class Town:
    code: str
    name: str
    communities: int
    villages: int


@dataclass(slots=True)
class Division:
    """A county, prefecture or province with what is below it."""

    code: str
    name: str
    towns: list[Town] = field(default_factory=list)


def divisions() -> tuple[dict[str, str], dict[str, list[Division]]]:
    """The names of provinces and prefectures by code, and the counties by the code of their parent.

    `市辖区`, `县` and `省直辖县级行政区划` are no prefectures but places in the code: their counties hang under the
    province.
    """
    above: dict[str, str] = {}
    counties: dict[str, Division] = {}
    below: dict[str, list[Division]] = {}
    with gzip.open(DIVISIONS, "rt", encoding="utf-8") as stream:
        next(stream)
        for line in stream:
            code, name, communities, villages = line.rstrip("\n").split(",")
            if len(code) == 9:
                counties[code[:6]].towns.append(Town(code, name, int(communities), int(villages)))
            elif len(code) == 6:
                counties[code] = Division(code, name)
                below.setdefault(code[:4] if code[:4] in above else code[:2], []).append(counties[code])
            elif len(code) == 2 or not (name in ("市辖区", "县") or "直辖" in name):
                above[code] = name
    return above, below


def journal(decisions: int, seed: int = SEED) -> Iterator[bytes]:
    """The first `decisions` lines, each with its newline. Raises ValueError where the country is too small."""
    count = 0
    for line in islice(_country(random.Random(seed)), decisions):
        count += 1
        yield orjson.dumps(line) + b"\n"
    if count < decisions:
        raise ValueError(f"the whole country gives {count} decisions")


def write(path: Path, decisions: int, seed: int = SEED) -> None:
    """Write the journal into a file."""
    with path.open("wb") as stream:
        stream.writelines(journal(decisions, seed))


def _country(rng: random.Random) -> Iterator[Line]:
    above, below = divisions()
    yield from _nationwide()
    parents = sorted(below)
    rng.shuffle(parents)
    registered: set[str] = set()
    waiting: list[Line] = []  # what becomes of delegations long after they were recorded
    for parent in parents:
        for code in dict.fromkeys((parent[:2], parent)):
            if code not in registered:
                registered.add(code)
                yield from seat(code, above[code], "00" if len(code) == 2 else code[:2])
        for county in below[parent]:
            yield from _county(rng, county, parent, waiting)


# ------------------------------------------------------------------------------------------------------- nationwide


def _duty(function: str, n: int) -> str:
    return f"D-{function}-{n}"


def _power(function: str, n: int) -> str:
    return f"P-{function}-{n}"


def _nationwide() -> Iterator[Line]:
    yield unit("00", "中央人民政府", "central", "government", None, None)
    for n in range(15):
        yield issued(f"法律〔{n + 1}〕", f"第{n + 1}部法律", "law", "00")
    for function, bureau in FUNCTIONS.items():
        topic = bureau.removesuffix("局")
        levels = [{"level": level, "function": function} for level in ("county", "prefecture", "province")]
        for n, kind in enumerate(POWER_KINDS):
            yield matter(
                _power(function, n), "power", f"{topic}第{n + 1}项权力", lawful_holders=levels, power_kind=kind
            )
        for n, work in enumerate(WORK):
            more: Line = (
                {"requires": [_power(function, n % 4), _power(function, (n + 1) % 4)][: n % 3]} if n % 3 else {}
            )
            if n % 2:
                more["needs"] = ["staff", "funds"][: 1 + n % 4 // 2]
            yield matter(_duty(function, n), "duty", f"{topic}{work}", category=topic, lawful_holders=levels, **more)
        for kind, word in BURDENS.items():
            yield matter(f"B-{kind}-{function}", kind, f"{topic}{word}")
    town = [{"level": "township", "function": "government"}]
    for n, name in enumerate(("综合治理", "民生服务", "基层自治指导", "公共安全")):
        yield matter(f"D-township-{n}", "duty", f"乡镇{name}", category="乡镇", lawful_holders=town)
    for n in range(20):
        yield matter(f"C-{n}", "certificate", f"第{n + 1}类证明", issuer="主管部门")
    yield adopted("CN-NEG", "村级组织不应承担事项", "negative", "duty", "village", None, "法律〔1〕")
    for n, function in enumerate(list(FUNCTIONS)[:10]):
        yield item("CN-NEG", str(n), f"第{n + 1}项", matter=_duty(function, 7))
    yield item("CN-NEG", "10", "执法", terms=["行政执法", "拆迁", "招商引资"])


# ------------------------------------------------------------------------------------------------------------ lines


def unit(code: str, name: str, level: str, kind: str, parent: str | None, function: str | None, **more: Any) -> Line:
    line: Line = {"type": "UnitRegistered", "at": BEGAN, "unit": code, "name": name, "level": level, "kind": kind}
    if parent is not None:
        line["parent"] = parent
    if function is not None:
        line["function"] = function
    return line | more


def issued(number: str, title: str, kind: str, issuer: str, at: str = "2016-05-01") -> Line:
    return {
        "type": "InstrumentIssued",
        "at": at,
        "instrument": number,
        "title": title,
        "kind": kind,
        "issuer": issuer,
    }


def matter(code: str, kind: str, name: str, **more: Any) -> Line:
    return {"type": "MatterDefined", "at": BEGAN, "matter": code, "kind": kind, "name": name} | more


def adopted(
    code: str, title: str, polarity: str, covers: str, audience: str, scope: str | None, instrument: str, **more: Any
) -> Line:
    line: Line = {
        "type": "ListAdopted",
        "at": "2017-06-01",
        "list": code,
        "title": title,
        "polarity": polarity,
        "covers": covers,
        "audience": audience,
        "instrument": instrument,
    }
    if scope is not None:
        line["scope"] = scope
    return line | more


def item(code: str, item: str, name: str, **more: Any) -> Line:
    return {"type": "ListItemEntered", "at": "2017-07-01", "list": code, "item": item, "name": name} | more


def seat(code: str, name: str, parent: str) -> Iterator[Line]:
    """A province or prefecture with its departments."""
    level = "province" if len(code) == 2 else "prefecture"
    yield unit(code, name, level, "government", parent, None)
    for function, bureau in FUNCTIONS.items():
        guide = {"guided_by": f"{parent}-{function}"} if len(parent) == 2 and parent != "00" else {}
        yield unit(f"{code}-{function}", name + bureau, level, "department", code, function, **guide)
    for n, kind in enumerate(INSTRUMENTS):
        yield issued(f"{code}〔2016〕{n + 1}号", f"{name}文件{n + 1}", kind, code)


# ----------------------------------------------------------------------------------------------------------- county


def _county(rng: random.Random, county: Division, parent: str, waiting: list[Line]) -> Iterator[Line]:
    code, name = county.code, county.name
    chance, functions = rng.random, list(FUNCTIONS)
    yield unit(code, name, "county", "government", parent, None)
    for function, bureau in FUNCTIONS.items():
        yield unit(
            f"{code}-{function}",
            name + bureau,
            "county",
            "department",
            code,
            function,
            guided_by=f"{parent}-{function}",
        )
    villages: dict[str, list[str]] = {}
    for town in county.towns:
        # 4xx and 5xx are development zones, farms and the like: a seat without a people's government.
        kind = "dispatched" if town.code[6] in "45" else "government"
        yield unit(town.code, town.name, "township", kind, code, None)
        for station, bureau in (("justice", "司法所"), ("public-security", "派出所")):
            station_code = f"{town.code}-{station}"
            yield unit(
                station_code,
                town.name + bureau,
                "township",
                "dispatched",
                f"{code}-{station}",
                station,
                stationed_at=town.code,
            )
        numbers = [*range(1, town.communities + 1), *range(200, 200 + town.villages)]
        villages[town.code] = [f"{town.code}{number:03d}" for number in numbers]
        for village, number in zip(villages[town.code], numbers, strict=True):
            called = "".join(VILLAGE_NAMES[int(chance() * len(VILLAGE_NAMES))] for _ in "ab")
            suffix = "社区居委会" if number < 200 else "村委会"
            yield unit(village, called + suffix, "village", "village", town.code, None)
    papers = [f"{code}〔2017〕{n + 1}号" for n in range(20)]
    for n, number in enumerate(papers):
        yield issued(number, f"{name}文件{n + 1}", INSTRUMENTS[n % len(INSTRUMENTS)], code, "2017-03-01")
    letters = {town.code: f"{town.code}责任书" for town in county.towns}
    for town in county.towns:
        yield issued(letters[town.code], f"{town.name}目标责任书", "letter", code, "2017-03-02")
    yield from _lists(rng, code, papers)

    later: list[Line] = []
    count = 0

    def ref() -> str:
        nonlocal count
        count += 1
        return f"{code}-{count}"

    def follow(transfer: Line, day: int) -> None:
        """What becomes of one delegation in eight."""
        chosen = chance()
        if chosen > 0.125:
            return
        after = DAYS[min(day + 30 + int(chance() * 300), len(DAYS) - 1)]
        it = transfer["ref"]
        if chosen < 0.08:
            reason = "returned" if chosen < 0.02 else "revoked" if chosen < 0.04 else "completed"
            line: Line = {"type": "DelegationEnded", "at": after, "ref": it, "reason": reason}
        elif chosen < 0.11 and transfer["type"] == "DutyDelegated":
            line = {"type": "ResourcesAllotted", "at": after, "ref": it, "brings": ["funds"]}
        elif chosen < 0.122:
            line = {"type": "Corrected", "at": after, "ref": it, "set": {"instrument": papers[int(chance() * 20)]}}
        else:
            line = {"type": "Annulled", "at": after, "ref": it}
        later.append(line)

    for function in functions:
        for n in range(5):
            day = int(chance() * LAST)
            transfer = delegated(
                ref(), _duty(function, n), f"{parent}-{function}", f"{code}-{function}", DAYS[day], "lead", "assigned"
            ) | {"instrument": papers[n], "due_on": DAYS[day + 300]}
            yield transfer
            follow(transfer, day)
    for town in county.towns:
        letter = letters[town.code]
        for n in range(9):
            day = int(chance() * LAST)
            function = functions[int(chance() * 25)]
            role = "lead" if chance() < 0.6 else "share" if chance() < 0.5 else "assist"
            mode = ("letter", "territorial", "assigned", "entrusted")[int(chance() * 4)]
            duty, sender = _duty(function, int(chance() * 8)), f"{code}-{function}"
            transfer = delegated(ref(), duty, sender, town.code, DAYS[day], role, mode)
            transfer["instrument"] = letter if mode == "letter" else papers[int(chance() * 20)]
            transfer["due_on"] = DAYS[day + 120]
            if n % 3 == 0:
                transfer["brings"] = ["staff", "funds"]
            yield transfer
            follow(transfer, day)
            below = villages[town.code]
            for village in below[n % 4 :: 4] if n < 8 else ():  # each village gets two of its township's
                passed = delegated(ref(), duty, town.code, village, DAYS[day + 10], "assist", "territorial")
                passed["instrument"], passed["under"], passed["due_on"] = letter, transfer["ref"], DAYS[day + 60]
                if chance() < 0.2:
                    passed["role"] = "lead"
                yield passed
                follow(passed, day + 10)
        for n in range(3):
            day = int(chance() * LAST)
            function = functions[int(chance() * 25)]
            grant = {
                "type": "PowerGranted",
                "at": DAYS[day],
                "ref": ref(),
                "matter": _power(function, n),
                "from": f"{code}-{function}",
                "to": town.code,
                "mode": "devolved" if chance() < 0.7 else "entrusted",
                "instrument": papers[int(chance() * 20)],
            }
            yield grant
            follow(grant, day)
        yield from _voices(rng, code, town.code, villages[town.code], papers, ref, follow)
    rng.shuffle(later)
    kept = len(later) // 10
    yield from later[kept:]
    # A tenth waits for later counties; what waited since earlier ones comes now.
    waiting.extend(later[:kept])
    for _ in range(kept if len(waiting) > 20 * kept else 0):
        index = int(chance() * len(waiting))
        waiting[index], waiting[-1] = waiting[-1], waiting[index]
        yield waiting.pop()


def delegated(ref: str, duty: str, sender: str, to: str, at: str, role: str, mode: str) -> Line:
    return {
        "type": "DutyDelegated",
        "at": at,
        "ref": ref,
        "matter": duty,
        "from": sender,
        "to": to,
        "role": role,
        "mode": mode,
    }


def _lists(rng: random.Random, code: str, papers: list[str]) -> Iterator[Line]:
    """Basic duties, duties to assist with, powers handed down, what was taken back, and the villages' own."""
    functions = rng.sample(list(FUNCTIONS), 25)
    yield adopted(f"{code}-L", "基本履职事项清单", "positive", "duty", "township", code, papers[1], assigns="lead")
    for n in range(8):
        yield item(f"{code}-L", str(n), f"基本{n}", matter=_duty(functions[n], n))
    yield adopted(f"{code}-A", "配合履职事项清单", "positive", "duty", "township", code, papers[1], assigns="assist")
    for n in range(7):
        function = functions[n + 8]
        yield item(
            f"{code}-A",
            str(n),
            f"配合{n}",
            matter=_duty(function, n),
            **{"from": f"{code}-{function}"},
            brings=["funds"],
        )
    yield adopted(f"{code}-P", "赋权清单", "positive", "power", "township", code, papers[6], assigns="devolved")
    for n in range(12):
        function = functions[n]
        yield item(f"{code}-P", str(n), f"赋权{n}", matter=_power(function, 0), **{"from": f"{code}-{function}"})
    yield adopted(f"{code}-B", "上级部门收回事项清单", "negative", "duty", "township", code, papers[1])
    for n in range(30):
        yield item(f"{code}-B", str(n), f"收回{n}", matter=_duty(functions[n % 25], 6 + n // 25))
    yield adopted(f"{code}-V", "村级协助事项清单", "positive", "duty", "village", code, papers[1], assigns="assist")
    for n in range(10):
        yield item(f"{code}-V", str(n), f"协助{n}", matter=_duty(functions[n + 5], n % 7), **{"from": code})


def _voices(
    rng: random.Random, code: str, town: str, below: list[str], papers: list[str], ref: Any, follow: Any
) -> Iterator[Line]:
    """Burdens and what is said of them; proposals, demands and waivers."""
    chance, functions, kinds = rng.random, list(FUNCTIONS), list(BURDENS)
    units = [town, *(village for village in below if chance() < 0.6)]
    for index, unit in enumerate(units):
        day = int(chance() * LAST)
        function = functions[int(chance() * 25)]
        burden = {
            "type": "BurdenImposed",
            "at": DAYS[day],
            "ref": ref(),
            "matter": f"B-{kinds[int(chance() * 4)]}-{function}",
            "from": f"{code}-{function}" if unit == town else town,
            "to": unit,
            "instrument": papers[int(chance() * 20)],
        }
        yield burden
        follow(burden, day)
        if index == 0:
            waiver = {"type": "FindingWaived", "at": DAYS[day], "rule": "off-list", "subject": burden["ref"]}
            yield waiver | {"unit": unit, "by": code, "reason": "试点"}
        elif index == 1:
            report = f"R-{burden['ref']}"
            sent = {
                "type": "BurdenReported",
                "at": DAYS[day + 5],
                "report": report,
                "unit": unit,
                "text": "重复填报",
            }
            yield sent | {"about": burden["ref"]}
            answer = {"type": "ReportAnswered", "at": DAYS[day + 20], "report": report, "by": code, "text": "已核实"}
            yield answer | {"outcome": "upheld"}
            demand = {"type": "CertificateDemanded", "at": DAYS[day], "ref": ref(), "matter": f"C-{day % 20}"}
            yield demand | {"from": f"{code}-{function}", "to": unit}
    proposal = {
        "type": "DelegationProposed",
        "at": DAYS[int(chance() * LAST)],
        "proposal": f"Q-{town}",
        "matter": _duty(functions[int(chance() * 25)], 3),
        "from": code,
        "to": town,
        "role": "assist",
        "mode": "assigned",
        "instrument": papers[0],
    }
    yield proposal
    answered = "ProposalAdmitted" if chance() < 0.5 else "ProposalRefused"
    yield {"type": answered, "at": DAYS[LAST], "proposal": proposal["proposal"], "by": code}


def shares(decisions: int) -> dict[str, float]:
    """How large a part of the journal each type is."""
    counts: dict[str, int] = {}
    for line in journal(decisions):
        name = json.loads(line)["type"]
        counts[name] = counts.get(name, 0) + 1
    return {name: count / decisions for name, count in sorted(counts.items(), key=lambda each: -each[1])}
