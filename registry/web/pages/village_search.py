"""Finding a village by what people call it: its name or a former one, its places, its pinyin."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from registry.queries.certificates.pinyin import initials, syllables, typed
from registry.queries.units import places, units
from registry.queries.units.places import Area, NamedUnit
from registry.relations.two_times import AsOf, Reader

LONGEST: Final = 60  # letters of what is searched
HEARD: Final = 2000  # villages of which one is found by pinyin; a county has some hundred
# How a village is called in full, and what of it everybody says.
_VILLAGE: Final = re.compile("(?:村?村民委员会|村村委会|村委会|社区居民委员会|社区居委会|居民委员会|居委会|社区)$")
_LAST: Final = re.compile("(?:村|社区)$")
_AREA: Final = re.compile(
    "(?:特别行政区|自治区|自治州|自治县|自治旗|街道办事处|街道|地区|林区|新区|[省市县区盟旗州乡镇])$"
)
# Who an autonomous place is of stands behind its name: 恩施土家族苗族自治州 is called 恩施.
_OF: Final = re.compile(
    "(?:蒙古|维吾尔|布依|朝鲜|土家|哈尼|哈萨克|傈僳|拉祜|东乡|纳西|景颇|柯尔克孜|达斡尔|仫佬|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米"
    "|塔吉克|鄂温克|德昂|保安|裕固|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各|[回藏苗彝壮满侗瑶白傣黎畲水土羌佤怒京])族.*$|维吾尔自治区$"
)
_FULL: Final = re.compile("街道办事处|街道|地区|林区|新区|自治[区州县旗]|[省市县区盟旗州乡镇]")
_BETWEEN: Final = re.compile(r"[\s,，、。;；/／>›]+")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_WIDE: Final = {
    code: code - 0xFEE0 for wide in ("０９", "ＡＺ", "ａｚ") for code in range(ord(wide[0]), ord(wide[1]) + 1)
}
# Pairs that thousands of areas share tell nothing.
_COMMON: Final = frozenset(
    {"街道", "办事", "事处", "社区", "村委", "委会", "居委", "村民", "民委", "委员", "员会"}
    | {"地区", "自治", "治区", "治州", "治县"}
)


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search finds; `incomplete`: there are more than could be looked through."""

    villages: Sequence[NamedUnit] = ()
    areas: Sequence[NamedUnit] = ()
    incomplete: bool = False


def plain(text: str) -> str:
    """What was typed, without control characters, its letters and digits of ordinary width, cut to LONGEST.

    Names are kept as they were recorded, with full-width brackets and letters that only some fonts have.
    """
    kept = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text[: 4 * LONGEST])
    return " ".join(kept.translate(_WIDE).split())[:LONGEST]


async def find(reader: Reader, moment: AsOf, text: str, within: str | None) -> Matches:
    """The villages meant by `text` (see `plain`), and the areas; `within`: only in this area."""
    words = [word for word in _BETWEEN.split(text) if word]
    whole = "".join(words)
    if len(whole) < 2:
        return Matches() if within is None or not whole else Matches(await _below(reader, moment, [within], whole))
    if whole.isascii() and whole.isdigit():
        result = await _by_code(reader, moment, whole, within)
        if result.villages or result.areas:
            return result
    named = plain_name(whole)
    direct = await _villages(reader, moment, named)
    if within is not None and len(direct) >= places.MOST:  # too many everywhere, not here
        direct = await _below(reader, moment, [within], named)
    direct = await _within(reader, moment, direct, within)
    known = await _areas(reader, moment, words)
    groups, rest = _spans(words, known)
    rest = plain_name(rest)
    lowest = await _lowest(reader, moment, [codes for _, codes in groups])
    if not direct and groups:
        if _LAST.sub("", rest):
            direct = await _inside(reader, moment, lowest, rest, within)
        elif len(groups) > 1 and lowest <= groups[-2][1]:
            # The last is the village: there is no such area, or it is called like its area.
            lowest = await _lowest(reader, moment, [codes for _, codes in groups[:-1]])
            last = groups[-1][0]
            for name in (plain_name(_AREA.sub("", last) + rest), plain_name(last + rest)):
                direct = direct or await _inside(reader, moment, lowest, name, within)
    areas = [_named_unit(area) for area in known if area.code in lowest]
    areas = [] if direct and (_LAST.sub("", rest) or len(groups) > 1) else await _within(reader, moment, areas, within)
    sound = re.sub("['’]", "", whole.lower()).replace("ü", "v")
    if not direct and not areas and re.fullmatch("[a-z]+", sound):
        return await _by_sound(reader, moment, sound, within)
    return Matches(direct, _each_once(areas), len(direct) >= places.MOST)


async def _by_code(reader: Reader, moment: AsOf, code: str, within: str | None) -> Matches:
    result = (await units.units(reader, moment, [code])).get(code)
    if result is None:
        return Matches()
    results = await _within(reader, moment, [_read(result)], within)
    return Matches(villages=results) if result.level == "village" else Matches(areas=results)


