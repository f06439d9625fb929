"""`registry export`: the log as a journal."""

from __future__ import annotations

import gzip
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
) -> None:
    """导出日志：导入空登记册后答案相同。 / Export the log as a journal that imports to the same answers."""
    with connect() as connection:
        until = None if known is None else known_position(connection, known)
        lines = journal.export_journal(connection, until=until)
        if output is None:
            sys.stdout.buffer.writelines(lines)
            sys.stdout.buffer.flush()
            return

        def write(file: BinaryIO) -> None:
            if output.suffix == ".gz":
                # No name and time inside: the same log gives the same bytes.
                with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
                    packed.writelines(lines)
            else:
                file.writelines(lines)

        write_file(output, write)
