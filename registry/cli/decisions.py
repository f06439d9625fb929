"""`registry decisions`: decisions by what they name, by whom and when they were recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.effects import print_decisions, with_effects
from registry.cli.questions import answer
from registry.cli.terminal import JSON, KNOWN, day, fail, one_of
from registry.domain.decisions import TYPES
from registry.queries.history import decisions as log_decisions
from registry.queries.history.decisions import Decision
from registry.queries.units.resolve import need_recorded, resolve_unit_ever
from registry.relations.two_times import LAST, AsOf, Reader


def decisions(
    unit: Annotated[
        str | None, typer.Option(help="涉及该单位：代码或名称。 / Naming this unit: its code or name.")
    ] = None,
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
    one_of("--type", kind, tuple(TYPES))
    recorded_on = _time(since), _time(until)
    days = None if at_from is None else day(at_from), None if at_to is None else day(at_to)

    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> list[Decision]:
        moment = AsOf(LAST, position)
        about = None if unit is None else await resolve_unit_ever(reader, unit, moment)
        if matter is not None:
            await need_recorded(reader, "matter", matter, position)
        for field, value, kind_zh in (("ref", ref, "编号"), ("instrument", instrument, "文号")):
            if value is not None and not await _named_anywhere(reader, position, field, value):
                fail(f"unknown-{field}", f"没有记录过{kind_zh}“{value}”。", f"No {field} {value} is recorded.")
        wanted = log_decisions.Wanted(ref, instrument, matter, about, kind, recorded_by, *recorded_on, *days, position)
        return await log_decisions.decisions(reader, wanted, after, first)

    print_decisions(answer(with_effects(question), known), as_json=as_json)


async def _named_anywhere(reader: Reader, position: int, field: str, value: str) -> bool:
    """Tell whether any decision up to the position is about this ref or document, or names it."""
    wanted = replace(log_decisions.Wanted(known=position), **{field: value})
    return bool(await log_decisions.decisions(reader, wanted, 0, 1))


def _time(text: str | None) -> datetime | None:
    """Read a time with its zone (RFC 3339); None where none is given."""
    try:
        time = None if text is None else datetime.fromisoformat(text)
        if time is not None and time.tzinfo is None:
            raise ValueError
    except ValueError:
        fail("bad-value", f"时间请写明时区：{text}", f"Write the time with its zone, as RFC 3339: {text}", 2)
    return time
