"""Units and matters that only a simulation knows, so that its findings can be answered like recorded ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from registry.domain import decisions as d
from registry.domain.lines import from_object
from registry.domain.problems import Refused
from registry.queries.history import decisions as log_decisions
from registry.queries.matters import matters
from registry.queries.units import units
from registry.relations.two_times import Reader

_SHOWN: Final = ("UnitRegistered", "MatterDefined")


@dataclass(frozen=True)
class Simulated:
    """Units and matters that the decisions of a simulation bring in, by code."""

    units: dict[str, units.Unit] = field(default_factory=dict[str, units.Unit])
    matters: dict[str, matters.Matter] = field(default_factory=dict[str, matters.Matter])


def brought_in(decisions: Sequence[Any]) -> Simulated:
    """The units and matters that the decisions (journal objects) bring in; what is no decision brings none."""
    new = Simulated()
    for given in decisions:
        try:
            decision = from_object(given)
        except Refused:
            continue
        if isinstance(decision, d.UnitRegistered):
            new.units[decision.unit] = units.Unit(
                code=decision.unit,
                name=decision.name,
                level=decision.level,
                kind=decision.kind,
                function=decision.function or ("government" if decision.kind == "government" else None),
                parent=decision.parent,
                guided_by=decision.guided_by,
                stationed_at=decision.stationed_at,
                aliases=list(decision.aliases or ()),
                monitored=decision.monitored or False,
                dissolved=False,
                successor=None,
                since=decision.at,
                until=None,
                position=0,
            )
        if isinstance(decision, d.MatterDefined):
            new.matters[decision.matter] = matters.Matter(
                code=decision.matter,
                kind=decision.kind,
                name=decision.name,
                category=decision.category,
                aliases=list(decision.aliases or ()),
                basis=list(decision.basis or ()),
                lawful_holders=[holder.model_dump() for holder in decision.lawful_holders or ()],
                requires=list(decision.requires or ()),
                needs=list(decision.needs or ()),
                power_kind=decision.power_kind,
                issuer=decision.issuer,
                alternative=decision.alternative,
                materials=list(decision.materials or ()),
                procedure=decision.procedure,
                online=decision.online,
                asks=list(decision.asks or ()),
                includes=list(decision.includes or ()),
                window=decision.window,
                in_law=True,
                retired=False,
                position=0,
            )
    return new


async def with_reinstated(reader: Reader, decisions: Sequence[Any]) -> list[Any]:
    """The decisions (journal objects), before them those recorded of the units and matters that they bring back."""
    keys: set[str] = set()
    for given in decisions:
        try:
            decision = from_object(given)
        except Refused:
            continue
        if isinstance(decision, d.Reinstated) and decision.of and decision.of["type"] in _SHOWN:
            keys.add(decision.key)
    return [*(each.data for each in await log_decisions.introductions(reader, keys)), *decisions]
