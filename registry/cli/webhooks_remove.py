"""`registry webhooks remove`: an address to which nothing is sent any more."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer

from registry.cli.terminal import fail
from registry.database import connect
from registry.exchange.webhooks import endpoints

NUMBER = Annotated[int, typer.Argument(min=1, help="编号，见 webhooks list。 / Its number in webhooks list.")]


def webhooks_remove(number: NUMBER) -> None:
    """删除接收地址。 / Remove an address."""
    with connect() as connection:
        if not endpoints.remove(connection, number):
            fail_unknown(number)
    print(f"已删除第 {number} 号。 / Removed {number}.")


def fail_unknown(number: int) -> NoReturn:
    """Leave because there is no such address."""
    fail("unknown-webhook", f"没有第 {number} 号接收地址。", f"There is no address {number}.")
