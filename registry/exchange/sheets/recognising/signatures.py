"""What stands below a list and is no part of it: who issued it, the seal's place, the day, whom to ask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from registry.exchange.sheets.grids import Cell

_DIGIT: Final = "[0-9〇○零一二三四五六七八九十]"
_DAY: Final = re.compile(
    rf"(?:[（(]?(?:发布|印发|公布|成文|填报|制表)?日期[:： ]*)?{_DIGIT}{{4}}\s*[年./-]\s*{_DIGIT}{{1,3}}\s*[月./-]"
    rf"(?:\s*{_DIGIT}{{1,3}}\s*日?)?[）)]?(?: 00:00(?::00)?)?"
)
_SEAL: Final = re.compile(
    r".{0,30}[（(](?:盖章|公章|印章|签章|签字|单位盖章|加盖公章|章)[）)].{0,6}|(?:单位)?(?:盖章|公章)[:：]?"
)
_WHOM_TO_ASK: Final = re.compile(
    r"(?:填[报表]|制表|审核|审批|复核|经办|联系|报送|分管|负责|承办)(?:人员?|领导|电话|单位|科室|方式)?[:： ].{0,40}|"
    r"(?:咨询|监督|举报|联系)电话.{0,40}|(?:抄送|主送|公开方式|此件(?:主动|依申请|不予)公开)[:：]?.{0,60}|"
    r"附件?\s*\d*[:：].{0,60}"
)
# An organ with the place whose it is: 宜城市民政局, 孔湾镇人民政府, 中共宜城市委办公室.
_ORGAN: Final = re.compile(
    r"(?:中共)?[\u4e00-\u9fff]{1,12}?(?:[省市县区旗州盟镇乡]|街道)[\u4e00-\u9fff]{0,14}?(?:人民政府|政府|办公室|办事处|委员会|[局厅办]|[省市县区]委|组织部|编委|编办|专班|领导小组)"
    r"(?:[、 ].{2,20}(?:局|办公室|委员会|部))?"
)


def is_signature(text: str) -> bool:
    """Whether a line is the day of a document, the place of its seal, or whom to ask."""
    line = " ".join(text.split())
    return any(way.fullmatch(line) for way in (_DAY, _SEAL, _WHOM_TO_ASK))


def is_issuer(text: str) -> bool:
    """Whether a line is nothing but the name of an organ and of the place whose it is."""
    return _ORGAN.fullmatch("".join(text.split())) is not None


def begins(rows: Sequence[Sequence[Cell]], columns: dict[int, str]) -> int:
    """The row from which there is nothing but what signs a list off and blank rows; their number where nothing does.

    `columns`: which field each column holds. A day in a column of days is an item's own.
    """
    start = len(rows)
    for at in range(len(rows) - 1, -1, -1):
        filled = {column: cell for column, cell in enumerate(rows[at]) if cell.text}
        # A paragraph that was made into a row has the same place in all its cells.
        texts = {(cell.location, cell.text) for cell in filled.values()}
        alone = len(texts) == 1 and len(rows[at]) > 1
        if any(columns.get(column) in ("since", "until", "time") for column in filled) and len(texts) == 1:
            break
        if not all(is_signature(text) or (alone and is_issuer(text)) for _, text in texts):
            break
        start = at if filled else start
    return start
