"""Lists that come in over HTTP: from a program, and on the page, where nothing is recorded before it is seen."""

from __future__ import annotations

import html
import re

import httpx
import psycopg
import pytest

from registry.log import recorder
from registry.web import forms
from tests.support.api_client import Api
from tests.support.sheets_county import COUNTY

PAPER = "宜办发〔2025〕6号"
TEXT = "配合履职事项清单\n序号,事项名称,对应上级部门\n1,社区矫正工作,司法局\n2,人口普查入户登记工作,统计局\n"
PLAIN = TEXT.replace("人口普查入户登记工作", "人口普查入户登记")
PAGE = {"accept": "text/html"}


READING = "township-assist:positive:township:420684"


@pytest.fixture
def connection(shared_api: tuple[psycopg.Connection, Api]) -> psycopg.Connection:
    """A connection to the database of `county`."""
    return shared_api[0]


def send(registry: Api, text: str, **parameters: str) -> httpx.Response:
    """A file sent by a program, with the reading stated."""
    arguments = {"county": COUNTY, "instrument": PAPER, "as": "ASSIST", "filename": "清单.csv", "reading": READING}
    arguments |= parameters
    return registry.send("POST", "/v1/lists", params=arguments, content=text.encode())


def submit(
    registry: Api, text: str | None, lang: str = "zh", name: str = "清单.csv", **fields: str | list[str]
) -> httpx.Response:
    """The form of the page, filled in and sent with its token; None: without a file."""
    token = hidden(registry.send("GET", "/lists/import", headers=PAGE).text)["token"]
    filled = {"token": token, "county": COUNTY, "instrument": PAPER, "as": "ASSIST"} | fields
    files = {"file": (name, text.encode())} if text is not None else {"file": ("", b"")}
    answer = registry.send("POST", f"/lists/import?lang={lang}", data=filled, files=files, headers=PAGE)
    return registry.settled(answer, headers=PAGE)


def hidden(page: str) -> dict[str, str]:
    """What the form brings back by itself."""
    form = page.partition('<form id="import"')[2].partition("</form>")[0]
    matches = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return {html.unescape(name): html.unescape(value) for name, value in matches}


