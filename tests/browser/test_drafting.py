"""A draft's way in a real browser: looked at, changed, shared, proposed, admitted; recorded and taken back; a sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.browser import WIDTHS, Visit, Visits
from tests.support.workbooks import workbook

pytestmark = pytest.mark.browser

PAPER = "宜办发〔2025〕6号"
TOWNS = ("郑集镇", "小河镇", "刘猴镇")


def begun(window: Visit) -> None:
    """A draft to three townships, named as people name things, and looked at."""
    page = window.page
    window.open("/drafts/new?kind=delegate&lang=zh")
    for field, text in (("matter", "婚姻登记便民服务"), ("from", "宜城市民政局"), ("instrument", PAPER)):
        page.fill(f"#{field}", text)
    page.click("form#draft .acts button[value=look]")
    for town in TOWNS:
        page.get_by_role("checkbox", name=town).first.check()
    page.click("form#draft .acts button[value=look]")


@pytest.mark.parametrize("scripts", [False, True])
def test_a_draft_is_changed_shared_proposed_and_admitted(visits: Visits, scripts: bool) -> None:
    window = visits.window(WIDTHS[0 if scripts else 1], scripts=scripts)
    page = window.page
    begun(window)
    assert re.search(r"会产生 [12] 个问题", page.inner_text("#effects"))
    assert "缺少履职所需的权力" in page.inner_text("#effects")
    window.check()
    page.click("button[value='way:powers']")
    page.wait_for_selector("#powers input:checked")
    assert "不产生新问题" in page.inner_text("#effects")
    page.click("button[value=share]")
    assert "已与辖区共享" in page.inner_text("main")
    if scripts:  # at once, without leaving the page
        page.uncheck("#powers input")
        page.wait_for_selector("#effects .VIOLATION")
        page.check("#powers input")
        page.wait_for_selector("#effects .VIOLATION", state="detached")
    page.click("button[value=propose]")
    assert "已申请准入：申请 6 件" in page.inner_text("#done")
    window.check()
    page.click("ol.words a >> nth=0")
    assert "待审核" in page.inner_text("#answer")
    page.click("button[value=admit]")
    assert page.inner_text("#answer") == "准入"
    window.check()


@pytest.mark.parametrize("scripts", [False, True])
def test_another_document_and_the_level_between_are_taken_by_their_buttons(visits: Visits, scripts: bool) -> None:
    window = visits.window(WIDTHS[1 if scripts else 0], scripts=scripts)
    page = window.page
    window.open("/drafts/new?kind=grant&lang=zh")
    given = ("临时占用街道两侧和公共场地审批", "宜城市城市管理执法局", "宜政办发〔2020〕7号")
    for field, text in zip(("matter", "from", "instrument"), given, strict=True):
        page.fill(f"#{field}", text)
    page.click("form#draft .acts button[value=look]")
    page.get_by_role("checkbox", name="孔湾镇").first.check()
    page.click("form#draft .acts button[value=look]")
    assert "会产生 1 个问题" in page.inner_text("#effects")
    page.click("button[value^='way:document:']")
    page.wait_for_selector("#effects >> text=不产生新问题")
    assert page.input_value("#instrument") == "国务院令第101号"
    window.check()
    window.open("/drafts/new?kind=delegate&lang=zh")
    for field, text in (("matter", "田埂巡看"), ("from", "宜城市农业农村局"), ("instrument", PAPER)):
        page.fill(f"#{field}", text)
    page.check("#new_matter")
    page.click("form#draft .acts button[value=look]")
    village = page.locator("input[name='to:420684104216']")
    for folded in page.locator("#tree details").filter(has=village).all():  # from the outermost on
        if folded.get_attribute("open") is None:
            folded.locator("summary").first.click()
    village.check()
    page.click("form#draft .acts button[value=look]")
    page.wait_for_selector("#effects >> text=越过了刘猴镇")
    assert not page.locator("#effects a", has_text="田埂巡看").count()
    page.click("button[value='way:between']")
    page.wait_for_selector("#effects >> text=越过了刘猴镇", state="detached")
    assert page.get_by_role("checkbox", name="刘猴镇").first.is_checked()
    window.check()


def test_a_draft_is_recorded_and_taken_back(visits: Visits) -> None:
    window = visits.window(WIDTHS[1], scripts=False)
    page = window.page
    begun(window)
    page.click("button[value=record]")
    assert "已记录：共 3 项" in page.inner_text("#done")
    window.check()
    page.click("#undo")
    page.click("button[name=record]")
    assert "已撤回" in page.inner_text("#done")


def test_a_sheet_is_corrected_and_made_a_draft(visits: Visits, tmp_path: Path) -> None:
    window = visits.window(scripts=False)
    page = window.page
    window.open("/drafts/new?lang=zh")
    page.click("text=导入清单表格")
    page.set_input_files("#file", workbook(tmp_path, "先做成草稿的事项"))
    for field, text in (("county", "420684"), ("instrument", PAPER), ("as", "TRY-DRAFT")):
        page.fill(f"#{field}", text)
    page.click("text=查看，先不记录")
    window.settle()
    assert "会产生" in page.inner_text("#effects")
    page.select_option("select[name$='对应上级部门']", "-")
    page.click("text=查看，先不记录")
    window.settle()
    assert page.locator("select[name$='对应上级部门']").input_value() == "-"
    page.click("text=原表")
    assert "先做成草稿的事项" in page.inner_text("details.sheet")
    window.check()
    page.click("#as-draft button")
    assert "先做成草稿的事项" in page.inner_text("ol.words")
    page.click("button[value=save]")
    assert "第 1 稿" in page.inner_text("main")
    page.click("button[value=record]")
    assert "已记录" in page.inner_text("#done")
    window.check()
    page.click("#undo")
    page.click("button[name=record]")
    assert "已撤回" in page.inner_text("#done")
