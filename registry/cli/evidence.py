"""`registry evidence`: the answer about one incident, with the proof of what it rests on, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from registry.cli.output import write_file
from registry.cli.questions import answer
from registry.cli.terminal import KNOWN, day, fail
from registry.database import embedded
from registry.exchange import evidence as evidences
from registry.log import checkpoints
from registry.queries.holdings import accountability
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import AsOf, Reader


def evidence(
    matter: Annotated[str, typer.Option(help="事项。 / The matter.")],
    unit: Annotated[str, typer.Option(help="单位：代码或名称。 / The unit: its code or name.")],
    on: Annotated[str, typer.Option(help="事发之日。 / The day of the incident.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="写入的 ZIP 文件。 / The ZIP file to write.")],
    known: KNOWN = None,
) -> None:
    """取证：某单位某日是否承担某事项，连同可离线核验的证明。 / Evidence for one incident, verifiable offline."""
    when = day(on)

    async def question(
        connection: psycopg.Connection[Any], reader: Reader, position: int
    ) -> tuple[accountability.Account, bytes]:
        moment = AsOf(when, position)
        code = await resolve_unit(reader, unit, moment)
        account = await accountability.account(reader, connection, moment, matter, code)
        if account is None:
            fail("unknown-matter", f"没有记录过事项“{matter}”。", f"No matter {matter} is recorded.")
        return account, evidences.bundle(connection, account, checkpoints.signer(embedded.home()))

    account, packed = answer(question, known)
    write_file(output, lambda file: file.write(packed))
    for sentence in evidences.summary(evidences.answer_of(account)):
        print(sentence)
