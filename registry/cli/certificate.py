"""`registry certificate`: may this village issue what a person asks for, and who does if not?"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.lines import write
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, day
from registry.queries import certificates
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf, Reader

STATUS = {
    "ALLOWED": "村里可以出具 / the village issues it",
    "FORBIDDEN": "村里不得出具 / the village does not issue it",
    "UNLISTED": "不在清单内 / on no list",
    "AMBIGUOUS": "请选择 / choose",
    "UNKNOWN": "没有看懂 / not understood",
}


def certificate(
    village: Annotated[str, typer.Argument(help="村（社区）：代码或名称。 / The village: its code or name.")],
    text: Annotated[str, typer.Argument(help="要什么证明，怎么说都行。 / What is asked for, in any words.")],
    as_of: AS_OF = None,
    as_json: JSON = False,
) -> None:
    """能不能开证明：村里开不开，不开找谁。 / May the village issue this certificate, and who does if not?"""
    on = day(as_of)

    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> certificates.Answer:
        code = await resolve_unit(reader, village, AsOf(on, position))
        return await certificates.answer(reader, code, text, on)

    row = answer(question, None)
    zh, en = certificates.sentence(row, "zh"), certificates.sentence(row, "en")
    if as_json:
        line = asdict(row) | {"village": village, "on": on, "message": {"zh": zh, "en": en}}
        write(line)
        return
    print(f"{row.status}  {STATUS[row.status]}")
    if row.name:
        print(f"{row.name}  {row.matter or ''}".rstrip())
    print(zh)
    print(en)
    for one in row.candidates:
        print(f"  {one.status}  {one.name}  {one.code or ''}".rstrip())
