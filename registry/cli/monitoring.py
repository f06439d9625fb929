"""`registry monitoring`: the months of the monitoring points (基层减负监测点)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import psycopg
import typer

from registry.checker import as_json
from registry.cli.lines import table, with_code, write
from registry.cli.month import read_month
from registry.cli.questions import answer
from registry.cli.terminal import JSON, KNOWN
from registry.domain.labels import MATTER_KIND
from registry.impact.unit_findings import FindingChange, changes_between
from registry.queries.units import monitoring as months
from registry.queries.units import units
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf, Reader


def monitoring(
    within: Annotated[
        str | None,
        typer.Argument(
            help="监测点，或其所在辖区（代码或名称）；缺省全部。 / A point, or a territory of several (all)."
        ),
    ] = None,
    month: Annotated[str | None, typer.Option(help="哪个月，YYYY-MM，缺省本月。 / Which month (this month).")] = None,
    known: KNOWN = None,
    in_json: JSON = False,
) -> None:
    """监测点月报：新增负担、反映、新问题，与上月比。 / The month of the monitoring points, beside the month before."""
    about = read_month(month)
    until = about.so_far

    async def question(
        connection: psycopg.Connection[Any], reader: Reader, position: int
    ) -> tuple[months.Summary, list[FindingChange], Any]:
        moment = AsOf(until, position)
        territory = None if within is None else await resolve_unit(reader, within, moment)
        codes = await months.points(reader, moment, territory)
        summary = await months.summary(reader, moment, codes, about)
        changes = changes_between(connection, position, codes, (about.before.before.last, about.before.last, until))
        named = await units.units(reader, moment, [*codes, *(each.sender for each in summary.landed)])
        return summary, changes, named

    summary, changes, named = answer(question, known)
    before, now = ([finding.unit for finding in change.opened] for change in changes)
    if in_json:
        for each in summary.points:
            new = {"opened": now.count(each.unit), "opened_before": before.count(each.unit)}
            write({"month": str(about), "until": until} | asdict(each) | new)
        for each in summary.landed:
            line = asdict(each)
            write({"month": str(about), "kind": line.pop("kind"), "from": line.pop("sender")} | line)
        for change, findings in (("opened", changes[1].opened), ("closed", changes[1].closed)):
            for finding in findings:
                write({"month": str(about), "change": change} | as_json(finding))
        return
    print(f"{about} 监测点月报，截至 {until}（括号内为上月） / the month up to {until} (the month before)")
    if not summary.points:
        print("没有监测点。 / There is no monitoring point.")
        return
    head = ("监测点 point", "新增负担 landed", "在身 on it", "反映 reports", "新问题 opened")
    table(
        head,
        [
            [
                with_code(named[each.unit].name, each.unit),
                f"{each.landed} ({each.landed_before})",
                str(each.burdens),
                f"{each.reports} ({each.reports_before})",
                f"{now.count(each.unit)} ({before.count(each.unit)})",
            ]
            for each in summary.points
        ],
    )
    for each in summary.landed:
        sender = named[each.sender].name if each.sender in named else each.sender
        print(f"{MATTER_KIND[each.kind].zh} {each.kind}  由 from {sender}: {each.burdens} ({each.before})")
    for mark, findings in (("新增 opened", changes[1].opened), ("消除 closed", changes[1].closed)):
        for finding in findings:
            unit = with_code(named[finding.unit].name if finding.unit in named else None, finding.unit)
            print(f"{mark}  {finding.severity} {finding.rule}  {unit}  {finding.subject}")
            print(f"  {finding.message.zh}")
            print(f"  {finding.message.en}")
