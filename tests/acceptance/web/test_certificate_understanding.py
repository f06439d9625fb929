"""How people ask at a village window, and what a village of the demo county answers: by every face."""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import data_files, database
from registry.checker.names import normalise
from registry.queries import certificates
from registry.queries.certificates import Answer, BadWords, demands, evaluation, vocabulary
from registry.relations.two_times import NEWEST
from tests.support.api_client import Api, api
from tests.support.cli_runner import cli_runner
from tests.support.drawing import examples
from tests.support.paths import (
    BLIND_CERTIFICATES,
    BLIND_CERTIFICATES_FOURTH,
    BLIND_CERTIFICATES_SECOND,
    BLIND_CERTIFICATES_THIRD,
    CERTIFICATE_REQUESTS,
    PHRASINGS,
)

VILLAGE = "420684103205"
DAY = date(2026, 11, 1)


@dataclass(frozen=True)
class Window:
    """The demo county: a database, a pool on it, and what its village may and may not issue."""

    url: str
    runner: asyncio.Runner
    pool: asyncpg.Pool[Any]
    listed: tuple[certificates.Certificate, ...]

    def ask(self, text: str) -> Answer:
        return self.runner.run(certificates.answer(self.pool, VILLAGE, text, DAY))


@pytest.fixture(scope="module")
def window(demo_database: str) -> Iterator[Window]:
    with asyncio.Runner() as runner:
        pool = runner.run(database.pool(demo_database, min_size=1, max_size=2))
        listed = runner.run(certificates.certificates_of(pool, VILLAGE, DAY))
        yield Window(demo_database, runner, pool, listed)
        runner.run(pool.close())


# ----------------------------------------------------------------------------------------------------- as people say it


