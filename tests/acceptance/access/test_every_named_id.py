"""Wherever an id can be named, another's is answered as nobody's: found in the declarations, so that none is left out.

What tests/acceptance/access/test_hidden_and_missing.py asks by questions of its own is asked here of every argument of
the API, every field of a decision, every parameter that an address reads, and every field of a form.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from starlette.datastructures import ImmutableMultiDict

from registry.access.operations import ADDRESSES, Address
from registry.access.roles import Role
from tests.support import named_ids, questions
from tests.support.addresses import filled
from tests.support.alike import OTHERS, same
from tests.support.asgi import answer_to
from tests.support.counties import Counties, Who, mentioned
from tests.support.named_ids import ENDS, Argument, Named
from tests.support.two_counties import RECORD, mark
from tests.support.worlds import Line, decision

pytestmark = pytest.mark.slow  # every way to name an id, asked of those who may see it and of those who may not

SAFE = "/?&=,"
ROLES = (Role.CLERK, Role.ORGANIZER, Role.AUDITOR)
# Together with any other decision nothing is recorded: no unit of that code is there.
NEVER = decision("UnitRenamed", "2023-01-01", unit="A-nowhere", name="无")


@pytest.mark.parametrize("role", [Role.CLERK, Role.ORGANIZER])
@pytest.mark.parametrize("argument", [*named_ids.arguments()], ids=lambda one: f"{one.field}.{one.name}")
def test_an_argument_names_anothers_as_nobodys(
    counties: Counties, statements: list[str], role: Role, argument: Argument
) -> None:
    for end in ENDS:
        for shape in range(4 if argument.name == "after" else 1):

            def ask(named: str, end: str = end, shape: int = shape) -> str:
                value = named + end if shape == 0 else named_ids.cursors(named + end)[shape - 1]
                query, variables = named_ids.question(argument, value, role)
                answer = counties.send(Who(role), "POST", "/graphql", json={"query": query, "variables": variables})
                assert "bad-query" not in answer.text, answer.text
                return answer.text.replace(value, named)

            same(statements, ask)


@pytest.mark.parametrize("role", [Role.CLERK, Role.ORGANIZER])
@pytest.mark.parametrize("named", [*named_ids.named_by_decisions()], ids=lambda one: f"{one.type}.{one.field}")
def test_a_decision_names_anothers_as_nobodys(
    counties: Counties, statements: list[str], role: Role, named: Named
) -> None:
    def ask(end: str, begins: str) -> str:
        return str(counties.query(Who(role, "A"), RECORD, decisions=[named.naming(begins + end), NEVER]))

    before = counties.last()
    for end in ENDS[1:]:
        same(statements, partial(ask, end))
    assert counties.last() == before


@pytest.mark.parametrize("line", [*named_ids.named_by_corrections()], ids=lambda line: line["of"]["type"])
def test_a_correction_names_anothers_as_nobodys(counties: Counties, statements: list[str], line: Line) -> None:
    def ask(end: str, begins: str) -> str:
        given = json.loads(json.dumps(line).replace("$", begins + end))
        return str(counties.query(Who(Role.ORGANIZER, "A"), RECORD, decisions=[given, NEVER]))

    for end in ENDS[1:]:
        same(statements, partial(ask, end))


# ------------------------------------------------------------------------------------------- parameters of addresses

GET = [row for row in ADDRESSES if "GET" in row.methods.split()]
# What is looked for beside these where an address takes whatever it is given, as fields of a form that it fills in.
ALSO = {
    "/drafts/new": ("matter", "from", "instrument", "proposal", "list", "to:$=1", "power:$=1", "title", "decisions"),
    "/lists/import": ("county", "scope", "instrument", "as"),
    "/lists/import-folder": ("county", "scope", "instrument", "as"),
    "/v1/decisions": ("unit", "matter", "ref", "instrument"),
    "/v1/findings": ("unit", "within", "matter", "subject", "sender", "instrument"),
}
NOT_NAMING = re.compile("lang|format|as_of|known|(.*-)?(page|sort|columns)")
# What a parameter names of a town's, where that is no delegation.
OF_KIND = {"report": "Q1", "proposal": "P1", "case": "A1", "about": "B1", "ref": "Z1"}
WINDOW = ("/v1/villages/", "/villages/")  # what somebody says there, q or text, is read by published words alone


@pytest.fixture
def looked_for(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The parameters that the program looks for in addresses."""
    names: set[str] = set()
    get, item = ImmutableMultiDict.get, ImmutableMultiDict.__getitem__

    def noting_get(self: Any, key: Any, default: Any = None) -> Any:
        names.add(key)
        return get(self, key, default)

    def noting_item(self: Any, key: Any) -> Any:
        names.add(key)
        return item(self, key)

    monkeypatch.setattr(ImmutableMultiDict, "get", noting_get)
    monkeypatch.setattr(ImmutableMultiDict, "__getitem__", noting_item)
    return names


