"""`registry balance`: what units must do against what they were given to do it with."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated, Any

import orjson
import psycopg
import typer
from rich.console import Console
from rich.table import Table

from registry.checker.balance import Balance, Figures
from registry.cli.terminal import JSON, day, fail, known_position
from registry.database import connect
from registry.queries.holdings import balance as balances
from registry.queries.holdings.balance_csv import LANGUAGES, lines
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
    unit: Annotated[str, typer.Argument(help="单位代码：该单位及其下级。 / A unit's code: it and all below it.")],
    as_of: Annotated[str | None, typer.Option(help="截至哪一天，缺省今天。 / As of which day (today).")] = None,
    known: Annotated[str | None, typer.Option(help="截至哪个序号或时间所知。 / As known when.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="自哪一天起的变化。 / Over time, from this day.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="到哪一天，缺省今天。 / To this day (today).")] = None,
    step: Annotated[str, typer.Option(help="步长：month、quarter、year。 / month, quarter or year.")] = "month",
    as_csv: Annotated[bool, typer.Option("--csv", help="CSV 表格。 / CSV for spreadsheets.")] = False,
    lang: Annotated[str, typer.Option(help="CSV 表头语言：zh、en。 / CSV headings: zh or en.")] = "zh",
    as_json: JSON = False,
) -> None:
    """权责平衡：职责、权力、保障与违规。 / The balance of duties, powers, means and violations."""
    if as_csv and as_json:
        fail("bad-value", "--csv 与 --json 只能选一个。 / Choose one of --csv and --json.", 2)
    if as_of is not None and (since is not None or until is not None):
        fail("bad-value", "--as-of 不与 --from、--to 同用。 / --as-of does not go with --from and --to.", 2)
    if until is not None and since is None:
        fail("bad-value", "--to 须与 --from 同用。 / --to goes with --from.", 2)
    if step not in balances.STEPS:
        names = "、".join(balances.STEPS)
        fail("bad-value", f"没有步长 {step}，可选：{names} / There is no step {step}; choose of: {names}", 2)
    if lang not in LANGUAGES:
        fail("bad-value", f"没有语言 {lang}，可选：zh、en / There is no language {lang}; choose zh or en", 2)
    with connect() as connection:
        _need(connection, unit)
        position = known_position(connection, known)
        if since is None:
            found = [balances.balance(connection, AsOf(min(day(as_of), LAST), position), unit)]
        else:
            try:
                found = balances.over_time(connection, position, unit, day(since), min(day(until), LAST), step)
            except balances.TooManyDays as refused:
                fail(refused.code, str(refused))
    if as_csv:
        for line in lines(found, lang):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    elif as_json:
        for one in found:
            for told in _objects(one, units=len(found) == 1):
                sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    elif since is None:
        _show(found[0])
    else:
        _show_series(found)


def _need(connection: psycopg.Connection[Any], unit: str) -> None:
    if "\0" in unit or not connection.execute("SELECT 1 FROM unit WHERE code = %s LIMIT 1", (unit,)).fetchone():
        fail("unknown-unit", f"没有代码为“{unit}”的单位。 / There is no unit {unit}.")


def _objects(balance: Balance, *, units: bool) -> list[dict[str, Any]]:
    """The total, each level, and each unit, with which of these it is."""
    day_ = balance.as_of.isoformat()

    def told(figures: Figures) -> dict[str, Any]:
        return {**asdict(figures), "violations_per_100_duties": figures.violations_per_100_duties}

    found: list[dict[str, Any]] = [{"as_of": day_, "of": "total", **told(balance.total())}]
    found += [{"as_of": day_, "of": "level", "level": level, **told(of)} for level, of in balance.by_level().items()]
    if units:
        found += [
            {"as_of": day_, "of": "unit", "unit": row.unit, "name": row.name, "level": row.level, **told(row.figures)}
            for row in balance.rows()
        ]
    return found


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


def _show_series(found: list[Balance]) -> None:
    table = _table("截至\nas of")
    for balance in found:
        table.add_row(balance.as_of.isoformat(), *_cells(balance.total()))
    _print(table)


def _print(table: Table) -> None:
    # As wide as it needs, whatever the terminal: what is cut off cannot be read.
    Console(width=200, highlight=False, markup=False).print(table)
