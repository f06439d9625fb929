"""The schema: exported as it is, holding every name of the contract that is built, with saved operations that fit."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    introspection_from_schema,
)

from registry import data_files
from registry.domain.decisions import TYPES
from registry.web.graphql import explorer, limits
from registry.web.graphql.schema import CORE
from registry.web.graphql.sdl import sdl

# The contract's schema as far as it is built: what clients may rely on.
CONTRACT = """
scalar Date
scalar DateTime
scalar JSON
input Known { position: Int  time: DateTime }
enum Level { CENTRAL PROVINCE PREFECTURE COUNTY TOWNSHIP VILLAGE }
enum Role { LEAD SHARE ASSIST }
enum MatterKind { DUTY POWER CERTIFICATE SERVICE FORM INSPECTION MEETING DOCUMENT MECHANISM WORKGROUP }
enum Severity { VIOLATION WARNING REVIEW }
type Query {
  unit(code: ID!, asOf: Date, known: Known): Unit
  units(within: ID, level: Level, search: String, asOf: Date, first: Int, after: String): UnitConnection!
  matter(code: ID!, asOf: Date, known: Known): Matter
  matters(kind: MatterKind, search: String, first: Int, after: String): MatterConnection!
  holders(matter: ID!, within: ID!, role: Role, asOf: Date, known: Known): [Holding!]!
  findings(within: ID, rule: String, severity: Severity, matter: ID, asOf: Date, known: Known,
           waived: Boolean = false, first: Int, after: String): FindingConnection!
  custody(matter: ID!, within: ID!, known: Known): [CustodySpan!]!
  accountability(matter: ID!, unit: ID!, on: Date!, known: Known): Accountability!
  changes(within: ID!, from: Date!, to: Date!, known: Known): [Change!]!
  services(village: ID, unit: ID, text: String): [Service!]!
  certificate(village: ID!, text: String!, asOf: Date): CertificateAnswer!
  simulate(decisions: [JSON!]!, asOf: Date): Simulation!
  decision(position: Int!): Decision
  decisions(after: Int = 0, first: Int = 100, unit: ID, matter: ID, type: String): [Decision!]!
  log: Log!
}
type Mutation { record(decisions: [JSON!]!): Recorded! }
type Subscription { decisions(after: Int): Decision! }
type Unit {
  code: ID!  name: String!  level: Level!  kind: String!  function: String
  parent: Unit  children(level: Level, first: Int, after: String): UnitConnection!
  responsibilities(role: Role, first: Int, after: String): HoldingConnection!
  powers: [PowerHolding!]!
  burdens(kind: MatterKind): [Delegation!]!
  negativeList(covers: MatterKind): [ListItem!]!
  positiveList(covers: MatterKind): [ListItem!]!
  findings(rule: String, severity: Severity, first: Int, after: String): FindingConnection!
  history(first: Int, after: String): DecisionConnection!
}
type Holding {
  unit: Unit!  matter: Matter!
  role: Role
  by: String!
  subject: ID!  from: Unit  mode: String!  instrument: Instrument
  since: Date!  until: Date  brings: [String!]!  dueOn: Date  position: Int
}
type PowerHolding { power: Matter!  effective: Boolean!  entrustedOnly: Boolean!  chain: [ID!]! }
type Finding {
  rule: String!  severity: Severity!  unit: Unit!  subject: ID!  matter: Matter!
  missing: [ID!]!  path: [ID!]!  message(lang: String = "zh"): String!  basis: [String!]!  remedies: [Remedy!]!
  since: Date  waivedBy: ID
}
type Remedy { action: String!  message(lang: String = "zh"): String!  decisions: [JSON!]! }
type Simulation { opened: [Finding!]!  closed: [Finding!]!  errors: [JSON!]! }
type CustodySpan {
  holder: Unit!  role: Role!  since: Date!  until: Date  subject: ID!
  from: Unit  instrument: Instrument  decision: Decision
}
type Accountability {
  held: Boolean!  role: Role  chain: [Holding!]!  required: [Matter!]!  missing: [Matter!]!
  brings: [String!]!  findings: [Finding!]!
  conclusion: String!
}
type Change { on: Date!  change: String!  unit: Unit  matter: Matter  subject: ID!  decision: Decision }
type Decision { position: Int!  type: String!  at: Date!  recordedAt: DateTime!  recordedBy: String  data: JSON! }
type Recorded { positions: [Int!]!  opened: [Finding!]!  closed: [Finding!]! }
type Log { size: Int! }
type PageInfo { hasNextPage: Boolean!  hasPreviousPage: Boolean!  startCursor: String  endCursor: String }
type UnitConnection { edges: [UnitEdge!]!  nodes: [Unit!]!  pageInfo: PageInfo!  totalCount: Int! }
type UnitEdge { cursor: String!  node: Unit! }
type MatterConnection { edges: [MatterEdge!]!  nodes: [Matter!]!  pageInfo: PageInfo!  totalCount: Int! }
type MatterEdge { cursor: String!  node: Matter! }
type HoldingConnection { edges: [HoldingEdge!]!  nodes: [Holding!]!  pageInfo: PageInfo!  totalCount: Int! }
type HoldingEdge { cursor: String!  node: Holding! }
type FindingConnection { edges: [FindingEdge!]!  nodes: [Finding!]!  pageInfo: PageInfo!  totalCount: Int! }
type FindingEdge { cursor: String!  node: Finding! }
type DecisionConnection { edges: [DecisionEdge!]!  nodes: [Decision!]!  pageInfo: PageInfo!  totalCount: Int! }
type DecisionEdge { cursor: String!  node: Decision! }
type Service {
  matter: Matter!  includes: [Matter!]!  window: Level  materials: [String!]!  procedure: String  online: String
}
type CertificateAnswer {
  status: String!
  matter: Matter  item: ListItem  issuer: String  alternative: String  basis: [Instrument!]!
  candidates: [Matter!]!
  services: [Service!]!
}
type Matter { code: ID!  kind: MatterKind!  name: String! }
type Instrument { number: ID!  title: String!  kind: String! }
type ListItem { name: String! }
type Delegation { ref: ID! }
"""
WANTED = build_schema(CONTRACT)


def test_the_exported_schema_is_the_code() -> None:
    written = (data_files.path("graphql") / "schema.graphql").read_text(encoding="utf-8")
    assert written == sdl(), "run python -m registry.web.graphql.sdl"


def test_every_name_of_the_contract_is_there_with_its_type() -> None:
    assert len(WANTED.type_map) >= 50
    for name, wanted in WANTED.type_map.items():
        if name.startswith("__"):
            continue
        built = CORE.type_map[name]
        if isinstance(wanted, GraphQLEnumType):
            assert isinstance(built, GraphQLEnumType)
            assert list(built.values) == list(wanted.values)
        if isinstance(wanted, (GraphQLObjectType, GraphQLInputObjectType)):
            assert isinstance(built, type(wanted))
            for field_name, field in wanted.fields.items():
                fits(f"{name}.{field_name}", field, built.fields[field_name])


def fits(where: str, wanted: Any, built: Any) -> None:
    """A field of the same type (or one that promises more: position is never null), and its arguments as written."""
    assert str(built.type).rstrip("!") == str(wanted.type).rstrip("!"), where
    assert str(built.type).endswith("!") or not str(wanted.type).endswith("!"), where
    for name, argument in getattr(wanted, "args", {}).items():
        assert str(built.args[name].type) == str(argument.type), f"{where}({name})"
        assert defaults(CORE)[where, name] == defaults(WANTED)[where, name], f"{where}({name})"
    for name in set(getattr(built, "args", {})) - set(getattr(wanted, "args", {})):
        assert not str(built.args[name].type).endswith("!"), f"{where} needs {name}, which the contract does not have"


@cache
def defaults(schema: GraphQLSchema) -> dict[tuple[str, str], str | None]:
    """The default of each argument, as introspection tells it."""
    return {
        (f"{kind['name']}.{field['name']}", argument["name"]): argument["defaultValue"]
        for kind in introspection_from_schema(schema)["__schema"]["types"]
        for field in kind.get("fields") or ()
        for argument in field["args"]
    }


def test_each_type_of_decision_has_its_mutation_with_each_of_its_fields() -> None:
    assert CORE.mutation_type is not None
    assert set(CORE.mutation_type.fields) == {"record"} | {decision.MUTATION for decision in TYPES.values()}
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
