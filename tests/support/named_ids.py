"""Every way to name an id to the registry, found in its declarations: what each is tried with by a role for A-town.

What is new is found by itself: an argument of GraphQL in the schema, a field of a decision in its type, a parameter of
an address where the program looks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, cast

import graphql

from registry.access.operations import ROLES, Rule, field_rule
from registry.access.roles import Role
from registry.domain.decision import Decision, Step
from registry.domain.decisions import TYPES
from registry.web.graphql.relay import write_cursor, write_names
from registry.web.graphql.schema import SCHEMA
from tests.support.every_decision import EXAMPLES
from tests.support.worlds import Line

# Of what each kind of thing is that a town's ids name in tests/support/two_counties.py; "": what all begin with.
ENDS: Final = ("", "D2", "G1", "B1", "C1", "Q1", "P1", "Z1", "A1", "Y1")
# What an argument is given that is needed beside the one that is tried; by the field's own name first.
GIVEN: Final[Mapping[str, Any]] = {
    "instrument.number": "A号",
    "list.code": "A-PLAN",
    "matter.code": "D-SAND",
    "unit.code": "A-town",
    "reportStatistics.by": "unit",
    "consistency.first": 1,
    "consistencyProof.first": 1,
    "undo.from": 1,
    "Finding.rule": "duty-without-power",
    "by": ["UNIT"],
    "decisions": [],
    "from": "2021-12-31",
    "instrument": "A号",
    "matter": "D-SAND",
    "on": "2022-02-01",
    "period": "2022",
    "position": 1,
    "powers": ["P-SAND"],
    "proposal": "S-A-town.P1",
    "ref": "S-A-town.D2",
    "report": "S-A-town.Q1",
    "rule": "duty-without-power",
    "second": 2,
    "step": "MONTH",
    "subject": "S-A-town.D2",
    "text": "亲属关系证明",
    "to": "2022-03-01",
    "unit": "A-town",
    "village": "A-town-village",
    "within": "A-town",
}
# Whole numbers that name nothing but how much is wanted, and positions, which everybody may know: how long the log is
# is published. What is told of one that may not be seen: test_positions.
NUMBERS: Final = frozenset({"first", "year", "size"})
POSITIONS: Final = frozenset({"after", "position", "from", "to", "first", "second"})
# What somebody says at the window, which is read by published words alone.
SAYINGS: Final = frozenset({"certificate.text"})


class Argument(NamedTuple):
    """An argument of a field at the root of GraphQL that takes text."""

    field: str
    name: str
    many: bool


def arguments() -> Iterator[Argument]:
    """Every argument of every field at the root of GraphQL that could name an id."""
    for field, declared in _fields("Query").items():
        for name, argument in declared.args.items():
            inner = _named(argument.type)
            if inner.name in ("ID", "String") and f"{field}.{name}" not in SAYINGS:
                yield Argument(field, name, "[" in str(argument.type))


def position_arguments(kind: str) -> set[str]:
    """The arguments of a type's fields that take a whole number, as field.name, without those of how much is wanted."""
    return {
        f"{field}.{name}"
        for field, declared in _fields(kind).items()
        for name, argument in declared.args.items()
        if _named(argument.type).name == "Int" and (name not in NUMBERS or f"{field}.{name}" in GIVEN)
    }


def question(argument: Argument, value: str, role: Role) -> tuple[str, dict[str, Any]]:
    """A question by a role whose argument is `value`, with its variables."""
    declared = _fields("Query")[argument.field]
    variables: dict[str, Any] = {argument.name: [value] if argument.many else value}
    for name, each in declared.args.items():
        if isinstance(each.type, graphql.GraphQLNonNull) and name not in variables:
            own = f"{argument.field}.{name}"
            variables[name] = GIVEN[own] if own in GIVEN else GIVEN[name]
    types = {name: str(declared.args[name].type) for name in variables}
    heads = ", ".join(f"${name}: {kind}" for name, kind in types.items())
    passed = ", ".join(f"{name}: ${name}" for name in types)
    selected = _selection(_named(declared.type), role, 3)
    return f"query ({heads}) {{ {argument.field}({passed}) {selected} }}", variables


