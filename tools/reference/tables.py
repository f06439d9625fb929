"""Rows of Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

GENERATED = """由代码生成（`make docs`），请勿手改。
Generated from the code by `make docs`; do not edit.
"""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table: head, rule, rows. Bars inside cells are escaped and line breaks become spaces."""
    names = list(head)
    yield _row(names)
    yield _row(["---"] * len(names))
    for row in rows:
        yield _row(row)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def page(title: str, introduction: str, lines: Iterable[str]) -> str:
    """A whole page: heading, that it is generated, introduction, lines. Ends in a newline."""
    return "\n".join([f"# {title}", "", GENERATED, introduction.strip(), "", *lines]).rstrip("\n") + "\n"
