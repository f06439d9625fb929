"""`registry lists export`: a list, or all that reach a unit, as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import psycopg
import typer

from registry.cli.history import KNOWN, asked
from registry.cli.terminal import day, fail
from registry.log import tree
from registry.relations.two_times import LAST, AsOf, Reader

Format = Literal["xlsx", "docx", "json", "html"]


def export(
    list_: Annotated[str | None, typer.Argument(metavar="LIST", help="清单编号。 / Code of the list.")] = None,
    unit: Annotated[
        str | None, typer.Option("--unit", help="适用于该单位的全部清单。 / All lists that reach this unit.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="截至哪一天，缺省今天。 / As of which day (today).")] = None,
    known: KNOWN = None,
    format_: Annotated[
        str | None,
        typer.Option("--format", help="xlsx、docx、json、html；缺省按文件名。 / Default: as the file is named."),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入文件。 / File to write.")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="html 的语言。 / Language of html.")] = "zh",
) -> None:
    """导出清单：电子表格、公告栏文件、JSON 或网页。 / Export a list as spreadsheet, board notice, JSON or page."""
    from registry.exchange.sheets.writing import exporting
    from registry.exchange.sheets.writing.exporting import NotThere
    from registry.exchange.sheets.writing.printable import Source
    from registry.web.pages import lists as pages

    if (list_ is None) == (unit is None):
        fail("bad-value", "请给出一个清单编号，或 --unit 单位。 / Give the code of one list, or --unit.", 2)
    chosen = _format(format_, output)
    if output is None and chosen in ("xlsx", "docx") and sys.stdout.isatty():
        fail("bad-value", "请用 -o 给出文件名。 / Name a file with -o.", 2)
    when = min(day(as_of), LAST)

    async def question(connection: psycopg.Connection, reader: Reader, position: int) -> bytes:
        source = Source(AsOf(when, position), tree.root(connection, position).hex())
        if unit is not None:
            found, listings = await exporting.of_unit(reader, source.moment, unit)
            if chosen == "html":
                return bytes(pages.unit_page(found, listings, source, lang).body)
            return exporting.unit_file(found, listings, source, chosen)
        listing = await exporting.of_list(reader, source.moment, cast(str, list_))
        if chosen == "html":
            return bytes(pages.list_page(listing, source, lang).body)
        return exporting.list_file(listing, source, chosen)

    try:
        content = asked(question, known)
    except NotThere as missing:
        fail(missing.code, str(missing))
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    unfinished = output.with_name(output.name + ".part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(output)
    except OSError as problem:
        unfinished.unlink(missing_ok=True)
        fail("unwritable", f"无法写入 {output}：{problem.strerror} / Cannot write {output}: {problem.strerror}")


def _format(given: str | None, output: Path | None) -> Format:
    """The format asked for, else that of the file's name, else .xlsx."""
    name = (given or (output.suffix if output else "")).lower().lstrip(".") or "xlsx"
    if name not in get_args(Format):
        fail("bad-value", f"没有格式 {name}，可选：xlsx docx json html / No format {name}; xlsx docx json html", 2)
    return cast(Format, name)
