"""Periods of the calendar as the contract writes them: a year, a half, a quarter or a month of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# 2026, 2026-H1, 2026-Q3, 2026-09.
PERIOD: Final = r"^[1-9][0-9]{3}(-(H[12]|Q[1-4]|0[1-9]|1[0-2]))?$"


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its name; its first and last day."""

    name: str
    first: date
    last: date


def read_period(name: str) -> Period | None:
    """The period of this name; None where it is none."""
    # `fullmatch`: Python's `$` also matches before a newline at the end.
    if not re.fullmatch(PERIOD, name):
        return None
    year, part = int(name[:4]), name[5:]
    if not part:
        first, months = 1, 12
    elif part[0] == "H":
        first, months = 6 * int(part[1]) - 5, 6
    elif part[0] == "Q":
        first, months = 3 * int(part[1]) - 2, 3
    else:
        first, months = int(part), 1
    last = date(year, 12, 31) if first + months > 12 else date(year, first + months, 1) - timedelta(days=1)
    return Period(name, date(year, first, 1), last)
