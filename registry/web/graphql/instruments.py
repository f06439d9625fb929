"""Questions about documents."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import strawberry
from strawberry.types import Info

from registry.domain.words import INSTRUMENT_KINDS
from registry.queries import bases, instruments, sounds
from registry.queries.findings.origins import read_as
from registry.queries.instruments import WantedInstruments
from registry.queries.units.resolve import resolve_unit
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor
from registry.web.graphql.scalars import Known
from registry.web.graphql.seeing import seen
from registry.web.graphql.types import ID
from registry.web.problems import bad_value


@strawberry.type(
    description="当日已不是现行法的依据。 A basis that is law no more on the day: `what` is `list`, `item`, "
    "`delegation`, `vesting` or `matter`, `subject` its code, `why` is `repealed`, `overtaken` or `renumbered`."
)
class ExpiredBasis:
    what: str
    subject: ID
    name: str
    cites: str = strawberry.field(description="所引的依据。 The basis as recorded.")
    why: str
    since: date
    replacement: str | None = strawberry.field(description="现应引用什么。 What is to be cited now.")
    reenacted: bool = strawberry.field(description="原据此作出的继续有效。 What was decided under it stands.")


@strawberry.type
class InstrumentQuestions:
    @strawberry.field(
        description="哪些依据当日已经失效，现应引用什么。"
        " Bases that are law no more on the day, and what replaced them."
    )
    async def expired_bases(
        self, info: Info, as_of: date | None = None, known: Known | None = None
    ) -> list[ExpiredBasis]:
        moment = await context_of(info).moment(as_of, known)
        rows = await bases.expired_bases(context_of(info).pool, moment, await seen(info))
        return [ExpiredBasis(**asdict(row)) for row in rows]

    @strawberry.field(description="依据文件。 A document by its number (文号).")
    async def instrument(
        self, info: Info, number: ID, as_of: date | None = None, known: Known | None = None
    ) -> t.Instrument | None:
        return await t.load_instrument(info, await context_of(info).moment(as_of, known), number)

    @strawberry.field(
        description="查找依据文件。 Documents by number, in force on the day or not: those with a text in their title "
        "or number, of a kind, issued by a unit (or by one dissolved into it), in force on the day (inForce)."
    )
    async def instruments(
        self,
        info: Info,
        search: str | None = None,
        kind: str | None = None,
        issuer: ID | None = None,
        in_force: bool | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[t.Instrument]:
        pool, when = context_of(info).pool, await context_of(info).moment(as_of, known)
        size, key = page_size(first), read_cursor(after)
        if kind is not None and kind not in INSTRUMENT_KINDS:
            names = ", ".join(INSTRUMENT_KINDS)
            zh, en = f"没有文件种类“{kind}”，可用：{names}。", f"There is no kind of document {kind}; use {names}."
            raise bad_value("kind", zh, en)
        if issuer is not None:
            issuer = ID(await read_as(pool, when, await resolve_unit(pool, issuer, when)))
        wanted = WantedInstruments(search, kind, issuer, in_force, await sounds.heard(pool, when, "instrument", search))
        nodes = [t.instrument_of(row, when) for row in await instruments.search(pool, when, wanted, key, size + 1)]
        return connection(nodes, lambda each: each.number, size, after, lambda: instruments.count(pool, when, wanted))
