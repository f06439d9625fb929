"""The units of a snapshot and what one hands to another, as a graph for programs that draw or measure graphs."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import networkx as nx
import numpy as np

from registry.domain import words
from registry.relations.columns import MATTER_KIND, MODES
from registry.relations.powers import effective_powers, grants, subject
from registry.relations.reach import holders_by_list
from registry.snapshot.columns import Snapshot

Scalars = dict[str, str | int | bool]


def graph(snapshot: Snapshot) -> nx.MultiDiGraph[str]:
    """Return the units of a snapshot and the relations between them as a directed multigraph.

    Every attribute is a plain str, int or bool, and what is not given is left out, so that NetworkX writes the graph
    as GraphML, GEXF or DOT without conversion. Dates are `YYYY-MM-DD`. The graph itself has `as_of` (the day) and
    `known` (the position in the log).

    Nodes are the codes of units that exist on the day, with `label` (the name, which drawing programs show), `level`,
    `kind`, `function`, and `within`: True for the units of the snapshot's territory, False for those around it.

    Edges go from the sender to the recipient; `relation` says what they are:

    * `parent`, key `parent`: from the unit above to the unit below.
    * `duty`, `power`, `form`, `inspection`, `mechanism`, `workgroup`: a delegation in force, key `ref:REF`; with `ref`,
      `matter` (code), `matter_name`, `role`, `mode`, `instrument` (number), `began`, `ends`, `due_on`.
    * `list_grant`: a power granted by an item of an assigning list, one edge for each unit that holds it so, key
      `item:LIST#ITEM`; with `ref` (`LIST#ITEM`), `matter`, `matter_name`, `mode`, `instrument`.

    Edges of powers also have `effective`: whether the grant is good on the day. What has no sender on the day, gone
    without a successor or not named, has no edge.
    """
    drawn = cast(Any, nx.MultiDiGraph)(as_of=snapshot.as_of.isoformat(), known=snapshot.known)
    _add_units(drawn, snapshot)
    good = _effective_grants(snapshot)
    _add_delegations(drawn, snapshot, good)
    _add_list_grants(drawn, snapshot, good)
    return cast("nx.MultiDiGraph[str]", drawn)


def _add_units(drawn: Any, snapshot: Snapshot) -> None:
    units = snapshot.units
    alive = np.flatnonzero(units.level >= 0)
    for unit in map(int, alive):
        function = int(units.function[unit])
        attributes: Scalars = {
            "label": units.name[unit],
            "level": words.LEVELS[int(units.level[unit])],
            "kind": words.UNIT_KINDS[int(units.kind[unit])],
            "within": bool(snapshot.territory[unit]),
        }
        if function >= 0:
            attributes["function"] = units.functions[function]
        drawn.add_node(units.code[unit], **attributes)
    for unit in map(int, alive):
        parent = int(units.parent[unit])
        if parent >= 0 and units.level[parent] >= 0:
            drawn.add_edge(units.code[parent], units.code[unit], key="parent", relation="parent")


def _effective_grants(snapshot: Snapshot) -> dict[str, bool]:
    """Whether each grant, by its subject, is good on the day."""
    if not len(snapshot.matters):
        return {}
    all_grants, powers = snapshot.once(grants), snapshot.once(effective_powers)
    return {
        subject(snapshot, int(delegation), int(item)): bool(good)
        for delegation, item, good in zip(all_grants.delegation, all_grants.item, powers.good, strict=True)
    }


def _add_delegations(drawn: Any, snapshot: Snapshot, good: dict[str, bool]) -> None:
    delegations, units = snapshot.delegations, snapshot.units
    for index, ref in enumerate(delegations.ref):
        sender, recipient = int(delegations.sender[index]), int(delegations.recipient[index])
        if sender < 0 or recipient < 0:
            continue
        attributes = _matter(snapshot, int(delegations.matter[index])) | _document(
            snapshot, int(delegations.instrument[index])
        )
        attributes |= {"ref": ref, "relation": words.MATTER_KINDS[int(delegations.kind[index])]}
        if delegations.role[index] >= 0:
            attributes["role"] = words.ROLES[int(delegations.role[index])]
        if delegations.mode[index] >= 0:
            attributes["mode"] = MODES[int(delegations.mode[index])]
        for name, days in (("began", delegations.began), ("ends", delegations.ends), ("due_on", delegations.due_on)):
            if days[index] > 0:
                attributes[name] = date.fromordinal(int(days[index])).isoformat()
        if delegations.kind[index] == MATTER_KIND["power"]:
            attributes["effective"] = good.get(ref, False)
        drawn.add_edge(units.code[sender], units.code[recipient], key=f"ref:{ref}", **attributes)


def _add_list_grants(drawn: Any, snapshot: Snapshot, good: dict[str, bool]) -> None:
    items, lists, units = snapshot.items, snapshot.lists, snapshot.units
    if not len(snapshot.matters):
        return
    assigning = snapshot.once(grants).item
    for unit, item in zip(*holders_by_list(snapshot, assigning[assigning >= 0]), strict=True):
        grantor, listed = int(items.grantor[item]), int(items.list[item])
        if grantor < 0:
            continue
        ref = subject(snapshot, -1, int(item))
        attributes = _matter(snapshot, int(items.matter[item])) | _document(snapshot, int(lists.instrument[listed]))
        attributes |= {"ref": ref, "relation": "list_grant", "effective": good[ref]}
        attributes["mode"] = MODES[int(lists.mode[listed])]
        drawn.add_edge(units.code[grantor], units.code[int(unit)], key=f"item:{ref}", **attributes)


def _matter(snapshot: Snapshot, matter: int) -> Scalars:
    if matter < 0:
        return {}
    return {"matter": snapshot.matters.code[matter], "matter_name": snapshot.matters.name[matter]}


def _document(snapshot: Snapshot, instrument: int) -> Scalars:
    return {} if instrument < 0 else {"instrument": snapshot.instruments.number[instrument]}
