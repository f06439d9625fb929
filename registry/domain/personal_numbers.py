"""Numbers of persons in a text: identity cards, telephones, bank accounts, however they are spaced or written.

Also in the numerals of another script, in Chinese (一三八…, 幺, 壹), in circles, or digit by digit.

What is recorded stays, so that such a number must be found before. Rather one too many than one too few; but days,
document numbers (宜办发〔2025〕6号), codes of units and of organisations are none, whatever their digits add up to.

- Identity card, 18 (GB 11643): a province's first digits, a day of birth, the check digit. The old 15: the same without
  check digit, in one piece or in the usual groups.
- Mobile telephone: 11 digits from 13 to 19, also behind 86. Landline: an area code from 0 with seven or eight digits;
  without one where a word for telephone stands before it.
- Bank account: 16 to 19 digits with Luhn's check digit (ISO/IEC 7812).

What pages refuse besides (`suspected_numbers`), for who mistypes a number has written it down all the same: identity
cards whose check digit is wrong or left out, and names in WeChat or QQ.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.domain.text import Text

IDENTITY: Final = Text("身份证号", "an identity card number")
TELEPHONE: Final = Text("电话号码", "a telephone number")
ACCOUNT: Final = Text("银行账号", "a bank account")
CONTACT: Final = Text("微信号或 QQ 号", "a name in WeChat or QQ")

# What may stand between the digits of one number: blanks, also of a new line, dashes, dots, strokes; at most so many at
# a place. What is invisible divides nothing.
_INVISIBLE: Final = "\u200b"
_BETWEEN: Final = "[" + re.escape(" \t\n\r\u00a0\u2002\u2003\u2009\u3000-‐‑‒–—―−－﹣_.·/~～()（）+" + _INVISIBLE) + "]"
# Between the digits of an identity card, and of what is spelt digit by digit (1、3、8…), any mark.
_ANY_MARK: Final = r"[\W_]"
_MOST_BETWEEN: Final = 3
_PROVINCES: Final = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
)
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# A day, so that two of them beside each other are no account: 2025-06-01, 2025.6.1, 2025年6月1日, 20250601.
_DAY: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?:([-./ ])(?:0?[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01]|[1-9])"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?!\d)"
)
# The groups in which identity cards are written.
_CARD_GROUPS: Final = ([6, 8, 4], [6, 12], [14, 4], [6, 4, 4, 4], [6, 4, 2, 2, 4], [4, 4, 4, 4, 2], [6, 8, 3, 1])
# A name behind 微信号 and the like; behind 微信 alone one with a digit or a stroke in it, for 微信WeChat is none.
_MESSENGER: Final = r"(?:微信|weixin|wechat|(?<![a-z])[wv]x|企鹅|扣扣|(?<![a-z])qq)\s{0,3}"
_CONTACT: Final = re.compile(
    rf"{_MESSENGER}(?:(?:号码?|账号|帐号|id)\s{{0,3}}[:：是为]?|[:：]?\s{{0,3}}(?=[a-z_-]{{0,19}}[\d_]))\s{{0,3}}"
    r"(?P<name>[a-z0-9][a-z0-9_-]{4,19})(?![a-z0-9_-])",
    re.IGNORECASE | re.ASCII,
)
_UNIT_CODES: Final = frozenset({6, 9, 12})  # how long codes of units are
# Digits of a landline in its groups: area code and number, the extension left off.
_LANDLINE: Final = re.compile(r"0(?:10|2\d|[3-9]\d\d)(?:[2-9]\d{6,7})")
_CALLED: Final = re.compile(r"(?:电话|手机|座机|传真|热线|(?i:tel|phone|fax))[^\d]{0,6}$")
_LOCAL: Final = re.compile(r"[2-9]\d{6,7}")
_ORGANISATION: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """What a number looks like, and its first and last character in the text, counted from 1."""

    kind: Text
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits that may be one number: as ASCII, where each stands, and after which of them a new group begins."""

    digits: str
    indexes: tuple[int, ...]
    starts: tuple[int, ...]  # of groups, as indexes of `digits`; the end of the run last

    def windows(self) -> Iterator[tuple[int, int, list[int]]]:
        """Every run of whole groups: its first digit, the one after its last, and how long its groups are."""
        for first, start in enumerate(self.starts[:-1]):
            lengths: list[int] = []
            for position in range(first, len(self.starts) - 1):
                lengths.append(self.starts[position + 1] - self.starts[position])
                end = self.starts[position + 1]
                if end - start > 24:
                    break
                yield start, end, lengths[:]


