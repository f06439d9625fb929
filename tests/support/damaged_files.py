"""Files damaged on purpose: in their bytes, and in the parts of the archives that .xlsx and .docx are."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable

_BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'


def damaged(content: bytes, seed: int) -> bytes:
    """The content damaged in a way that the seed decides."""
    chance = random.Random(seed)
    ways = [_flip, _cut, _drop, _double, _fill]
    if content.startswith(b"PK"):
        ways += [_part] * 8
    return chance.choice(ways)(content, chance)


def _flip(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 5, 50))):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return bytes(damaged)


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _drop(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randrange(1, 600) :]


def _double(content: bytes, chance: random.Random) -> bytes:
    at, size = chance.randrange(len(content)), chance.randrange(1, 600)
    return content[: at + size] + content[at:]


def _fill(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    filling = chance.choice((b"\0", b"\xff", b'"', b"\r")) * chance.choice((8, 512, 9000))
    return content[:at] + filling + content[at + len(filling) :]


def _part(content: bytes, chance: random.Random) -> bytes:
    """The archive with one of its parts missing, changed for another, or with its XML damaged."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    names = sorted(parts)
    wanted = [
        name for name in names if re.search(r"sheet\d|sharedStrings|workbook\.xml|document\.xml|rels|styles", name)
    ]
    name = chance.choice(wanted if wanted and chance.random() < 0.8 else names)
    way = chance.randrange(10)
    if way == 0:
        del parts[name]
    elif way == 1:
        other = chance.choice(names)
        parts[name], parts[other] = parts[other], parts[name]
    elif way == 2:
        parts[name] = _BOMB
    else:
        parts[name] = chance.choice(_XML)(parts[name], chance)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, text in parts.items():
            archive.writestr(each, text)
    return target.getvalue()


def _numbers(xml: bytes, chance: random.Random) -> bytes:
    """Some numbers in attributes and texts become others, absurd ones too."""
    new = chance.choice((b"0", b"-1", b"99999999999", b"1048577", b"65536", b"2147483648", b"1e308", b"NaN"))
    return re.sub(rb"\d+", lambda match: new if chance.random() < 0.05 else match[0], xml)


def _references(xml: bytes, chance: random.Random) -> bytes:
    """Some addresses of cells become others, the last of all sheets too."""
    new = chance.choice((b"XFD1048576", b"A0", b"ZZZZ9", b"A99999999999", b"7C", b"A1:XFD1048576", b""))
    return re.sub(rb'"[A-Z]+\d+(:[A-Z]+\d+)?"', lambda match: b'"%s"' % new if chance.random() < 0.1 else match[0], xml)


def _tags(xml: bytes, chance: random.Random) -> bytes:
    """Some tags are missing, said twice, or others."""

    def change(match: re.Match[bytes]) -> bytes:
        if chance.random() > 0.03:
            return match[0]
        return chance.choice(
            (b"", match[0] * 2, b"<w:tbl>", b"</row>", b"<c/>", b"<w:vMerge/>", b"<w:gridSpan w:val='x'/>")
        )

    return re.sub(rb"<[^>]*>", change, xml)


def _deep(xml: bytes, chance: random.Random) -> bytes:
    at = max(0, xml.rfind(b"</"))
    tag = chance.choice((b"w:tbl", b"w:sdt", b"si", b"row"))
    return xml[:at] + b"<%s>" % tag * 5000 + b"</%s>" % tag * 5000 + xml[at:]


_XML: list[Callable[[bytes, random.Random], bytes]] = [_flip, _cut, _drop, _double, _numbers, _references, _tags, _deep]