def addresses(path: str, looked_for: set[str]) -> Iterator[tuple[str, str]]:
    """A row's address with an id in each of the parameters that it takes, $ for the id; what the id may end in."""
    for pattern, _ in filled(path):
        own, _, query = questions.replaced(pattern, "A-town", "A-town", mark("A-town"), 1).partition("?")
        given = dict(each.split("=") for each in query.split("&") if each)
        given = {key: value for key, value in given.items() if value != "town"}
        spoken = {"q", "text"} if path.startswith(WINDOW) else set[str]()
        for name in sorted({*looked_for, *ALSO.get(path, ())} - spoken):
            if NOT_NAMING.fullmatch(name):
                continue
            others = {key: value for key, value in given.items() if key != name}
            filled_in = name if "$" in name else f"{name}=$"
            address = f"{own}?" + "&".join([*(f"{key}={value}" for key, value in others.items()), filled_in])
            for end in ("", OF_KIND.get(name, "D2")):
                yield address, end


@pytest.mark.parametrize("row", GET, ids=lambda row: row.path)
def test_a_parameter_names_anothers_as_nobodys(
    counties: Counties, statements: list[str], looked_for: set[str], row: Address
) -> None:
    page = not row.path.startswith(("/v1/", "/tlog/"))
    who = Who(Role.ORGANIZER)
    headers = {**(counties.cookie(who) if page else counties.headers(who)), "accept": "text/html" if page else "*/*"}

    def ask(address: str, end: str, begins: str) -> str:
        there = quote(address.replace("$", begins + end), SAFE)
        answered = counties.api.runner.run(answer_to(counties.api.app, "GET", there, headers))
        assert answered.status < 500, there
        text = answered.body.decode(errors="replace").replace(quote(begins + end), begins)
        return f"{answered.status} {answered.headers.get('location')} {text}"

    for pattern, _ in filled(row.path):  # to learn what is looked for
        ask(questions.replaced(pattern, "A-town", "A-town", mark("A-town"), 1), "", "")
    for address, end in addresses(row.path, looked_for):
        same(statements, partial(ask, address, end))


# ------------------------------------------------------------------------------------------------ pages and positions


def test_a_cursor_of_anothers_page_is_as_one_of_nobodys(counties: Counties, statements: list[str]) -> None:
    """Cursors as the pages of the whole registry have them, for whoever sees a part: nobody's row is as good."""
    tried: set[str] = set()
    for field, query, variables, own in named_ids.paged():
        given = json.dumps(counties.query(Who(Role.AUDITOR, None), query, **variables))
        for cursor in re.findall('"cursor": "([^"]*)"', given):
            key = base64.urlsafe_b64decode(cursor).decode()
            if OTHERS not in key:
                continue

            def ask(named: str, key: str = key, query: str = query, own: dict[str, Any] = own) -> str:
                after = base64.urlsafe_b64encode(key.replace(OTHERS, named).encode()).decode()
                answer = counties.query(Who(Role.CLERK), query, **{**own, "after": after})
                assert "errors" not in answer
                assert mentioned(str(answer)) <= {"A-town"}
                return str(answer)

            same(statements, ask)
            tried.add(field)
    assert {"findings", "proposals"} <= tried  # others go on from a day and a position


def test_what_is_at_a_position_is_not_learned_from_what_takes_positions(counties: Counties) -> None:
    """Every argument that takes a position has a line here; one's own comes, from wherever it is gone on."""
    published = {"consistency.first", "consistency.second", "consistencyProof.first", "consistencyProof.second"}
    taken = named_ids.position_arguments("Query") - published - {"inclusionProof.position"}
    clerk, organizer = Who(Role.CLERK), Who(Role.ORGANIZER)
    hidden, also_hidden = counties.positions["B-town"], counties.positions["B-town2"]

    def alike(who: Who, query: str) -> str:
        first, second = (
            str(counties.query(who, query % position)).replace(f"{position}", "N") for position in (hidden, also_hidden)
        )
        assert first == second
        assert mentioned(first) <= {"A-town"}  # which other tests of the package record in
        return first

    assert taken == {"decision.position", "decisions.after", "undo.from", "undo.to"}
    assert "'decision': None" in alike(clerk, "{ decision(position: %d) { data } }")
    assert "'decisions': [" in alike(clerk, "{ decisions(after: %d) { data } }")
    alike(organizer, "{ undo(from: %d) { problems positions } }")
    alike(organizer, "{ undo(from: 1, to: %d) { digest problems positions } }")
    assert named_ids.position_arguments("Subscription") == {"decisions.after", "findingEvents.after"}  # test_feeds
