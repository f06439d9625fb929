"""`registry certificate-demands`: who demands certificates of villages that these may not issue."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from registry.cli.lines import write
from registry.cli.questions import known_position
from registry.cli.terminal import JSON, KNOWN, days_between, report
from registry.database import connect
from registry.queries.certificates import demands
from registry.queries.units.resolve import resolve_unit_now
from registry.relations.two_times import AsOf


def certificate_demands(
    within: Annotated[
        str, typer.Argument(help="哪个单位的辖区：代码或名称。 / Within which unit's territory: its code or name.")
    ],
    since: Annotated[str, typer.Option("--from", help="自哪一天起（含）。 / From this day on.")],
    until: Annotated[str | None, typer.Option("--to", help="到哪一天（含），缺省今天。 / To this day (today).")] = None,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """谁向村里要了不该要的证明。 / Who demanded certificates of villages that these may not issue."""
    first, last = days_between(since, until)
    with connect() as connection:
        position = known_position(connection, known)
        territory = resolve_unit_now(connection, within, AsOf(last, position))
        rows = demands.demands(connection, territory, first, last, position)
    for one in rows:
        if as_json:
            write(asdict(one))
            continue
        print(
            f"{one.unit}  共 {one.demanded} 次，禁止 {one.forbidden}，清单外 {one.unlisted}，涉及 {one.villages} 村"
            f" / demanded {one.demanded}, forbidden {one.forbidden}, unlisted {one.unlisted}, villages {one.villages}"
        )
        for matter, often in one.matters:
            print(f"  {matter} × {often}")
    if not rows and not as_json:
        report("没有索要证明的记录。 / No demands are recorded.")
