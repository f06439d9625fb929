"""Finding what is called so by what is typed as it sounds: full pinyin (shuiwuju) or first letters (swj).

The database indexes the pairs of neighbouring syllables, and of their first letters, of units above villages and of
matters, lists and documents (quanze.sounds): that gives the few names that may be meant. Which are is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from pypinyin import Style, lazy_pinyin

from registry.domain.text import Text
from registry.queries.units.resolve import TooLong
from registry.relations.two_times import AsOf, Reader, at, known

LONGEST: Final = 40  # letters of what is typed
LOOKED_AT: Final = 300  # names that may be meant, the highest units first
MOST_HEARD: Final = 5000  # names that may be meant where all are wanted
READINGS: Final = 4  # ways of cutting what is typed into syllables
STEPS: Final = 500  # of looking for them
LEAST: Final = 3  # letters: with fewer nearly everything is meant
# A character for each syllable that sounds so: as quanze.spelt writes all of that sound.
_SYLLABLES: Final[dict[str, str]] = dict(
    re.findall(
        "([a-z]+)([^a-z ])",
        "a阿 ai爱 an安 ang肮 ao獒 ba八 bai白 ban办 bang帮 bao保 bei北 ben本 beng泵 bi比 bian编 biao表 bie别 "
        "bin殡 bing病 bo卜 bu不 ca擦 cai财 can残 cang仓 cao草 ce册 cen岑 ceng曾 cha查 chai拆 chan产 chang场 "
        "chao超 che车 chen陈 cheng城 chi赤 chong冲 chou抽 chu处 chuai揣 chuan传 chuang创 chui椎 chun醇 "
        "chuo戳 ci次 cong从 cou凑 cu促 cuan蹿 cui催 cun村 cuo错 da大 dai代 dan单 dang垱 dao道 de的 deng登 "
        "di第 dian店 diao调 die爹 ding定 diu丢 dong东 dou豆 du督 duan断 dui对 dun蹲 duo多 e鄂 ei诶 en恩 er二 "
        "fa法 fan畈 fang房 fei费 fen份 feng锋 fou否 fu服 ga伽 gai改 gan干 gang岗 gao高 ge个 gei给 gen跟 "
        "geng更 gong公 gou沟 gu故 gua挂 guai拐 guan管 guang广 gui规 gun棍 guo国 ha哈 hai海 han汉 hang航 "
        "hao号 he和 hei黑 hen痕 heng哼 hong红 hou猴 hu湖 hua划 huai槐 huan环 huang黄 hui会 hun婚 huo活 ji集 "
        "jia家 jian监 jiang江 jiao教 jie街 jin金 jing经 jiong炯 jiu救 ju局 juan捐 jue决 jun军 ka卡 kai开 "
        "kan看 kang康 kao考 ke可 ken恳 keng坑 kong孔 kou口 ku库 kua跨 kuai快 kuan款 kuang况 kui馈 kun困 "
        "kuo扩 la腊 lai来 lan览 lang狼 lao老 le了 lei雷 leng冷 li理 lia俩 lian联 liang两 liao料 lie列 lin林 "
        "ling令 liu刘 long龙 lou楼 lu路 luan乱 lun轮 luo罗 lv律 lve掠 ma马 mai卖 man蛮 mang忙 mao茅 me么 "
        "mei没 men门 meng盟 mi米 mian面 miao庙 mie灭 min民 ming明 miu谬 mo摸 mou某 mu木 na哪 nai奶 nan南 "
        "nang囊 nao垴 ne呢 nei内 nen嫩 neng能 ni拟 nian年 niang娘 niao尿 nie孽 nin您 ning柠 niu牛 nong农 "
        "nou耨 nu奴 nuan暖 nuo诺 nv女 nve虐 o哦 ou讴 pa杷 pai牌 pan畔 pang庞 pao跑 pei培 pen喷 peng棚 pi批 "
        "pian片 piao票 pie撇 pin品 ping平 po坡 pou剖 pu铺 qi七 qia洽 qian前 qiang强 qiao桥 qie且 qin亲 "
        "qing情 qiong穷 qiu求 qu区 quan全 que确 qun群 ran然 rang让 rao扰 re热 ren人 reng仍 ri日 rong容 rou肉 "
        "ru入 ruan软 rui蕊 run闰 ruo若 sa撒 sai赛 san三 sang丧 sao扫 se色 sen森 seng僧 sha沙 shai晒 shan山 "
        "shang上 shao少 she社 shen身 sheng生 shi市 shou收 shu树 shua刷 shuai摔 shuan栓 shuang双 shui水 "
        "shun吮 shuo说 si司 song宋 sou搜 su诉 suan算 sui随 sun孙 suo所 ta他 tai台 tan谭 tang堂 tao套 te特 "
        "teng腾 ti体 tian田 tiao条 tie铁 ting厅 tong通 tou头 tu土 tuan团 tui退 tun吞 tuo托 wa娃 wai外 wan湾 "
        "wang王 wei委 wen文 weng嗡 wo我 wu务 xi息 xia下 xian线 xiang襄 xiao小 xie写 xin新 xing行 xiong兄 "
        "xiu修 xu虚 xuan轩 xue学 xun巡 ya雅 yan堰 yang阳 yao药 ye业 yi宜 yin引 ying营 yo哟 yong用 you有 yu育 "
        "yuan员 yue月 yun运 za咋 zai在 zan暂 zang葬 zao造 ze责 zei贼 zen怎 zeng增 zha炸 zhai宅 zhan展 "
        "zhang障 zhao照 zhe者 zhen镇 zheng证 zhi织 zhong中 zhou洲 zhu住 zhua抓 zhuai拽 zhuan转 zhuang庄 "
        "zhui追 zhun准 zhuo桌 zi资 zong综 zou走 zu组 zuan纂 zui嘴 zun遵 zuo作 ",
    )
)
_BEGUN: Final = frozenset(syllable[:length] for syllable in _SYLLABLES for length in range(len(syllable) + 1))
# The other reading of characters in names that have two; the first is what a single character is read as.
_SECOND: Final[dict[str, str]] = dict(
    re.findall(
        "([^a-z ])([a-z]+)",
        "重chong 长chang 行hang 单shan 会kuai 厦xia 都du 乐yue 藏zang 解xie 盛cheng 石dan 区ou 蔚yu 番pan "
        "铅yan 大dai 调tiao 传zhuan 弹tan 率shuai 车ju 种chong 六lu 尉yu 仇qiu 朴piao 朝zhao 曾zeng 宿xiu ",
    )
)
_SOUND: Final = re.compile("[a-z]+")


@dataclass(frozen=True, slots=True)
class Sounding:
    """A unit or matter that sounds so: its code, name, level (of a unit), kind, and the alias by which it does."""

    code: str
    name: str
    level: str
    kind: str
    called: str | None


UNITS: Final = f"""
SELECT u.code, u.name, u.level, u.kind, u.aliases
FROM unnest($3::text[]) p (pairs), LATERAL (
    SELECT u.* FROM unit u WHERE u.level <> 'village' AND NOT u.dissolved AND {at("u")}
        AND quanze.sounds(u.name || u.aliases) @> string_to_array(p.pairs, ' ') OFFSET 0
) u
ORDER BY array_position($4::text[], u.level), u.code LIMIT $5
"""
MATTERS: Final = f"""
SELECT m.code, m.name, m.kind, m.aliases
FROM unnest($3::text[]) p (pairs), LATERAL (
    SELECT m.* FROM matter m WHERE NOT m.retired AND {at("m")}
        AND quanze.sounds(m.name || m.aliases) @> string_to_array(p.pairs, ' ') OFFSET 0
) m
ORDER BY m.code LIMIT $4
"""
# What a search by name looks through as it sounds: the code and the names of whatever may be meant.
HEARD: Final = {
    "unit": f"""
