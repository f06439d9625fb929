"""What may have been meant where a search finds nothing: what sounds so, is written like it, or has most of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from registry.domain.words import MATTER_KINDS
from registry.queries import sounds
from registry.web.console.asking import Data
from registry.web.console.drafting.naming import matters_alike
from registry.web.console.view import View
from registry.web.pages import village_search

MOST: Final = 5  # of each kind
RANKED: Final = 40  # of each kind, of which those are chosen
LONGEST: Final = 16  # letters whose beginning and end are looked for
LEAST: Final = 2  # letters of it that must be in a name; of pinyin as many as mean anything (sounds.LEAST)
GROUPS: Final = ("units", "matters", "instruments", "lists")

Search = Callable[[str], Awaitable[Data]]


@dataclass(slots=True)
class Near:
    """The units, matters, documents and lists that may be meant, as the question `search` has them."""

    units: list[Data] = field(default_factory=list[Data])
    matters: list[Data] = field(default_factory=list[Data])
    documents: list[Data] = field(default_factory=list[Data])
    lists: list[Data] = field(default_factory=list[Data])


async def near(view: View, text: str, search: Search) -> Near:
    """What may be meant by a text that nothing is called; `search` gives what has a text in its name.

    Typing errors are mostly characters that sound alike: so units and villages of the same sound come first.
    """
    whole = "".join(text.split())
    sound = _sound(whole)
    reader = await view.resources.pool()
    units, matters, villages, alike = await asyncio.gather(
        sounds.units(reader, view.moment, sound, MOST),
        sounds.matters(reader, view.moment, sound, MOST),
        village_search.find(reader, view.moment, sound, None),
        matters_alike(view, whole, MATTER_KINDS),
    )
    result = Near(
        [{"code": one.code, "name": one.name, "level": one.level, "kind": one.kind} for one in units]
        + [{"code": one.code, "name": one.name, "level": one.level, "kind": "village"} for one in villages.villages],
        [{"code": one.code, "name": one.name, "kind": one.kind} for one in matters] + alike,
    )
    if not (result.units or result.matters):
        part = await longest_part(whole[:LONGEST], search)
        result = Near(*(_likest(whole, part[name]["nodes"]) for name in GROUPS)) if part else result
    for name in ("units", "matters"):
        rows: list[Data] = getattr(result, name)
        setattr(result, name, _likest(whole, {one["code"]: one for one in rows}.values())[:MOST])
    result.documents, result.lists = result.documents[:MOST], result.lists[:MOST]
    return result


def _sound(text: str) -> str:
    return "".join(sounds.readings(letter)[0] for letter in text)


def _likest(text: str, rows: Iterable[Data]) -> list[Data]:
    """Those first that sound just so, then by how many of a text's characters are in their name, or title and number.

    Of as many, the shorter name first.
    """
    letters, sound = set(text), _sound(text)

    def likeness(row: Data) -> tuple[bool, int, int]:
        name = "".join(row.get(part, "") for part in ("name", "title", "number"))
        return _sound(name) != sound, -len(letters.intersection(name)), len(name)

    return sorted(rows, key=likeness)


async def longest_part(text: str, search: Search) -> Data | None:
    """What is found by as much of a text's beginning, or of its end, as anything has; None where by neither.

    What has a part in its name has each shorter one too: so the length is halved in on.
    """
    least = sounds.LEAST if sounds.typed(text) else LEAST

    async def most(cut: Callable[[int], str]) -> tuple[int, Data | None]:
        low, high, best = least - 1, len(text) - 1, None
        while low < high:
            length = (low + high + 1) // 2
            answer = await search(cut(length))
            if any(answer[name]["nodes"] for name in GROUPS):
                low, best = length, answer
            else:
                high = length - 1
        return low, best

    beginning, end = await asyncio.gather(most(lambda n: text[:n]), most(lambda n: text[-n:]))
    return (beginning if beginning[0] >= end[0] else end)[1]
