"""An auditor's errand: from an incident to the statement, the evidence, and what the evidence comes to when checked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.browser import Visits

pytestmark = pytest.mark.browser


def _altered(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The file with something written over in one of its parts."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(output, "w") as other:
        for part in packed.namelist():
            inner = packed.read(part)
            other.writestr(part, inner.replace(old, new) if part == name else inner)
    assert output.getvalue() != content
    return output.getvalue()


def _check(page: Page, address: str, file: Path) -> tuple[bool, list[str]]:
    """Upload a file to be checked: whether it holds, and each step as it is read."""
    page.goto(f"{address}/proofs/check?lang=zh")
    page.set_input_files("#file", file)
    page.click("main button")
    page.wait_for_selector("#result")
    return page.locator(".verdict.holds").count() == 1, page.locator(".checks li").all_inner_texts()


def test_from_an_incident_to_evidence_that_holds_and_a_forgery_that_does_not(visits: Visits, tmp_path: Path) -> None:
    window = visits.window()
    window.open("/accountability?lang=zh")
    page = window.page
    page.fill("#unit", "板桥店镇")
    page.fill("#matter", "公路沿线非公路标志")
    page.fill("#on", "2020-04-01")
    page.click("main form button")
    page.wait_for_selector("#conclusion")
    assert page.inner_text("#conclusion").startswith(
        "2020年4月1日，板桥店镇承担“公路沿线非公路标志和建筑控制区管理”这一职责，但不具备"
    )
    assert "宜城市交通运输局" in page.inner_text("#table-chain")
    with page.expect_download() as kept:
        page.click("text=下载公文")
    assert kept.value.suggested_filename.endswith(".docx")
    with page.expect_download() as kept:
        page.click("#evidence")
    file = tmp_path / "evidence.zip"
    kept.value.save_as(file)

    holds, steps = _check(page, visits.address, file)
    assert (holds, [step[0] for step in steps]) == (True, ["✓"] * 6)
    assert "板桥店镇承担“公路沿线非公路标志" in page.inner_text("#result .lead")
    page.click("#result p a >> nth=0")  # the first decision that it rests on
    page.click("[data-verify]")
    page.wait_for_selector("output.holds")
    window.check()

    whole = file.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        one = next(name for name in packed.namelist() if name.startswith("decisions/"))
    forgeries = {
        3: _altered(whole, "answer.json", b"HELD_WITHOUT_POWER", b"HELD_WITH_POWER"),
        4: _altered(whole, one, b'"at"', b'"AT"'),
        2: _altered(whole, "checkpoint.txt", b"quanze\n", b"quanzi\n"),
        1: whole[:2000],
    }
    for step, content in forgeries.items():
        file.write_bytes(content)
        holds, steps = _check(page, visits.address, file)
        assert not holds
        assert [text[0] for text in steps] == ["✓"] * (step - 1) + ["✗"] + ["–"] * (6 - step), steps
    window.check()
