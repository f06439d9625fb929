"""Every number that stands alone on a view of the console is a link to what it counts; over all views."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

import pytest

from tests.support.api_client import Api, api
from tests.support.console_views import VIEWS
from tests.support.databases import database_copy

pytestmark = pytest.mark.slow  # views of a whole county

SECTION = re.compile(r'<section class="table" id="table-([\w-]+)".*?</section>', re.DOTALL)
CELL = re.compile(r'<td class="([^"]*)" data-head="([^"]*)"[^>]*>(.*?)</td>', re.DOTALL)
FIGURE = re.compile(r'<(a|span|strong)[^>]*class="figure"[^>]*>([^<]*)<')
CARDS = re.compile(r'<ul class="cards">(.*?)</ul>', re.DOTALL)
LINK = re.compile(r'<a\b[^>]*href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")
ROWS = re.compile(r'<p class="pages">共 (\d+) 行')
COUNTED = re.compile(r'class="counted">(\d+)<')
EACH = 2  # numbers of a column of a view that are followed; its total besides
# What is no count, by the head of its column, or by what a card says.
EXCUSED = {
    **dict.fromkeys(("序号", "登记序号", "决定", "自序号", "至序号", "依据序号"), "the number of a decision"),
    "步": "the number of a step",
    "覆盖到第几项": "the size of the log at a checkpoint: a position",
    **dict.fromkeys(("天数", "剩余天数", "答复天数中位数"), "days"),
    **dict.fromkeys(("平均分", "标准差", "分数"), "a score"),
    "每百项职责违规": "a ratio",
    "记录决定数": "of the whole log by account, which is read page by page, not as one table",
    "行数（估计）": "the database's own estimate",
    **dict.fromkeys(("次数", "服务器出错"), "requests of a running server, of which no list is kept"),
    **dict.fromkeys(("平均（毫秒）", "半数不超过（毫秒）", "九成五不超过（毫秒）"), "milliseconds"),
    **dict.fromkeys(("占用（兆字节）", "其中索引（兆字节）", "大小（兆字节）"), "mebibytes"),
}
# How much more or less than before: the two numbers that it lies between are links, itself it is of no rows.
CHANGE = re.compile(r"[▲▼] [多少] \d+")
NUMBER = re.compile(r"(?<![\d.–-])\d+(?![\d.]|-\d)")


@dataclass(frozen=True)
class Number:
    """A number on a view: of which table and column (or `cards`), where it leads, and whether it is a total."""

    table: str
    head: str
    number: int
    href: str | None
    total: bool = False


def text_of(markup: str) -> str:
    return " ".join(html.unescape(TAG.sub(" ", markup)).split())


def numbers_of(page: str) -> Iterator[Number]:
    """The numbers of a page that stand alone in a cell, or anywhere in a card."""
    for section in SECTION.finditer(page):
        body, _, foot = section[0].partition("<tfoot>")
        for part, total in ((body, False), (foot, True)):
            for _, head, cell in CELL.findall(part):
                given = text_of(cell)
                if re.fullmatch(r"\d+", given):
                    link = LINK.search(cell)
                    href = html.unescape(link[1]) if link else None
                    yield Number(section[1], html.unescape(head), int(given), href, total)
    for cards in CARDS.findall(page):
        for href, inside in LINK.findall(cards):
            for number in NUMBER.findall(text_of(inside)):
                yield Number("cards", text_of(inside), int(number), html.unescape(href))
        for card in cards.split("<li")[1:]:
            bare = text_of("<" + LINK.sub(" ", card))
            for number in NUMBER.findall(CHANGE.sub("", bare)):
                yield Number("cards", bare, int(number), None)


@pytest.fixture(scope="module")
def demo(server_url: str, demo_template: str) -> Iterator[Api]:
    with database_copy(server_url, demo_template) as url, api(url) as opened:
        yield opened


def says(page: str, anchor: str) -> set[int]:
    """What is counted where an address leads: by the table that it names, else the first; or by what it names in words.

    A table counts by its rows, by its totals, and where it has but one row by that one's numbers.
    """
    named = re.search(rf'<dt id="{re.escape(anchor)}">.*?</dt>', page, re.DOTALL) if anchor else None
    sections = [one for one in SECTION.finditer(page) if anchor in ("", f"table-{one[1]}")]
    text = named[0] if named else sections[0][0] if sections else ""
    rows, totals = ROWS.findall(text), text.partition("<tfoot>")[2]
    counting = text if rows == ["1"] else totals
    numbers = [given for _, _, cell in CELL.findall(counting) if re.fullmatch(r"\d+", given := text_of(cell))]
    in_words = COUNTED.findall(text if named else page.partition("<section")[0])
    return {int(number) for number in (*rows, *numbers, *in_words)}


@pytest.mark.parametrize("name", VIEWS)
def test_a_number_is_a_link_to_what_it_counts(demo: Api, name: str) -> None:
    path = f"{VIEWS[name]}{'&' if '?' in VIEWS[name] else '?'}lang=zh"
    page = demo.send("GET", path)
    assert page.status_code == 200, page.text
    counts = [one for one in numbers_of(page.text) if one.number and one.head not in EXCUSED]
    assert not [one for one in counts if one.href is None]
    followed: Counter[tuple[str, str, bool]] = Counter()
    for one in counts:
        followed[one.table, one.head, one.total] += 1
        if followed[one.table, one.head, one.total] > EACH:
            continue
        address, _, anchor = urljoin(path, one.href).partition("#")
        target = demo.send("GET", address)
        assert target.status_code == 200, address
        assert one.number in says(target.text, anchor), one
