"""The days that a cell gives, in every form in which lists write them.

2027年3月1日, 2027.3.1, 20270301, 二〇二七年三月一日, 2027年3月 (its first day, or its last where something ends), a
spreadsheet's serial number, 自印发之日起, 至2028年底, 长期, and stretches: 2027年1月1日至2028年12月31日. 明年元旦 is a
day where it is known when that was written; 第四季度 is none, but 自2027年第四季度起 and 至2027年三季度末 are.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

_DIGITS: Final = {
    **dict(zip("〇零一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    "○": 0,
    "O": 0,
    "o": 0,
    "Ｏ": 0,
    "两": 2,
}
_CHINESE: Final = "〇○零一二两三四五六七八九十"
_YEAR_IN_CHINESE: Final = re.compile(r"[一二][〇○零Oo一二三四五六七八九]{3}(?=年)")
_NUMBER_IN_CHINESE: Final = re.compile(rf"[{_CHINESE}]{{1,3}}(?=[年月日号]|个月)")
_YEARS: Final = (1949, 2099)
# A serial number of a spreadsheet that forgot its format: 2000-01-01 to 2099-12-31.
_SERIALS: Final = range(36526, 73051)
_EPOCH: Final = date(1899, 12, 30)
_DAY: Final = (
    r"(?P<year>\d{4})(?:年|[-./—–])(?P<month>\d{1,2})(?:(?:月|[-./—–])(?P<day>\d{1,2})[日号]?|月?)"
    r"(?:[ T]0{1,2}:00(?::00)?)?"
)
_COMPACT: Final = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])?")
_WHOLE_YEAR: Final = re.compile(r"(?P<year>\d{4})年度?(?P<part>年?初|年?底|年?末|全年|内)?")
_RELATIVE: Final = (
    (re.compile("(?:明|来|下一?)年度?"), 1),
    (re.compile("后年"), 2),
    (re.compile("(?:今|本)年度?"), 0),
)
_NEW_YEAR: Final = re.compile("(?<=\\d年)元旦")
_PART_OF_YEAR: Final = re.compile(
    "(?P<year>\\d{4})年(?:第?(?P<quarter>[一二三四1-4])季度?|(?P<half>[上下])半年)(?P<part>初|末|底)?"
)
_QUARTERS: Final = dict(zip("一二三四1234", (1, 4, 7, 10) * 2, strict=True))
# When in each year something is done: no day from which it holds.
_EACH_YEAR: Final = re.compile(
    "每|全年|常年|长年|经常|日常|不定期|定期|随时|适时|按季|按月|按年|一年四季|随到随办|即时|实时|逐年|按需"
)
_SEASON: Final = re.compile(
    "(?:\\d{1,2}|[一二三四五六七八九十]{1,2})月?(?:[-—~至到、,，和]+(?:次年|翌年)?(?:\\d{1,2}|[一二三四五六七八九十]{1,2}))+月份?|"
    ".{0,4}(?:汛期|汛前|汛后|主汛|防火期|禁渔期|枯水期|冬春|冬季|春季|夏季|秋季|春夏|秋冬|夏秋|春秋|三夏|三秋|农忙|寒暑?假|暑假|学期|节前|节日|重大节日|两会|敏感期|收获期|采暖季|雨季|旱季).{0,8}"
)
_ISSUED: Final = re.compile(
    "(?:自|从)?(?:本?(?:文件|通知|清单|决定|方案|办法|意见)?(?:印发|发布|发文|公布|下发|颁布|签发)之?日|即日|印发|公布|发布)(?:起|开始)?(?:施行|实施|执行|生效|有效)*"
)
_OPEN: Final = re.compile(
    "长期(?:有效|执行|实施|坚持|开展)?|永久(?:有效)?|常年|无期限|不限(?:期限?)?|无固定期限|持续(?:有效)?"
)
_BEFORE: Final = re.compile(
    "^(?:有效期|施行|实施|执行|有效|适用|延续|试行|试点|暂定)?(?:自|从|由|于|截至|截止到?|有效期至|到|至)+|^有效期[:：为]?"
)
_AFTER: Final = re.compile("(?:起|开始|始)?(?:正式)?(?:施行|实施|执行|生效|止|为止|结束|到期|截止|有效|前|以前|之前)*$")
_LASTS: Final = "(?:有效|试行|试点|暂定|暂行|期限|施行|实施|执行|有效期|试行期|试点期|实施期)"
_TERM: Final = re.compile(rf"{_LASTS}*(?:限)?(?:为|:|：)?(?<!\d)(?P<years>\d{{1,2}})(?P<unit>年|个月)")
# A remark that is a term alone, 试行一年: an end is meant, and from which day it counts is not said.
_TERM_ALONE: Final = re.compile(rf"(?:本事项|该事项|此项)?{_LASTS}+(?:限)?(?:为|:|：)?(?:\d{{1,2}}(?:年|个月)|半年)")
_BEGINS_AT_END: Final = re.compile("(?:起|开始)(?:正式)?(?:施行|实施|执行|生效|有效)*$")
_OF_ROW: Final = (
    "(?:正式|开始)*(?:由.{2,12}?)?"
    "(?:施行|实施|执行|生效|下放|赋权|委托|承接|承担|列入|纳入|开展|适用|启用|出具|配合|履行)*"
)
_THIS: Final = "(?:本事项|该事项|此项)?"
_REMARK_BEGINS: Final = re.compile(f"{_THIS}(?P<day>(?:自|从).{{4,14}}?(?:起|开始)){_OF_ROW}")
_REMARK_ENDS: Final = re.compile(
    f"{_THIS}(?:有效期限?|有效|保留|实施|执行|延续|试行|试点|适用|委托|赋权|承接|下放|期限)+(?:期限?)?[:：]?"
    "(?P<day>为?(?:至|到|截至|截止到?).{4,14}?)(?:为止|止|结束|有效)?"
)
_RANGE: Final = re.compile("至|到|~|～|—+|–|(?<=[日月年])-|(?<=[0-9]) - |-(?=\\d{4}(?:[年./]|$))")

# What says of a list when it holds, in a clause of its own or in a bracket of its title.
_PARTS: Final = re.compile("[。；;\n（）()]")
_QUOTED: Final = re.compile("《[^》]*》(?:[（(][^（()）]*[）)])?")
_HOLDS: Final = re.compile("起|有效|试行|试点|施行|执行|实施|生效")
_WHOLLY: Final = re.compile(
    r"^(?:(?:自|从)?\d{4}[年./-].{0,9}(?:起|开始)?(?:正式)?(?:施行|实施|执行|生效)+|(?:自|从)?\d{4}[年./-].{0,9}(?:起|开始)(?:有效)?|有效期?(?:限)?.+)"
    r"(?:[，,].*(?:有效|试行|期|年|月|日|止).*)?$|^(?:自|从).{2,16}(?:起|开始).*有效期"
)
_OF_LIST: Final = re.compile(
    r"^(?:备?注|说明)?\s*[:：]?\s*(?:\d{1,2}[.、．](?!\d))?(?:本|该|此|以上|上述|下列|以下|所列|全部)?(?:清单|目录|[计规]划|表|通知|文件|事项|职责)*"
    "(?:中|内|所列)?(?:的?事项|职责)?[，,：:]?"
)

Issued = Literal["issued"]
Open = Literal["open"]


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when: the first day and the last, both included; None where nothing is said of it.

    `since` may be `issued`: the day of the document. `until` may be `open`: without an end.
    """

    since: date | Issued | None = None
    until: date | Open | None = None