def test_phrasings_are_understood_and_nothing_forbidden_is_ever_allowed(window: Window) -> None:
    files = (
        PHRASINGS,
        BLIND_CERTIFICATES,
        BLIND_CERTIFICATES_SECOND,
        BLIND_CERTIFICATES_THIRD,
        BLIND_CERTIFICATES_FOURTH,
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


# ------------------------------------------------------------------------------------------------------- by every face


@pytest.fixture(scope="module")
def client(window: Window) -> Iterator[Api]:
    with api(window.url) as opened:
        yield opened


QUERY = """
query ($village: ID!, $text: String!, $on: Date) {
  certificate(village: $village, text: $text, asOf: $on) {
    status reason name issuer alternative materials procedure online legalBasis message english: message(lang: "en")
    matter { code } item { subject name } basis { number } candidates { code } choices { code name status }
  }
}
"""


def test_by_graphql(client: Api) -> None:
    answer = client.ask(QUERY, village=VILLAGE, text="没犯过罪的条子", on="2026-11-01")["certificate"]
    assert (answer["status"], answer["reason"], answer["matter"]["code"]) == ("FORBIDDEN", "listed", "C-NO-CRIME")
    assert answer["item"] == {"subject": "CERTIFICATES-NEGATIVE-42#5", "name": "无犯罪记录证明"}
    assert [document["number"] for document in answer["basis"]] == ["鄂民政发〔2020〕32号", "民发〔2020〕20号"]
    assert "派出所" in answer["issuer"]
    assert answer["issuer"] in answer["message"]
    assert "no criminal record" in answer["english"]
    answer = client.ask(QUERY, village=VILLAGE, text="关系证明")["certificate"]
    assert (answer["status"], answer["matter"], answer["item"]) == ("AMBIGUOUS", None, None)
    assert {one["code"] for one in answer["candidates"]} == {one["code"] for one in answer["choices"]}
    answer = client.ask(QUERY, village=VILLAGE, text="房屋面积证明")["certificate"]
    assert (answer["status"], answer["matter"]["code"], answer["item"]) == ("UNLISTED", "YC-C-AREA", None)
    assert client.refused(QUERY, village="420684", text="证明")["code"] == "unknown-unit"
    assert client.refused(QUERY, village="a\0b", text="证明")["code"] == "bad-value"
    assert client.refused(QUERY.replace('"en"', '"fr"'), village=VILLAGE, text="证明")["code"] == "bad-value"


def test_by_rest(client: Api) -> None:
    answer = client.send(
        "GET", f"/v1/villages/{VILLAGE}/certificates", params={"q": "wfzzm", "on": "2026-11-01", "lang": "en"}
    )
    content = answer.json()
    assert (content["status"], content["matter"], content["on"], content["village"]) == (
        "FORBIDDEN",
        "C-NO-CRIME",
        "2026-11-01",
        VILLAGE,
    )
    assert content["message"].startswith("The village does not issue")
    assert answer.headers["cache-control"] == "private, no-store"
    every = client.send("GET", f"/v1/villages/{VILLAGE}/certificates").json()["certificates"]
    assert [one["status"] for one in every] == ["ALLOWED"] * 16 + ["FORBIDDEN"] * 22
    described = client.send("GET", "/openapi.json").json()["paths"]["/v1/villages/{code}/certificates"]["get"]
    assert {one["name"] for one in described["parameters"]} == {"code", "q", "on", "lang"}


@pytest.mark.parametrize(
    ("village", "query", "status", "code"),
    [
        ("420684", {"q": "证明"}, 404, "unknown-unit"),
        ("nowhere", {}, 404, "unknown-unit"),
        (VILLAGE, {"q": "证明", "on": "2026-02-30"}, 400, "bad-value"),
        (VILLAGE, {"q": "证明", "on": "1999-01-01"}, 404, "unknown-unit"),
        (VILLAGE, {"q": "证明", "lang": "fr"}, 400, "bad-value"),
        ("a%00b", {"q": "证明"}, 404, "unknown-unit"),
        (VILLAGE, {"q": "x" * 10_000}, 200, None),
        (VILLAGE, {"q": "\0'; DROP TABLE unit; --"}, 200, None),
        (VILLAGE, {"q": ""}, 200, None),
    ],
)
def test_what_rest_refuses(client: Api, village: str, query: dict[str, str], status: int, code: str | None) -> None:
    answer = client.send("GET", f"/v1/villages/{village}/certificates", params=query)
    assert answer.status_code == status
    if code is not None:
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == code


def test_on_the_command_line(window: Window) -> None:
    run = cli_runner(window.url)
    printed = run("certificate", VILLAGE, "砍自家的树", "--as-of", "2026-11-01")
    assert printed.returncode == 0
    assert "ALLOWED" in printed.stdout.decode()
    assert "YC-C-LOGGING" in printed.stdout.decode()
    printed = run("certificate", VILLAGE, "关系证明", "--json")
    assert json.loads(printed.stdout)["status"] == "AMBIGUOUS"
    refused = run("certificate", "420684", "证明")
    assert refused.returncode == 1
    assert "unknown-unit" in refused.stderr.decode()


# ------------------------------------------------------------------------------------------ who demands what it may not

DEMANDS = """
query ($from: Date!, $to: Date!, $within: ID!) {
  certificateDemands(within: $within, from: $from, to: $to) {
    unit { code } demanded forbidden unlisted waived villages refs matters { demanded matter { code } }
  }
}
"""


def test_demands_are_counted_by_who_makes_them_as_the_rule_judges(window: Window, client: Api) -> None:
    from registry import checker

    with database.connect(window.url) as connection:
        results = demands.demands(connection, "420684", date(2000, 1, 1), DAY, NEWEST)
        judged = checker.check(connection, DAY, NEWEST, within="420684", rule="certificate-demand", waived=True)
    assert sorted(ref for one in results for ref in one.refs) == sorted(finding.subject for finding in judged)
    assert sum(one.forbidden + one.unlisted for one in results) == len(judged) > 0
    assert sum(often for one in results for _, often in one.matters) == len(judged)
    assert results == sorted(results, key=lambda one: one.order)
    answer = client.ask(DEMANDS, within="420684", **{"from": "2000-01-01", "to": DAY.isoformat()})["certificateDemands"]
    assert [(one["unit"]["code"], one["forbidden"], one["unlisted"]) for one in answer] == [
        (one.unit, one.forbidden, one.unlisted) for one in results
    ]
    period = ("--from", "2000-01-01", "--to", DAY.isoformat())
    printed = cli_runner(window.url)("certificate-demands", "420684", *period, "--json")
    assert [json.loads(line)["unit"] for line in printed.stdout.splitlines()] == [one.unit for one in results]


def test_demands_between_two_days_and_within_a_territory(window: Window, client: Api) -> None:
    with database.connect(window.url) as connection:
        year = demands.demands(connection, "420684", date(2022, 7, 4), date(2022, 7, 4), NEWEST)
        assert [(one.unit, one.demanded) for one in year] == [("420684-agriculture", 1)]
        town = demands.demands(connection, "420684103", date(2022, 1, 1), DAY, NEWEST)
    assert {one.unit for one in town} == {"420684-agriculture", "420684-natural-resources"}
    swapped = {"from": "2026-01-02", "to": "2026-01-01"}
    assert client.refused(DEMANDS, within="420684", **swapped)["code"] == "bad-value"
    nowhere = {"from": "2026-01-01", "to": "2026-01-02"}
    assert client.refused(DEMANDS, within="nowhere", **nowhere)["code"] == "unknown-unit"


# ----------------------------------------------------------------------------------------------------- a county's words


def test_a_county_adds_its_own_words(window: Window, tmp_path: Path) -> None:
    words = tmp_path / "words.yaml"
    words.write_text("meanings:\n  - {names: [无犯罪记录证明], says: [身家白净]}\n", "utf-8")
    run = cli_runner(window.url, REGISTRY_CERTIFICATE_WORDS=str(words))
    printed = run("certificate", VILLAGE, "身家白净的证明", "--json")
    assert json.loads(printed.stdout)["matter"] == "C-NO-CRIME"


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"meanings: [", b"meanings: 1", b"[]", b"meanings: [{says: [a]}]", b"meanings: []\ncolour: red"],
)
def test_a_wrong_file_of_words_is_reported(window: Window, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "words.yaml"
    file.write_bytes(content)
    with pytest.raises(BadWords) as refused:
        vocabulary.read([data_files.path(vocabulary.FILE), file])
    assert refused.value.zh
    assert refused.value.en
    run = cli_runner(window.url, REGISTRY_CERTIFICATE_WORDS=str(file))
    printed = run("certificate", VILLAGE, "证明")
    assert printed.returncode == 1
    assert "bad-certificate-words" in printed.stderr.decode()


def test_the_words_name_no_certificate_twice() -> None:
    words = vocabulary.load_vocabulary()
    cores = [words.core(name) for meaning in words.meanings for name in dict.fromkeys(map(words.core, meaning.names))]
    assert sorted(core for core in set(cores) if cores.count(core) > 1) == []
    named = {words.core(name) for meaning in words.meanings for name in meaning.names}
    assert [name for broad in words.broad for name in broad.of if words.core(name) not in named] == []
