"""`registry cases`: how accountability was settled, found by words."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import with_code, write
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, KNOWN, day, one_of
from registry.domain.labels import CASE_OUTCOME
from registry.domain.text import counted
from registry.domain.words import CASE_OUTCOMES
from registry.queries.cases import cases as cases_settled
from registry.queries.matters import matters
from registry.queries.units import units
from registry.queries.units.resolve import need_matter
from registry.relations.two_times import AsOf, Reader


def cases(
    search: Annotated[
        str | None,
        typer.Argument(help="标题或正文中的字词，空格隔开的都要有。 / Words of the title or text: all of them."),
    ] = None,
    matter: Annotated[str | None, typer.Option(help="只要该事项的。 / Only about this matter.")] = None,
    outcome: Annotated[
        str | None, typer.Option(help="exempted 免责、lightened 从轻、held 追责。 / Only of this outcome.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, max=1000, help="最多多少项。 / At most so many.")] = 50,
    as_of: AS_OF = None,
    known: KNOWN = None,
    as_json: JSON = False,
) -> None:
    """问责案例：按字词、事项、结果查找。 / Cases: how accountability was settled, by words, matter and outcome."""
    one_of("--outcome", outcome, CASE_OUTCOMES)
    when = day(as_of)

    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> Any:
        moment = AsOf(when, position)
        if matter is not None:
            await need_matter(reader, matter, moment)
        wanted = cases_settled.Wanted(search, matter, outcome)
        rows = await cases_settled.cases(reader, moment, wanted, None, first)
        names = {
            code: unit.name for code, unit in (await units.units(reader, moment, [row.by for row in rows])).items()
        }
        about = [row.matter for row in rows if row.matter]
        names |= {code: each.name for code, each in (await matters.matters(reader, moment, about)).items()}
        return rows, names, await cases_settled.count(reader, moment, wanted)

    rows, names, total = answer(question, known)
    for row in rows:
        if as_json:
            write(asdict(row))
            continue
        settled = CASE_OUTCOME[row.outcome]
        print(f"{row.on}  {row.case}  {settled.zh} {settled.en}  {with_code(names.get(row.by), row.by)}")
        print(f"  {row.title}")
        print(f"  {row.text}")
        about = [with_code(names.get(row.matter), row.matter)] if row.matter else []
        about += [each for each in (row.category, row.rule, *row.about, row.instrument) if each]
        if about:
            print(f"  {'  '.join(about)}")
    if not as_json:
        print(f"共 {total} 个案例，列出 {len(rows)} 个。 / {len(rows)} of {counted(total, 'case')}.")
