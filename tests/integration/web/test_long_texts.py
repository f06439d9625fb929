"""Long questions and JSON: read and written beside the event loop, bounded by what they take, and leaving no rings."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
from typing import Any, cast

import orjson
import pytest
from graphql import GraphQLError, parse, specified_rules, validate
from hypothesis import given
from hypothesis import strategies as st

from registry.web.failures import Refused
from registry.web.graphql import json_texts, limits
from registry.web.graphql.fast import without_rings
from registry.web.graphql.schema import CORE

LONG = "{ " + " ".join(f"a{number}: log {{ size }}" for number in range(500)) + " }"
WRONG = LONG.replace("a7: log { size }", "a7: log { nothing }")
BROKEN = LONG[:-1]
SPREAD = LONG[:-1] + "...more } fragment more on Query { log { size } units(first: $many) { nodes { code } } }"
MANY_DAYS = LONG.replace("log { size }", 'units(asOf: "never") { nodes { code } }')  # the word for each comes of others
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
)


def forgetting(text: str) -> limits.Document:
    """A document as it is read the first time."""
    limits.forget()
    return contextvars.copy_context().run(limits.read, CORE, text)


@pytest.mark.parametrize("text", [LONG, WRONG, BROKEN, SPREAD, MANY_DAYS, "{ " + "a " * 5000 + "}"])
def test_a_document_that_nobody_needs_any_more_leaves_nothing_to_the_collector(text: str) -> None:
    forgetting(text)
    gc.collect()
    gc.disable()
    try:
        forgetting(text)
        limits.forget()
        assert gc.collect() < 50  # a document has ten thousand objects
    finally:
        gc.enable()


@pytest.mark.parametrize("text", [LONG, WRONG, SPREAD, MANY_DAYS, "query($a: Int) { nothing(a: $a, b: $b) ...c }"])
def test_what_is_wrong_with_a_document_is_what_the_library_says(text: str) -> None:
    node = parse(text)
    plain = validate(CORE, node, specified_rules, max_errors=20)
    own = without_rings.validated(CORE, node, specified_rules, 20)
    assert [each.formatted for each in own] == [each.formatted for each in plain]


def test_an_error_lets_go_of_all_that_it_came_of() -> None:
    def raised() -> GraphQLError:
        try:
            try:
                raise KeyError("inner")
            except KeyError as error:
                raise ValueError("middle") from error
        except ValueError as error:
            return GraphQLError("outer", original_error=error)  # it was never raised itself

    error = raised()
    middle = error.original_error
    assert middle is not None
    inner = middle.__cause__
    assert inner is not None
    assert inner.__traceback__ is not None
    without_rings.let_go(error)
    assert (middle.__traceback__, inner.__traceback__) == (None, None)


@pytest.mark.parametrize(("text", "beside"), [(LONG, True), (WRONG, True), ("{ log { size } }", False)])
def test_a_long_question_is_read_in_a_thread(text: str, beside: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    parsed = limits.parsed

    def noted(*what: Any) -> Any:
        threads.append(threading.get_ident())
        return parsed(*what)

    monkeypatch.setattr(limits, "parsed", noted)
    limits.forget()

    async def read() -> limits.Document:
        await limits.read_beside(CORE, text)
        limits.forget()  # others push it out; the request has it still
        return limits.read(CORE, text)

    assert asyncio.run(read()).node is not None
    assert [thread != threading.get_ident() for thread in threads] == [beside]


def test_a_body_has_so_many_values_and_no_more() -> None:
    most = json_texts.VALUES
    assert len(asyncio.run(json_texts.read(b"[" + b"1," * (most - 2) + b"1]"))) == most - 1
    for row in (b"[],", b"{},", b"1,"):
        with pytest.raises(Refused) as refused:
            asyncio.run(json_texts.read(b"[" + row * most + b"1]"))
        assert refused.value.code == "too-large"
        assert str(most) in refused.value.zh
        assert str(most) in refused.value.en


@given(anything)
def test_the_values_of_a_text_are_never_counted_too_few(value: Any) -> None:
    def values(of: Any) -> int:
        if isinstance(of, (list, dict)):
            return 1 + sum(map(values, cast(Any, of.values() if isinstance(of, dict) else of)))
        return 1

    assert json_texts.values(orjson.dumps(value)) >= values(value)


@given(anything, st.integers(0, 1200), st.integers(0, 60))
def test_a_long_answer_is_written_as_a_short_one(value: Any, many: int, deep: int) -> None:
    answers: list[Any] = [
        {"data": {"units": {"nodes": [value] * many, "last": value}}},
        [[value] * deep] * many,
        {"errors": [], "data": {"a": [{"b": [value] * 51, "c": []}] * deep}},
    ]
    for answer in answers:
        assert orjson.loads(asyncio.run(json_texts.written(answer))) == orjson.loads(orjson.dumps(answer))


@pytest.mark.parametrize("type_", ["[String!]", "[ID!]", "[Int]!", "[[Int]]", "[JSON!]!"])
def test_the_lists_of_variables_are_bounded(type_: str) -> None:
    text = f"query($given: {type_}, $other: JSON) {{ log {{ size }} }}"
    operation = limits.read(CORE, text).operation(None)
    assert operation is not None
    most = limits.LISTED
    for entries, fits in (([1] * most, True), ([1] * (most + 1), False), ([[1] * most], False)):
        assert (limits.listed(operation, {"given": entries, "other": [1] * 2 * most}) <= most) == fits
