"""Texts and arrays of texts as COPY's binary format has them, written by hand: a third of the driver's time."""

from __future__ import annotations

from collections.abc import Collection
from struct import pack
from typing import Final

HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
END: Final = b"\xff\xff"
_TEXT: Final = 25  # the number of the type of the elements
_EMPTY: Final = pack(">iii", 0, 0, _TEXT)
_ARRAY: Final = pack(">iii", 1, 0, _TEXT)  # one dimension, no nulls
_FROM_ONE: Final = pack(">i", 1)  # the first index
_LENGTHS: Final = [pack(">i", length) for length in range(512)]


def field(text: str) -> bytes:
    """A text as a field or an element of an array: its length, then its bytes."""
    data = text.encode()
    length = len(data)
    return (_LENGTHS[length] if length < 512 else pack(">i", length)) + data


def array(fields: Collection[bytes]) -> bytes:
    """An array of texts, given its elements as fields; to be sent as bytea."""
    if not fields:
        return _EMPTY
    return _ARRAY + pack(">i", len(fields)) + _FROM_ONE + b"".join(fields)
