"""What the text of a cell says, in the words of the contract."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

# The ten kinds of administrative power (行政权力十类), by the words that lists have for them.
POWER_KINDS: Final[Mapping[str, str]] = {
    "处罚": "penalty",
    "许可": "licence",
    "审批": "licence",
    "强制": "coercion",
    "征收": "levy",
    "给付": "payment",
    "检查": "inspection",
    "确认": "confirmation",
    "奖励": "award",
    "裁决": "adjudication",
    "其他": "other",
    "其它": "other",
}
MODES: Final[Mapping[str, str]] = {"委托": "entrusted", "赋权": "devolved", "赋予": "devolved", "下放": "devolved"}
ROLES: Final[Mapping[str, str]] = {"牵头": "lead", "共同": "share", "分担": "share", "配合": "assist", "协助": "assist"}
_STAFF: Final = re.compile("人员|编制|人手|人力")
_FUNDS: Final = re.compile("经费|资金|费用|拨款|补助|补贴|预算|万?元")
_NONE: Final = re.compile("^(无|没有|/|-|—|否|不)")
_SEPARATORS: Final = re.compile(r"[、；;\n]+")
_ORDINAL: Final = re.compile(r"^([(（]?\d{1,2}[)）.．、](?!\d)|[①-⑳])\s*")
_CITED: Final = re.compile(r"《[^》]+》[^《]*")
_NUMBERED: Final = re.compile(r"^[\d(（.、)）一二三四五六七八九十\s]+")
_DATE: Final = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:\s+0{1,2}:00(:00)?)?")


def several(text: str) -> list[str]:
    """What a cell lists, each once and without its number: 1.身份证 2.户口簿 on two lines as 身份证 and 户口簿."""
    parts = (_ORDINAL.sub("", part.strip()).rstrip("。.") for part in _SEPARATORS.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def terms(name: str) -> list[str]:
    """The words that tell what a row forbids in general: 征地拆迁、招商引资和安全生产 are three."""
    parts = (part.strip() for part in re.split(r"[、，,；;/\n和与及或]|等$", name))
    return [part for part in dict.fromkeys(parts) if len(part) > 1] or [name]


def basis(text: str) -> list[str]:
    """A basis by what it cites, `《城乡规划法》第六十四条`; as it is where it cites nothing by title.

    中华人民共和国 before a title is left out, as the published lists leave it out.
    """
    cited = [match.group().strip(" \n\t、,，;；。和及") for match in _CITED.finditer(text)]
    begins = _NUMBERED.sub("", text.strip())
    if not cited or not begins.startswith("《"):
        return [" ".join(text.split())]
    plain = (re.sub(r"[\n\s]*[(（]?\d{1,2}[)）.、]?$", "", one) for one in cited)
    return list(dict.fromkeys(" ".join(one.replace("《中华人民共和国", "《").split()) for one in plain))


def power_kind(text: str) -> str | None:
    """The kind of power that a cell names; None where it names none, or several."""
    results = {kind for word, kind in POWER_KINDS.items() if word in text}
    return results.pop() if len(results) == 1 else None


def power_kind_of_name(name: str) -> str | None:
    """The kind that a power's name tells: the last word counts, 对拒绝检查的行政处罚 is a penalty."""
    locations = [(name.rfind(word), kind) for word, kind in POWER_KINDS.items() if word in name and kind != "other"]
    return max(locations)[1] if locations else None


def mode(text: str) -> str | None:
    """How powers are handed down: `devolved` or `entrusted`; None where the cell does not say which."""
    results = {kind for word, kind in MODES.items() if word in text}
    return "entrusted" if "entrusted" in results else results.pop() if results else None


def roles(text: str) -> list[str]:
    """The roles that a cell names, in the contract's order."""
    named = {role for word, role in ROLES.items() if word in text}
    return [role for role in ("lead", "share", "assist") if role in named]


def brings(text: str) -> tuple[list[str], bool]:
    """The means that come along, and whether that is all that the cell says."""
    if _NONE.match(text):
        return [], False
    results = [word for word, pattern in (("staff", _STAFF), ("funds", _FUNDS)) if pattern.search(text)]
    plain = re.sub("[、,，和及 \n;；]|保障", "", _FUNDS.sub("", _STAFF.sub("", text)))
    return results, not plain and bool(results)


def dated(text: str) -> date | None:
    """The day that a cell gives, however it is written; None where it gives none."""
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    try:
        return date(*(int(part) for part in match.groups()[:3])) if match else None
    except ValueError:
        return None
