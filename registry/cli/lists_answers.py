"""`registry lists answers`: what a county answered of names and texts in its lists, and what is no longer to hold."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.cli.lines import at_time, table, write
from registry.cli.questions import known_position
from registry.cli.terminal import JSON, fail
from registry.database import connect
from registry.domain.dates import today
from registry.exchange.sheets.planning import remembered
from registry.queries.units.resolve import resolve_unit_now
from registry.relations.two_times import AsOf


def lists_answers(
    county: Annotated[str, typer.Option(help="县：代码或名称。 / The county: its code or name.")],
    withdraw: Annotated[
        list[str] | None,
        typer.Option(help="不再沿用的，如 row:拟取消（可多次）。 / No longer to hold, e.g. row:拟取消; repeatable."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """导入清单时沿用的答复：列出，或撤回。 / Answers used with a county's next files: list or withdraw them."""
    with connect() as connection:
        county = resolve_unit_now(connection, county, AsOf(today(), known_position(connection, None)))
        if withdraw:
            with connection.transaction():  # all of them, or none
                for key in withdraw:
                    kind, _, name = key.partition(":")
                    if not remembered.withdraw(connection, county, kind, name):
                        fail("unknown-answer", f"没有“{key}”这个答复。", f"There is no answer {key}.")
            print(f"已撤回 {len(withdraw)} 个答复，下次再问。 / {len(withdraw)} withdrawn, to be asked again.")
            return
        every = remembered.every(connection, county)
    if as_json:
        for one in every:
            line = {"kind": one.kind, "name": one.name, "means": one.means, "holds_for": one.subject or None}
            write(line | {"answered_at": at_time(one.answered_at), "answered_by": one.answered_by})
        return
    if not every:
        print("没有沿用的答复。 / There are none.")
        return
    head = ("答复 answer", "意思 means", "适用 holds for", "日期 day", "谁 by")
    rows = [
        (f"{one.kind}:{one.name}", one.means, one.subject or "—", str(one.day), one.answered_by or "—") for one in every
    ]
    table(head, rows)
