"""Tables of pages: .html, what many systems export as .xls, and web archives (.mht), by lxml."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final, Literal

from registry.exchange.sheets.grids import COLUMNS, ROWS, Grid, cleaned
from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged
from registry.exchange.sheets.reading import page_styles
from registry.exchange.sheets.reading.delimited import decoded
from registry.exchange.sheets.reading.markup import BadMarkup
from registry.exchange.sheets.reading.markup import html as parsed
from registry.exchange.sheets.reading.spans import MakeTable, Spanned, assembled, table
from registry.exchange.sheets.reading.unprinted import with_unseen

_CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_CHINESE: Final = ("gb2312", "gbk", "gb_2312-80", "x-gbk", "cp936")
_DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>")
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_WHITE: Final = re.compile(r"(?<![-\w])color\s*:\s*(?:#fff(?:fff)?\b|white\b)", re.IGNORECASE)
_STRUCK: Final = {"s", "strike", "del"}
_LINE_THROUGH: Final = re.compile(r"text-decoration[^;]*line-through", re.IGNORECASE)
_UNREAD: Final = {"script", "style", "head", "title", "noscript", "template", "select", "object", "svg"}
_BLOCKS: Final = {
    *(
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "caption",
        "center",
        "section",
        "article",
        "dt",
    ),
    *("dd", "blockquote", "pre", "header", "footer", "form", "td", "th", "tr", "table", "body"),
}
# What a page has around what it says: left out, but where a whole page stands in one, as some systems write them.
_AROUND: Final = ("form", "nav", "footer")
_HEADINGS: Final = ("h1", "h2", "h3")
_HEADING: Final = "\0"  # begins a line that is a heading of the page
_DEPTH: Final = 200


def grids(content: bytes, filename: str) -> list[Grid]:
    """The tables of a page, or its paragraphs where it has none. Raises BadSheet."""
    return _of_pages([_text(content, filename)], filename)


def archive_grids(content: bytes, filename: str) -> list[Grid]:
    """The same of a web archive, whose pages are parts of a mail. Raises BadSheet."""
    try:
        message: Any = email.message_from_bytes(content, policy=email.policy.default)
        pages = [
            _text(part.get_payload(decode=True) or b"", filename, part.get_content_charset())
            for part in message.walk()
            if part.get_content_type() in ("text/html", "application/xhtml+xml")
        ]
        sheets = [
            (part.get_payload(decode=True) or b"").decode("utf-8", "replace")
            for part in message.walk()
            if part.get_content_type() == "text/css"
        ]
    except (ValueError, LookupError, TypeError, AttributeError, IndexError) as error:
        raise damaged(filename, type(error).__name__) from None
    if not pages or any(part.defects for part in message.walk()):
        raise damaged(filename, "MIME")
    return _of_pages(pages, filename, sheets)


def _of_pages(pages: list[str], filename: str, sheets: Sequence[str] = ()) -> list[Grid]:
    """The tables of the pages, and what is told of letters in them that nobody sees; `sheets`: styles beside them."""
    roots = [_root(page, filename, sheets) for page in pages]
    made = assembled(_blocks(roots))
    hidden, white = list[str](), list[str]()
    for root in roots:
        for table_ in root.iter("table"):
            for element in table_.iter():
                text = cleaned("".join(element.itertext())) if isinstance(element.tag, str) else ""
                if text and element.tag not in _UNREAD and not _is_number(text):
                    hidden += [text] if _is_hidden(element) else []
                    white += [text] if _is_white(element) else []
    return with_unseen(with_unseen(made, hidden, read=False), white, read=True)


def _is_white(element: Any) -> bool:
    """Whether an element's letters are white, and neither it nor what it is in has a ground of its own."""
    style = element.get("style") or ""
    color = (element.get("color") or "").lower()
    if not (_WHITE.search(style) or color in ("#ffffff", "#fff", "white")):
        return False
    around = [element, *element.iterancestors()]
    return not any(each.get("bgcolor") or "background" in (each.get("style") or "").lower() for each in around)


def _is_number(text: str) -> bool:
    return not re.search(r"[^\W\d_]", text)


def _text(content: bytes, filename: str, charset: str | None = None) -> str:
    """A page's text in the encoding that it names, else in whichever it can be read."""
    named = _CHARSET.search(content[:4096])
    name = (charset or (named[1].decode("ascii", "replace") if named else "")).lower()
    for encoding in filter(None, ("gb18030" if name in _CHINESE else name,)):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    text = decoded(content)
    if text is None:
        zh = "网页的文字编码无法识别：请用浏览器或 Excel 打开后另存为 .xlsx 再导入。"
        en = "The page's encoding is unknown: open it in a browser or Excel, save it as .xlsx and import again."
        raise BadSheet([SheetProblem(filename, "", "bad-encoding", zh, en)])
    return text


def _root(page: str, filename: str, sheets: Sequence[str]) -> Any:
    """A page, what its style sheets say of letters written into its elements. Raises BadSheet."""
    _check_whole(page, filename)
    try:
        root = parsed(_DECLARATION.sub("", page.replace("\0", "")))
    except BadMarkup as error:
        raise damaged(filename, str(error)) from None
    _number(root)
    own = ["".join(style.itertext()) for style in root.iter("style")]
    return page_styles.written_in(root, page_styles.rules([*sheets, *own]))


