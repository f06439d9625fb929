"""What a cell gives as the basis of something: instruments by title and article, out of text however long."""

from __future__ import annotations

import re
from typing import Final

_NUMERALS: Final = "一二三四五六七八九十百千零〇0-9"
# 第三十六条第二款第（三）项、第三十七条, 第三十六条之一, 第三章; and what joins them.
_ARTICLE: Final = (
    rf"(?:附件\s*[{_NUMERALS}]{{0,2}}\s*)?第\s*[（(]?[{_NUMERALS}]+[）)]?\s*[编章节条款项目](?:之[{_NUMERALS}]+)?"
)
_ARTICLES: Final = re.compile(rf"{_ARTICLE}(?:\s*(?:[、，,和及与至到\-—－]|以及)?\s*{_ARTICLE})*")
_OTHERWISE: Final = re.compile(r"\s*(?:§\s*\d+(?:\s*[-、,，]\s*\d+)*|\d+(?:[、，,]\d+)*条)")
_CITED: Final = re.compile(r"《(?:[^《》]|《[^《》]*》)+》")
# （中华人民共和国主席令第七十号）, （厅字〔2022〕28号）, （2021年修订）
_AFTER_TITLE: Final = re.compile(r"\s*[（(][^（(）)]{1,60}(?:[（(][^（(）)]{1,20}[）)][^（(）)]{0,20})?[）)]")
_NUMBER: Final = re.compile(r"[\u4e00-\u9fff]{1,12}[〔\[（(【]\s*(?:19|20)\d\d\s*[〕\]）)】]\s*(?:第?\d+号)")
# Where a citation begins one of several bases, and is not part of an article's text: 违反《…》规定的.
_BEGINS: Final = re.compile(r"(?:^|[\n。；;】）)\]:：]|[\d一二三四五六七八九十][.．、)）])\s*$")
_RANK: Final = re.compile(
    r"^\s*(?:[（(【\[]\s*)?(?:宪法|法律法规|法律|行政法规|地方性法规|自治条例|单行条例|部门规章|政府规章|地方政府规章|规章|"
    r"规范性文件|党内法规|政策文件|文件依据|法律依据|政策依据|设定依据|实施依据|上级文件|其他|依据)\s*[】）)\]:：]+\s*"
)
_ORDINAL: Final = re.compile(rf"^\s*(?:[（(]?[{_NUMERALS}]{{1,3}}[）)]|[{_NUMERALS}]{{1,3}}[.．、](?!\d)|[①-⑳●•])\s*")
_ACCORDING: Final = re.compile("^(?:根据|依据|按照|依照|参照|见)")
_JOINERS: Final = re.compile(r"^[\s、，,；;。.和及与]*$|^[\s、，,]*(?:以及|和|及|与)\s*$")


def bases(text: str) -> list[str]:
    """The bases that a cell cites, each once: `《城乡规划法》第六十四条`; the text where it cites none by title.

    The rank before a citation (【行政法规】) and the article's own words after it are left out, and so is, as the
    published lists leave it out, 中华人民共和国 before a title.
    """
    result: list[str] = []
    end = 0  # of the last citation, its articles included
    for match in _CITED.finditer(text):
        between = text[end : match.start()]
        if not _is_basis(text, match.start(), between, first=not result):
            continue
        prefix = _prefix(between)
        begin = match.end()
        bracket = _AFTER_TITLE.match(text, begin)
        # A bracket that tells which document, or which version, belongs to the title; any other is left out.
        telling = bracket is not None and (_NUMBER.search(bracket[0]) or "修" in bracket[0])
        named = bracket[0].strip() if bracket is not None and telling else ""
        after = begin
        if bracket is not None and (telling or _ARTICLES.match(text[bracket.end() :].lstrip())):
            after = bracket.end()
        articles = _ARTICLES.match(text, after + len(text[after:]) - len(text[after:].lstrip()))
        if articles is None and bracket is not None and not telling:
            articles = _ARTICLES.fullmatch(bracket[0].strip()[1:-1])  # 《水法》（第六十五条、第六十六条）
        if articles is None:
            articles = _OTHERWISE.match(text, after)
        end = max(after, bracket.end() if articles and bracket is not None and articles.string != text else 0)
        end = articles.end() if articles and articles.string == text else end
        title = match[0].replace("\n", "").replace("《中华人民共和国", "《")
        one = prefix + title + named + ("".join(articles[0].split()) if articles else "")
        result.append(" ".join(one.split()))
    if not result:
        return [" ".join(_bare(text).split()) or " ".join(text.split())]
    return list(dict.fromkeys([*result, *_by_number(text, result)]))


def _is_basis(text: str, start: int, between: str, *, first: bool) -> bool:
    """Whether a citation is a basis of its own: at the beginning, after a stop, or joined to the one before it."""
    line = text[:start].rpartition("\n")[2]
    if first or _JOINERS.match(between):
        return True
    if not _bare(line).strip() or not _ACCORDING.sub("", _bare(line)).strip():
        return True
    return _BEGINS.search(text[:start]) is not None


def _prefix(between: str) -> str:
    """Who issued it, where that stands before the title on the same line: 国务院《…》."""
    line = re.split(r"[\n。；;，,、:：]", between)[-1]
    bare = _ACCORDING.sub("", _bare(line)).strip(" \t、，,；;。.和及与")
    return bare if 0 < len(bare) <= 20 and not re.search("规定|应当|违反|条|款|项$", bare) else ""


def _bare(line: str) -> str:
    """A line without its number and rank, whichever stands first."""
    before = None
    while before != line:
        before, line = line, _RANK.sub("", _ORDINAL.sub("", line, count=1), count=1)
    return line


def _by_number(text: str, cited: list[str]) -> list[str]:
    """Documents named by nothing but their number, at the beginning of a line or after a stop."""
    rest = text
    for one in _CITED.findall(text):
        rest = rest.replace(one, "《》", 1)
    return [
        number
        for part in re.split(r"[\n；;。、，,]", rest)
        if (number := _bare(part).strip()) and _NUMBER.fullmatch(number) and not any(number in one for one in cited)
    ]
