"""The names that new accounts may bear: readable ones, of which no two look alike.

Who recorded a decision, or admitted one, is read by his account's name. So a name that shows as another's does, with
letters of another alphabet, is refused where an account is made. Accounts that are there already keep their names.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import psycopg

from registry.access.problems import AccountProblem
from registry.recording.lookalikes import plain

_NAME: Final = re.compile(r"[\w.@+-]{1,64}")
_PARTS: Final = re.compile(r"[.@+_-]")
_LOCK: Final = 0x616363_6E616D65  # "accname" in ASCII: who makes an account, until it is made


def normal(name: str) -> str:
    """A name as accounts bear it: small letters, and one way to write each character."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


def fit_name(name: str) -> str:
    """A name as an account can bear it. Raises AccountProblem: bad-value."""
    fit = normal(name)
    if not _NAME.fullmatch(fit):
        raise AccountProblem(
            "bad-value",
            "账号名用 1 至 64 个字母、汉字、数字，或 . @ + - _，中间不空格。",
            "An account's name has 1 to 64 letters, digits or . @ + - _, without spaces.",
        )
    return fit


def new_name(connection: psycopg.Connection[Any], name: str) -> str:
    """A name as a new account can bear it, made before the end of this transaction.

    Raises AccountProblem: bad-value, also for a word of several alphabets; account-exists for one that another account
    bears, or that looks like it.
    """
    fit = fit_name(name)
    for part in _PARTS.split(fit):
        strange = _strange(part)
        if strange is not None:
            raise AccountProblem(
                "bad-value",
                f"账号名“{fit}”混用了几种字母（{_code(strange)}），容易与别的账号混淆，请只用一种。",
                f"The name {fit} mixes letters of several alphabets ({_code(strange)}), which can be mistaken for "
                "another name; use one alphabet.",
            )
    lock(connection)
    shown = plain(fit)
    for (other,) in connection.execute("SELECT name FROM access.account ORDER BY name"):
        if other == fit:
            raise AccountProblem("account-exists", f"已有账号“{fit}”。", f"There is an account {fit} already.")
        if plain(other) == shown:
            letter = next(one for one, its in zip(fit, other, strict=False) if one != its)
            raise AccountProblem(
                "account-exists",
                f"已有账号“{other}”，与“{fit}”写法不同而看起来相同（{_code(letter)}），请换一个名字。",
                f"There is an account {other}, which looks like {fit} though it is written differently "
                f"({_code(letter)}); use another name.",
            )
    return fit


def lock(connection: psycopg.Connection[Any]) -> None:
    """Have nobody else make an account until this transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def _strange(word: str) -> str | None:
    """The first letter of a word that is of another alphabet than those before it; None where all are of one.

    Chinese characters and 0 to 9 go with every alphabet.
    """
    first = None
    for letter in word:
        alphabet = unicodedata.name(letter, "?").partition(" ")[0]
        if alphabet == "CJK" or (letter.isascii() and letter.isdigit()):
            continue
        if first is not None and alphabet != first:
            return letter
        first = alphabet
    return None


def _code(letter: str) -> str:
    return f"{letter} U+{ord(letter):04X}"
