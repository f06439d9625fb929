"""Months as commands take them."""

from __future__ import annotations

from registry.cli.terminal import fail
from registry.queries.burdens import landing
from registry.queries.burdens.landing import Month


def read_month(text: str | None) -> Month:
    """Read a month, YYYY-MM; this month where none is given. Leaves where it is none."""
    month = landing.read_month(text)
    if month is None:
        fail("bad-value", f"月份须写成 YYYY-MM：{text}", f"A month is written YYYY-MM: {text}", 2)
    return month
