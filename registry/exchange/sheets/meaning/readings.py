"""What a table is: which kind of list, permission or prohibition, by title, sections, headings and cells together.

Each source says what it says (phrases.py); one reading comes of it where they agree. Where two are possible both are
given, and nothing may be recorded before somebody has chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning.phrases import Statement, Status, statement
from registry.exchange.sheets.meaning.vocabulary import pattern
from registry.exchange.sheets.recognising.headings import kind_of, kinds

Polarity = Literal["positive", "negative"]
# `listed`: the items are what the list says; `withdrawn`: they are what goes off a list that stands.
Effect = Literal["listed", "withdrawn"]
Says = Literal["positive", "negative", "either", "left out"]

OWN: Final = "own-powers"
ALLOWED, FORBIDDEN = "certificates-allowed", "certificates-forbidden"
# Lists of duties that may not be given, by whom they protect.
NOT_FOR: Final[Mapping[str, str]] = {"township": "township-returned", "village": "village-forbidden"}
_DUTIES: Final[Mapping[str, str]] = {"township-returned": "township-basic", "village-forbidden": "village-own"}
_REMARK: Final = re.compile(r"^[（(【\[].*[）)】\]]$|[。；;]|^(?:备?注|说明)[:：\d]?")
_LISTED: Final = re.compile("(?:清单|目录|一览表?|计划|汇总表|名录|表|册)(?:[（(].{0,20}[）)])?$")
_PROCEDURE: Final = re.compile("动态管理|动态调整|及时调整|及时更新|适时调整|立改废|另行通知|另行公布")
_PROHIBITION: Final = re.compile("^(?:不得|严禁|不准|不再|不应|不宜|禁止(?:要求|将|向|以|把))")
# A heading that says why, when or by whom something ended is one of a list of what ended.
_OF_WHAT_ENDED: Final = re.compile("原因|理由|依据|方式|时间|日期|部门|单位|主体|措施|后|事项|名称|证明|文号")
_CONDITION: Final = re.compile("情形|条件|机制|是否|可否|能否|或|[/／]")
_POWERS: Final = re.compile("执法|权力|职权|处罚|许可")
_TOWNS, _VILLAGES = re.compile("乡|镇|街道"), re.compile("村|社区")


@dataclass(frozen=True, slots=True)
class Line:
    """A text that may say what a table is, and where it stands; `source`: which part of the file it is."""

    cell: Cell
    source: Literal["title", "remark", "sheet", "heading", "name"]


@dataclass(frozen=True, slots=True)
class Word:
    """Words of a text that decided, or were understood and left out of account, and where the text stands."""

    words: str
    text: str
    location: str
    says: Says


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing that a table can be."""

    kind: str
    polarity: Polarity
    effect: Effect = "listed"


@dataclass(frozen=True, slots=True)
class Meaning:
    """All that a table can be, with the words that say so: one reading, or several to choose from.

    `adjusts`: it calls itself an addition or alteration of another list. Without readings its kind is not told.
    """

    readings: tuple[Reading, ...] = ()
    words: tuple[Word, ...] = ()
    adjusts: bool = False


def kind_named(text: str) -> str | None:
    """The kind of list that a text tells, what it quotes or leaves out not counted."""
    return kind_of(statement(text).rest)


def of_these(text: str) -> bool:
    """Whether a text speaks of the items of the list beside it: 以上事项, 本清单所列."""
    return pattern("these").search(text) is not None


def takes_away(text: str) -> bool:
    """Whether a text says that something is denied or has ended: 已废止."""
    return statement(text).status in ("denied", "ended")


def line_of(cell: Cell) -> Line:
    """A line above or below a table, as a title or as a remark on it."""
    text = cell.text.replace("\n", "")
    remark = _REMARK.search(text) and not (_LISTED.search(text) and not text.startswith(("（", "(", "【")))
    return Line(cell, "remark" if remark else "title")