def period(text: str, *, ends: bool = False, written: date | None = None) -> Period | None:
    """What a cell of the column where something begins, or `ends`, says; None where it is not understood.

    `written`: the day of the document, after which 明年 is the next year; where it is not known 明年 is not understood.
    """
    plain = _dated(_plain(text), written)
    if not plain:
        return None
    if _OPEN.fullmatch(plain):
        return Period(until="open")
    if _ISSUED.fullmatch(plain):
        return None if ends else Period("issued")
    if lasting := re.fullmatch("(.+?)起?[,，]?(?:长期|永久|持续)(?:有效|执行|实施)?", plain):
        since = "issued" if _ISSUED.fullmatch(f"{lasting[1]}起") else _day(lasting[1], last=False)
        return Period(since, "open") if since else None
    for middle in _RANGE.finditer(plain):
        first, last = plain[: middle.start()], plain[middle.end() :]
        first = f"{first}年" if re.fullmatch(r"\d{4}", first) else first
        since = "issued" if _ISSUED.fullmatch(first) else _day(first, last=False)
        if since is None or not last:
            continue
        if _OPEN.fullmatch(last) or last in {"今", "现在"}:
            return Period(since, "open")
        until = _day(_with_year(last, since), last=True)
        if until is not None and (since == "issued" or until >= since):
            return Period(since, until)
    if term := _from_term(plain, written):
        return term
    ends = ends and _BEGINS_AT_END.search(plain) is None  # 有效期：2027年1月1日起
    # 2027年12月31日前 is an end, wherever it stands; 至2028年底 too.
    closing = (
        ends
        or re.match("(?:有效期|施行|实施|执行|有效|适用|延续|试行|试点|暂定)?[至到]|截[至止]", plain)
        or re.search("(?:前|止|为止|到期)$", plain)
    )
    result = _day(plain, last=bool(closing))
    if result is None:
        return None
    if closing:
        if re.search("(?:前|以前|之前)$", plain):
            return None  # whether that day is the last, or the one before it, is not said
        return Period(until=result)
    return Period(result)


