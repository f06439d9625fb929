"""Passwords, kept as argon2id with the library's parameters (RFC 9106, section 4, second recommended option)."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.access.problems import AccountProblem

SHORTEST: Final = 10  # characters
LONGEST: Final = 1000


def hashed(password: str, name: str) -> str:
    """A password as it is kept. Raises AccountProblem, weak-password, for one too short, too long, or like the name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountProblem(
            "weak-password",
            f"密码须有 {SHORTEST} 个字符以上，不超过 {LONGEST} 个。",
            f"A password has at least {SHORTEST} characters, and no more than {LONGEST}.",
        )
    if name.casefold() in password.casefold() or len(set(password)) < 4:
        raise AccountProblem(
            "weak-password",
            "密码太容易猜：不能含账号名，也不能只是几个字符的重复。",
            "The password is too easy to guess: it must not contain the account's name or repeat a few characters.",
        )
    return hasher().hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Whether a password is the one that is kept. Takes as long where none is kept as where one is."""
    try:
        return hasher().verify(kept or _of_nobody(), password[:LONGEST]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def renewed(password: str, kept: str) -> str | None:
    """The password kept anew where it was kept with older parameters; None where it need not be."""
    return hasher().hash(password) if hasher().check_needs_rehash(kept) else None


@cache
def hasher() -> PasswordHasher:
    """What makes and checks hashes."""
    return PasswordHasher()


@cache
def _of_nobody() -> str:
    """The hash of a password that nobody has, which a wrong name is compared with."""
    return hasher().hash(secrets.token_urlsafe(32))
