"""The tree of units to which something can be handed down: those below the sender's government, with what they bear."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry.domain.labels import LEVEL
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.drafting.content import HANDED_DOWN, Content
from registry.web.console.drafting.naming import resolved
from registry.web.console.view import View
from registry.web.pages.failure import Refused

# From the county down a territory is shown whole, a few hundred units; above, level by level, as it is opened.
WHOLE: Final = ("COUNTY", "TOWNSHIP", "VILLAGE")
VILLAGE: Final = "village"  # the group of them
MOST: Final = 3000  # units on one page
DEPARTMENTS: Final = Text("部门和单位", "departments")
GROUPS: Final = (
    *(Text(LEVEL[level].zh, LEVEL[level].en) for level in ("province", "prefecture", "county")),
    Text("乡镇（街道）", "townships"),
    Text("村（社区）", "villages"),
)


@dataclass(slots=True)
class Node:
    """A unit of the tree. `group`: a level, or `department`; `shut`: it has units below that are not shown."""

    code: str
    name: str
    group: str
    below: list[Node] = field(default_factory=list["Node"])
    shut: bool = False
    duties: int | None = None
    burdens: int | None = None

    def all(self) -> Iterator[Node]:
        """It and all below it."""
        yield self
        for node in self.below:
            yield from node.all()

    def has(self, codes: Collection[str]) -> bool:
        """Whether something below it is among these."""
        return any(node.code in codes for child in self.below for node in child.all())

    @property
    def villages(self) -> list[Node]:
        """The villages right below it."""
        return [child for child in self.below if child.group == VILLAGE]

    def groups(self) -> list[tuple[str, list[Node]]]:
        """What is right below it, by group: governments before departments."""
        by: dict[str, list[Node]] = {}
        for node in self.below:
            by.setdefault(node.group, []).append(node)
        return sorted(by.items(), key=lambda one: (one[0] == "department", _LEVELS.index(one[0].upper())))


_LEVELS: Final = ("CENTRAL", "PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP", "VILLAGE", "DEPARTMENT")
GROUP_NAMES: Final[Mapping[str, Text]] = {
    "department": DEPARTMENTS,
    **dict(zip(("province", "prefecture", "county", "township", "village"), GROUPS, strict=True)),
    "central": LEVEL["central"],
}


async def tree(view: View, sender: Data, opened: Collection[str]) -> Node:
    """The units below a sender's government, or below the sender where it is one.

    `opened`: the units above a county whose units below are shown as well.
    """
    root = await government(view, sender)
    top = _node(root)
    if root["level"] in WHOLE:
        _grow(top, await view.ask_all("draft_units", "units", within=root["code"]))
        await _count(view, top)
    else:
        await _open(view, top, {root["code"], *opened})
    return top


async def with_villages(view: View, content: Content, fields: Mapping[str, str]) -> Content:
    """A draft to all villages, besides, below the units that a form has ticked for that: fields `below:CODE`.

    Raises Refused: unknown-unit.
    """
    recipients = list(content.recipients)
    for name in fields:
        code = name.removeprefix("below:")
        if code != name and fields[name]:
            units = await view.ask_all("draft_units", "units", within=code)
            recipients += [unit["code"] for unit in units if _node(unit).group == VILLAGE and unit["code"] != code]
    return content.with_recipients(recipients)


async def tree_of(view: View, content: Content, id_: str, opened: Collection[str]) -> Node | None:
    """The tree of those to whom a draft can go; None for a draft that goes to nobody, or has no sender yet."""
    if content.kind not in HANDED_DOWN:
        return None
    names, _ = await resolved(view, content, id_)
    return await tree(view, dict(names.sender), opened) if names.sender else None


async def government(view: View, sender: Mapping[str, Any]) -> Data:
    """The government that a sender belongs to: itself where it is one. Raises Refused."""
    unit: Data = (await view.ask("draft_unit", code=sender["code"]))["unit"]
    while unit["kind"] not in ("government", "village") and unit["parent"] is not None:
        unit = (await view.ask("draft_unit", code=unit["parent"]["code"]))["unit"]
    return unit


def _node(unit: Mapping[str, Any]) -> Node:
    offices = unit["kind"] in ("department", "party", "dispatched")
    return Node(unit["code"], unit["name"], "department" if offices else unit["level"].lower())


def _grow(top: Node, units: Sequence[Data]) -> None:
    nodes = {unit["code"]: _node(unit) for unit in units[:MOST]} | {top.code: top}
    for unit in units[:MOST]:
        parent = unit["parent"] and nodes.get(unit["parent"]["code"])
        if parent and unit["code"] != top.code:
            parent.below.append(nodes[unit["code"]])


async def _open(view: View, node: Node, opened: Collection[str]) -> None:
    children = await view.ask_all("draft_children", "unit.children", code=node.code)
    for unit in children[:MOST]:
        child = _node(unit)
        node.below.append(child)
        if child.group in ("department", "village"):
            continue
        if child.code in opened:
            await _open(view, child, opened)
        else:
            child.shut = True


async def _count(view: View, top: Node) -> None:
    """What each unit bears already, where the reader may see it."""
    try:
        duties = await view.ask_all("draft_duties", "balance.units", within=top.code)
        burdens = await view.ask_all("draft_burdens", "burdenTotals.units", within=top.code)
    except Refused:  # none of it is the reader's
        return
    by_code = {node.code: node for node in top.all()}
    for row in duties:
        if node := by_code.get(row["unit"]["code"]):
            node.duties = row["figures"]["duties"]
    for row in burdens:
        if node := by_code.get(row["unit"]["code"]):
            node.burdens = sum(tally["imposed"] for tally in row["tallies"])
