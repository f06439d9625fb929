"""Every operation of the table, by every role, of its own unit, of those below, above and elsewhere, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from graphql import GraphQLObjectType

from registry.access.operations import ADDRESSES, FIELDS, Answer, Rule, Where, answer, field_rule
from registry.access.roles import Role
from registry.web import application
from registry.web.graphql.schema import CORE
from tests.support import questions as q
from tests.support.counties import Counties, mentioned, refused

# The units that each question is asked of, by a role for A-town: the unit, and the town whose marks it bears.
UNITS = {
    Where.OWN: ("A-town", "A-town"),
    Where.BELOW: ("A-town-village", "A-town"),
    Where.PARENT: ("A", "A-town"),
    Where.OTHER: ("B-town", "B-town"),
}


def test_every_field_has_a_row_and_every_row_a_field() -> None:
    kinds = [kind for kind in CORE.type_map.values() if isinstance(kind, GraphQLObjectType)]
    fields = {(kind.name, name) for kind in kinds if not kind.name.startswith("__") for name in kind.fields}
    assert not [field for field in fields if field_rule(*field) is None]
    named = {(kind, name) for kind, of in FIELDS.items() if kind not in ("Connection", "Edge") for name in of}
    assert named <= fields


def test_every_question_is_asked() -> None:
    questions = {*q.TERRITORY, *q.EVERYTHING, *q.OF_UNIT, *q.OF_OBJECT, *q.PUBLISHED, *q.OF_RECORDERS}
    assert questions == {*CORE.type_map["Query"].fields}


@pytest.fixture(scope="module")
def shown_to_auditors(counties: Counties) -> Callable[[str], set[str]]:
    """The towns that each question of a territory tells an auditor of; asked once, for all roles to be compared."""

    @cache
    def towns(field: str) -> set[str]:
        return mentioned(counties.ask(Role.AUDITOR, q.TERRITORY[field], "A-town", of="A-town"))

    return towns


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("field", sorted({*q.TERRITORY}))
def test_a_territory_is_told_as_far_as_it_is_ones_own(
    counties: Counties, shown_to_auditors: Callable[[str], set[str]], field: str, role: Role
) -> None:
    whole = shown_to_auditors(field)
    for where, (unit, town) in UNITS.items():
        text = counties.ask(role, q.TERRITORY[field], unit, town)
        if answer(Rule.TERRITORY, role, where) is Answer.NO:
            assert refused(text)
            assert not mentioned(text)
        else:
            assert '"errors"' not in text, text
            assert mentioned(text) <= {"A-town"}
            if where in (Where.OWN, Where.PARENT):
                assert mentioned(text) == whole


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("field", sorted({*q.EVERYTHING}))
def test_of_everything_ones_own_is_told(counties: Counties, field: str, role: Role) -> None:
    text = counties.ask(role, q.EVERYTHING[field])
    if answer(Rule.TERRITORY, role, Where.OWN) is Answer.NO:
        assert refused(text)
        assert not mentioned(text)
    else:
        assert '"errors"' not in text, text
        assert mentioned(text) <= {"A-town"}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("field", sorted({*q.OF_UNIT}))
def test_a_unit_is_told_of_where_it_is_ones_own(counties: Counties, field: str, role: Role) -> None:
    for where, (unit, town) in UNITS.items():
        text = counties.ask(role, q.OF_UNIT[field], unit, town)
        if answer(Rule.UNIT, role, where) is Answer.YES:
            assert '"errors"' not in text, text
            assert mentioned(text) <= {"A-town"}
        else:
            assert refused(text)
            assert not mentioned(text)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("field", sorted({*q.OF_OBJECT}))
def test_what_is_not_ones_own_is_answered_as_what_is_not_there(counties: Counties, field: str, role: Role) -> None:
    if answer(Rule.OBJECT, role, Where.OWN) is Answer.NO:
        assert refused(counties.ask(role, q.OF_OBJECT[field]))
        return
    assert mentioned(counties.ask(role, q.OF_OBJECT[field])) == {"A-town"}
    missing = q.OF_OBJECT[field].replace("$mark", "nothing").replace("$position", "999999")
    nothing = counties.ask(role, missing)
    for town in ("A-town2", "B-town"):
        assert counties.ask(role, q.OF_OBJECT[field], town, town) == nothing


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("field", sorted({*q.PUBLISHED}))
def test_what_is_published_is_for_everybody(counties: Counties, field: str, role: Role) -> None:
    answers = {counties.ask(role, q.PUBLISHED[field], unit, town) for unit, town in UNITS.values()}
    assert not any('"errors"' in text or mentioned(text) for text in answers)


def test_every_route_has_a_row() -> None:
    paths = {(method, path) for address in ADDRESSES for method in address.methods.split() for path in [address.path]}
    assert set(routes(application("postgresql:///nowhere"))) <= paths


def routes(app: object) -> Iterator[tuple[str, str]]:
    """The methods and paths of all routes of an application, those of its routers too."""
    for route in getattr(app, "routes", ()):
        if hasattr(route, "path"):
            for method in getattr(route, "methods", None) or ("WEBSOCKET",):
                yield method, route.path
        else:
            yield from (each for inner in vars(route).values() for each in routes(inner))
