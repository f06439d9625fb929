"""The drawing of the program: its rooms in the order of the layers, and who imports whom, read from the imports."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Final

import grimp
import networkx as nx

ROOT: Final = Path(__file__).parents[2]
BOX, HEIGHT, GAP = 720, 44, 12
ASIDE: Final = ("registry.law", "registry.settings", "registry.data_files")  # single modules that any room may import
STYLE: Final = (
    "text{font-family:system-ui,sans-serif;fill:#222}.n{font-weight:600;font-size:15px}.d{font-size:12px;fill:#555}"
    ".b{fill:#f4f6f8;stroke:#8a94a0}.a{fill:none;stroke:#3a6ea5;stroke-width:1.4}"
)


def rooms() -> list[str]:
    """The rooms of the program, highest first, as import-linter's layers in pyproject.toml have them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [name.strip() for layer in layers for name in layer.split("|")]


def imports() -> nx.DiGraph[str]:
    """Which room imports which, over all their modules."""
    modules = grimp.build_graph("registry")
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(rooms())
    for room in rooms():
        for module in (room, *modules.find_descendants(room)):
            for imported in modules.find_modules_directly_imported_by(module):
                other = ".".join(imported.split(".")[:2])
                if other in graph and other != room:
                    graph.add_edge(room, other)
    return graph


def svg() -> str:
    """The drawing: a box for each room, an arrow for each import that does not follow from others. Ends in a newline."""
    order = rooms()
    indexes = {room: number * (HEIGHT + GAP) + 10 for number, room in enumerate(order)}
    arrows = sorted(nx.transitive_reduction(imports()).edges, key=lambda edge: (indexes[edge[0]], indexes[edge[1]]))
    height = len(order) * (HEIGHT + GAP) + 10
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 940 {height}" width="940" height="{height}">',
            f"<title>Rooms of registry and their imports</title><style>{STYLE}</style>",
            '<defs><marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">',
            '<path d="M0,0 L8,4 L0,8 z" fill="#3a6ea5"/></marker></defs>',
            f'<rect width="940" height="{height}" fill="#fff"/>',
            *(line for room in order for line in _box(room, indexes[room])),
            *(_arrow(indexes[above], indexes[below]) for above, below in arrows),
            "</svg>",
            "",
        ]
    )


def markdown() -> str:
    """The same in words: each room with its first sentence and all the rooms that it imports."""
    graph = imports()
    rows = [
        f"| `{_name(room)}` | {_sentence(room)} | {' '.join(f'`{_name(other)}`' for other in rooms() if graph.has_edge(room, other))} |"
        for room in rooms()
    ]
    return "\n".join(
        [
            "# The rooms and their imports",
            "",
            "Generated from the code by `make docs`; do not edit. An arrow is an import that does not follow from others; the",
            "table has all of them.",
            "",
            "![The rooms of the program and their imports](imports.svg)",
            "",
            "| room | what it is for | imports |",
            "| --- | --- | --- |",
            *rows,
            "",
            f"Any of them may import {', '.join(f'`{_name(one)}`' for one in ASIDE)}, which are single modules:",
            "",
            *(f"- `{_name(one)}`: {_sentence(one)}" for one in ASIDE),
            "",
        ]
    )


def _box(room: str, top: int) -> Iterator[str]:
    yield f'<rect class="b" x="10" y="{top}" width="{BOX}" height="{HEIGHT}" rx="6"/>'
    yield f'<text class="n" x="24" y="{top + 19}">{escape(_name(room))}</text>'
    yield f'<text class="d" x="24" y="{top + 36}">{escape(_sentence(room).replace("`", ""))}</text>'


def _arrow(above: int, below: int) -> str:
    """A bow to the right, the wider the farther it reaches."""
    start, end = above + HEIGHT * 0.65, below + HEIGHT * 0.35
    wide = BOX + 10 + 24 + (below - above) * 0.42
    return (
        f'<path class="a" d="M{BOX + 10},{start:.0f} C{wide:.0f},{start:.0f} {wide:.0f},{end:.0f} {BOX + 12},{end:.0f}" '
        'marker-end="url(#head)"/>'
    )


def _name(module: str) -> str:
    return module.removeprefix("registry.")


def _sentence(module: str) -> str:
    """The first sentence of a module's own documentation."""
    documentation = import_module(module).__doc__
    if not documentation:
        raise ValueError(f"{module} does not say what it is for")
    return documentation.split("\n")[0].partition(". ")[0].rstrip(".") + "."
