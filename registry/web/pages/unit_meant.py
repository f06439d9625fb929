"""Which unit is meant by what somebody calls it: as the search box understands it, taken where it is sure."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from registry.queries import sounds
from registry.queries.certificates.pinyin import syllables, typed
from registry.queries.units import places
from registry.queries.units.resolve import AmbiguousUnit, Candidate, UnknownName, UnknownUnit, resolve_unit_ever
from registry.relations.two_times import AsOf, Reader
from registry.web.pages import village_search

LONGEST: Final = 200  # letters of what is looked up
MOST: Final = 20  # units that are offered
_BETWEEN: Final = re.compile(r"[\s,，、。;；/／>›·]+")
_WITH_CODE: Final = re.compile(r".*[（(]([^（）()]+)[）)]", re.DOTALL)
_CODE_FIRST: Final = re.compile(r"([^（）()\s]+)[（(][^（）()]+[）)]")


class UnclearUnit(Exception):
    """No unit is called so, or not one alone.

    `choices`: those that may be meant, each with its full name; `more`: they are not all.
    """

    def __init__(self, unknown: UnknownName, choices: Sequence[tuple[str, str]], *, more: bool = False) -> None:
        super().__init__(str(unknown))
        self.unknown, self.choices, self.more = unknown, tuple(choices), more


def codes_in(text: str) -> list[str]:
    """What a text may mean by code or name: itself, and the code written after a name."""
    match = _WITH_CODE.fullmatch(text)
    return [match[1].strip(), text] if match else [text]


async def unit_meant(reader: Reader, moment: AsOf, text: str) -> str:
    """The code of the unit that is meant. Raises UnclearUnit.

    By its code, or a name or alias that it alone bears; a name with its code, as forms offer it; else the one that is
    called so with the areas above it named before (雷河镇前锋村), without 委会 and the like, or that sounds just so.
    """
    text = text[:LONGEST].strip()
    first = _CODE_FIRST.fullmatch(text)
    written = [*codes_in(text)[:-1], *([first[1]] if first else [])]
    for code in written:
        with suppress(UnknownUnit):
            return await resolve_unit_ever(reader, code, moment)
    try:
        return await resolve_unit_ever(reader, text, moment)
    except UnknownUnit as error:
        unknown = error
    if isinstance(unknown, AmbiguousUnit):
        named = [(one.code, one.name) for one in unknown.candidates]
        raise UnclearUnit(unknown, await _full(reader, moment, named[:MOST]), more=len(named) > MOST)
    plain = village_search.plain(text)
    candidates = await _candidates(reader, moment, plain, unknown.candidates)
    above = await places.chains(reader, moment, list(candidates))
    called = "".join(_BETWEEN.split(plain))
    sure = [
        code
        for code, names in candidates.items()
        if any(_called(name, [one.name for one in above[code]], called) for name in names)
    ]
    if len(sure) == 1:
        return sure[0]
    offered = [(code, candidates[code][0]) for code in (sure or candidates)]
    raise UnclearUnit(unknown, await _full(reader, moment, offered[:MOST]), more=len(offered) > MOST)


async def _candidates(reader: Reader, moment: AsOf, text: str, contained: Sequence[Candidate]) -> dict[str, list[str]]:
    """The units that may be meant, each with the names it goes by, its own first."""
    villages, sounding = await asyncio.gather(
        village_search.find(reader, moment, text, None), sounds.units(reader, moment, text, MOST)
    )
    names: dict[str, list[str]] = {one.code: [one.name] for one in contained}
    for one in (*(each for each in villages.villages if not each.dissolved), *villages.areas, *sounding):
        known = names.setdefault(one.code, [one.name])
        if one.called:
            known.append(one.called)
    return names


def _called(name: str, above: Sequence[str], text: str) -> bool:
    """Whether a text is a unit's name, with or without what it is in full, the areas above it named before or not."""
    own = _ways(name)
    if text.isascii():
        return any(typed(syllables(one)) == text.lower().replace("ü", "v") for one in own)
    before = "".join(f"(?:{'|'.join(map(re.escape, {one, village_search.area_stem(one)}))})?" for one in above)
    after = "|".join(map(re.escape, own))
    return re.fullmatch(f"{before}(?:{after})", text) is not None


def _ways(name: str) -> set[str]:
    """A unit's name and, of a village's or community's, the others by which it is the same: never without 村 or 社区.

    What is left without those is what a town may be called too (孔湾社区 and 孔湾镇 are both 孔湾).
    """
    short = village_search.plain_name(name)
    if short == name and not name.endswith(("村", "社区")):
        return {name}
    if short.endswith("村"):
        return {name, short, *(f"{short}{end}" for end in ("委会", "民委员会", "村委会", "村民委员会"))}
    return {name, *(f"{short}{end}" for end in ("社区", "居委会", "居民委员会", "社区居委会", "社区居民委员会"))}


async def _full(reader: Reader, moment: AsOf, units: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Units with their names as they are told apart: the area above before it, where its name does not begin so."""
    above = await places.chains(reader, moment, [code for code, _ in units])

    def full(code: str, name: str) -> str:
        over = [one.name for one in above[code]][-1:]
        return name if not over or name.startswith(over[0]) else f"{over[0]}{name}"

    return [(code, full(code, name)) for code, name in units]
