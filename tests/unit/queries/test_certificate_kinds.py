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
    "奖扶的钱咋个领",
    "信用社利息一年是多少",
    "宅基最多给多大",
    "建房要走啥流程",
]
TWO = [("荷塘的证明", "YC-C-PLANTING"), ("橘园的证明", "YC-C-PLANTING"), ("我家虾塘，开个证明", "YC-C-CONTRACT")]
KNOWS_NOT = ["社保所叫我来拿个材料，我也不晓得叫啥", "忘了是要什么证明，反正村里开"]
BOTH = [
    ("一张残疾的，一张没工作的，两张都要", {"C-DISABILITY", "C-EMPLOYMENT"}),
    ("开个住在这的，再开个没犯过罪的", {"YC-C-RESIDENCE", "C-NO-CRIME"}),
]
WRITTEN = [
    ("那辆摩托过户，喊村里写个车是我的", "C-PROPERTY"),
    ("跑腿的站长要那个没犯过事的，是你们开还是咋的", "C-NO-CRIME"),
]
CANTONESE = [
    ("供楼要入息证明", "C-PROPERTY"),
    ("银行要证明佢系我个女", "C-KINSHIP"),
    ("证明我阿爷仲喺度", "C-ALIVE"),
    ("证明我冇坐过监", "C-NO-CRIME"),
]


def heard(text: str) -> Understood:
    return understanding.understand(text, LISTED, OTHERS)


def codes(text: str) -> list[str | None]:
    return [one.matter for one in heard(text).certificates]


def test_none_of_these_is_learnt() -> None:
    learnt = {one.text for one in sayings.read()}
    assert not learnt & {
        *NO_REQUEST,
        *KNOWS_NOT,
        *(text for text, _ in (*WRONG_LETTERS, *TWO, *BOTH, *WRITTEN, *CANTONESE)),
    }


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


@pytest.mark.parametrize("text", KNOWS_NOT)
def test_who_does_not_know_which_paper_is_offered_none(text: str) -> None:
    understood = heard(text)
    assert (understood.certificates, understood.named) == ((), False)


@pytest.mark.parametrize(("text", "matters"), BOTH)
def test_two_papers_at_once_are_both_given(text: str, matters: set[str]) -> None:
    assert set(codes(text)) == matters


@pytest.mark.parametrize(("text", "matter"), WRITTEN)
def test_what_the_village_is_to_write_or_issue_is_a_paper_though_it_is_put_as_a_question(
    text: str, matter: str
) -> None:
    assert matter in codes(text)
