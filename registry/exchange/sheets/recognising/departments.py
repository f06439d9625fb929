"""Which unit a cell means by 县应急局, 应急管理局, 市公安局 or 宜城市公安局.

Found is what is written in full or in one of the customary short ways, and can be no other. A name that is only near is
proposed, not assumed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from registry.checker.names.normalise import normalised

# What an organ's name ends with, and what it is short for; the longest first.
_ENDINGS: Final = (
    *(("委员会", "委"), ("办公室", "办"), ("指挥部", "部"), ("分局", "局"), ("支队", "队"), ("大队", "队")),
    *(("中心", "心"), ("部门", ""), ("委", "委"), ("办", "办"), ("局", "局"), ("部", "部"), ("队", "队"), ("会", "会")),
    ("院", "院"),
)
_LEVELS: Final = "县市区旗本"  # 市公安局 is the county's where the county is a 市; 县 is said of every county
# Short names whose letters do not tell them.
_SPOKEN: Final = {
    "编办": "机构编制委员会办公室",
    "纪委": "纪律检查委员会",
    "纪委监委": "纪律检查委员会",
    "府办": "人民政府办公室",
    "政府办": "人民政府办公室",
    "政府办公室": "人民政府办公室",
    "残联": "残疾人联合会",
    "妇联": "妇女联合会",
}
_OFFICE: Final = re.compile("[县市区旗]?委办(?:公室)?")  # 市委办 is the party committee's office, not the government's
_PREFECTURE: Final = re.compile("^.{2,7}?[市州盟]")
_NEAR: Final = 0.5
_PROPOSED: Final = 3


@dataclass(frozen=True, slots=True)
class Department:
    """A unit that may be named, with its former names; `own`: it is of the county, not beside it."""

    code: str
    name: str
    level: str
    kind: str
    function: str | None
    aliases: tuple[str, ...]
    former: tuple[str, ...]
    own: bool


class Departments:
    """The units a county's sheets may name as those above, and how each may be written."""

    def __init__(self, county: str, units: tuple[Department, ...]) -> None:
        self.county = normalised(county).removesuffix("人民政府")
        self.area = area_name(county)
        self.units = units
        self.by_code = {unit.code: unit for unit in units}
        self._written: dict[str, set[str]] = {}
        self._short: dict[str, set[str]] = {}
        for unit in units:
            for name in (unit.name, *unit.aliases, *unit.former):
                self._written.setdefault(normalised(name), set()).add(unit.code)
                if unit.own and unit.level != "township":
                    self._short.setdefault(self._own(normalised(name)), set()).add(unit.code)

    def matching(self, text: str) -> list[str]:
        """The codes of the units that the text may mean: one where it is clear, none where nothing is written so."""
        name = normalised(text)
        ways: list[str] = [name, *self._without_level(name)]
        ways += [_SPOKEN[way] for way in ways if way in _SPOKEN]
        for known in (self._written, self._short):
            for way in ways:
                if codes := known.get(way):
                    return sorted(codes)
        short = {code for way in ways for full, codes in self._short.items() if _shortened(way, full) for code in codes}
        return sorted(short)

    def alike(self, text: str, other: str) -> bool:
        """Whether two names can only mean one department, whichever that is: 市安监局 and 宜城市安监局."""
        shortest = (min([name, *self._without_level(name)], key=len) for name in (normalised(text), normalised(other)))
        return len(set(shortest)) == 1

    def near(self, text: str) -> list[Department]:
        """Units whose names are most like the text, the likest first, at most three."""
        name = self._own(normalised(text))
        rated = [
            (max(_likeness(name, self._own(normalised(way))) for way in (unit.name, *unit.aliases, *unit.former)), unit)
            for unit in self.units
            if unit.own and unit.level != "township"
        ]
        rated = [(rate, unit) for rate, unit in rated if rate >= _NEAR]
        return [unit for _, unit in sorted(rated, key=lambda one: (-one[0], one[1].code))[:_PROPOSED]]

    def _own(self, name: str) -> str:
        """The name without the county's: 宜城市应急管理局 is 应急管理局 there, 中共宜城市委组织部 is 组织部.

        A branch of a department above is that department in the county: 襄阳市生态环境局宜城分局 is 生态环境局.
        """
        if name.endswith(f"{self.area}分局"):
            return _PREFECTURE.sub("", name.removesuffix(f"{self.area}分局"))
        for county in (self.county, self.area):
            before, result, left = name.partition(county)
            if result and (left or before):
                name = left or before
                break
        name = name.removeprefix("中共")
        return name[1:] if len(name) > 2 and name[0] == "委" and name[1] != "员" else name

    def _without_level(self, name: str) -> Iterator[str]:
        own = self._own(name)
        if own != name:
            yield own
        if _OFFICE.fullmatch(name):
            yield "办公室"
            return
        levels = ("县级", "县委", "县", self.county[-1:] + "级", self.county[-1:] + "委", self.county[-1:], "本级")
        for level in levels:
            if level[0] in _LEVELS and name.startswith(level) and len(name) > len(level) + 1:
                yield name[len(level) :]


def area_name(county: str) -> str:
    """What a county is called within the names of others: 宜城 of 宜城市人民政府."""
    name = normalised(county).removesuffix("人民政府")
    return name[:-1] if len(name) > 2 and name[-1] in "县市区旗" else name


def _shortened(short: str, full: str) -> bool:
    """人社局 for 人力资源和社会保障局: the same beginning and ending, all its letters in their order."""
    (stem, ending), (whole, ends) = _stem(short), _stem(full)
    alike = ending in ("", ends) or {ending, ends} == {"委", "局"}  # 发改委, 卫健委 of counties are bureaus
    if len(stem) < 2 or stem[0] != whole[:1] or not alike:
        return False
    letters = iter(whole)
    return all(letter in letters for letter in stem)


def _stem(name: str) -> tuple[str, str]:
    for ending, short in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending), short
    return name, "-"


def _likeness(name: str, full: str) -> float:
    """As alike as two texts are; letters that are all there in their order are alike enough, too few as they may be."""
    letters = iter(full)
    in_order = _NEAR if name[:1] == full[:1] and all(letter in letters for letter in _stem(name)[0]) else 0.0
    return max(in_order, SequenceMatcher(None, name, full, autojunk=False).ratio())
