"""What one may not see is answered by the same work as what there is not, wherever an id can be named.

What takes long is asking the database: so the statements are compared, not the time.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from registry.access.operations import ADDRESSES
from registry.access.roles import Role
from tests.support import questions
from tests.support.addresses import filled
from tests.support.alike import same
from tests.support.asgi import answer_to
from tests.support.counties import Counties, Who
from tests.support.two_counties import NAMING_ANOTHERS, RECORD

SAFE = "/?&=,"
ROWS = {
    f"{row.path}: {pattern}": (row, pattern)
    for row in ADDRESSES
    if "GET" in row.methods.split()
    for pattern, _ in filled(row.path)
    if "$mark" in pattern
}
QUESTIONS = {
    name: question
    for each in (questions.TERRITORY, questions.EVERYTHING, questions.OF_UNIT, questions.OF_OBJECT, questions.PUBLISHED)
    for name, question in each.items()
    if "$mark" in question
} | {
    "search": 'cases(search: "$markA1") { nodes { text } totalCount }',
    "simulate": 'simulate(decisions: [{type: "DelegationEnded", at: "2022-02-01", ref: "$markD2", reason: "x"}]) '
    "{ errors opened { subject } }",
}


@pytest.mark.parametrize("role", [Role.CLERK, Role.ORGANIZER, Role.AUDITOR])
@pytest.mark.parametrize("name", ROWS)
def test_an_address_does_the_same(counties: Counties, statements: list[str], role: Role, name: str) -> None:
    row, pattern = ROWS[name]
    page = not row.path.startswith("/v1/")
    headers = {**(counties.cookie(Who(role)) if page else counties.headers(Who(role)))}
    headers |= {"accept": "text/html" if page else "*/*"}

    def ask(mark_: str) -> str:
        address = questions.replaced(pattern, "B-town", "B-town", mark_, counties.positions["B-town"])
        answered = counties.api.runner.run(answer_to(counties.api.app, "GET", quote(address, SAFE), headers))
        text = answered.body.decode(errors="replace").replace(quote(mark_), mark_)
        return f"{answered.status} {text}" if answered.status != 200 or not page else str(answered.status)

    same(statements, ask)


@pytest.mark.parametrize("role", [Role.CLERK, Role.ORGANIZER, Role.AUDITOR])
@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_does_the_same(counties: Counties, statements: list[str], role: Role, name: str) -> None:
    def ask(mark_: str) -> str:
        query = questions.filled(QUESTIONS[name], "B-town-village", "B-town", mark_)
        response = counties.send(Who(role), "POST", "/graphql", json={"query": query})
        assert "bad-query" not in response.text
        return response.text

    same(statements, ask)


@pytest.mark.parametrize("line", NAMING_ANOTHERS, ids=lambda line: line["type"])
@pytest.mark.parametrize("role", [Role.CLERK, Role.ORGANIZER])
def test_recording_does_the_same(counties: Counties, statements: list[str], role: Role, line: dict[str, Any]) -> None:
    def ask(mark_: str) -> str:
        given = json.loads(json.dumps(line, default=str).replace("$", mark_))
        return str(counties.query(Who(role, "A"), RECORD, decisions=[given]))

    same(statements, ask)


def test_every_way_to_name_an_id_is_tried() -> None:
    named = {row.path for row, _ in ROWS.values()}
    parts = ("{ref}", "{proposal}", "{report}", "{case}")
    assert {row.path for row in ADDRESSES if any(part in row.path for part in parts)} - named == set()
