"""Whether what stands beside the items of a list changes none of them, by its form alone (harmless.yaml).

A text is split into clauses, and each must be of a harmless form as a whole: what nobody thought of is none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from registry.checker.names.normalise import simplified
from registry.data_files import own_yaml
from registry.exchange.sheets.meaning import changing
from registry.exchange.sheets.meaning.vocabulary import words

FILE: Final = Path(__file__).with_name("harmless.yaml")
# Where a text stands: a line above or below a table, a remark on a row, brackets in a name or in the cell of a unit,
# the heading of a section.
Where = Literal["line", "remark", "name", "unit", "section"]

_LONGEST: Final = 70  # letters of a clause; what is longer is no form of words
# Columns that say what the law provides, whatever that is.
_OF_LAW: Final = re.compile("执法提示|裁量.*|处罚(?:标准|依据|种类)|法律责任|追责情形|违法行为")
_ARTICLES: Final = re.compile(
    r"(?<=》)(?:[、和及至—-]?第[\d零〇一二三四五六七八九十百]+[条款项章节目](?:之[一二三])?)+"
)
_BODIES: Final = re.compile(
    r"[(（](街道|街|社区|居|镇|乡|市|区|县|旗|办|场|园区|开发区|办事处|苏木|村|市、区|县、区|市区)[)）]"
)
_BRACKETS: Final = re.compile("[（(【\\[]([^（()）【】\\[\\]]*)[）)】\\]]")
_QUOTED: Final = re.compile("《[^《》]*》")
_OF_LISTS: Final = re.compile("清单|目录|名录")  # a list by which something is done is not a basis alone
_MARKS: Final = re.compile("[“”\"‘’'「」]")
_SENTENCES: Final = re.compile(r"[。；;！!？?\n]+|(?<=[^\d.年月第\-—])(?=\d{1,2}[.．、](?![\d\s]))")
_CLAUSES: Final = re.compile("[，,]")
_ENDS: Final = ":：、.．-—·"
# A word of a title that is not known stands before none of these: 托管事项清单.
_NO_GAP: Final = re.compile(
    "的|事项|履职|职责|权力|职权|证明|基本|配合|清单|目录|牌子|报表|事务|行政|工作|计划|检查|镇|街|乡|村|表"
)
_LONGEST_UNKNOWN: Final = 8  # letters of that word
_TEXT: Final = re.compile(r"[\w×✕○●◯◎▲△■□☆★◆◇※]")
# Fragments that are not tried another way once they have matched, so that no text takes long.
_ATOMIC: Final = frozenset(["list", "law", "laws", "general", "doc", "docs", "often", "does", "date", "phone"])
_REPEATED: Final = re.compile(r"(..)(?:.*?\1){3}")  # what says the same over and over is no form of words
_FRAGMENT: Final = re.compile("<([a-z_]+)>")
_ALWAYS: Final = ("numbers", "counts", "days", "people", "meanings", "bases", "handling", "guidance")
# Of the words of which classes a clause may consist.
_COMPOSED: Final[Mapping[Where, tuple[str, ...]]] = {
    "line": ("principles", "filling"),
    "remark": ("describing",),
    "name": (),
    "unit": (),
    "section": (),
}
_GROUPS: Final[Mapping[Where, tuple[str, ...]]] = {
    "line": (*_ALWAYS, "signers", "places", "editions", "introductions", "about_list"),
    "remark": (*_ALWAYS, "about_list", "contents", "states"),
    "name": (*_ALWAYS, "contents", "kinds_of"),
    "unit": (*_ALWAYS, "signers", "roles"),
    "section": (*_ALWAYS, "signers", "categories"),
}


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text as they are written, without the marks between them."""
    for sentence in _SENTENCES.split(text):
        if _TEXT.search(sentence):
            yield sentence.strip()


def clauses(sentence: str) -> Iterator[str]:
    """The clauses of a sentence, those in brackets by themselves, without spaces; what 《》 quotes left out."""
    plain = _QUOTED.sub(lambda match: "《清单》" if _OF_LISTS.search(match[0]) else "《》", simplified(sentence))
    plain = _ARTICLES.sub("", plain)
    plain = _BODIES.sub(r"\1", re.sub(r"\s+", " ", plain))
    inner: list[str] = []
    while (match := _BRACKETS.search(plain)) is not None:
        inner.append(match[1])
        plain = plain[: match.start()] + plain[match.end() :]
    for part in (plain, *inner):
        for clause in _CLAUSES.split(part):
            if _TEXT.search(clause):
                yield clause.strip()


@lru_cache(maxsize=1 << 14)
def is_harmless(clause: str, where: Where, heading: str = "") -> bool:
    """Whether a clause has a form that changes no item; `heading`: of the column that no field is for.

    A clause with spaces is several where it is none without them.
    """
    plain = _MARKS.sub("", clause)
    if any(not bare or (_is_short(bare) and _is_form(bare, where, heading)) for bare in _opened(plain)):
        return True
    parts = plain.split()
    return len(parts) > 1 and all(is_harmless(part, where, heading) for part in parts)


def is_title(text: str) -> bool:
    """Whether a text without its brackets is the title of a list: whose, of which year, of what."""
    forms = _opened(_MARKS.sub("", text))
    return any(_is_short(plain) and _is_title_form(plain) for plain in forms)


def is_decided(clause: str) -> bool:
    """Whether a clause that decided what its list is says nothing else: 以下事项一律不得交由镇（街道）承担."""
    return any(_is_short(bare) and _whole("decided").fullmatch(bare) for bare in _opened(_MARKS.sub("", clause)))


