"""A closed finding says on which day it ended, whenever the registry noticed, and whether an order was met in time."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import psycopg
import pytest

from registry.impact import finding_feed
from registry.web.console.asking import ANSWERS
from tests.support.api_client import Api
from tests.support.worlds import COUNTY, decision, duty

KEY = "rule=duty-without-power&unit=town&subject=R-1"
ORDER = decision(
    "RectificationOrdered",
    "2024-11-04",
    ref="DB-1",
    rule="duty-without-power",
    unit="town",
    subject="R-1",
    by="420684",
    text="限期退回",
    due_on="2025-03-31",
)


def ended(day: str) -> dict[str, object]:
    return decision("DelegationEnded", day, ref="R-1", reason="returned")


def look(over: Api, more: str = "") -> str:
    answer = over.send("GET", f"/findings/one?{KEY}{more}", headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return " ".join(unescape(re.sub("<[^>]+>", " ", answer.text.partition("<main")[2])).split())


@pytest.mark.parametrize(
    ("day", "text"),
    [("2025-03-28", "在期限以内"), ("2025-03-31", "在期限以内"), ("2025-04-10", "超过期限 10 天")],
)
def test_an_order_is_met_by_the_day_on_which_the_finding_ended(
    api_over: Callable[..., Api], shared_api: tuple[psycopg.Connection, Api], day: str, text: str
) -> None:
    ANSWERS.clear()
    over = api_over([*COUNTY, duty("R-1", matter="D-SAND"), ORDER, ended(day)])
    connection = shared_api[0]
    finding_feed.assess_backlog(connection)
    connection.commit()
    now = look(over)
    assert f"这个问题已不成立：{day} 消除（登记簿" in now
    assert "终止" in now  # by which decision
    assert f"问题 {day} 消除，{text}" in now
    english = look(over, "&lang=en")
    assert f"it ended on {day} (the registry noticed" in english
    early = look(over, "&as_of=2024-12-31")
    assert f"问题 {day} 消除，{text}" not in early  # that order was not closed yet
    assert f"这个问题已于 {day} 消除" in early
    before = look(over, "&as_of=2024-06-30")
    assert "到 2024-06-30 没有督办" in before
    assert "此后的督办： 2024-11-04 签发，限 2025-03-31 前" in before
    later = look(over, "&as_of=2024-12-31&lang=en")
    assert f"This finding ended on {day}" in later
