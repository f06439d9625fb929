"""`registry reports`: what those below report, and what the checker says to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Annotated, Any

import psycopg
import typer

from registry.checker import as_json
from registry.cli.lines import table, with_code, write
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, KNOWN, WITHIN, day, one_of
from registry.domain.text import counted
from registry.impact.triage import Triage, findings_about, report_references, triage_reports
from registry.queries.burdens import reports as reports_below
from registry.queries.units import units
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf, Reader

OUTCOME = {"upheld": "属实 upheld", "rejected": "不属实 rejected", "resolved": "已解决 resolved"}


def reports(
    within: WITHIN,
    state: Annotated[str | None, typer.Option(help="open 待答复、answered 已答复。 / Only open, or answered.")] = None,
    since: Annotated[str | None, typer.Option(help="反映日不早于。 / Made on or after this day.")] = None,
    until: Annotated[str | None, typer.Option(help="反映日不晚于。 / Made on or before this day.")] = None,
    by: Annotated[
        str | None, typer.Option("--count-by", help="按 unit 或 sender 统计。 / Count by unit or sender.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, max=1000, help="最多多少项。 / At most so many.")] = 50,
    as_of: AS_OF = None,
    known: KNOWN = None,
    in_json: JSON = False,
) -> None:
    """基层反映：谁、反映什么、当日有何问题、答复如何。 / Reports from below, and what was found that day."""
    one_of("--state", state, ("open", "answered"))
    one_of("--count-by", by, ("unit", "sender"))
    when = day(as_of)
    days = [None if text is None else day(text) for text in (since, until)]
    if by is not None:
        _count(reports_below.Wanted(within, days[0], days[1], state), when, known, by, in_json=in_json)
        return

    async def question(
        connection: psycopg.Connection[Any], reader: Reader, position: int
    ) -> list[tuple[reports_below.Report, Triage]]:
        moment = AsOf(when, position)
        wanted = reports_below.Wanted(await resolve_unit(reader, within, moment), days[0], days[1], state)
        rows = await reports_below.reports(reader, moment, wanted, None, first)
        likely = await reports_below.candidates(reader, position, rows)
        findings = findings_about(connection, position, report_references(rows, likely))
        return list(zip(rows, triage_reports(rows, likely, findings).values(), strict=True))

    rows = answer(question, known)
    for report, triage in rows:
        line = as_object(report, triage)
        if in_json:
            write(line)
        else:
            _print(line)
    if not in_json:
        print(f"共 {len(rows)} 件反映。 / {counted(len(rows), 'report')}.")


def as_object(report: reports_below.Report, triage: Triage) -> dict[str, Any]:
    """A report in the contract's words, with what speaks for it."""
    candidates = [
        {
            "ref": each.delegation.ref,
            "matter": each.delegation.matter,
            "name": each.name,
            "share": round(each.share, 2),
            "findings": [as_json(finding) for finding in findings],
        }
        for each, findings in triage.candidates
    ]
    line = asdict(report)
    line |= {"state": report.state, "from": line.pop("sender"), "to": line.pop("recipient")}
    return line | {"findings": [as_json(finding) for finding in triage.findings], "candidates": candidates}


def _print(line: Mapping[str, Any]) -> None:
    outcome = OUTCOME.get(line["outcome"], "待答复 open")
    print(f"{line['on']}  {line['report']}  {line['unit']}  {outcome}  {line['days']} 天 days")
    print(f"  {line['text']}")
    if line["about"]:
        print(f"  所指 about: {line['about']}  {line['matter'] or ''}  由 from {line['from'] or '—'}")
    for finding in line["findings"]:
        print(f"  {finding['severity']} {finding['rule']}  {finding['message']['zh']}")
        print(f"    {finding['message']['en']}")
    for each in line["candidates"]:
        rules = "、".join(finding["rule"] for finding in each["findings"])
        print(f"  可能所指 may be about: {each['ref']}  {each['name']}  {each['share']:.0%}  {rules}".rstrip())
    if line["answer"]:
        print(f"  {line['answered_on']}  {line['answered_by']}：{line['answer']}")


def _count(wanted: reports_below.Wanted, when: date, known: str | None, by: str, *, in_json: bool) -> None:
    async def question(
        _: psycopg.Connection[Any], reader: Reader, position: int
    ) -> tuple[list[reports_below.Statistics], Any]:
        moment = AsOf(when, position)
        resolved = replace(wanted, within=await resolve_unit(reader, wanted.within, moment))
        rows = await reports_below.statistics(reader, moment, resolved, by=by)
        return rows, await units.units(reader, moment, [each.unit for each in rows if each.unit])

    rows, names = answer(question, known)
    if in_json:
        for each in rows:
            write(asdict(each))
        return
    head = (
        "单位 unit",
        "反映 reports",
        "待答复 open",
        "属实 upheld",
        "不属实 rejected",
        "已解决 resolved",
    )
    lines = [
        [with_code(names[each.unit].name if each.unit in names else None, each.unit)]
        + [str(number) for number in (each.reports, each.open, each.upheld, each.rejected, each.resolved)]
        + ["—" if each.days is None else f"{each.days:g}"]
        for each in rows
    ]
    table((*head, "答复天数中位数 median days"), lines)
