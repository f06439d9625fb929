"""The forms of what changes no item: no text keeps them busy, however it may be parted into their words."""

from __future__ import annotations

import random
import re
from typing import Final, get_args

import pytest

from registry.exchange.sheets.meaning import harmless
from registry.exchange.sheets.meaning.harmless import Where

WORDS: Final = tuple(dict.fromkeys(re.findall(r"[\u4e00-\u9fff]{1,6}", harmless.FILE.read_text("utf-8"))))
TITLES: Final = (
    "镇街道",
    "乡镇",
    "镇",
    "街道",
    "乡",
    "村",
    "社区",
    "村社区",
    "村级组织",
    "履职",
    "职责",
    "事项",
    "清单",
)
PLACES: Final = ("省", "市县", "市", "县", "乡镇", "镇街道", "街道", "县区", "区", "村居", "村", "级", "上级", "基层")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("words", [WORDS, TITLES, PLACES], ids=["any", "of titles", "of places"])
def test_no_text_that_can_be_parted_in_many_ways_takes_without_end(words: tuple[str, ...], seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        text = "".join(chance.choices(words, k=35))[:69] + chance.choice("嗯X、")
        assert not harmless.is_title(text)
        for where in get_args(Where):
            assert not harmless.is_harmless(text, where, "承办科室")


def test_titles_are_known_with_at_most_one_word_that_is_not() -> None:
    assert harmless.is_title("宜城市乡镇街道履行职责事项清单")
    assert harmless.is_title("2026年度宜城市鸬鹚保护工作任务清单")
    assert not harmless.is_title("宜城市鸬鹚归燕子管事项清单")