async def _villages(reader: Reader, moment: AsOf, name: str) -> list[NamedUnit]:
    """Villages of a name; where there are none, those whose name is the same but for 村 or 社区 at its end."""
    result = await places.villages(reader, moment, name) if len(name) > 1 else []
    shorter = _LAST.sub("", name)
    return result if result or shorter == name or len(shorter) < 2 else await places.villages(reader, moment, shorter)


async def _inside(reader: Reader, moment: AsOf, around: set[str], name: str, within: str | None) -> list[NamedUnit]:
    """The villages of a name in one of these areas."""
    if not around:
        return []
    if len(name) < 2:
        return await _below(reader, moment, sorted(around)[:5], name)
    results = await _within(reader, moment, await _villages(reader, moment, name), within)
    above = await places.chains(reader, moment, [village.code for village in results])
    return [village for village in results if any(area.code in around for area in above[village.code])]


async def _below(reader: Reader, moment: AsOf, areas: Sequence[str], text: str) -> list[NamedUnit]:
    """The villages below some areas with a text in their names, be it one letter."""
    results = [await units.search(reader, moment, area, "village", text, None, HEARD) for area in areas]
    return [_read(unit) for each in results for unit in each]


def _read(unit: units.Unit) -> NamedUnit:
    return NamedUnit(unit.code, unit.name, unit.level, unit.dissolved, None)


async def _within(reader: Reader, moment: AsOf, candidates: list[NamedUnit], within: str | None) -> list[NamedUnit]:
    if within is None:
        return candidates
    above = await places.chains(reader, moment, [one.code for one in candidates])
    return [one for one in candidates if one.code == within or any(area.code == within for area in above[one.code])]


def plain_name(text: str) -> str:
    """A village's name as it is said: 茶庵村民委员会 and 茶庵村委会 are 茶庵村."""
    short = _VILLAGE.sub("", text)
    return short if short == text or "居" in text[len(short) :] or "社" in text[len(short) :] else f"{short}村"


# ------------------------------------------------------------------------------------------------------------- areas


async def _areas(reader: Reader, moment: AsOf, words: Sequence[str]) -> list[Area]:
    """The areas that the words name, or begin to name."""
    whole = "".join(words)
    pairs = {whole[index : index + 2].lower() for index in range(len(whole) - 1)} - _COMMON
    if not pairs:
        return []
    results = await places.areas(reader, moment, sorted(pairs))
    return [area for area in results if area_stem(area.called) in whole or any(_begins(area, word) for word in words)]


def _begins(area: Area, word: str) -> bool:
    return len(word) > 1 and area.called.startswith(word)


def area_stem(name: str) -> str:
    """An area's name without what it is and who it is of, where two letters are left."""
    shorter = (_OF.sub("", name), _AREA.sub("", name))
    return next((short for short in shorter if 1 < len(short) < len(name)), name)


Group = tuple[str, set[str]]  # what was read, and the codes of the areas that are called so


def _spans(words: Sequence[str], known: Iterable[Area]) -> tuple[list[Group], str]:
    """The areas named in a text, from left to right, the longest name first; and what is left of it."""
    whole = "".join(words)
    called: dict[str, set[str]] = {}
    for area in known:
        for name in {area.called, area_stem(area.called), *(word for word in words if _begins(area, word))}:
            called.setdefault(name, set()).add(area.code)
    groups: list[Group] = []
    rest, index = "", 0
    while index < len(whole):
        name = max((name for name in called if whole.startswith(name, index)), key=len, default="")
        if not name:
            rest += whole[index]
            index += 1
            continue
        what = _FULL.match(whole, index + len(name))
        end = what.end() if what else index + len(name)
        groups.append((whole[index:end], called[name]))
        index = end
    return groups, rest


async def _lowest(reader: Reader, moment: AsOf, groups: Sequence[set[str]]) -> set[str]:
    """Of the areas named, those that lie in, or are, one of each name."""
    every = sorted(set[str]().union(*groups))
    if not every:
        return set()
    above = await places.chains(reader, moment, every)
    return {
        code
        for code in every
        if all(code in group or any(area.code in group for area in above[code]) for group in groups)
    }


def _named_unit(area: Area) -> NamedUnit:
    return NamedUnit(area.code, area.name, area.level, False, area.called if area.called != area.name else None)


def _each_once(results: Iterable[NamedUnit]) -> list[NamedUnit]:
    return list({index.code: index for index in sorted(results, key=lambda one: one.called is None)}.values())


# ------------------------------------------------------------------------------------------------------------- sound


async def _by_sound(reader: Reader, moment: AsOf, sound: str, within: str | None) -> Matches:
    """By pinyin or its initials: the villages of an area or registry that has not too many, else the counties."""
    listed = await units.search(reader, moment, within, "village", None, None, HEARD + 1)
    if len(listed) <= HEARD:
        return Matches(villages=[_read(unit) for unit in listed if _sounds(unit.name, sound)])
    counties = await places.governed(reader, moment, "county")
    return Matches(areas=await _within(reader, moment, [one for one in counties if _sounds(one.name, sound)], within))


def _sounds(name: str, sound: str) -> bool:
    whole, short = _sound(name)
    return whole.startswith(sound) or short.startswith(sound)


@lru_cache(maxsize=20_000)
def _sound(name: str) -> tuple[str, str]:
    read = syllables(name)
    return typed(read), initials(read)
