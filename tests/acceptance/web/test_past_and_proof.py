"""What auditors ask: decisions in words, lists compared, proofs step by step, evidence and what it comes to."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import unquote

import pytest
from docx import Document

from registry import database
from registry.domain.dates import SHANGHAI
from registry.log import merkle
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.databases import database_copy
from tests.support.visitor import Visitor
from tests.support.worlds import COUNTY, decision, duty, unit

LIST = {"polarity": "positive", "covers": "duty", "audience": "township", "assigns": "lead", "instrument": "通知1号"}


def entered(at: str, list_: str, item: str, **more: str) -> dict[str, object]:
    return decision("ListItemEntered", at, list=list_, item=item, **more)


WORLD = [
    *COUNTY,
    unit("420685", "county", "government", "4206"),
    decision("ListAdopted", "2022-01-01", list="A", title="甲县清单", scope="420684", **LIST),
    entered("2022-01-01", "A", "1", name="巡河", matter="D-RIVER"),
    decision(
        "Corrected",
        "2024-05-06",
        of={"type": "ListItemEntered", "list": "A", "item": "1"},
        set={"at": "2022-01-02", "note": "改自第二天"},
    ),
    entered("2022-01-01", "A", "2", name="采砂 管理", category="水利"),
    entered("2022-01-01", "A", "3", name="清障", category="应急"),
    decision("ListItemWithdrawn", "2023-01-01", list="A", item="3"),
    decision(
        "Corrected", "2023-01-01", of={"type": "ListItemEntered", "list": "A", "item": "2"}, set={"category": "矿产"}
    ),
    entered("2023-01-01", "A", "4", name="防汛", category="应急"),
    decision("ListAdopted", "2022-01-01", list="B", title="乙县清单", scope="420685", **LIST),
    entered("2022-01-01", "B", "一", name="采砂管理", category="水利"),
    entered("2022-01-01", "B", "二", name="巡河护河", matter="D-RIVER"),
    duty("R-1"),
    decision("Annulled", "2024-01-01", ref="R-1"),
]
SUMS = "added removed changed moved same"
ITEMS = "items { change fields { field before after } before { name } after { name } }"


@pytest.fixture(scope="module")
def world(server_url: str, migrated: str) -> Iterator[Api]:
    with database_copy(server_url, migrated) as url:
        with database.connect(url) as connection:
            record(connection, WORLD)
        with api(url) as opened:
            yield opened


def compared(world: Api, arguments: str) -> tuple[list[int], list[tuple[str, str | None, str | None]]]:
    """How many of each difference, and the items with what they are called on both sides."""
    answer = world.ask(f"{{ listComparison({arguments}) {{ {SUMS} {ITEMS} }} }}")["listComparison"]
    rows = [
        (row["change"], row["before"] and row["before"]["name"], row["after"] and row["after"]["name"])
        for row in answer["items"]
    ]
    return [answer[name] for name in SUMS.split()], rows


def test_two_days_of_a_list_are_compared(world: Api) -> None:
    # The correction counts on every day: before it was known, nothing had moved.
    sums, rows = compared(world, 'list: "A", from: "2022-06-30", to: "2023-06-30"')
    assert sums == [1, 1, 0, 0, 2]
    assert rows[2:] == [("removed", "清障", None), ("added", None, "防汛")]


def test_two_lists_are_compared_by_matter_and_by_name(world: Api) -> None:
    sums, rows = compared(world, 'list: "A", other: "B", from: "2023-06-30", to: "2023-06-30"')
    assert sums == [0, 1, 1, 1, 0]
    assert rows == [("changed", "巡河", "巡河护河"), ("moved", "采砂 管理", "采砂管理"), ("removed", "防汛", None)]


def test_the_lists_of_a_kind_of_two_counties_are_compared(world: Api) -> None:
    days = 'from: "2023-06-30", to: "2023-06-30"'
    kind = 'unit: "420684", otherUnit: "420685", kind: "township-basic"'
    sums, rows = compared(world, f"{kind}, {days}")
    assert sums == [0, 2, 1, 1, 0]  # the county has two lists of the kind, A and BASIC, and 巡河 stands on both
    assert rows[-1] == ("removed", "巡河", None)
    sums, _ = compared(world, f'unit: "420684", otherUnit: "420685", kind: "village-own", {days}')
    assert sums == [0, 0, 0, 0, 0]


def test_a_decision_says_what_it_is_and_what_annulled_it(world: Api) -> None:
    whole = world.ask("{ log { size } }")["log"]["size"]
    fields = "summary stated { field label value } correctedBy { position summary } corrects { position }"
    given = world.ask(f"{{ decision(position: {whole - 1}) {{ {fields} }} }}")["decision"]
    assert given["summary"].startswith("登记职责交办 R-1：")
    assert {"field": "matter", "label": "事项", "value": "采砂管理（D-SAND）"} in given["stated"]
    assert [each["position"] for each in given["correctedBy"]] == [whole]
    annulled = world.ask(f"{{ decision(position: {whole}) {{ {fields} }} }}")
    assert annulled["decision"]["corrects"] == {"position": whole - 1}
    assert "承担方式" in given["summary"]
    sets = world.ask(f"{{ decision(position: {whole - 6}) {{ {fields} }} }}")["decision"]
    assert sets["summary"] == "更正“登记清单事项 A#2”：类别 矿产"
    assert [each["field"] for each in sets["stated"]] == ["at", "category"]


def test_a_correction_that_sets_a_day_says_that_and_its_own(world: Api) -> None:
    position = world.ask("{ log { size } }")["log"]["size"] - len(WORLD) + 1
    position += next(index for index, each in enumerate(WORLD) if "改自第二天" in str(each))
    answer = world.ask(f"{{ decision(position: {position}) {{ stated {{ field label value }} }} }}")["decision"]
    stated = [
        {"field": "at", "label": "本次更正的日期", "value": "2024-05-06"},
        {"field": "at", "label": "日期", "value": "2022-01-02"},
        {"field": "note", "label": "备注", "value": "改自第二天"},
    ]
    assert answer["stated"] == stated
    rows = world.send("GET", f"/decisions/{position}?format=json").json()
    assert [(row["what"], row["value"]) for row in rows] == [(each["label"], each["value"]) for each in stated]
    # What it corrects has the day that it sets beside its own, and not the correction's.
    corrected = world.send("GET", f"/decisions/{position - 1}?format=json").json()
    days = [(row["value"], row["now"], row["by"]) for row in corrected if row["what"] == "日期"]
    assert days == [("2022-01-01", "2022-01-02", position)]


def test_the_history_of_anything_says_what_was_decided_when_it_was_recorded_and_by_whom(world: Api) -> None:
    visitor = Visitor(world)
    whole = world.ask("{ log { size } }")["log"]["size"]
    for page in ("/matters/D-SAND?tab=history", "/units/town?tab=history", "/history?ref=R-1"):
        visitor.get(page)
        assert f'href="/decisions/{whole - 1}?lang=zh"' in visitor.page, page
        assert "登记职责交办 R-1：事项 采砂管理（D-SAND）" in visitor.page, page
        assert "记录时间" in visitor.page, page


def test_what_was_known_is_asked_by_a_day_or_a_minute_as_the_pages_write_them(world: Api) -> None:
    visitor = Visitor(world)
    whole = world.ask("{ log { size } }")["log"]["size"]
    newest = world.ask(f"{{ decision(position: {whole}) {{ recordedAt }} }}")["decision"]["recordedAt"]
    here = datetime.fromisoformat(newest).astimezone(SHANGHAI)
    for known in (str(here.date()), f"{here:%Y-%m-%d %H:%M}"):
        assert visitor.get(f"/history?ref=R-1&known={known}").status_code == 200, known
        assert f"登记簿序号 {whole}" in visitor.page, known
        assert "这是过去的样子" not in visitor.page, known  # it is what is known now
    before = visitor.get(f"/history?ref=R-1&known={here.date() - timedelta(days=1)}")
    assert (before.status_code, "登记簿还没有任何记录" in visitor.page) == (404, True)


def test_all_corrections_of_the_log_are_listed_together(world: Api) -> None:
    visitor = Visitor(world)
    whole = world.ask("{ log { size } }")["log"]["size"]
    visitor.get("/log?tab=corrections")
    linked = [int(position) for position in re.findall(r'href="/decisions/(\d+)', visitor.page)]
    assert linked == [whole, whole - 6, whole - 10]
    assert "登记职责交办" not in visitor.page.replace("撤销“登记职责交办", "").replace("撤销交办", "")
    assert visitor.get("/log?tab=none").status_code == 400


def test_lists_are_compared_by_their_titles(world: Api) -> None:
    visitor = Visitor(world)
    visitor.get("/lists/compare?list=甲县&other=乙县清单&from=2023-06-30&to=2023-06-30")
    assert "巡河护河" in visitor.page
    visitor.get("/lists/compare?list=县清单&from=2023-06-30&to=2023-06-30")
    assert "是哪一份清单" in visitor.page
    assert "list=A&" in visitor.page.replace("&amp;", "&")


def test_changes_of_a_half_year_begin_with_its_first_day(world: Api) -> None:
    visitor = Visitor(world)
    visitor.get("/changes/420684?to=2022-06-30")
    address = re.search(r'href="([^"]+)">2022年上半年<', visitor.page)
    assert address
    assert "from=2021-12-31" in address[1]
    visitor.get(address[1].replace("&amp;", "&"))
    assert ("2022-01-01" in visitor.page, "甲县清单" in visitor.page) == (True, True)
    file = visitor.get(address[1].replace("&amp;", "&") + "&format=xlsx")
    assert "2022-01-01" in unquote(file.headers["content-disposition"])


def test_an_account_of_an_incident_says_what_of_it_was_recorded_afterwards(world: Api) -> None:
    visitor = Visitor(world)
    visitor.get("/accountability?unit=town&matter=D-RIVER&on=2023-01-01")
    assert "是事发之日以后记入的" in visitor.page
    assert "事发之日登记簿还没有记录" in visitor.page
    assert 'id="as_of"' not in visitor.page  # the incident has a day of its own
    today = str(datetime.now(SHANGHAI).date())
    visitor.get(f"/accountability?unit=town&matter=D-RIVER&on={today}")
    assert "事发之日都已记入" in visitor.page


def test_an_account_of_an_incident_leads_to_what_held_on_that_day(world: Api) -> None:
    visitor = Visitor(world)
    visitor.get("/accountability?unit=town&matter=D-SAND&on=2023-01-01")
    leads = re.findall(r'href="(/(?:units|documents|matters|findings)/[^"]+)"', visitor.page.split("<main", 1)[1])
    assert leads
    assert [each for each in leads if "as_of=2023-01-01" not in each] == []
    for each in leads:
        assert visitor.get(each.replace("&amp;", "&")).status_code == 200, each
    visitor.get(f"/accountability?unit=town&matter=D-SAND&on={datetime.now(SHANGHAI).date()}")
    assert "as_of" not in visitor.page  # today is what the pages are of as it is


def test_the_document_of_an_account_says_so_too_with_decisions_and_the_day_that_it_was_made(world: Api) -> None:
    answer = world.send("GET", "/accountability.docx?unit=town&matter=D-RIVER&on=2023-01-01")
    letter = Document(io.BytesIO(answer.content))
    text = "\n".join(paragraph.text for paragraph in letter.paragraphs)
    assert re.search(r"其中\d+项是事发之日以后记入的（第[\d、]+号决定）", text)
    assert re.search(r"承担.*（第\d+号决定）。", text)
    made = letter.core_properties.created
    assert made is not None
    assert abs(made.date() - datetime.now(SHANGHAI).date()) <= timedelta(days=1)


def test_what_the_registry_knew_before_its_first_record_is_said(world: Api) -> None:
    visitor = Visitor(world)
    assert "没有留存过检查点" in visitor.get("/log").text  # though the page of proofs shows one
    for page in ("/matters/D-RIVER", "/units/town", "/documents/通知1号", "/log"):
        assert visitor.get(f"{page}?known=0").status_code == 404
        assert "第 0 号在第一项记录以前" in visitor.page


def test_when_it_was_known_is_what_is_wrong_and_can_be_left_out(world: Api) -> None:
    visitor = Visitor(world)
    for path in ("/matters/D-RIVER?as_of=2020-01-01", "/accountability?unit=town&matter=D-RIVER&on=2020-01-01"):
        assert visitor.get(f"{path}&known=2020-01-01&lang=zh").status_code == 404
        field = re.search(r'<input id="([^"]+)"[^>]*aria-invalid="true"', visitor.page)
        assert field
        assert field[1] == "known"
        assert visitor.get(link(visitor.page, "first")).status_code == 200
        visitor.get(f"{path}&known=2020-01-01&lang=zh")
        now = link(visitor.page, "now")
        assert "known" not in now
        assert visitor.get(now).status_code == 200
        assert "2020-01-01" in visitor.page


def link(page: str, id_: str) -> str:
    """The address of the link with an id."""
    leads = re.search(rf'id="{id_}" href="([^"]+)"', page)
    assert leads, page
    return leads[1].replace("&amp;", "&")


def test_every_step_of_a_proof_is_a_hash_over_two(world: Api) -> None:
    steps = "{ left right hash }"
    log = world.ask("{ log { size root leaves { position hash } } }")["log"]
    assert [leaf["position"] for leaf in log["leaves"]] == list(range(1, log["size"] + 1))
    for position in (1, 7, log["size"]):
        question = f"{{ inclusionProof(position: {position}) {{ leafHash holds root steps {steps} }} }}"
        proof = world.ask(question)["inclusionProof"]
        assert (proof["holds"], proof["root"]) == (True, log["root"])
        assert proof["leafHash"] == log["leaves"][position - 1]["hash"]
        below = proof["leafHash"]
        for step in proof["steps"]:
            assert below in (step["left"], step["right"])
            assert merkle.node_hash(bytes.fromhex(step["left"]), bytes.fromhex(step["right"])).hex() == step["hash"]
            below = step["hash"]
        assert below == log["root"]
    for first in (1, 6, 8, log["size"]):
        fields = f"holds oldRoot newRoot oldSteps {steps} newSteps {steps}"
        question = f"{{ consistency(first: {first}, second: {log['size']}) {{ {fields} }} }}"
        proof = world.ask(question)["consistency"]
        assert (proof["holds"], proof["newRoot"]) == (True, log["root"])
        for steps_of, root in ((proof["oldSteps"], proof["oldRoot"]), (proof["newSteps"], proof["newRoot"])):
            assert steps_of == [] or steps_of[-1]["hash"] == root


def test_evidence_is_given_out_and_checked(world: Api) -> None:
    given = {"matter": "D-RIVER", "unit": "town", "on": "2023-01-01"}
    answer = world.send("GET", "/v1/evidence.zip", params=given)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    for wrong, code in (
        ({"matter": "NO"}, "unknown-matter"),
        ({"unit": "NO"}, "unknown-unit"),
        ({"on": "x"}, "bad-value"),
    ):
        refused = world.send("GET", "/v1/evidence.zip", params=given | wrong)
        assert refused.json()["errors"][0]["extensions"]["code"] == code
    assert "✗" not in checked(world, answer.content)
    assert re.search(r'id="unchecked">.*README\.txt', checked(world, answer.content))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("answer.json", bytes(80 * 1024 * 1024))
    for content, why in (
        (b"no zip", "不是完整的 ZIP 文件"),
        (packed_by(zipfile.ZIP_LZMA), "不是本程序写的 ZIP 文件"),
        (twins(), "不是本程序写的 ZIP 文件"),
        (signed_again(answer.content), "签名不可信"),
        (bomb.getvalue(), "文件解压后过大"),
        (empty_zip(), "缺 checkpoint.txt"),
        (answer.content[: len(answer.content) // 2], "不是完整的 ZIP 文件"),
    ):
        page = checked(world, content)
        failed = re.findall(r'<li class="fails">✗ (.*?)(?:<br>|</li>)', page)
        assert len(failed) == 1
        assert re.search("^不|没有", failed[0])  # a cross stands before what is wrong, not before what would be right
        assert why in page


def packed_by(method: int) -> bytes:
    """A file packed in a way that evidence is not, and damaged in it."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", method) as packed:
        packed.writestr("checkpoint.txt", "x" * 1000)
    return output.getvalue().replace(b"checkpoint.txt\t", b"checkpoint.txt\x5a")


