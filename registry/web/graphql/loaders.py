"""What objects ask about themselves, put together by the loaders: each asks about several codes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from registry.checker import Finding
from registry.domain.text import Text
from registry.queries import as_of_many, delegations, instruments
from registry.queries.burdens import burdens
from registry.queries.history import causes, corrections, decisions, effects, headlines
from registry.queries.holdings import holdings, powers
from registry.queries.holdings.missing_powers import Pair
from registry.queries.lists import items as list_items
from registry.queries.matters import matters
from registry.queries.units import units
from registry.relations.two_times import AsOf
from registry.web.graphql.context import RequestContext


async def load_units(context: RequestContext, codes: Sequence[str], moment: AsOf) -> Mapping[str, units.Unit]:
    """Units by code."""
    return await units.units(context.pool, moment, codes)


async def load_matters(context: RequestContext, codes: Sequence[str], moment: AsOf) -> Mapping[str, matters.Matter]:
    """Matters by code."""
    return await matters.matters(context.pool, moment, codes)


async def load_instruments(
    context: RequestContext, numbers: Sequence[str], moment: AsOf
) -> Mapping[str, instruments.Instrument]:
    """Documents by number."""
    return await instruments.instruments(context.pool, moment, numbers)


async def load_children(
    context: RequestContext, parents: Sequence[str], moment: AsOf, level: str | None, after: str | None, limit: int
) -> Mapping[str, tuple[int, list[units.Unit]]]:
    """A page of each unit's children."""
    return await units.children(context.pool, moment, parents, level, after, limit)


async def load_responsibilities(
    context: RequestContext, codes: Sequence[str], moment: AsOf, role: str | None, after: str | None, limit: int
) -> Mapping[str, tuple[int, list[holdings.Holding]]]:
    """A page of each unit's duties."""
    return await holdings.responsibilities(context.pool, moment, codes, role, after, limit)


async def load_items(
    context: RequestContext, codes: Sequence[str], moment: AsOf, polarity: str, covers: str | None
) -> Mapping[str, list[list_items.Item]]:
    """The items of lists of a polarity that reach each unit."""
    results: dict[str, list[list_items.Item]] = {}
    for item in await list_items.items(context.pool, moment, codes, polarity, covers):
        results.setdefault(item.unit, []).append(item)
    return results


async def load_burdens(
    context: RequestContext, codes: Sequence[str], moment: AsOf, kind: str | None
) -> Mapping[str, list[burdens.Delegation]]:
    """The burdens on each unit."""
    return await burdens.burdens(context.pool, moment, codes, kind)


async def load_sent(
    context: RequestContext, codes: Sequence[str], moment: AsOf, after: str | None, limit: int
) -> Mapping[str, tuple[int, list[burdens.Delegation]]]:
    """A page of what each unit handed down."""
    return await delegations.sent(context.pool, moment, codes, after, limit)


async def load_sent_items(
    context: RequestContext, codes: Sequence[str], moment: AsOf
) -> Mapping[str, list[list_items.Item]]:
    """The items of lists by which each unit hands something down."""
    return await delegations.sent_items(context.pool, moment, codes)


async def load_history(
    context: RequestContext,
    codes: Sequence[str],
    known: int,
    after: int,
    limit: int,
    aggregate: str,
    seen: Sequence[str] | None,
) -> Mapping[str, list[decisions.Decision]]:
    """A page of the decisions that name each unit or matter; `seen`: those that concern these units."""
    return await decisions.history(context.pool, known, codes, after, limit, aggregate, seen)


async def load_history_length(
    context: RequestContext, codes: Sequence[str], known: int, aggregate: str, seen: Sequence[str] | None
) -> Mapping[str, int]:
    """How many decisions name each unit or matter; `seen`: of those that concern these units."""
    return await decisions.history_length(context.pool, known, codes, aggregate, seen)


async def load_seen(context: RequestContext, positions: Sequence[int], units: Sequence[str]) -> Mapping[int, bool]:
    """Which of the decisions at these positions concern some units, or nobody in particular."""
    return dict.fromkeys(await decisions.seen(context.pool, positions, units), True)


