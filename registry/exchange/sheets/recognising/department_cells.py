"""Which departments a cell names, who of them leads and who helps: 市公安局牵头，市应急局、市林业局配合.

What a cell says is taken apart without asking which units there are; departments.py knows these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal["lead", "help", ""]

_LEADS: Final = "牵头|为主|主责|主办|主管|主抓|主体"
_HELPS: Final = "配合|协助|协同|协办|参与|联合|会签"
# 牵头部门：, 配合单位：, 责任主体：; 部门： says nothing of who leads.
_LABEL: Final = re.compile(
    rf"(?:(?P<lead>{_LEADS}|责任|主要|承接|赋权|收回|实施|指导|发起|第一)|(?P<help>{_HELPS}|其他|相关|有关))?"
    r"(?:责任)?(?:部门|单位|主体|机关)(?:有|为|是)?\s*[:：]|(?P<alone>牵头|配合|协助|协同|参与)\s*[:：]"
)
_BRACKETS: Final = re.compile("[（(【\\[][^（()）【】\\[\\]]*[）)】\\]]")
_MARK: Final = re.compile("[\ue000-\uf8ff]")
_CLAUSES: Final = re.compile("[，,；;。\n]+")
_ORDINAL: Final = re.compile(r"^(?:[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[）).．、](?!\d)|[①-⑳●•·▪◆■\-])\s*")
_NUMBERED: Final = re.compile(r"(?<=[^\d（(])(?=(?:\d{1,2}[.．、)）](?!\d)|[①-⑳]))")
_ENDS: Final = "局委办部队院会厅社联"
# Names are parted by marks, or by nothing where one organ's name ends and the level of the next one begins.
_NAMES: Final = re.compile(
    rf"[、/\\|]+|和(?=[县市区旗])|(?<!社会)(?<=[{_ENDS}心\ue000-\uf8ff])(?:[和与及暨]|以及)|\s+(?=[县市区旗])|(?<=[{_ENDS}心])\s+|"
    rf"(?<=[局委办部队院会])(?=[县市区](?!容|场))|(?<=局)(?=[\u4e00-\u9fff]{{2,3}}[县市区][\u4e00-\u9fff]{{2,12}}[{_ENDS}])|(?<=[\u4e00-\u9fff][\ue000-\uf8ff])(?=[县市区旗各]|[\u4e00-\u9fff]{{2,3}}[县市区])"
)
_WITH: Final = re.compile("会同|商请|(?<=[局委办部队院厅])联合(?![会社])")
_DOES: Final = re.compile(
    rf"(?:(?P<help>负责配合|{_HELPS})|(?P<lead>负责牵头|{_LEADS}))(?:负责|组织|实施|落实|指导|抓好|做好|推进|办理|工作|配合)*$|(?P<does>(?:共同|具体|按职责分工|分工|各司其职)*(?:负责|实施|承担|落实)+)$"
)
_FIRST: Final = re.compile(
    "^(?:原则上)?(?:由|以)?(?:(?P<help>配合|协助|协同)(?:部门|单位)?|(?P<lead>牵头|主管)(?:部门|单位)?)?(?=.{2})(?!部门|单位)"
)
_ETC: Final = re.compile(
    "等(?:[\\d一二三四五六七八九十几多]+(?:个|家))?(?:有关|相关|职能|行业|责任|成员)*(?:部门|单位|机构)*$"
)
# A line that ends so is whole; 员会, 公室 and the like begin a line only where a word was cut in two.
_WHOLE: Final = re.compile(
    "(?:局|委|办|部|队|院|会|厅|中心|站|所|公司|政府|部门|单位|处|室|社|联|街道|镇|乡|[）)】、，,；;。：:/]|牵头|配合|负责)$"
)
_CUT: Final = re.compile("^(?:员会|公室|队$|门$|局$|心$|[（(])")

_ORGAN: Final = re.compile(
    "(?:局|委|委员会|办公室|[委府政]办|编办|部|厅|大队|支队|法院|检察院|联合会|残联|妇联|总工会|团委|科协|工商联|公司)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A department as a cell names it: with what stands in brackets behind it, and without."""

    written: str
    name: str
    role: Role = ""


@dataclass(frozen=True, slots=True)
class Departments:
    """Whom a cell names: who leads, in order, and who helps. `alone`: it says nothing but one name."""

    leads: tuple[Named, ...]
    helps: tuple[Named, ...]
    alone: bool

    @property
    def all(self) -> tuple[Named, ...]:
        return self.leads + self.helps


