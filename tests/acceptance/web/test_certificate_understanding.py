"""How people ask at a village window, and what a village of the demo county answers."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.checker.names import normalise
from registry.queries import certificates
from registry.queries.certificates import evaluation, vocabulary
from tests.support.certificate_window import DAY, VILLAGE, Window
from tests.support.drawing import examples
from tests.support.paths import (
    BLIND_CERTIFICATES,
    BLIND_CERTIFICATES_FIFTH,
    BLIND_CERTIFICATES_FOURTH,
    BLIND_CERTIFICATES_SECOND,
    BLIND_CERTIFICATES_SEVENTH,
    BLIND_CERTIFICATES_SIXTH,
    BLIND_CERTIFICATES_THIRD,
    CERTIFICATE_REQUESTS,
    PHRASINGS,
)


def test_phrasings_are_understood_and_nothing_forbidden_is_ever_allowed(window: Window) -> None:
    files = (
        PHRASINGS,
        BLIND_CERTIFICATES,
        BLIND_CERTIFICATES_SECOND,
        BLIND_CERTIFICATES_THIRD,
        BLIND_CERTIFICATES_FOURTH,
        BLIND_CERTIFICATES_FIFTH,
        BLIND_CERTIFICATES_SIXTH,
        BLIND_CERTIFICATES_SEVENTH,
    )
    cases = [case for file in files for case in evaluation.read(file)]
    trials = window.runner.run(evaluation.run_trials(window.pool, VILLAGE, cases))
    assert [one.case.text for one in trials if one.harmful] == []
    dev = [one for one in trials if one.case.part == "dev"]
    # What is not sure is asked back: less is right at once, more within two choices.
    assert evaluation.accuracy(dev) >= 0.93
    assert evaluation.offered_of(dev) >= 0.98
    assert sum(one.misleading for one in dev) / len(dev) < 0.01
    unseen = [one for one in trials if one.case.part == "unseen"]
    assert evaluation.accuracy(unseen) >= 0.83
    assert evaluation.offered_of(unseen) >= 0.97
    assert sum(one.misleading for one in unseen) / len(unseen) < 0.01


def test_what_was_once_misread_is_understood(window: Window) -> None:
    with CERTIFICATE_REQUESTS.open(encoding="utf-8", newline="") as lines:
        questions = list(csv.DictReader(lines))
    wrong: list[tuple[str, str, str | None]] = []
    for row in questions:
        answer = window.ask(row["text"])
        matters = set(filter(None, row["expected_matter"].split("|")))
        also = answer.status == row["also"]
        if answer.status == "AMBIGUOUS":
            right = (row["expected_status"] == "AMBIGUOUS" or also) and (
                not matters or any(one.code in matters for one in answer.candidates)
            )
        else:
            right = also or (answer.status == row["expected_status"] and (not matters or answer.matter in matters))
        if not right:
            wrong.append((row["text"], answer.status, answer.matter))
    assert len(questions) == 37
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "status", "matter"),
    [
        ("不是收入证明是贫困证明", "ALLOWED", "YC-C-POOR"),
        ("不要残疾的，要监护人证明", "ALLOWED", "YC-C-GUARDIAN"),
        ("要的是无犯罪的不是居住的", "FORBIDDEN", "C-NO-CRIME"),
        ("不养鸡，养了条狼狗，要养犬的证明", "FORBIDDEN", "C-DOG"),
        ("丢的不是收据，是驾驶证，要遗失证明", "FORBIDDEN", "C-DOCUMENT-LOSS"),
        ("残疾证明，哦不，失踪证明", "FORBIDDEN", "C-MISSING"),
        ("健在的上次开过了，这次要死亡证明", "FORBIDDEN", "C-DEATH"),
        ("跟宅基地没关系，要土地承包的证明", "ALLOWED", "YC-C-CONTRACT"),
        ("要健在证明，不是死亡，别写错了", "FORBIDDEN", "C-ALIVE"),
        ("派出所喊我来村里开个没结婚的证明", "FORBIDDEN", "C-MARITAL"),
        ("开证明要带户口本吗", "UNKNOWN", None),
        ("低保怎么申请", "UNKNOWN", None),
    ],
)
def test_what_is_denied_who_asks_and_how_to_come_by_a_paper_are_told_apart(
    window: Window, text: str, status: str, matter: str | None
) -> None:
    answer = window.ask(text)
    assert (answer.status, answer.matter) == (status, matter)


@pytest.mark.parametrize("text", ["调解收不收钱", "承包地确权证去哪领", "庄稼受灾了保险赔多少"])
def test_a_question_that_speaks_of_no_paper_is_never_answered_by_a_yes(window: Window, text: str) -> None:
    assert window.ask(text).status in ("UNKNOWN", "AMBIGUOUS")


@pytest.mark.parametrize("text", ["家里情况要村里证明", "开个遗失的证明，东西掉了", "证明我们村有我这个人，我是本村的"])
def test_what_may_mean_several_is_asked_back(window: Window, text: str) -> None:
    assert window.ask(text).status == "AMBIGUOUS"


@pytest.mark.parametrize(
    ("text", "matters"),
    [
        ("生病没工作，开个证明", {"C-ILLNESS", "C-EMPLOYMENT"}),  # two wishes at once
        ("我家房子，开个证明", {"C-PROPERTY", "YC-C-HOMESTEAD"}),  # which is no 房产证明
        ("没吸过毒的证明", {"C-DRUG-RECOVERY", "C-NO-CRIME"}),
    ],
)
def test_what_may_mean_several_offers_these(window: Window, text: str, matters: set[str]) -> None:
    answer = window.ask(text)
    assert answer.status == "AMBIGUOUS"
    assert matters <= {one.code for one in answer.candidates}


@pytest.mark.parametrize("text", ["怎么改名字", "低保多少钱"])
def test_who_asks_how_wants_no_paper_though_the_words_are_those_of_one(window: Window, text: str) -> None:
    assert window.ask(text).status == "UNKNOWN"


def test_a_word_never_learnt_is_understood_by_its_kind(window: Window) -> None:
    words = vocabulary.load_vocabulary()
    assert words.by_kind("榴莲让龙卷风刮了") == ["作物", "让", "天灾", "刮", "了"]
    assert "羊驼" in words.kinds
    answer = window.ask("我喂了三十只羊驼，信用社要村里证明")
    assert (answer.status, answer.matter) == ("ALLOWED", "YC-C-PLANTING")


def test_what_is_not_sure_is_asked_back_with_two_choices(window: Window) -> None:
    answer = window.ask("地被占了的证明")
    assert answer.status == "AMBIGUOUS"
    assert len(answer.candidates) == 2
    # Whoever finds neither of them chooses that it is another, which is on no list.
    other = window.ask("别的证明")
    assert (other.status, other.matter) == ("UNLISTED", None)


@pytest.mark.parametrize(
    ("text", "on", "about", "instead"),
    [
        ("银行要收入证明", DAY, "收入", "用人单位"),
        ("证明我和存折上的是同一个人", DAY, "同一人", "公证处"),
        ("身份证号码证明", DAY, "姓名、出生日期、户籍等九项", "派出所也不再开"),
        ("单身证明", DAY, "未婚、单身、没再婚", "书面声明"),
        ("单身证明", date(2014, 1, 1), None, None),  # then the registry still certified it
        ("高龄津贴要证明老人健在", DAY, "高龄津贴", "不归社保"),
        ("房产证明", DAY, None, None),
    ],
)
def test_what_is_asked_about_in_particular_is_told_besides(
    window: Window, text: str, on: date, about: str | None, instead: str | None
) -> None:
    answer = window.runner.run(certificates.answer(window.pool, VILLAGE, text, on))
    assert (answer.advice.about.zh if answer.advice else None) == about
    if answer.advice and instead:
        assert instead in answer.advice.text.zh
        assert instead in certificates.sentence(answer, "zh")
        assert answer.advice.basis[0] in certificates.sentence(answer, "zh")
        assert answer.advice.text.en in certificates.sentence(answer, "en")


def test_subsistence_allowances_are_proved_by_who_grants_them(window: Window) -> None:
    answer = window.ask("学校要低保证明")
    assert (answer.status, answer.name, answer.matter) == ("UNLISTED", "低保证明", None)
    assert answer.advice is not None
    assert "社会救助管理部门" in answer.advice.text.zh


def test_the_village_has_what_the_lists_say(window: Window) -> None:
    by_status = {one.status: one for one in window.listed}
    assert set(by_status) == {"ALLOWED", "FORBIDDEN"}
    assert sum(one.status == "ALLOWED" for one in window.listed) == 16
    assert sum(one.status == "FORBIDDEN" for one in window.listed) == 22
    for one in window.listed:
        assert one.materials or one.alternative, one.name
        assert one.procedure, one.name
        assert one.issuer or one.status == "ALLOWED", one.name


def meant(window: Window, text: str, certificate: certificates.Certificate) -> bool:
    """Whether it is the certificate that is answered, or one to choose from where others share the name."""
    answer = window.ask(text)
    if answer.status == "AMBIGUOUS":
        sharing = [one for one in window.listed if one.status == "FORBIDDEN" and shares(one, text)]
        return len(sharing) > 1 and certificate.matter in {one.code for one in answer.candidates}
    return (answer.matter, answer.status) == (certificate.matter, certificate.status)


def shares(one: certificates.Certificate, text: str) -> bool:
    words = vocabulary.load_vocabulary()
    return words.core(text) in {words.core(name) for name in one.texts}


def test_every_name_of_every_listed_certificate_answers_itself(window: Window) -> None:
    wrong = [(one.name, text) for one in window.listed for text in one.texts if not meant(window, text, one)]
    assert wrong == []


@pytest.fixture(scope="module")
def traditional() -> dict[str, str]:
    """Simplified letters in their traditional shape."""
    lines = (Path(normalise.__file__).parent / "traditional.txt").read_text("utf-8").splitlines()
    pairs = (
        (simple, old)
        for olds, simples in zip(lines[::2], lines[1::2], strict=True)
        for old, simple in zip(olds, simples, strict=True)
    )
    return {simple: old for simple, old in pairs if simple != old}


WRAPPINGS = (
    "{}",
    "帮我开个{}",
    "请问{}怎么办",
    "我要{}",
    "麻烦您给我开一张{}",
    "村里能不能开{}？",
    "{}，谢谢",
    "【{}】",
    "  {}\n",
    "师傅，{}咋开呀",
)


@given(data=st.data())
@examples(120)
def test_wrapping_width_spaces_and_traditional_letters_change_nothing(
    window: Window, traditional: dict[str, str], data: st.DataObject
) -> None:
    one = data.draw(st.sampled_from(window.listed))
    name = data.draw(st.sampled_from([one.name, *one.texts]))
    text = data.draw(st.sampled_from(WRAPPINGS)).format(name)
    if data.draw(st.booleans()):
        text = "".join(traditional.get(letter, letter) for letter in text)
    if data.draw(st.booleans()):
        text = " ".join(text)
    plain, answer = window.ask(name), window.ask(text)
    assert (answer.status, answer.matter, answer.candidates) == (plain.status, plain.matter, plain.candidates)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_space_after_every_character_parts_no_clauses(window: Window, wrapping: str) -> None:
    # Drawn at random: 村 里 能 不 能 开 户 口 … was AMBIGUOUS, for each character was read as a clause of its own.
    # Drawn later: 师 傅 ， 遗 失 证 明 … was AMBIGUOUS, for two characters before a mark were no run to join.
    # Found with it: 帮我开个遗失证明 was AMBIGUOUS, for what is left of its name is too broad by itself.
    for name, matter in (
        ("户口登记项目内容变更申请证明", "C-HUKOU-CHANGE"),
        ("遗失证明", "C-DOCUMENT-LOSS"),
        ("房产证明", "C-PROPERTY"),
    ):
        text = wrapping.format(name)
        for spaced in (text, " ".join(text), "  ".join(text)):
            answer = window.ask(spaced)
            assert (answer.status, answer.matter) == ("FORBIDDEN", matter)


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("wufanzuizhengming", "C-NO-CRIME"),
        ("wu fan zui ji lu zheng ming", "C-NO-CRIME"),
        ("WUFANZUI", "C-NO-CRIME"),
        ("wufanzui证明", "C-NO-CRIME"),
        ("wo yao kai wufanzui zhengming", "C-NO-CRIME"),
        ("wufanzui zengming", "C-NO-CRIME"),
        ("wfzzm", "C-NO-CRIME"),
        ("无饭罪证明", "C-NO-CRIME"),
        ("無犯罪記錄證明", "C-NO-CRIME"),
        ("无犯罪的证明", "C-NO-CRIME"),
        ("开个说我没犯过罪的条子", "C-NO-CRIME"),
        ("give me a paper that says I have no criminal record", "C-NO-CRIME"),
        ("no crimnal record", "C-NO-CRIME"),
        ("ｗｆｚｚｍ", "C-NO-CRIME"),
        ("农村集体经济组织成员证明", "YC-C-MEMBER"),
        ("农村集体经挤组织成员身份证明", "YC-C-MEMBER"),
        ("选民登记证明", "YC-C-VOTING"),
        ("i want to cut down my own trees, need a paper", "YC-C-LOGGING"),
    ],
)
def test_typed_misspelt_or_in_other_words(window: Window, text: str, matter: str) -> None:
    assert window.ask(text).matter == matter


@given(text=st.text(max_size=220) | st.text("证明开个无犯罪记录的我 没婚 zhengming…\0\ud800😀'\";--<>", max_size=60))
@examples(150)
def test_no_text_is_an_error(window: Window, text: str) -> None:
    answer = window.ask(text)
    assert answer.status in ("ALLOWED", "FORBIDDEN", "UNLISTED", "AMBIGUOUS", "UNKNOWN")
    assert certificates.sentence(answer, "zh")
    assert certificates.sentence(answer, "en")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t　", "empty"),
        ("无" * 5000, "too-long"),
        ("开个证明", "nothing-named"),
        ("😀🎉", "nothing-named"),
        ("'; DROP TABLE unit; --", "not-understood"),
        ("\0\x01\x02", "nothing-named"),
        ("今天吃什么", "not-understood"),
    ],
)
def test_what_is_no_question_is_not_understood(window: Window, text: str, reason: str) -> None:
    answer = window.ask(text)
    assert (answer.status, answer.reason, answer.matter) == ("UNKNOWN", reason, None)


def test_a_yes_that_goes_by_no_name_needs_a_paper_to_be_spoken_of(window: Window) -> None:
    answer = window.ask("橘子树遭雹子打了，赔保险要村里的条")
    assert (answer.status, answer.matter) == ("ALLOWED", "YC-C-DISASTER")
    unsaid = window.ask("橘子树遭雹子打了，赔保险要")
    assert unsaid.status == "AMBIGUOUS"
    assert "YC-C-DISASTER" in [one.code for one in unsaid.candidates]


def test_a_no_implied_by_other_words_makes_a_yes_unsure(window: Window) -> None:
    answer = window.ask("办营业执照，要村里的居住证明")
    assert answer.status == "AMBIGUOUS"
    assert {"YC-C-RESIDENCE", "C-BUSINESS-PREMISES"} <= {one.code for one in answer.candidates}
