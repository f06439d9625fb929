"""`registry services`: which matters one application does, at which window, and what to bring."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import write
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, day
from registry.domain.labels import WINDOW
from registry.queries import certificates
from registry.queries.units import units
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf, Reader


def services(
    text: Annotated[str | None, typer.Argument(help="要办什么事，怎么说都行。 / What is to be done.")] = None,
    village: Annotated[str | None, typer.Option(help="哪个村可办。 / Those open to this village.")] = None,
    unit: Annotated[str | None, typer.Option(help="在哪个单位这一级的窗口办。 / At a unit's level.")] = None,
    as_of: AS_OF = None,
    as_json: JSON = False,
) -> None:
    """“一件事”：一张表办哪几样，到哪个窗口，带什么。 / Services: one application, one window, what to bring."""
    on = day(as_of)

    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> tuple[certificates.Service, ...]:
        moment = AsOf(on, position)
        code = None if village is None else await resolve_unit(reader, village, moment)
        level = None
        if unit is not None:
            window = await resolve_unit(reader, unit, moment)
            level = (await units.units(reader, moment, [window]))[window].level
        return await certificates.services_for(reader, on, village=code, level=level, text=text)

    rows = answer(question, None)
    for row in rows:
        if as_json:
            write(asdict(row))
            continue
        print(f"{row.name}  {row.code}")
        print(f"  一张表办 does: {'；'.join(row.included)}")
        if row.window is not None:
            where = WINDOW[row.window]
            print(f"  窗口 window: {where.zh} / {where.en}")
        if row.materials:
            print(f"  带什么 bring: {'、'.join(row.materials)}")
        if row.procedure is not None:
            print(f"  怎么办 how: {row.procedure}")
        if row.online is not None:
            print(f"  网上 online: {row.online}")
    if not as_json:
        print(f"共 {len(rows)} 件。 / Services: {len(rows)}.")