def named(text: str) -> Departments:
    """The departments of a cell. Who is said to lead leads; where nobody is, those of whom nothing else is said."""
    brackets: list[str] = []

    def mark(match: re.Match[str]) -> str:
        brackets.append(match[0])
        return chr(0xE000 + len(brackets) - 1)

    plain = _BRACKETS.sub(mark, text[:4000])
    names: list[Named] = []
    more = False
    for role, part in _labelled(plain):
        for clause in _CLAUSES.split(_NUMBERED.sub("\n", part)):
            in_clause, etc = _clause(clause.strip(), brackets)
            more = more or etc
            names += [Named(one.written, one.name, one.role or role) for one in in_clause]
    names = list({one.name: one for one in reversed(names)}.values())[::-1]
    leads = tuple(one for one in names if one.role == "lead")
    helps = tuple(one for one in names if one.role == "help" or (leads and not one.role))
    leads = leads or tuple(one for one in names if not one.role)
    alone = len(names) == 1 and not more and names[0].written == names[0].name and not helps
    return Departments(leads, helps, alone)


def lines(text: str) -> str:
    """A cell of departments, a line for each: those breaks joined by which only a name was wrapped."""
    kept: list[str] = []
    for part in text.split("\n"):
        if kept and (_CUT.match(part) or not (_WHOLE.search(kept[-1]) or _ORDINAL.match(part))):
            kept[-1] += part
        else:
            kept.append(part)
    return "\n".join(kept)


def is_organ(text: str) -> bool:
    """Whether a text reads as the name of one organ, as the title of a section may be: 市民政局, 县委组织部."""
    bare = _BRACKETS.sub("", text).strip()
    if len(bare) < 3 or re.search("[、，,；;：:。\\s]|事项|清单|职责|工作$|管理$|建设$", bare):
        return False
    return _ORGAN.search(bare) is not None and not re.search("[全内外]部|干部|支部", bare)


def _labelled(text: str) -> Iterator[tuple[Role, str]]:
    """The parts of a text under labels: 牵头部门：… 配合部门：…"""
    start, role = 0, ""
    for match in _LABEL.finditer(text):
        if match.start() > start:
            yield _as_role(role), text[start : match.start()]
        alone = match["alone"] or ""
        role = "lead" if match["lead"] or alone == "牵头" else "help" if match["help"] or alone else ""
        start = match.end()
    yield _as_role(role), text[start:]


def _as_role(role: str) -> Role:
    return "lead" if role == "lead" else "help" if role == "help" else ""


def _clause(clause: str, brackets: list[str]) -> tuple[list[Named], bool]:
    """The names in a clause; what is said at its end (配合) holds for those before of whom nothing is said."""
    results: list[Named] = []
    etc = False
    parts = _WITH.split(clause)
    for at, part in enumerate(parts):
        names: list[Named] = []
        last: Role = ""
        for piece in _NAMES.split(part):
            one, role_after, more = _name(piece, brackets)
            etc = etc or more
            last = role_after or last
            if one is not None:
                names.append(one)
        followed: Role = "help" if at else "lead" if len(parts) > 1 else last
        results += [Named(one.written, one.name, one.role or followed) for one in names]
    return results, etc


def _name(piece: str, brackets: list[str]) -> tuple[Named | None, Role, bool]:
    """A name out of a piece of text, None where nothing is left of it; the role that its words, not its bracket, say.

    市应急局、市公安局（牵头） says nothing of the first; 市应急局、市公安局配合 says it of both.
    """
    own: Role = ""
    for mark in _MARK.findall(piece):
        inside = brackets[ord(mark) - 0xE000]
        if re.search(f"{_LEADS}|{_HELPS}", inside):
            own = own or ("lead" if re.search(_LEADS, inside) else "help")
            piece = piece.replace(mark, "")
    bare, role_after, more = _without_doing(_ORDINAL.sub("", piece.strip()))
    written = _MARK.sub(lambda match: brackets[ord(match[0]) - 0xE000], bare).strip()
    name = _MARK.sub("", bare).strip() or written.strip("（()）【】[]")
    return (Named(written, name, own or role_after) if name else None), role_after, more


def _without_doing(text: str) -> tuple[str, Role, bool]:
    """A name without 由, 等部门, 牵头负责 and the like; the role that these say, and whether others are meant too."""
    role: Role = ""
    first = _FIRST.match(text)
    if first:
        role = "help" if first["help"] else "lead" if first["lead"] else ""
        text = text[first.end() :]
    more = False
    for _ in range(3):
        before = text
        if (does := _DOES.search(text)) and does.start() > 1:
            role = role or ("help" if does["help"] else "lead" if does["lead"] else "")
            text = text[: does.start()].rstrip()
        if etc := _ETC.search(text):
            text, more = text[: etc.start()], True
        if text == before:
            break
    return text, role, more
