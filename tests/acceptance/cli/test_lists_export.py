"""Lists out: as .xlsx, .docx, JSON and pages, over HTTP and on the command line, as of any day and as known then."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import openpyxl
import pytest
from docx import Document
from docx.shared import Mm

from registry import database
from registry.exchange.sheets.reading.files import read
from registry.exchange.sheets.recognising.headings import kinds
from registry.log import tree
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.cli_runner import Run, cli_runner
from tests.support.worlds import COUNTY, decision, unit

SLASHED = "鄂/清单 2020?"  # a slash, a space, a question mark: all that an address has to quote
EVIL = '=HYPERLINK("http://x")'
ADOPTED = {"audience": "township", "scope": "420684", "instrument": "通知1号"}
JOURNAL = [
    *COUNTY,
    unit("civil", "county", "department", "420684", function="civil-affairs"),
    decision(
        "MatterDefined",
        "2000-01-01",
        matter="D-10",
        kind="duty",
        name="丁",
        category="二类",
        basis=["《甲法》第一条", "《乙法》"],
    ),
    decision("MatterDefined", "2000-01-01", matter="D-2", kind="duty", name="乙", category="一类"),
    decision(
        "MatterDefined",
        "2000-01-01",
        matter="C-LAND",
        kind="certificate",
        name="承包证明",
        materials=["身份证", "承包合同"],
        procedure="当场出具",
        online="鄂汇办",
    ),
    decision(
        "ListAdopted",
        "2020-01-01",
        list=SLASHED,
        title="配合履职清单",
        polarity="positive",
        covers="duty",
        assigns="assist",
        **ADOPTED,
    ),
    decision(
        "ListItemEntered",
        "2020-01-01",
        list=SLASHED,
        item="10",
        name="丁事",
        matter="D-10",
        from_="civil",
        brings=["staff", "funds"],
    ),
    decision(
        "ListItemEntered",
        "2020-01-01",
        list=SLASHED,
        item="2",
        name=EVIL,
        matter="D-2",
        from_="water",
        note="上级部门职责：牵头组织\n负责审批\n乡镇（街道）配合职责：+巡查\n备注：@试行",
    ),
    decision("ListItemWithdrawn", "2021-01-01", list=SLASHED, item="10"),
    decision(
        "ListItemEntered", "2021-01-01", list=SLASHED, item="10-2", name="丁事（新）", matter="D-10", from_="civil"
    ),
    decision(
        "ListItemEntered", "2020-01-01", list="NEG", item="1", name="执法", terms=["执法", "处罚"], roles=["lead"]
    ),
    decision(
        "ListAdopted",
        "2020-01-01",
        list="CERT",
        title="证明清单",
        polarity="positive",
        covers="certificate",
        audience="village",
        instrument="通知1号",
        scope="420684",
    ),
    decision("ListItemEntered", "2020-01-01", list="CERT", item="1", name="承包证明", matter="C-LAND"),
    decision(
        "ListAdopted",
        "2020-01-01",
        list="EMPTY",
        title="报表清单",
        polarity="positive",
        covers="form",
        quota=3,
        **ADOPTED,
    ),
    decision("UnitDissolved", "2022-01-01", unit="town2", successor="town"),
]
# Recorded later: that the first version had been withdrawn a year before.
LATE = [decision("ListItemWithdrawn", "2020-06-01", list=SLASHED, item="2")]


@dataclass(frozen=True)
class World:
    api: Api
    run: Run
    before: int  # the newest position before the late decision
    root: str

    def get(self, path: str, **query: str) -> Any:
        return self.api.send("GET", path, params=query)

    def workbook(self, path: str, **query: str) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return openpyxl.load_workbook(io.BytesIO(answer.content))


@pytest.fixture(scope="module")
def world(module_database: Callable[[], str]) -> Iterator[World]:
    url = module_database()
    with database.connect(url) as connection:
        before = max(record(connection, JOURNAL).positions)
        record(connection, LATE)
        root = tree.root(connection, before).hex()
    with api(url) as opened:
        yield World(opened, cli_runner(url), before, root)


def rows_of(sheet: Any) -> list[list[str]]:
    """Headings and rows of a sheet, below its title and document."""
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows(min_row=3)]


def of(code: str, suffix: str) -> str:
    return f"/v1/lists/{quote(code, safe='')}.{suffix}"


def test_a_spreadsheet_says_what_the_list_says(world: World) -> None:
    book = world.workbook(of(SLASHED, "xlsx"), as_of="2020-03-01", known=str(world.before))
    (sheet,) = book.worksheets
    assert sheet["A1"].value == "配合履职清单"
    assert sheet["A2"].value.startswith("依据文件：通知1号　发布单位：单位420684　适用范围：单位420684")
    head, *rows = rows_of(sheet)
    canonical = list(kinds()["township-assist"].columns.values())
    assert head == [*canonical, "事项编码", "部门代码"]
    second, tenth = (dict(zip(head, row, strict=True)) for row in rows)
    assert tenth["序号"] == "10"
    assert tenth["事项名称"] == "丁事"
    assert tenth["对应上级部门"] == "单位civil"
    assert tenth["设定依据"] == "《甲法》第一条；《乙法》"
    assert tenth["人员经费保障"] == "人员、经费"
    assert tenth["事项编码"] == "D-10"
    assert tenth["部门代码"] == "civil"
    assert second["序号"] == "2"
    assert second["上级部门职责"] == "牵头组织\n负责审批"
    assert second["乡镇（街道）配合职责"] == "+巡查"
    assert second["备注"] == "@试行"


def test_users_texts_never_become_formulas(world: World) -> None:
    answer = world.get(of(SLASHED, "xlsx"), as_of="2020-03-01", known=str(world.before))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    texts = {cell.value: cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)}
    for text in (EVIL, "+巡查", "@试行"):
        assert texts[text].data_type == "s"
        assert texts[text].quotePrefix  # nor when somebody edits the cell
    parts = zipfile.ZipFile(io.BytesIO(answer.content))
    assert not any(b"<f>" in parts.read(name) for name in parts.namelist())


def test_a_spreadsheet_prints_on_a4_across_and_says_what_it_rests_on(world: World) -> None:
    book = world.workbook(of(SLASHED, "xlsx"), as_of="2020-03-01", known=str(world.before))
    sheet = book.worksheets[0]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.print_title_rows == "$3:$3"
    assert "A1:K1" in sheet.merged_cells
    below = sheet.oddFooter.left.text
    assert SLASHED in below
    assert f"截至 2020-03-01　登记簿序号 {world.before}　日志根 {world.root}" in below
    answer = {each.name: each.value for each in book.custom_doc_props.props}
    assert answer == {
        "as_of": "2020-03-01",
        "known": str(world.before),
        "root": world.root,
        "list": SLASHED,
        "instrument": "通知1号",
    }


@pytest.mark.parametrize("suffix", ["xlsx", "docx", "json"])
def test_the_same_question_gives_the_same_bytes(world: World, suffix: str) -> None:
    arguments = {"as_of": "2020-03-01", "known": str(world.before)}
    first, again = (world.get(of(SLASHED, suffix), **arguments).content for _ in range(2))
    assert first == again
    if suffix != "json":
        assert {each.date_time for each in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_before_and_after_a_revision_and_as_known_then(world: World) -> None:
    def items(**query: str) -> list[str]:
        return [item["item"] for item in world.get(of(SLASHED, "json"), **query).json()["items"]]

    known = str(world.before)
    assert items(as_of="2020-03-01", known=known) == ["2", "10"]
    assert items(as_of="2020-12-31", known=known) == ["2", "10"]
    assert items(as_of="2021-01-01", known=known) == ["2", "10-2"]
    assert items(as_of="2020-12-31") == ["10"]  # what was learnt later
    assert items(as_of="2020-05-31") == ["2", "10"]
    assert items() == ["10-2"]
    assert items(known="2999-01-01T00:00:00+08:00") == ["10-2"]


def test_json_has_all_of_it(world: World) -> None:
    content = world.get(of(SLASHED, "json"), as_of="2020-03-01", known=str(world.before)).json()
    items = content.pop("items")
    assert content == {
        "format": 1,
        "as_of": "2020-03-01",
        "known": world.before,
        "root": world.root,
        "list": SLASHED,
        "title": "配合履职清单",
        "kind": "township-assist",
        "polarity": "positive",
        "covers": "duty",
        "audience": "township",
        "scope": {"code": "420684", "name": "单位420684"},
        "instrument": {
            "number": "通知1号",
            "title": "通知",
            "kind": "notice",
            "issuer": {"code": "420684", "name": "单位420684"},
            "since": "2018-01-01",
            "until": None,
            "in_force": True,
        },
        "closed": True,
        "assigns": "assist",
        "quota": None,
        "since": "2020-01-01",
        "until": None,
        "position": JOURNAL.index(next(each for each in JOURNAL if each.get("list") == SLASHED)) + 1,
    }
    tenth = items[1]
    assert tenth["subject"] == f"{SLASHED}#10"
    assert tenth["matter"]["code"] == "D-10"
    assert tenth["from"] == {"code": "civil", "name": "单位civil"}
    assert tenth["brings"] == ["staff", "funds"]
    assert tenth["until"] == "2021-01-01"
    assert JOURNAL[tenth["position"] - 1]["item"] == "10"


def test_a_notice_for_the_board(world: World) -> None:
    answer = world.get(of(SLASHED, "docx"), as_of="2020-03-01", known=str(world.before))
    notice = Document(io.BytesIO(answer.content))
    section = notice.sections[0]
    assert (round(section.page_width, -4), round(section.page_height, -4)) == (round(Mm(297), -4), round(Mm(210), -4))
    assert notice.paragraphs[0].text == "配合履职清单"
    (table,) = notice.tables
    head = [cell.text for cell in table.rows[0].cells]
    assert "事项编码" not in head
    assert head[:4] == ["序号", "类别", "事项名称", "对应上级部门"]
    assert [row.cells[2].text for row in table.rows] == ["事项名称", EVIL, "丁事"]
    assert table.rows[1].cells[head.index("上级部门职责")].text == "牵头组织\n负责审批"
    below = section.footer.paragraphs[0].text
    assert f"依据文件：通知1号　清单编号：{SLASHED}　截至：2020-03-01　登记簿序号：{world.before}" in below
    fonts = zipfile.ZipFile(io.BytesIO(answer.content)).read("word/fontTable.xml").decode()
    assert 'w:name="方正小标宋简体"' in fonts
    assert "tblHeader" in table._tbl.xml


def test_certificates_say_what_to_bring(world: World) -> None:
    head, row = rows_of(world.workbook(of("CERT", "xlsx")).worksheets[0])
    answer = dict(zip(head, row, strict=True))
    assert (answer["所需材料"], answer["办理程序"], answer["网上办理"]) == ("身份证；承包合同", "当场出具", "鄂汇办")


def test_an_item_without_a_matter_says_its_words_and_roles(world: World) -> None:
    head, row = rows_of(world.workbook(of("NEG", "xlsx")).worksheets[0])
    answer = dict(zip(head, row, strict=True))
    assert (answer["关键词"], answer["不得承担方式"], answer["事项编码"]) == ("执法、处罚", "牵头", "")


def test_all_lists_of_a_unit_item_by_item_with_document_and_decision(world: World) -> None:
    content = world.get("/v1/units/town/lists.json").json()
    assert content["unit"] == {"code": "town", "name": "单位town"}
    assert [each["list"] for each in content["lists"]] == sorted(["BASIC", "EMPTY", SLASHED])
    book = world.workbook("/v1/units/town/lists.xlsx")
    assert [sheet["A1"].value for sheet in book.worksheets] == [
        "单位town基本履职事项清单",
        "单位town配合履职事项清单",
        "单位town报表清单",
    ]
    head, row = rows_of(book.worksheets[0])
    shown = dict(zip(head, row, strict=True))
    assert (shown["清单编号"], shown["依据文号"]) == ("BASIC", "通知1号")
    assert JOURNAL[shown["登记序号"] - 1]["list"] == "BASIC"
    notice = Document(io.BytesIO(world.get("/v1/units/village/lists.docx").content))
    assert [len(table.rows) for table in notice.tables] == [2, 2]


def test_every_kind_of_list_has_its_place_among_those_of_a_unit() -> None:
    assert {name for name, kind in kinds().items() if kind.rank} == {n for n, kind in kinds().items() if kind.adopts}


def test_what_a_successor_is_reached_by(world: World) -> None:
    assert world.get("/v1/units/town2/lists.json", as_of="2021-12-31").status_code == 200
    answer = world.get("/v1/units/town2/lists.json", as_of="2022-01-01")
    assert answer.status_code == 404
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "not-in-force"
    assert "town" in error["extensions"]["message"]["zh"]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/v1/lists/NOPE.xlsx", {}, 404, "unknown-list"),
        ("/v1/lists/BASIC.docx", {"as_of": "2018-12-31"}, 404, "not-in-force"),
        ("/v1/lists/BASIC.json", {"known": "1"}, 404, "unknown-list"),
        ("/v1/lists/BASIC.json", {"known": "0"}, 404, "unknown-list"),
        ("/v1/units/nobody/lists.xlsx", {}, 404, "unknown-unit"),
        ("/v1/units/town/lists.xlsx", {"as_of": "1999-12-31"}, 404, "not-in-force"),
        ("/v1/lists/BASIC.json", {"as_of": "2020-02-30"}, 400, "bad-value"),
        ("/v1/lists/BASIC.json", {"as_of": "20200201"}, 400, "bad-value"),
        ("/v1/lists/BASIC.json", {"known": "-1"}, 400, "bad-value"),
        ("/v1/lists/BASIC.json", {"known": "2020-01-01T00:00:00"}, 400, "bad-value"),
        ("/v1/lists/BASIC.json", {"known": "二"}, 400, "bad-value"),
        ("/v1/lists/%00.json", {}, 400, "bad-value"),
        ("/v1/lists/BASIC.pdf", {}, 404, "not-found"),
    ],
)
def test_what_cannot_be_given_is_refused_with_a_code(
    world: World, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = world.get(path, **query)
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == code
    assert all(error["extensions"][text][lang] for text in ("message", "hint") for lang in ("zh", "en"))


def test_a_file_is_called_after_its_list(world: World) -> None:
    headers = world.get(of(SLASHED, "xlsx"), as_of="2020-03-01").headers
    plain, _, encoded = headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="list.xlsx"'
    assert unquote(encoded) == "配合履职清单（截至2020-03-01）.xlsx"
    assert headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_list_as_a_page(world: World, lang: str) -> None:
    answer = world.get(f"/lists/{quote(SLASHED, safe='')}", as_of="2020-03-01", known=str(world.before), lang=lang)
    assert answer.status_code == 200
    page = answer.text
    assert ("事项名称" if lang == "zh" else "name") in re.findall(r">([^<>]+)</(?:th|a|button|span)>", page)
    assert "=HYPERLINK(&#34;http://x&#34;)" in page
    assert world.root in page
    files = re.findall(r'href="(/v1/lists/[^"]+)"', page)
    assert len(files) == 3
    for address in files:
        answer = world.get(address.replace("&amp;", "&"))
        assert answer.status_code == 200, address


def test_a_units_lists_as_a_page_and_how_they_are_found(world: World) -> None:
    page = world.get("/units/town/lists", lang="zh").text
    assert "配合履职事项清单（1项）" in page
    assert "不超过 3 项" in page
    index = world.get("/lists", q="单位town", lang="zh").text
    assert 'href="/units/town/lists?lang=zh"' in index
    index = world.get("/lists", q="配合", lang="zh").text
    (address,) = re.findall(rf'href="(/lists/{quote("鄂")}[^"]+)"', index)
    assert world.get(address).status_code == 200
    assert world.get("/lists/NOPE", lang="zh").status_code == 404
    assert "没有编号为“NOPE”的清单" in world.get("/lists/NOPE", lang="zh").text


def test_the_command_line(world: World, tmp_path: Path) -> None:
    known = ["--as-of", "2020-03-01", "--known", str(world.before)]
    for suffix in ("xlsx", "docx", "json"):
        file = tmp_path / f"list.{suffix}"
        answer = world.run("lists", "export", SLASHED, *known, "-o", str(file))
        assert answer.returncode == 0, answer.stderr.decode()
        served = world.get(of(SLASHED, suffix), as_of="2020-03-01", known=str(world.before))
        assert file.read_bytes() == served.content
    page = world.run("lists", "export", "--unit", "town", "--format", "html").stdout.decode()
    assert "单位town事项清单" in page
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")] == []


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (["NOPE", "--format", "json"], 1, "unknown-list"),
        (["--unit", "nobody", "--format", "json"], 1, "unknown-unit"),
        (["BASIC", "--as-of", "2018-12-31", "--format", "json"], 1, "not-in-force"),
        (["BASIC", "--unit", "town"], 2, "bad-value"),
        (["BASIC", "-o", "list.pdf"], 2, "bad-value"),
        (["BASIC", "-o", "no/such/folder/list.json"], 1, "unwritable"),
    ],
)
def test_the_command_line_says_why_not(world: World, arguments: list[str], status: int, code: str) -> None:
    answer = world.run("lists", "export", *arguments)
    assert answer.returncode == status
    assert answer.stderr.decode().startswith(f"{code}: ")
    assert b"Traceback" not in answer.stderr


def test_the_spreadsheet_reads_back_cell_by_cell(world: World) -> None:
    for code in (SLASHED, "NEG", "CERT", "EMPTY", "BASIC"):
        content = world.get(of(code, "xlsx"), as_of="2020-03-01", known=str(world.before)).content
        (grid,) = read(content, "list.xlsx")
        written = rows_of(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0])
        texts = [[cell.text for cell in row] for row in grid.rows[2:]]
        assert [[text.replace("：", ":") for text in row] for row in texts] == written


LIST = """query ($code: ID!, $asOf: Date, $known: Known, $first: Int, $after: String) {
    list(code: $code, asOf: $asOf, known: $known) {
        code title kind polarity covers audience closed assigns quota since until inForce position
        scope { name } instrument { number issuer { name } }
        items(first: $first, after: $after) {
            totalCount pageInfo { hasNextPage endCursor }
            nodes { item name from { name } matter { code materials } instrument { number } position }
        }
    }
}"""


def test_a_list_over_graphql_in_pages(world: World) -> None:
    arguments: dict[str, Any] = {"code": SLASHED, "asOf": "2021-03-01", "known": {"position": world.before}, "first": 1}
    results = world.api.ask(LIST, **arguments)["list"]
    assert (results["kind"], results["covers"], results["inForce"]) == ("township-assist", "DUTY", True)
    assert results["items"]["totalCount"] == 2
    assert [node["item"] for node in results["items"]["nodes"]] == ["2"]
    assert results["items"]["pageInfo"]["hasNextPage"]
    results = world.api.ask(LIST, **arguments, after=results["items"]["pageInfo"]["endCursor"])["list"]
    assert [node["item"] for node in results["items"]["nodes"]] == ["10-2"]
    assert not results["items"]["pageInfo"]["hasNextPage"]
    before = world.api.ask(LIST, code=SLASHED, asOf="2019-12-31")["list"]
    assert (before["inForce"], before["items"]["nodes"], before["items"]["totalCount"]) == (False, [], 0)
    assert world.api.ask(LIST, code="NOPE")["list"] is None


def test_the_lists_that_reach_a_unit_over_graphql(world: World) -> None:
    query = "query ($unit: ID!) { lists(unit: $unit) { nodes { code items { totalCount } } } }"
    results = world.api.ask(query, unit="village")["lists"]["nodes"]
    assert [(each["code"], each["items"]["totalCount"]) for each in results] == [("CERT", 1), ("NEG", 1)]
    assert world.api.refused(query, unit="nobody")["code"] == "unknown-unit"
