"""Word's automatic numbers (numbering.xml) written out as text: what people see, and what no paragraph's text has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parser
from docx.oxml.ns import qn

_parser: Any = parser  # its types are not fully known
_MOST: Final = 100_000  # numbered paragraphs; what has more is no list
_ROMAN: Final = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_ONES: Final = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a numbering is written: from which number, in which digits, with what around it."""

    start: int
    digits: str
    text: str


@dataclass(slots=True)
class _Numbering:
    """What numbering.xml and the styles say, and how far each numbering has counted."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict[str, dict[int, Level]])  # by abstract numbering
    abstract: dict[str, str] = field(default_factory=dict[str, str])  # by numbering
    starts: dict[tuple[str, int], int] = field(
        default_factory=dict[tuple[str, int], int]
    )  # where a numbering begins anew
    styles: dict[str, tuple[str | None, int]] = field(default_factory=dict[str, tuple[str | None, int]])
    counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    begun: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])


def write_out(document: Any) -> None:
    """Put the number that Word shows before each numbered paragraph of the document's body into its text.

    Bullets are no numbers. Paragraphs that nobody sees are not counted: of rows that were deleted, and of cells that
    the one above reaches down into.
    """
    numbering = _numbering(document)
    if numbering is None:
        return
    for number, paragraph in enumerate(_seen(document.element.body)):
        if number == _MOST:
            return
        text = _next(numbering, paragraph)
        if text:
            run, shown = _parser.OxmlElement("w:r"), _parser.OxmlElement("w:t")
            shown.text = text
            run.append(shown)
            about = paragraph.find(qn("w:pPr"))
            paragraph.insert(0 if about is None else paragraph.index(about) + 1, run)


def _numbering(document: Any) -> _Numbering | None:
    try:
        root: Any = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
    except (KeyError, AttributeError):
        return None
    result = _Numbering()
    for abstract in root.findall(qn("w:abstractNum")):
        levels = {_integer(level.get(qn("w:ilvl"))): _level(level) for level in abstract.findall(qn("w:lvl"))}
        result.levels[abstract.get(qn("w:abstractNumId"), "")] = levels
    for number in root.findall(qn("w:num")):
        id_ = number.get(qn("w:numId"), "")
        result.abstract[id_] = _value(number.find(qn("w:abstractNumId"))) or ""
        for override in number.findall(qn("w:lvlOverride")):
            start = _value(override.find(qn("w:startOverride")))
            if start is not None:
                result.starts[id_, _integer(override.get(qn("w:ilvl")))] = _integer(start)
    result.styles = _styles(document)
    return result


def _styles(document: Any) -> dict[str, tuple[str | None, int]]:
    """The numbering and level that each style of paragraphs brings, its own or that of what it is based on."""
    own: dict[str, tuple[str | None, int]] = {}
    based: dict[str, str] = {}
    try:
        root: Any = document.part.part_related_by(RELATIONSHIP_TYPE.STYLES).element
    except (KeyError, AttributeError):
        return own
    for style in root.findall(qn("w:style")):
        id_ = style.get(qn("w:styleId"), "")
        if (above := _value(style.find(qn("w:basedOn")))) is not None:
            based[id_] = above
        numbered = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
        if numbered is not None:
            level = _integer(_value(numbered.find(qn("w:ilvl"))))
            own[id_] = _value(numbered.find(qn("w:numId"))), level
    for id_ in based:
        above, seen = id_, {id_}
        while above not in own and based.get(above) not in {None, *seen}:
            above = based[above]
            seen.add(above)
        if above in own:
            own.setdefault(id_, own[above])
    return own


def _level(element: Any) -> Level:
    start = _value(element.find(qn("w:start")))
    digits = _value(element.find(qn("w:numFmt"))) or "decimal"
    return Level(1 if start is None else _integer(start), digits, _value(element.find(qn("w:lvlText"))) or "")


def _next(numbering: _Numbering, paragraph: Any) -> str:
    """The number of this paragraph, counted; empty where it has none."""
    about = paragraph.find(qn("w:pPr"))
    style = _value(about.find(qn("w:pStyle"))) if about is not None else None
    id_, at = numbering.styles.get(style or "", (None, 0))
    own = about.find(qn("w:numPr")) if about is not None else None
    if own is not None:
        id_ = _value(own.find(qn("w:numId"))) or id_
        level = _value(own.find(qn("w:ilvl")))
        at = _integer(level) if level is not None else at
    if id_ is None or id_ == "0" or id_ not in numbering.abstract:
        return ""
    abstract = numbering.abstract[id_]
    levels = numbering.levels.get(abstract, {})
    if at not in levels:
        return ""
    counts = numbering.counts[abstract]
    begins = numbering.starts.get((id_, at))
    if begins is not None and (id_, at) not in numbering.begun:
        counts[at] = begins
    else:
        counts[at] = counts[at] + 1 if at in counts else levels[at].start
    numbering.begun.add((id_, at))
    for deeper in [level for level in counts if level > at]:
        del counts[deeper]
    return _shown(levels, counts, at)


def _shown(levels: Mapping[int, Level], counts: Mapping[int, int], at: int) -> str:
    def count(match: re.Match[str]) -> str:
        level = int(match[1]) - 1
        if level not in levels:
            return ""
        digits = levels[level].digits
        return _DIGITS.get(digits, str)(counts.get(level, levels[level].start))

    if levels[at].digits in {"bullet", "none"} or "%" not in levels[at].text:
        return ""
    return re.sub("%([1-9])", count, levels[at].text)


def _seen(body: Any) -> Iterator[Any]:
    """The paragraphs that a reader sees, in their order."""
    for element in body:
        if element.tag == qn("w:p"):
            yield element
        elif len(element) and not _unseen(element):
            yield from _seen(element)


def _unseen(element: Any) -> bool:
    """Whether it is a row that was deleted, or a cell that the one above reaches down into."""
    if element.tag == qn("w:tr"):
        return element.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None
    return element.tag == qn("w:tc") and _continues(element)


def _continues(cell: Any) -> bool:
    merged = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return merged is not None and merged.get(qn("w:val"), "continue") == "continue"


def _value(element: Any) -> str | None:
    return None if element is None else element.get(qn("w:val"))


def _integer(text: str | None) -> int:
    return int(text) if text is not None and re.fullmatch("-?[0-9]{1,6}", text) else 0


def chinese(number: int) -> str:
    """A number up to ten thousand as people count: 十二, 一百零五."""
    if not 0 < number < 10_000:
        return str(number)
    digits, result, zero = "零一二三四五六七八九", "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            result += ("零" if zero and result else "") + digits[digit] + unit
            zero = False
        else:
            zero = True
    return result.removeprefix("一") if 10 <= number < 20 else result


def _digital(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number)) if number >= 0 else str(number)


def _letters(number: int) -> str:
    return chr(96 + (number - 1) % 26 + 1) * ((number - 1) // 26 + 1) if 0 < number <= 260 else str(number)


def _roman(number: int) -> str:
    if not 0 < number < 4000:
        return str(number)
    result = ""
    for value, letters in (*_ROMAN, *_ROMAN_ONES):
        count, number = divmod(number, value)
        result += letters * count
    return result


def _circled(number: int) -> str:
    return chr(0x245F + number) if 1 <= number <= 20 else f"({number})"


def _stem(number: int) -> str:
    return "甲乙丙丁戊己庚辛壬癸"[number - 1] if 1 <= number <= 10 else str(number)


_DIGITS: Final[Mapping[str, Callable[[int], str]]] = {
    "decimalZero": lambda number: f"{number:02}",
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": _digital,
    "japaneseDigitalTenThousand": _digital,
    "ideographTraditional": _stem,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerLetter": _letters,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerRoman": _roman,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "decimalEnclosedParen": lambda number: f"({number})",
}
