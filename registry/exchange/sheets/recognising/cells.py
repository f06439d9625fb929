"""What the text of a cell says, in the words of the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

MODES: Final[Mapping[str, str]] = {
    "委托": "entrusted",
    "赋权": "devolved",
    "赋予": "devolved",
    "下放": "devolved",
    "划转": "devolved",
    "移交": "devolved",
}
ROLES: Final[Mapping[str, str]] = {"牵头": "lead", "共同": "share", "分担": "share", "配合": "assist", "协助": "assist"}
_SEPARATORS: Final = re.compile(r"[、；;\n]+")
_ORDINAL: Final = re.compile(r"^([(（]?\d{1,2}[)）.．、](?!\d)|[①-⑳])\s*")
# What makes the mention of a way its contrary, or something else: 不委托, 取消委托, 委托收回.
_NOT_SO: Final = re.compile("不|未|非|取消|停止|收回|撤销|终止|暂缓|拟|待|是否")


def several(text: str) -> list[str]:
    """What a cell lists, each once and without its number: 1.身份证 2.户口簿 on two lines as 身份证 and 户口簿."""
    parts = (_ORDINAL.sub("", part.strip()).rstrip("。.") for part in _SEPARATORS.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def terms(name: str) -> list[str]:
    """The words that tell what a row forbids in general: 征地拆迁、招商引资和安全生产 are three."""
    parts = (part.strip() for part in re.split(r"[、，,；;/\n和与及或]|等$", name))
    return [part for part in dict.fromkeys(parts) if len(part) > 1] or [name]


def mode(text: str) -> str | None:
    """How powers are handed down: `devolved` or `entrusted`; None where the cell says neither."""
    results = {kind for word, kind in MODES.items() if word in text}
    if "entrusted" in results and not re.search("[或、/]|还是", text):
        results = {"entrusted"}  # 以委托方式下放
    return results.pop() if len(results) == 1 and not _NOT_SO.search(text) else None


def roles(text: str) -> list[str]:
    """The roles that a cell names, in the contract's order."""
    named = {role for word, role in ROLES.items() if word in text}
    return [role for role in ("lead", "share", "assist") if role in named]
