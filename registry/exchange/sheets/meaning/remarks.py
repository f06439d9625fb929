"""What a remark says of its row: that it is no more, is somebody else's by now, or goes into another row."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from registry.exchange.sheets.meaning.phrases import statement
from registry.exchange.sheets.meaning.vocabulary import any_of, words

# `still`: theirs all the same, which is at odds with a list that takes away.
# `moved`: it may be somebody else's now, or part of another row: somebody must say, but where a list takes away.
MOVED: Final = "moved"
STILL: Final = "still"
# What is only planned or proposed is not decided: 拟取消, 建议收回. Not 草拟 nor 模拟.
PLANNED: Final = re.compile("(?<![草模虚比])拟|计划|建议|准备|打算|提请|申请|预计")

_CLAUSES: Final = re.compile("[，,；;。\n]")
_DAY: Final = r"(?:[自从]?\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:年?底|年?末)?(?:以前|之前|[起后前])?)"
_PLAINLY: Final = (
    rf"(?:{_DAY}|[已拟应现均]|本次|此次|今后|[自从]?[今明]年起?|本年度?|目前|现已|计划|准备|打算|预计|建议|予以|"
    "该[项条]?|此[项条]|本[项条]|事项|全部)*"
)
_TOWNS: Final = r"(?:[（(]?(?:乡镇|镇街|镇乡|乡|镇|街道|基层|属地|村级?|社区|村居|居?委会|组织|人民政府|办事处)[）)]?)+"
_ENDING: Final = r"(?:执行|实施|开展|办理|处理|该项|此项|事项|此工作|工作)*"
_ORGAN: Final = r"[\u4e00-\u9fff（）()]{0,14}?(?:局|委|办|部门?|中心|院|大队|办公室|委员会|[省市县区]级?)"
_DOES: Final = "(?:直接|统一|自行|集中|负责|承担|实施|办理|行使|执行|管理|组织|开展)"
_TAKEN_BACK: Final = re.compile(
    rf"{_PLAINLY}(?:由{_ORGAN})?(?:上收|收回|收归|回收)(?:至|到|归|给|为|由)?{_ORGAN}{_DOES}*"
)
_TRANSFERRED: Final = re.compile(
    rf"{_PLAINLY}(?:(?:划归|划转|划入|移交|转交|上划|改由|转由|统一由|直接由|调整由|调整为由|变更为由)(?:至|到|给|由)?{_ORGAN}{_DOES}*|"
    rf"仍?由{_ORGAN}(?:直接|统一|自行|集中){_DOES}+|仍由{_ORGAN}{_DOES}+|由{_ORGAN}行使)"
)
_MERGED: Final = re.compile(
    rf"{_PLAINLY}(?:(?:并入|归并|归入|(?:合并|整合|归并)(?:到|至|入|进)|纳入第).{{1,30}}|(?:与|和|同).{{1,30}}?(?:合并|整合|归并))"
)
_CONDITION: Final = re.compile(
    "(?:待|俟|等|视|在)?.{0,12}?(?:成熟|具备|到位|完成|完善|通过|批准|批复|同意|验收|明确)(?:之?后)(?:再|另行|方可|才能?|予以|逐步)*"
    "(?:下放|赋权|赋予|委托|承接|承担|实施|执行|列入|纳入|出具|悬挂|启用|移交)"
)
# They themselves are said not to do it, in whatever words: 村级组织不参与, 镇予以免除; not 镇不得擅自…, 镇不定期…
_THEY_DO_NOT: Final = re.compile(
    rf"{_PLAINLY}(?:{_TOWNS})(?:里|方面|层面|干部)?(?:一律|均|都|暂时?|原则上|今后|予以|可以?|应当?)*(?:不(?!得|可|能|应|宜|"
    "少于|低于|高于|超过|断|定期|力|足|同|良|便|法|动产|安全|稳定|文明|合格|仅|但|含|限|漏|作为|留|误)|"
    "免(?!费)|无需|无须|毋需|停止)"
)
# They go on, though the list takes away: 收回后仍由镇（街道）承担.
_THEY_GO_ON: Final = re.compile(
    rf"(?:仍|继续|依旧|依然)然?(?:由|需要?|须|要|请)?(?:各|所在|属地)?(?:{_TOWNS})(?:继续|负责|协助|配合|承担|办理|实施|开展|参与|出具|开具|"
    rf"做好|组织|提供)|(?:{_TOWNS})(?:仍|继续|依旧|依然)然?(?:需要?|须|要|可以?|应当?)?(?:负责|协助|配合|承担|办理|实施|开展|参与|出具|开具|做好|"
    "组织|提供)"
)
_PAUSED: Final = re.compile(
    rf"(?:{_PLAINLY}|今年|本年度?|目前)*(?:暂停|中止|停报|缓报|免报|可不|可以不)(?:填|报|送|做|办|实施|执行)*"
)


def of_remark(text: str) -> str | None:
    """What a remark says in one of its clauses, 本次收回，不再下放; None where none says anything of the row.

    `end`, `deny`, `unclear` as opinions.py has them, or MOVED. Where clauses say different things it is `unclear`.
    """
    effects = {effect for clause in _CLAUSES.split(text) if (effect := _of_clause(clause.strip())) is not None}
    if effects == {"deny", "end"}:  # 收回，不再下放
        return "end"
    if len(effects) > 1 and MOVED in effects:  # 由市民政局统一办理，镇（街道）不再承担
        effects.discard(MOVED)
    return effects.pop() if len(effects) == 1 else "unclear" if effects else None


def is_theirs_no_more(text: str) -> bool:
    """Whether a remark says in words of its own that towns or villages do not do it: 村级组织不参与."""
    return any(_THEY_DO_NOT.match(clause.strip()) for clause in _CLAUSES.split(text))


def is_still_theirs(text: str) -> bool:
    """Whether a remark says that towns or villages go on doing it: 收回后仍由镇（街道）承担."""
    return any(_THEY_GO_ON.search(clause) for clause in _CLAUSES.split(text))


def is_denied(text: str) -> bool:
    """Whether a text says of what somebody does that they do not: 不承担, 不再配合; not 不得擅自…"""
    return _denied().fullmatch(text.strip()) is not None


@cache
def _denied() -> re.Pattern[str]:
    return re.compile(rf"(?:{_TOWNS})?(?:不|无需|不需|不用|不再)(?:{any_of(words('verb')).pattern})+{_ENDING}[。.]?")


def is_merged(text: str) -> bool:
    """Whether a text says that its row goes into another one: 并入第3项, 与甲表合并; not 合并 alone."""
    return any(_MERGED.fullmatch(clause.strip()) for clause in _CLAUSES.split(text))


def _of_clause(text: str) -> str | None:
    if _MERGED.fullmatch(text) or _TRANSFERRED.fullmatch(text):
        return "unclear" if PLANNED.search(text) else MOVED
    if _CONDITION.fullmatch(text) or _PAUSED.fullmatch(text):
        return "unclear"
    taken_back = _TAKEN_BACK.fullmatch(text) is not None
    if not taken_back and _opinion().fullmatch(text) is None:
        return None
    if PLANNED.search(text) or "明年" in text or re.search("前(?!期)|[底末](?!下)", text):
        return "unclear"  # 2026年底前取消: from which day, nobody can tell
    if taken_back:
        return "end"
    parsed = statement(text)
    return "deny" if parsed.status == "denied" else "end" if parsed.status == "ended" else None


@cache
def _opinion() -> re.Pattern[str]:
    """A clause that is an opinion and nothing else: 已取消, 2025年3月起不再实施, 由民政局收回, 镇（街道）不再承担."""
    verb = any_of([*words("verb"), *words("permit")]).pattern
    denied = rf"(?:{_TOWNS})?(?:{any_of(words('deny')).pattern})(?:交?由|要求)?(?:{_TOWNS})?(?:{verb})"
    return re.compile(
        rf"{_PLAINLY}(?:由\S{{2,12}}?)?(?:{any_of(words('end')).pattern}|{denied}(?:{_TOWNS})?(?:{verb})?)"
        rf"{_ENDING}[。.]?"
    )