def personal_numbers(text: str) -> list[PersonalNumber]:
    """The numbers in a text that look like a person's, in their order; of those that overlap the first and longest."""
    plain = "".join(map(_plain, text))
    written = "".join("n" if _in_words(character) else "d" for character in text)
    numbers = [*_identities(plain, written)]
    without_days = _DAY.sub(lambda day: "日" * len(day.group()), plain)
    for run in _runs(without_days, written):
        numbers += _of_run(run, plain)
    for run in _runs(without_days, written, between=_ANY_MARK):
        numbers += _of_run(run, plain, spelt=True)
    return _apart(numbers)


def suspected_numbers(text: str) -> list[PersonalNumber]:
    """The numbers of `personal_numbers`, and what looks like an identity card or a name in WeChat or QQ besides.

    For pages, on which it is written anew; what is recorded over the API is looked at for the former alone.
    """
    plain = "".join(map(_plain, text))
    written = "".join("n" if _in_words(character) else "d" for character in text)
    numbers = personal_numbers(text)
    for run in (*_runs(plain, written, r"[\dX]"), *_runs(plain, written, r"[\dX]", _ANY_MARK)):
        for start, end, lengths in run.windows():
            if _may_be_identity(run.digits[start:end], lengths):
                numbers.append(PersonalNumber(IDENTITY, run.indexes[start] + 1, run.indexes[end - 1] + 1))
    contacts = _CONTACT.finditer("".join(unicodedata.normalize("NFKC", each)[:1] or each for each in text))
    numbers += [PersonalNumber(CONTACT, match.start("name") + 1, match.end("name")) for match in contacts]
    return _apart(numbers)


def _apart(numbers: list[PersonalNumber]) -> list[PersonalNumber]:
    """Those of them that do not overlap, in their order: the first and longest."""
    chosen: list[PersonalNumber] = []
    for number in sorted(numbers, key=lambda each: (each.start, -each.end)):
        if not chosen or number.start > chosen[-1].end:
            chosen.append(number)
    return chosen


