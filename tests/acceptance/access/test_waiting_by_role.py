"""What waits on an overview goes by the role that the reader has there, and leads nobody to a refusal."""

from __future__ import annotations

import re
from html import unescape

import pytest

from registry.access import accounts
from registry.access.roles import Role
from registry.access.viewer import Grant
from tests.support.counties import BY, Counties, Who

ORDERS = ["overdue", "on_paper"]
WAITS = {
    Who(Role.CLERK): [*ORDERS, "open", "reports"],
    Who(Role.EDITOR, "A-water"): [*ORDERS, "open", "asked", "admitted", "drafts", "reports"],
    Who(Role.ORGANIZER, "A"): [*ORDERS, "disputed", "open", "proposals", "admitted", "drafts", "reports"],
    Who(Role.AUDITOR, "A"): [*ORDERS, "disputed", "corrections"],
}


def waiting(counties: Counties, who: Who, unit: str, lang: str = "zh") -> str:
    """What waits for somebody on the overview of a unit, as HTML."""
    headers = {**counties.cookie(who), "host": "localhost", "accept": "text/html"}
    answer = counties.api.send("GET", f"/overview/{unit}?lang={lang}&waiting=all", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text.partition('id="waiting"')[2].partition("</section>")[0]


def sections(page: str) -> dict[str, int]:
    """How many wait in each section."""
    return {name: int(number) for name, number in re.findall(r'<h3 id="(\w+)">[^<]*<\w+[^>]*>(\d+)</', page)}


@pytest.mark.parametrize("who", WAITS, ids=str)
def test_each_role_sees_what_waits_for_it_and_may_follow_it(counties: Counties, who: Who) -> None:
    page = waiting(counties, who, "A-town" if who.role is Role.CLERK else "A")
    assert list(sections(page)) == WAITS[who]
    assert who.role.text.zh in page
    assert who.role.text.en in waiting(counties, who, "A-town", "en")
    assert ("只看、不记录" in page) == (who.role is Role.AUDITOR)
    headers = {**counties.cookie(who), "host": "localhost", "accept": "text/html"}
    links = {unescape(link) for link in re.findall('href="(/.*?)"', page)}
    assert links
    for link in links:
        assert counties.api.send("GET", link, headers=headers).status_code == 200, link


def test_who_has_two_roles_sees_what_waits_for_both_where_both_hold(counties: Counties) -> None:
    both = Who(Role.AUDITOR, "A")._replace(unit="A")
    counties.headers(both)
    accounts.give(counties.connection, both.account, Grant(Role.CLERK, "A-town2"), BY)
    counties.connection.commit()
    try:
        there = waiting(counties, both, "A-town2")
        assert {"reports", "open", "disputed", "corrections"} <= sections(there).keys()
        assert "reports" not in sections(waiting(counties, both, "A-town"))
    finally:
        accounts.take(counties.connection, both.account, Grant(Role.CLERK, "A-town2"), BY)
        counties.connection.commit()


def test_a_number_that_waits_is_of_the_readers_territory_alone(counties: Counties) -> None:
    clerk, editor = (waiting(counties, who, unit) for who, unit in zip(WAITS, ("A-town", "A"), strict=False))
    # Other tests of these counties report and ask for more.
    assert 1 <= sections(clerk)["reports"] < sections(editor)["reports"]
    assert sections(editor)["asked"] >= 2
    assert "S-B" not in clerk + editor