def of_remark(text: str, written: date | None = None) -> Period:
    """What a remark says of from when, 自2027年7月1日起实施, and to when, 有效期至2027年12月31日, its row holds.

    Only what is said in a clause of its own, of the row and not of something in it, is understood.
    """
    since: date | None = None
    until: date | None = None
    for clause in re.split("[，,；;。\n]", text):
        bare = clause.strip()
        begins = _REMARK_BEGINS.fullmatch(bare)
        ends = _REMARK_ENDS.fullmatch(bare)
        if begins and (parsed := period(begins["day"], written=written)) and isinstance(parsed.since, date):
            since = since or parsed.since
        elif ends and (parsed := period(ends["day"], ends=True, written=written)) and isinstance(parsed.until, date):
            until = until or parsed.until
    if since is None and until is None and (whole := _whole_remark(text, written)) is not None:
        return whole
    return Period(since, until)


def of_list(text: str, written: date | None = None) -> Period:
    """What a title, a line below it or a note says of from when and to when all of a list holds.

    本清单自2027年1月1日起施行，有效期2年; nothing of what is quoted, 《…》, or said of single rows is understood.
    """
    since: date | Issued | None = None
    until: date | Open | None = None
    for part in _PARTS.split(_QUOTED.sub("", text)):
        if not _HOLDS.search(part):
            continue
        bare = _OF_LIST.sub("", part.strip())
        result = period(bare, written=written) if _WHOLLY.search(_plain(bare)) else None
        result = result or of_remark(bare, written)
        since, until = since or result.since, until or result.until
    return Period(since, until)


def is_open_term(text: str) -> bool:
    """Whether a remark says for how long its row is to hold, and not from when: 试行一年."""
    return any(_TERM_ALONE.fullmatch(_plain(clause)) for clause in re.split("[，,；;。\n（()）]", text))


def _whole_remark(text: str, written: date | None) -> Period | None:
    """The days of a remark that is nothing else: 至2027年底, 2027年第四季度起, 2027年1月1日起试行一年."""
    plain = _dated(_plain(re.sub("^备注[:：]", "", text)), written)
    if not (
        re.search("^(?:[至到]|截[至止])|\\d[年月日](?:止|为止|到期)$", plain)
        or _BEGINS_AT_END.search(plain)
        or _TERM.search(plain)
    ):
        return None
    return period(text, written=written)


def each_year(text: str) -> bool:
    """Whether a text says when in a year, or how often, something is done: 每季度, 常年, 汛期, 3—5月."""
    plain = _plain(text)
    return bool(_EACH_YEAR.search(plain) or _SEASON.fullmatch(plain)) and not re.search(r"\d{4}年|[起始]$", plain)


