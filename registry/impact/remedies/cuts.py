"""Where a ring of buck-passing is broken at the least cost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, cast

import networkx as nx
import numpy as np

from registry.domain import words
from registry.domain.text import Text
from registry.impact.remedies.case import Case, Way
from registry.snapshot.columns import MATTER_KIND, ROLE

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


def broken_ring(case: Case) -> Iterator[Way]:
    """The ring cut where it is cheapest: a minimum cut of all rings that the delegation lies on, or itself."""
    delegations, own = case.snapshot.delegations, case.delegation
    passing = (delegations.kind == MATTER_KIND["duty"]) & (delegations.role != ROLE["assist"])
    passing &= (delegations.matter == case.matter) & (delegations.sender >= 0)
    between: dict[tuple[int, int], list[int]] = {}
    for place in map(int, np.flatnonzero(passing)):
        pair = int(delegations.sender[place]), int(delegations.recipient[place])
        between.setdefault(pair, []).append(place)
    ends = int(delegations.sender[own]), int(delegations.recipient[own])
    cuts = [sorted(between.pop(ends))]
    edges = [(*pair, sum(_weight(case, place) for place in places)) for pair, places in between.items()]
    near = _cut(edges, ends[1], ends[0])
    if near is not None:
        crossing = [pair for pair in between if pair[0] in near and pair[1] not in near]
        cuts.append([place for pair in crossing for place in between[pair]])
    for cut in sorted(cuts, key=lambda places: sum(_weight(case, place) for place in places)):
        refs = sorted(delegations.ref[place] for place in cut)
        zh = f"在{'、'.join(refs)}处切断{case.what.zh}的循环推诿。"
        en = f"Break the ring of {case.what.en} at {', '.join(refs)}."
        yield Way("break-ring", Text(zh, en), [case.ended(ref, "returned") for ref in refs])


def _cut(edges: list[tuple[int, int, int]], source: int, target: int) -> set[int] | None:
    """The near side of a minimum cut between two units; None where nothing leads from one to the other."""
    graph = cast(Any, nx.DiGraph())
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
