"""The pages of villages over HTTP: finding one by any of its names, and the question at the window."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from registry import database
from registry.demo.tables import divisions
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.drawing import examples
from tests.support.worlds import Line, decision

HTML = {"accept": "text/html"}
EVIL = "<script>alert('x')</script>\"&"
SINCE = "2000-01-01"


def unit(code: str, name: str, level: str, parent: str | None, **more: str) -> Line:
    kind = "village" if level == "village" else "government"
    above = {} if parent is None else {"parent": parent}
    return decision("UnitRegistered", SINCE, unit=code, name=name, level=level, kind=kind, **above, **more)


def matter(code: str, name: str, **more: object) -> Line:
    return decision("MatterDefined", SINCE, matter=code, kind="certificate", name=name, **more)


def adopted(code: str, polarity: str, instrument: str, **more: object) -> Line:
    kept = {"polarity": polarity, "covers": "certificate", "audience": "village", "instrument": instrument}
    return decision("ListAdopted", "2020-05-01", list=code, title=code, **kept, **more)


def entered(code: str, item: str, name: str, matter: str) -> Line:
    return decision("ListItemEntered", "2020-05-01", list=code, item=item, name=name, matter=matter)


WORLD = [
    unit("42", "湖北省", "province", None),
    unit("4206", "襄阳市", "prefecture", "42"),
    unit("420684", "宜城市", "county", "4206"),
    unit("420624", "南漳县", "county", "4206"),
    unit("T1", "郑集镇", "township", "420684"),
    unit("T2", "雷河镇", "township", "420684"),
    unit("T3", "武安镇", "township", "420624"),
    unit("T4", "安居土家族乡", "township", "420624"),
    unit("V1", "皇城村委会", "village", "T1"),
    unit("V2", "老庙村委会", "village", "T1"),
    unit("V3", "黄冲村委会", "village", "T1"),
    unit("V4", "石头坡村委会", "village", "T2"),
    unit("V5", "皇城村村民委员会", "village", "T3"),
    unit("V6", f"恶村{EVIL}", "village", "T4"),
    unit("V/8?a=1&%23 b", "怪码村委会", "village", "T4"),
    unit("V7", "雷河社区居民委员会", "village", "T2"),
    *(unit(f"W{number:02}", f"新建{number:02}村", "village", "T3") for number in range(45)),
    decision("UnitRenamed", "2020-01-01", unit="V2", name="茶庵村委会"),
    decision("UnitDissolved", "2022-01-01", unit="V3", successor="V1"),
    decision("UnitDissolved", "2023-01-01", unit="V4"),
    unit("T5", "旧镇", "township", "420624"),
    decision("UnitDissolved", "2020-01-01", unit="T5", successor="T3"),
    decision("InstrumentIssued", "2020-04-20", instrument="民发〔2020〕20号", title="指导意见", kind="notice"),
    decision("InstrumentIssued", "2020-04-20", instrument="宜办发〔2020〕1号", title="《十六项》清单", kind="notice"),
    matter(
        "C-KIN",
        "亲属关系证明",
        issuer=f"公安派出所{EVIL}",
        alternative="凭户口簿",
        online="https://example.gov.cn/kin?a=1&b=2",
        basis=["民发〔2020〕20号"],
    ),
    matter("C-DEAD", "死亡证明", issuer="医院", online="javascript:alert(1)"),
    matter("C-LAND", "承包地证明", materials=["身份证", f"合同{EVIL}"], procedure="当场开具"),
    matter("C-HOME", "宅基地证明"),
    matter("C-MOON", "月球旅行证明", issuer="航天局"),
    adopted("不开", "negative", "民发〔2020〕20号"),
    entered("不开", "1", "亲属关系证明", "C-KIN"),
    entered("不开", "2", "死亡证明", "C-DEAD"),
    adopted("能开", "positive", "宜办发〔2020〕1号", scope="420684"),
    entered("能开", "1", "承包地证明", "C-LAND"),
    entered("能开", "2", "宅基地证明", "C-HOME"),
    decision("ListItemWithdrawn", "2024-01-01", list="能开", item="2"),
    adopted("不得转", "negative", "民发〔2020〕20号") | {"covers": "duty"},
    decision("ListItemEntered", "2020-05-01", list="不得转", item="1", name="拆迁拆违", terms=["拆迁", "违建"]),
    decision("ListItemEntered", "2020-05-01", list="不得转", item="2", name="环境整治", terms=["污染整治"]),
    decision("BurdenReported", "2024-02-01", report="R-1", unit="V1", text="镇上让我们去拆违建"),
    decision("BurdenReported", "2024-02-01", report="R-2", unit="V1", text="每周都要填表"),
]


@contextmanager
def served(url: str, world: list[Line]) -> Iterator[Api]:
    """The API over a migrated database in which a world is recorded."""
    with database.connect(url) as connection:
        record(connection, world)
    with api(url) as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(module_database: Callable[[], str]) -> Iterator[Api]:
    with served(module_database(), WORLD) as query:
        yield query


def get(pages: Api, path: str, lang: str = "zh", **given: str) -> httpx.Response:
    """A page; whatever was asked, it is one that the server meant to give and that no script can live in."""
    page = pages.send("GET", path, params={**given, "lang": lang}, headers=HTML)
    assert page.status_code < 500, page.text
    assert "<script" not in page.text
    assert "javascript:" not in re.sub("<dd.*?</dd>", "", page.text)
    assert len(page.content) < 30_000
    return page


def links(page: httpx.Response) -> list[str]:
    """The villages that a page leads to, in its order."""
    return re.findall(r'href="/villages/(\w+)\?', page.text)


def areas(page: httpx.Response) -> list[str]:
    return re.findall(r'href="/villages\?in=(\w+)&', page.text)


def text(page: httpx.Response) -> str:
    """What is read on a page."""
    body = page.text.partition("<main>")[2]
    return re.sub(r"\s+", " ", html.unescape(re.sub("<[^>]*>", " ", body)))


# ------------------------------------------------------------------------------------------------------------ search


@pytest.mark.parametrize(
    ("words", "results"),
    [
        ("皇城村", ["V1", "V5"]),
        ("皇城村村民委员会", ["V1", "V5"]),
        ("皇城社区", ["V1", "V5"]),
        ("皇 城", ["V1", "V5"]),
        ("宜城皇城", ["V1"]),
        ("宜城市郑集镇皇城村委会", ["V1"]),
        ("南漳县 皇城", ["V5"]),
        ("湖北襄阳南漳皇城", ["V5"]),
        ("郑集 皇", ["V1"]),
        ("安居 恶", ["V6"]),
        ("雷河镇雷河社区", ["V7"]),
        ("老庙村", ["V2"]),  # its former name
        ("茶庵", ["V2"]),
        ("黄冲", ["V3"]),  # it is no more
        ("huangcheng", ["V1", "V5"]),
        ("ca", ["V2"]),
        ("宜城茶庵", ["V2"]),
        ("南漳茶庵", []),
        ("月球", []),
        ("Ｔ恶", []),
        ("44", ["W44"]),  # the code of none, but part of a name
        ("新建０7村", ["W07"]),
    ],
)
def test_a_village_is_found_by_what_people_call_it(pages: Api, words: str, results: list[str]) -> None:
    page = get(pages, "/villages", q=words)
    assert links(page) == results
    if not results and not areas(page):
        assert "没有找到" in page.text


@pytest.mark.slow
def test_every_real_village_of_a_county_is_found_by_its_name_its_township_and_its_pinyin(
    database_url: str,
) -> None:
    real = divisions()
    world = [unit(code, row["name"], row["level"], row.get("parent")) for code, row in real.items()]
    assert sum(row["level"] == "village" for row in real.values()) == 241
    with served(database_url, world) as query:
        for code, row in real.items():
            if row["level"] != "village":
                continue
            town = real[row["parent"]]["name"]
            stated = re.sub("(村委会|社区居委会|居委会)$", "", row["name"])
            sound = "".join(lazy_pinyin(stated))  # one village's name has a letter that nobody can say
            for words in (row["name"], f"宜城市{town}{row['name']}", f"{town} {stated}", *[sound] * sound.isascii()):
                assert code in links(get(query, "/villages", q=words)), words


def test_what_is_found_says_where_it_lies_what_it_was_called_and_whether_it_is_no_more(pages: Api) -> None:
    assert "湖北省襄阳市宜城市郑集镇" in get(pages, "/villages", q="皇城").text
    assert "原老庙村委会" in get(pages, "/villages", q="老庙").text
    assert "已撤销" in get(pages, "/villages", q="黄冲").text
    assert "dissolved" in get(pages, "/villages", "en", q="黄冲").text


def test_places_lead_to_what_lies_in_them(pages: Api) -> None:
    assert areas(get(pages, "/villages")) == ["420624", "420684"]
    assert areas(get(pages, "/villages", **{"in": "420684"})) == ["42", "4206", "T1", "T2"]
    assert links(get(pages, "/villages", **{"in": "T1"})) == ["V1", "V2"]
    assert areas(get(pages, "/villages", q="宜城市")) == ["420684"]
    assert areas(get(pages, "/villages", q="420684")) == ["420684"]
    assert areas(get(pages, "/villages", q="安居")) == ["T4"]
    assert areas(get(pages, "/villages", q="南漳茶庵")) == ["420624"]
    assert links(get(pages, "/villages", q="皇城", **{"in": "420624"})) == ["V5"]
    assert links(get(pages, "/villages", q="皇", **{"in": "T1"})) == ["V1"]
    assert get(pages, "/villages/420684").headers["location"] == "/villages?in=420684&lang=zh"
    assert get(pages, "/villages", **{"in": "T5"}).headers["location"] == "/villages?in=T3&lang=zh"
    assert get(pages, "/villages", **{"in": "V1"}).headers["location"] == "/villages/V1?lang=zh"
    assert get(pages, "/villages", **{"in": "nowhere"}).status_code == 404


def test_many_are_reported_in_pages_each_once(pages: Api) -> None:
    answer = [links(get(pages, "/villages", q="新建", page=str(number))) for number in (1, 2, 3)]
    assert [len(page) for page in answer] == [20, 20, 5]
    assert [code for page in answer for code in page] == [f"W{number:02}" for number in range(45)]
    for beyond in ("4", "0", "-1", "x", "9999999999", "１"):
        assert links(get(pages, "/villages", q="新建", page=beyond)) in answer


# ----------------------------------------------------------------------------------------------------------- village


@pytest.mark.parametrize(
    ("words", "verdict", "en"),
    [
        ("承包地", "可以开", "Yes"),
        ("证明我妈是我妈的亲属关系", "不能开", "No"),
        ("月球旅行证明", "清单上没有", "Not on the list"),
        ("天气咋样", "没听懂", "Not understood"),
        ("x" * 5000, "没听懂", "Not understood"),
    ],
)
def test_the_verdict_is_a_word_and_a_colour(pages: Api, words: str, verdict: str, en: str) -> None:
    page = get(pages, "/villages/V1", q=words)
    assert re.search(r'class="answer (\w+)".*?class="verdict">([^<]*)<', page.text, re.DOTALL)[2] == verdict
    english = get(pages, "/villages/V1", "en", q=words)
    assert f'class="verdict">{en}' in english.text
    assert page.headers["cache-control"] == "private, no-store"


def test_an_answer_says_who_how_where_and_by_which_document(pages: Api) -> None:
    page = get(pages, "/villages/V1", q="亲属关系证明")
    answer = text(page)
    assert f"该找谁开 公安派出所{EVIL} 用什么代替 凭户口簿 网上办理、查询 https://example.gov.cn/kin?a=1&b=2" in answer
    assert "依据： 《指导意见》（民发〔2020〕20号）" in answer
    assert 'href="https://example.gov.cn/kin?a=1&amp;b=2" rel="noreferrer noopener"' in page.text
    answer = text(get(pages, "/villages/V1", q="承包地证明"))
    assert (
        f"谁来开 皇城村委会 要带什么 身份证 合同{EVIL} 怎么办理 当场开具 依据： 《十六项》清单（宜办发〔2020〕1号）"
        in answer
    )
    assert 'href="javascript' not in get(pages, "/villages/V1", q="死亡证明").text


def test_the_page_lists_what_the_village_may_and_may_not_issue(pages: Api) -> None:
    answer = text(get(pages, "/villages/V1"))
    assert "村里可以开的证明（1项） 承包地证明 依据：" in answer
    assert "村里不开的证明，该找谁（2项） 死亡证明 找 医院 亲属关系证明 找 公安派出所" in answer
    assert "What the village issues (1)" in get(pages, "/villages/V1", "en").text
    assert "还没有适用于本村的证明清单" not in answer
    assert "村里可以开的证明" not in get(pages, "/villages/V5").text  # of another county


def test_what_may_not_be_laid_on_the_village_is_not_taken_for_a_certificate(pages: Api) -> None:
    page = get(pages, "/villages/V1", q="拆违建让我们村去拆")
    assert "不该由村里负责 拆迁拆违 " in text(page)
    assert "依据： 《指导意见》（民发〔2020〕20号）" in text(page)
    assert 'href="/villages/V1/report?lang=zh"' in page.text
    assert 'id="answer"' not in page.text
    # Who asks for a certificate is answered about that too.
    both = get(pages, "/villages/V1", q="要开个没有违建的证明").text
    assert 'id="forbidden"' in both
    assert 'id="answer"' in both
    assert 'id="forbidden"' not in get(pages, "/villages/V1", q="死亡证明").text
    # A name is in that of other matters; what is none of the village's by no list leads on.
    other = get(pages, "/villages/V1", q="人居环境整治")
    assert 'id="forbidden"' not in other.text
    assert "是上面布置下来的事？" in text(other)


def test_who_answers_a_report_is_shown_what_negative_lists_say_of_it(pages: Api) -> None:
    shown, other = (pages.send("GET", f"/reports/{one}", params={"lang": "zh"}, headers=HTML) for one in ("R-1", "R-2"))
    assert "负面清单上的事" in shown.text
    assert ">拆迁拆违（<" in shown.text
    assert "负面清单上的事" not in other.text


def test_the_lists_of_a_village_begin_with_their_contents(pages: Api) -> None:
    page = pages.send("GET", "/units/V1/lists", params={"lang": "zh"}, headers=HTML)
    contents = re.findall(r'<li><a href="#([a-z-]+)">', page.text)
    assert contents == re.findall(r'<ul class="about" id="([a-z-]+)">', page.text)
    assert "village-forbidden" in contents
    assert "不能交给村里办的事" in page.text  # in plain words, as the village's own page has it
    assert "村里不开的证明：由别处开，或者不用开" in page.text
    assert 'href="/villages/V1?lang=zh"' in page.text  # where it says who issues each
    assert re.search('data-head="关键词"[^>]*>拆迁、违建<', page.text)  # as cards, where the screen is narrow


def test_who_asks_about_a_certificate_where_villages_are_found_is_led_to_them(pages: Api) -> None:
    page = get(pages, "/villages", q="居住证明村里能开吗")
    assert "再在村的页面上问证明的事" in text(page)
    assert 'href="/villages?lang=zh"' in page.text


def test_a_day_gone_by_is_answered_as_it_was_and_marked_so(pages: Api) -> None:
    page = get(pages, "/villages/V1", q="宅基地证明", as_of="2023-06-01")
    assert ">可以开<" in page.text
    assert "您看的是 2023年6月1日 的情形" in text(page)
    assert 'name="as_of" value="2023-06-01"' in page.text
    assert ">清单上没有<" in get(pages, "/villages/V1", q="宅基地证明").text
    assert "村里可以开的证明" not in get(pages, "/villages/V1", as_of="2020-04-30").text
    assert "老庙村委会" in get(pages, "/villages/V2", as_of="2019-06-01").text
    assert "黄冲村委会" in get(pages, "/villages/V3", q="承包地", as_of="2021-06-01").text
    for bad in ("gestern", "2023-02-30", "20230601", "２０２３-06-01", "9" * 10):
        refused = get(pages, "/villages/V1", as_of=bad)
        assert refused.status_code == 400
        assert "bad-value" in refused.text
    assert get(pages, "/villages/V1", as_of="9999-12-31").status_code == 200
    assert get(pages, "/villages/V1", as_of="1999-12-31").status_code == 404


def test_a_village_that_is_no_more_says_where_it_went(pages: Api) -> None:
    page = get(pages, "/villages/V3", q="承包地")
    assert "已于 2022年1月1日 撤销" in text(page)
    assert links(page) == ["V1"]
    assert "no successor" in get(pages, "/villages/V4", "en").text.lower()


def test_a_code_may_hold_what_means_something_in_an_address(pages: Api) -> None:
    (link,) = re.findall(r'href="(/villages/[^"]*)"', get(pages, "/villages", q="怪码").text)
    page = pages.send("GET", html.unescape(link), headers=HTML)
    assert "怪码村委会" in page.text
    (form,) = re.findall(r'<form action="([^"]*)"', page.text)
    assert "怪码村委会" in get(pages, html.unescape(form), q="亲属关系").text
    for other in re.findall(r'href="(/[^"]*)"', page.text):
        assert pages.send("GET", html.unescape(other), headers=HTML).status_code == 200, other


@pytest.mark.parametrize("code", ["nowhere", "%00", "V1%2F..%2F..", EVIL, "４２", "x" * 3000])
def test_an_unknown_village_is_a_page_with_its_code_in_both_languages(pages: Api, code: str) -> None:
    address = "/villages/" + (code if "%" in code else quote(code, safe=""))
    page = get(pages, address)
    assert page.status_code == 404
    assert re.search("unknown-unit|not-found", page.text)
    assert re.search("没有", page.text)
    assert "here is no" in page.text
    query = pages.send("GET", address, headers={"accept": "application/json"})
    assert query.status_code == 404
    assert query.json()["errors"][0]["extensions"]["code"] in ("unknown-unit", "not-found")


def test_links_keep_the_language_the_day_and_the_question(pages: Api) -> None:
    page = get(pages, "/villages/V1", "en", q="关系", as_of="2023-06-01")
    other = re.search(r'class="other" href="([^"]*)"', page.text)
    assert html.unescape(other[1]) == f"?q={quote('关系')}&as_of=2023-06-01&lang=zh"
    for link in re.findall(r'href="(/[^"]*)"', page.text):
        assert "lang=en" in link
    further = re.findall(r'href="(/villages/V1\?q=[^"]*)"', page.text)[1:]
    assert further
    assert all("as_of=2023-06-01" in link for link in further)


def test_names_are_shown_as_names_and_nothing_else(pages: Api) -> None:
    for path in ("/villages/V6", "/villages?in=T4", "/villages?q=恶村"):
        page = pages.send("GET", path, headers=HTML)
        assert "<script" not in page.text
        assert html.escape(EVIL, quote=False)[:20] in page.text


@examples(30)
@example(f'"><img src=x onerror=alert(1)>{EVIL}')
@example("%' OR 1=1 --")
@example("_%\\")
@example("\0\ud7ff\u202e\x1b[2J")
@example("宜城" * 400)
@given(st.text(max_size=400))
def test_nothing_in_a_request_breaks_a_page(pages: Api, as_of: str) -> None:
    for path in ("/villages", "/villages/V1"):
        page = get(pages, path, q=as_of)
        assert page.status_code == 200
        assert page.text.count("<html") == 1
        shown = re.search(r'name="q" value="([^"]*)"', page.text)
        assert shown
        assert "<" not in shown[1]
        assert page.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path", ["/", "/villages", "/villages/V1", "/villages/V1?q=关系&as_of=2023-06-01", "/villages/V3"]
)
def test_every_link_leads_somewhere(pages: Api, path: str) -> None:
    matches = set(re.findall(r'href="(/[^"]*)"', pages.send("GET", path, headers=HTML).text))
    assert matches
    for link in matches:
        assert pages.send("GET", html.unescape(link), headers=HTML).status_code in (200, 303), link


def test_the_page_and_the_api_say_the_same(pages: Api) -> None:
    for words in ("承包地", "亲属关系", "月球旅行证明", "天气咋样"):
        content = pages.send("GET", "/v1/villages/V1/certificates", params={"q": words}).json()
        assert f'class="answer {content["status"]}"' in get(pages, "/villages/V1", q=words).text


def test_a_page_without_its_database_says_so_and_what_to_do() -> None:
    with api("postgresql://nobody@127.0.0.1:1/nothing") as client:
        for path in ("/villages", "/villages/V1?q=x"):
            page = client.send("GET", path, headers=HTML)
            assert page.status_code == 503
            assert page.headers["cache-control"] == "private, no-store"
            assert "database-unavailable" in page.text
            assert "请管理员检查数据库" in page.text
            assert "have the database checked" in page.text
        assert client.send("GET", "/").status_code == 200
        answer = client.send("GET", "/villages", headers={"accept": "application/json"})
        assert answer.json()["errors"][0]["extensions"]["code"] == "database-unavailable"
