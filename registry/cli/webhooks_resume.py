"""`registry webhooks resume`: sending goes on at once, or from another number on."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.cli.webhooks_add import after_of
from registry.cli.webhooks_remove import NUMBER, fail_unknown
from registry.database import connect
from registry.exchange.webhooks import endpoints


def webhooks_resume(
    number: NUMBER,
    after: Annotated[
        int | None,
        typer.Option(min=0, help="自哪个序号之后，缺省接着送。 / After this number; default: where it was."),
    ] = None,
) -> None:
    """立即继续发送，或从另一序号起重发。 / Go on sending at once, or again from another number on."""
    with connect() as connection:
        known = {endpoint.id: endpoint for endpoint in endpoints.every(connection)}
        if number not in known:
            fail_unknown(number)
        start = None if after is None else after_of(connection, known[number].feed, after)
        resumed = endpoints.resume(connection, number, start)
    if resumed is not None:
        print(f"第 {number} 号自 {resumed.position} 之后继续。 / {number} goes on after {resumed.position}.")
