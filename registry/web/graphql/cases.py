"""Cases: how accountability was settled, for others to go by."""

from __future__ import annotations

from datetime import date

import strawberry
from strawberry.types import Info

from registry.domain.text import Text
from registry.domain.words import CASE_OUTCOMES
from registry.queries.cases import cases
from registry.queries.units.resolve import need_matter
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_day_cursor
from registry.web.graphql.scalars import Known
from registry.web.graphql.seeing import seen
from registry.web.problems import bad_value

ID = strawberry.ID


@strawberry.type(description="问责案例。 How accountability was settled once, as of a day.")
class Case:
    row: strawberry.Private[cases.Case]
    moment: strawberry.Private[AsOf]
    resembles: strawberry.Private[Text | None]
    case: ID
    title: str
    text: str
    outcome: str = strawberry.field(description="exempted 免责，lightened 从轻或减轻，held 追责。")
    category: str | None = strawberry.field(description="类别。 As the case says it.")
    rule: str | None = strawberry.field(description="所涉问题的规则。 The rule of the finding that it was about.")
    about: list[ID] = strawberry.field(description="所涉编号。 The refs that it was about.")
    on: date = strawberry.field(description="处理日。 The day on which it was settled.")
    position: int

    @strawberry.field(description="处理单位。 Who settled it, read as its successor.")
    async def by(self, info: Info) -> t.Unit:
        return await t.need_unit(info, self.moment, self.row.by)

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter | None:
        return None if self.row.matter is None else await t.need_matter(info, self.moment, self.row.matter)

    @strawberry.field
    async def instrument(self, info: Info) -> t.Instrument | None:
        return await t.load_instrument(info, self.moment, self.row.instrument)

    @strawberry.field(
        description="为何相似。 Why it resembles the incident asked about, in zh or en; null where none was."
    )
    def why(self, lang: str | None = "zh") -> str | None:
        return None if self.resembles is None else t.text_in(self.resembles._asdict(), lang)


@strawberry.type(description="案例的结果。 How many cases were exempted, lightened and held.")
class CaseOutcomes:
    exempted: int
    lightened: int
    held: int


def case_of(row: cases.Case, moment: AsOf, resembles: Text | None = None) -> Case:
    """A case of the schema; `resembles`: why it does."""
    plain = t.columns(row, "case", "title", "text", "outcome", "category", "rule", "on", "position")
    return Case(row=row, moment=moment, resembles=resembles, about=t.ids(row.about), **plain)


@strawberry.type
class CaseQuestions:
    @strawberry.field(
        description="问责案例。 Cases settled by the day, the latest first: with all the words of `search` (between "
        "blanks; any part of the title or text), about a matter, of an outcome (exempted, lightened, held)."
    )
    async def cases(
        self,
        info: Info,
        search: str | None = None,
        matter: ID | None = None,
        outcome: str | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Case]:
        pool, moment = context_of(info).pool, await context_of(info).moment(as_of, known)
        if outcome is not None and outcome not in CASE_OUTCOMES:
            zh, en = f"outcome 须为 {'、'.join(CASE_OUTCOMES)} 之一。", f"outcome is one of {', '.join(CASE_OUTCOMES)}."
            raise bad_value("outcome", zh, en)
        if matter is not None:
            await need_matter(pool, matter, moment)
        wanted, size, index = (
            cases.Wanted(search, matter, outcome, await seen(info)),
            page_size(first),
            read_day_cursor(after),
        )
        nodes = [case_of(row, moment) for row in await cases.cases(pool, moment, wanted, index, size + 1)]
        return connection(
            nodes, lambda case: f"{case.on} {case.position}", size, after, lambda: cases.count(pool, moment, wanted)
        )
