"""The reference, written from the code: docs/reference and graphql/schema.graphql, by `make docs`.

`PAGES` has each file beside the function that gives its whole text; tests hold every file equal to that text, so a
decision, field, setting, command, rule, address or error without a description cannot be merged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from registry.checker import document
from registry.web.graphql import sdl
from tools.reference import access, commands, configuration, demo_county, drawing, errors, graphql_api, journal, rest

PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/reference/journal.md": journal.markdown,
    "docs/reference/rules.md": document.markdown,
    "docs/reference/commands.md": commands.markdown,
    "docs/reference/configuration.md": configuration.markdown,
    "docs/reference/graphql.md": graphql_api.markdown,
    "docs/reference/rest.md": rest.markdown,
    "docs/reference/openapi.json": rest.openapi,
    "docs/reference/errors.md": errors.markdown,
    "docs/reference/access.md": access.markdown,
    "docs/reference/demo.md": demo_county.markdown,
    "docs/explanation/imports.md": drawing.markdown,
    "docs/explanation/imports.svg": drawing.svg,
    "graphql/schema.graphql": sdl.sdl,
}
