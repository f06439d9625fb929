"""A small random world: its units, papers and matters, and the days on which things are decided.

Days come from a small pool, so that starts and ends coincide and facts come in late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from random import Random
from typing import Any, Final

Line = dict[str, Any]

BEGINNING: Final = "2019-01-01"
DAYS: Final = (
    "2019-12-31",
    "2020-01-01",
    "2020-02-01",
    "2020-02-02",
    "2020-03-01",
    "2020-06-30",
    "2020-07-01",
    "2021-01-01",
    "2021-01-02",
    "2021-07-15",  # another Penalty Law
)
# Days to ask about: each of the pool, the day before and the day after the whole.
QUERY_DAYS: Final = ("2018-12-31", BEGINNING, *DAYS, "2021-07-14", "2021-12-31")
WORDS: Final = ("安全生产", "拆迁", "检查", "河道", "食品", "台账", "证明")
INSTRUMENT_KINDS: Final = (
    *("law", "regulation", "rule", "provincial_decision", "provincial_decision"),
    *("government_document", "notice", "notice", "letter", "minutes", "verbal"),
)
POWER_KINDS: Final = ("penalty", "penalty", "licence", "coercion", "inspection", "levy", "other")
RULES: Final = (
    *("duty-without-power", "negative-list", "off-list", "void-grant"),
    *("unfit-instrument", "re-entrusted", "expired-basis", "incapable-recipient", "informal-order"),
)
LAWFUL: Final = (
    {"level": "county", "function": "market"},
    {"level": "county", "function": "water"},
    {"level": "county", "function": "government"},
    {"level": "township", "function": "government"},
    {"level": "township", "function": "market"},
)
BURDENS: Final = ("form", "inspection", "meeting", "document", "mechanism", "workgroup")


class World:
    """What the lines so far brought in, and the lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.ids: dict[str, list[str]] = defaultdict(list)  # by what bears them: unit, duty, DutyDelegated, …
        self.amended: list[Line] = []
        self.by_id: dict[str, Line] = {}  # by ref, list or item subject: the line that brought it in

    def add(self, type_: str, at: str, **fields: Any) -> Line:
        named = {field.rstrip("_"): value for field, value in fields.items() if value not in (None, [], ())}
        line: Line = {"type": type_, "at": at, **named}
        self.lines.append(line)
        return line

    def new(self, sort: str, prefix: str, line_of: Callable[[str], Line]) -> None:
        code = f"{prefix}{len(self.ids[sort]) + 1}"
        self.by_id[code] = line_of(code)
        self.ids[sort].append(code)


# ------------------------------------------------------------------------------------------------ the world as it is


def base(random: Random) -> World:
    """A province with a county of towns, villages, bureaus and a station; papers, matters; some sketched anew."""
    world = World()

    def unit(code: str, level: str, kind: str, parent: str | None, **more: Any) -> None:
        world.add(
            "UnitRegistered", BEGINNING, unit=code, name=f"单位{code}", level=level, kind=kind, parent=parent, **more
        )
        world.ids["unit"].append(code)

    unit("42", "province", "government", None)
    unit("4206", "prefecture", "government", "42")
    unit("4206-market", "prefecture", "department", "4206", function="market")
    for county in ("420684", "420606")[: random.choice((1, 1, 2))]:
        unit(county, "county", "government", "4206")
        unit(f"{county}-market", "county", "department", county, function="market", guided_by="4206-market")
        unit(f"{county}-water", "county", "department", county, function="water")
        for town in (f"{county}101", f"{county}102"):
            unit(town, "township", "government", county)
            unit(f"{town}201", "village", "village", town)
        unit(f"{county}101202", "village", "village", f"{county}101")
        unit(f"{county}101-office", "township", "department", f"{county}101", function="enforcement")
        unit(f"{county}101-squad", "township", "dispatched", f"{county}101-office")
        unit(
            f"{county}-station",
            "township",
            "dispatched",
            f"{county}-market",
            function="market",
            stationed_at=f"{county}101",
        )
    if random.random() < 0.3:
        unit("420684101-group", "township", "party", "420684101")
    for kind in ("law", "provincial_decision", "rule", "notice"):
        issue(world, random, kind, BEGINNING)
    for kind in ("power", "power", "power", "duty", "duty", "duty", "form", "inspection", "mechanism", "certificate"):
        define(world, random, kind, BEGINNING)
    for kind in ("meeting", "document", "service"):
        define(world, random, kind, BEGINNING)
    return world


def issue(world: World, random: Random, kind: str | None = None, at: str | None = None) -> None:
    issuer = maybe(random, 0.3, world.ids["unit"])
    kind, at = kind or random.choice(INSTRUMENT_KINDS), at or random.choice(DAYS)
    world.new(
        "instrument",
        "文〔2020〕",
        lambda code: world.add("InstrumentIssued", at, instrument=code, title="通知", kind=kind, issuer=issuer),
    )


def define(world: World, random: Random, kind: str | None = None, at: str | None = None) -> None:
    kind = kind or random.choice(("duty", "duty", "power", "certificate", "service", *BURDENS))
    more = attributes(world, random, kind)
    at = at or random.choice(DAYS)

    def line(code: str) -> Line:
        return world.add("MatterDefined", at, matter=code, kind=kind, name=name(random), **more)

    world.new(kind, kind.upper()[:2] + "-", line)
    world.ids["matter"].append(world.ids[kind][-1])


def attributes(world: World, random: Random, kind: str) -> Line:
    """What is said of a matter of the kind."""
    more: Line = {
        "category": maybe(random, 0.4, ("甲类", "乙类")),
        "aliases": [name(random)] if random.random() < 0.2 else None,
        "basis": ["《某法》第一条"] if random.random() < 0.1 else None,
    }
    if kind in ("duty", "power"):
        more["lawful_holders"] = random.sample(LAWFUL, random.choice((0, 1, 1, 2)))
    if kind == "duty":
        more["requires"] = random.sample(world.ids["power"], min(len(world.ids["power"]), random.choice((0, 1, 1, 2))))
        more["needs"] = random.choice(([], ["funds"], ["staff", "funds"]))
    if kind == "power":
        more["power_kind"] = random.choice(POWER_KINDS)
    if kind == "service":
        others = [code for code in world.ids["matter"] if world.by_id[code]["kind"] != "service"]
        more["includes"] = random.sample(others, random.choice((2, 2, 3)))
        more["window"] = maybe(random, 0.6, ("township", "county"))
    if kind == "certificate":
        more["issuer"] = maybe(random, 0.3, ("公安派出所",))
    if kind in ("certificate", "service"):
        more["materials"] = maybe(random, 0.3, (["身份证"], ["身份证", "户口簿"]))
        more["procedure"] = maybe(random, 0.3, ("当场办理",))
        more["online"] = maybe(random, 0.3, ("鄂汇办",))
    if kind == "form":
        more["asks"] = maybe(random, 0.7, (["姓名"], ["姓名", "户数"], ["户数", "人口", "耕地面积"]))
    return {field: value for field, value in more.items() if value not in (None, [])}


def name(random: Random) -> str:
    return "".join(random.sample(WORDS, random.choice((1, 2))))


def maybe(random: Random, chance: float, choices: Any) -> Any:
    """One of them, or None."""
    return random.choice(choices) if choices and random.random() < chance else None


def two_times(random: Random, size: int, count: int) -> list[tuple[str, int]]:
    """Return some days of the pool, each with a position in the later half of a log of that size."""
    return [(random.choice(DAYS), random.randint(size // 2, size)) for _ in range(count)]
