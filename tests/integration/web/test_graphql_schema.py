"""The schema: exported as it is, with saved operations that fit; test_graphql_contract has what it promises."""

from __future__ import annotations

import pytest

from registry import data_files
from registry.domain.decisions import TYPES
from registry.web.graphql import explorer, limits
from registry.web.graphql.schema import CORE
from registry.web.graphql.sdl import sdl


def test_the_exported_schema_is_the_code() -> None:
    written = (data_files.path("graphql") / "schema.graphql").read_text(encoding="utf-8")
    assert written == sdl(), "run python -m registry.web.graphql.sdl"


def test_each_type_of_decision_has_its_mutation_with_each_of_its_fields() -> None:
    assert CORE.mutation_type is not None
    assert set(CORE.mutation_type.fields) == {"record", "undo"} | {decision.MUTATION for decision in TYPES.values()}
    assert len({decision.MUTATION for decision in TYPES.values()}) == len(TYPES)
    for decision in TYPES.values():
        name = decision.MUTATION
        arguments = CORE.mutation_type.fields[name].args
        for field_name, field in decision.model_fields.items():
            if field_name != "type":
                first, *rest = (field.alias or field_name).split("_")
                argument = arguments[first + "".join(word.capitalize() for word in rest)]
                assert str(argument.type).endswith("!") == field.is_required(), (name, field_name)
        assert len(arguments) == len(decision.model_fields) - 1


@pytest.mark.parametrize("name", explorer.operations())
def test_saved_operations_fit_the_schema(name: str) -> None:
    text = explorer.operations()[name]
    assert limits.read(CORE, text).errors == ()
    zh, en, example = text.split("\n")[:3]
    assert zh.startswith("# ")
    assert en.startswith("# ")
    assert example.startswith("# {")


def test_every_type_and_question_is_described_in_both_languages() -> None:
    assert CORE.query_type is not None
    assert CORE.mutation_type is not None
    described = [CORE.query_type, *CORE.query_type.fields.values(), *CORE.mutation_type.fields.values()]
    for each in described:
        assert each.description
        assert any("\u4e00" <= letter <= "\u9fff" for letter in each.description)
        assert any(letter.isascii() and letter.isalpha() for letter in each.description)
