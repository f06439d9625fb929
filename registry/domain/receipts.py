"""Receipt numbers of reports: short, read aloud in three groups of four digits, and not to be guessed.

Eleven digits come of a secret and of what was sent, so that a form that is sent twice is one report with one number,
and nobody can choose a number; the twelfth is a check digit (ISO 7064, MOD 11,10), by which one misheard is noticed.
The first is never 0, so that it looks like no telephone number.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from typing import Final

DIGITS: Final = 12
_BETWEEN: Final = re.compile(r"[\s\-‐-―－·.。,，、]+")


def receipt_number(key: bytes, *parts: str) -> str:
    """The number for what was sent, under a secret: twelve digits, the same for the same parts."""
    written = "\0".join(parts).encode("utf-8", "surrogatepass")
    drawn = int.from_bytes(hmac.new(key, b"receipt\0" + written, hashlib.sha256).digest())
    digits = str(10**10 + drawn % (9 * 10**10))
    return digits + _check_digit(digits)


def read_receipt(text: str) -> str | None:
    """The number that somebody typed, however they grouped it; None where it is none: too short, or misheard."""
    digits = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    if not re.fullmatch(r"[1-9]\d{11}", digits, re.ASCII):
        return None
    return digits if _check_digit(digits[:-1]) == digits[-1] else None


def grouped(number: str) -> str:
    """A number as it is shown and read aloud: `4729 1836 5501`."""
    return " ".join(number[start : start + 4] for start in range(0, DIGITS, 4))


def _check_digit(digits: str) -> str:
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
