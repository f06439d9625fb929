"""`registry balance`: what units must do against what they were given to do it with."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from registry.checker.balance import Balance, Figures
from registry.cli.lines import write
from registry.cli.questions import known_position
from registry.cli.terminal import AS_OF, JSON, KNOWN, day, fail, one_of
from registry.database import connect
from registry.queries.holdings import balance as questions
from registry.queries.holdings.balance_csv import LANGUAGES, lines
from registry.queries.units.resolve import resolve_unit_now
from registry.relations.two_times import LAST, AsOf

_LEVELS = {
    "central": "中央 central",
    "province": "省级 province",
    "prefecture": "市级 prefecture",
    "county": "县级 county",
    "township": "乡级 township",
    "village": "村级 village",
}


def balance(
    unit: Annotated[str, typer.Argument(help="单位及其下级。 / A unit, by code or name, and all below.")],
    as_of: AS_OF = None,
    known: KNOWN = None,
    since: Annotated[str | None, typer.Option("--from", help="自哪一天起的变化。 / Over time, from this day.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="到哪一天，缺省今天。 / To this day (today).")] = None,
    step: Annotated[str, typer.Option(help="步长：month、quarter、year。 / month, quarter or year.")] = "month",
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV 表格。 / CSV for spreadsheets.")] = False,
    lang: Annotated[str, typer.Option(help="CSV 表头语言：zh、en。 / CSV headings: zh or en.")] = "zh",
    as_json: JSON = False,
) -> None:
    """权责平衡：职责、权力、保障与违规。 / The balance of duties, powers, means and violations."""
    if as_csv and as_json:
        fail("bad-value", "--csv 与 --json 只能选一个。", "Choose one of --csv and --json.", 2)
    if as_of is not None and (since is not None or until is not None):
        fail("bad-value", "--as-of 不与 --from、--to 同用。", "--as-of does not go with --from and --to.", 2)
    if until is not None and since is None:
        fail("bad-value", "--to 须与 --from 同用。", "--to goes with --from.", 2)
    one_of("--step", step, tuple(questions.STEPS))
    one_of("--lang", lang, tuple(LANGUAGES))
    with connect() as connection:
        position = known_position(connection, known)
        unit = resolve_unit_now(connection, unit, AsOf(LAST, position))
        if since is None:
            rows = [questions.balance(connection, AsOf(min(day(as_of), LAST), position), unit)]
        else:
            rows = questions.over_time(connection, position, unit, day(since), min(day(until), LAST), step)
    if as_csv:
        for line in lines(rows, lang):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    elif as_json:
        for one in rows:
            for line in _objects(one, units=len(rows) == 1):
                write(line)
    elif since is None:
        _show(rows[0])
    else:
        _show_series(rows)


def _objects(balance: Balance, *, units: bool) -> list[dict[str, Any]]:
    """The total, each level, and each unit, with which of these it is."""
    day_ = balance.as_of.isoformat()

    def flat(figures: Figures) -> dict[str, Any]:
        return {**asdict(figures), "violations_per_100_duties": figures.violations_per_100_duties}

    rows: list[dict[str, Any]] = [{"as_of": day_, "of": "total", **flat(balance.total())}]
    rows += [{"as_of": day_, "of": "level", "level": level, **flat(of)} for level, of in balance.by_level().items()]
    if units:
        rows += [
            {"as_of": day_, "of": "unit", "unit": row.unit, "name": row.name, "level": row.level, **flat(row.figures)}
            for row in balance.rows()
        ]
    return rows


def _cells(figures: Figures) -> list[str]:
    rate = figures.violations_per_100_duties
    return [
        str(figures.units),
        str(figures.duties),
        f"{figures.led} = {figures.with_power} + {figures.without_power}",
        str(figures.powers),
        f"{figures.assigned} = {figures.funded} + {figures.unfunded} + {figures.without_needs}",
        f"{figures.violations} ({figures.duty_violations})",
        "–" if rate is None else f"{rate:.1f}",
    ]


def _table(first: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first)
    for zh, en in (
        ("单位", "units"),
        ("职责", "duties"),
        ("牵头=有权+无权", "led = with + without power"),
        ("有效权力", "powers"),
        ("下达=保障+不足+无需", "assigned = funded + unfunded + no needs"),
        ("违规(职责)", "violations (of duties)"),
        ("每百项", "per 100"),
    ):
        table.add_column(f"{zh}\n{en}", justify="right")
    return table


def _show(balance: Balance) -> None:
    table = _table("层级\nlevel")
    table.add_row("合计 total", *_cells(balance.total()))
    for level, figures in balance.by_level().items():
        table.add_row(_LEVELS[level], *_cells(figures))
    _print(table)
    print(f"{balance.as_of}，日志截至 {balance.known}。 / As of {balance.as_of}, as known at position {balance.known}.")


def _show_series(rows: list[Balance]) -> None:
    table = _table("截至\nas of")
    for balance in rows:
        table.add_row(balance.as_of.isoformat(), *_cells(balance.total()))
    _print(table)


def _print(table: Table) -> None:
    # As wide as it needs, whatever the terminal: what is cut off cannot be read.
    Console(width=200, highlight=False, markup=False).print(table)
