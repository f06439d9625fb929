"""The balance over many days is shown with its last day, and what is drawn comes after it, with scripts and without."""

from __future__ import annotations

import re

import pytest

from tests.support.browser import Visits

pytestmark = pytest.mark.browser
PERIOD = "from=2025-05-01&to=2026-06-30&step=month"
ADDRESS = f"/balance/420684104?{PERIOD}&figure=violationsPer100Duties&lang=zh"


def test_what_is_drawn_of_many_days_comes_after_the_page(visits: Visits) -> None:
    plain = visits.window(scripts=False)
    plain.open(ADDRESS)
    page = plain.page
    rows = page.locator("#table-latest tbody tr").all_inner_texts()
    assert len(rows) > 5
    assert page.locator("#series svg").count() == 0
    page.locator("#series a").click()
    page.wait_for_url("**series=yes**")
    assert page.locator("#table-whole tbody tr").count() == 14
    drawn = page.locator("#series svg").count()
    assert drawn == 3
    last = page.locator("#table-whole tbody tr").last.locator("td").all_text_contents()
    whole = page.locator("#meanings dt").all_text_contents()
    assert last[1:] == [re.sub(r"^.* ", "", text.strip()) for text in whole]
    # All but the rate are written as the whole numbers that they are; no link on the page keeps what comes at once.
    assert all(re.fullmatch(r"\d+", text) for text in last[2:])
    assert not [one for one in page.locator("main a").all() if "series=" in (one.get_attribute("href") or "")]
    assert page.locator("#table-latest tbody tr").all_inner_texts() == rows
    plain.check()

    window = visits.window()
    window.open(ADDRESS)
    window.page.locator("#series svg").nth(drawn - 1).wait_for(state="attached")
    assert window.page.locator("#table-whole tbody tr").last.locator("td").all_text_contents() == last
    window.check()
