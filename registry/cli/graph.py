"""`registry graph`: the graph of a territory, for programs that draw or measure graphs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Annotated, Any, Final, cast

import networkx as nx
import typer

from registry.cli.output import write_file, write_stdout
from registry.cli.questions import known_position
from registry.cli.terminal import AS_OF, KNOWN, WITHIN, day, one_of
from registry.database import connect
from registry.queries.graph import graph as graph_of
from registry.queries.units.resolve import resolve_unit_now
from registry.relations.two_times import AsOf
from registry.snapshot.load import load

FORMATS: Final = ("graphml", "gexf", "dot")


def graph(
    within: WITHIN,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="写入文件。 / File to write.")] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", help="graphml、gexf、dot；缺省按文件名，否则 graphml。 / Default: as the file is named."
        ),
    ] = None,
    as_of: AS_OF = None,
    known: KNOWN = None,
) -> None:
    """导出权责关系图。 / Write the graph of a territory, to be drawn elsewhere."""
    format_ = (format_ or (output.suffix if output else "")).lower().lstrip(".") or "graphml"
    one_of("--format", format_, FORMATS)
    when = day(as_of)
    with connect() as connection:
        position = known_position(connection, known)
        territory = resolve_unit_now(connection, within, AsOf(when, position))
        content = _bytes(graph_of(load(connection, when, position, [territory])), format_)
    if output is None:
        write_stdout(content)
    else:
        write_file(output, lambda file: file.write(content))


def _bytes(drawn: nx.MultiDiGraph[str], format_: str) -> bytes:
    """Give the file's content, UTF-8."""
    library = cast(Any, nx)
    if format_ == "dot":
        return cast(str, library.nx_pydot.to_pydot(_quoted(drawn)).to_string()).encode()
    content = io.BytesIO()
    write = library.write_graphml if format_ == "graphml" else library.write_gexf
    write(drawn, content)
    return content.getvalue()


def _quoted(drawn: nx.MultiDiGraph[str]) -> Any:
    """Give a copy whose names and attributes are quoted as DOT has it: pydot writes them as they are."""

    def quote(value: object) -> str:
        return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'

    copy = cast(Any, nx.MultiDiGraph)()
    for node, attributes in cast(Any, drawn).nodes(data=True):
        copy.add_node(quote(node), **{name: quote(value) for name, value in attributes.items()})
    for sender, recipient, attributes in cast(Any, drawn).edges(data=True):
        copy.add_edge(quote(sender), quote(recipient), **{name: quote(value) for name, value in attributes.items()})
    return copy
