"""The ring that a finding shows: as a search written by hand finds it, ties included."""

from __future__ import annotations

from collections import deque

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.checker.rules import delegation_loop
from registry.checker.rules.delegation_loop import handover_graph, shortest_ring, strong_components
from tests.support.drawing import examples

Edges = list[tuple[int, int, int]]


def by_hand(edges: Edges, first: int) -> list[int] | None:
    """Breadth first over the delegations, in their order; None where no ring begins with the first."""
    ends = {delegation: (sender, recipient) for sender, recipient, delegation in edges}
    before: dict[int, int | None] = {first: None}
    queue = deque([first])
    while queue:
        at = queue.popleft()
        if ends[at][1] == ends[first][0]:
            ring: list[int] = []
            step: int | None = at
            while step is not None:
                ring.append(step)
                step = before[step]
            return ring[::-1]
        for further in sorted(ends):
            if ends[further][0] == ends[at][1] and further not in before:
                before[further] = at
                queue.append(further)
    return None


@st.composite
def handovers(draw: st.DrawFn) -> Edges:
    units = st.integers(0, 5)
    pairs = draw(st.lists(st.tuples(units, units).filter(lambda pair: pair[0] != pair[1]), min_size=1, max_size=20))
    return [(*pair, delegation) for delegation, pair in enumerate(pairs)]


@examples(300)
@given(handovers())
def test_the_shortest_ring_is_the_one_found_by_hand(edges: Edges) -> None:
    component = {
        unit: part
        for part in map(frozenset, nx.strongly_connected_components(nx.DiGraph([e[:2] for e in edges])))
        for unit in part
    }
    on_rings = [edge for edge in edges if component[edge[0]] == component[edge[1]]]
    graph = handover_graph(on_rings)
    for sender, recipient, delegation in edges:
        ring = by_hand(edges, delegation)
        assert (ring is not None) == ((sender, recipient, delegation) in on_rings)
        if ring is not None:
            assert shortest_ring(graph, sender, recipient, delegation) == ring


@given(edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=20))
def test_many_edges_have_the_same_components_as_few(edges: list[tuple[int, int]]) -> None:
    sources, targets = np.array(edges).T
    few = strong_components(8, sources, targets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delegation_loop, "FEW", 0)
        many = strong_components(8, sources, targets)
    assert (np.equal.outer(few, few) == np.equal.outer(many, many)).all()
