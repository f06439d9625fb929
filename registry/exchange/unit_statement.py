"""A unit's duties, burdens and powers as an official paper (.docx): title, unit, day, tables, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.domain.dates import in_chinese
from registry.exchange.sheets.writing import as_docx
from registry.exchange.sheets.writing.printable import Source

CAPTION_SIZE = 14  # points


@dataclass(frozen=True, slots=True)
class StatedTable:
    """A table of the paper: its caption, each column's head and width in characters, its rows, and what no rows say."""

    caption: str
    heads: Sequence[tuple[str, int]]
    rows: Sequence[Sequence[str]]
    empty: str


def unit_statement(unit: str, summary: str, tables: Sequence[StatedTable], source: Source) -> bytes:
    """The paper about a unit of that name, lying A4; `summary`: what it comes to, in a sentence."""
    title = f"{unit}权责情况表"
    document = as_docx.new_document(upright=False)
    as_docx.add_heading(document, title, f"截至{in_chinese(source.moment.valid_at)}")
    as_docx.add_paragraph(document, summary, as_docx.PLAIN, 12)
    made: list[str] = []
    for table in tables:
        as_docx.add_paragraph(document, f"{table.caption}（{len(table.rows)}项）", as_docx.BOLD, CAPTION_SIZE)
        if table.rows:
            made.append(
                as_docx.add_table(document, table.heads, ([(text, False) for text in row] for row in table.rows))
            )
        else:
            as_docx.add_paragraph(document, table.empty, as_docx.PLAIN, 12)
    as_docx.add_footer(document, unit, source)
    return as_docx.written(document, made, source, title)
