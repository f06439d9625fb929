"""What takes long is done beside the event loop, at every address: whoever asks at the same time is answered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jinja2
import openpyxl
import pytest

from registry.access.operations import ADDRESSES, Where
from registry.access.roles import Role
from registry.web.console import rendering as console
from registry.web.pages import rendering as pages
from registry.web.rest import document
from tests.support.addresses import addresses_of, filled
from tests.support.asgi import answer_to
from tests.support.counties import Counties, Who
from tests.support.two_counties import mark

FORMATS = ("", "xlsx", "json", "csv", "svg")
SAFE = "/?&=,"
PAGES = [row for row in ADDRESSES if "GET" in row.methods.split() and row.path not in ("/v1/decisions", "/v1/findings")]


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was made of it that takes long, each with the thread that made it."""
    made: list[tuple[str, int]] = []

    def noted(owner: Any, name: str) -> None:
        plain: Callable[..., Any] = getattr(owner, name)

        def call(*given: Any, **more: Any) -> Any:
            made.append((f"{name} {given[1] if len(given) > 1 else ''}"[:60], threading.get_ident()))
            return plain(*given, **more)

        monkeypatch.setattr(owner, name, call)

    noted(jinja2.Environment, "_parse")
    noted(jinja2.Environment, "_compile")
    noted(jinja2.Template, "render")
    noted(openpyxl.Workbook, "save")
    noted(document, "get_openapi")
    return made


def test_no_page_or_file_is_made_on_the_loop_not_even_the_first_time(
    counties: Counties, in_threads: list[tuple[str, int]]
) -> None:
    console.environment.cache_clear()
    pages.environment.cache_clear()
    counties.api.app.openapi_schema = None
    headers = {**counties.cookie(Who(Role.ORGANIZER)), "accept": "text/html"}
    shown: set[str] = set()

    async def visit() -> int:
        for row in PAGES:
            for pattern, _ in filled(row.path):
                address = addresses_of(pattern, counties.positions, mark("TOWN"))[Where.OWN]
                for format_ in FORMATS:
                    file = f"{address}{'&' if '?' in address else '?'}format={format_}" if format_ else address
                    answered = await answer_to(counties.api.app, "GET", quote(file, SAFE), headers)
                    shown.update([f"{row.path} {format_}"] * (answered.status == 200))
        return threading.get_ident()

    loop = counties.api.runner.run(visit())
    assert len(shown) > 100
    assert {what.partition(" ")[0] for what, _ in in_threads} == {"_parse", "_compile", "render", "save", "get_openapi"}
    assert [what for what, thread in in_threads if thread == loop] == []
