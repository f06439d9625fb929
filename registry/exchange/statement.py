"""The statement for an incident (履责情况说明), as .docx in the form of official documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.shared import Mm

from registry.domain.dates import in_chinese, today
from registry.exchange.sheets.writing import as_docx
from registry.exchange.sheets.writing.printable import Source

TITLE = "履责情况说明"


@dataclass(frozen=True, slots=True)
class Section:
    """A part under a heading: lines of running text."""

    heading: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Statement:
    """What is stated of one unit and matter on a day, in Chinese: the conclusion, and what it rests on."""

    unit: str
    matter: str
    conclusion: str
    sections: Sequence[Section]


def statement_letter(statement: Statement, source: Source) -> bytes:
    """The statement on A4: title, conclusion, numbered parts, who certifies it, and what the answer rests on."""
    document: Any = as_docx.new_document(upright=True)
    section = document.sections[0]
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    day = in_chinese(source.moment.valid_at)
    as_docx.add_heading(document, TITLE, f"{statement.unit}　“{statement.matter}”　{day}")
    _text(document, statement.conclusion)
    for number, part in enumerate(statement.sections):
        as_docx.add_paragraph(document, f"{'一二三四五六七八九十'[number]}、{part.heading}", as_docx.BOLD, 16)
        for line in part.lines:
            _text(document, line)
    document.add_paragraph()
    for line in ("出具单位（盖章）：", "出具日期：　　　　年　　月　　日"):
        as_docx.add_paragraph(document, line, as_docx.PLAIN, 16)
    as_docx.add_footer(document, TITLE, source)
    return as_docx.written(document, (), source, f"{TITLE} {statement.unit} {statement.matter}", today())


def _text(document: Any, line: str) -> None:
    """A paragraph that begins two characters in, as official documents have it (GB/T 9704: 三号, 16 points)."""
    as_docx.add_paragraph(document, line, as_docx.PLAIN, 16)
    form = document.paragraphs[-1].paragraph_format
    form.first_line_indent, form.keep_with_next = Mm(11.3), False