SELECT u.code, u.name || u.aliases AS names
FROM unnest($3::text[]) p (pairs), LATERAL (
    SELECT u.* FROM unit u WHERE u.level <> 'village' AND NOT u.dissolved AND {at("u")}
        AND quanze.sounds(u.name || u.aliases) @> string_to_array(p.pairs, ' ') OFFSET 0
) u LIMIT $4""",
    "matter": f"""
SELECT m.code, m.name || m.aliases AS names
FROM unnest($3::text[]) p (pairs), LATERAL (
    SELECT m.* FROM matter m WHERE {at("m")}
        AND quanze.sounds(m.name || m.aliases) @> string_to_array(p.pairs, ' ') OFFSET 0
) m LIMIT $4""",
    "list": f"""
SELECT l.code, ARRAY[l.title] AS names
FROM unnest($3::text[]) p (pairs), LATERAL (
    SELECT l.* FROM list l WHERE {at("l")}
        AND quanze.sounds(ARRAY[l.title]) @> string_to_array(p.pairs, ' ') OFFSET 0
) l LIMIT $4""",
    "instrument": f"""
SELECT i.number AS code, ARRAY[i.title] AS names
FROM unnest($3::text[]) p (pairs), LATERAL (
    SELECT i.* FROM instrument i WHERE $1::date IS NOT NULL AND {known("i")}
        AND quanze.sounds(ARRAY[i.title]) @> string_to_array(p.pairs, ' ') OFFSET 0
) i LIMIT $4""",
}
LEVELS: Final = ("central", "province", "prefecture", "county", "township")


async def units(reader: Reader, moment: AsOf, text: str, limit: int) -> list[Sounding]:
    """Units above villages whose name or alias sounds as typed; what begins so first, then the highest, by code."""
    sound = typed(text)
    pairs = patterns(sound)
    if not pairs:
        return []
    rows = await reader.fetch(UNITS, moment.valid_at, moment.known_at, pairs, list(LEVELS), LOOKED_AT)
    return _chosen(
        sound, [(row["code"], row["name"], row["level"], row["kind"], row["aliases"]) for row in rows], limit
    )


async def matters(reader: Reader, moment: AsOf, text: str, limit: int) -> list[Sounding]:
    """Matters whose name or alias sounds as typed; what begins so first, then by code."""
    sound = typed(text)
    pairs = patterns(sound)
    if not pairs:
        return []
    rows = await reader.fetch(MATTERS, moment.valid_at, moment.known_at, pairs, LOOKED_AT)
    return _chosen(sound, [(row["code"], row["name"], "", row["kind"], row["aliases"]) for row in rows], limit)


async def heard(
    reader: Reader, moment: AsOf, kind: Literal["unit", "matter", "list", "instrument"], text: str | None
) -> list[str]:
    """The codes of all of a kind whose name, title or alias sounds as typed, none of them a village; else none.

    Raises TooLong where more than MOST_HEARD may be meant, so that none is left out unseen.
    """
    sound = typed(text or "")
    pairs = patterns(sound)
    if not pairs:
        return []
    rows = await reader.fetch(HEARD[kind], moment.valid_at, moment.known_at, pairs, MOST_HEARD + 1)
    if len(rows) > MOST_HEARD:
        zh = f"读音像“{sound}”的超过 {MOST_HEARD} 个，请多写几个字母，或者写汉字。"
        raise TooLong(sound, Text(zh, f"More than {MOST_HEARD} sound like {sound}: write more of it, or characters."))
    called = [row["code"] for row in rows if any(sounds_at(name, sound) is not None for name in row["names"])]
    return list(dict.fromkeys(called))


def typed(text: str) -> str:
    """What was typed as letters alone, ü as v; empty where it is not pinyin, or too short to mean anything."""
    sound = re.sub("[\\s'’]", "", text.lower()).replace("ü", "v")[:LONGEST]
    return sound if len(sound) >= LEAST and _SOUND.fullmatch(sound) else ""


def sounds_at(name: str, sound: str) -> int | None:
    """Where in a name what sounds so begins, from 0: by full syllables, of which the last may be begun, or by letters.

    None where nothing in it does.
    """
    read = _read(name)
    for start in range(len(read)):
        if _full(read, start, sound) or _by_letters(read, start, sound):
            return start
    return None


def _chosen(sound: str, rows: Iterable[tuple[str, str, str, str, Sequence[str]]], limit: int) -> list[Sounding]:
    begins: list[tuple[int, Sounding]] = []
    for code, name, level, kind, aliases in {row[0]: row for row in rows}.values():  # one may be meant in several ways
        places = [(sounds_at(each, sound), each) for each in (name, *aliases)]
        heard = [(where, each) for where, each in places if where is not None]
        if heard:
            where, called = min(heard, key=lambda one: (one[0] > 0, one[1] != name))
            begins.append((int(where > 0), Sounding(code, name, level, kind, None if called == name else called)))
    return [one for _, one in sorted(begins, key=lambda pair: pair[0])][:limit]


def patterns(sound: str) -> list[str]:
    """The pairs that a name must have, between blanks, for each way of reading what `typed` gives; by letters last."""
    if not sound:
        return []
    spelt = ["".join(_SYLLABLES[syllable] for syllable in cut) for cut in _cuts(sound)]
    made = [" ".join(_pairs(text)) for text in (*spelt, sound)]
    return list(dict.fromkeys(pattern for pattern in made if pattern))


def _pairs(text: str) -> list[str]:
    return [text[index : index + 2] for index in range(len(text) - 1)]


def _cuts(sound: str) -> list[list[str]]:
    """What was typed as syllables, two or more, in READINGS ways at most; if it ends within one, without that."""
    whole: list[list[str]] = []
    begun: list[list[str]] = []
    steps = iter(range(STEPS))

    def cut(before: list[str], rest: str) -> None:
        for length in range(min(6, len(rest)), 0, -1):
            if rest[:length] in _SYLLABLES and len(whole) < READINGS and next(steps, None) is not None:
                cut([*before, rest[:length]], rest[length:])
        if len(before) > 1 and not rest:
            whole.append(before)
        elif len(before) > 1 and rest in _BEGUN:
            begun.append(before)

    cut([], sound)
    return (whole or begun)[:READINGS]


@cache
def readings(letter: str) -> tuple[str, ...]:
    """How a character is read, by itself, without tones; another letter as it is."""
    if letter.isascii():
        return (letter.lower(),)
    first = lazy_pinyin(letter, style=Style.NORMAL)[0].replace("ü", "v")
    return (first, _SECOND[letter]) if letter in _SECOND else (first,)


def _read(name: str) -> list[tuple[str, ...]]:
    return [readings(letter) for letter in name]


def _full(read: Sequence[tuple[str, ...]], at_: int, rest: str) -> bool:
    """Whether the rest of what was typed is the syllables from there on, the last perhaps only begun."""
    if at_ == len(read):
        return False
    for syllable in read[at_]:
        if syllable.startswith(rest):
            return True
        if rest.startswith(syllable) and _full(read, at_ + 1, rest[len(syllable) :]):
            return True
    return False


def _by_letters(read: Sequence[tuple[str, ...]], start: int, letters: str) -> bool:
    of_name = read[start : start + len(letters)]
    return len(of_name) == len(letters) and all(
        any(syllable.startswith(letter) for syllable in syllables)
        for syllables, letter in zip(of_name, letters, strict=True)
    )
