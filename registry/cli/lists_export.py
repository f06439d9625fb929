"""`registry lists export`: a list, or all that reach a unit, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

import psycopg
import typer

from registry.cli.output import refuse_terminal, write_file, write_stdout
from registry.cli.questions import answer
from registry.cli.terminal import AS_OF, KNOWN, day, fail
from registry.exchange.sheets.writing import exporting
from registry.exchange.sheets.writing.printable import Source
from registry.log import tree
from registry.queries.units.resolve import resolve_unit
from registry.relations.two_times import LAST, AsOf, Reader

Format = Literal["xlsx", "docx", "json", "html"]


def lists_export(
    list_: Annotated[str | None, typer.Argument(metavar="LIST", help="清单编号。 / Code of the list.")] = None,
    unit: Annotated[
        str | None,
        typer.Option(
            "--unit", help="适用于该单位（代码或名称）的全部清单。 / All lists that reach this unit (code or name)."
        ),
    ] = None,
    as_of: AS_OF = None,
    known: KNOWN = None,
    format_: Annotated[
        str | None,
        typer.Option("--format", help="xlsx、docx、json、html；缺省按文件名。 / Default: as the file is named."),
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入文件。 / File to write.")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="html 的语言。 / Language of html.")] = "zh",
) -> None:
    """导出清单：电子表格、公告栏文件、JSON 或网页。 / Export a list as spreadsheet, board notice, JSON or page."""
    if (list_ is None) == (unit is None):
        fail("bad-value", "请给出一个清单编号，或 --unit 单位。", "Give the code of one list, or --unit.", 2)
    chosen = _format(format_, output)
    if output is None and chosen in ("xlsx", "docx"):
        refuse_terminal("该格式不能显示在终端上，", "This format cannot be shown on a terminal")
    when = min(day(as_of), LAST)

    async def question(connection: psycopg.Connection[Any], reader: Reader, position: int) -> bytes:
        source = Source(AsOf(when, position), tree.root(connection, position).hex())
        if unit is not None:
            code = await resolve_unit(reader, unit, source.moment)
            row, listings = await exporting.of_unit(reader, source.moment, code)
            if chosen == "html":
                from registry.web.pages import lists as pages

                return bytes(pages.unit_page(row, listings, source, lang).body)
            return exporting.unit_file(row, listings, source, chosen)
        listing = await exporting.of_list(reader, source.moment, cast(str, list_))
        if chosen == "html":
            from registry.web.pages import lists as pages

            return bytes(pages.list_page(listing, source, lang).body)
        return exporting.list_file(listing, source, chosen)

    content = answer(question, known)
    if output is None:
        write_stdout(content)
    else:
        write_file(output, lambda file: file.write(content))


def _format(given: str | None, output: Path | None) -> Format:
    """Give the format named, else that of the file's name, else .xlsx."""
    name = (given or (output.suffix if output else "")).lower().lstrip(".") or "xlsx"
    if name not in get_args(Format):
        fail("bad-value", f"没有格式 {name}，可选：xlsx docx json html", f"No format {name}; xlsx docx json html", 2)
    return cast(Format, name)
