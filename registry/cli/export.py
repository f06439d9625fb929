"""`registry export`: the log as a journal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from registry.cli.output import write_file
from registry.cli.questions import known_position
from registry.database import connect
from registry.exchange import journal


def export(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="写入文件（.gz 则压缩）。 / File to write (.gz: compressed).")
    ] = None,
    known: Annotated[
        str | None,
        typer.Option("--until", "--known", help="只到该序号或时间。 / Only up to this position or time."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            help="压缩用几个线程，缺省每个处理器核心一个。 / Threads that compress; default: one for each core.",
        ),
    ] = None,
) -> None:
    """导出日志：导入空登记册后答案相同。 / Export the log as a journal that imports to the same answers."""
    with connect() as connection:
        until = None if known is None else known_position(connection, known)
        lines = journal.export_pieces(connection, until=until)
        if output is None:
            sys.stdout.buffer.writelines(lines)
            sys.stdout.buffer.flush()
            return

        def write(file: BinaryIO) -> None:
            if output.suffix == ".gz":
                file.writelines(journal.packed(lines, workers or len(os.sched_getaffinity(0))))
            else:
                file.writelines(lines)

        write_file(output, write)
