"""`registry blame`, `history`, `changes`, `account` and `decisions`: the past, on the command line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

import orjson
import psycopg
import typer
from rich.cells import cell_len

from registry import checker
from registry.checker.naming import ROLE
from registry.cli.terminal import JSON, day, fail, known_position
from registry.database import connect, pool
from registry.domain.decisions import TYPES
from registry.queries import as_of_many
from registry.queries.history import causes, changes, decisions, effects
from registry.queries.history.decisions import Decision
from registry.queries.holdings import accountability, custody
from registry.queries.holdings.holdings import Holding
from registry.queries.matters import matters
from registry.queries.units import units
from registry.relations.two_times import AsOf, Reader

Answer = TypeVar("Answer")
KNOWN = Annotated[str | None, typer.Option(help="截至哪个序号或时间所知。 / As known when.")]
WITHIN = Annotated[str, typer.Option(help="哪个单位的辖区。 / Within which unit's territory.")]

CHANGE = {"began": ("新增", "began"), "ended": ("终止", "ended"), "changed": ("变更", "changed")}
CONCLUSION = {
    "NOT_HELD": ("当日不承担该事项。", "It did not hold the matter that day."),
    "ASSISTED": ("当日仅承担配合。", "It only had to assist that day."),
    "HELD_WITH_POWER": ("当日承担，并掌握所需权力。", "It held it that day, with the powers required."),
    "HELD_WITHOUT_POWER": ("当日承担，但不掌握所需权力。", "It held it that day, without the powers required."),
}


def asked(question: Callable[[psycopg.Connection, Reader, int], Awaitable[Answer]], known: str | None) -> Answer:
    """The answer to a question, as known at a position or time."""

    async def answered(connection: psycopg.Connection, position: int) -> Answer:
        async with await pool(min_size=1, max_size=1) as reader:
            return await question(connection, reader, position)

    with connect() as connection:
        return asyncio.run(answered(connection, known_position(connection, known)))


async def need_unit(reader: Reader, code: str) -> None:
    """Leave where no unit has ever had this code."""
    if not await units.exists(reader, code):
        fail("unknown-unit", f"没有代码为“{code}”的单位。 / There is no unit {code}.")


async def need_matter(reader: Reader, moment: AsOf, code: str) -> None:
    """Leave where no matter has this code, as known."""
    if not await matters.exists(reader, moment, code):
        fail("unknown-matter", f"没有编码为“{code}”的事项。 / There is no matter {code}.")


def write(line: Mapping[str, Any]) -> None:
    """One JSON object a line."""
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their widest cell, two screen columns for each Chinese character."""
    widths = [max(map(cell_len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        print(
            "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        )


def recorded(decision: Decision | None) -> dict[str, Any] | None:
    """Where, when and by whom a decision was recorded."""
    if decision is None:
        return None
    told = {"position": decision.position, "type": decision.type, "at": decision.data["at"]}
    return told | {"recorded_at": at_time(decision.recorded_at), "recorded_by": decision.recorded_by}


def at_time(time: datetime) -> str:
    """A time in UTC, to the second."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def blame(
    matter: Annotated[str, typer.Argument(help="事项（职责）编码。 / The matter, a duty.")],
    within: WITHIN,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """牵头沿革：谁、自何时、依据何文、由哪项决定牵头。 / Who led a duty since when, by which paper and decision."""

    async def question(_: psycopg.Connection, reader: Reader, position: int) -> list[dict[str, Any]]:
        await need_unit(reader, within)
        await need_matter(reader, AsOf(date.max, position), matter)
        spans = await custody.custody(reader, position, matter, within)
        begun = [(span.begun_by, span.since) for span in spans]
        ended = [(span.ended_by, span.until) for span in spans if span.ended_by and span.until]
        moved = await causes.decisions(reader, position, [*begun, *ended])
        holders = await as_of_many.units(reader, position, [(span.holder, span.since) for span in spans])
        named = [(span.instrument, span.since) for span in spans if span.instrument]
        papers = await as_of_many.instruments(reader, position, named)
        lines: list[dict[str, Any]] = []
        for span in spans:
            holder, paper = holders[span.holder, span.since], papers.get((span.instrument or "", span.since))
            lines.append(
                {
                    "since": span.since,
                    "until": span.until,
                    "holder": span.holder,
                    "name": holder.name,
                    "role": span.role,
                    "by": span.by,
                    "subject": span.subject,
                    "from": span.sender,
                    "instrument": span.instrument,
                    "title": paper.title if paper else None,
                    "decision": recorded(moved.get((span.begun_by, span.since))),
                    "ended_by": recorded(moved.get((span.ended_by, span.until)))
                    if span.ended_by and span.until
                    else None,
                }
            )
        return lines

    lines = asked(question, known)
    if as_json:
        for line in lines:
            write(line)
        return
    head = ("自 since", "至 until", "单位 holder", "名称 name", "方式 role", "依据编号 subject", "文号 instrument")
    more = ("标题 title", "序号 position", "记录时间 recorded at", "记录人 by")
    if not lines:
        print("从未有单位牵头。 / Nobody has ever led it.")
        return
    table((*head, *more), [shown(line) for line in lines])


def shown(line: Mapping[str, Any]) -> list[str]:
    """A line of `blame` as cells."""
    decision: Mapping[str, Any] = line["decision"] or {}
    until, role = line["until"], line["role"]
    cells = [
        line["since"],
        until or "至今 now",
        line["holder"],
        line["name"],
        f"{ROLE[role].zh} {role}",
        line["subject"],
    ]
    cells += [line["instrument"] or "—", line["title"] or "—"]
    cells += [f"#{decision['position']}" if decision else "—", decision.get("recorded_at"), decision.get("recorded_by")]
    return [str(cell or "—") for cell in cells]


def history(
    code: Annotated[str, typer.Argument(help="单位代码或事项编码。 / A unit or a matter.")],
    after: Annotated[int, typer.Option(help="从该序号之后读起。 / Only after this position.")] = 0,
    first: Annotated[int, typer.Option(min=1, help="最多多少项。 / At most so many.")] = 100,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """变更记录：涉及该单位或事项的决定，各改变了什么。 / Decisions about a unit or matter, and what each changed."""

    async def question(_: psycopg.Connection, reader: Reader, position: int) -> list[Decision]:
        thing = "unit" if await units.exists(reader, code) else "matter"
        if thing == "matter" and not await matters.exists(reader, AsOf(date.max, position), code):
            fail("unknown-matter", f"没有单位或事项“{code}”。 / There is no unit or matter {code}.")
        return (await decisions.history(reader, position, [code], after, first, thing)).get(code, [])

    tell(asked(with_effects(question), known), as_json=as_json)


def decisions_(
    unit: Annotated[str | None, typer.Option(help="涉及该单位。 / Naming this unit.")] = None,
    matter: Annotated[str | None, typer.Option(help="涉及该事项。 / Naming this matter.")] = None,
    instrument: Annotated[str | None, typer.Option(help="涉及该文号。 / Naming this document.")] = None,
    ref: Annotated[str | None, typer.Option(help="涉及该编号。 / Naming this ref.")] = None,
    kind: Annotated[str | None, typer.Option("--type", help="种类。 / Of this type.")] = None,
    recorded_by: Annotated[str | None, typer.Option(help="由谁记录。 / Recorded by whom.")] = None,
    since: Annotated[str | None, typer.Option(help="记录时间不早于。 / Recorded at or after this time.")] = None,
    until: Annotated[str | None, typer.Option(help="记录时间不晚于。 / Recorded at or before this time.")] = None,
    at_from: Annotated[str | None, typer.Option(help="生效不早于。 / Taking effect on or after this day.")] = None,
    at_to: Annotated[str | None, typer.Option(help="生效不晚于。 / Taking effect on or before this day.")] = None,
    after: Annotated[int, typer.Option(help="从该序号之后读起。 / Only after this position.")] = 0,
    first: Annotated[int, typer.Option(min=1, help="最多多少项。 / At most so many.")] = 100,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """查找决定：按单位、事项、文件、种类、记录人和时间。 / Find decisions by what they name, by whom and when."""
    if kind is not None and kind not in TYPES:
        fail("bad-value", f"没有决定种类 {kind}。 / There is no type {kind}; there are {', '.join(TYPES)}.", 2)
    recorded_on = time(since), time(until)
    days = None if at_from is None else day(at_from), None if at_to is None else day(at_to)

    async def question(_: psycopg.Connection, reader: Reader, position: int) -> list[Decision]:
        wanted = decisions.Wanted(ref, instrument, matter, unit, kind, recorded_by, *recorded_on, *days, position)
        return await decisions.decisions(reader, wanted, after, first)

    tell(asked(with_effects(question), known), as_json=as_json)


def time(text: str | None) -> datetime | None:
    """A time with its zone (RFC 3339)."""
    try:
        found = None if text is None else datetime.fromisoformat(text)
        if found is not None and found.tzinfo is None:
            raise ValueError
    except ValueError:
        fail("bad-value", f"时间请写明时区：{text} / Write the time with its zone, as RFC 3339: {text}", 2)
    return found


Told = list[tuple[Decision, list[effects.Effect]]]


def with_effects(
    question: Callable[[psycopg.Connection, Reader, int], Awaitable[list[Decision]]],
) -> Callable[[psycopg.Connection, Reader, int], Awaitable[Told]]:
    """The question, and what each decision found changed."""

    async def answered(connection: psycopg.Connection, reader: Reader, position: int) -> Told:
        found = await question(connection, reader, position)
        changed = await effects.effects(reader, [decision.position for decision in found])
        return [(decision, changed.get(decision.position, [])) for decision in found]

    return answered


def tell(found: Told, *, as_json: bool) -> None:
    """Decisions, and what each changed."""
    for decision, changed in found:
        if as_json:
            told = [{**said(effect), "message": effect.message._asdict()} for effect in changed]
            write({**(recorded(decision) or {}), "data": decision.data, "effects": told})
            continue
        by = f"  {decision.recorded_by}" if decision.recorded_by else ""
        print(f"#{decision.position}  {decision.data['at']}  {decision.type}  {at_time(decision.recorded_at)}{by}")
        for effect in changed:
            print(f"  {effect.message.zh}")
            print(f"  {effect.message.en}")
    if not as_json:
        print(f"共 {len(found)} 项决定。 / {len(found)} decisions.")


def said(effect: effects.Effect) -> dict[str, Any]:
    """An effect as data."""
    fields = [{"field": each.field, "before": each.before, "after": each.after} for each in effect.fields]
    told = {"table": effect.table, "key": effect.key, "change": effect.change}
    return told | {"since": effect.since, "until": effect.until, "fields": fields}


def changes_(
    within: WITHIN,
    after: Annotated[str, typer.Option("--from", help="此日之后。 / After this day.")],
    until: Annotated[
        str | None, typer.Option("--to", help="至此日（含），缺省今天。 / Up to this day (today).")
    ] = None,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """两日之间的变化：承担和清单事项的新增、终止、变更。 / What began, ended or changed in between two days."""
    first, last = day(after), day(until)
    if last < first:
        fail(
            "bad-value", f"--to 不得早于 --from：{last} < {first} / --to must not be before --from: {last} < {first}", 2
        )

    async def question(
        _: psycopg.Connection, reader: Reader, position: int
    ) -> tuple[list[changes.Change], dict[causes.Cause, Decision]]:
        await need_unit(reader, within)
        found = await changes.changes(reader, position, within, first, last)
        wanted = {(change.cause, change.on) for change in found if change.cause is not None}
        return found, await causes.decisions(reader, position, wanted)

    found, moved = asked(question, known)
    for change in found:
        decision = None if change.cause is None else moved.get((change.cause, change.on))
        before, now = change.before or {}, change.after or {}
        names = [name for name in changes.ATTRIBUTES if (before.get(name) or None) != (now.get(name) or None)]
        if as_json:
            fields = [{"field": name, "before": before.get(name), "after": now.get(name)} for name in names]
            told = {"on": change.on, "change": change.change, "unit": change.unit, "matter": change.matter}
            write(told | {"subject": change.subject, "fields": fields, "decision": recorded(decision)})
            continue
        zh, en = CHANGE[change.change]
        by = f"  #{decision.position} {decision.type}" if decision else ""
        what = "  ".join(part for part in (change.unit or "清单事项 item", change.matter, change.subject) if part)
        print(f"{change.on}  {zh} {en}  {what}{by}")
        if change.change == "changed":
            print("  " + "；".join(f"{name}: {before.get(name)} → {now.get(name)}" for name in names))
    if not as_json:
        print(f"{first} 之后至 {last} 共 {len(found)} 项变化。")
        print(f"{len(found)} changes after {first} up to {last}.")


def account(
    matter: Annotated[str, typer.Argument(help="事项编码。 / The matter.")],
    unit: Annotated[str, typer.Option(help="单位。 / The unit.")],
    on: Annotated[str, typer.Option(help="事发之日。 / The day of the incident.")],
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """问责查询：当日是否承担、由谁交办、有无权力和保障。 / Did the unit hold it that day, by whom, with what powers?"""
    when = day(on)

    async def question(connection: psycopg.Connection, reader: Reader, position: int) -> accountability.Account:
        await need_unit(reader, unit)
        found = await accountability.account(reader, connection, AsOf(when, position), matter, unit)
        if found is None:
            fail("unknown-matter", f"没有编码为“{matter}”的事项。 / There is no matter {matter}.")
        return found

    found = asked(question, known)
    if as_json:
        findings = [checker.as_json(finding) for finding in found.findings]
        plain = {name: getattr(found, name) for name in ("matter", "unit", "on", "known", "held", "role", "conclusion")}
        means = {name: getattr(found, name) for name in ("required", "missing", "needs", "brings")}
        kept = {"holdings": found.holdings, "chain": found.chain, "above": found.above}
        chains = {name: [as_object(each) for each in of] for name, of in kept.items()}
        write(plain | means | chains | {"findings": findings})
        return
    zh, en = CONCLUSION[found.conclusion]
    print(f"{found.on}  {unit}  {matter}：{zh}\n{en}")
    listed("来源链", "Chain", found.chain)
    print(f"所需权力 required: {'、'.join(found.required) or '—'}  所缺 missing: {'、'.join(found.missing) or '—'}")
    print(f"所需保障 needs: {'、'.join(found.needs) or '—'}  随附 brings: {'、'.join(found.brings) or '—'}")
    listed("上一级的承担", "What the next level up held", found.above)
    for finding in found.findings:
        print(f"{finding.severity} {finding.rule}  {finding.subject}\n  {finding.message.zh}\n  {finding.message.en}")


def as_object(holding: Holding) -> dict[str, Any]:
    """A holding in the contract's words."""
    told = asdict(holding)
    return {"unit": told.pop("unit"), "matter": told.pop("matter"), "from": told.pop("sender")} | told


def listed(zh: str, en: str, found: Sequence[Holding]) -> None:
    """Holdings, one a line."""
    print(f"{zh} / {en}:")
    for each in found:
        role = f"{ROLE[each.role].zh} {each.role}" if each.role else ""
        sender = f"  由 from {each.sender}" if each.sender else ""
        print(f"  {each.unit}  {role}  {each.subject}{sender}  {each.instrument or ''}  {each.since} –")
    if not found:
        print("  —")
