"""What pages weigh as sent: a village's little, for slow phones; a view of the console not much more."""

from __future__ import annotations

import pytest

from tests.support.browser import Visits

pytestmark = pytest.mark.browser

KB = 1000
COUNTY = "420684"
PHONE = ("/", "/villages", "/villages/420684102200", "/villages/420684104208/burdens?month=2026-03", "/receipts")
CONSOLE = (
    f"/changes/{COUNTY}?from=2025-01-01&to=2026-06-30",
    f"/reports?within={COUNTY}",
    f"/monitoring?within={COUNTY}&month=2026-09",
    f"/assessments?within={COUNTY}&period=2026-H1",
    "/admin",
    "/admin/accounts",
    "/admin/size",
)
# As packed for sending, with all that the page loads.
SENT = """() => performance.getEntriesByType("resource").reduce((sum, one) => sum + one.encodedBodySize,
    performance.getEntriesByType("navigation")[0].encodedBodySize)"""


@pytest.mark.parametrize(("paths", "most"), [(PHONE, 60 * KB), (CONSOLE, 150 * KB)], ids=["phone", "console"])
def test_a_page_weighs_no_more_than_it_may_with_all_that_it_loads(
    visits: Visits, paths: tuple[str, ...], most: int
) -> None:
    weights: dict[str, int] = {}
    for path in paths:
        window = visits.window(360)  # one that has been nowhere: nothing is cached
        window.open(path)
        window.page.wait_for_load_state("load")
        weights[path] = window.page.evaluate(SENT)
    assert {path: weight for path, weight in weights.items() if not 0 < weight < most} == {}
