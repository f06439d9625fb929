"""Fields that take a unit or a matter by name understand what the search box finds, and ask where it may be several."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from registry import database
from registry.access import accounts
from registry.access.accounts import Grant
from registry.access.changes import By
from registry.access.roles import Role
from registry.domain.dates import today
from tests.support.api_client import Api, api
from tests.support.databases import database_copy
from tests.support.visitor import PASSWORD, Visitor, quick_passwords

VILLAGE, NAME = "420684109205", "前锋村委会"
WAYS = [
    "前锋村",
    "雷河镇前锋村",
    "雷河镇前锋村委会",
    "雷河 前锋村",
    "前锋村民委员会",
    "qianfengcun",
    f"{NAME}（{VILLAGE}）",
    f"{VILLAGE}（雷河镇前锋村委会）",
    "宜城市雷河镇前锋村",
    VILLAGE,
]


@pytest.fixture(scope="module")
def url(server_url: str, demo_template: str) -> Iterator[str]:
    with database_copy(server_url, demo_template) as copy:
        yield copy


@pytest.fixture(scope="module")
def demo(url: str) -> Iterator[Api]:
    with api(url) as opened:
        yield opened


def look(demo: Api, address: str, status: int = 200) -> str:
    answer = demo.send("GET", address, headers={"accept": "text/html"})
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def meant(page: str) -> dict[str, str]:
    """The units that a page offers to choose from: their full names, and where each leads."""
    listed = page.partition('<ul id="meant">')[2].partition("</ul>")[0]
    return {name: leads for leads, name in re.findall(r'<a href="([^"]+)"><span lang="zh-CN">([^<]+)<', listed)}


@pytest.mark.parametrize("way", WAYS)
def test_a_unit_is_taken_by_what_it_is_sure_to_be_and_shown_by_its_name(demo: Api, way: str) -> None:
    incident = f"matter=D-STRAW-BURNING&on=2025-10-03&unit={quote(way)}"
    page = look(demo, f"/accountability?{incident}")
    assert f'id="unit" name="unit" value="{NAME}（{VILLAGE}）"' in page
    assert f"{NAME}不承担" in page
    assert demo.send("GET", f"/accountability.docx?{incident}").status_code == 200
    for filter_ in ("/findings?within=", "/burdens?within=", "/rectifications?within=", "/reports?within="):
        assert f'href="/overview/{VILLAGE}' in look(demo, filter_ + quote(way)) or NAME in look(
            demo, filter_ + quote(way)
        )


def test_a_name_that_may_be_several_is_offered_to_be_clicked_and_none_is_taken(demo: Api) -> None:
    page = look(demo, f"/accountability?unit={quote('孔湾')}&matter=D-STRAW-BURNING&on=2025-10-03", 404)
    offered = meant(page)
    assert len(offered) > 1
    assert "孔湾镇" in "".join(offered)
    assert 'id="conclusion"' not in page
    for name, leads in offered.items():
        answer = look(demo, leads)
        assert 'id="conclusion"' in answer
        assert re.search(r'name="unit" value="([^（"]+)（', answer)[1] in name  # type: ignore[index]
    part = meant(look(demo, f"/findings?within={quote('前锋')}", 404))  # of which one alone has it in its name
    assert list(part) == [f"雷河镇{NAME}"]
    assert VILLAGE in part[f"雷河镇{NAME}"]
    by_path = meant(look(demo, f"/overview/{quote('孔湾')}", 404))
    assert all(leads.startswith("/overview/4206") for leads in by_path.values())
    assert len(by_path) > 1


def test_what_nothing_is_called_like_is_refused(demo: Api) -> None:
    page = look(demo, f"/accountability?unit={quote('月球基地')}&matter=D-STRAW-BURNING&on=2025-10-03", 404)
    assert meant(page) == {}
    assert "没有代码或名称为“月球基地”的单位" in page


@pytest.mark.parametrize("words", ["straw burning", "jieganlutianjinshao", "烧秸秆", "秸秆禁烧"])
def test_a_matter_is_offered_by_sound_code_and_likeness(demo: Api, words: str) -> None:
    page = look(demo, f"/accountability?unit={VILLAGE}&matter={quote(words)}&on=2025-10-03")
    assert "秸秆露天禁烧" in page
    assert 'id="conclusion"' in page or "D-STRAW-BURNING" in page.partition('id="which"')[2]


def test_an_account_asks_which_unit_is_meant(url: str) -> None:
    with database.connect(url) as connection, quick_passwords():
        accounts.add(connection, "admin", PASSWORD, [Grant(Role.ADMINISTRATOR)], By("admin", "page"))
        connection.commit()
        with api(url) as opened:
            admin = Visitor(opened)
            admin.log_in("admin")
            admin.get("/accounts")
            form: dict[str, Any] = {"name": "kongwan", "password": PASSWORD, "role": "editor"}
            assert admin.post("/accounts", **form, unit="孔湾").status_code == 404
            chosen = re.search(r'<select id="unit" name="unit".*?</select>', admin.page, re.DOTALL)
            assert chosen
            codes = re.findall(r'<option value="(\d+)"', chosen[0])
            assert len(codes) > 1
            assert admin.get("/accounts/kongwan").status_code == 404  # nothing was made
            admin.get("/accounts")
            assert admin.post("/accounts", **form, unit="雷河镇前锋村").status_code == 303
            assert NAME in admin.get("/accounts/kongwan").text
            admin.post("/accounts/kongwan", do="give", role="clerk", unit="孔湾")
            assert re.search(r'<select id="unit" name="unit"', admin.page)
            admin.post("/accounts/kongwan", do="give", role="clerk", unit=codes[0])
            assert "已授予" in admin.page


def test_an_order_is_asked_by_which_unit_and_records_nothing_before(server_url: str, demo_template: str) -> None:
    with database_copy(server_url, demo_template) as copy, api(copy) as opened:
        ask = '{ findings(within: "420684105", first: 1) { nodes { rule subject unit { code } } } }'
        one = opened.ask(ask)["findings"]["nodes"][0]
        address = "/findings/one?" + urlencode(
            {"rule": one["rule"], "unit": one["unit"]["code"], "subject": one["subject"]}
        )
        auditor = Visitor(opened)
        size = opened.ask("{ log { size } }")["log"]["size"]
        auditor.get(address)
        new = re.search(r'name="new_ref" value="([^"]+)"', auditor.page)
        assert new
        order: dict[str, Any] = {
            "act": "order",
            "text": "退回",
            "due": str(today() + timedelta(days=20)),
            "new_ref": new[1],
        }
        assert auditor.post(address, **order, by="孔湾").status_code == 404
        chosen = re.search(r'<select id="[^"]+" name="by".*?</select>', auditor.page, re.DOTALL)
        assert chosen
        assert "孔湾镇" in chosen[0]
        assert opened.ask("{ log { size } }")["log"]["size"] == size
