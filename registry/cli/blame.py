"""`registry blame`: who led a duty, since when, by which paper and decision."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import recorded, table, with_code, write
from registry.cli.questions import answer
from registry.cli.terminal import JSON, KNOWN, WITHIN
from registry.domain.labels import ROLE
from registry.queries import as_of_many
from registry.queries.history import causes
from registry.queries.holdings import custody
from registry.queries.units.resolve import need_matter, resolve_unit
from registry.relations.two_times import LAST, AsOf, Reader


def blame(
    matter: Annotated[str, typer.Argument(help="事项（职责）编码。 / The matter, a duty.")],
    within: WITHIN,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """牵头沿革：谁、自何时、依据何文、由哪项决定牵头。 / Who led a duty since when, by which paper and decision."""

    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> list[dict[str, Any]]:
        territory = await resolve_unit(reader, within, AsOf(LAST, position))
        await need_matter(reader, matter, AsOf(date.max, position))
        spans = await custody.custody(reader, position, matter, territory)
        begun = [(span.begun_by, span.since) for span in spans]
        ended = [(span.ended_by, span.until) for span in spans if span.ended_by and span.until]
        moved = await causes.decisions(reader, position, [*begun, *ended])
        senders = [(span.sender, span.since) for span in spans if span.sender]
        units = await as_of_many.units(reader, position, [*[(span.holder, span.since) for span in spans], *senders])
        papers = await as_of_many.instruments(
            reader, position, [(span.instrument, span.since) for span in spans if span.instrument]
        )
        lines: list[dict[str, Any]] = []
        for span in spans:
            holder, paper = units[span.holder, span.since], papers.get((span.instrument or "", span.since))
            sender = units.get((span.sender, span.since)) if span.sender else None
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
                    "from_name": sender.name if sender else None,
                    "instrument": span.instrument,
                    "title": paper.title if paper else None,
                    "decision": recorded(moved.get((span.begun_by, span.since))),
                    "ended_by": recorded(moved.get((span.ended_by, span.until)))
                    if span.ended_by and span.until
                    else None,
                }
            )
        return lines

    lines = answer(question, known)
    if as_json:
        for line in lines:
            write(line)
        return
    if not lines:
        print("从未有单位牵头。 / Nobody has ever led it.")
        return
    head = ("自 since", "至 until", "单位 holder", "方式 role", "来自 from", "依据编号 subject", "文号 instrument")
    more = ("标题 title", "序号 position", "记录时间 recorded at", "记录人 by")
    table((*head, *more), [_cells(line) for line in lines])


def _cells(line: Mapping[str, Any]) -> list[str]:
    """Write a span as the cells of a table."""
    decision: Mapping[str, Any] = line["decision"] or {}
    until, role = line["until"], line["role"]
    cells = [
        line["since"],
        until or "至今 now",
        with_code(line["name"], line["holder"]),
        f"{ROLE[role].zh} {role}",
        with_code(line["from_name"], line["from"]),
        line["subject"],
    ]
    cells += [line["instrument"] or "—", line["title"] or "—"]
    cells += [f"#{decision['position']}" if decision else "—", decision.get("recorded_at"), decision.get("recorded_by")]
    return [str(cell or "—") for cell in cells]
