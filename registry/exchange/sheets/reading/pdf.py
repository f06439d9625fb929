"""Tables of .pdf files that have text, by pdfplumber."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfplumber.utils.exceptions import PdfminerException

from registry.exchange.sheets.grids import Grid, too_large
from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged, locked
from registry.exchange.sheets.reading import pages
from registry.exchange.sheets.reading.formats import picture
from registry.exchange.sheets.reading.pages import Letter, Page
from registry.exchange.sheets.reading.unprinted import with_comments

PAGES: Final = 100
_SHARE: Final = 0.5  # of a page that a picture covers where the page is a scan
_UNMAPPED: Final = "(cid:"  # how a letter whose code means nothing is written


def grids(content: bytes, filename: str) -> list[Grid]:
    """The tables, or the lines of text where nothing is drawn around it. Raises BadSheet, for scans too."""
    if b"%%EOF" not in content[-2048:]:
        raise damaged(filename, "%%EOF")  # cut off: what is left of it could be read, and nobody would see it
    try:
        with pdfplumber.open(io.BytesIO(content)) as document:
            if len(document.pages) > PAGES:
                raise too_large(filename, ("页数", "pages"), PAGES)
            stuck: list[str] = []
            made = pages.grids(list(_pages(document, filename, stuck)), filename)
            return with_comments(made, stuck)
    except PdfminerException as error:
        if any(isinstance(one, PDFPasswordIncorrect) for one in (*error.args, error.__cause__, error.__context__)):
            raise locked(filename) from None
        raise damaged(filename, str(error)) from None
    except (BadSheet, MemoryError):
        raise
    except Exception as error:  # pdfminer lets through whatever a broken file raises on its way
        raise damaged(filename, f"{type(error).__name__}: {error}") from None


def _pages(document: Any, filename: str, stuck: list[str]) -> Iterator[Page]:
    """The pages, and into `stuck` what notes on them say, which are no part of what is printed."""
    for page in document.pages:
        letters = [
            Letter(char["text"], char["x0"], char["x1"], char["top"], char["bottom"])
            for char in page.chars
            if char["text"].strip()
        ]
        stuck += (text for note in page.annots if (text := str(note.get("contents") or "").strip()))
        lines = [(edge["x0"], edge["top"], edge["x1"], edge["bottom"]) for edge in page.edges]
        where = f"第{page.page_number}页 / page {page.page_number}"
        covered = sum((image["x1"] - image["x0"]) * (image["bottom"] - image["top"]) for image in page.images)
        scanned = covered > _SHARE * float(page.width * page.height)
        # Text over a scan is what a machine took the picture for: nobody has checked it.
        if (page.images and not letters) or (scanned and len(lines) < 4):
            raise picture(filename, "PDF", where)
        if sum(_UNMAPPED in letter.text for letter in letters) > len(letters) / 100:
            raise _unreadable(filename, where)
        yield Page(page.page_number, letters, lines)
        page.close()


def _unreadable(filename: str, where: str) -> BadSheet:
    zh = (
        "PDF 没有写明文字的编码，复制出来是乱码：请导入原来的电子表格或文档，或在阅读软件中另存为 .docx、.xlsx 后核对。"
    )
    en = (
        "The PDF does not say which letters it shows: import the original spreadsheet or document, or save it as .docx"
        " or .xlsx in a reader and check it."
    )
    return BadSheet([SheetProblem(filename, where, "unreadable-text", zh, en)])
