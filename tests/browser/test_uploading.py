"""A list is uploaded in a real browser, from the empty form to 'recorded'; with and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.barriers import barriers
from tests.support.browser import WIDTHS, Visits
from tests.support.workbooks import workbook

pytestmark = pytest.mark.browser

COUNTY = "420684"
PAPER = "宜办发〔2025〕6号"


@pytest.mark.parametrize(("width", "scripts"), [(WIDTHS[0], True), (WIDTHS[1], False)])
def test_a_list_is_uploaded_shown_and_recorded(visits: Visits, tmp_path: Path, width: int, scripts: bool) -> None:
    window = visits.window(width, scripts=scripts)
    page = window.page
    window.open("/lists")
    page.click("text=导入清单文件")
    page.set_input_files("#file", workbook(tmp_path, f"浏览器里试传的事项{width}"))
    page.fill("#county", COUNTY)
    page.fill("#instrument", PAPER)
    page.fill("#as", f"TRY-{width}")
    page.click("text=查看，先不记录")
    window.settle()
    assert "将记录的决定" in window.text()
    window.check()
    page.goto(f"{window.address}/lists")
    page.go_back()  # what was shown is shown again: the browser has nothing to send a second time
    assert "将记录的决定" in window.text()
    page.click("button[name=record]")
    window.settle()
    assert "已记录" in window.text()
    window.check()
    page.click(f"ul.links >> text=TRY-{width}")
    assert f"浏览器里试传的事项{width}" in window.text()
    window.check()


@pytest.mark.parametrize(("width", "scripts"), [(WIDTHS[0], False), (WIDTHS[1], True)])
def test_an_import_is_taken_back_where_it_was_recorded(
    visits: Visits, tmp_path: Path, width: int, scripts: bool
) -> None:
    window = visits.window(width, scripts=scripts)
    page = window.page
    window.open("/lists/import")
    page.set_input_files("#file", workbook(tmp_path, f"传错了的事项{width}"))
    page.fill("#county", COUNTY)
    page.fill("#instrument", PAPER)
    page.fill("#as", f"WRONG-{width}")
    page.click("text=查看，先不记录")
    window.settle()
    page.click("button[name=record]")
    window.settle()
    page.click("#undo")
    assert "将撤回的记录" in window.text()
    assert f"传错了的事项{width}" in window.text()
    window.check()
    page.click("button[name=record]")
    window.settle()
    assert "已撤回" in page.inner_text("#done")
    window.check()
    page.click("text=恢复原状")
    assert "恢复" in page.inner_text("tbody")
    window.check()
    window.page.goto(f"{window.address}/lists/WRONG-{width}")
    assert f"没有编号为“WRONG-{width}”的清单" in window.text()


def test_a_corrected_sheet_adjusts_the_list_and_what_was_wrong_from_the_beginning_is_taken_back_first(
    visits: Visits, tmp_path: Path
) -> None:
    window = visits.window(WIDTHS[1], scripts=False)
    page = window.page
    window.open("/lists/import")
    page.set_input_files("#file", workbook(tmp_path, "水库大坝昼夜值守", "集市早晚秩序维持"))
    for field, text in (("county", COUNTY), ("instrument", PAPER), ("as", "TRY-AGAIN")):
        page.fill(f"#{field}", text)
    page.click("text=查看，先不记录")
    window.settle()
    assert page.locator("#adjusts").count() == 0  # a new list adjusts none
    page.click("button[name=record]")
    window.settle()
    recorded = page.url
    window.check()
    page.click("#again a")
    given = {field: page.input_value(f"#{field}") for field in ("county", "instrument", "as")}
    assert given == {"county": COUNTY, "instrument": PAPER, "as": "TRY-AGAIN"}
    page.set_input_files("#file", workbook(tmp_path, "水库大坝昼夜值守", "集市早晚秩序维持", "校门口护学站岗"))
    page.click("text=查看，先不记录")
    window.settle()
    assert "列入 1 项" in page.inner_text("#confirm")
    assert "以前的内容仍照原来的记录" in page.inner_text("#adjusts")
    window.check()
    page.goto(recorded)  # nothing was recorded of that: the first import is taken back
    page.click("#undo")
    page.click("button[name=record]")
    window.settle()
    assert "已撤回" in page.inner_text("#done")


def test_what_is_wrong_is_reported_and_what_was_entered_is_kept(visits: Visits, tmp_path: Path) -> None:
    window = visits.window(360, lang="en-GB")
    page = window.page
    window.open("/lists/import?lang=en")
    page.set_input_files("#file", workbook(tmp_path, "某事项", title="某表"))
    page.fill("#county", "nowhere")
    page.fill("#instrument", "无此文件")
    page.click("summary")
    page.fill("#quota", "many")
    page.click("text=Look at it")
    window.settle()
    assert "“At most so many a unit” must be a number" in window.text()
    assert page.input_value("#county") == "nowhere"
    page.fill("#quota", "")
    page.click("text=Look at it")
    window.settle()
    assert "There is no county “nowhere”" in window.text()
    page.fill("#county", COUNTY)
    page.click("text=Look at it")
    window.settle()
    assert "To be put right" in window.text()
    assert "“Kind of list”" in window.text()
    assert page.input_value("#instrument") == "无此文件"
    # The browser notes the status of each answer.
    window.problems = [problem for problem in window.problems if not re.search(r"\b40[04]\b", problem)]
    window.check()


def test_without_cookies_the_form_says_so_and_keeps_what_was_entered(visits: Visits, tmp_path: Path) -> None:
    window = visits.window(scripts=False)
    page = window.page
    window.open("/lists/import")
    page.set_input_files("#file", workbook(tmp_path, "某事项"))
    page.fill("#county", COUNTY)
    page.fill("#instrument", PAPER)
    page.fill("#as", "KEPT")
    page.context.clear_cookies()
    page.click("text=查看，先不记录")
    window.settle()
    assert "没有收到本页的校验信息" in page.inner_text("#note")
    page.click("text=查看，先不记录")  # the cookie came with this answer
    window.settle()
    assert "将记录的决定" in window.text()


def test_a_page_of_another_site_records_nothing(visits: Visits, tmp_path: Path) -> None:
    window = visits.window()
    page = window.page
    window.open("/lists/import")  # the cookie is there
    form = f"""<form method="post" action="{window.address}/lists/import" enctype="multipart/form-data">
        <input name="county" value="{COUNTY}"><input name="instrument" value="{PAPER}"><button>go</button></form>"""
    page.route("http://elsewhere.example/", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto("http://elsewhere.example/")
    with page.expect_navigation() as navigation:
        page.click("button")
    assert navigation.value.status == 403
    assert "forbidden" in window.text() or "校验信息" in window.text()


@pytest.mark.parametrize(("width", "scripts"), [(WIDTHS[0], True), (WIDTHS[1], False)])
def test_the_tables_of_an_import_are_sorted_filtered_and_downloaded_and_keep_what_was_chosen(
    visits: Visits, tmp_path: Path, width: int, scripts: bool
) -> None:
    window = visits.window(width, scripts=scripts)
    page = window.page
    window.open("/lists/import?lang=zh")
    page.set_input_files("#file", workbook(tmp_path, "渡口安全巡护", "古树名木看护"))
    for field, text in (("county", COUNTY), ("instrument", PAPER), ("as", f"TABLES-{width}")):
        page.fill(f"#{field}", text)
    page.click("text=查看，先不记录")
    window.settle()
    window.check()
    assert not scripts or barriers(page).violations_count == 0  # without scripts none can look for them
    box = page.locator("#table-columns1 select[name^='column:']").last
    name, value = box.get_attribute("name"), "-"
    box.select_option(value)
    page.click("text=照所选的列重新查看")
    window.settle()
    assert page.locator("#table-columns1 select[name^='column:']").last.input_value() == value
    # A filter that leaves its row out leaves what was chosen of it in the form.
    page.goto(f"{page.url}&columns1-q=没有这样的表头")
    assert page.locator("#table-columns1 select[name^='column:']").count() == 0
    assert page.locator(f'input[type=hidden][form=import][name="{name}"]').get_attribute("value") == value
    page.goto(page.url.partition("&columns1-q")[0] + "&steps-sort=-name")
    names = page.locator("#table-steps td[data-head=名称]").all_inner_texts()
    assert len(names) > 2
    assert names == sorted(names, reverse=True)
    tables = ("columns1", "uses1", "sheet1", "steps")
    assert [page.locator(f"#table-{table} .files a").count() for table in tables] == [3] * len(tables)
    files = {table: page.locator(f"#table-{table} .files a >> nth=2").get_attribute("href") for table in tables}
    kept = {table: page.request.get(f"{window.address}{href}").json() for table, href in files.items()}
    assert [row["name"] for row in kept["steps"]] == names
    assert any("渡口安全巡护" in row.values() for row in kept["sheet1"])
    window.check()
