"""What in a text looks like a person's name; rather one too many than one too few, and never all of them.

A surname of those of nine in ten people, behind words that a name stands behind (我叫, 证明, 和) or before a title
(主任), with what ends a name behind it. Who wrote it is asked; nothing is refused by it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

HIDDEN: Final = "某某"
_SURNAMES: Final = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_BEFORE: Final = (
    "(?:我叫|名叫|叫|姓名是?|户名|写的是?|写成|上是|村民|我是|证明|和|跟|与|替|给|老公|老婆|儿子|女儿|父亲|母亲|"
    "爸爸?|妈妈?|是)"
)
_AFTER: Final = "(?=是|和|跟|与|的|[，。、,.\\s：:]|$|要|想|办|开|住|家|今年|系|去世|死|没|不在|同志|身份)"
_NAMED: Final = re.compile(f"(?P<before>{_BEFORE})(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?){_AFTER}")
_COMMON: Final = re.compile("[张李王赵刘陈][一二三四五六]|张某|李某|王某")
# In a report also who lays something on whom: 王德贵主任喊我们填表, 村民李二.
_WITH_TITLE: Final = re.compile(
    f"(?<![\u4e00-\u9fff])(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}?)(?=书记|主任|镇长|乡长|村长|支书|科长|局长|所长|站长|同志|"
    "[喊叫让找催逼打]我|要我们?)"
)


@dataclass(frozen=True, slots=True)
class SuspectedName:
    """What looks like a name, from the `start`-th to the `end`-th letter, counted from one, both included."""

    start: int
    end: int
    text: str


def suspected_names(text: str) -> Iterator[SuspectedName]:
    """What of the text looks like somebody's name, in its order, each once."""
    spans = {match.span("name") for pattern in (_NAMED, _WITH_TITLE) for match in pattern.finditer(text)}
    spans |= {match.span() for match in _COMMON.finditer(text)}
    last = 0
    for start, end in sorted(spans):
        if start >= last:
            yield SuspectedName(start + 1, end, text[start:end])
            last = end


def masked(text: str) -> str:
    """The text with what looks like a person's name put as 某某."""
    return _COMMON.sub(HIDDEN, _NAMED.sub(lambda match: match["before"] + HIDDEN, text)).strip()
