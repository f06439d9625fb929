"""`registry reports` and `registry monitoring`: what is said from below, and the months of the monitoring points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import psycopg
import typer

from registry.checker import as_json
from registry.checker.naming import MATTER_KIND
from registry.cli.burdens import read_month
from registry.cli.history import KNOWN, asked, need_unit, table, write
from registry.cli.terminal import JSON, day, fail
from registry.impact.triage import Triage, findings_about, report_references, triage_reports
from registry.impact.unit_findings import FindingChange, changes_between
from registry.queries.burdens import reports
from registry.queries.units import monitoring, units
from registry.relations.two_times import AsOf, Reader

OUTCOME = {"upheld": "属实 upheld", "rejected": "不属实 rejected", "resolved": "已解决 resolved"}


def reports_(
    within: Annotated[str, typer.Option(help="哪个单位的辖区。 / Within which unit's territory.")],
    state: Annotated[str | None, typer.Option(help="open 待答复、answered 已答复。 / Only open, or answered.")] = None,
    since: Annotated[str | None, typer.Option(help="反映日不早于。 / Made on or after this day.")] = None,
    until: Annotated[str | None, typer.Option(help="反映日不晚于。 / Made on or before this day.")] = None,
    by: Annotated[
        str | None, typer.Option("--count-by", help="按 unit 或 sender 统计。 / Count by unit or sender.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, max=1000, help="最多多少项。 / At most so many.")] = 50,
    as_of: Annotated[str | None, typer.Option(help="截至哪一天，缺省今天。 / As of which day (today).")] = None,
    known: KNOWN = None,
    in_json: JSON = False,
) -> None:
    """基层反映：谁、反映什么、当日有何问题、答复如何。 / Reports from below, held against the findings of their day."""
    if state not in (None, "open", "answered"):
        fail("bad-value", f"--state 须为 open 或 answered：{state} / --state is open or answered: {state}", 2)
    if by not in (None, "unit", "sender"):
        fail("bad-value", f"--count-by 须为 unit 或 sender：{by} / --count-by is unit or sender: {by}", 2)
    when = day(as_of)
    days = [None if text is None else day(text) for text in (since, until)]
    wanted = reports.Wanted(within, days[0], days[1], state)
    if by is not None:
        _count(wanted, when, known, by, in_json=in_json)
        return

    async def question(
        connection: psycopg.Connection, reader: Reader, position: int
    ) -> list[tuple[reports.Report, Triage]]:
        await need_unit(reader, within)
        moment = AsOf(when, position)
        found = await reports.reports(reader, moment, wanted, None, first)
        likely = await reports.candidates(reader, position, found)
        said = findings_about(connection, position, report_references(found, likely))
        return list(zip(found, triage_reports(found, likely, said).values(), strict=True))

    told = asked(question, known)
    for report, triage in told:
        line = as_object(report, triage)
        if in_json:
            write(line)
        else:
            _print(line)
    if not in_json:
        print(f"共 {len(told)} 件反映。 / {len(told)} reports.")


def as_object(report: reports.Report, triage: Triage) -> dict[str, Any]:
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
    told = asdict(report)
    told |= {"state": report.state, "from": told.pop("sender"), "to": told.pop("recipient")}
    return told | {"findings": [as_json(finding) for finding in triage.findings], "candidates": candidates}


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


def _count(wanted: reports.Wanted, when: date, known: str | None, by: str, *, in_json: bool) -> None:
    async def question(_: psycopg.Connection, reader: Reader, position: int) -> tuple[list[reports.Statistics], Any]:
        await need_unit(reader, wanted.within)
        moment = AsOf(when, position)
        found = await reports.statistics(reader, moment, wanted, by=by)
        return found, await units.units(reader, moment, [each.unit for each in found if each.unit])

    found, names = asked(question, known)
    if in_json:
        for each in found:
            write(asdict(each))
        return
    head = (
        "单位 unit",
        "名称 name",
        "反映 reports",
        "待答复 open",
        "属实 upheld",
        "不属实 rejected",
        "已解决 resolved",
    )
    lines = [
        [each.unit or "—", names[each.unit].name if each.unit in names else "—"]
        + [str(number) for number in (each.reports, each.open, each.upheld, each.rejected, each.resolved)]
        + ["—" if each.days is None else f"{each.days:g}"]
        for each in found
    ]
    table((*head, "答复天数中位数 median days"), lines)


def monitoring_(
    within: Annotated[
        str | None, typer.Argument(help="监测点，或其所在辖区；缺省全部。 / A point, or a territory of several (all).")
    ] = None,
    month: Annotated[str | None, typer.Option(help="哪个月，YYYY-MM，缺省本月。 / Which month (this month).")] = None,
    known: KNOWN = None,
    in_json: JSON = False,
) -> None:
    """监测点月报：新增负担、反映、新问题，与上月比。 / The month of the monitoring points, beside the month before."""
    about = read_month(month)
    until = about.so_far

    async def question(
        connection: psycopg.Connection, reader: Reader, position: int
    ) -> tuple[monitoring.Summary, list[FindingChange], Any]:
        moment = AsOf(until, position)
        if within is not None:
            await need_unit(reader, within)
        codes = await monitoring.points(reader, moment, within)
        found = await monitoring.summary(reader, moment, codes, about)
        changes = changes_between(connection, position, codes, (about.before.before.last, about.before.last, until))
        named = await units.units(reader, moment, [*codes, *(each.sender for each in found.landed)])
        return found, changes, named

    found, changes, named = asked(question, known)
    before, now = ([finding.unit for finding in change.opened] for change in changes)
    if in_json:
        for each in found.points:
            new = {"opened": now.count(each.unit), "opened_before": before.count(each.unit)}
            write({"month": str(about), "until": until} | asdict(each) | new)
        for each in found.landed:
            told = asdict(each)
            write({"month": str(about), "kind": told.pop("kind"), "from": told.pop("sender")} | told)
        for change, findings in (("opened", changes[1].opened), ("closed", changes[1].closed)):
            for finding in findings:
                write({"month": str(about), "change": change} | as_json(finding))
        return
    print(f"{about} 监测点月报，截至 {until}（括号内为上月） / the month up to {until} (the month before)")
    if not found.points:
        print("没有监测点。 / There is no monitoring point.")
        return
    head = ("监测点 point", "名称 name", "新增负担 landed", "在身 on it", "反映 reports", "新问题 opened")
    table(
        head,
        [
            [
                each.unit,
                named[each.unit].name,
                f"{each.landed} ({each.landed_before})",
                str(each.burdens),
                f"{each.reports} ({each.reports_before})",
                f"{now.count(each.unit)} ({before.count(each.unit)})",
            ]
            for each in found.points
        ],
    )
    for each in found.landed:
        sender = named[each.sender].name if each.sender in named else each.sender
        print(f"{MATTER_KIND[each.kind].zh} {each.kind}  由 from {sender}: {each.burdens} ({each.before})")
    for mark, findings in (("新增 opened", changes[1].opened), ("消除 closed", changes[1].closed)):
        for finding in findings:
            print(f"{mark}  {finding.severity} {finding.rule}  {finding.unit}  {finding.subject}")
            print(f"  {finding.message.zh}")
            print(f"  {finding.message.en}")