def of_table(
    lines: Sequence[Line], sheet: Cell, by_columns: str | None, given: str | None, *, rows_decide: bool
) -> Meaning:
    """What a table is by its lines, the one farthest above first, and its sheet's name.

    `by_columns`: the kind for which its columns speak; `given`: the kind that somebody says it is; `rows_decide`: every
    row says for itself whether it stands.
    """
    titles = [line for line in reversed(lines) if line.source == "title"] + [Line(sheet, "sheet")]
    statements = [(line, statement(line.cell.text)) for line in titles]
    main = next((each for each in statements if kind_of(each[1].rest)), None)
    kind = kind_of(main[1].rest) if main else given or by_columns
    main = main or next((each for each in statements if each[1].status != "plain"), statements[0])
    status = _status(main, statements)
    adjusts = any(_adjusts(one.rest) for line, one in statements if line.source == "title")
    guessed = kind is None and status in ("denied", "ended")
    if guessed:
        kind = _denied_kind(" ".join(one.rest for _, one in statements))
    if kind is None:
        return Meaning((), tuple(_words(statements)), adjusts)
    kind = _by_audience(kind, status)
    readings = _readings(kind, status)
    if guessed and status == "ended" and kind in _DUTIES and not any("收" in word for word in main[1].words):
        # 镇街取消事项: they go off its list, or may no longer be given to it.
        readings = (Reading(_DUTIES[kind], "positive", "withdrawn"), Reading(kind, "negative"))
    words = list(_words(statements))
    if not (rows_decide and status in ("open", "mixed")):
        against = [
            *(line for line, one in statements if line is not main[0] and _against(line, one, readings, main[1])),
            *_other_lines(lines, readings, main[1]),
        ]
        if against and len(readings) == 1:
            readings = (readings[0], opposite(readings[0]))
    else:
        readings = readings[:1]
    others = ((line, statement(line.cell.text)) for line in lines if line.source in ("remark", "heading"))
    words += _words((line, one) for line, one in others if line.source != "remark" or _speaks(one) or one.left_out)
    words += [
        Word(match[0], line.cell.text, line.cell.location, "negative")
        for line in lines
        if line.source == "name" and (match := _PROHIBITION.match(line.cell.text))
    ][:1]
    return Meaning(readings, tuple(dict.fromkeys(words)), adjusts)


def opposite(reading: Reading) -> Reading:
    """What the same table would be if it forbade what it seems to permit, or the other way round."""
    kind, polarity = reading.kind, reading.polarity
    other: Polarity = "negative" if polarity == "positive" else "positive"
    if kind in (ALLOWED, FORBIDDEN):
        return Reading(FORBIDDEN if kind == ALLOWED else ALLOWED, other)
    if kind in _DUTIES:
        return Reading(_DUTIES[kind] if polarity == "negative" else kind, other)
    adopts = kinds()[kind].adopts
    if adopts.get("covers", "duty") == "duty":
        return Reading(NOT_FOR[adopts.get("audience", "township")] if polarity == "positive" else kind, other)
    return Reading(kind, other)


def polarity_of(kind: str) -> Polarity:
    """What a kind of list says where nothing denies it."""
    return "negative" if kinds()[kind].adopts.get("polarity") == "negative" else "positive"


def _status(main: tuple[Line, Statement], statements: Sequence[tuple[Line, Statement]]) -> Status:
    """The main line's status; where that is open, the nearest other that settles it: （保留部分）, a sheet 取消."""
    line, one = main
    status: Status = "unclear" if one.dangling and line.source == "title" else one.status
    if status in ("open", "mixed", "plain"):
        for other, nearer in statements:
            if other is line and status == "plain":
                break  # what stands above a plain title is weighed against it
            if other is not line and nearer.status in ("denied", "ended", "permitted"):
                return nearer.status
    return status


def _by_audience(kind: str, status: Status) -> str:
    """A denied list of duties is one of what may not be given to whom it speaks of."""
    adopts = kinds()[kind].adopts
    if kind == OWN or adopts.get("covers", "duty") != "duty" or kind == "division":
        return kind
    if status == "denied" and adopts.get("polarity") != "negative":
        return NOT_FOR[adopts["audience"]]
    return kind


