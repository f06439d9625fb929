"""Every address of the table by every method and role, of its own unit, of those below, above and elsewhere."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from urllib.parse import quote

import pytest
from starlette.types import ASGIApp

from registry.access.operations import ADDRESSES, ROLES, Address, Answer, Rule, Where, answer
from registry.access.roles import Role
from tests.support.addresses import NOT_THERE, addresses_of, filled
from tests.support.asgi import Answered, answer_to, let_in
from tests.support.counties import Counties, Who, mentioned
from tests.support.two_counties import mark

pytestmark = pytest.mark.slow  # every address, asked by everybody

FILES = ("json", "xlsx")  # as which tables of pages may be had
PROGRAMS = ("/v1", "/tlog", "/graphql", "/openapi.json")  # what is no page
FORM = {"content-type": "application/x-www-form-urlencoded"}
SAFE = "/?&=,"


@pytest.fixture(scope="module")
def by_cookie(counties: Counties) -> dict[Role, Mapping[str, str]]:
    return {role: counties.cookie(Who(role)) for role in Role}


@pytest.mark.parametrize("row", ADDRESSES, ids=lambda row: f"{row.methods} {row.path}")
def test_an_address_tells_each_role_what_the_table_gives_it(
    counties: Counties, by_cookie: dict[Role, Mapping[str, str]], row: Address
) -> None:
    async def try_all() -> None:
        for pattern, judged in filled(row.path):
            for where, address in addresses_of(pattern, counties.positions, mark("TOWN")).items():
                for role in Role:
                    given = counties.headers(Who(role)) if address.startswith(PROGRAMS) else by_cookie[role]
                    await _try(counties.api.app, row, where, address, role, given, judged=judged)

    counties.api.runner.run(try_all())


async def _try(
    app: ASGIApp, row: Address, where: Where, address: str, role: Role, given: Mapping[str, str], *, judged: bool
) -> None:
    """Ask at an address by each method, of pages also for their files."""
    expected, page = answer(row.rule, role, where), not address.startswith(PROGRAMS)
    headers = {**given, "accept": "text/html" if page else "*/*"}
    for method in row.methods.split():
        what = f"{method} {address} by {role}"
        if method == "WEBSOCKET":
            assert await let_in(app, address, headers, "graphql-transport-ws") == (expected is not Answer.NO), what
            continue
        if method == "HEAD" and row.rule is Rule.PUBLISHED and (where is not Where.OWN or role is not Role.CLERK):
            continue  # as GET, and the same for all
        more, body = (FORM, b"") if method == "POST" else ({}, b"")
        if method == "POST" and row.path == "/graphql":
            more, body = {"content-type": "application/json"}, b'{"query": "{ log { size } }"}'
        answered = await answer_to(app, method, quote(address, SAFE), {**headers, **more}, body)
        if judged and row.path not in NOT_THERE:
            _judge(answered, expected, role, what)
        _judge_content(answered, address, role, what)
        if page and method == "GET" and answered.status == 200 and "html" in answered.headers["content-type"]:
            for format_ in FILES:
                file = quote(f"{address}{'&' if '?' in address else '?'}format={format_}", SAFE)
                _judge_content(await answer_to(app, method, file, headers), address, role, f"{what} as {format_}")


def _judge(answered: Answered, expected: Answer, role: Role, what: str) -> None:
    """Whether an address answers as the table says; a form that is shown again for its token was let in."""
    to_log_in = answered.status == 303 and answered.headers["location"].startswith("/login?")
    form = answered.status == 403 and b'id="note"' in answered.body
    refused = (answered.status in (401, 403, 404) and not form) or to_log_in
    assert answered.status < 500, what
    assert refused == (expected is Answer.NO), f"{what}: {answered.status}"
    if refused and role is Role.ANYBODY:
        assert answered.status == 401 or to_log_in, f"{what}: {answered.status}"


def _judge_content(answered: Answered, address: str, role: Role, what: str) -> None:
    """Whether nothing of another territory is told, but what was asked for by name."""
    text = f"{answered.headers} {_text(answered.body)}"
    for given in re.split(r"[/?&=]", address):
        if given.startswith("S-"):
            text = text.replace(given, "").replace(quote(given), "")
    assert mentioned(text) <= ({"A-town"} if role in ROLES[Rule.TERRITORY] else set()), what


def _text(body: bytes) -> str:
    """All that a body tells, of a workbook or document what is in it."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return " ".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