def is_legend(clause: str) -> bool:
    """Whether a clause explains signs in words that are known: √为已承接."""
    return any(_is_short(bare) and _whole("legends").fullmatch(bare) for bare in _opened(_MARKS.sub("", clause)))


def is_of_what_ended(clause: str) -> bool:
    """Whether a clause says who does what a row has ended for those of its list: 由市级部门实施."""
    return any(_is_short(bare) and _forms(("ended",)).fullmatch(bare) for bare in _opened(_MARKS.sub("", clause)))


def _is_short(text: str) -> bool:
    return len(text) <= _LONGEST and _REPEATED.search(text) is None


def _is_form(bare: str, where: Where, heading: str) -> bool:
    if _whole("whole").fullmatch(bare) or (where == "name" and _whole("whole_of_names").fullmatch(bare)):
        return True
    listed = [holds for of, holds in _columns() if of.fullmatch(heading)] if heading else []
    if changing.word(bare) is not None and not (heading and _OF_LAW.fullmatch(heading)):
        return False
    if _forms(_GROUPS[where]).fullmatch(bare) or any(_is_composed(bare, name) for name in _COMPOSED[where]):
        return True
    return any(holds.fullmatch(bare) for holds in listed)


def _opened(clause: str) -> list[str]:
    """The clause without spaces, and then without one after another of what opens it: 注：, 1., 并."""
    rest = re.sub(r"\s", "", clause)
    results: list[str] = []
    while (bare := rest.strip(_ENDS)) not in results:
        results.append(bare)
        rest = _openings().sub("", bare, count=1)
    return results


def _is_composed(text: str, name: str) -> bool:
    """Whether a text is made of the words of a class alone, however they are parted."""
    known = _class(name)
    longest = max(map(len, known))
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(start in reached and text[start:end] in known for start in range(max(0, end - longest), end)):
            reached.add(end)
    return len(text) in reached and any(word in text for word in _needed(name))


@cache
def _class(name: str) -> frozenset[str]:
    return frozenset(word for line in _content()[name] for word in line.removeprefix("+").split("|"))


@cache
def _needed(name: str) -> frozenset[str]:
    """The words of a class of which a clause must have one: what is done."""
    lines = (line for line in _content()[name] if line.startswith("+"))
    return frozenset(word for line in lines for word in line.removeprefix("+").split("|"))


@cache
def _openings() -> re.Pattern[str]:
    return re.compile("^(?:" + "|".join(map(_filled, _content()["openings"])) + ")")


@cache
def _forms(groups: tuple[str, ...]) -> re.Pattern[str]:
    """Any form of these groups."""
    return _any(form for name in groups for form in _content()["patterns"][name])


@cache
def _whole(name: str) -> re.Pattern[str]:
    """Any of the forms that may have words of changing.yaml."""
    return _any(_content()[name])


def _any(forms: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_filled(form)})" for form in forms))


@cache
def _columns() -> tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]:
    return tuple((re.compile(each["headings"]), _any(each["holds"])) for each in _content()["columns"])


def _is_title_form(text: str) -> bool:
    """Whether a text is words of titles with at most one that is not known among them, and ends as titles do.

    Every beginning of it is looked at once: one expression for all would part the text in ways without end.
    """
    begun = _after_words(text, {0})
    rest = _after_words(text, begun | {end for start in begun for end in _after_unknown(text, start)})
    return any(_title_end().fullmatch(text, at) is not None for at in rest)


def _after_words(text: str, starts: Collection[int]) -> set[int]:
    """Where words of titles may end that follow on one of these places; the places themselves too."""
    words_, longest, fragments = _title_words()
    reached = set(starts)
    for start in range(len(text)):
        if start not in reached:
            continue
        reached |= {end for end in range(start + 1, min(start + longest, len(text)) + 1) if text[start:end] in words_}
        if fragments.match(text, start):
            reached |= {end for end in range(start + 1, len(text) + 1) if fragments.fullmatch(text, start, end)}
    return reached


def _after_unknown(text: str, start: int) -> Iterator[int]:
    for end in range(start + 1, min(start + _LONGEST_UNKNOWN, len(text)) + 1):
        if _unknown().fullmatch(text[end - 1]) is None:
            return
        if _NO_GAP.match(text, end) is None:
            yield end


@cache
def _title_words() -> tuple[frozenset[str], int, re.Pattern[str]]:
    """The words of titles, those that titles.py reads among them, how long the longest is, and what else is one."""
    known = {word for line in _content()["titles"] for word in line.split("|")}
    known |= set(_content()["title_ends"])
    known |= {
        word
        for name in ("deny", "end", "open", "permit", "verb", "deny_before_verb", "forbidding")
        for word in words(name)
    }
    return frozenset(known), max(map(len, known)), re.compile(_filled("(?:<date>|<place>|<organ>|<n>|《》)"))


@cache
def _unknown() -> re.Pattern[str]:
    return re.compile(_filled("(?!的)<free>"))


@cache
def _title_end() -> re.Pattern[str]:
    return re.compile(_filled(f"(?:{'|'.join(_content()['title_ends'])})(?:<n>)?"))


@cache
def _filled(form: str) -> str:
    """The form with its fragments and classes of words put in."""

    def put_in(match: re.Match[str]) -> str:
        content = _content()
        name = match[1]
        if name in content["fragments"]:
            atomic = "?>" if name in _ATOMIC else "?:"
            return f"({atomic}{_filled(content['fragments'][name])})"
        listed = sorted(_class(name), key=lambda word: (-len(word), word))
        return f"(?>{'|'.join(map(re.escape, listed))})"

    return _FRAGMENT.sub(put_in, form)


@cache
def _content() -> dict[str, Any]:
    return own_yaml(FILE)