def _number(root: Any) -> None:
    """Write the numbers of ordered lists into them, as browsers show them; not of lists of links, which lead about."""
    for ordered in root.iter("ol"):
        items = [item for item in ordered.iterchildren("li") if cleaned("".join(item.itertext()))]
        linked = (cleaned("".join("".join(link.itertext()) for link in item.iter("a"))) for item in items)
        if any(link == cleaned("".join(item.itertext())) for link, item in zip(linked, items, strict=True)):
            continue
        start = ordered.get("start") or "1"
        for number, item in enumerate(items, int(start) if start.isdecimal() and len(start) < 4 else 1):
            item.text = f"{number}.{item.text or ''}"


def _blocks(roots: Sequence[Any]) -> Iterator[str | MakeTable]:
    """The lines and tables of the pages, in their order."""
    for root in roots:
        headings: list[str] = []
        for element in _elements(root, 0):
            if not isinstance(element, str):
                yield partial(_table, element, headings[-2:])
                headings = []
            elif element.startswith(_HEADING):
                headings.append(element.removeprefix(_HEADING))
                yield headings[-1]
            else:
                yield element


def _table(element: Any, headings: Sequence[str], number: int, title: Sequence[str]) -> Grid | None:
    """A table's grid. A page's own heading is its title, however much stands between it and the table."""
    above = [line for line in headings if line not in title]
    return table(number, [*above, *title], _rows(element))


def _check_whole(page: str, filename: str) -> None:
    """Raises BadSheet for a page that was cut off: browsers show such a one, and nobody sees what is missing."""
    for name in ("html", "table"):
        opened, closed = (
            len(re.findall(pattern, page, re.IGNORECASE)) for pattern in (rf"<{name}[\s>]", rf"</{name}\s*>")
        )
        if opened > closed:
            raise damaged(filename, f"</{name}>")


def _elements(element: Any, depth: int) -> Iterator[Any]:
    """Tables that hold no other table, and lines of the text around them, in their order.

    A table around others only lays out the page.
    """
    pieces: list[str] = []

    def line(mark: str = "") -> list[str]:
        text = cleaned("".join(pieces)).replace("\n", " ")
        pieces.clear()
        return [mark + text] if text else []

    def walk(node: Any, level: int) -> Iterator[Any]:
        if level > _DEPTH or not isinstance(node.tag, str) or node.tag in _UNREAD or _is_hidden(node):
            return
        if node.tag in _AROUND and node.find(".//table") is None:
            return
        if node.tag == "table" and node.find(".//table") is None:
            yield from line()
            yield node
            return
        if node.tag in _BLOCKS or node.tag == "br":
            yield from line()
        pieces.append(_squeezed(node.text))
        for child in node:
            yield from walk(child, level + 1)
            pieces.append(_squeezed(child.tail))
        if node.tag in _BLOCKS:
            yield from line(_HEADING if node.tag in _HEADINGS else "")

    yield from walk(element, depth)
    yield from line()


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _rows(element: Any) -> Iterator[list[Spanned]]:
    """The rows of a table, caption left out, those that are not shown left out too."""
    for row in element.iter("tr"):
        if _is_hidden(row):
            continue
        struck = _is_struck(row)
        yield [_spanned(cell, struck=struck) for cell in row if cell.tag in ("td", "th") and not _is_hidden(cell)]


def _spanned(cell: Any, *, struck: bool) -> Spanned:
    text, line = _cell_text(cell, struck=struck)
    return Spanned(text, _count(cell, "colspan", COLUMNS), _count(cell, "rowspan", ROWS), struck=line)


def _is_struck(element: Any) -> bool:
    """Whether a line goes through what the element has: <s>, <del>, text-decoration: line-through."""
    return element.tag in _STRUCK or bool(_LINE_THROUGH.search(element.get("style") or ""))


def _count(cell: Any, name: str, most: int) -> int:
    text = (cell.get(name) or "").strip()
    return min(max(int(text), 1), most) if text.isdecimal() and len(text) < 8 else 1


def _cell_text(cell: Any, *, struck: bool) -> tuple[str, Literal["", "all", "part"]]:
    """What a cell shows: its blocks and breaks on lines of their own; and whether a line goes through it."""
    pieces: list[str] = []
    lines: set[bool] = set()

    def add(text: str | None, *, struck: bool) -> None:
        pieces.append(_squeezed(text))
        if text and text.strip():
            lines.add(struck)

    def walk(node: Any, level: int, *, struck: bool) -> None:
        if level > _DEPTH or not isinstance(node.tag, str) or node.tag in _UNREAD or _is_hidden(node):
            return
        if node.tag == "br" or (node.tag in _BLOCKS and level):
            pieces.append("\n")
        struck = struck or _is_struck(node)
        add(node.text, struck=struck)
        for child in node:
            walk(child, level + 1, struck=struck)
            add(child.tail, struck=struck)
        if node.tag in _BLOCKS and level:
            pieces.append("\n")

    walk(cell, 0, struck=struck)
    return "".join(pieces), "" if True not in lines else "part" if False in lines else "all"


def _squeezed(text: str | None) -> str:
    """White space as a browser shows it: a line break in the source is a space."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")
