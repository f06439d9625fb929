"""Office files with the same bytes for the same content: no time of writing in the archive, nothing XML cannot hold."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

FIRST: Final = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP file can say
# What XML 1.0 cannot hold, not even escaped.
_UNWRITABLE: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text without characters that XML cannot hold (control characters, mostly)."""
    return _UNWRITABLE.sub("", text)


def repacked(content: bytes, instead: Mapping[str, bytes]) -> bytes:
    """The archive with some parts replaced, every time in it the first there is, and its order kept."""
    output = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed,
    ):
        for name in archive.namelist():
            packed.writestr(zipfile.ZipInfo(name, FIRST), instead.get(name) or archive.read(name), zipfile.ZIP_DEFLATED)
    return output.getvalue()
