"""A question compiled to its resolvers is answered byte for byte as the executor does, whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pytest
import strawberry
from graphql import (
    FieldNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    parse,
    print_ast,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import database
from registry.access.roles import Role
from registry.access.viewer import OPEN, Grant, Viewer
from registry.recording.unit_of_work import record
from registry.web.graphql.context import RequestContext
from registry.web.graphql.endpoint import executed
from registry.web.graphql.execution import Asking
from registry.web.graphql.fast import resolving
from registry.web.graphql.schema import CORE, SCHEMA
from registry.web.resources import ServerResources
from tests.support import questions
from tests.support.two_counties import JOURNAL, mark

TOWN: Final = "A-town"
AUDITOR: Final = Viewer("auditor", (Grant(Role.AUDITOR, TOWN),))
NOBODY: Final = Viewer()
# What is asked slowly, or answers with what the asking itself changes.
LEFT_OUT: Final = {"simulate", "undo", "remedies", "findingsJudged"}
QUESTIONS: Final = {
    name: question
    for of in (questions.TERRITORY, questions.EVERYTHING, questions.PUBLISHED)
    for name, question in of.items()
    if not {name, *name.split(".")} & LEFT_OUT
}

named: Final[Any] = get_named_type


@dataclass(frozen=True)
class Both:
    """Two counties, and the two ways to answer about them."""

    resources: ServerResources
    runner: asyncio.Runner
    position: int

    def _run(self, work: Any) -> Any:
        return self.runner.run(work)

    def context(self, viewer: Viewer) -> RequestContext:
        return RequestContext(self.resources, self._run(self.resources.pool()), viewer)

    def executor(self, query: str, viewer: Viewer, **variables: Any) -> bytes | None:
        """What the executor answers; None where it says that something is wrong."""
        result: Any = self._run(strawberry.Schema.execute(SCHEMA, query, variables, self.context(viewer)))
        return None if result.errors else orjson.dumps(result.data)

    def compiled(self, query: str, viewer: Viewer, **variables: Any) -> bytes | None:
        """What the compiled question answers; None where it is left to the executor."""
        compiled = resolving.compiled(CORE, SCHEMA.schema_converter, query, None)
        assert compiled is not None, query
        try:
            return orjson.dumps(self._run(compiled.data(variables, self.context(viewer))))
        except Exception:
            return None

    def filled(self, name: str) -> str:
        return questions.filled(QUESTIONS[name], TOWN, TOWN, mark(TOWN), self.position)


@pytest.fixture(scope="module")
def both(module_database: Callable[[], str]) -> Iterator[Both]:
    url = module_database()
    with database.connect(url) as connection:
        record(connection, JOURNAL, recorded_by="someone")
    refs = {line.get("ref"): position for position, line in enumerate(JOURNAL, 1)}
    with asyncio.Runner() as runner:

        async def opened() -> ServerResources:
            return ServerResources(url)

        both = Both(runner.run(opened()), runner, refs[f"{mark(TOWN)}D2"])
        events = both.filled("findingEvents")  # judged as they are asked for, until all are
        while both.executor(events, OPEN) != both.executor(events, OPEN):
            pass
        yield both
        runner.run(both.resources.close())


@pytest.mark.parametrize("name", QUESTIONS)
def test_each_question_is_answered_the_same(both: Both, name: str) -> None:
    query = both.filled(name)
    for viewer in (OPEN, AUDITOR, NOBODY):
        assert both.compiled(query, viewer) == both.executor(query, viewer), viewer
    assert both.compiled(query, OPEN) is not None


def selected(draw: Any, kind: GraphQLObjectType, depth: int) -> str:
    """Some fields of a type that need no arguments, in any order, some under another name or in a fragment."""
    names = [
        name
        for name, field in kind.fields.items()
        if (depth or is_leaf_type(named(field.type)))
        and name not in LEFT_OUT
        and not any(map(is_required_argument, field.args.values()))
    ]
    parts = ["__typename"] if not names or draw(st.integers(0, 5)) == 0 else []
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)) if names else ():
        of: Any = named(kind.fields[name].type)
        below = f" {{ {selected(draw, of, depth - 1)} }}" if isinstance(of, GraphQLObjectType) else ""
        text = draw(st.sampled_from(["", "", "", f"other_{name}: "])) + name + below
        parts.append(draw(st.sampled_from([text, text, f"... {{ {text} }}", f"... on {kind.name} {{ {text} }}"])))
    return " ".join(parts)


@st.composite
def selections(draw: Any) -> tuple[str, Viewer]:
    """A question with any of what its type has, and who asks."""
    name = draw(st.sampled_from(sorted(QUESTIONS)))
    operation = parse(questions.filled(QUESTIONS[name], TOWN, TOWN, mark(TOWN), 1)).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    fields: list[str] = []
    for node in operation.selection_set.selections:
        assert isinstance(node, FieldNode)
        root = CORE.query_type
        assert root is not None
        kind: Any = named(root.fields[node.name.value].type)
        given_to = ", ".join(map(print_ast, node.arguments or ()))
        below = f" {{ {selected(draw, kind, 3)} }}" if isinstance(kind, GraphQLObjectType) else ""
        fields.append(node.name.value + (f"({given_to})" if given_to else "") + below)
    return f"{{ {fields[0]} }}", draw(st.sampled_from([OPEN, OPEN, AUDITOR]))


@settings(max_examples=60, deadline=None)
@given(selections())
def test_whatever_is_selected_is_answered_the_same(both: Both, question: tuple[str, Viewer]) -> None:
    query, viewer = question
    assert both.compiled(query, viewer) == both.executor(query, viewer)


def test_variables_mean_the_same(both: Both) -> None:
    query = """query ($code: ID!, $first: Int = 1, $day: Date, $role: Role) { unit(code: $code, asOf: $day) { name
        responsibilities(first: $first, role: $role) { totalCount nodes { ...H } pageInfo { endCursor } } } }
        fragment H on Holding { subject matter { name requires { code } } unit { parent { code } } }"""
    for given_to in ({}, {"first": None}, {"first": 5, "role": "LEAD"}, {"day": "2023-01-01"}, {"day": "2019-01-01"}):
        expected = both.executor(query, OPEN, code=TOWN, **given_to)
        assert expected is not None
        assert both.compiled(query, OPEN, code=TOWN, **given_to) == expected
    for wrong in ({}, {"code": TOWN, "first": -1}, {"code": TOWN, "day": "x"}, {"code": TOWN, "role": "lead"}):
        assert both.compiled(query, OPEN, **wrong) is None


def test_long_lists_are_completed_in_pieces(both: Both) -> None:
    fields = " ".join(f"a{number}: code b{number}: name" for number in range(150))
    query = f"{{ units {{ totalCount nodes {{ {fields} parent {{ code level }} children {{ totalCount }} }} }} }}"
    assert both.compiled(query, OPEN) == both.executor(query, OPEN) is not None


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } } }",
        '{ unit(code: "A-town") { name name } }',
        '{ unit(code: "A-town") { name @include(if: true) } }',
        "mutation { record(decisions: []) { positions } }",
    ],
)
def test_what_is_not_plain_is_left_to_the_executor(query: str) -> None:
    assert resolving.compiled(CORE, SCHEMA.schema_converter, query, None) is None


def test_what_goes_wrong_has_the_executors_words(both: Both) -> None:
    query = '{ unit(code: "A-town") { name } holders(matter: "D-NONE", within: "A-town") { subject } }'
    answer = both.runner.run(executed(Asking(both.resources, OPEN), query, {}))
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["unknown-matter"]
    assert answer["errors"][0]["path"] == ["holders"]
