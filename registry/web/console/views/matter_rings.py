"""Rings of a duty that comes back to who handed it on: a small picture, and the table behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.pictures import INK, PAPER, STROKES, Drawing, Picture, Point
from registry.web.console.tables import Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views.matter_flow import Node

_SIZE: Final = (520.0, 320.0)
_BOX: Final = (150.0, 34.0)
COLUMNS: Final = (
    Column("source", Text("由", "From"), chinese=True, width=24),
    Column("target", Text("交给", "To"), chinese=True, width=24),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("since", Text("起始", "Since"), "day", width=12),
)
Ring = Sequence[tuple[Node, Node, Data]]


def ring_pictures(view: View, rings: Sequence[Ring], territory: str) -> list[tuple[Picture, Table]]:
    """Each ring of a territory as a picture with its table."""
    return [_picture(view, ring, f"ring-{number}", territory) for number, ring in enumerate(rings, 1)]


def _picture(view: View, ring: Ring, name: str, territory: str) -> tuple[Picture, Table]:
    rows = rows_of(
        ring,
        source=lambda link: link[0].name,
        target=lambda link: link[1].name,
        document=lambda link: cells.document_cell(view, link[2]["instrument"]),
        since=lambda link: link[2]["since"],
    )
    table = Table(name, Text("推诿环", "A ring"), COLUMNS, rows, main=False)
    nodes = list({node.id: node for link in ring for node in link[:2]}.values())
    title = view.localized("推诿环：", "A ring: ") + " → ".join(node.name for node in nodes)
    drawing = Drawing(name, *_SIZE, title)
    at = {node.id: _at(index, len(nodes)) for index, node in enumerate(nodes)}
    for source, target, holding in ring:
        _arrow(drawing, at[source.id], at[target.id], holding["instrument"])
    for node in nodes:
        x, y = at[node.id]
        corner = x - _BOX[0] / 2, y - _BOX[1] / 2
        drawing.box(corner, _BOX, fill=PAPER, edge=INK, round_=4)
        shown = node.name if len(node.name) <= 11 else node.name[:10] + "…"
        drawing.text((x, y + 5), shown, size=13, anchor="middle", href=node.href or "")
    caption = Text("箭头从交办单位指向承接单位。", "Arrows lead from who hands it on to who receives it.")
    return Picture.of(view, drawing, caption, table, territory), table


def _at(index: int, of: int) -> Point:
    """Where one of so many stands on the ring, from the top clockwise."""
    angle = 2 * math.pi * index / of - math.pi / 2
    across, down = _SIZE[0] / 2 - _BOX[0] / 2 - 10, _SIZE[1] / 2 - _BOX[1] / 2 - 10
    return _SIZE[0] / 2 + across * math.cos(angle), _SIZE[1] / 2 + down * math.sin(angle)


def _arrow(drawing: Drawing, source: Point, target: Point, document: Data | None) -> None:
    """A line from box to box, a little to its right: two ways between the same boxes do not lie on each other."""
    (x1, y1), (x2, y2) = source, target
    length = math.hypot(x2 - x1, y2 - y1) or 1.0
    across, down = (x2 - x1) / length, (y2 - y1) / length
    shift = -8 * down, 8 * across
    trimmed = _edge(across, down)
    start = x1 + across * trimmed + shift[0], y1 + down * trimmed + shift[1]
    end = x2 - across * trimmed + shift[0], y2 - down * trimmed + shift[1]
    colour = STROKES[1][0]
    drawing.line(start, end, colour=colour, width=2)
    for side in (1, -1):
        wing = (
            *(end[0] - 10 * across + side * 5 * down,),
            *(end[1] - 10 * down - side * 5 * across,),
        )
        drawing.line(end, (wing[0], wing[1]), colour=colour, width=2)
    if document is not None:
        number, x, y = document["number"][:16], (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        drawing.box((x - 5.2 * len(number), y - 9), (10.4 * len(number), 16), fill=PAPER)
        drawing.text((x, y + 3), number, size=11, anchor="middle")


def _edge(across: float, down: float) -> float:
    """How far from its middle a box's edge is, in a direction."""
    half = _BOX[0] / 2 + 4, _BOX[1] / 2 + 4
    return min(half[0] / abs(across) if across else math.inf, half[1] / abs(down) if down else math.inf)
