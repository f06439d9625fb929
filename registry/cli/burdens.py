"""`registry burdens`: what is imposed on a unit in a year or a month, and which forms ask for the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import table, with_code, write
from registry.cli.month import read_month
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, KNOWN, day, fail
from registry.domain.labels import MATTER_KIND
from registry.domain.text import counted
from registry.queries import instruments
from registry.queries.burdens import imposed, landing
from registry.queries.burdens.burdens import Delegation
from registry.queries.burdens.landing import Month
from registry.queries.matters import matters, same_fields
from registry.queries.units import units
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import LAST, AsOf, Reader

Names = dict[str, str]  # of units, matters and documents, by code or number
Tallies = dict[str, list[imposed.Tally]]  # by unit


def burdens(
    unit: Annotated[str, typer.Argument(help="单位：代码或名称。 / The unit: its code or name.")],
    year: Annotated[int | None, typer.Option(help="哪一年，缺省今年。 / Which year (this year).")] = None,
    month: Annotated[str | None, typer.Option(help="哪个月，YYYY-MM。 / Which month instead.")] = None,
    forms: Annotated[bool, typer.Option("--forms", help="内容相同的表格。 / Forms that ask for the same.")] = False,
    below: Annotated[bool, typer.Option("--below", help="整个辖区。 / Its whole territory.")] = False,
    as_of: AS_OF = None,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """负担：全年与计划、限额、上年比；当月落下什么；哪些表问同样内容。 / Burdens of a year, a month; forms alike."""
    if sum((year is not None, month is not None, forms)) > 1 or (month is not None and below):
        fail(
            "bad-value",
            "--year、--month、--forms 只能用一个，--month 不能与 --below 同用。",
            "Use one of --year, --month and --forms; --month goes without --below.",
            2,
        )
    if month is not None:
        _month(unit, read_month(month), known, as_json=as_json)
    elif forms:
        _forms(unit, day(as_of), known, below=below, as_json=as_json)
    elif below:
        _totals(unit, _last_day(year, as_of), known, as_json=as_json)
    else:
        _year(unit, _last_day(year, as_of), known, as_json=as_json)


def _last_day(year: int | None, as_of: str | None) -> date:
    if year is not None and not 2 <= year <= 9998:
        fail("bad-value", f"没有这样的年份：{year}", f"There is no such year: {year}", 2)
    until = imposed.last_day(year, None if as_of is None else day(as_of))
    if until is None or not 2 <= until.year <= 9998:
        fail("bad-value", f"--as-of 须在 {year} 年之内", f"--as-of must be a day of the year {year}", 2)
    return until


def _year(unit: str, until: date, known: str | None, *, as_json: bool) -> None:
    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> tuple[str, imposed.Year, Names]:
        moment = AsOf(until, position)
        code = await resolve_unit(reader, unit, moment)
        year = await imposed.year(reader, moment, code)
        return code, year, await named(reader, moment, [each.delegation for each in year.imposed], [code])

    code, year, names = answer(question, known)
    if as_json:
        for tally in year.tallies:
            write({"unit": code, "until": until} | _as_object(tally))
        for each in year.imposed:
            more = {"planned_by": each.planned_by, "admitted": each.admitted, "beyond": each.beyond}
            write(_delegation(each.delegation) | more)
        for item in year.planned:
            write({"subject": f"{item.list}#{item.item}"} | asdict(item))
        return
    print(f"{with_code(names.get(code), code)}  {until.year} 年，截至 {until} / the year up to {until}")
    _print(year.tallies)
    for each in year.imposed:
        marks = ["计划内 planned" if each.planned_by else "计划外 unplanned"]
        marks += ["经准入 admitted"] if each.admitted else []
        marks += ["超出限额 beyond the quota"] if each.beyond else []
        print(f"{_line(each.delegation, names)}  {'、'.join(marks)}")
    waiting = [item for item in year.planned if not item.refs]
    if waiting:
        print("计划内尚未布置 / planned and not imposed so far:")
        for item in waiting:
            print(f"  {item.list}#{item.item}  {item.name}")


def _totals(unit: str, until: date, known: str | None, *, as_json: bool) -> None:
    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> tuple[str, Names, Tallies]:
        moment = AsOf(until, position)
        code = await resolve_unit(reader, unit, moment)
        burdened = await imposed.burdened(reader, moment, code)
        return code, await named(reader, moment, [], [code]), await imposed.tallies(reader, moment, burdened)

    within, names, tallies = answer(question, known)
    total = imposed.summed(list(tallies.values()))
    if as_json:
        for tally in total:
            write({"within": within, "until": until} | _as_object(tally))
        for code, of_unit in tallies.items():
            for tally in of_unit:
                write({"unit": code, "until": until} | _as_object(tally))
        return
    territory = with_code(names.get(within), within)
    print(f"{territory} 辖区 territory  {until.year} 年，截至 {until} / the year up to {until}")
    _print(total)
    print(f"有负担的单位 {len(tallies)} 个。 / {counted(len(tallies), 'unit')} on which burdens were laid.")


def _print(tallies: Sequence[imposed.Tally]) -> None:
    head = ("种类 kind", "已布置 imposed", "计划内 planned", "计划外 unplanned", "经准入 admitted", "限额 quota")
    more = ("超出 excess", "上年 last year", "上年同期 by then", "增减 change", "减半 halved")
    lines: list[list[str]] = []
    for tally in tallies:
        change = "—" if tally.change is None else f"{tally.change:+.1f}%"
        halved = {None: "—", True: "是 yes", False: "否 no"}[tally.halved]
        numbers = (tally.imposed, tally.planned, tally.unplanned, tally.admitted)
        quota = "—" if tally.quota is None else str(tally.quota)
        before = (tally.excess, tally.year_before, tally.by_then)
        lines.append([MATTER_KIND[tally.kind].zh, *map(str, numbers), quota, *map(str, before), change, halved])
    if lines:
        table((*head, *more), lines)
    else:
        print("没有负担，也没有清单。 / No burdens, and no list of any.")


def _month(unit: str, month: Month, known: str | None, *, as_json: bool) -> None:
    async def question(
        _: psycopg.Connection[Any], reader: Reader, position: int
    ) -> tuple[str, list[landing.Landing], Names]:
        moment = AsOf(min(month.last, LAST), position)
        code = await resolve_unit(reader, unit, moment)
        rows = (await landing.landing(reader, moment, [code], month)).get(code, [])
        return code, rows, await named(reader, moment, [each.delegation for each in rows], [code])

    code, rows, names = answer(question, known)
    for each in rows:
        if as_json:
            state = {"due": each.due, "begins": each.begins, "continues": each.continues, "ends": each.ends}
            write({"month": str(month)} | _delegation(each.delegation) | state)
            continue
        states = [f"{each.delegation.due_on} 到期 due"] if each.due else []
        states.append("本月新增 new" if each.begins else "此前延续 going on")
        states += [f"{each.delegation.until} 结束 ends"] if each.ends else []
        print(f"{_line(each.delegation, names)}  {'、'.join(states)}")
    if not as_json:
        name = with_code(names.get(code), code)
        print(f"{month} 共 {len(rows)} 项落到 {name}。 / {len(rows)} land on {name} in {month}.")


RELATIONS = {
    "identical": ("内容相同", "ask for the same"),
    "contained": ("前者的内容后者都有", "all of the first is in the second"),
    "overlapping": ("大部分重合", "have much in common"),
}


def _forms(unit: str, as_of: date, known: str | None, *, below: bool, as_json: bool) -> None:
    async def question(
        _: psycopg.Connection[Any], reader: Reader, position: int
    ) -> tuple[list[same_fields.Group], Names]:
        moment = AsOf(as_of, position)
        code = await resolve_unit(reader, unit, moment)
        groups = await same_fields.groups(reader, moment, code, below=below)
        every = [each for group in groups for form in group.forms for each in form.delegations]
        return groups, await named(reader, moment, every, [each.recipient for each in every])

    groups, names = answer(question, known)
    for number, group in enumerate(groups, 1):
        if as_json:
            forms = [
                {"matter": form.matter, "name": form.name, "asks": form.asks, "doubled": form.doubled}
                | {"delegations": [_delegation(each) for each in form.delegations]}
                for form in group.forms
            ]
            write({"forms": forms, "pairs": [asdict(pair) for pair in group.pairs]})
            continue
        print(f"第 {number} 组 / group {number}:")
        for form in group.forms:
            print(f"  {form.name}（{form.matter}）：{'、'.join(form.asks)}")
            for each in form.delegations:
                print(f"    {_line(each, names)}  → {with_code(names.get(each.recipient), each.recipient)}")
        for pair in group.pairs:
            zh, en = RELATIONS[pair.relation]
            print(f"  {pair.one} / {pair.other}: {pair.share}%  {zh} {en}: {'、'.join(pair.common)}")
    if not as_json:
        print(f"内容相同的表格共 {len(groups)} 组。 / Groups of forms that ask for the same: {len(groups)}.")


async def named(reader: Reader, moment: AsOf, delegations: Iterable[Delegation], codes: Iterable[str]) -> Names:
    """Give the names of what delegations name (units, matters, and documents by number) and of further units."""
    rows = list(delegations)
    senders = await units.units(reader, moment, sorted({*codes, *(each.sender for each in rows)}))
    about = await matters.matters(reader, moment, sorted({each.matter for each in rows}))
    papers = await instruments.instruments(reader, moment, sorted({each.instrument for each in rows}))
    names = {code: each.name for code, each in (*senders.items(), *about.items())}
    return names | {number: f"《{each.title.strip('《》')}》" for number, each in papers.items()}


def _line(each: Delegation, names: Names) -> str:
    """Who laid what by which document."""
    sender, matter = names.get(each.sender, each.sender), names.get(each.matter, each.matter)
    return f"{each.at}  {each.ref}  {matter}  由 from {sender}  {names.get(each.instrument, '')}（{each.instrument}）"


def _as_object(tally: imposed.Tally) -> dict[str, Any]:
    return asdict(tally) | {"unplanned": tally.unplanned, "change": tally.change, "halved": tally.halved}


def _delegation(each: Delegation) -> dict[str, Any]:
    """A delegation in the contract's words."""
    line = asdict(each)
    return {"ref": line.pop("ref"), "from": line.pop("sender"), "to": line.pop("recipient")} | line
