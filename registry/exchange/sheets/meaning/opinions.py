"""What is said of a single row, kept, cancelled, new or changed: by an opinion, a remark, its section, a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning import changing
from registry.exchange.sheets.meaning.phrases import Statement, statement
from registry.exchange.sheets.meaning.remarks import (
    PLANNED,
    is_denied,
    is_merged,
    is_still_theirs,
    is_theirs_no_more,
    of_remark,
)
from registry.exchange.sheets.meaning.vocabulary import any_of, opinions, words

# `keep`: it stands; `permit` and `deny`: in so many words; `end`: it goes; `unclear`: somebody must say;
# `moved`: so they must, but on a list of what was taken away; `still`: so they must on such a list alone.
Effect = Literal["keep", "permit", "deny", "end", "add", "change", "unclear", "moved", "still"]

_LONGEST: Final = 60  # characters of an opinion; what is longer is text
_BRACKETED: Final = re.compile(r"[（(【\[]([^（()）【】\[\]]{2,16})[）)】\]]")
_CHANGED: Final = re.compile("调整|变动|变更|变化|动态|状态")
_WHETHER: Final = re.compile("是否|可否|能否|是不是|要不要|宜否|应否")
# A heading that asks whether its rows stand: 是否可以出具. Not those that ask something else of them, 是否网上办理.
_ASKS_WHETHER: Final = re.compile(
    "(?:该?事项|村级?组织|村级?|村社区|村居|社区|乡?镇?街道|乡镇|镇街?|乡|基层|本级|目前|今后|最终)?(?:是否|可否|能否|应否|宜否)(?:不再)?(?:由?(?:村级?|村社区|社区|乡镇|镇街|街道))?(?:可以|应当|能够|能|可|应|允许|予以|继续|适宜|适合)*"
    "(?:下放|赋予|赋权|承接|承担|配合|协助|履行|出具|开具|悬挂|挂牌|设立|保留|实施|执行|开展|填报|报送|使用|取消|废止|收回|停止|停用|"
    "清理|允许)(?:证明|该?事项)?"
)
# An unknown heading that asks whether its rows belong to the list: 是否基本履职事项, 镇（街道）是否配合.
_OF_THE_LIST: Final = re.compile(
    ".{0,10}(?:是否|能否|可否).{0,6}(?:履职|职责|配合|承接|承担|下放|赋权|收回|取消|废止|保留|出具|开具|列入|纳入|适用|有效)(?:的|事项|清单|范围|证明)*"
)
_ENDS: Final = re.compile("收回|取消|废止")
# What sections are called besides what they say, in the words of lists.
_PLAIN: Final = re.compile(
    "[拟已应须均全建议予以本次上级部门由村社区居镇乡街道县市区组织机构应用程序工作微信群的和及与、等年度]|事项|清单|目录|类|"
    "项目?|证明|材料|牌子|标牌|牌匾?|挂牌|机制|检查|督查|考核|评比|报表|台账|表格|会议|文件|发文|职责|职权|权力|任务|事务|"
    r"[（(][^（）()]*[）)]|\d|[项个件条块]"
)
_NUMBERING: Final = re.compile(
    r"^(?:第?[一二三四五六七八九十百\d]+[部分章节类、.．)）]+|[（(][一二三四五六七八九十\d]+[)）])*"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What decides about a row, and the cell that says so."""

    effect: Effect
    cell: Cell


def of_row(cells: Mapping[str, Cell], heading: str, struck: str = "") -> Verdict | None:
    """What is said of a row; None where nothing is, so that it stands as its list does.

    `heading`: that of the column of opinions; `struck`: `all` of its name is struck out, or `part`. What is nearest to
    the row wins: a line through it, then an opinion on it, its remark, its section.
    """
    if struck:
        name = cells["name"]
        return Verdict("end" if struck == "all" else "unclear", replace(name, text=f"{name.text}（划去）"))
    opinion, remark = cells.get("opinion"), cells.get("remark")
    if opinion is not None and (effect := of_opinion(opinion.text, heading)) is not None:
        if effect in ("keep", "permit", "add") and remark is not None and of_remark(remark.text) is not None:
            return Verdict("unclear", remark)  # 保留, but 2026年底前取消
        return Verdict(effect, opinion)
    if any(of_remark(part) for part in _BRACKETED.findall(cells["name"].text)):
        return Verdict("unclear", cells["name"])  # 甲事（已取消）: the name is another without it
    if remark is not None and (remarked := of_remark(remark.text)) is not None:
        return Verdict(cast(Effect, remarked), remark)
    if (doubt := _doubt(cells)) is not None:
        return Verdict("moved", doubt)
    if remark is not None and is_still_theirs(remark.text):
        return Verdict("still", remark)
    for field in ("subcategory", "category"):
        section = cells.get(field)
        if section is not None and (effect := of_section(section.text)) is not None:
            return Verdict(effect, section)
    return None


