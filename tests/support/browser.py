"""Windows of a real browser, and what goes wrong in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

WIDTHS = (1280, 360)
# Pairs of texts in a picture whose boxes cover each other.
OVERLAPPING = """pictures => pictures.flatMap(picture => {
  const texts = [...picture.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
  return texts.flatMap(([one, a], index) => texts.slice(index + 1)
    .filter(([, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3)
    .map(([other]) => [one, other]));
})"""
# What an English reader must be shown in Chinese is marked as Chinese; these need not be.
_LATIN = (
    "English",
    "GraphQL",
    "JSON",
    "Cookie",
    "API",
    "REST",
    "OpenAPI",
    "App",
    "PDF",
    "OFD",
    "xlsx",
    "xls",
    "csv",
    "docx",
    "json",
    "YYYY",
    "MM",
    "DD",
)
# The text of a page without what is marked as the other language, and without what people wrote in boxes.
_TEXT = """other => {
    const copy = document.body.cloneNode(true);
    copy.querySelectorAll(`[lang="${other}"], [lang="mul"], script, code, .hash, .code`).forEach(node => node.remove());
    return copy.innerText || copy.textContent;
}"""


def in_language(path: str, lang: str) -> str:
    """The address of a page in a language."""
    return path + ("&" if "?" in path else "?") + f"lang={lang}"


@dataclass
class Visit:
    """A page in a browser, and what went wrong in it: console errors, exceptions, requests to other hosts."""

    page: Page
    address: str
    problems: list[str] = field(default_factory=list[str])

    def open(self, path: str) -> str:
        """Go to an address of the server; gives what can be read on the page. Fails unless the answer is 200."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.text()

    def text(self) -> str:
        return self.page.inner_text("body")

    def settle(self) -> None:
        """Look at what goes on in the background, until it leads on to what came of it."""
        while "/work/" in self.page.url:
            self.page.goto(self.page.url)

    def check(self) -> None:
        """Nothing went wrong since it was opened; nothing is wider than the window; no text is a terminal's."""
        assert self.problems == []
        width = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{self.page.url} is {width[0]} wide in a window of {width[1]}"
        flags = re.findall(r"(?<![\w-])--[a-z][\w-]*", self.text())
        assert flags == [], f"{self.page.url} names flags of the command line: {flags}"

    def check_language(self, lang: str) -> None:
        """The page is all in one language, but for what it marks as another's."""
        assert self.page.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[lang]
        assert self.page.locator("h1").count() == 1
        if lang == "zh":
            words = set(re.findall("[A-Za-z]{2,}", self.page.evaluate(_TEXT, "en")))
            marked = " ".join(re.findall(r"\S*[A-Z]+\d*-\S*|[0-9a-f]{40,}|https?:\S+", self.text()))
            codes = set(re.findall(r"[A-Za-z]{2,}", marked))
            assert words - codes <= set(_LATIN), f"English inside Chinese: {words - codes}"
        else:
            text = re.sub("“[^”]*”", "", self.page.evaluate(_TEXT, "zh-CN"))
            assert not re.search("[一-鿿]{2,}", text), "Chinese inside English"

    def check_reads_well(self, path: str) -> None:
        """The page at this address is as it should be in both languages and at both widths."""
        self.problems.clear()
        for lang in ("zh", "en"):
            self.open(in_language(path, lang))
            for width in WIDTHS:  # the server sends the same to both
                self.page.set_viewport_size({"width": width, "height": 800})
                self.check()
            self.check_language(lang)


@dataclass
class Visits:
    """Opens windows of the browser, each with a profile of its own."""

    browser: Browser
    address: str
    contexts: list[BrowserContext] = field(default_factory=list[BrowserContext])

    def window(self, width: int = 1280, *, scripts: bool = True, lang: str = "zh-CN") -> Visit:
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            locale=lang,
            service_workers="block",
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        visit = Visit(page, self.address)

        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                visit.problems.append(f"console: {message.text}")

        def request(sent: Request) -> None:
            if sent.url.startswith("http") and urlsplit(sent.url).netloc != urlsplit(self.address).netloc:
                visit.problems.append(f"request to elsewhere: {sent.url}")

        page.on("console", console)
        page.on("pageerror", lambda error: visit.problems.append(f"exception: {error}"))
        page.on("request", request)
        return visit

    def close(self) -> None:
        for context in self.contexts:
            context.close()