def paged() -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Every field at the root that gives pages: its name, a question for all cursors, its variables for all and own."""
    for field, declared in _fields("Query").items():
        if "after" in declared.args and _named(declared.args["after"].type).name == "String":
            given = {name: GIVEN[name] for name in declared.args if name in GIVEN and _is_needed(declared, name)}
            heads = ", ".join(f"${name}: {declared.args[name].type}" for name in [*given, "after"])
            passed = ", ".join(f"{name}: ${name}" for name in [*given, "after"])
            query = f"query ({heads}) {{ {field}({passed}) {{ edges {{ cursor }} totalCount }} }}"
            yield field, query, given | ({"within": "4206"} if "within" in given else {}), given


def _is_needed(declared: Any, name: str) -> bool:
    return graphql.is_required_argument(declared.args[name])


def cursors(id_: str) -> list[str]:
    """Cursors as pages give them out whose last row has an id: alone, after a unit, after a rule and a unit."""
    keys: list[object] = [id_, write_names("B-town", id_), write_names("duty-without-power", "B-town", id_)]
    return [write_cursor(key) for key in keys]


def _named(kind: Any) -> graphql.GraphQLNamedType:
    return cast(graphql.GraphQLNamedType, graphql.get_named_type(kind))


def _fields(kind: str) -> Mapping[str, Any]:
    declared = SCHEMA._schema.type_map[kind]  # pyright: ignore[reportPrivateUsage]
    assert isinstance(declared, graphql.GraphQLObjectType)
    return declared.fields


@cache
def _selection(kind: graphql.GraphQLNamedType, role: Role, depth: int) -> str:
    """All that a role may ask of a type without naming anything, so deep."""
    if not isinstance(kind, graphql.GraphQLObjectType):
        return ""
    chosen: list[str] = ["__typename"]
    for name, field in cast(Mapping[str, Any], kind.fields).items():
        if role not in ROLES[field_rule(kind.name, name) or Rule.WHOLE]:
            continue
        needed = [each for each, argument in field.args.items() if graphql.is_required_argument(argument)]
        if needed and needed != ["lang"]:
            continue
        inner = _named(field.type)
        written = f'{name}(lang: "zh")' if needed else name
        if inner.name == "Unit":
            chosen.append(f"{written} {{ code name }}")
        elif isinstance(inner, graphql.GraphQLObjectType):
            if depth > 1 and name != "edges":
                chosen.append(f"{written} {_selection(inner, role, depth - 1)}")
        else:
            chosen.append(written)
    return f"{{ {' '.join(chosen)} }}"


# ------------------------------------------------------------------------------------------------ fields of decisions

# Of the units of tests/support/worlds.py those of tests/support/two_counties.py, as A's organizer records them.
_UNITS: Final = {
    "420684": "A",
    "water": "A-water",
    "market": "A-water",
    "office": "A-org",
    "town": "A-town",
    "town2": "A-town2",
    "village": "A-town-village",
}
# What of a decision can name what not everybody sees; the other ids are of what is published.
_PUBLISHED: Final = frozenset(
    {"unit", "from", "to", "by", "issuer", "scope", "parent", "successor", "guided_by", "stationed_at", "power"}
    | {"instrument", "replaced_by", "matter", "requires", "includes", "list", "item", "function", "alternative"}
)


class Named(NamedTuple):
    """A field of a type of decision that can name what is another's, with an example of the type."""

    type: str
    field: str
    line: Line

    def naming(self, id_: str) -> Line:
        """The example with an id in the field."""
        value: Any = [id_] if isinstance(self.line.get(self.field), list) else id_
        return {**self.line, self.field: value}


def named_by_decisions() -> Iterator[Named]:
    """Every field of every type of decision that can name what is another's.

    But the id of what a decision brings in: one that somebody has is refused, and one that nobody has is not.
    """
    lines = {each["type"]: _of_a(each) for each in EXAMPLES}
    for name, kind in TYPES.items():
        own = kind.key_fields() if kind.STEP is Step.INTRODUCES else ()
        for field in _id_fields(kind):
            if field not in _PUBLISHED and field not in own:
                yield Named(name, field, lines[name])


def named_by_corrections() -> Iterator[Line]:
    """For each type of decision that corrections name by what it is about, one that does; $ begins the id."""
    for name, kind in TYPES.items():
        by = kind.named_by() or ()
        fields = [field for field in by if field not in {*_PUBLISHED, "at"}]
        if fields:
            example = next(each for each in EXAMPLES if each["type"] == name)
            named = {field: str(example[field]) for field in by}
            given = {"type": name, **named, **dict.fromkeys(fields, "$")}
            yield {"type": "Annulled", "at": "2023-01-01", "of": given}


def _of_a(example: Line) -> Line:
    names = ("unit", "from", "to", "by", "scope", "issuer", "parent", "successor")
    changed = {name: _UNITS[example[name]] for name in names if example.get(name) in _UNITS}
    return {**example, **changed, "at": "2023-01-01"}


def _id_fields(kind: type[Decision]) -> list[str]:
    """The fields of a type, as the journal has them, whose text has the form of ids."""
    schema = kind.model_json_schema(by_alias=True)
    return [name for name, field in schema["properties"].items() if _is_id(field)]


def _is_id(field: Mapping[str, Any]) -> bool:
    inner = [field, field.get("items", {}), *field.get("anyOf", ())]
    return any("#" in each.get("pattern", "") for each in inner)
