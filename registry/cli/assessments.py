"""`registry assessments`: how those below judge the units that send them work, beside what these sent them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import table, with_code, write
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, KNOWN, day, fail
from registry.domain.periods import read_period
from registry.impact.assessed_work import summed_up
from registry.queries.units import assessments as from_below
from registry.queries.units import units
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf, Reader

HEAD = (
    *("单位 unit", "评议 assessed by", "应评 asked of", "平均 mean", "离散 spread"),
    *("职责 duties", "缺权力 powerless", "负担 burdens", "问题 findings", "逾期 overdue"),
)


def assessments(
    period: Annotated[
        str, typer.Option(help="时段：2026、2026-H1、2026-Q3 或 2026-09。 / A year, half, quarter or month.")
    ],
    unit: Annotated[str | None, typer.Option(help="一个单位：代码或名称。 / One unit: its code or name.")] = None,
    within: Annotated[
        str | None, typer.Option(help="辖区内的各单位：代码或名称。 / The units of a territory: its code or name.")
    ] = None,
    as_of: AS_OF = None,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """基层评议：下面怎样评价派活的单位，与其所派的对照。 / Assessments from below, beside what was sent down."""
    read = read_period(period)
    if read is None:
        fail(
            "bad-value",
            f"--period 请写成 2026、2026-H1、2026-Q3 或 2026-09：{period}",
            f"Write --period as 2026, 2026-H1, 2026-Q3 or 2026-09: {period}",
            2,
        )
    if (unit is None) == (within is None):
        fail("bad-value", "请给出 --unit 或 --within 之一。", "Give one of --unit and --within.", 2)
    when = day(as_of)

    async def question(connection: psycopg.Connection[Any], reader: Reader, position: int) -> Any:
        moment = AsOf(when, position)
        which = {"unit": unit} if within is None else {"within": within}
        named = {name: await resolve_unit(reader, text or "", moment) for name, text in which.items()}
        rows = summed_up(connection, position, await from_below.assessed(reader, moment, read, **named))
        codes = {code for row in rows for code in (row.unit, *row.silent, *(each.by for each in row.assessments))}
        return rows, {code: each.name for code, each in (await units.units(reader, moment, sorted(codes))).items()}

    rows, names = answer(question, known)
    if as_json:
        for row in rows:
            write(asdict(row))
        return
    lines = [
        [
            with_code(names.get(row.unit), row.unit),
            *(str(row.assessed_by), str(row.asked_of), _number(row.mean), _number(row.spread)),
            *map(str, (row.duties_sent, row.without_power, row.burdens_sent, row.findings, row.overdue)),
        ]
        for row in rows
    ]
    table(HEAD, lines)
    for row in rows if unit is not None else ():
        for each in row.assessments:
            print(f"{each.on}  {with_code(names.get(each.by), each.by)}  {each.score}  {each.text or ''}".rstrip())
        if row.silent:
            names_text = "、".join(with_code(names.get(code), code) for code in row.silent)
            print(f"派了活而未评议 / sent work and did not assess: {names_text}")


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"
