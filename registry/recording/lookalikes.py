"""New ids that look like others: full-width letters, other brackets, letters of another alphabet, composed differently.

Each is recorded as it is written, for who writes the journal decides; but two that look alike are almost always meant
as one, and then what is recorded of the one is missing from the other. So whoever records is warned. How an id reads
is worked out here and by the database alike (`log.plain`, `log.is_written_oddly`: the migrations `lookalikes…`), by
NFKC (Unicode Standard Annex 15) and the letters that Unicode Technical Standard 39 calls confusable, as far as they
occur in codes and numbers of documents.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from registry.database.row_objects import in_order
from registry.domain.aggregates.base import KINDS
from registry.domain.text import Text

SHOWN: Final = 10  # pairs in one warning

_LIKE: Final = {
    "〔": "([{【〖〈《〘",
    "〕": ")]}】〗〉》〙",
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "〇": "\u25cb\u25ef",
    "·": "\u2022\u30fb\u2027",
    "'": "\u2018\u2019\uff07",
}
_CYRILLIC: Final = "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
_LETTERS: Final = dict(
    zip(
        _CYRILLIC
        + _CYRILLIC.lower()
        + "\u0406\u0456\u0408\u0458\u0405\u0455"
        + "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u0443",
        "ABEKMHOPCTXabekmhopctxIiJjSsABEZHIKMNOPTYXoy",
        strict=True,
    )
)
_UNSEEN: Final = " \u00a0\u00ad\u200b\u200c\u200d\u2060\ufeff"
_PLAIN: Final[dict[int, str | None]] = {
    **{ord(other): like for like, others in _LIKE.items() for other in others},
    **{ord(other): letter for other, letter in _LETTERS.items()},
    **{ord(unseen): None for unseen in _UNSEEN},
}
_ODD: Final = re.compile(f"[{re.escape(''.join(map(chr, _PLAIN)))}]")

# Ids that read the same as others, by the index of those that are not written plainly, or exactly as the others read.
ALIKE: Final[LiteralString] = """
    SELECT DISTINCT n.key AS new, o.tag AS other
    FROM unnest(%(keys)s::text[], %(plain)s::text[]) AS n (key, plain), LATERAL (
        (SELECT t.tag FROM log.tag t WHERE t.tag = n.plain COLLATE "C" AND n.plain <> n.key LIMIT 1)
        UNION ALL
        SELECT t.tag FROM log.tag t WHERE log.plain(t.tag) = n.plain AND log.is_written_oddly(t.tag)
    ) o WHERE o.tag <> n.key COLLATE "C" ORDER BY n.key, o.tag
"""
ANY_ODD: Final[LiteralString] = "SELECT EXISTS (SELECT FROM log.tag WHERE log.is_written_oddly(tag))"


class Pair(NamedTuple):
    """A new aggregate's key, and one that looks like it."""

    new: str
    other: str


def plain(key: str) -> str:
    """How an id reads, whatever the width, composition and alphabet of its letters."""
    return unicodedata.normalize("NFKC", key).translate(_PLAIN)


def is_written_oddly(key: str) -> bool:
    """Whether an id may read otherwise than it is written; never false where it does."""
    return _ODD.search(key) is not None or not unicodedata.is_normalized("NFKC", key)


class Lookalikes:
    """Looks for other ids that read like new ones, batch by batch, before each is written."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._any_odd: bool | None = None  # whether any id in the log is not written plainly
        self._new: list[str] = []
        self.pairs: list[Pair] = []
        self.count = 0

    def note(self, key: str) -> None:
        """Take a new aggregate's key."""
        self._new.append(key)

    def look(self) -> None:
        """Look for those like the keys noted since: among these, and in the log. The connection must be free."""
        keys, self._new = dict.fromkeys(self._new), []
        if not keys:
            return
        if self._any_odd is None:
            row = self._connection.execute(ANY_ODD).fetchone()
            self._any_odd = row is not None and row[0]
        odd = [key for key in keys if is_written_oddly(key)]
        if not odd and not self._any_odd:
            return
        reads = {key: plain(key) for key in keys}
        looked_up = list(keys) if self._any_odd else odd
        values = {"keys": looked_up, "plain": [reads[key] for key in looked_up]}
        with self._connection.cursor(row_factory=in_order(Pair)) as cursor:
            pairs = cursor.execute(ALIKE, values).fetchall()
        by_reading: dict[str, list[str]] = {}
        for key, reading in reads.items():
            pairs += [Pair(key, other) for other in by_reading.get(reading, ())]
            by_reading.setdefault(reading, []).append(key)
        self._any_odd = self._any_odd or bool(odd)
        self.count += len(pairs)
        self.pairs += pairs[: SHOWN - len(self.pairs)]

    def warning(self) -> Text | None:
        """What whoever records should know; None where nothing looks alike."""
        if not self.pairs:
            return None
        zh, en = (sentences for sentences in zip(*map(_sentence, self.pairs), strict=True))
        more = self.count - len(self.pairs)
        zh_more, en_more = (f"另有 {more} 对。", f" {more} more.") if more else ("", "")
        return Text(
            f"有编号看起来相同而写法不同，请核对是否本是同一个：{'；'.join(zh)}。{zh_more}",
            f"Ids look alike but are written differently; are they meant as one? {'; '.join(en)}.{en_more}",
        )


def _sentence(pair: Pair) -> tuple[str, str]:
    kind, _, new = pair.new.partition(":")
    other = pair.other.partition(":")[2]
    noun = KINDS[kind].NOUN if kind in KINDS else Text("", "")
    at = next(
        (index for index, (a, b) in enumerate(zip(new, other, strict=False)) if a != b), min(len(new), len(other))
    )
    zh = f"{noun.zh}“{_shown(new)}”与已有的“{_shown(other)}”（第 {at + 1} 个字符 {_code(new, at)}、{_code(other, at)}）"
    en = f"{noun.en} {_shown(new)} and {_shown(other)} (character {at + 1}: {_code(new, at)}, {_code(other, at)})"
    return zh, en


def _code(text: str, at: int) -> str:
    return f"U+{ord(text[at]):04X}" if at < len(text) else "—"


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)