def twins() -> bytes:
    """Thousands of files of one name, the last of which is large: unpacked by name it would be so each time."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for size in [0] * 3000 + [50 * 1024 * 1024]:
            packed.writestr("answer.json", bytes(size))
    return output.getvalue()


def signed_again(content: bytes) -> bytes:
    """The file with the signature of its checkpoint fifty thousand times."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in given.namelist():
            text = given.read(name)
            if name == "checkpoint.txt":
                text += text.splitlines(keepends=True)[-1] * 50_000
            packed.writestr(name, text)
    return output.getvalue()


def empty_zip() -> bytes:
    output = io.BytesIO()
    zipfile.ZipFile(output, "w").close()
    return output.getvalue()


def checked(world: Api, content: bytes) -> str:
    """The part of the page of an upload that says what came of it."""
    visitor = Visitor(world)
    page = visitor.get("/proofs/check?lang=zh").text
    token = re.search('name="token" value="([^"]+)"', page)
    assert token
    files = {"token": (None, token[1]), "file": ("e.zip", content)}
    sent = visitor.send("POST", "/proofs/check?lang=zh", files=files)
    assert sent.status_code == 200, sent.text
    return sent.text


def test_the_log_and_a_statement_are_shown_and_wrong_addresses_refused(world: Api) -> None:
    for path, status in (
        ("/log?page=1", 200),
        ("/log?page=0", 400),
        ("/log?position=999999", 400),
        ("/log?first=x", 400),
        ("/decisions/0", 404),
        ("/decisions/x", 404),
        ("/decisions/99999999999", 404),
        ("/history?unit=nowhere", 404),
        ("/history?matter=NO", 404),
        ("/history?document=NO", 404),
        ("/history?ref=NO", 404),
        ("/history?ref=R-1&unit=town", 400),
        ("/history?ref=R-1", 200),
        ("/accountability?unit=nowhere&matter=D-SAND&on=2023-01-01", 404),
        ("/accountability?unit=town&matter=NO&on=2023-01-01", 404),
        ("/accountability?unit=town&matter=D-SAND&on=2023-02-30", 400),
        ("/accountability?unit=town&matter=采砂&on=2023-01-01", 200),
        ("/accountability.docx?unit=town&matter=D-RIVER", 400),
        ("/accountability.docx?unit=town&matter=NO&on=2023-01-01", 404),
        ("/accountability.docx?unit=town&matter=D-RIVER&on=2023-01-01", 200),
        ("/cases?outcome=upheld", 400),
        ("/cases?matter=NO", 404),
        ("/lists/compare?list=NO", 404),
        ("/lists/compare?list=A&only=x", 400),
        ("/lists/compare?unit=420684&otherUnit=420685&kind=x", 400),
        ("/lists/compare?unit=420684&otherUnit=nowhere&kind=township-basic", 404),
        ("/lists/compare?list=A&other=B&only=all&format=xlsx", 200),
    ):
        answer = world.send("GET", path, headers={"accept": "text/html"})
        assert answer.status_code == status, (path, answer.text[-2000:])


def test_a_corrected_decision_shows_what_was_recorded_and_what_it_says_now_by_which_correction(world: Api) -> None:
    positions = world.ask("{ log { size } }")["log"]["size"]
    correction = positions - 6
    corrected = world.ask(f"{{ decision(position: {correction}) {{ corrects {{ position }} }} }}")["decision"][
        "corrects"
    ]
    address = f"/decisions/{corrected['position']}?format=json"
    rows = {row["what"]: row for row in world.send("GET", address).json()}
    assert rows["类别"] == {"what": "类别", "value": "水利", "now": "矿产", "by": correction}
    assert rows["名称"] == {"what": "名称", "value": "采砂 管理", "now": "采砂 管理", "by": None}
    # As was known before the correction there was nothing but what was recorded.
    before = world.send("GET", f"{address}&known={correction - 1}").json()
    assert {"what": "类别", "value": "水利"} in before
    visitor = Visitor(world)
    visitor.get(f"/decisions/{corrected['position']}")
    assert "当时记的" in visitor.page
    assert f'href="/decisions/{correction}?lang=zh">第 {correction} 号' in visitor.page
