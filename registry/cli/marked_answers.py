"""`registry marked-answers`: sayings at the certificate window that were marked as answered wrongly."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from registry.cli.lines import table, write
from registry.cli.terminal import JSON
from registry.database import connect
from registry.queries.certificates import review


def marked_answers(
    reviewed: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2**63 - 1,
            metavar="NUMBER",
            help="看完了：删去到这个编号为止的。 / Reviewed: take away those up to this number.",
        ),
    ] = None,
    as_json: JSON = False,
) -> None:
    """证明窗口答错的话：供改进用语，不含任何人的信息。 / Sayings marked as answered wrongly, to be reviewed."""
    with connect() as connection:
        if reviewed is not None:
            count = review.reviewed(connection, reviewed)
            if as_json:
                write({"reviewed": count})
            else:
                print(f"已删去 {count} 条。 / Taken away: {count}.")
            return
        rows = review.marked(connection)
    if as_json:
        for row in rows:
            write(asdict(row))
        return
    if rows:
        head = ("编号", "日期", "县", "问的话", "答的是", "应当是")
        lines = [
            (str(row.number), row.day.isoformat(), row.county, row.said, row.answered or row.status, row.meant or "")
            for row in rows
        ]
        table(head, lines)
    print(f"共 {len(rows)} 条待看。 / To be reviewed: {len(rows)}.")
