"""The explorer: one page without any outside resource, for trying queries and reading the schema."""

from __future__ import annotations

from functools import cache
from html import escape
from importlib import resources
from typing import Final

import orjson

from registry import data_files
from registry.access.viewer import Viewer

# Everything is in the page itself; it talks to this server only.
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; connect-src 'self'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
    ),
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
}


@cache
def operations() -> dict[str, str]:
    """The named operations of graphql/operations: file name without its ending -> text."""
    folder = data_files.path("graphql/operations")
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.graphql"))}


def page(viewer: Viewer) -> bytes:
    """The page, with the saved operations in it, and who reads it or that everybody may do everything."""
    reads = f'<a href="/account">{escape(viewer.account)}</a>' if viewer.account is not None else ""
    return _page().replace("<!--READER-->", _OPEN if viewer.open else reads).encode()


_OPEN: Final = '<span class="band">尚未设立账号，谁都可以查看和记录 · open to everybody: there are no accounts</span>'


@cache
def _page() -> str:
    html = resources.files("registry.web.graphql").joinpath("explorer.html").read_text(encoding="utf-8")
    saved = orjson.dumps(operations()).decode().replace("<", "\\u003c")
    return html.replace("/*OPERATIONS*/", saved)