def _denied_kind(text: str) -> str | None:
    """The kind of a list that forbids, by whom it protects: 镇街不承担事项清单."""
    towns, villages = _TOWNS.search(text), _VILLAGES.search(text)
    if _POWERS.search(text):
        return "empowerment"
    if bool(towns) == bool(villages) or not re.search("事项|职责|任务|事务|工作", text):
        return None
    return NOT_FOR["township" if towns else "village"]


def _readings(kind: str, status: Status) -> tuple[Reading, ...]:
    """What a list of that kind can be whose title has that status."""
    covers = kinds()[kind].adopts.get("covers", "duty")
    usual = Reading(kind, polarity_of(kind))
    if covers == "certificate":
        if status in ("denied", "ended"):
            return (Reading(FORBIDDEN, "negative"),)
        if status == "permitted":
            return (Reading(ALLOWED, "positive"),)
    if status == "plain":
        return (usual,)
    if kind in _DUTIES:
        denied = status == "denied" or (status == "ended" and kind == "township-returned")
        return (usual,) if denied else (usual, opposite(usual))
    if status == "permitted":
        return (usual,)
    if status == "denied" and covers not in ("power", "duty"):
        return (Reading(kind, "negative"),)
    if status == "ended" and kind != OWN:
        return (Reading(kind, usual.polarity, "withdrawn"), opposite(usual))
    if status == "denied" and kind == "empowerment":
        return (Reading(kind, "negative"), Reading(kind, "positive", "withdrawn"))
    return (usual, opposite(usual))


def _sign(status: Status) -> Polarity | Literal["either"] | None:
    if status in ("denied", "ended"):
        return "negative"
    if status == "permitted":
        return "positive"
    return None if status == "plain" else "either"


def _negative(readings: Sequence[Reading]) -> bool:
    """Whether a table takes away: it forbids, or withdraws."""
    return readings[0].polarity == "negative" or readings[0].effect == "withdrawn"


def _against(line: Line, one: Statement, readings: Sequence[Reading], main: Statement) -> bool:
    """Whether another title, or the sheet's name, speaks for the opposite."""
    sign = _sign(one.status)
    if sign is None:
        return one.dangling and line.source == "title" and kind_of(one.rest) is not None
    if sign == "either":
        # A title over several lists says both, and the one below it which of them this is.
        return one.status in ("unclear", "open") and main.status == "plain"
    return (sign == "negative") != _negative(readings)


def _other_lines(lines: Sequence[Line], readings: Sequence[Reading], main: Statement) -> Iterable[Line]:
    """The remarks, headings and names that speak for the opposite."""
    for line in lines:
        if line.source == "name":
            if _PROHIBITION.match(line.cell.text) and not _negative(readings):
                yield line
            continue
        one = statement(line.cell.text)
        sign = _sign(one.status)
        match line.source:
            case "remark":
                if _speaks(one) and (sign == "either" or (sign == "negative") != _negative(readings)):
                    yield line
            case "heading":
                about = _OF_WHAT_ENDED.search(one.rest) and not _CONDITION.search(line.cell.text)
                against = about and sign in ("negative", "positive") and (sign == "negative") != _negative(readings)
                instead = line.cell.text.startswith("替代") and main.status != "permitted"
                if against or (instead and not _negative(readings)):
                    yield line
            case _:
                pass


def _speaks(one: Statement) -> bool:
    """Whether a remark says something of the items: not what is done when the list changes."""
    return _sign(one.status) is not None and not _PROCEDURE.search(one.rest)


def _adjusts(text: str) -> bool:
    return bool(pattern("adjusts").search(pattern("adjusted").sub("", text)))


def _words(statements: Iterable[tuple[Line, Statement]]) -> Iterable[Word]:
    for line, one in statements:
        sign = _sign(one.status)
        text, location = line.cell.text.replace("\n", ""), line.cell.location
        if sign is not None and one.words:
            yield Word("、".join(one.words), text, location, sign)
        elif line.source in ("title", "sheet") and (kind := kind_of(one.rest)) is not None:
            yield Word(text, text, location, polarity_of(kind))
        for left_out in one.left_out:
            yield Word(left_out, text, location, "left out")
