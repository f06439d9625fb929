"""`registry history`: the decisions about a unit or a matter, and what each changed."""

from __future__ import annotations

from typing import Annotated, Any

import psycopg
import typer

from registry.cli.effects import print_decisions, with_effects
from registry.cli.questions import answer
from registry.cli.terminal import JSON, KNOWN, fail
from registry.queries.history import decisions
from registry.queries.history.decisions import Decision
from registry.queries.units.resolve import UnknownMatter, UnknownUnit, need_recorded, resolve_unit_ever
from registry.relations.two_times import LAST, AsOf, Reader


def history(
    code: Annotated[str, typer.Argument(help="单位代码、名称或事项编码。 / A unit, by code or name, or a matter.")],
    after: Annotated[int, typer.Option(help="从该序号之后读起。 / Only after this position.")] = 0,
    first: Annotated[int, typer.Option(min=1, help="最多多少项。 / At most so many.")] = 100,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """变更记录：涉及该单位或事项的决定，各改变了什么。 / Decisions about a unit or matter, and what each changed."""

    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> list[Decision]:
        # What was annulled has a history too.
        try:
            kind, named = "matter", await need_recorded(reader, "matter", code, position)
        except UnknownMatter:
            try:
                kind, named = "unit", await resolve_unit_ever(reader, code, AsOf(LAST, position))
            except UnknownUnit as unknown:
                if unknown.candidates:
                    raise
                fail("unknown-matter", f"没有单位或事项“{code}”。", f"There is no unit or matter {code}.")
        return (await decisions.history(reader, position, [named], after, first, kind)).get(named, [])

    print_decisions(answer(with_effects(question), known), as_json=as_json)
