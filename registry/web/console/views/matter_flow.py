"""A duty's way down within a territory: from the law, the list or the document that begins it to the villages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import networkx as nx

from registry.domain import labels
from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.view import View

FOLDED: Final = 2  # villages of a township, from which on they are one node until unfolded
MARKS: Final = {"LEAD": "lead", "SHARE": "share", "ASSIST": "assist", None: "lead"}


@dataclass(slots=True)
class Node:
    """A station on the way: the law, a list, a document, or a unit.

    `township`: of a village, what it is folded into. `notes`: how it holds the matter, a sentence each.
    """

    id: str
    name: str
    mark: str
    href: str | None = None
    township: Data | None = None
    notes: list[str] = field(default_factory=list[str])
    below: list[Node] = field(default_factory=list["Node"])
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Flow:
    """The way down: where it begins, all stations, the links between them (from, to), and rings of units, if any.

    A link that closes a ring is in `rings` alone: each ring is a list of (from, to, holding).
    """

    roots: list[Node]
    nodes: dict[str, Node]
    links: list[tuple[str, str]]
    rings: list[list[tuple[Node, Node, Data]]]


def flow_of(view: View, holdings: Sequence[Data], lists: Mapping[str, str]) -> Flow:
    """The way down of these holdings of one matter; `lists`: titles by code."""
    nodes: dict[str, Node] = {}
    holds = {holding["unit"]["code"] for holding in holdings}
    edges: dict[tuple[str, str], Data | None] = {}
    for holding in holdings:
        unit = _unit(view, nodes, holding["unit"])
        unit.notes.append(_note(view, holding))
        if len(unit.notes) == 1 or holding["role"] == "LEAD":
            unit.mark = MARKS[holding["role"]]
        for edge, of in _edges(view, nodes, holding, holds, lists):
            edges.setdefault(edge, of)
    graph = cast(Any, nx.DiGraph)()
    closing: dict[tuple[str, str], Data] = {}
    for edge, of in sorted(edges.items(), key=lambda each: each[1]["position"] if each[1] else 0):
        source, target = edge
        if of is not None and source in graph and target in graph and nx.has_path(graph, target, source):
            closing[edge] = of
        else:
            graph.add_edge(source, target)
    for code in nx.topological_sort(graph):
        node = nodes[code]
        for below in sorted(graph.successors(code)):
            node.below.append(nodes[below])
            nodes[below].depth = max(nodes[below].depth, node.depth + 1)
    roots = [node for node in nodes.values() if node.id not in graph or not graph.in_degree(node.id)]
    every = {edge: of for edge, of in edges.items() if of is not None}
    return Flow(roots, nodes, list(graph.edges), _rings(nodes, every, closing))


def _unit(view: View, nodes: dict[str, Node], unit: Data) -> Node:
    code = f"unit:{unit['code']}"
    if code not in nodes:
        township = unit.get("parent") if unit["level"] == "VILLAGE" else None
        nodes[code] = Node(code, unit["name"], "lead", view.href(f"/units/{unit['code']}"), township)
    return nodes[code]


def _edges(
    view: View, nodes: dict[str, Node], holding: Data, holds: set[str], lists: Mapping[str, str]
) -> list[tuple[tuple[str, str], Data | None]]:
    """The links that lead to a holding's unit: from the law, from a list (and to that from its sender), or a sender."""
    to, sender = f"unit:{holding['unit']['code']}", holding["from"]
    if holding["by"] == "law":
        nodes.setdefault("law", Node("law", view.localized("法定", "by law"), "begin"))
        return [(("law", to), None)]
    if holding["by"] == "list":
        code = holding["subject"].rpartition("#")[0]
        named = nodes.setdefault(
            f"list:{code}", Node(f"list:{code}", lists.get(code, code), "begin", view.href(f"/lists/{code}"))
        )
        return [((named.id, to), None)]
    if sender is None or f"unit:{sender['code']}" == to:
        return []
    source = _unit(view, nodes, sender)
    links: list[tuple[tuple[str, str], Data | None]] = [((source.id, to), holding)]
    document = holding["instrument"]
    if sender["code"] not in holds and document is not None:  # it begins with the document
        number = f"document:{document['number']}"
        nodes.setdefault(
            number, Node(number, document["title"], "begin", view.href(f"/documents/{document['number']}"))
        )
        source.mark = "begin"
        links.append(((number, source.id), None))
    return links


def _note(view: View, holding: Data) -> str:
    """How a unit holds it, short: role, by what, since when."""
    role = "" if holding["role"] is None else view.localized(*labels.ROLE[holding["role"].lower()])
    by = view.localized(*cells.RESTS_ON[holding["by"]])
    since = view.localized(f"{holding['since']}起", f"since {holding['since']}")
    void = view.localized("✗ 无效", "✗ in vain") if holding.get("effective") is False else ""
    return " · ".join(filter(None, (role, by, since, void)))


