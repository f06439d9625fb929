"""Take pictures of views over the demo county, wide and as on a phone: `python -m tools.screenshots`.

A server of its own is started over a registry of its own. Views that are not there (404) are left out, and said so.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from playwright.sync_api import Browser, sync_playwright

from tools.screenshots.small import small_png

ROOT: Final = Path(__file__).parents[2]
ASSETS: Final = ROOT / "docs" / "assets"
CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
SIZES: Final = {1280: 800, 360: 740}  # widths with the heights that are shown
LARGEST: Final = 150_000  # bytes of a picture
PATIENCE: Final = 120  # seconds for the server to come up
# Where each view stands, and what of it is scrolled to, where that is not its head. The way of a duty down is drawn by
# scripts, so all are given a moment.
VIEWS: Final = {
    "overview": ("/overview/420684", None),
    "duty-way": ("/matters/D-FOREST-FIRE?within=420684", "h2"),
    "draft": ("/drafts/new", None),
    "report": ("/villages/420684104208/burdens?month=2026-03", None),
}
SETTLED: Final = 1.0  # seconds


def main() -> int:
    """Take every picture; gives the status of the process: 1 where one is too large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, default=ASSETS, help="the folder of the pictures")
    parser.add_argument("--only", nargs="*", default=list(VIEWS), help="the names of the views")
    given = parser.parse_args()
    given.to.mkdir(parents=True, exist_ok=True)
    with _server() as address, sync_playwright() as driver:
        program = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        large = [
            file
            for name in given.only
            for width in SIZES
            if (file := _picture(browser, address, name, width, given.to)) and file.stat().st_size > LARGEST
        ]
        browser.close()
    for file in large:
        print(f"过大 / too large: {file} {file.stat().st_size} > {LARGEST}", file=sys.stderr)
    return 1 if large else 0


def _picture(browser: Browser, address: str, name: str, width: int, folder: Path) -> Path | None:
    """The picture of a view in a width; None where the view is not there."""
    context = browser.new_context(viewport={"width": width, "height": SIZES[width]}, locale="zh-CN")
    page = context.new_page()
    path, shown = VIEWS[name]
    answer = page.goto(address + path)
    if answer is None or answer.status != 200:
        print(f"没有 / not there: {path} ({answer.status if answer else '-'})")
        context.close()
        return None
    page.wait_for_timeout(SETTLED * 1000)
    if shown is not None:
        page.locator(shown).first.evaluate("shown => shown.scrollIntoView()")
    file = folder / f"{name}-{width}.png"
    file.write_bytes(small_png(page.screenshot()))
    context.close()
    print(f"{file.name}: {file.stat().st_size} bytes")
    return file


@contextmanager
def _server() -> Generator[str]:
    """The address of a server over the demo county, in a folder that is gone afterwards."""
    port = 18_000 + os.getpid() % 10_000
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "REGISTRY_HOME": home}
        program = [sys.executable, "-m", "registry"]
        subprocess.run([*program, "demo"], env=environment, check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([*program, "serve", "--port", str(port)], env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _wait(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if httpx.get(f"{address}/ready").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > deadline:
            raise TimeoutError(address)
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
