"""Tables of .pdf files that have text, by pdfplumber."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from registry.exchange.sheets.grids import Grid, too_large
from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged, locked
from registry.exchange.sheets.reading import pages
from registry.exchange.sheets.reading.formats import picture
from registry.exchange.sheets.reading.pages import Letter, Page

PAGES: Final = 100
_SHARE: Final = 0.5  # of a page that a picture covers where the page is a scan
_WHITE: Final = 0.98
_STRUCK: Final = "划线删除"
_UNMAPPED: Final = "(cid:"  # how a letter whose code means nothing is written


def grids(content: bytes, filename: str) -> list[Grid]:
    """The tables, or the lines of text where nothing is drawn around it. Raises BadSheet, for scans too."""
    if b"%%EOF" not in content[-2048:]:
        raise damaged(filename, "%%EOF")  # cut off: what is left of it could be read, and nobody would see it
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            if len(document.pages) > PAGES:
                raise too_large(filename, ("页数", "pages"), PAGES)
            return pages.grids(list(_pages(document, filename)), filename)
    except PdfminerException as error:
        if any(isinstance(one, PDFPasswordIncorrect) for one in (*error.args, error.__cause__, error.__context__)):
            raise locked(filename) from None
        raise damaged(filename, str(error)) from None
    except (BadSheet, MemoryError):
        raise
    except Exception as error:  # pdfminer lets through whatever a broken file raises on its way
        raise damaged(filename, f"{type(error).__name__}: {error}") from None


def _pages(document: Any, filename: str) -> Iterator[Page]:
    for page in document.pages:
        letters = [
            Letter(char["text"], char["x0"], char["x1"], char["top"], char["bottom"])
            for char in page.chars
            if char["text"].strip()
        ]
        notes = [note for each in page.annots if (note := _note(each)) is not None]
        white = "".join(char["text"] for char in page.chars if _is_white(char, page.rects))
        lines = [(edge["x0"], edge["top"], edge["x1"], edge["bottom"]) for edge in page.edges]
        where = f"第{page.page_number}页 / page {page.page_number}"
        covered = sum((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) for image in page.images)
        scanned = covered > _SHARE * float(page.width * page.height)
        # Text over a scan is what a machine took the picture for: nobody has checked it.
        if (page.images and not letters) or (scanned and len(lines) < 4):
            raise picture(filename, "PDF", where)
        if sum(_UNMAPPED in letter.text for letter in letters) > len(letters) / 100:
            raise _unreadable(filename, where)
        yield Page(page.page_number, letters, lines, notes, white=white)
        page.close()


def _note(annotation: Any) -> Letter | None:
    """What somebody stuck on a page, and where; of text struck so, in words. None for links and the like."""
    kind = str(getattr(annotation["data"].get("Subtype"), "name", ""))
    text = str(annotation.get("contents") or "").strip()
    if kind in ("StrikeOut", "Redact"):
        text = f"{_STRUCK}：{text}" if text else _STRUCK
    if not text or kind in ("Popup", "Link", "Widget"):
        return None
    return Letter(text, annotation["x0"], annotation["x1"], annotation["top"], annotation["bottom"])


def _is_white(char: Any, grounds: Sequence[Any]) -> bool:
    """Whether a letter is white and no coloured ground is drawn behind it."""
    if not char["text"].strip() or not _is_paper(char.get("non_stroking_color")):
        return False
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return not any(
        one["x0"] <= x <= one["x1"]
        and one["top"] <= y <= one["bottom"]
        and one.get("fill")
        and not _is_paper(one.get("non_stroking_color"))
        for one in grounds
    )


def _is_paper(colour: Any) -> bool:
    """Whether a colour is white: of grey or red, green and blue all, of inks none."""
    values: list[Any] = [*colour] if isinstance(colour, (tuple, list)) else [colour]
    if not all(isinstance(value, (int, float)) for value in values):
        return False
    return not any(values) if len(values) == 4 else all(value >= _WHITE for value in values)


def _unreadable(filename: str, where: str) -> BadSheet:
    zh = (
        "PDF 没有写明文字的编码，复制出来是乱码：请导入原来的电子表格或文档，或在阅读软件中另存为 .docx、.xlsx 后核对。"
    )
    en = (
        "The PDF does not say which letters it shows: import the original spreadsheet or document, or save it as .docx"
        " or .xlsx in a reader and check it."
    )
    return BadSheet([SheetProblem(filename, where, "unreadable-text", zh, en)])
