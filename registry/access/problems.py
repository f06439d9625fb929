"""What account holders and administrators can get wrong: a code, a sentence in zh and en, and the seconds to wait."""

from __future__ import annotations


class AccountProblem(Exception):
    """Something about an account that cannot be. `code`, `zh` and `en` say what.

    `wait`: seconds until a new try; `of_address`: nobody at that address may try until then, whatever the account.
    """

    def __init__(self, code: str, zh: str, en: str, *, wait: int = 0, of_address: bool = False) -> None:
        super().__init__(f"{code}: {zh} / {en}")
        self.code, self.zh, self.en, self.wait, self.of_address = code, zh, en, wait, of_address
