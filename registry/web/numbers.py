"""Whole numbers as somebody types them, or writes them into an address."""

from __future__ import annotations


def whole_number(text: str, most: int) -> int | None:
    """The number that a text is; None where it is none from 0 to `most`.

    A text of thousands of digits is never made a number: Python refuses that by an error of its own.
    """
    digits = text.lstrip("0") or text[:1]
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= len(str(most))):
        return None
    number = int(digits)
    return number if number <= most else None
