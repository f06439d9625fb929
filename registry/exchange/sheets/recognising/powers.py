"""Which of the ten kinds of administrative power a cell, or a power's name, tells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# The ten kinds (行政权力十类), by the words that lists have for them.
KINDS: Final[Mapping[str, str]] = {
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
# A cell names a kind and nothing that makes it another: 行政检查, 检查类, 行政强制措施; not 检查计划备案.
_NAMED: Final = re.compile(
    r"(?:县级|镇级|乡镇)?(?:非)?(?:行政|监督|日常|执法|现场)*(?P<word>处罚|许可|审批|强制|征收|给付|检查|确认|奖励|裁决|其他|其它)"
    r"(?:措施|执行|征用|权力|权|类别|类|事项|职权|行为|行政权力|行政职权)*"
)
_PARTS: Final = re.compile(
    r"[、，,；;/\n+＋]|(?<=.)[和及与或](?=行政|处罚|许可|强制|征收|给付|检查|确认|奖励|裁决|其他|备案|审核)"
)
_REMARK: Final = re.compile(r"[（(\[【].*?[）)\]】]", re.DOTALL)
# Kinds that lists have beyond the ten; what is none of these either is not understood.
_OTHERS: Final = re.compile(
    "备案|登记|审核|审查|公共服务|服务|指导|调解|规划|征用|复议|命令|监督|救助|补偿|补助|认定|鉴定|验收|协调|管理|初审|转报|审批|"
    "决策|公开|公示|仲裁|救济|委托|协助|责令|收回|撤销|通报|约谈|考核|评估|其他|其它"
)
_ORDINAL: Final = re.compile(r"^(?:[（(]?[\d一二三四五六七八九十]+[）)、.．]\s*)")
# What makes a name another thing than the kind that it mentions: 行政许可证件备案.
_BEYOND: Final = re.compile("备案|登记|审核|初审|调解|投诉|举报|公示|报告|复议|监督$|指导|服务|规划|认定$|撤销|注销")
_JOINED: Final = re.compile(
    "(处罚|许可|强制|征收|给付|检查|确认|奖励|裁决)(?:措施)?[、和及与或](?:行政)?(处罚|许可|强制|征收|给付|检查|确认|奖励|裁决)"
    "(?:措施|执行)?(?:[（(].*)?$"
)


@dataclass(frozen=True, slots=True)
class PowerKind:
    """The kind that a cell names; `other` where it names one beyond the ten, then `beyond` is what it says.

    `kind` is None where the cell names several, or nothing.
    """

    kind: str | None
    beyond: str = ""


def of_cell(text: str) -> PowerKind:
    """The kind of power that a cell of the column 职权类型 names."""
    inside = " ".join(_REMARK.findall(text))
    bare = _REMARK.sub("", text).strip() or text.strip("（）()[]【】 ")
    parts = [part for part in (_ORDINAL.sub("", part.strip()) for part in _PARTS.split(bare)) if part]
    kinds: dict[str, None] = {}
    beyond = ""
    for part in parts:
        match = _NAMED.fullmatch(part)
        if match is not None and not part.startswith("非"):
            kinds[KINDS[match["word"]]] = None
        elif _OTHERS.search(part):
            kinds["other"] = None
            beyond = beyond or part
        else:
            return PowerKind(None)
    # 行政处罚（含行政强制） names two.
    if re.search("含|包括|及|和|兼", inside):
        kinds |= dict.fromkeys(kind for word, kind in KINDS.items() if word in inside and kind != "other")
    if len(kinds) != 1:
        return PowerKind(None)
    return PowerKind(next(iter(kinds)), beyond)


def of_name(name: str) -> str | None:
    """The kind that a power's name tells: the last word counts, 对拒绝检查的行政处罚 is a penalty.

    None where the name is of several (行政处罚、行政强制), of what goes beyond the word (检查计划备案), or of none.
    """
    if _JOINED.search(name):
        return None
    locations = [(name.rfind(word), kind, word) for word, kind in KINDS.items() if word in name and kind != "other"]
    if not locations:
        return None
    at, kind, word = max(locations)
    return None if _BEYOND.search(name[at + len(word) :]) else kind


def of_section(text: str) -> str | None:
    """The kind that a section's heading tells of the powers below it, 二、行政强制类（共2项）; else None."""
    match = _NAMED.fullmatch(_REMARK.sub("", _ORDINAL.sub("", text.strip())))
    return KINDS[match["word"]] if match else None
