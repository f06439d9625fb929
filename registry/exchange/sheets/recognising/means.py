"""What a cell says of staff and funds that come with a task: promised, denied, or not settled.

费随事转: who passes a task on passes the money on. A cell that speaks of money does not yet promise any: 经费自筹 and
由村集体承担费用 leave the task without means, 视情安排 promises nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

_STAFF: Final = re.compile(
    "人员|编制|人手|人力|专人|[编人]随事[转走]|"
    "(?:专员|(?:护林|协管|网格|监测|管护|信息|指导|联络)员|辅警|公益(?:性)?岗位|公益岗|岗位)(?!位|员|家|项|门|用|题|业|补|报酬|工资|经费|误工|待遇|劳务|津贴)"
)
_FUNDS: Final = re.compile(
    "经费|资金|费用|拨款|补助|补贴|预算|财政|费随事[转走]|钱随事[转走]|购买服务|以奖代补|以钱养事|报酬|工资|薪酬|劳务费|[0-9]万?元|^[0-9.]+万$"
)
# Who is given the task bears it: the village, or whoever asks; in a township's list the township itself.
_VILLAGE: Final = (
    "村级|村居|村委会|村民委员会|村集体经济组织|村集体|村|社区|居委会|本级|属地|基层|群众|个人|当事人|申请人"
)
_TOWNSHIP: Final = "乡镇|镇街|镇乡|镇|乡|街道"
_DENIED: Final = re.compile(
    "自[筹理负担]|自行|自己|自有|无偿|免费|义务(?:劳动|承担)|取消|停发|停止|零经费|公用经费|运转经费|办公经费|不足(?!部分)|紧张|短缺|缺乏|缺口|难以|无法|"
    "(?:不|未|没有?|无|暂无|免予|毋)(?!限|超过|低于|少于|足|得低于|断)(?:再|另行?|予以?|给予?|单独|专门|额外|提供|作|做|进行|得|能|会|需|统一|曾|有|设|专项|专门的?)*"
    "(?:安排|保障|拨付|拨款|补助|补贴|列支|列入|纳入|下拨|下达|配备|配套|增加|增配|解决|给|核定|落实|到位|支付|承担|负担|转移|划转|"
    "人员|编制|经费|资金|费用|预算|报酬|专项|保障措施|要求|随事)|"
    "暂不|暂未"
)
_SHARED: Final = re.compile("共同|分担|按比例|各自?承担一半|共担")
_UNSETTLED: Final = re.compile(
    "视|酌情|适当|待|另行|另定|协商|商定|争取|原则上|如需|如有|必要时|需要时|(?:根据|按照?|依据).{0,6}(?:实际|需要|情况|财力)|可以?申请|可向|"
    "拟|研究|力争|尽量|逐步|同级|未明确|不明确|不详|未知|统筹(?:考虑|解决)|建议|申请"
)
_PROMISED: Final = re.compile(
    "保障|发放|承担|列支|安排|负担|拨付|拨款|补助|补贴|列入|纳入|下拨|下达|配备|配套|解决|落实|到位|支付|给予|随事"
)
_ABOVE: Final = re.compile("(?:上级|县|市|区|旗|省|中央|部门|财政|国家)")
_PLAIN: Final = re.compile(r"(?:有|是|已(?:保障|落实|安排|到位)|√|✓|✔|☑|全额|足额)?(?:保障|落实|安排|到位)?")
_NOTHING: Final = re.compile(r"(?:无|没有|否|不|暂无|×|✗|✘|/|-|—|0|零)[。.]?")
_AMOUNT: Final = re.compile(
    r"(?:每[^0-9]{1,6})?约?[0-9][0-9,，.]*\s*(?:万|亿)?(?P<unit>元|名|人|个?编制)?(?:/?[年月次人户件村个]|每[年月次人户])*"
)
_CLAUSES: Final = re.compile(r"[，。；;、\n]|(?<![0-9]),|(?:但|而)(?=.)")
_REST: Final = re.compile(r"不足部分|差额|缺口|超出部分|其余")


@dataclass(frozen=True, slots=True)
class Means:
    """What comes along, in the contract's words; whether that is all that the cell says, and whether it is clear."""

    brings: list[str]
    alone: bool
    clear: bool


