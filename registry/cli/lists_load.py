"""`registry lists load`: the nationwide lists, kept as files, recorded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from registry.cli.terminal import BY, day, fail, login, report
from registry.database import connect
from registry.domain.text import counted
from registry.exchange import published
from registry.recording.unit_of_work import JournalRefused


def lists_load(
    folder: Annotated[
        Path | None, typer.Argument(help="YAML 文件夹，缺省为随程序附带的。 / Folder; default: those that come along.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="改动自哪一天生效，缺省今天。 / Day from which changes hold.")] = None,
    by: BY = None,
) -> None:
    """把清单文件与登记册的差异记为决定。 / Record as decisions in what the list files differ from the registry."""
    with connect() as connection:
        try:
            loaded = published.load(connection, folder, day(on), recorded_by=by or login())
        except JournalRefused as refused:
            for error in refused.errors[:20]:
                report(f"{error.code}: {error.message.joined}")
            fail(
                "conflict",
                f"{refused.count} 项有误，未记录任何内容。",
                f"{counted(refused.count, 'is', 'are')} wrong; nothing was recorded.",
            )
    count = sum(loaded.recorded.values())
    print(f"已记录 {count} 项决定。 / {counted(count, 'decision')} recorded.")
    for type_name, number in sorted(loaded.recorded.items()):
        print(f"  {type_name}: {number}")
    for code in loaded.waiting:
        print(f"  {code}: 适用单位尚未登记，待登记后再次载入。 / its scope is not registered yet; load again then.")
    for conflict in loaded.conflicts:
        report(f"{conflict.code}: {conflict.subject}: {conflict.message}")
    if loaded.conflicts:
        sys.exit(1)
