"""推诿扯皮: a ring of buck-passing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, cast

import numpy as np

from registry.checker import naming
from registry.checker.case import Case, Way
from registry.checker.holdings import duty_delegations, matter_of, pair_keys
from registry.checker.rule import Example, Explanation, Hits, Rule, of_delegations
from registry.checker.setting import SETTING, TOWN, URBAN, delegated
from registry.checker.ways_out import Ways
from registry.domain import words
from registry.domain.text import Text
from registry.relations.columns import MATTER_KIND, ROLE, Indexes, Numbers
from registry.snapshot.columns import Snapshot

_MARKS = 1 << 20  # a power of two
FEW: Final = 1000  # edges; with more scipy, whose import takes as long as finding the rings of 100,000 without it
_LITTLE = 0.9  # while more than a tenth falls away, another look is worth it


# What it costs to take back what stands on a document: the weaker the document, the less.
_WEIGHT: Final = {
    "verbal": 1,
    "minutes": 2,
    "letter": 3,
    "notice": 4,
    "government_document": 6,
    "rule": 8,
    "provincial_decision": 9,
    "regulation": 10,
    "law": 12,
}


def _on_rings(snapshot: Snapshot) -> Numbers:
    """The delegations that lie on a ring: both ends in one strongly connected component of their matter."""
    delegations = snapshot.delegations
    passing = duty_delegations(snapshot) & (delegations.role != ROLE["assist"]) & (delegations.sender >= 0)
    rows = np.flatnonzero(passing & (delegations.sender != delegations.recipient))
    sources = pair_keys(snapshot, delegations.sender[rows], delegations.matter[rows])
    targets = pair_keys(snapshot, delegations.recipient[rows], delegations.matter[rows])
    while len(rows):
        # What comes from nowhere or goes on to nobody is on no ring. Keys that share a mark are let pass.
        comes, goes = (np.zeros(_MARKS, np.bool_) for _ in "ab")
        comes[targets & (_MARKS - 1)] = goes[sources & (_MARKS - 1)] = True
        kept = comes[sources & (_MARKS - 1)] & goes[targets & (_MARKS - 1)]
        if kept.mean() > _LITTLE:
            break
        rows, sources, targets = rows[kept], sources[kept], targets[kept]
    nodes, ends = np.unique(np.concatenate([sources, targets]), return_inverse=True)
    if not len(nodes):
        return rows
    source, target = ends[: len(rows)], ends[len(rows) :]
    component = strong_components(len(nodes), source, target)
    return rows[component[source] == component[target]]


def strong_components(count: int, sources: Numbers, targets: Numbers) -> Indexes:
    """Return, for each of so many nodes, the number of its strongly connected component."""
    if len(sources) > FEW:
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components  # pyright: ignore[reportUnknownVariableType]

        ones = np.ones(len(sources), np.int8)
        graph: Any = coo_array((ones, (sources, targets)), shape=(count, count)).tocsr()
        return np.asarray(connected_components(graph, directed=True, connection="strong")[1], np.int32)
    import networkx as nx

    few = cast(Any, nx.DiGraph)(zip(sources.tolist(), targets.tolist(), strict=True))
    few.add_nodes_from(range(count))
    component = np.zeros(count, np.int32)
    for number, nodes in enumerate(cast("Iterable[set[int]]", nx.strongly_connected_components(few))):
        component[list(nodes)] = number
    return component


def _find(snapshot: Snapshot) -> Hits:
    rows = snapshot.once(_on_rings)
    return of_delegations(snapshot, rows[snapshot.territory[snapshot.delegations.recipient[rows]]])


def handover_graph(edges: Iterable[tuple[int, int, int]]) -> Any:
    """Return units as a graph of what one hands to the next: edges (sender, recipient, delegation).

    Of several between the same two units the first one counts; the order of edges settles ties between paths.
    """
    import networkx as nx

    graph = cast(Any, nx.DiGraph)()
    for sender, recipient, delegation in edges:
        if not graph.has_edge(sender, recipient):
            graph.add_edge(sender, recipient, delegation=delegation)
    return graph


def shortest_ring(graph: Any, sender: int, recipient: int, delegation: int) -> list[int]:
    """Return the delegations of the shortest ring that begins with this one, of a graph in which it lies on a ring."""
    import networkx as nx

    before: dict[int, int] = {}
    for step, onward in cast("Iterable[tuple[int, int]]", nx.bfs_edges(graph, recipient)):
        before[onward] = step
        if onward == sender:
            break
    ring: list[int] = []
    unit = sender
    while unit != recipient:
        ring.append(graph.edges[before[unit], unit]["delegation"])
        unit = before[unit]
    return [delegation, *reversed(ring)]


def _explain(snapshot: Snapshot, hits: Hits) -> list[Explanation]:
    matter, delegations = matter_of(snapshot, hits), snapshot.delegations
    edges: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for each in sorted(map(int, snapshot.once(_on_rings)), key=lambda each: delegations.ref[each]):
        ends = int(delegations.sender[each]), int(delegations.recipient[each])
        edges[int(delegations.matter[each])].append((*ends, each))
    graphs = {each: handover_graph(edges[each]) for each in set(map(int, matter))}
    explanations: list[Explanation] = []
    for row in range(len(hits)):
        unit, delegation, item = naming.hit(hits, row)
        ring = shortest_ring(graphs[int(matter[row])], int(delegations.sender[delegation]), unit, delegation)
        names = [naming.unit(snapshot, int(delegations.sender[step])) for step in ring]
        round_ = " → ".join([*names, names[0]])
        who, what = naming.unit(snapshot, unit), naming.matter(snapshot, int(matter[row]))
        source = naming.source(snapshot, delegation, item)
        zh = f"{what.zh}由{source.zh}交给{who}，转了一圈又回到原处：{round_}，没有人真正负责。"
        en = f"{what.en} was handed to {who} {source.en} and comes round again: {round_}. Nobody is responsible."
        explanations.append(Explanation([delegations.ref[step] for step in ring], Text(zh, en)))
    return explanations


def _ways_out(case: Case) -> Ways:
    """The ring cut where it is cheapest: a minimum cut of all rings that the delegation lies on, or itself."""
    delegations, own = case.snapshot.delegations, case.delegation
    passing = (delegations.kind == MATTER_KIND["duty"]) & (delegations.role != ROLE["assist"])
    passing &= (delegations.matter == case.matter) & (delegations.sender >= 0)
    between: dict[tuple[int, int], list[int]] = {}
    for delegation in map(int, np.flatnonzero(passing)):
        pair = int(delegations.sender[delegation]), int(delegations.recipient[delegation])
        between.setdefault(pair, []).append(delegation)
    ends = int(delegations.sender[own]), int(delegations.recipient[own])
    cuts = [sorted(between.pop(ends))]
    edges = [(*pair, sum(_weight(case, each) for each in group)) for pair, group in between.items()]
    near = _cut(edges, ends[1], ends[0])
    if near is not None:
        crossing = [pair for pair in between if pair[0] in near and pair[1] not in near]
        cuts.append([delegation for pair in crossing for delegation in between[pair]])
    for cut in sorted(cuts, key=lambda group: sum(_weight(case, each) for each in group)):
        refs = sorted(delegations.ref[delegation] for delegation in cut)
        zh = f"在{'、'.join(refs)}处切断{case.what.zh}的循环推诿。"
        en = f"Break the ring of {case.what.en} at {', '.join(refs)}."
        yield Way("break-ring", Text(zh, en), [case.ended(ref, "returned") for ref in refs])


def _cut(edges: list[tuple[int, int, int]], source: int, target: int) -> set[int] | None:
    """Return the near side of a minimum cut between two units; None where one of them has no edge."""
    import networkx as nx

    graph = cast(Any, nx.DiGraph)()
    graph.add_weighted_edges_from(edges, weight="capacity")
    if source not in graph or target not in graph:
        return None
    cut: Any = nx.minimum_cut(graph, source, target)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return cast("set[int]", cut[1][0])


def _weight(case: Case, delegation: int) -> int:
    paper = int(case.snapshot.delegations.instrument[delegation])
    kind = words.INSTRUMENT_KINDS[int(case.snapshot.instruments.kind[paper])]
    # To lead is more than to share.
    return 2 * _WEIGHT[kind] + int(case.snapshot.delegations.role[delegation] == ROLE["lead"])


RULE = Rule(
    name="delegation-loop",
    version=1,
    severity="V",
    title=Text("循环推诿", "Delegation loop"),
    sentence=Text(
        "牵头或共同承担的职责交办，处在同一事项的现行交办所成的环上，环上至少有两个单位。",
        "A duty delegation of role lead or share lies on a directed cycle, through at least two units, of such "
        "delegations of "
        "that matter in force.",
    ),
    basis=("《中国共产党机构编制工作条例》（2019年8月）",),
    remedy=Text(
        "由共同的上级明确牵头单位，终止环上多余的一环。",
        "Let the government above all of them name the one that leads, and end the link that is one too many.",
    ),
    fires=Example(
        Text(
            "县城市管理局交给柳林镇，柳林镇又交还给县局。", "The bureau hands it to Liulin town, which hands it back."
        ),
        (*SETTING, delegated("R-1", URBAN, TOWN), delegated("R-2", TOWN, URBAN)),
        date(2021, 8, 1),
        ((URBAN, "R-2"), (TOWN, "R-1")),
    ),
    clean=Example(
        Text("柳林镇只请县局配合。", "Liulin town only asks the bureau to assist."),
        (*SETTING, delegated("R-1", URBAN, TOWN), delegated("R-2", TOWN, URBAN, role="assist")),
        date(2021, 8, 1),
    ),
    find=_find,
    explain=_explain,
    ways_out=_ways_out,
)
