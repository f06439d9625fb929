"""How long pages take on a slow phone: `python -m tools.slow_phone http://127.0.0.1:8000 / /overview/420684`.

Chromium at 360 pixels, by the protocol of its developer tools at 400 kbit/s, 400 ms there and back, and a processor
four times slower; nothing cached. Printed are of each page the bytes as sent, the time to the first paint, and to the
end of loading, as the median of several visits.
"""

from __future__ import annotations

import shutil
import statistics
import sys
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

VISITS: Final = 3
LINK: Final = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
SLOWER: Final = 4
TIMES: Final = """() => {
    const [page] = performance.getEntriesByType("navigation");
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    const others = performance.getEntriesByType("resource");
    const sent = others.reduce((sum, one) => sum + one.transferSize, page.transferSize);
    return [sent, paint ? paint.startTime : NaN, page.loadEventEnd];
}"""


def main() -> None:
    """Print a row of a table for each page."""
    address, *paths = sys.argv[1:]
    with sync_playwright() as driver:
        names = ("chromium", "google-chrome", "chromium-headless-shell")
        program = next((path for path in map(shutil.which, names) if path), None)
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        print("| page | bytes sent | first paint (s) | loaded (s) |\n| --- | --- | --- | --- |")
        for path in paths:
            visits = [_visit(browser, address + path) for _ in range(VISITS)]
            if None in visits:
                print(f"| `{path}` | not there | | |")
                continue
            sent, paint, loaded = (statistics.median(each) for each in zip(*filter(None, visits), strict=True))
            print(f"| `{path}` | {sent:.0f} | {paint / 1000:.2f} | {loaded / 1000:.2f} |")
        browser.close()


def _visit(browser: Browser, url: str) -> tuple[float, float, float] | None:
    """Bytes as sent, milliseconds to the first paint and to the end of loading; None where the page is not there."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
    page = context.new_page()
    tools: Any = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", LINK)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    answer = page.goto(url, wait_until="load")
    page.wait_for_timeout(300)
    times = page.evaluate(TIMES) if answer is not None and answer.status == 200 else None
    context.close()
    return None if times is None else (times[0], times[1], times[2])


if __name__ == "__main__":
    main()
