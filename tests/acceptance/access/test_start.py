"""The first page leads each role to what it may do, and to nothing that refuses it."""

from __future__ import annotations

import re
from html import unescape

from registry.access.roles import Role
from tests.support.counties import Counties, Who


def test_the_first_page_leads_nobody_to_a_refusal(counties: Counties) -> None:
    pages = {role: _links(counties, role) for role in Role}
    for role, links in pages.items():
        for link in links:
            answer = counties.api.send("GET", link, headers=_headers(counties, role))
            assert answer.status_code in (200, 303), f"{link} by {role}: {answer.status_code}"
    assert "/lists" in pages[Role.ANYBODY]
    assert not {"/lists/import", "/undo", "/accounts"} & pages[Role.ANYBODY]
    assert "/accounts" in pages[Role.ADMINISTRATOR]
    assert "/overview/A-town" in pages[Role.CLERK]
    assert not {"/lists/import", "/undo"} & pages[Role.ADMINISTRATOR]
    assert {"/lists/import"} <= pages[Role.EDITOR]
    assert {"/lists/import", "/undo"} <= pages[Role.ORGANIZER]
    assert not {"/lists/import", "/undo", "/accounts"} & pages[Role.CLERK]


def test_a_search_leads_nobody_to_a_page_that_refuses_it(counties: Counties) -> None:
    for role in Role:
        shown: set[str] = set()
        for text in ("撤回", "导入", "账号", "备份", "起草", "权责平衡", "矩阵", "变化", "问题台账", "清单", "日志"):
            page = counties.api.send("GET", f"/search?q={text}", headers=_headers(counties, role)).text
            lines = page.partition("规则和页面</h2>")[2].partition("</ul>")[0]
            shown |= {link.partition("?")[0] for link in re.findall('href="(.*?)"', lines)}
        for link in shown:
            answer = counties.api.send("GET", link, headers=_headers(counties, role))
            assert answer.status_code in (200, 303), f"{link} by {role}: {answer.status_code}"
        assert ("/undo" in shown) == (role is Role.ORGANIZER)
        assert ("/accounts" in shown) == (role is Role.ADMINISTRATOR)
        assert ("/balance/A-town" in shown) == (role in (Role.CLERK, Role.EDITOR, Role.ORGANIZER, Role.AUDITOR))
        assert "/lists" in shown


def test_the_page_of_a_list_leads_nobody_to_a_page_that_refuses_it(counties: Counties) -> None:
    for role in Role:
        for path in ("/lists/A-PLAN", "/units/A-town/lists"):
            page = counties.api.send("GET", path, headers=_headers(counties, role)).text
            main = page.partition("<main")[2].partition("</main>")[0]
            links = {unescape(link) for link in re.findall('href="(/.*?)"', main)}
            for link in links:
                answer = counties.api.send("GET", link, headers=_headers(counties, role))
                assert answer.status_code in (200, 303), f"{link} by {role}: {answer.status_code}"
            leads_inside = any(link.startswith("/overview/") for link in links)
            assert leads_inside == (path.startswith("/lists/") and role not in (Role.ANYBODY, Role.ADMINISTRATOR))


def _links(counties: Counties, role: Role) -> set[str]:
    page = counties.api.send("GET", "/", headers=_headers(counties, role))
    links = re.findall(r'<ul class="links">(.*?)</ul>', page.text, re.DOTALL)
    return {link.partition("?")[0] for link in re.findall('href="(.*?)"', "".join(links))}


def _headers(counties: Counties, role: Role) -> dict[str, str]:
    return {**counties.cookie(Who(role)), "host": "localhost", "accept": "text/html"}