def _dated(plain: str, written: date | None) -> str:
    """The text with 明年 and the like as the years that they are, and 元旦 as a day."""
    if written is not None:
        for words, later in _RELATIVE:
            plain = words.sub(f"{written.year + later}年", plain)
    return _NEW_YEAR.sub("1月1日", plain)


def _plain(text: str) -> str:
    """Digits of one kind, without spaces; numbers in Chinese before 年, 月, 日 as digits."""
    plain = unicodedata.normalize("NFKC", text).strip().strip("。.;；,，")
    plain = re.sub(r"\s*([年月日号至到~])\s*", r"\1", plain)
    plain = re.sub(r"(?<=[日号])(?:零时|0时|0:00|00:00)(?=$|起)", "", plain)
    plain = re.sub(r"^'|(?<=[^0-9]) | (?=[^0-9:])", "", plain)
    plain = _YEAR_IN_CHINESE.sub(lambda match: "".join(str(_DIGITS[letter]) for letter in match[0]), plain)
    return _NUMBER_IN_CHINESE.sub(lambda match: str(_number(match[0])), plain)


def _number(text: str) -> int:
    """Up to ninety-nine in Chinese: 十 is 10, 二十五 is 25, 三〇 is 30."""
    if "十" not in text:
        return int("".join(str(_DIGITS[letter]) for letter in text))
    tens, _, ones = text.partition("十")
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def _day(text: str, *, last: bool) -> date | None:
    """The day of a text; of a month or a year its first, or its last."""
    bare = _AFTER.sub("", _BEFORE.sub("", text.strip("()（）"))).strip()
    if re.fullmatch(r"\d{5}(?:\.0)?", bare) and int(float(bare)) in _SERIALS:
        return _EPOCH + timedelta(days=int(float(bare)))
    match = re.fullmatch(_DAY, bare) or _COMPACT.fullmatch(bare)
    if match:
        day = match["day"]
        return _date(int(match["year"]), int(match["month"]), int(day) if day else None, last=last)
    if (match := _PART_OF_YEAR.fullmatch(bare)) and (last or re.search("[起始]", text)):
        month = _QUARTERS[match["quarter"]] if match["quarter"] else 1 if match["half"] == "上" else 7
        length = 3 if match["quarter"] else 6
        if (match["part"] == "初") is last and match["part"]:
            return None
        return _date(int(match["year"]), month + length - 1 if last else month, None, last=last)
    if match := _WHOLE_YEAR.fullmatch(bare):
        part = match["part"] or ""
        if part.endswith(("底", "末")) and not last:
            return None  # 自2027年底起 is no day
        if part.endswith("初") and last:
            return None
        return _date(int(match["year"]), 12 if last else 1, None, last=last)
    return None


def _date(year: int, month: int, day: int | None, *, last: bool) -> date | None:
    if not _YEARS[0] <= year <= _YEARS[1] or not 1 <= month <= 12:
        return None
    days = calendar.monthrange(year, month)[1]
    day = day or (days if last else 1)
    return date(year, month, day) if 1 <= day <= days else None


def _with_year(text: str, since: date | Issued) -> str:
    """12月31日 after 2027年1月1日至 is of that year, 2028 is a year."""
    if isinstance(since, date) and re.match(r"\d{1,2}月", text):
        return f"{since.year}年{text}"
    return f"{text}年" if re.fullmatch(r"\d{4}", text) else text


def _from_term(text: str, written: date | None) -> Period | None:
    """有效期三年，自2027年1月1日起: three years from that day, and the day before it for the last."""
    match = _TERM.search(text)
    if match is None:
        return None
    begins = _TERM.sub("", text, count=1).strip("，,、（）()起算内 ")
    if _ISSUED.fullmatch(begins) or _ISSUED.fullmatch(f"{begins}起"):
        since = written
    else:
        since = _day(begins, last=False) if begins else None
    if since is None:
        return None
    months = int(match["years"]) * (12 if match["unit"] == "年" else 1)
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    last = min(since.day, calendar.monthrange(year, month + 1)[1])
    return Period(since, date(year, month + 1, last) - timedelta(days=1))
