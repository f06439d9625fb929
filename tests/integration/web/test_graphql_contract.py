"""What the contract's schema promises is there: every type, field, argument and enum value, with the same type.

tests/data/contract.graphql is the contract's text. It leaves out connections (a page of each type whose name it ends
in) and the fields of the types that it only names.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLObjectType,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    introspection_from_schema,
    parse,
    print_ast,
)

from registry.web.graphql.schema import CORE
from tests.support.paths import TESTS

CONTRACT: Final = (TESTS / "data" / "contract.graphql").read_text(encoding="utf-8")
# What is promised and not built yet. What is built must be taken out: the set only shrinks.
PENDING: Final[frozenset[str]] = frozenset()


@cache
def promised() -> dict[str, str]:
    """Every coordinate of the contract with the type that it has there: a type itself has its kind."""
    document: DocumentNode = parse(CONTRACT)
    results: dict[str, str] = {}
    for node in document.definitions:
        if isinstance(node, ScalarTypeDefinitionNode):
            results[node.name.value] = "scalar"
        elif isinstance(node, EnumTypeDefinitionNode):
            results[node.name.value] = "enum"
            results |= {f"{node.name.value}.{value.name.value}": "value" for value in node.values or ()}
        else:
            assert isinstance(node, (ObjectTypeDefinitionNode, InputObjectTypeDefinitionNode)), node
            results[node.name.value] = "type" if isinstance(node, ObjectTypeDefinitionNode) else "input"
            for field in node.fields or ():
                where = f"{node.name.value}.{field.name.value}"
                results[where] = print_ast(field.type)
                for argument in () if isinstance(field, InputValueDefinitionNode) else field.arguments or ():
                    results[f"{where}({argument.name.value})"] = written(argument)
    return results


def written(argument: InputValueDefinitionNode) -> str:
    """The type of an argument, with its default where it has one."""
    default = "" if argument.default_value is None else f" = {print_ast(argument.default_value)}"
    return print_ast(argument.type) + default


def built() -> dict[str, str]:
    """Every coordinate of the schema of the code, likewise."""
    results: dict[str, str] = {}
    kinds = {"SCALAR": "scalar", "ENUM": "enum", "OBJECT": "type", "INPUT_OBJECT": "input"}
    for kind in introspection_from_schema(CORE)["__schema"]["types"]:
        name = kind["name"]
        results[name] = kinds.get(kind["kind"], kind["kind"])
        results |= {f"{name}.{value['name']}": "value" for value in kind.get("enumValues") or ()}
        for field in (*(kind.get("fields") or ()), *(kind.get("inputFields") or ())):
            where = f"{name}.{field['name']}"
            results[where] = type_of(field["type"])
            for argument in field.get("args", ()):
                default = "" if argument["defaultValue"] is None else f" = {argument['defaultValue']}"
                results[f"{where}({argument['name']})"] = type_of(argument["type"]) + default
    return results


def type_of(given: Any) -> str:
    """A type as introspection has it, as it is written."""
    if given["kind"] == "NON_NULL":
        return type_of(given["ofType"]) + "!"
    if given["kind"] == "LIST":
        return f"[{type_of(given['ofType'])}]"
    return given["name"]


def pending(coordinate: str) -> bool:
    """Whether others still build it: it, its type or its field is in PENDING."""
    owner = coordinate.split(".", maxsplit=1)[0]
    return bool({coordinate, coordinate.split("(", maxsplit=1)[0], owner} & PENDING)


def fits(coordinate: str, wanted: str, given: str) -> bool:
    """The same; or a field that promises more, as a position that is never null."""
    return given == wanted or ("(" not in coordinate and given == f"{wanted}!")


def test_what_the_contract_promises_is_there_with_the_same_type() -> None:
    ours = built()
    wanted = {coordinate: of for coordinate, of in promised().items() if not pending(coordinate)}
    assert len(wanted) > 250
    missing = sorted(wanted.keys() - ours.keys())
    other = {
        coordinate: (of, ours[coordinate])
        for coordinate, of in wanted.items()
        if coordinate in ours and not fits(coordinate, of, ours[coordinate])
    }
    assert (missing, other) == ([], {})


def test_what_is_pending_is_promised_and_not_there_yet() -> None:
    ours = built()
    assert promised().keys() >= PENDING
    assert sorted(PENDING & ours.keys()) == [], "it is built: take it out of PENDING"


def test_no_argument_is_needed_that_the_contract_does_not_have() -> None:
    wanted, ours = promised(), built()
    for name, of in ours.items():
        field = name.split("(")[0]
        if "(" in name and field in wanted and name not in wanted and not field.startswith("Mutation."):
            assert not of.endswith("!"), name


def test_each_list_of_many_is_a_relay_connection() -> None:
    connections = {of.strip("!") for of in promised().values() if of.strip("!").endswith("Connection")}
    connections |= {name for name in built() if name.endswith("Connection")}
    for name in connections - {f"{each}Connection" for each in PENDING}:
        node = name.removesuffix("Connection")
        kind = CORE.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        fields = {field: str(of.type) for field, of in kind.fields.items()}
        edges = {"edges": f"[{node}Edge!]!", "nodes": f"[{node}!]!", "pageInfo": "PageInfo!", "totalCount": "Int!"}
        assert fields == edges
        assert str(CORE.type_map[f"{node}Edge"].fields["node"].type) == f"{node}!"  # type: ignore[attr-defined]
