"""`registry demo`: a believable county to try the registry on."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from registry.cli.terminal import fail, report
from registry.database import connect
from registry.domain.text import counted
from registry.log import recorder


def demo(
    print_: Annotated[
        bool, typer.Option("--print", help="只打印日志，不记录。 / Print the journal; record nothing.")
    ] = False,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="已有记录则不做任何事。 / Do nothing where anything is recorded.")
    ] = False,
) -> None:
    """记录一个可信的示范县（湖北宜城）。 / Record a believable county: Yicheng, Hubei."""
    if if_empty and not print_:
        # Looked at before the county is made: a server that starts again need not wait for that.
        with connect() as connection:
            if recorder.head(connection)[0]:
                return
    from registry import demo as county
    from registry.recording.unit_of_work import JournalRefused

    if print_:
        for line in county.lines():
            sys.stdout.buffer.write(line)
        return
    with connect() as connection:
        try:
            counts = county.record(connection)
        except JournalRefused as refused:
            for error in refused.errors[:20]:
                report(f"{error.line}: {error.code}: {error.message.joined}")
            fail(
                "conflict",
                "示范数据与已有记录冲突，请在空的登记册中使用。",
                "The demo conflicts with what is recorded; use an empty registry.",
            )
        position = recorder.head(connection)[0]
    print(f"示范县已就绪：新记录 {counts.recorded} 项，日志共 {position} 项。")
    print(f"The demo county is ready: {counted(counts.recorded, 'decision')} recorded, {position} in the log.")
