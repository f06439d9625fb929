"""What all commands share: what they say where, who is speaking, and which day and state of knowledge is asked for."""

from __future__ import annotations

import sys
from datetime import date, datetime
from typing import Annotated, NoReturn

import psycopg
import typer
from rich.console import Console

from registry import settings
from registry.domain.dates import today
from registry.log import recorder

console = Console(stderr=True)

JSON = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象。 / One JSON object a line.")]
BY = Annotated[
    str | None,
    typer.Option("--by", help="由谁记录（缺省为系统用户名）。 / Who records (default: the user's login name)."),
]


def tell_plainly(text: str, style: str | None = None) -> None:
    """Say it on standard error as it is, in one line."""
    console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)


def fail(code: str, message: str, status: int = 1) -> NoReturn:
    """Say what is wrong on standard error and leave."""
    tell_plainly(f"{code}: {message}", "red")
    sys.exit(status)


def login() -> str | None:
    """The name under which the user is logged in."""
    return settings.SUDO_USER.read() or settings.USER.read() or settings.LOGNAME.read() or None


def day(text: str | None) -> date:
    """A date as YYYY-MM-DD; today in China where none is given."""
    if text is None:
        return today()
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        fail("bad-value", f"日期请写成 YYYY-MM-DD：{text} / Write the date as YYYY-MM-DD: {text}", 2)


def known_position(connection: psycopg.Connection, text: str | None) -> int:
    """A position, or the newest one at an RFC 3339 time; the log's last where nothing is given."""
    if text is None:
        return recorder.head(connection)[0]
    if text.isdecimal():
        return min(int(text), 2**62)
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError
    except ValueError:
        fail(
            "bad-value",
            f"--known 请写序号或带时区的时间：{text} / Give --known a position or a time with its zone: {text}",
            2,
        )
    return recorder.position_at(connection, time)
