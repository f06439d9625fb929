"""The powers that duties lack in a territory, added up by the bureaus that hold them, and so could hand them down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Row, Table
from registry.web.console.view import View

POWERS: Final = 60  # that are looked up, those that are missing most often
NO_BUREAU: Final = "none"  # in addresses: what none of the territory holds
NAMED: Final = 3  # powers of a bureau that are named
COLUMNS: Final = (
    Column("bureau", Text("掌握所缺权力的部门", "Bureau that holds what is missing"), chinese=True, width=30),
    Column("powers", Text("所缺权力项数", "Missing powers"), "number", width=12),
    Column("cases", Text("缺权合计", "Times missing"), "number", width=12),
    Column("units", Text("缺权单位数", "Units without"), "number", width=12),
    Column("names", Text("哪些权力", "Which powers"), chinese=True, width=60),
)
EACH: Final = (
    Column("power", Text("所缺权力", "Missing power"), chinese=True, width=40),
    Column("unit", Text("缺权单位", "Unit without it"), chinese=True, width=26),
    Column("matter", Text("职责", "Duty"), chinese=True, width=40),
    Column("subject", Text("编号", "Reference"), width=16),
)
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
    """The table; `each`: the cases of the bureau in `?bureau=`; `cases`: how often a power is missing in all.

    `left_out`: how many kinds of power were not looked up.

    A power that several bureaus hold counts for each of them, and once in `cases`.
    """

    table: Table
    each: Table | None
    cases: int
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
    chosen = held.get("" if bureau == NO_BUREAU else bureau) if bureau else None
    each = chosen and _each(view, chosen, findings)
    return MissingPowers(table, each, sum(map(len, lacking.values())), max(0, len(ordered) - POWERS))


def _each(view: View, held: _Held, findings: Mapping[tuple[str, str], Data]) -> Table:
    """The cases of a bureau one by one: which power, of which unit, for which duty."""
    rows: list[Row] = []
    for code, subject, power in sorted(held.cases, key=lambda case: (case[2], case[0], case[1])):
        finding = findings[code, subject]
        one = {"rule": "duty-without-power", "unit": code, "subject": subject}
        rows.append(
            {
                "power": Cell(held.powers[power], href=view.href(f"/matters/{power}"), code=power),
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
    each = view.here(bureau=code or NO_BUREAU, page=None, format=None, table=None) + "#table-lacking"
    return {
        "bureau": Cell(held.name, href=view.href(f"/units/{code}", tab="powers") if code else None, code=code),
        "powers": Cell(len(held.powers), href=each),
        "cases": Cell(len(held.cases), href=each),
        "units": Cell(len({town for town, _, _ in held.cases}), href=each),
        "names": Cell(names, shown),
    }


def _number(row: Row, key: str) -> int:
    value = row[key].value
    return value if isinstance(value, int) else 0
