"""How a view becomes a page: its template within the frame, and headers that let nothing in from elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from registry.checker.rules import RULES
from registry.web.beside import MadeBeside
from registry.web.console.assets import asset_address
from registry.web.pages.rendering import SENT_ALONG, UNKEPT, along_with, shown_with

HEADERS: Final = {
    **SENT_ALONG,
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": UNKEPT,
}


def rendered(request: Request, template: str, *, status: int = 200, query: dict[str, str], **values: Any) -> Response:
    """A page of the console from a template under templates/, to be extended from frame.html.

    `query`: the parameters of the view's own address. In the template there is what pages.rendering.render names too.

    Raises ValueError: a value is called like something that every template is given.
    """
    known = shown_with(request, query)
    in_template = along_with({**environment().globals, **known}, values)
    headers = {**HEADERS, "Content-Language": known["tag"]}
    return MadeBeside(lambda: environment().get_template(template).render(in_template), status, headers, "text/html")


@cache
def environment() -> Environment:
    """The templates, each compiled when it is first shown."""
    made = Environment(
        loader=PackageLoader("registry.web.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset_address  # pyright: ignore[reportArgumentType]
    made.globals["rule_titles"] = {name: rule.title for name, rule in RULES.items()}  # pyright: ignore[reportArgumentType]
    return made
