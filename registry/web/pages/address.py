"""What an address names, refused where there is none: a day, a position (`?as_of=…&known=…`), a unit, a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NoReturn

from registry.domain.dates import today
from registry.domain.text import Text
from registry.exchange.sheets.writing import exporting
from registry.queries.lists.lists import Listing
from registry.queries.units.resolve import UnknownName, resolve_unit_ever
from registry.queries.units.units import Unit
from registry.relations import two_times
from registry.relations.two_times import LAST, AsOf, Reader
from registry.web.pages.failure import Choice, Refused
from registry.web.pages.unit_meant import UnclearUnit, unit_meant
from registry.web.problems import hint

LONGEST: Final = 200  # letters of what is looked up by name
# What is not there has 404; a county's own file of words that cannot be read is nothing that the asker can mend.
STATUS: Final = {"bad-value": 400, "too-large": 400, "bad-certificate-words": 503}


def refuse(code: str, zh: str, en: str, *, field: str = "", words: Mapping[str, Text] | None = None) -> NoReturn:
    """Raise what is wrong with an address, under a code, with what to do about it; `field`, `words`: as of Refused."""
    advice = (hint(code)["zh"], hint(code)["en"])
    raise Refused(code, STATUS.get(code, 404), (zh, en), advice, field=field, words=words)


async def moment(reader: Reader, as_of: str | None, known: str | None) -> AsOf:
    """The day and the position that are named; today and the newest where none is.

    Raises Refused: bad-value, unknown-position.
    """
    newest = await two_times.newest(reader)
    return AsOf(day(as_of), await _position(reader, known, newest) if known else newest)


def known_as_written(text: str | None) -> str | None:
    """What a person writes for when something was known: a day is all that was recorded by its end here.

    So is a minute as the pages show it (`2026-03-01 09:30`, China Standard Time). Anything else as it is.
    """
    minute = re.fullmatch(r"(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d))?", (text or "").strip(), re.ASCII)
    if minute is None or read_day(minute[1]) is None:
        return text
    last = f"{minute[1]}T{minute[2] or '23:59'}:59.999999+08:00"
    try:
        return datetime.fromisoformat(last).isoformat()
    except ValueError:
        return text


def refuse_before_all(text: str) -> NoReturn:
    """Raise that nothing had been recorded when something was asked to be known."""
    if text.strip().isdecimal():
        zh, en = "第 0 号在第一项记录以前，登记簿还没有任何记录。", "Nothing was recorded yet at position 0."
    else:
        zh, en = f"到 {text[:40]}，登记簿还没有任何记录。", f"Nothing had been recorded by {text[:40]}."
    hint = (
        "换一个晚些的日期或序号；在日志里看第一项的记录时间。",
        "Give a later day or position; the log says when the first was.",
    )
    raise Refused("unknown-position", 404, (zh, en), hint, field="known")


async def unit(reader: Reader, moment: AsOf, text: str) -> str:
    """The code of the unit that is named, by its code or a name that it alone bears. Raises Refused: unknown-unit."""
    try:
        return await resolve_unit_ever(reader, text[:LONGEST], moment)
    except UnknownName as unknown:
        advice = ("核对代码，或者按名称查找。", "Check the code, or search by name.")
        raise Refused(unknown.code, 404, unknown.text, advice) from None


async def unit_by_name(reader: Reader, moment: AsOf, text: str, field: str = "") -> str:
    """The code of the unit that is meant, as `unit_meant` has it; `field`: the parameter that names it.

    Raises Refused: unknown-unit, with the units to choose from where there are any.
    """
    try:
        return await unit_meant(reader, moment, text)
    except UnclearUnit as unclear:
        short = text[:60]
        if not unclear.choices:
            advice = ("核对代码，或者按名称查找。", "Check the code, or search by name.")
            raise Refused(unclear.unknown.code, 404, unclear.unknown.text, advice, field=field) from None
        names = [f"{name}（{code}）" for code, name in unclear.choices]
        message = (
            f"{moment.valid_at}没有恰好叫“{short}”的一个单位，可能是：{'、'.join(names)}。",
            f"On {moment.valid_at} there is not just one unit called {short}. It may be: {', '.join(names)}.",
        )
        advice = ("选是哪一个，或者写全名、代码。", "Choose which it is, or write its full name or code.")
        choices = Choice(text, unclear.choices)
        raise Refused(unclear.unknown.code, 404, message, advice, field=field, choices=choices) from None


async def listing(reader: Reader, moment: AsOf, code: str) -> Listing:
    """The list of that code as it is on the day. Raises Refused: unknown-list, not-in-force."""
    try:
        return await exporting.of_list(reader, moment, code)
    except exporting.NotThere as missing:
        refuse(missing.code, missing.zh, missing.en)


async def unit_listings(reader: Reader, moment: AsOf, text: str) -> tuple[Unit, list[Listing]]:
    """The unit that is named, and the lists that reach it on the day. Raises Refused: unknown-unit, not-in-force."""
    try:
        return await exporting.of_unit(reader, moment, await unit(reader, moment, text))
    except exporting.NotThere as missing:
        refuse(missing.code, missing.zh, missing.en)


def refuse_unless_ordered(first: date, last: date, name: str = "from") -> None:
    """Raise Refused, bad-value, where a time begins after it ends; `name`: the parameter of its first day."""
    if first > last:
        refuse("bad-value", f"起始日期 {first} 晚于截止日期 {last}。", f"{first} is after {last}.", field=name)


def day(text: str | None, name: str = "as_of") -> date:
    """A day written in an address; today where none is. Raises Refused: bad-value."""
    if not text:
        return today()
    on = read_day(text)
    if on is None:
        refuse("bad-value", f"{name} 须写成 YYYY-MM-DD：{text}", f"{name} must be YYYY-MM-DD: {text}")
    return on


def exact_day(text: str, name: str) -> date:
    """A day that is to be recorded or shown as it is written, also the last of all. Raises Refused: bad-value."""
    on = _read(text)
    if on is None:
        refuse("bad-value", f"{name} 须写成 YYYY-MM-DD：{text}", f"{name} must be YYYY-MM-DD: {text}")
    return on


def read_day(text: str) -> date | None:
    """A day to ask about, written `YYYY-MM-DD`, at the latest LAST; None where it is no day."""
    on = _read(text)
    return None if on is None else min(on, LAST)


def _read(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):  # fromisoformat takes weeks (2025-W01-1) too
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


async def _position(reader: Reader, text: str, newest: int) -> int:
    if text.isascii() and text.isdecimal() and len(text) < LONGEST:
        try:
            return two_times.reached(int(text), newest)
        except two_times.UnknownPosition as unknown:
            refuse(unknown.code, *unknown.text, field="known")
    try:
        time = datetime.fromisoformat(text.replace(" ", "+"))  # an address's + is read as a space
        if time.tzinfo is None:
            raise ValueError
    except ValueError:
        refuse(
            "bad-value",
            f"known 须是序号、日期（2026-03-01）或带时区的时间：{text}",
            f"known must be a position, a day (2026-03-01) or a time with its zone: {text}",
            field="known",
        )
    return min(await two_times.position_at(reader, time), newest)
