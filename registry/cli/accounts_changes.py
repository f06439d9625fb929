"""`registry accounts changes`: who changed which account."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.access import accounts, changes
from registry.cli.lines import at_time, table, write
from registry.cli.terminal import JSON
from registry.database import connect


def accounts_changes(
    name: Annotated[str | None, typer.Argument(help="只看这个账号。 / Of this account only.")] = None,
    most: Annotated[int, typer.Option(min=1, max=100_000, help="最多几条，新的在前。 / How many, newest first.")] = 100,
    as_json: JSON = False,
) -> None:
    """谁在何时改动了哪个账号。 / Who changed which account, and when."""
    with connect() as connection:
        account = None if name is None else accounts.named(connection, name).name
        rows = changes.newest(connection, account, most)
    if as_json:
        for row in rows:
            line = {"number": row.number, "at": at_time(row.at), "by": row.by, "via": row.via}
            write(line | {"account": row.account, "what": row.what, "detail": row.detail})
        return
    if rows:
        lines = [
            (at_time(row.at), row.by, row.via, row.account, f"{row.text.zh} {row.text.en}", row.detail) for row in rows
        ]
        table(("时间 at", "谁 by", "方式 via", "账号 account", "改动 what", "详情 detail"), lines)
    print(f"共 {len(rows)} 条。 / Changes: {len(rows)}.")
