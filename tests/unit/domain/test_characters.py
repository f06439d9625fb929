"""Characters that cannot be seen: the quick look at a line never lets one pass that the thorough one refuses."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.characters import may_be_unfit, unfit
from tests.support.drawing import examples

SEEN = "甲，“乙”、a1 \u3000\xa0"
HIDDEN = "\x00\x07\x1f\x7f\x85\x9f\u061c\u200e\u2028\u202e\u2069"


@examples(300)
@given(st.text(SEEN + HIDDEN, min_size=1, max_size=6), st.sampled_from(("unit", "name")), st.booleans())
def test_a_line_that_is_not_looked_at_again_has_nothing_unfit(text: str, field: str, ascii_only: bool) -> None:
    fields = {"type": "UnitRegistered", field: text}
    if unfit(fields):
        for line in (json.dumps(fields, ensure_ascii=ascii_only).encode(), orjson.dumps(fields)):
            assert may_be_unfit(line)


@pytest.mark.parametrize("text", ["a" + character for character in HIDDEN] + [" ", "\u3000\xa0 "])
def test_what_cannot_be_seen_is_unfit(text: str) -> None:
    assert [problem.code for problem in unfit({"unit": text})] == ["bad-value"]


@pytest.mark.parametrize("field", ["note", "text", "reason", "basis"])
def test_texts_keep_what_they_were_written_with(field: str) -> None:
    assert unfit({"type": "UnitRegistered", field: f" {HIDDEN}"}) == []


def test_what_can_be_seen_is_not_looked_at_again() -> None:
    line = '{"type": "UnitRegistered", "at": "2020-01-01", "unit": "420684", "name": "宜城市"}'
    assert not may_be_unfit(line.encode())
