"""A file's tables as grids of text, before anybody asks what they mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and where: `Sheet1!C7`, in a .docx `表2第3行第2列 / table 2 row 3 column 2`.

    A merged range shows the same text in each of its cells, and the place of its first: cells of one place are one.
    """

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet, or one table of a .docx: its rows, all of the same width, from the first to the last with any text.

    `title` is what stands before a table in a .docx; a sheet's title is still among its rows. `top` is the number that
    its first row has for the reader.
    """

    name: str
    title: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    top: int = 1
