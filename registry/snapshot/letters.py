"""Words of the contract read from the database as one letter each, by the place in the word that tells them apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final, LiteralString

import numpy as np

from registry.domain import words
from registry.relations.columns import MATTER_KIND, Flags, Small, any_of

# SQL: of the kind of what is handed over, the letter that tells it from the others (registry.snapshot.column_reader).
KIND_LETTER: Final[LiteralString] = "substr(kind, 4, 1)"
_AT: Final = 3
_TRANSFERS: Final = {kind: MATTER_KIND[kind] for kind in words.TRANSFER_KINDS}


def by_letter(known: Mapping[str, int] | Sequence[str], letters: np.ndarray[Any, Any], at: int = 0) -> Small:
    """The number of each word, given its letter `at` as uint8; -1 where it is none of them.

    `known`: words with their numbers, or in order. Their letters differ, or ValueError is raised.
    """
    numbers = known.items() if isinstance(known, Mapping) else ((word, number) for number, word in enumerate(known))
    return _table(tuple(numbers), at)[letters]


@cache
def _table(numbers: tuple[tuple[str, int], ...], at: int) -> Small:
    _distinct([word[at] for word, _ in numbers])
    table = np.full(256, -1, np.int8)
    for word, number in numbers:
        table[ord(word[at])] = number
    return table


def transfer_kinds(letters: np.ndarray[Any, Any]) -> Small:
    """The kinds of what is handed over, as places in words.MATTER_KINDS, read as KIND_LETTER."""
    return by_letter(_TRANSFERS, letters, _AT)


def of_kinds(letters: np.ndarray[Any, Any], *kinds: str) -> Flags:
    """Which of what is handed over, read as KIND_LETTER, is of one of these kinds (of words.TRANSFER_KINDS)."""
    return any_of(transfer_kinds(letters), [MATTER_KIND[kind] for kind in kinds])


def _distinct(letters: Collection[str]) -> None:
    if len(set(letters)) < len(letters):
        raise ValueError(f"one letter stands for several words: {letters}")
