"""Of which day, and of what the log knew, an address asks: `?as_of=2025-07-01&known=1200`."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final, NoReturn

from registry.domain.dates import today
from registry.domain.problems import HINTS
from registry.relations import two_times
from registry.relations.two_times import LAST, AsOf, Reader
from registry.web.pages.failure import Refused

STATUS: Final = {"bad-value": 400}  # what is not there has 404


def refuse(code: str, zh: str, en: str) -> NoReturn:
    """Raise what is wrong with an address under a code of the contract."""
    raise Refused(code, STATUS.get(code, 404), (zh, en), HINTS[code])


async def moment(reader: Reader, as_of: str | None, known: str | None) -> AsOf:
    """The moment asked for: today and the newest position where nothing is said. Raises Refused: bad-value."""
    newest = await two_times.newest(reader)
    return AsOf(day(as_of), newest if not known else min(await _position(reader, known), newest))


def day(text: str | None, name: str = "as_of") -> date:
    """A day written in an address; today where none is. Raises Refused: bad-value."""
    if not text:
        return today()
    on = read_day(text)
    if on is None:
        refuse("bad-value", f"{name} 须写成 YYYY-MM-DD：{text}", f"{name} must be YYYY-MM-DD: {text}")
    return on


def read_day(text: str) -> date | None:
    """A day written `YYYY-MM-DD`, at the latest LAST; None where it is no day."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):  # fromisoformat takes weeks (2025-W01-1) too
        return None
    try:
        return min(date.fromisoformat(text), LAST)
    except ValueError:
        return None


async def _position(reader: Reader, text: str) -> int:
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) < 19 else two_times.NEWEST
    try:
        time = datetime.fromisoformat(text.replace(" ", "+"))  # an address's + is read as a space
        if time.tzinfo is None:
            raise ValueError
    except ValueError:
        refuse(
            "bad-value",
            f"known 须是序号或带时区的时间：{text}",
            f"known must be a position or a time with its zone: {text}",
        )
    return await two_times.position_at(reader, time)
