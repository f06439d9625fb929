"""Pictures as the server draws them: no text lies on another."""

from __future__ import annotations

import pytest

from tests.support.browser import OVERLAPPING, Visits, in_language

pytestmark = pytest.mark.browser

CUSTODY, BALANCE = "/matters/D-STRAW-BURNING?within=420684", "/balance/420684"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", [CUSTODY, BALANCE])
def test_no_text_of_a_picture_lies_on_another(visits: Visits, address: str, lang: str) -> None:
    window = visits.window()
    window.open(in_language(address, lang))
    assert window.page.locator("svg[aria-labelledby] text").count() > 10
    assert window.page.eval_on_selector_all("svg[aria-labelledby]", OVERLAPPING) == []


def test_changes_that_follow_closely_each_have_their_label(visits: Visits) -> None:
    window = visits.window()
    window.open(in_language(CUSTODY, "zh"))
    labels = window.page.locator("svg[aria-labelledby^=custody] text").all_text_contents()
    assert {"2021-05-10 宜政办发〔2021〕14号", "2025-09-25 宜环责〔2025〕6号"} <= set(labels)