def _plain(character: str) -> str:
    """A digit or numeral (〇、一、壹、①、幺) as ASCII, x as X, the invisible as one thing; all else as it is."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(character) == "Cf":
        return _INVISIBLE
    if _in_words(character):
        return "1" if character == "幺" else str(int(unicodedata.numeric(character)))
    return "X" if character in "xXｘＸ×Χχ" else character


def _in_words(character: str) -> bool:
    """Whether it is a numeral from 0 to 9 that is no digit."""
    if unicodedata.decimal(character, None) is not None or character == "两":
        return False
    return character == "幺" or unicodedata.numeric(character, -1) in range(10)


def _runs(plain: str, written: str, pattern: str = r"\d", between: str = _BETWEEN) -> Iterator[_Run]:
    """The digits that only blanks and dashes divide; from digits to numerals, and back, a new group begins."""
    for match in re.finditer(rf"{pattern}+(?:{between}{{1,{_MOST_BETWEEN}}}{pattern}+)*", plain):
        indexes = [at for at in range(match.start(), match.end()) if re.match(pattern, plain[at])]
        starts = [
            index
            for index, at in enumerate(indexes)
            if index == 0
            or plain[indexes[index - 1] + 1 : at].strip(_INVISIBLE)
            or written[indexes[index - 1]] != written[at]
        ]
        yield _Run("".join(plain[at] for at in indexes), tuple(indexes), (*starts, len(indexes)))


def _identities(plain: str, written: str) -> Iterator[PersonalNumber]:
    """Identity cards of 18, wherever they begin in a run: check digit, day and province leave little doubt."""
    for run in _runs(plain, written, r"[\dX]", _ANY_MARK):
        for start in range(len(run.digits) - 17):
            if _is_identity(run.digits[start : start + 18]):
                yield PersonalNumber(IDENTITY, run.indexes[start] + 1, run.indexes[start + 17] + 1)


def _of_run(run: _Run, plain: str, *, spelt: bool = False) -> Iterator[PersonalNumber]:
    """What the groups of a run look like; `spelt`: only of those of one digit each."""
    for start, end, lengths in run.windows():
        if spelt and max(lengths) > 1:
            continue
        kind = _kind(run.digits[start:end], lengths, plain[: run.indexes[start]])
        if kind is not None:
            yield PersonalNumber(kind, run.indexes[start] + 1, run.indexes[end - 1] + 1)


def _kind(digits: str, lengths: list[int], before: str) -> Text | None:
    """What a number in groups of these lengths looks like, behind this text."""
    spelt = len(lengths) > 1 and set(lengths) == {1}
    whole, grouped = len(lengths) == 1, min(lengths) >= 3 or spelt
    as_a_card = whole or spelt or lengths in ([6, 6, 3], [6, 9], [3] * 5, [5] * 3, [4, 4, 4, 3])
    if len(digits) == 15 and as_a_card and _begins_as_identity(digits, "19" + digits[6:12]):
        return IDENTITY
    local = digits.removeprefix("00").removeprefix("86")
    paired = lengths[0] == 3 and set(lengths[1:]) == {2}
    usual = grouped or paired or local != digits
    if re.fullmatch(r"1[3-9]\d{9}", local) and usual and lengths[0] not in _UNIT_CODES:
        return TELEPHONE
    abroad = re.sub(r"^(?:00)?860?", "0", digits)
    if _LANDLINE.fullmatch(digits) or (len(lengths) > 1 and _LANDLINE.fullmatch(abroad)):
        return TELEPHONE
    if _LOCAL.fullmatch(digits) and grouped and _CALLED.search(before[-16:]):
        return TELEPHONE
    codes = not whole and _UNIT_CODES.issuperset(lengths)
    grouped = grouped or set(lengths[:-1]) == {4}
    if 16 <= len(digits) <= 19 and (whole or grouped) and not codes and _is_account(digits, whole=whole or spelt):
        return ACCOUNT
    return None


def _begins_as_identity(digits: str, born: str) -> bool:
    if int(digits[:2]) not in _PROVINCES:
        return False
    try:
        return 1850 <= date(int(born[:4]), int(born[4:6]), int(born[6:8])).year <= 2100
    except ValueError:
        return False


def _is_identity(digits: str) -> bool:
    if not digits[:17].isdigit() or not _begins_as_identity(digits, digits[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return digits[17] == "10X98765432"[total % 11]


def _may_be_identity(digits: str, lengths: list[int]) -> bool:
    """Whether 17 or 18 digits begin as an identity card does, the check digit right, wrong or left out."""
    whole = len(lengths) == 1 or set(lengths) == {1}
    if len(digits) not in (17, 18) or not digits[:17].isdigit() or not (whole or lengths in _CARD_GROUPS):
        return False
    if len(digits) == 18 and digits[17].isdigit() and _is_organisation(digits):
        return False
    return _begins_as_identity(digits, digits[6:14])


def _is_account(digits: str, *, whole: bool) -> bool:
    if not whole and digits[0] not in "34569":
        return False  # several numbers beside each other, none of them an account
    if _DAY.fullmatch(digits[:8]) or (len(digits) == 18 and _is_organisation(digits)):
        return False  # the time of day behind a day; a code of an organisation
    total = 0
    for index, digit in enumerate(reversed(digits)):
        number = int(digit) * (2 if index % 2 else 1)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def _is_organisation(digits: str) -> bool:
    """A unified social credit code (GB 32100) in digits alone, by its check digit."""
    total = sum(_ORGANISATION.index(digit) * pow(3, index, 31) for index, digit in enumerate(digits[:17]))
    return _ORGANISATION.index(digits[17]) == (31 - total % 31) % 31
