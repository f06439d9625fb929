"""`registry lists check`: bases that are law no more on a day, and what is to be cited instead."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import psycopg

from registry.cli.lines import write
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, JSON, KNOWN, day
from registry.domain.text import Text
from registry.queries.bases import ExpiredBasis, expired_bases
from registry.relations.two_times import AsOf, Reader

_WHAT: Final = {
    "list": Text("清单", "list"),
    "item": Text("清单事项", "item of a list"),
    "delegation": Text("交办、赋权", "delegation"),
    "vesting": Text("法定授予的职权", "vesting"),
    "matter": Text("事项", "matter"),
}
_WHY: Final = {
    "repealed": Text("已自{}起废止", "was repealed as of {}"),
    "overtaken": Text("自{}起应首先引用新法", "is no longer the first basis since {}"),
    "renumbered": Text("条号已自{}起改变", "has other numbers since {}"),
}


def lists_check(as_of: AS_OF = None, known: KNOWN = None, as_json: JSON = False) -> None:
    """哪些依据当日已经失效，现应引用什么。 / Bases that are law no more on a day, and what replaced them."""
    on = day(as_of)

    async def question(_: psycopg.Connection[Any], reader: Reader, position: int) -> list[ExpiredBasis]:
        return await expired_bases(reader, AsOf(on, position))

    rows = answer(question, known)
    for row in rows:
        if as_json:
            write(asdict(row))
            continue
        what, why = _WHAT[row.what], _WHY[row.why]
        print(f"{what.zh} {row.subject}  {row.name}")
        now_zh = f"；现为{row.replacement}" if row.replacement else "；现行依据请核对"
        now_en = f"; now {row.replacement}" if row.replacement else "; look up what is law now"
        goes_on = Text("；原据此作出的继续有效", "; what was decided under it stands")
        zh, en = (goes_on.zh, goes_on.en) if row.reenacted and row.what != "matter" else ("", "")
        print(f"  所依{row.cites}{why.zh.format(row.since)}{now_zh}{zh}。")
        print(f"  {row.cites} {why.en.format(row.since)}{now_en}{en}.")
    if not as_json:
        print(f"失效依据 {len(rows)} 项（{on}）。 / Expired bases: {len(rows)}.")