def test_a_program_sends_a_file_and_reads_what_came_of_it(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    shown = send(county, PLAIN, dry_run="1")
    assert shown.status_code == 200
    content = shown.json()
    assert (content["recorded"], content["problems"]) == (0, [])
    assert content["tables"][0]["columns"]["name"] == {"heading": "事项名称", "place": "清单!B2"}
    assert [one["type"] for one in content["decisions"]] == ["ListAdopted", "ListItemEntered", "ListItemEntered"]
    assert recorder.head(connection)[0] == before
    done = send(county, PLAIN, shown=content["digest"])
    assert (done.status_code, done.json()["recorded"]) == (200, 3)
    assert recorder.head(connection)[0] == before + 3
    again = send(county, PLAIN)
    assert (again.status_code, again.json()["recorded"]) == (200, 0)
    late = send(county, PLAIN, shown=content["digest"])
    assert (late.status_code, late.json()["errors"][0]["extensions"]["code"]) == (409, "conflict")


def test_a_program_must_state_what_the_list_is(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    (question,) = send(county, PLAIN, dry_run="1").json()["questions"]
    assert question["reading"] == READING
    assert question["question"]["en"] == (
        "These are 2 duties that townships of 宜城市 help with, from 2025-03-01, by 宜办发〔2025〕6号. Right?"
    )
    assert question["samples"][0] == {"place": "清单!B3", "name": "社区矫正工作"}
    fields = {"kind": "township-assist", "polarity": "positive", "audience": "township", "scope": COUNTY}
    for missing in fields:
        unstated = send(county, PLAIN, reading="", **{name: text for name, text in fields.items() if name != missing})
        assert unstated.status_code == 422
        assert [problem["code"] for problem in unstated.json()["problems"]] == ["not-stated"]
    otherwise = send(county, PLAIN, reading="township-basic:positive:township:420684")
    assert [problem["code"] for problem in otherwise.json()["problems"]] == ["stated-otherwise"]
    forbidding = send(county, PLAIN, reading="", **(fields | {"polarity": "negative"}))
    assert [problem["code"] for problem in forbidding.json()["problems"]] == ["contradicts-file"]
    assert recorder.head(connection)[0] == before
    assert send(county, PLAIN, reading="", **fields).json()["recorded"] == 3


def test_the_page_asks_in_words_and_the_first_post_records_nothing(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    at_once = submit(county, PLAIN, record="1")
    assert "这是 2 项职责，由宜城市各镇（街道）配合，自 2025-03-01 起，依据宜办发〔2025〕6号。对吗？" in at_once.text
    assert recorder.head(connection)[0] == before
    english = submit(county, PLAIN, "en")
    assert "These are 2 duties that townships of 宜城市 help with" in english.text
    submit(county, None, **hidden(english.text), record="1")
    assert recorder.head(connection)[0] == before + 3


def test_a_list_like_one_in_force_is_asked_about(county: Api, connection: psycopg.Connection) -> None:
    first = submit(county, PLAIN)
    submit(county, None, **hidden(first.text), record="1")
    before = recorder.head(connection)[0]
    question = submit(county, PLAIN, **{"as": ""})
    assert "同类、同范围的清单已有：ASSIST " in question.text
    assert 'name="record"' not in question.text
    beside = submit(county, PLAIN, **{"as": "ASSIST-B"})
    assert "同类、同范围的清单已有：ASSIST " in beside.text
    assert 'name="record"' in beside.text
    assert recorder.head(connection)[0] == before
    assert send(county, PLAIN, **{"as": "ASSIST-B"}).json()["recorded"] == 3


def test_columns_changed_after_a_look_are_looked_at_again(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    text = "配合履职事项清单\n序号,事项名称,对应上级部门,说明\n1,社区矫正工作,司法局,甲\n2,人口普查入户登记,统计局,乙\n"
    shown = submit(county, text)
    above_the_sheet = shown.text.partition("<details>")[0]
    assert '<button form="import">照所选的列重新查看，先不记录</button>' in above_the_sheet
    changed = {"column:1:清单:说明": "-"}
    again = submit(county, None, **hidden(shown.text), **changed, record="1")
    assert "列的含义或填写的内容在查看之后改动过，没有记录" in again.text
    assert "登记簿或文件已有变动" not in again.text
    assert recorder.head(connection)[0] == before
    submit(county, None, **hidden(again.text), **changed, record="1")
    assert recorder.head(connection)[0] == before + 3


def test_two_columns_that_are_said_to_be_one_field_are_asked_about(county: Api) -> None:
    text = "配合履职事项清单\n序号,事项名称,对应上级部门,说明\n1,社区矫正工作,司法局,甲\n2,人口普查入户登记,统计局,乙\n"
    one = submit(county, text, **{"column:1:清单:说明": "name"})
    assert "“事项名称”一列与另一列同为“事项名称”，记入附注" in one.text
    both = submit(county, text, **{"column:1:清单:说明": "name", "column:1:清单:事项名称": "name"})
    assert "“说明”“事项名称”几列同为“事项名称”" in both.text
    assert 'name="record"' not in both.text


def test_a_table_of_headings_alone_names_the_list_that_stands_by_its_title(county: Api) -> None:
    assert "请核对是否选错了文件或工作表" in submit(county, "配合履职事项清单\n序号,事项名称,对应上级部门\n").text
    submit(county, None, **hidden(submit(county, PLAIN).text), record="1")
    page = submit(county, "配合履职事项清单\n序号,事项名称,对应上级部门\n").text
    assert "（ASSIST）没有改动；如要废止，请另行登记它的废止。" in page
    assert "ListRepealed" not in page


def test_a_file_of_no_known_kind_is_not_said_to_be_a_question_mark(county: Api) -> None:
    page = submit(county, "\1\2\3\4\5\6\7\10" * 9, name="清单.bin").text
    assert "看不出是什么文件，不是文字" in page


def test_what_is_wrong_is_reported_by_cell_and_nothing_is_recorded(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    refused = send(county, TEXT)
    assert refused.status_code == 422
    (problem,) = refused.json()["problems"]
    assert (problem["place"], problem["code"]) == ("清单!B4", "needs-confirmation")
    assert problem["message"].keys() == {"zh", "en"}
    assert refused.json()["open"]["matters"] == {"人口普查入户登记工作": {"D-CENSUS": "人口普查入户登记"}}
    assert recorder.head(connection)[0] == before
    decided = send(county, TEXT, **{"matter:人口普查入户登记工作": "D-CENSUS"})
    assert decided.json()["recorded"] == 3


def test_what_is_not_clear_is_answered_on_the_page_and_by_rest(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    text = "宜城市村级组织出具证明事项清单\n序号,证明名称,备注\n1,示例甲证明,拟取消\n2,示例乙证明,\n"
    page = submit(county, text)
    assert '<select name="row:拟取消">' in page.text
    assert "“拟取消”的事项，是否列入清单？" in page.text
    assert "--" not in re.sub(r"<[^>]*>", "", page.text)
    answered = submit(county, None, **hidden(page.text), **{"row:拟取消": "keep"})
    assert "这是 2 项证明，可以由宜城市各村（社区）出具" in answered.text
    refused = send(county, text)
    assert refused.json()["open"]["rows"] == ["拟取消"]
    assert "row:拟取消" in refused.json()["problems"][0]["message"]["zh"]
    assert recorder.head(connection)[0] == before
    assert send(county, text, **{"row:拟取消": "deny"}, dry_run="1").json()["problems"] == []


@pytest.mark.parametrize(
    ("parameters", "status", "code"),
    [
        ({"county": ""}, 400, "bad-value"),
        ({"kind": "nonsense"}, 400, "bad-value"),
        ({"from": "2025-13-01"}, 400, "bad-value"),
        ({"quota": "-1"}, 400, "bad-value"),
        ({"accept": "all"}, 400, "bad-value"),
        ({"instrument_title": "x"}, 400, "bad-value"),
        ({"county": "nobody"}, 422, None),
        ({"instrument": "\0"}, 400, "bad-value"),
    ],
)
def test_bad_requests_are_answered(county: Api, parameters: dict[str, str], status: int, code: str | None) -> None:
    answer = send(county, PLAIN, **parameters)
    assert answer.status_code == status, answer.text
    if code:
        assert answer.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "days",
    [
        {"from": "9999-12-31"},
        {"instrument": "宜办发〔2026〕99号", "instrument_title": "关于印发清单的通知", "issued_on": "9999-12-31"},
    ],
    ids=["first day", "day of the document"],
)
def test_the_day_that_stands_for_no_end_is_no_first_day(
    county: Api, connection: psycopg.Connection, days: dict[str, str]
) -> None:
    before = recorder.head(connection)[0]
    answer = send(county, PLAIN, **days)
    assert answer.status_code == 422, answer.text
    problem = next(each for each in answer.json()["problems"] if each["code"] == "endless-day")
    assert "9999-12-31" in problem["message"]["zh"]
    page = html.unescape(submit(county, PLAIN, **days).text)
    assert "9999-12-31 表示没有期限" in page
    assert recorder.head(connection)[0] == before


@pytest.mark.parametrize("content", [b"", b"\0\1\2", b"PK\3\4 no", "没有表".encode()])
def test_what_is_no_list_is_reported(county: Api, content: bytes) -> None:
    arguments = {"county": COUNTY, "instrument": PAPER}
    answer = county.send("POST", "/v1/lists", params=arguments, content=content)
    assert answer.status_code == 422
    assert answer.json()["problems"]


def test_too_much_is_refused(county: Api) -> None:
    answer = county.send("POST", "/v1/lists", params={"county": COUNTY}, content=b"x" * (28 << 20))
    assert answer.status_code == 413
    large = county.send("POST", "/v1/lists", params={"county": COUNTY, "instrument": PAPER}, content=b"x" * (21 << 20))
    assert [problem["code"] for problem in large.json()["problems"]] == ["too-large"]


@pytest.mark.parametrize("headers", [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_page_of_another_site_records_nothing(county: Api, headers: dict[str, str]) -> None:
    arguments = {"county": COUNTY, "instrument": PAPER}
    answer = county.send("POST", "/v1/lists", params=arguments, content=PLAIN.encode(), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "forbidden")


def test_on_the_page_nothing_is_recorded_before_it_is_seen(county: Api, connection: psycopg.Connection) -> None:
    before = recorder.head(connection)[0]
    form = county.send("GET", "/lists/import", headers=PAGE)
    assert form.status_code == 200
    assert 'enctype="multipart/form-data"' in form.text
    open_questions = submit(county, TEXT)
    assert "清单!B4" in open_questions.text
    assert 'name="record"' not in open_questions.text
    assert '<option value="D-CENSUS">' in open_questions.text
    kept = hidden(open_questions.text)
    shown = submit(county, None, **kept, **{"matter:人口普查入户登记工作": "D-CENSUS"})
    assert 'name="record"' in shown.text
    assert "人口普查入户登记工作" in shown.text
    assert recorder.head(connection)[0] == before
    done = submit(county, None, **hidden(shown.text), record="1")
    assert "已记录 3 项决定" in done.text
    assert recorder.head(connection)[0] == before + 3
    late = submit(county, None, **hidden(shown.text), record="1")
    assert "重新查看" in late.text
    assert recorder.head(connection)[0] == before + 3
    assert "没有要记录的" in submit(county, None, **hidden(shown.text)).text


def test_the_page_speaks_english_and_needs_no_script(county: Api) -> None:
    page = county.send("GET", "/lists/import?lang=en", headers=PAGE)
    assert "Drop a file here" in page.text
    assert set(re.findall("<script(.)", page.text)) <= {" "}  # of ours, by their address: none in the page
    shown = submit(county, PLAIN, "en", 'a"<b>.csv', **{"as": ""})
    assert "Yes, record these 3 decisions" in shown.text
    assert "<b>.csv" not in shown.text
    refused = submit(county, PLAIN, "en", instrument="")
    assert refused.status_code == 400
    assert refused.headers["content-type"].startswith("text/html")
    assert "“Number of the document” must be given." in refused.text
    assert hidden(refused.text)["filename"] == "清单.csv"  # what was entered is kept


@pytest.mark.parametrize("origin", ["null", "http://[", "https://elsewhere.example", "http://registry"])
@pytest.mark.parametrize("site", ["same-origin", "none", None])
def test_a_form_of_ours_is_taken_whatever_origin_the_browser_writes(county: Api, origin: str, site: str | None) -> None:
    token = hidden(county.send("GET", "/lists/import", headers=PAGE).text)["token"]
    headers = PAGE | {"origin": origin} | ({"sec-fetch-site": site} if site else {})
    filled = {"token": token, "county": COUNTY, "instrument": PAPER, "as": "ASSIST"}
    files = {"file": ("清单.csv", PLAIN.encode())}
    shown = county.settled(county.send("POST", "/lists/import", data=filled, files=files, headers=headers))
    assert shown.status_code == 200
    assert 'name="record"' in shown.text


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_form_of_another_site_is_refused_though_its_token_is_good(
    county: Api, site: str, connection: psycopg.Connection
) -> None:
    before = recorder.head(connection)[0]
    token = hidden(county.send("GET", "/lists/import", headers=PAGE).text)["token"]
    filled = {"token": token, "county": COUNTY, "instrument": PAPER, "record": "1", "shown": ""}
    files = {"file": ("清单.csv", PLAIN.encode())}
    refused = county.send("POST", "/lists/import", data=filled, files=files, headers=PAGE | {"sec-fetch-site": site})
    assert refused.status_code == 403
    assert "不接受其他网站的页面提交的内容" in refused.text
    assert recorder.head(connection)[0] == before


def test_a_form_without_its_token_is_shown_again_with_what_was_entered(
    county: Api, connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = recorder.head(connection)[0]
    shown = hidden(submit(county, PLAIN).text)
    for token in ("", "forged", shown["token"][:-1] + "~"):
        again = submit(county, None, **(shown | {"token": token, "record": "1"}))
        assert again.status_code == 403
        assert "没有收到本页的校验信息" in again.text
        assert hidden(again.text)["upload"] == shown["upload"]
        assert f'name="instrument" value="{PAPER}"' in again.text
    with monkeypatch.context() as later:
        later.setattr(forms, "AGE", -1)
        expired = submit(county, None, "en", **(shown | {"record": "1"}))
    assert expired.status_code == 403
    assert "This page was open for too long" in expired.text
    county.client.cookies.clear()  # the token alone, without the browser's cookie, is not enough
    filled = {"token": shown["token"], "county": COUNTY, "instrument": PAPER}
    stolen = county.send("POST", "/lists/import", data=filled, files={"file": ("a.csv", b"x")}, headers=PAGE)
    assert stolen.status_code == 403
    assert recorder.head(connection)[0] == before


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(county: Api) -> None:
    cookie = county.send("GET", "/lists/import", headers=PAGE).headers["set-cookie"]
    assert re.fullmatch(r"quanze_form=[\w-]{22}; HttpOnly; Path=/; SameSite=lax", cookie)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("multipart/form-data", b"x", 400),  # no boundary
        ("multipart/form-data; boundary=x", b"--y\r\n", 400),
        ("multipart/form-data; boundary=x", b"", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--',
            400,
        ),
        ("multipart/form-data; boundary=x; charset=nonsense", b"--x\r\n\r\n--x--", 400),
    ],
)
def test_a_broken_form_is_a_bad_request(county: Api, kind: str, body: bytes, status: int) -> None:
    answer = county.send("POST", "/v1/lists", content=body, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["extensions"]["code"] in ("bad-request", "bad-value")


def test_a_file_brought_back_by_the_form_must_be_whole(county: Api) -> None:
    answer = submit(county, None, content="QQ=", filename="a.csv")
    assert answer.status_code == 400
    assert "随表单带回的文件不完整" in answer.text


def test_a_program_sends_a_form_too(county: Api) -> None:
    filled = {"county": COUNTY, "instrument": PAPER, "as": "ASSIST", "dry_run": "1"}
    answer = county.send("POST", "/v1/lists", data=filled, files={"file": ("清单.csv", PLAIN.encode())})
    assert (answer.status_code, len(answer.json()["decisions"])) == (200, 3)


@pytest.mark.parametrize("path", ["/lists/import", "/v1/lists"])
def test_each_face_calls_an_option_what_it_calls_it(county: Api, path: str) -> None:
    """No page and no answer of the API names options of the command line, and no page what only the API knows."""
    other = TEXT.replace("配合履职事项清单", "某某表")
    filled = {"county": COUNTY, "instrument": "无此文件", "as": "X"}
    if path == "/lists/import":
        filled["token"] = hidden(county.send("GET", path, headers=PAGE).text)["token"]
    for text in (TEXT, other, "x,y\n1,2\n"):
        answer = county.send("POST", path, data=filled, files={"file": ("a.csv", text.encode())}, headers=PAGE)
        shown = re.sub(r'name="token" value="[^"]*"', "", answer.text)  # drawn at random, so it may have any letters
        assert not re.search(r"--[a-z]|映射文件|mapping file", shown)
        if path == "/lists/import":
            assert "instrument_title" not in re.sub("<[^>]*>", "", answer.text)


def test_the_county_and_the_list_are_named_as_people_name_them(county: Api, connection: psycopg.Connection) -> None:
    name = "宜城市"
    assert "没有县（市、区）“没有市”" in submit(county, PLAIN, county="没有市").text
    several = submit(county, PLAIN, county="宜城").text
    assert "请选是哪一个（只列出前" in several  # for nearly all of the county's units are called so
    assert "）：宜城市" in several
    for town in ("宜城市小河镇人民政府", "420684102"):
        assert "是乡级单位，不是县（市、区）" in submit(county, PLAIN, county=town).text
    by_name = submit(county, PLAIN, county=name, **{"as": "NAMED"}).text
    assert f'name="county" value="{COUNTY}"' in by_name
    first = submit(county, PLAIN, county=name, record="1", shown=hidden(by_name)["shown"], **{"as": "NAMED"})
    assert "已记录" in first.text
    title = "配合履职事项清单"
    shorter = PLAIN.rpartition("2,")[0]
    page = submit(county, shorter, county=name, missing="withdraw", **{"as": f"{title}（NAMED）"}).text
    assert 'name="as" value="NAMED"' in page
    assert "人口普查入户登记" in page.partition("将记录的决定")[2]  # what is taken off, by its name


def test_who_hands_down_is_told_from_who_takes_on(county: Api) -> None:
    heads = ("序号,事项名称,职权类型,实施主体,承接乡镇", "序号,事项名称,职权类型,承接乡镇,实施主体")
    rows = ("1,安全生产行政检查,行政检查,应急管理局,金马镇", "1,安全生产行政检查,行政检查,金马镇,应急管理局")
    for head, row in zip(heads, rows, strict=True):
        page = submit(county, f"赋权清单\n{head}\n{row}\n", **{"as": "GIVEN"}).text
        assert "“金马镇”" in page.partition("须改正")[2], head  # and not all towns for one that there is not


def test_every_row_is_accounted_for(county: Api) -> None:
    text = PLAIN.replace("清单\n", "清单（共3项）\n", 1).replace("2,", "*2,", 1) + "注：带*的试点。\n"
    answer = send(county, text, dry_run="1").json()
    (table,) = answer["tables"]
    assert table["read"] == {"item": 2, "title": 1, "heading": 1, "note": 1}
    assert [(row["row"], row["place"], row["use"]) for row in table["accounts"]] == [
        (1, "清单!A1", "title"),
        (2, "清单!A2", "heading"),
        (3, "清单!A3", "item"),
        (4, "清单!A4", "item"),
        (5, "清单!A5", "note"),
    ]
    assert [(one["code"], one["warning"]) for one in answer["problems"]] == [
        ("marked-rows", True),
        ("count-differs", False),
    ]
    page = submit(county, text).text
    assert "读入 5 行：事项 2、标题 1、表头 1、注释 1。" in page
    assert "请选用 “项数不符也导入”" in page
    taken = submit(county, text, lang="en", miscounted="1").text
    assert "5 rows read: items 2, titles 1, headings 1, notes 1." in taken
    assert "To be put right" not in taken


def test_texts_that_were_not_understood_are_one_choice_on_the_page(county: Api) -> None:
    text = PLAIN + "街道那边的活归片区包圆,,\n"
    page = submit(county, text).text
    assert "有 1 处没有读懂" in page
    box = 'name="note:街道那边的活归片区包圆"'
    assert f'<input type="radio" {box} value="nothing"> 不影响任何事项，照表记录' in page
    assert [name for _, name in ticked(page)] == ["社区矫正工作", "人口普查入户登记"]
    settled = submit(county, text, **{"note:街道那边的活归片区包圆": "nothing"}).text
    assert "没有读懂" not in settled
    assert "请核对，再记录" in settled


@pytest.mark.parametrize("line", ["街道那边的活归片区包圆", "以上事项中涉及执法的，过渡期内暂由县级执行"])
def test_the_rows_that_a_text_changes_are_ticked_and_then_asked_about_one_by_one(county: Api, line: str) -> None:
    text = PLAIN.rstrip() + f"\n3,森林防灭火,应急管理局\n{line},,\n"
    page = submit(county, text).text
    (question,) = re.findall('type="radio" name="(note:[^"]+)"', page)
    boxes: dict[str, str | list[str]] = {html.unescape(question): ["2", "3"]}
    answered = submit(county, text, "zh", "清单.csv", **boxes).text
    assert "没有读懂" not in answered
    rows = re.findall('<select name="(row:[^"]+)">', answered)
    assert [html.unescape(name).partition("：")[0] for name in rows] == ["row:2", "row:3"]
    assert 'name="record"' not in answered
    kept = hidden(answered)
    assert kept[html.unescape(question)] == "2、3"
    settled = submit(county, None, **(kept | {html.unescape(rows[0]): "end", html.unescape(rows[1]): "keep"})).text
    entered = re.findall('data-head="名称"[^>]*>([^<]+)</td>', settled.partition("将记录的决定")[2])
    assert "森林防灭火" in entered
    assert "社区矫正工作" in entered
    assert "人口普查入户登记" not in entered
    boxes = {html.unescape(question): ["nothing", "2"]}  # who ticks a row means it
    both = submit(county, text, "zh", "清单.csv", **boxes).text
    assert len(re.findall('<select name="row:', both)) == 1


def ticked(page: str) -> list[tuple[str, str]]:
    """The rows that can be ticked for the texts of a page: number and name."""
    return re.findall(r'<input type="checkbox" name="note:[^"]*" value="([^"]*)"> \1 <span[^>]*>([^<]*)', page)


def test_several_texts_are_called_by_words_and_what_seems_harmless_is_part_of_the_confirmation(county: Api) -> None:
    page = submit(county, PLAIN + "注：县里说了算,,\n注：拿给第三方做,,\n").text
    assert "有 2 处没有读懂" in page
    assert "“县里说了算等2处”是否影响某些事项？" in page
    page = submit(county, PLAIN + "打印份数：40,,\n").text
    assert "有 1 处没有读懂，看来不影响事项，只作说明" in page
    assert "表外另有 1 处文字（见提示）不影响这些事项。对吗？" in page


def test_what_takes_long_shows_how_far_it_is_and_leads_on(county: Api, connection: psycopg.Connection) -> None:
    token = hidden(county.send("GET", "/lists/import", headers=PAGE).text)["token"]
    shown = hidden(submit(county, PLAIN).text)
    filled = {"county": COUNTY, "instrument": PAPER, "as": "ASSIST", **shown, "token": token, "record": "1"}
    with connection.transaction():
        recorder.lock(connection)  # somebody else records: this one has to wait
        begun = county.send("POST", "/lists/import", data=filled, files={"file": ("", b"")}, headers=PAGE)
        assert (begun.status_code, begun.headers["location"][:6]) == (303, "/work/")
        under_way = county.send("GET", begun.headers["location"], headers=PAGE).text
        assert '<progress class="work"' in under_way
        assert "导入清单文件" in county.send("GET", "/work", headers=PAGE).text
    done = county.settled(begun, headers=PAGE)
    assert "已记录 3 项决定" in done.text
    head = recorder.head(connection)[0]
    assert "已记录 3 项决定" in county.send("GET", done.request.url.raw_path.decode(), headers=PAGE).text
    assert recorder.head(connection)[0] == head  # loaded again, it records nothing again


def test_a_file_that_is_kept_no_more_is_asked_for_again(county: Api, connection: psycopg.Connection) -> None:
    shown = hidden(submit(county, PLAIN).text)
    connection.execute("DELETE FROM background.file")
    again = submit(county, None, **shown)
    assert (again.status_code, "请重新选择文件" in again.text) == (409, True)
    assert f'name="instrument" value="{PAPER}"' in again.text
    assert "upload" not in hidden(again.text)
    folder = county.send("GET", "/lists/import?work=nothing", headers=PAGE)
    assert folder.status_code == 404


def test_how_a_list_stands_to_one_of_its_kind_is_chosen_by_a_button(county: Api) -> None:
    first = submit(county, PLAIN)
    shown = hidden(first.text)
    again = {name: shown[name] for name in ("shown", "looked")}
    assert "已记录" in submit(county, PLAIN, record="1", **again).text
    later = f"{PLAIN}3,人口抽样调查,统计局\n"
    new = {
        "as": "",
        "instrument": "宜办发〔2026〕9号",
        "instrument_title": "关于调整清单的通知",
        "issued_on": "2026-03-01",
    }
    first_look = submit(county, later, **new)
    buttons = dict(re.findall(r'name="beside" value="(\w+):([^"]+)"', first_look.text))
    assert set(buttons) == {"adjust", "replace", "both"}
    assert (buttons["adjust"], buttons["replace"]) == ("ASSIST", "ASSIST")
    assert buttons["both"] != "ASSIST"
    assert 'name="record"' not in first_look.text
    changes: dict[str, list[str]] = {}
    for way, code in buttons.items():
        looked = submit(county, later, beside=f"{way}:{code}", **new)
        assert 'id="beside"' not in looked.text
        assert 'name="record"' in looked.text
        assert f'name="as" value="{code}"' in looked.text
        rows = looked.text.partition("将记录的决定")[2]
        changes[way] = [*dict.fromkeys(re.findall(r'data-head="改动"[^>]*>([^<]+)</td>', rows))]
    assert changes == {
        "adjust": ["发布文件", "新事项", "列入"],
        "replace": ["发布文件", "新事项", "废止清单", "发布清单", "列入"],
        "both": ["发布文件", "新事项", "发布清单", "列入"],
    }
