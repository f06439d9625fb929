"""Taking recordings back: what that would record and change, and recording it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, cast

import psycopg
import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.types import Info

from registry.impact.undoing import Preview, preview
from registry.queries.history import decisions as log_decisions
from registry.recording import undo as undoing
from registry.recording.undo import CannotUndo, Changed, NotUndone
from registry.recording.undo import Undo as Plan
from registry.recording.unit_of_work import Busy, Recorded
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.decisions import Decision, decision_of
from registry.web.graphql.impact import shown
from registry.web.graphql.seeing import territory
from registry.web.graphql.simulated import with_reinstated
from registry.web.own_undo import need_positions, of_own
from registry.web.problems import problem

From = Annotated[int, strawberry.argument(name="from")]
CHANGED_HINT = {"zh": "重新查询 undo，核对后再提交。", "en": "Ask undo again, look at it, and send it again."}


@strawberry.type(description="后来以其为据的记录。 A later decision that must be taken back before the one at `on`.")
class RestingDecision:
    on: int = strawberry.field(description="被其引为依据的序号。 The position of what it rests on.")
    decision: Decision


@strawberry.type(
    description="撤回。 What takes recordings back: decisions that do it, and what these change. Nothing is recorded."
)
class Undo:
    row: strawberry.Private[Preview]
    moment: strawberry.Private[AsOf]
    reinstated: strawberry.Private[list[Any]]
    decisions: list[JSON] = strawberry.field(
        description="可直接记录的决定，按记录次序。 Decisions ready to record, in this order; none where it cannot be."
    )
    positions: list[int] = strawberry.field(
        description="撤回的序号，后记录的在前。 What they take back, the last recorded first."
    )
    without_effect: list[int] = strawberry.field(
        description="早已不起作用的序号。 Positions that are read no more as it is, for which nothing is recorded."
    )
    digest: str = strawberry.field(
        description="摘要。 Of the decisions: the mutation, given it as `shown`, refuses where they are others by then."
    )
    judged: bool = strawberry.field(
        description="是否已判断影响。 Whether opened and closed are given; false where it cannot be, or is too large."
    )
    as_of: date | None = strawberry.field(
        description="判断影响所按的日期。 The day as of which opened and closed are; null where it is not judged."
    )
    problems: list[JSON] = strawberry.field(
        description="不能撤回的原因。 Why it cannot be, beside what rests on it: position, code, zh and en."
    )

    @strawberry.field(description="后来以其为据的记录。 Later decisions that rest on these, with what they rest on.")
    async def resting(self, info: Info) -> list[RestingDecision]:
        rows = self.row.undo.resting
        of = await _decisions(info, [each.position for each in rows])
        return [RestingDecision(on=each.on, decision=of[each.position]) for each in rows]

    @strawberry.field(description="随之不再有效的记录。 Other decisions that go with what is annulled, as an end does.")
    async def goes_with(self, info: Info) -> list[Decision]:
        return list((await _decisions(info, self.row.undo.goes_with)).values())

    @strawberry.field(description="会新产生的问题。 Findings that would come to hold; null where it is not judged.")
    def opened(self) -> list[t.Finding] | None:
        result = self.row.simulation
        return None if result is None else shown(result.opened, self.moment, self.reinstated)

    @strawberry.field(description="会消除的问题。 Findings that would hold no longer; null where it is not judged.")
    def closed(self) -> list[t.Finding] | None:
        result = self.row.simulation
        return None if result is None else shown(result.closed, self.moment, ())


async def _decisions(info: Info[Any, Any], positions: Sequence[int]) -> dict[int, Decision]:
    rows = await log_decisions.at_positions(context_of(info).pool, positions) if positions else []
    return {row.position: decision_of(row) for row in rows}


async def load_undo(
    info: Info[Any, Any], first: int, last: int | None, *, with_later: bool, as_of: date | None
) -> Undo:
    """What takes the positions from the first to the last back."""
    positions = _between(first, last)
    pool, own = context_of(info).pool, await territory(info)
    try:
        await need_positions(own, pool, positions)
        row = await context_of(info).run_long(
            preview, positions, with_later=with_later, as_of=as_of, seconds=undoing.PATIENCE
        )
        row = await of_own(own, pool, row)
    except (CannotUndo, Busy) as refused:
        raise problem(refused.code, refused.zh, refused.en) from None
    plan = row.undo
    day = as_of if row.simulation is None else row.simulation.as_of
    return Undo(
        row=row,
        moment=await context_of(info).moment(day),
        as_of=None if row.simulation is None else row.simulation.as_of,
        reinstated=await with_reinstated(context_of(info).pool, plan.decisions),
        decisions=cast("list[JSON]", plan.decisions),
        positions=plan.positions,
        without_effect=plan.without_effect,
        digest=plan.digest,
        judged=row.simulation is not None,
        problems=cast("list[JSON]", [_problem(position, each.code, *each.message) for position, each in plan.problems]),
    )


def _problem(position: int, code: str, zh: str, en: str) -> dict[str, int | str]:
    return {"position": position, "code": code, "zh": zh, "en": en}


async def record_undo(
    info: Info[Any, Any], first: int, last: int | None, *, with_later: bool, shown: str | None
) -> Recorded:
    """Take the positions back; what stands in the way becomes an error of the request."""
    positions = _between(first, last)
    try:
        await need_positions(await territory(info), context_of(info).pool, positions)
        return await context_of(info).resources.run_recording(_carry_out, positions, with_later=with_later, shown=shown)
    except Changed as changed:
        raise problem(changed.code, changed.zh, changed.en, hint=CHANGED_HINT) from None
    except NotUndone as refused:
        raise _not_undone(refused, refused.undo) from None
    except (CannotUndo, Busy) as refused:
        raise problem(refused.code, refused.zh, refused.en) from None


def _carry_out(connection: psycopg.Connection, positions: range, *, with_later: bool, shown: str | None) -> Recorded:
    return undoing.carry_out(connection, positions, with_later=with_later, shown=shown, seconds=undoing.PATIENCE)[1]


def _not_undone(refused: NotUndone, plan: Plan) -> GraphQLError:
    resting = [{"on": each.on, "position": each.position} for each in plan.resting]
    return problem(refused.code, refused.zh, refused.en, resting=resting)


def _between(first: int, last: int | None) -> range:
    try:
        return undoing.positions_between(first, last)
    except CannotUndo as wrong:
        field = {"field": "to"} if wrong.code == "bad-value" else {}
        raise problem(wrong.code, wrong.zh, wrong.en, **field) from None


@strawberry.type
class UndoQuestions:
    @strawberry.field(
        description="撤回前先看。 What would take back the decisions from one position to another (default: only that "
        "one), what rests on them, and what it would open and close? Nothing is recorded. `withLater`: what rests on "
        "them is taken back too. As of today, or of the last day on which what is taken back takes effect, unless a "
        "day is given."
    )
    async def undo(
        self, info: Info, from_: From, to: int | None = None, with_later: bool | None = False, as_of: date | None = None
    ) -> Undo:
        return await load_undo(info, from_, to, with_later=bool(with_later), as_of=as_of)
