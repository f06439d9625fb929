"""What all commands share: options, days, and how they report. Imports nothing that takes long."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn, cast

import typer

from registry import settings

if TYPE_CHECKING:
    from rich.console import Console

# Controls of a terminal and of the direction of writing (registry/domain/characters.py), but line breaks and tabs.
_ACTING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_HALVES: Final = re.compile("[\ud800-\udfff]")  # what Python makes of bytes that are no letters
JSON = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象。 / One JSON object a line.")]
BY = Annotated[
    str | None,
    typer.Option("--by", help="由谁记录（缺省为系统用户名）。 / Who records (default: the user's login name)."),
]
AS_OF = Annotated[str | None, typer.Option(help="截至哪一天，缺省今天。 / As of which day (today).")]
KNOWN = Annotated[str | None, typer.Option(help="截至哪个序号或时间所知。 / As known when.")]
WITHIN = Annotated[
    str, typer.Option(help="哪个单位的辖区：代码或名称。 / Within which unit's territory: its code or name.")
]


def console() -> Console:
    """Give the console on standard error, for progress."""
    from rich.console import Console

    return Console(stderr=True)


class Visible(io.TextIOWrapper):
    """A terminal on which characters that act on it are written out: names come from whoever recorded them."""

    def __init__(self, terminal: Any) -> None:
        super().__init__(
            terminal.buffer,
            terminal.encoding,
            terminal.errors,
            line_buffering=True,
            write_through=terminal.write_through,
        )

    def write(self, text: str, /) -> int:
        super().write(visible(text))
        return len(text)


def visible(text: str) -> str:
    """The text with its control characters written out, such as ESC; line breaks and tabs stay."""
    return _ACTING.sub(lambda seen: seen.group().encode("unicode_escape").decode(), text)


def report(text: str, colour: str | None = None) -> None:
    """Write a line on standard error; in colour where a terminal shows it."""
    sys.stdout.flush()
    typer.secho(visible(text), err=True, fg=colour)


def fail(code: str, zh: str, en: str, status: int = 1) -> NoReturn:
    """Report what is wrong on standard error, in both languages, and leave with the status."""
    report(f"{code}: {zh} / {en}", "red")
    sys.exit(status)


def need_text(given: Mapping[str, Any]) -> None:
    """Leave where an argument or option is no text: of its bytes some are no letters of this system's encoding.

    A path may have any bytes.
    """
    for value in given.values():
        texts: Iterable[object] = (value,)
        if isinstance(value, (list, tuple)):
            texts = cast("Iterable[object]", value)
        for text in texts:
            if isinstance(text, str) and not text.isascii() and _HALVES.search(text):
                shown = text.encode("utf-8", "backslashreplace").decode()
                fail_letters(f"“{shown}”", shown)


def fail_letters(zh: str = "路径、环境变量或输入", en: str = "a path, the environment or the input") -> NoReturn:
    """Report what has bytes that are no letters, and leave; what was piped in may be a secret, and is not shown."""
    fail(
        "bad-value",
        f"{zh}中有的字节不是文字：请用 UTF-8 编码。",
        f"Some bytes of {en} are no letters: write them in UTF-8.",
        2,
    )


def login() -> str | None:
    """Give the name under which the user is logged in."""
    return settings.SUDO_USER.read() or settings.USER.read() or settings.LOGNAME.read() or None


def day(text: str | None) -> date:
    """Read a date, YYYY-MM-DD; today in China where none is given. Leaves where it is none."""
    if text is None:
        from registry.domain.dates import today

        return today()
    try:
        read = date.fromisoformat(text)
        if read.isoformat() != text:  # fromisoformat takes 20250701 and weeks (2025-W01-1) too
            raise ValueError
        return read
    except ValueError:
        fail("bad-value", f"日期请写成 YYYY-MM-DD：{text}", f"Write the date as YYYY-MM-DD: {text}", 2)


def days_between(since: str, until: str | None) -> tuple[date, date]:
    """Read two days, `--from` and `--to` (today). Leaves where the second is before the first."""
    first, last = day(since), day(until)
    if last < first:
        fail(
            "bad-value",
            f"--to 不得早于 --from：{last} < {first}",
            f"--to must not be before --from: {last} < {first}",
            2,
        )
    return first, last


def one_of(option: str, value: str | None, allowed: tuple[str, ...]) -> None:
    """Leave where the value of an option is none of those allowed."""
    if value is not None and value not in allowed:
        names = ", ".join(allowed)
        fail("bad-value", f"{option} 没有“{value}”，可选：{names}", f"{option} is no {value}; choose of: {names}", 2)
