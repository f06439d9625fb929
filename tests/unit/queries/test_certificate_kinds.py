"""Kinds of requests that were answered wrongly once, in words that neither the models nor a scored set have."""

from __future__ import annotations

import pytest

from registry.queries.certificates import understanding
from registry.queries.certificates.understanding import Understood
from tools.certificates import sayings, trusting

LISTED = trusting.village()
OTHERS = understanding.bearers(())

WRONG_LETTERS = [
    ("老人的户藉证明", "C-IDENTITY"),
    ("惨疾证明一份", "C-DISABILITY"),
    ("小孩学藉证明", "C-SCHOOL-TRANSFER"),
    ("要个昏育证明", "C-FERTILITY"),
]
NO_REQUEST = [
    "结婚证是在县里领还是在镇里领",
    "迁户口去派出所还是去便民中心",
    "小孩防疫针在镇卫生院打还是去县医院打",
    "证明必须本人来还是家里人能代拿",
    "证明打印还是手写",
    "抬头是你们填还是我填",
    "谁家的牛踩了我的菜，说说他",
    "半夜狗叫得人睡不着，管一管",
]
TWO = [("荷塘的证明", "YC-C-PLANTING"), ("橘园的证明", "YC-C-PLANTING"), ("我家虾塘，开个证明", "YC-C-CONTRACT")]
CANTONESE = [("银行要证明佢系我个女", "C-KINSHIP"), ("证明我阿爷仲喺度", "C-ALIVE"), ("证明我冇坐过监", "C-NO-CRIME")]


def heard(text: str) -> Understood:
    return understanding.understand(text, LISTED, OTHERS)


def codes(text: str) -> list[str | None]:
    return [one.matter for one in heard(text).certificates]


def test_none_of_these_is_learnt() -> None:
    learnt = {one.text for one in sayings.read()}
    assert not learnt & {*NO_REQUEST, *(text for text, _ in (*WRONG_LETTERS, *TWO, *CANTONESE))}


@pytest.mark.parametrize(("text", "matter"), WRONG_LETTERS)
def test_a_wrong_letter_hides_no_certificate(text: str, matter: str) -> None:
    assert matter in codes(text)


@pytest.mark.parametrize("text", NO_REQUEST)
def test_who_asks_the_way_or_complains_wants_no_certificate(text: str) -> None:
    assert not heard(text).certificates
    assert not heard(text).paper


@pytest.mark.parametrize(("text", "matter"), TWO)
def test_a_thing_with_two_certificates_is_asked_back(text: str, matter: str) -> None:
    assert matter in codes(text)
    assert len(codes(text)) > 1


@pytest.mark.parametrize(("text", "matter"), CANTONESE)
def test_cantonese_is_understood(text: str, matter: str) -> None:
    assert matter in codes(text)
