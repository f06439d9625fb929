"""Names as they are compared: one width, one case, simplified characters, nothing but letters and digits."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).parent / "traditional.txt"

# fmt: off
# What papers begin, join and fill with: it says nothing of the matter.
STOP_WORDS: Final = (
    "进一步", "关于", "有关", "相关", "开展", "进行", "组织", "实施", "加强", "做好", "推进", "落实", "强化", "规范",
    "全面", "深入", "切实", "专项", "行动", "工作", "事项", "任务", "活动", "事务", "日常", "年度", "本年", "本村",
    "农村", "乡镇", "街道", "镇", "村级", "辖区", "属地", "的", "和", "与", "及", "或", "等", "并", "对", "为", "在",
    "由", "按", "地",
)
# fmt: on


@cache
def _simplified() -> dict[int, int]:
    """Traditional characters that Big5 counts as common, each to its simplified one (as OpenCC has them)."""
    lines = _TABLE.read_text("utf-8").splitlines()
    return {
        ord(traditional): ord(simple)
        for old, new in zip(lines[::2], lines[1::2], strict=True)
        for traditional, simple in zip(old, new, strict=True)
    }


def simplified(text: str) -> str:
    """The text in NFKC, lower case and simplified characters."""
    return unicodedata.normalize("NFKC", text).translate(_simplified()).casefold()


def letters(text: str) -> str:
    """The text in NFKC, lower case and simplified characters, without punctuation, marks and spaces."""
    return "".join(filter(str.isalnum, simplified(text)))


# Names of matters come again and again; what people ask for is not to be remembered, and takes `letters`.
normalised: Final = lru_cache(maxsize=1 << 16)(letters)


@lru_cache(maxsize=1 << 16)
def bare(text: str) -> str:
    """The normalised name without stop words; itself where nothing else would remain."""
    left = normalised(text)
    for word in STOP_WORDS:
        left = left.replace(word, "")
    return left or normalised(text)
