"""`registry findings`: what opened and closed, by which decision, and what does from now on."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Annotated

import orjson
import psycopg
import typer

from registry import checker
from registry.cli.terminal import JSON, console, fail
from registry.database import connect, pool
from registry.impact import finding_feed
from registry.queries.findings import finding_events
from registry.queries.findings.finding_events import FindingEvent, WantedEvents, as_object

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
    within: Annotated[str | None, typer.Option(help="只看该单位辖区。 / Only that unit's territory.")] = None,
    rule: Annotated[str | None, typer.Option(help="只看该规则。 / Only that rule.")] = None,
    severity: Annotated[str | None, typer.Option(help="只看 V、W 或 R。 / Only V, W or R.")] = None,
    as_json: JSON = False,
) -> None:
    """问题动态：何时因何出现、消除。 / Findings as they opened and closed, and by which decision."""
    if rule is not None and rule not in checker.RULES:
        names = ", ".join(sorted(checker.RULES))
        fail("bad-value", f"没有规则 {rule}，可选：{names} / There is no rule {rule}; choose of: {names}", 2)
    if severity is not None and severity not in finding_events.SEVERITY:
        fail("bad-value", f"没有严重程度 {severity}，可选：V、W、R / There is no severity {severity}: V, W or R.", 2)
    wanted = WantedEvents(within=within, rule=rule, severity=severity)
    with connect() as connection:
        if within is not None:
            found = "\0" not in within and connection.execute("SELECT 1 FROM unit WHERE code = %s LIMIT 1", (within,))
            if not found or found.fetchone() is None:
                fail("unknown-unit", f"没有代码为“{within}”的单位。 / There is no unit {within}.")
        number = _newest(connection) if follow and after is None else after or 0
        _bring_up_to_date(connection)
        asyncio.run(_tell(connection, wanted, number, follow=follow, as_json=as_json))


def _newest(connection: psycopg.Connection) -> int:
    progress = finding_feed.Store(connection).progress()
    return 0 if progress is None else progress.number


def _bring_up_to_date(connection: psycopg.Connection) -> None:
    with console.status("判定 judging …", spinner="line") as status:

        def told(position: int, last: int) -> None:
            status.update(f"判定 judging {position} / {last}")

        finding_feed.bring_up_to_date(connection, told)


async def _tell(
    connection: psycopg.Connection, wanted: WantedEvents, number: int, *, follow: bool, as_json: bool
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
            # One process judges; this one too where no other does.
            await asyncio.to_thread(time.sleep, WAIT)
            await asyncio.to_thread(finding_feed.assess_backlog, connection)


def _show(event: FindingEvent, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(as_object(event)) + b"\n")
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
