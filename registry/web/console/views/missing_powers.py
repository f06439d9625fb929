"""The powers that duties lack in a territory, added up by the bureaus that hold them, and so could hand them down."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Row, Table, with_totals
from registry.web.console.view import View

POWERS: Final = 60  # that are looked up, those that are missing most often
ALL_BUREAUS: Final = "all"  # in addresses: every case, whoever holds what is missing
NO_BUREAU: Final = "none"  # in addresses: what none of the territory holds
NAMED: Final = 3  # powers of a bureau that are named
COLUMNS: Final = (
    Column("bureau", Text("掌握所缺权力的部门", "Bureau that holds what is missing"), chinese=True, width=30),
    Column("powers", Text("所缺权力项数", "Missing powers"), "number", width=12),
    Column("cases", Text("缺权合计", "Times missing"), "number", width=12),
    Column("units", Text("缺权单位数", "Units without"), "number", width=12),
    Column("names", Text("哪些权力", "Which powers"), chinese=True, width=60),
)
POWER: Final = Column("power", Text("所缺权力", "Missing power"), chinese=True, width=40)
UNIT: Final = Column("unit", Text("缺权单位", "Unit without it"), chinese=True, width=26)
TIMES: Final = Column("cases", Text("缺权次数", "Times missing"), "number", total=True, width=12)
EACH: Final = (
    POWER,
    UNIT,
    Column("matter", Text("职责", "Duty"), chinese=True, width=40),
    Column("subject", Text("编号", "Reference"), width=16),
)
# How the cases of a bureau are listed: one by one, or one row for each power or unit.
BY: Final = {
    "case": Text("逐项", "one by one"),
    "power": Text("按权力", "by power"),
    "unit": Text("按单位", "by unit"),
}
NOBODY: Final = Text("本地域内没有部门有效掌握", "no bureau of the territory, effectively")
NOBODY_SEEN: Final = Text("您能查看的范围内没有部门有效掌握", "no bureau within what you may see, effectively")
ABOVE_TOWNS: Final = ("NATION", "PROVINCE", "PREFECTURE", "COUNTY")


@dataclass(slots=True)
class _Held:
    """What a bureau holds of what is missing: names of powers by code, and the findings (unit and subject) of each."""

    name: str
    powers: dict[str, str] = field(default_factory=dict[str, str])
    cases: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])


@dataclass(frozen=True, slots=True)
class MissingPowers:
    """The table; `each`: the cases of the bureau in `?bureau=`, as `?by=` of BY has them.

    `cases`: how often a power is missing in all; `whole`: where all of these are listed (`?bureau=all`); `left_out`:
    how many kinds of power were not looked up.

    A power that several bureaus hold counts for each of them, and once in `cases`.
    """

    table: Table
    each: Table | None
    cases: int
    whole: str
    left_out: int


async def missing_powers(view: View, unit: Data) -> MissingPowers:
    """What the duties of a territory lack, as far as the reader may see them."""
    lacking: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    findings: dict[tuple[str, str], Data] = {}
    for finding in await view.ask_all("missing_powers", "findings", within=unit["code"]):
        findings[finding["unit"]["code"], finding["subject"]] = finding
        for power in finding["missing"]:
            lacking[power].add((finding["unit"]["code"], finding["subject"], power))
    nobody = NOBODY_SEEN if unit["partly"] else NOBODY
    held: dict[str, _Held] = {}
    ordered = sorted(lacking, key=lambda power: (-len(lacking[power]), power))
    answer = await view.ask("effective_holders", powers=ordered[:POWERS], within=unit["code"])
    for each in answer["powerHolders"]:
        power, name = each["power"]["code"], each["power"]["name"]
        bureaus = {one["code"]: one["name"] for one in each["units"] if one["level"] in ABOVE_TOWNS}
        for code, called in (bureaus or {"": view.localized(*nobody)}).items():
            one = held.setdefault(code, _Held(called))
            one.powers[power] = name
            one.cases |= lacking[power]
    rows = [_row(view, code, one) for code, one in held.items()]
    rows.sort(key=lambda row: (-_number(row, "cases"), str(row["bureau"].value)))
    title = Text("所缺的权力，按掌握它的部门合计", "Missing powers, by the bureau that holds them")
    table = Table("missing", title, COLUMNS, rows, main=False)
    bureau = view.parameter("bureau")
    if bureau == ALL_BUREAUS:
        every = Text("全部部门", "every bureau")
        held[bureau] = _Held(
            view.localized(*every), {code: name for one in held.values() for code, name in one.powers.items()}
        )
        held[bureau].cases |= {case for cases_ in lacking.values() for case in cases_}
    chosen = held.get("" if bureau == NO_BUREAU else bureau) if bureau else None
    by = view.choice("by", "case")
    each = chosen and (_each(view, chosen, findings) if by == "case" else _folded(view, chosen, findings, by))
    whole = _lacking_href(view, bureau=ALL_BUREAUS)
    return MissingPowers(table, each, sum(map(len, lacking.values())), whole, max(0, len(ordered) - POWERS))


def _folded(view: View, held: _Held, findings: Mapping[tuple[str, str], Data], by: str) -> Table:
    """The cases of a bureau, one row for each `power` that is missing or each `unit` that lacks any."""
    index = 2 if by == "power" else 0
    times = Counter(case[index] for case in held.cases)
    names = {code: findings[code, subject]["unit"] for code, subject, _ in held.cases}
    rows: list[Row] = [
        {
            by: Cell(held.powers.get(code, code), href=view.href(f"/matters/{code}"), code=code)
            if by == "power"
            else cells.unit_cell(view, names[code]),
            "cases": Cell(number, href=_lacking_href(view, **{f"lacking-{by}": code})),
        }
        for code, number in sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    title = Text(f"所缺权力{BY[by].zh}：{held.name}", f"Missing powers {BY[by].en}: {held.name}")
    columns = with_totals((POWER if by == "power" else UNIT, TIMES), {"cases": _lacking_href(view)})
    return Table("lacking", title, columns, rows, main=False)


def _lacking_href(view: View, **which: str | None) -> str:
    """Where what the numbers count is listed, on the page itself."""
    narrower = dict.fromkeys(("by", "lacking-power", "lacking-unit", "lacking-q", "lacking-page", "page"))
    return view.here(**{**narrower, "format": None, "table": None, **which}) + "#table-lacking"


def _each(view: View, held: _Held, findings: Mapping[tuple[str, str], Data]) -> Table:
    """The cases of a bureau one by one: which power, of which unit, for which duty."""
    rows: list[Row] = []
    only_power, only_unit = view.parameter("lacking-power"), view.parameter("lacking-unit")
    for code, subject, power in sorted(held.cases, key=lambda case: (case[2], case[0], case[1])):
        if only_power not in ("", power) or only_unit not in ("", code):
            continue
        finding = findings[code, subject]
        one = {"rule": "duty-without-power", "unit": code, "subject": subject}
        rows.append(
            {
                "power": Cell(held.powers.get(power, power), href=view.href(f"/matters/{power}"), code=power),
                "unit": cells.unit_cell(view, finding["unit"]),
                "matter": cells.matter_cell(view, finding["matter"]),
                "subject": Cell(subject, href=view.href("/findings/one", **one), mark="code"),
            }
        )
    title = Text(f"所缺权力逐项：{held.name}", f"Missing powers one by one: {held.name}")
    return Table("lacking", title, EACH, rows, main=False)


def _row(view: View, code: str, held: _Held) -> Row:
    # By clauses: the name of a power has separators of its own.
    names = view.clauses(held.powers.values())
    shown = view.clauses(list(held.powers.values())[:NAMED])
    if len(held.powers) > NAMED:
        shown += view.localized(f" …（共 {len(held.powers)} 项）", f" … ({len(held.powers)} in all)")

    def listed(by: str | None) -> str:
        return _lacking_href(view, bureau=code or NO_BUREAU, by=by)

    return {
        "bureau": Cell(held.name, href=view.href(f"/units/{code}", tab="powers") if code else None, code=code),
        "powers": Cell(len(held.powers), href=listed("power")),
        "cases": Cell(len(held.cases), href=listed(None)),
        "units": Cell(len({town for town, _, _ in held.cases}), href=listed("unit")),
        "names": Cell(names, shown),
    }


def _number(row: Row, key: str) -> int:
    value = row[key].value
    return value if isinstance(value, int) else 0
