"""What is asked about findings and decisions together: since when, ways out, opened and closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from registry import impact
from registry.checker import Finding
from registry.domain import decisions as d
from registry.domain.lines import from_object
from registry.domain.problems import Refused
from registry.impact.remedies import Remedy, remedies
from registry.impact.since import MOST, since
from registry.queries.matters import matters
from registry.queries.units import units
from registry.recording.unit_of_work import Busy
from registry.relations.two_times import AsOf
from registry.web.graphql.context import RequestContext
from registry.web.problems import problem

REMEDIED: Final = 30  # findings of one answer whose ways out are tried


@dataclass(frozen=True)
class Unrecorded:
    """Units and matters that only a simulation knows, by code."""

    units: dict[str, units.Unit] = field(default_factory=dict[str, units.Unit])
    matters: dict[str, matters.Matter] = field(default_factory=dict[str, matters.Matter])


async def load_since(context: RequestContext, found: list[Finding], moment: AsOf) -> dict[Finding, date | None]:
    """Since when each finding holds."""
    answers: dict[Finding, date | None] = {}
    for start in range(0, len(found), MOST):
        page = found[start : start + MOST]
        told = await context.access.blocking(since, moment.valid_at, moment.known_at, page)
        answers |= {finding: told[finding.key] for finding in page}
    return answers


async def load_remedies(context: RequestContext, found: list[Finding]) -> dict[Finding, list[Remedy]]:
    """The ways out of each finding."""
    if len(found) > REMEDIED:
        raise problem(
            "too-costly",
            f"一次最多给出 {REMEDIED} 个问题的整改办法。",
            f"Ways out are tried for at most {REMEDIED} findings at once.",
        )
    answers: dict[Finding, list[Remedy]] = {}
    for finding in found:
        try:
            answers[finding] = await context.access.blocking(remedies, finding)
        except Busy as busy:
            raise problem(busy.code, busy.zh, busy.en) from None
    return answers


async def load_assessed(context: RequestContext, spans: list[str]) -> dict[str, impact.Difference]:
    """What the decisions after one position up to another opened and closed; spans as `12 15`."""
    answers: dict[str, impact.Difference] = {}
    for span in spans:
        before, after = map(int, span.split())
        answers[span] = await context.access.blocking(impact.assessed, before, after)
    return answers


def brought_in(decisions: Sequence[Any]) -> Unrecorded:
    """The units and matters that the decisions (journal objects) bring in."""
    new = Unrecorded()
    for given in decisions:
        try:
            decision = from_object(given)
        except Refused:
            continue
        if isinstance(decision, d.UnitRegistered):
            function = decision.function or ("government" if decision.kind == "government" else None)
            above = (decision.parent, decision.guided_by, decision.stationed_at)
            aliases = list(decision.aliases or ())
            rest = (aliases, decision.monitored or False, False, None, decision.at, None, 0)
            row = units.Unit(decision.unit, decision.name, decision.level, decision.kind, function, *above, *rest)
            new.units[decision.unit] = row
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
                in_law=True,
                retired=False,
                position=0,
            )
    return new