def _doubt(cells: Mapping[str, Cell]) -> Cell | None:
    """What else a row says that may take it off a list that gives: 赋权状态 已收回, 是否配合 否, 配合职责 不承担."""
    for field in ("township_duties", "village_duties"):
        cell = cells.get(field)
        if cell is not None and (of_remark(cell.text) is not None or is_denied(cell.text)):
            return cell
    remark = cells.get("remark")
    if remark is not None and is_theirs_no_more(remark.text):
        return remark
    for line in remark.text.split("\n") if remark is not None else ():
        heading, colon, text = line.partition("：")
        if not colon or len(text) > _LONGEST:
            continue
        no = text in words("no") if not _ENDS.search(heading) else text in words("yes")
        if of_remark(text) is not None or is_theirs_no_more(text) or (no and _OF_THE_LIST.fullmatch(heading)):
            return replace(remark, text=line) if remark else None
    return None


def left_blank(rows: Sequence[tuple[Mapping[str, Cell], Verdict | None]], heading: str) -> list[Verdict | None]:
    """What is said of each row, where others have an opinion and it has none: that is not clear.

    In a column of what changed, 变动情况, it says that nothing did. `rows`: cells and what is said of them.
    """
    some = any("opinion" in cells for cells, _ in rows) and not _CHANGED.search(heading)
    return [
        Verdict("unclear", cells["name"]) if some and verdict is None and "opinion" not in cells else verdict
        for cells, verdict in rows
    ]


def of_opinion(text: str, heading: str) -> Effect | None:
    """What an opinion says under its heading: 保留; under 是否取消 是 is a cancellation, and 否 none."""
    plain = text.strip().rstrip("。.")
    if plain in words("yes") or plain in words("no"):
        answer = _answer(statement(_WHETHER.sub("", heading)), plain in words("yes"), heading)
        return "unclear" if answer in ("end", "deny", "add") and PLANNED.search(heading) else answer
    if len(plain) > _LONGEST:
        return "unclear"
    return _effect_of(plain)


def asks_whether(heading: str) -> bool:
    """Whether a heading asks if its rows stand, so that 否 below it takes them off: 是否可以出具."""
    return _ASKS_WHETHER.fullmatch(re.sub(r"[\s（）()、/]", "", heading)) is not None


def of_section(text: str) -> Effect | None:
    """What a section says of all its rows: 不得悬挂的牌子; None for a subject, 禁毒.

    Where it may be a subject or what is to become of its rows, 禁止野外用火, it is `unclear`.
    """
    parsed = statement(_NUMBERING.sub("", text))
    if PLANNED.search(parsed.rest) and parsed.status in ("denied", "ended", "permitted"):
        return "unclear"
    if parsed.status in ("mixed", "unclear") or (parsed.dangling and re.match("[不未非无]", parsed.rest)):
        return "unclear"
    if parsed.status in ("denied", "ended", "permitted"):
        bare = parsed.rest
        for phrase in parsed.words:
            bare = bare.replace(phrase, "")
        subject = _PLAIN.sub("", any_of(words("verb")).sub("", bare))
        if parsed.status == "permitted":
            return None if subject else "permit"
        if parsed.status == "denied" and any_of(words("verb")).search("".join(parsed.words)):
            return "deny"
        if any_of([*opinions("add"), *opinions("change")]).search(bare) or subject:
            return "unclear"
        return "deny" if parsed.status == "denied" else "end"
    bare = _PLAIN.sub("", parsed.rest)
    return "add" if bare in opinions("add") else "change" if bare in opinions("change") else None


def _answer(question: Statement, yes: bool, heading: str) -> Effect:
    """What 是 or 否 means to the question in the heading."""
    match question.status:
        case "ended":
            return "end" if yes else "keep"
        case "denied":
            return "deny" if yes else "keep"
        case "permitted":
            return "keep" if yes else "end"
        case "plain":
            if not _WHETHER.search(heading):
                return "unclear"
            if any_of(opinions("add")).search(heading):
                return "add" if yes else "keep"
            if any_of(opinions("change")).search(heading):
                return "change" if yes else "keep"
            return ("keep" if yes else "deny") if any_of(words("verb")).search(heading) else "unclear"
        case _:
            return "unclear"


def _effect_of(text: str) -> Effect:
    parsed = statement(text)
    if any_of(opinions("unclear")).search(text) or PLANNED.search(text) or is_merged(text):
        return "unclear"
    if changing.word(text, ("delays",)):
        return "unclear"  # 逐步退出, 过渡期后移交
    added, changed = (any_of(opinions(name)).search(text) for name in ("add", "change"))
    match parsed.status:
        case "denied":
            return "deny"
        case "ended":
            return "unclear" if changed and not re.match(any_of(words("end")), text) else "end"
        case "permitted":
            return "change" if changed else "keep"
        case "plain":
            if parsed.dangling:  # 不变, 无变化; but 不 before anything else is not passed over
                return "keep" if text in opinions("keep") else "unclear"
            if added and changed:
                return "unclear"
            if added or changed:
                return "add" if added else "change"
            known = any_of([*opinions("keep"), *words("verb")]).search(text)
            return "keep" if known else "unclear"
        case _:
            return "unclear"
