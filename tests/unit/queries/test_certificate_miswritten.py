"""Words of certificates with a wrong letter are set right, and nothing that is right is touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.queries.certificates import miswritten, reading, vocabulary
from tests.support.drawing import examples
from tools.certificates import sayings


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("户藉证明怎么开", "户籍证明怎么开"),
        ("学藉要转", "学籍要转"),
        ("未昏，要证明", "未婚，要证明"),
        ("昏因状况", "婚姻状况"),
        ("帐户和存拆", "账户和存折"),
        ("惨疾证明", "残疾证明"),
        ("种殖和养植", "种植和养殖"),
        ("自产自消的菜", "自产自销的菜"),
        ("户口薄丢了", "户口簿丢了"),
        ("受栽了，家里平因", "受灾了，家里贫困"),  # two letters of 贫困 are wrong, one of them by its sound alone
        ("失夜，离魂", "失业，离婚"),
    ],
)
def test_a_word_with_a_wrong_letter_is_set_right(written: str, right: str) -> None:
    assert miswritten.mended(written) == right


@pytest.mark.parametrize(
    "text",
    [
        "黄昏的时候",
        "他藉口不来",
        "低保到底保不保",
        "离婚因为性格不合",
        "老婆因难产住院",
        "自己婚姻自己做主",
        "得了急病",
        "前往所里办",
        "种植物的",
        "药材产地",
        "水平因为家里困难上不去",
        "天黑就夜里来",
    ],
)
def test_what_is_right_as_it_stands_is_left(text: str) -> None:
    assert miswritten.mended(text) == text


def test_no_name_in_the_vocabulary_is_changed() -> None:
    names = [name for meaning in vocabulary.load_vocabulary().meanings for name in meaning.names]
    assert [name for name in names if miswritten.mended(name) != name] == []


@examples(100)
@given(st.lists(st.sampled_from([one.text for one in sayings.read()]), min_size=1, max_size=3))
def test_what_is_set_right_once_stays(texts: list[str]) -> None:
    once = miswritten.mended("，".join(texts))
    assert miswritten.mended(once) == once


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("领结婚证是去镇里还是去县里", True),
        ("疫苗在村卫生室还是在镇医院打", True),
        ("证明要本人来还是别人代领", True),
        ("证明可以代办吗", True),
        ("格式是你们给还是自己写", True),
        ("证明要写明本人还是单身", False),
        ("证明本人没有犯过罪", False),
        ("我还是要开贫困证明", False),
        ("成员证明，户口迁走了还是村里人", False),
    ],
)
def test_a_question_which_way_names_no_paper(text: str, how: bool) -> None:
    assert reading.asks_how(text) is how
    if how:
        assert reading.asks(text)
