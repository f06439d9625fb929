"""`registry certificate` and `certificate-demands`: what a village may certify, and who demands what it may not."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from typing import Annotated

import orjson
import typer

from registry.cli.terminal import JSON, day, fail, known_position, tell_plainly
from registry.database import connect, pool

STATUS = {
    "ALLOWED": "村里可以出具 / the village issues it",
    "FORBIDDEN": "村里不得出具 / the village does not issue it",
    "UNLISTED": "不在清单内 / on no list",
    "AMBIGUOUS": "请选择 / choose",
    "UNKNOWN": "没有看懂 / not understood",
}


def certificate(
    village: Annotated[str, typer.Argument(help="村（社区）代码。 / The village's code.")],
    text: Annotated[str, typer.Argument(help="要什么证明，怎么说都行。 / What is asked for, in any words.")],
    as_of: Annotated[str | None, typer.Option(help="哪一天，缺省今天。 / On which day (today).")] = None,
    as_json: JSON = False,
) -> None:
    """能不能开证明：村里开不开，不开找谁。 / May the village issue this certificate, and who does if not?"""
    from registry.queries import certificates

    on = day(as_of)

    async def answered() -> certificates.Answer:
        async with await pool(min_size=1, max_size=1) as reader:
            return await certificates.answer(reader, village, text, on)

    try:
        answer = asyncio.run(answered())
    except (certificates.UnknownVillage, certificates.BadWords) as problem:
        fail(problem.code, str(problem))
    zh, en = certificates.sentence(answer, "zh"), certificates.sentence(answer, "en")
    if as_json:
        told = asdict(answer) | {"village": village, "on": on, "message": {"zh": zh, "en": en}}
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
        return
    print(f"{answer.status}  {STATUS[answer.status]}")
    if answer.name:
        print(f"{answer.name}  {answer.matter or ''}".rstrip())
    print(zh)
    print(en)
    for one in answer.candidates:
        print(f"  {one.status}  {one.name}  {one.code or ''}".rstrip())


def certificate_demands(
    within: Annotated[str, typer.Argument(help="哪个单位的辖区。 / Within which unit's territory.")],
    since: Annotated[str, typer.Option("--from", help="自哪一天起（含）。 / From this day on.")],
    until: Annotated[str | None, typer.Option("--to", help="到哪一天（含），缺省今天。 / To this day (today).")] = None,
    known: Annotated[str | None, typer.Option(help="截至哪个序号或时间所知。 / As known when.")] = None,
    as_json: JSON = False,
) -> None:
    """谁向村里要了不该要的证明。 / Who demanded certificates of villages that these may not issue."""
    from registry.queries.certificates import demands

    first, last = day(since), day(until)
    if last < first:
        fail("bad-value", f"--to 不得早于 --from：{last} < {first} / --to must not be before --from", 2)
    with connect() as connection:
        known_unit = connection.execute("SELECT EXISTS (SELECT FROM unit WHERE code = %s)", (within,)).fetchone()
        if known_unit is None or not known_unit[0]:
            fail("unknown-unit", f"没有代码为“{within}”的单位。 / There is no unit {within}.")
        found = demands.demands(connection, within, first, last, known_position(connection, known))
    for one in found:
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(asdict(one)) + b"\n")
            continue
        print(
            f"{one.unit}  共 {one.demanded} 次，禁止 {one.forbidden}，清单外 {one.unlisted}，涉及 {one.villages} 村"
            f" / demanded {one.demanded}, forbidden {one.forbidden}, unlisted {one.unlisted}, villages {one.villages}"
        )
        for matter, often in one.matters:
            print(f"  {matter} × {often}")
    if not found and not as_json:
        tell_plainly("没有索要证明的记录。 / No demands are recorded.")
