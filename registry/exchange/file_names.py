"""Names of files that are downloaded: such as every system can store, whatever the registry has recorded as a title."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

LONGEST: Final = 80  # letters: in UTF-8 up to 240 bytes, of 255 that file systems take
_UNSTORABLE: Final = re.compile(r'[<>:"/\\|?*]+')
_UNSEEN: Final = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")  # classes of letters; among Cf are those that turn a line


def storable(title: str) -> str:
    """A title as part of a file's name: no letters that systems refuse or that show it otherwise than it is."""
    seen = "".join(" " if unicodedata.category(letter) in _UNSEEN else letter for letter in title)
    return " ".join(_UNSTORABLE.sub(" ", seen).split())[:LONGEST].strip(" .")


def disposition(plain: str, name: str, *, inline: bool = False) -> str:
    """Content-Disposition for a file of a name: RFC 5987 for the Chinese, and a plain name for old programs."""
    kept = "inline" if inline else "attachment"
    return f"{kept}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