def _rings(
    nodes: Mapping[str, Node], edges: Mapping[tuple[str, str], Data], closing: Mapping[tuple[str, str], Data]
) -> list[list[tuple[Node, Node, Data]]]:
    """The rings that these links close, each link of a ring with the holding by which it is."""
    graph = cast(Any, nx.DiGraph)()
    graph.add_edges_from(edges)
    rings: list[list[tuple[Node, Node, Data]]] = []
    for members in nx.strongly_connected_components(graph):
        inside = [edge for edge in edges if edge[0] in members and edge[1] in members]
        if any(edge in closing for edge in inside):
            rings.append([(nodes[source], nodes[target], edges[source, target]) for source, target in inside])
    return rings


def chart(view: View, flow: Flow, name: str) -> Data:
    """What the chart's script draws (tools/charts/flow.js): nodes and links, villages folded by township."""
    linked = {code for edge in flow.links for code in edge}
    folds = _folds(flow, linked)
    written: list[Data] = []
    for node in flow.nodes.values():
        if node.id in linked:
            fold = f"fold:{node.township['code']}" if node.township is not None and not node.below else None
            made = {"id": node.id, "name": node.name, "depth": node.depth, "mark": node.mark, "tip": _tip(node)}
            written.append(made | {"href": node.href} | ({"fold": fold} if fold in folds else {}))
    for fold, (township, villages) in folds.items():
        text = _folded(view, township, len(villages))
        depth = max(village.depth for village in villages)
        tip = text + "\n" + view.localized("点开看各村", "click to unfold")
        written.append({"id": fold, "name": text, "depth": depth, "mark": "folded", "tip": tip, "folds": True})
    links = [
        {
            "source": source,
            "target": target,
            "value": 1,
            "tip": f"{flow.nodes[source].name} → {flow.nodes[target].name}",
        }
        for source, target in flow.links
    ]
    described = view.localized(
        f"“{name}”从哪里来、交到哪里，内容与下面的分级表相同。",
        f"The way down of {name}: the tree below says the same.",
    )
    return {
        "nodes": written,
        "links": links,
        "description": described,
        "heading": [view.localized(f"怎样一级一级交下去：{name}", f"The way down of {name}"), _under(view)],
        "legend": [[mark, view.localized(*title)] for mark, title in LEGEND.items()],
    }


# What the colours of a picture that is taken away say.
LEGEND: Final = {
    "begin": Text("由来（法律、清单、交办单位）", "where it begins: the law, a list, a sender"),
    "lead": Text("牵头", "leads"),
    "share": Text("共同承担", "shares"),
    "assist": Text("配合", "assists"),
    "folded": Text("折起的各村", "villages folded together"),
}


def _under(view: View) -> str:
    """Which territory and day a picture that is taken away is of, below its title."""
    moment = view.moment
    about: str = getattr(view.request.state, "about", "")
    parts = [
        about,
        view.localized(f"截至 {moment.valid_at}", f"as of {moment.valid_at}"),
        view.localized(f"按第 {moment.known_at} 号记录时所知", f"as known at position {moment.known_at}"),
    ]
    return "  ·  ".join(part for part in parts if part)


def _tip(node: Node) -> str:
    return "\n".join([node.name, *node.notes])


def _folds(flow: Flow, linked: set[str]) -> dict[str, tuple[Data, list[Node]]]:
    """Townships with several villages on the way: by the id of what stands for them."""
    villages: defaultdict[str, list[Node]] = defaultdict(list)
    townships: dict[str, Data] = {}
    for node in flow.nodes.values():
        # A village that hands it on is a station of its own.
        if node.township is not None and node.id in linked and not node.below:
            villages[f"fold:{node.township['code']}"].append(node)
            townships[f"fold:{node.township['code']}"] = node.township
    return {fold: (townships[fold], of) for fold, of in villages.items() if len(of) >= FOLDED}


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of the tree: a station, or villages of a township together; what is below it; whether it was above."""

    name: str
    href: str | None
    notes: list[str]
    below: list[Branch]
    again: bool = False
    folded: bool = False
    chinese: bool = True


def _folded(view: View, township: Data, villages: int) -> str:
    name = township["name"]
    return view.localized(f"{name}的 {villages} 个村", f"{name}: {villages} villages")


def tree(view: View, flow: Flow) -> list[Branch]:
    """The way down as a tree: what is reached in several ways is laid out once."""
    seen: set[str] = set()

    def branch(node: Node) -> Branch:
        again = node.id in seen
        seen.add(node.id)
        below = [] if again else branches(node.below)
        return Branch(node.name, node.href, node.notes, below, again and bool(node.below), chinese=node.id != "law")

    def branches(nodes: Sequence[Node]) -> list[Branch]:
        folded: defaultdict[str, list[Node]] = defaultdict(list)
        rows: list[Branch] = []
        for node in nodes:
            if node.township is not None and not node.below:
                folded[node.township["code"]].append(node)
            else:
                rows.append(branch(node))
        for villages in folded.values():
            township = villages[0].township or {}
            if len(villages) < FOLDED:
                rows += [branch(village) for village in villages]
            else:
                lines = [branch(village) for village in villages]
                rows.append(Branch(_folded(view, township, len(villages)), None, [], lines, folded=True))
        return rows

    return branches(flow.roots)
