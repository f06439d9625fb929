"""`registry findings`: what opened and closed, by which decision, and what does from now on."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import write
from registry.cli.questions import known_position
from registry.cli.terminal import JSON, console, one_of
from registry.database import connect, pool
from registry.impact import finding_feed
from registry.queries.findings import finding_events
from registry.queries.findings.finding_events import FindingEvent, WantedEvents, as_object
from registry.queries.units.resolve import need_rule, resolve_unit_now
from registry.relations.two_times import LAST, AsOf

PAGE = 500
WAIT = 1.0  # seconds between two looks for what was recorded since
_CHANGE = {"opened": ("出现", "opened"), "closed": ("消除", "closed")}
_CAUSE = {"day": ("时日推移", "by the passing of days"), "rules": ("规则变更", "the rules are others")}


def findings(
    after: Annotated[
        int | None,
        typer.Option(min=0, help="自哪个编号之后，缺省全部；跟随时缺省为最新。 / After this number."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="继续跟随新变动。 / Go on with new ones.")] = False,
    within: Annotated[
        str | None, typer.Option(help="只看该单位辖区：代码或名称。 / Only that unit's territory: its code or name.")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="只看该规则。 / Only that rule.")] = None,
    severity: Annotated[str | None, typer.Option(help="只看 V、W 或 R。 / Only V, W or R.")] = None,
    as_json: JSON = False,
) -> None:
    """问题动态：何时因何出现、消除。 / Findings as they opened and closed, and by which decision."""
    if rule is not None:
        need_rule(rule)
    one_of("--severity", severity, tuple(finding_events.SEVERITY))
    with connect() as connection:
        if within is not None:
            within = resolve_unit_now(connection, within, AsOf(LAST, known_position(connection, None)))
        wanted = WantedEvents(within=within, rule=rule, severity=severity)
        number = _newest(connection) if follow and after is None else after or 0
        _bring_up_to_date(connection)
        asyncio.run(_print_events(connection, wanted, number, follow=follow, as_json=as_json))


def _newest(connection: psycopg.Connection) -> int:
    progress = finding_feed.Store(connection).progress()
    return 0 if progress is None else progress.number


def _bring_up_to_date(connection: psycopg.Connection) -> None:
    with console().status("判定 assessing …", spinner="line") as status:

        def update(position: int, last: int) -> None:
            status.update(f"判定 assessing {position} / {last}")

        finding_feed.bring_up_to_date(connection, update)


async def _print_events(
    connection: psycopg.Connection[Any], wanted: WantedEvents, number: int, *, follow: bool, as_json: bool
) -> None:
    async with await pool(min_size=1, max_size=1) as reader:
        while True:
            until = await finding_events.newest(reader)
            while number < until:
                page = await finding_events.page(reader, wanted, number, until, PAGE)
                for event in page.events:
                    _show(event, as_json=as_json)
                number = page.position
            sys.stdout.flush()
            if not follow:
                return
            # One process assesses at a time; this one where no other does.
            await asyncio.to_thread(time.sleep, WAIT)
            await asyncio.to_thread(finding_feed.assess_backlog, connection)


def _show(event: FindingEvent, *, as_json: bool) -> None:
    if as_json:
        write(as_object(event))
        return
    zh, en = _CHANGE[event.change]
    because = f"#{event.position}" if event.cause == "decision" else " ".join(_CAUSE[event.cause])
    print(
        f"{event.number}  {event.on}  {zh} {en}  {because}  "
        f"{event.severity} {event.rule}  {event.unit}  {event.subject}"
    )
    if event.change == "opened":
        print(f"  {event.zh}")
        print(f"  {event.en}")
