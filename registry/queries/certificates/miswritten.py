"""Words of certificates written with a wrong letter that looks like the right one, or sounds like it: 户藉 for 户籍.

The models know a letter by what it is; of one that hardly any saying has they know nothing. Only whole words are set
right, so that a letter that is right elsewhere stays: 藉口, 黄昏, 到底保不保.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Final

# The right letter, then those that are written for it.
_ALIKE: Final = (
    "籍藉|簿薄|婚昏惛魂|未胃|姻因烟|育肓|残惨浅|疾急嫉|属蜀|系糸|遗遣|产彦|继断计|承丞呈|监坚尴|护沪互|贫贪频平拼|困因囚|难滩|宅侘|基墓|包抱饱|"
    "住往|居届|业叶夜页|档挡|案按|底低|低底|款歀|犯范泛|罪醉|录绿碌|踪综宗|亡忘|票漂飘|据剧锯|缴激|灾哉栽|植值殖|殖植值|销消|采彩菜|伐代|"
    "木术|守首|纠纤究|纷份|调凋|解介|葬藏|墓幕暮|任认|职织值|历厉|民氏|邻临|戒诫|账帐胀|驶使|折拆|已己"
)
_TAKEN_FOR: Final[Mapping[str, str]] = {group[0]: group[1:] for group in _ALIKE.split("|")}
# The words in which letters are set right: one of each, or two.
_WORDS: Final = (
    "户籍|户口簿|学籍|籍贯|婚姻|结婚|离婚|未婚|已婚|再婚|婚育|生育|残疾|疾病|亲属|关系|遗失|遗产|继承|监护|贫困|困难|低保|宅基地|"
    "承包|居住|暂住|就业|失业|待业|档案|存款|犯罪|记录|案底|失踪|死亡|发票|收据|票据|缴费|受灾|灾害|种植|养殖|自产自销|采伐|"
    "林木|留守|纠纷|调解|安葬|墓地|公墓|任职|经历|选民|相邻|戒毒|账户|驾驶证|存折"
)
# What is right as it stands, though it begins as one of these words with a wrong letter does, or has one in it.
_RIGHT: Final = (
    "婚因为|自己婚|急病|贫因病|贫因残|贫因学|因难产|因难民|残急需|残急用|头发飘|养植物|种植物|留首饰|到底保|责任值|彻底保|"
    "致残急|墓基|就夜|平困惑|水平困|平因为|平因素|平因此|待夜里|失夜里"
)
_AT_ONCE: Final = 2  # letters: where more are wrong it is another word


def mended(text: str) -> str:
    """The text with such words set right; as it is where there are none."""
    pattern, right = _table()
    return pattern.sub(lambda word: right[word[0]], text)


@cache
def _table() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """What finds a word written wrongly, or one to leave as it is, and what each becomes."""
    words = _WORDS.split("|")
    right = {wrong: word for word in words for wrong in _written_wrongly(word)}
    right |= {word: word for word in (*words, *_RIGHT.split("|"))}
    longest = sorted(right, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest))), right


def _written_wrongly(word: str) -> Iterator[str]:
    for letters in product(*(letter + _TAKEN_FOR.get(letter, "") for letter in word)):
        if 0 < sum(letter != other for letter, other in zip(letters, word, strict=True)) <= _AT_ONCE:
            yield "".join(letters)