def means(text: str, heading: str = "", *, village: bool = False) -> Means:
    """The means that a cell under this heading promises; `village`: of a list for villages, to which a township gives.

    What is denied, left to whoever has the task, or not settled brings nothing. `clear` is False where the cell speaks
    of means and does not settle them, or says something that is not understood.
    """
    bare = " ".join(text.split())
    named = _named(heading)
    if _NOTHING.fullmatch(bare):
        return Means([], alone=False, clear=True)
    if _PLAIN.fullmatch(bare):
        return Means(named if len(named) == 1 else [], alone=False, clear=len(named) == 1)
    if amount := _AMOUNT.fullmatch(bare):
        return _of_amount(amount, named)
    promised: set[str] = set()
    denied: set[str] = set()
    clear = True
    subject: list[str] = []  # what a clause without a noun of its own goes on about: 安排经费，由县财政保障
    pending: list[str] = []  # nouns listed before their verb: 人员、经费由县财政保障
    for clause in filter(None, (part.strip() for part in _CLAUSES.split(bare))):
        about = _named(clause)
        rest = _REST.search(clause) is not None
        if about and _bare_nouns(clause):
            pending += about
            continue
        about = list(dict.fromkeys([*pending, *about]))
        pending = []
        subject = about or subject
        if _spared(village=village).search(clause):
            continue
        if _DENIED.search(clause) or (_own(village=village).search(clause) and not _shared(clause)):
            denied |= set() if rest else set(about or subject or named)
        elif _UNSETTLED.search(clause):
            clear = clear and (rest or bool(promised))
        elif about and (_PROMISED.search(clause) or _ABOVE.search(clause)):
            promised |= set(about)
        elif _PROMISED.search(clause) and _ABOVE.search(clause):
            promised |= set(subject or named)
            clear = clear and bool(subject or len(named) == 1)
        elif about:
            promised |= set(about)
        elif not (promised or denied):
            clear = False
    promised |= set(pending) - denied
    brings = [word for word in ("staff", "funds") if word in promised and word not in denied]
    clear = clear and not promised & denied
    plain = re.sub("[、,，和及 \n;；]|保障", "", _FUNDS.sub("", _STAFF.sub("", text)))
    return Means(brings, alone=bool(brings) and not plain, clear=clear)


@cache
def _own(*, village: bool) -> re.Pattern[str]:
    """A clause by which those bear it who are given the task: 由村集体承担费用."""
    who = (
        f"(?:(?:各|由|从|在)*(?:{_VILLAGE if village else f'{_TOWNSHIP}|{_VILLAGE}'})"
        r"(?:人民政府|财政|办事处|[（(][^）)]{0,8}[）)])*)"
    )
    return re.compile(
        f"{who}.{{0,6}}(?:承担|解决|负担|保障|列支|安排|支付|筹集|筹措|出资|兜底|统筹|消化|落实)|"
        f"(?:承担|解决|负担|保障|列支|安排|支付|筹集).{{0,2}}(?:由|归){who}"
    )


@cache
def _spared(*, village: bool) -> re.Pattern[str]:
    """A clause by which those do not bear it who are given the task, which denies them nothing: 村级不承担经费."""
    who = _VILLAGE if village else f"{_TOWNSHIP}|{_VILLAGE}"
    return re.compile(f"(?:{who}).{{0,4}}(?:不|无需|无须|免予|不再|毋需).{{0,3}}(?:承担|负担|出资|分担|配套|自筹)")


def _shared(clause: str) -> bool:
    """Whether those above bear a part of it: 市财政和镇财政共同承担."""
    return bool(
        _SHARED.search(clause) and re.search("(?:上级|县|市|区|旗|省|中央)(?:级|直)?(?:财政|部门|单位)", clause)
    )


def _of_amount(amount: re.Match[str], named: list[str]) -> Means:
    """A number alone: of money where its unit or the heading says so, of people likewise; 0 is nothing."""
    if not re.search("[1-9]", amount[0]):
        return Means([], alone=False, clear=True)
    unit = amount["unit"] or ("元" if "万" in amount[0] else None)
    word = {None: None, "元": "funds"}.get(unit, "staff")
    brings = [word] if word else named if len(named) == 1 else []
    return Means(brings, alone=False, clear=bool(brings))


def _named(text: str) -> list[str]:
    return [word for word, pattern in (("staff", _STAFF), ("funds", _FUNDS)) if pattern.search(text)]


def _bare_nouns(clause: str) -> bool:
    """Whether a clause is but the name of a means: 人员, 工作经费."""
    return not re.sub("工作|专项|所需|相关|必要的?|和|及|与", "", _FUNDS.sub("", _STAFF.sub("", clause))).strip()
