"""In what letters a form may be written: UTF-8, which is what browsers send.

A form with files can name another encoding, and Starlette would read it by whatever Python knows under that name, such
as the one for escapes in programs, which makes of eight letters half of a character that nothing can write.
"""

from __future__ import annotations

import codecs
from typing import Final

from fastapi import Request
from python_multipart.multipart import parse_options_header

_TAKEN: Final = frozenset({"utf-8", "ascii"})


def is_utf8(request: Request) -> bool:
    """Whether a form is in UTF-8, as far as it says."""
    _, named = parse_options_header(request.headers.get("content-type"))
    given = named.get(b"charset", b"utf-8").decode("latin-1")
    try:
        return codecs.lookup(given).name in _TAKEN
    except (LookupError, ValueError):
        return False