async def load_units_of_refs(context: RequestContext, refs: Sequence[str]) -> Mapping[str, list[str]]:
    """The units that what was decided of each ref names: who handed down first, then who received."""
    return await decisions.units_of_refs(context.pool, refs)


async def load_effects(context: RequestContext, positions: Sequence[str]) -> Mapping[str, list[effects.Effect]]:
    """What the decisions at these positions changed."""
    results = await effects.effects(context.pool, [int(position) for position in positions])
    return {str(position): of for position, of in results.items()}


async def load_headlines(context: RequestContext, positions: Sequence[int]) -> Mapping[int, Text]:
    """The decisions at these positions, each in one line with names."""
    return await headlines.of_positions(context.pool, positions)


async def load_stated(context: RequestContext, positions: Sequence[int]) -> Mapping[int, list[headlines.Stated]]:
    """What the decisions at these positions say, field by field."""
    return await headlines.stated_at(context.pool, positions)


async def load_links(context: RequestContext, positions: Sequence[int]) -> Mapping[int, corrections.Links]:
    """What corrected the decisions at these positions, and what these correct."""
    return await corrections.links(context.pool, positions)


async def load_decisions(context: RequestContext, positions: Sequence[int]) -> Mapping[int, decisions.Decision]:
    """The decisions at these positions."""
    return {row.position: row for row in await decisions.at_positions(context.pool, positions)}


def on_day(code: str, day: date) -> str:
    """A code and a day as one key."""
    return f"{day} {code}"


def keys_of(written: Sequence[str]) -> list[as_of_many.Key]:
    """Codes and days out of such keys."""
    return [(code, date.fromisoformat(day)) for day, code in (each.split(" ", 1) for each in written)]


async def load_causes(context: RequestContext, keys: Sequence[str], known: int) -> Mapping[str, decisions.Decision]:
    """The decisions behind causes, each on its day."""
    results = await causes.decisions(context.pool, known, keys_of(keys))
    return {on_day(*key): decision for key, decision in results.items()}


async def load_units_on(context: RequestContext, keys: Sequence[str], known: int) -> Mapping[str, units.Unit]:
    """Units, each on its day."""
    results = await as_of_many.units(context.pool, known, keys_of(keys))
    return {on_day(*key): unit for key, unit in results.items()}


async def load_matters_on(context: RequestContext, keys: Sequence[str], known: int) -> Mapping[str, matters.Matter]:
    """Matters, each on its day."""
    results = await as_of_many.matters(context.pool, known, keys_of(keys))
    return {on_day(*key): matter for key, matter in results.items()}


async def load_instruments_on(
    context: RequestContext, keys: Sequence[str], known: int
) -> Mapping[str, instruments.Instrument]:
    """Documents, each on its day."""
    results = await as_of_many.instruments(context.pool, known, keys_of(keys))
    return {on_day(*key): paper for key, paper in results.items()}


async def load_powers(
    context: RequestContext, codes: Sequence[str], moment: AsOf
) -> Mapping[str, list[powers.PowerHolding]]:
    """The powers of each unit."""
    return await context.run_in_thread(powers.powers, moment, codes)


async def load_missing(context: RequestContext, pairs: Sequence[Pair], moment: AsOf) -> Mapping[Pair, list[str]]:
    """The powers that each unit lacks for a duty."""
    return await context.run_in_thread(context.resources.checked.missing_powers, moment, pairs)


async def load_effective(context: RequestContext, pairs: Sequence[Pair], moment: AsOf) -> Mapping[Pair, bool]:
    """Whether each unit effectively holds a power."""
    return await context.run_in_thread(context.resources.checked.effective, moment, pairs)


async def load_findings(context: RequestContext, codes: Sequence[str], moment: AsOf) -> Mapping[str, list[Finding]]:
    """Every finding that each unit bears, waived ones too, by key."""
    results = await context.run_in_thread(context.resources.checked.borne, moment, codes)
    wanted = set(codes)
    by_unit: dict[str, list[Finding]] = {}
    for finding in results:
        if finding.unit in wanted:
            by_unit.setdefault(finding.unit, []).append(finding)
    return by_unit
