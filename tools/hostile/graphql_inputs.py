"""Hostile questions and mutations: depth, width, aliases, fragments in rings, variables, batches, wrong types."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import quote

import orjson
from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_leaf_type,
)

from registry import data_files
from tools.hostile.inputs import Input, http, posted, text, value

FAMILY: Final = "graphql"
SMALL: Final = "{ log { size } }"


def schema() -> GraphQLSchema:
    """The contract's schema."""
    return build_schema((data_files.path("graphql") / "schema.graphql").read_text("utf-8"))


def inputs(chance: random.Random, many: int) -> Iterator[Input]:
    """So many inputs, of every way in turn."""
    contract = schema()
    for number in range(many):
        way = WAYS[number % len(WAYS)]
        name, sent, more = way(chance, contract, number)
        yield Input(FAMILY, name, sent if isinstance(sent, tuple) else (sent,), **more)


Made = tuple[str, bytes | tuple[bytes, ...], Mapping[str, Any]]


# ------------------------------------------------------------------------------------------ questions of the schema


def _question(chance: random.Random, contract: GraphQLSchema, _: int) -> Made:
    """A question that is of the schema, with arguments that are not what anybody would ask."""
    root = cast(GraphQLObjectType, contract.query_type)
    fields = [
        _field(chance, contract, root, name, 0)
        for name in chance.sample(sorted(root.fields), chance.choice((1, 1, 2, 5)))
    ]
    return "a question with strange arguments", posted({"query": "{ " + " ".join(fields) + " }"}), {}


def _field(chance: random.Random, contract: GraphQLSchema, parent: GraphQLObjectType, name: str, depth: int) -> str:
    field = parent.fields[name]
    given = {
        argument: _literal(chance, described.type)
        for argument, described in cast("dict[str, Any]", field.args).items()
        if str(described.type).endswith("!") or chance.random() < 0.4
    }
    listed = "(" + ", ".join(f"{argument}: {literal}" for argument, literal in given.items()) + ")" if given else ""
    return f"{name}{listed}{_selection(chance, contract, field.type, depth)}"


def _selection(chance: random.Random, contract: GraphQLSchema, of_type: Any, depth: int) -> str:
    named = cast(Any, get_named_type(of_type))
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType):
        return " { __typename }"
    leaves = [name for name, field in named.fields.items() if is_leaf_type(get_named_type(field.type))]
    inner = [name for name in named.fields if name not in leaves]
    chosen = chance.sample(leaves, min(len(leaves), chance.choice((1, 3, 9))))
    if inner and depth < chance.choice((2, 4, 8)):
        chosen += chance.sample(inner, min(len(inner), chance.choice((1, 1, 2))))
    parts = [
        _field(chance, contract, named, name, depth + 1) for name in chosen or ["__typename"] if name != "__typename"
    ]
    return " { " + " ".join(parts or ["__typename"]) + " }"


def _literal(chance: random.Random, of_type: Any) -> str:
    """A literal of about the right type: strange texts for texts, strange numbers for numbers."""
    if isinstance(of_type, GraphQLNonNull):
        return _literal(chance, cast(Any, of_type).of_type)
    if chance.random() < 0.03:
        return chance.choice(("null", "{}", "[]", "TRUE", "1e999", '"""\n"""', "$nothing", "-0", "[[[]]]"))
    if isinstance(of_type, GraphQLList):
        return (
            "["
            + ", ".join(_literal(chance, cast(Any, of_type).of_type) for _ in range(chance.choice((0, 1, 2, 30))))
            + "]"
        )
    if isinstance(of_type, GraphQLInputObjectType):
        return "{" + ", ".join(f"{name}: {_literal(chance, each.type)}" for name, each in of_type.fields.items()) + "}"
    name = str(of_type)
    if name in ("Int", "Float"):
        return str(chance.choice((0, 1, -1, 30, 500, 501, 2**31 - 1, 2**31, -(2**31), 10**30)))
    if name == "Boolean":
        return chance.choice(("true", "false"))
    if hasattr(of_type, "values"):
        return chance.choice([*of_type.values, "NOTHING"])
    known = ("420684", "420684001", "420684001200", "YC-CERT16", "D-FIRE", "2026-11-29", "2020-01-01", "latest", "zh")
    return json.dumps(chance.choice(known) if chance.random() < 0.6 else text(chance)[:3000])


# ------------------------------------------------------------------------------------------ depth, width, rings


def _deep(chance: random.Random, _: GraphQLSchema, __: int) -> Made:
    depth = chance.choice((10, 16, 17, 100, 1000, 20_000))
    opening, closing = chance.choice(
        (("parent { ", " }"), ("children { nodes { ", " } }"), ("... { ", " }"), ("... on Unit { parent { ", " } }"))
    )
    query = f'{{ unit(code: "420684001") {{ {opening * depth}name{closing * depth} }} }}'
    return "depth", posted({"query": query}), {}


def _wide(chance: random.Random, _: GraphQLSchema, __: int) -> Made:
    width = chance.choice((20, 300, 1300, 30_000))
    field = chance.choice(
        ("log { size }", "units(first: 500) { nodes { name } }", "findings { nodes { message } }", "rules { name }",
         'unit(code: "420684") { name }', "changes(from: \"0001-01-01\", to: \"9999-12-31\") { on }", "__typename")
    )  # fmt: skip
    return "width", posted({"query": "{ " + " ".join(f"a{n}: {field}" for n in range(width)) + " }"}), {}


def _fragments(chance: random.Random, _: GraphQLSchema, __: int) -> Made:
    many = chance.choice((1, 2, 14, 300))
    how = chance.choice(("ring", "self", "doubling", "unknown", "unused", "mutations"))
    if how == "mutations":
        spread = " ".join(
            f'm{n}: endDelegation(at: "2020-01-01", ref: "no-{n}", reason: "revoked") {{ positions }}'
            for n in range(many)
        )
        query = f"mutation {{ ...F }} fragment F on Mutation {{ {spread} }}"
    elif how == "doubling":
        parts = " ".join(
            f"fragment F{n} on Unit {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}" for n in range(many)
        )
        query = f'{{ unit(code: "420684") {{ ...F0 }} }} {parts} fragment F{many} on Unit {{ name }}'
    else:
        targets = {
            "ring": [(n + 1) % many for n in range(many)],
            "self": list(range(many)),
            "unknown": range(1, many + 1),
        }
        target = targets.get(how, [0] * many)
        parts = " ".join(f"fragment F{n} on Unit {{ name parent {{ ...F{target[n]} }} }}" for n in range(many))
        query = f'{{ unit(code: "420684") {{ {"name" if how == "unused" else "...F0"} }} }} {parts}'
    return f"fragments, {how}", posted({"query": query}), {}


def _directives(chance: random.Random, _: GraphQLSchema, __: int) -> Made:
    many = chance.choice((1, 50, 1500))
    directive = chance.choice(("@skip(if: true)", "@include(if: $v)", "@nothing", '@deprecated(reason: "x")', "@oneOf"))
    query = f"query ($v: Boolean = false) {{ log {{ size {directive * many} }} }}"
    return "directives", posted({"query": query, "variables": {"v": value(chance)}}), {}


# ------------------------------------------------------------------------------------------ variables and bodies


def _variables(chance: random.Random, _: GraphQLSchema, number: int) -> Made:
    query = chance.choice(
        (
            "query ($s: String, $n: Int) { units(search: $s, first: $n) { totalCount nodes { name } } }",
            "query ($s: ID!, $n: Int) { unit(code: $s) { name responsibilities(first: $n) { totalCount } } }",
            "query ($s: ID, $d: Date) { findings(within: $s, asOf: $d) { totalCount } }",
            "query ($s: String, $n: Int) { cases(search: $s, first: $n) { totalCount } }",
            "query ($s: Date!, $n: ID) { changes(from: $s, to: $s, within: $n) { on } }",
            "query ($s: ID!, $n: ID!) { certificate(village: $s, name: $n) { status } }",
        )
    )
    if number % 37 == 0:
        size = chance.choice((10**6, 8 * 10**6, 17 * 10**6))
        return "huge variables", posted({"query": query, "variables": {"s": "a" * size}}), {}
    sent = {"query": query, "variables": {"s": value(chance), "n": value(chance), "d": value(chance)}}
    return "variables of wrong types", posted(_dumped(sent)), {}


def _dumped(sent: object) -> bytes:
    """JSON with what orjson does not write: lone surrogates, NaN, numbers beyond 64 bits."""
    return json.dumps(sent).encode()


def _bodies(chance: random.Random, _: GraphQLSchema, number: int) -> Made:
    good = orjson.dumps({"query": SMALL})
    deep = b"[" * chance.choice((100, 1000, 200_000))
    bodies: tuple[bytes, ...] = (
        *(
            b"",
            b"null",
            b"0",
            b'"query"',
            b"[]",
            b"{}",
            b"[" + good + b"]",
            b"[" + b",".join([good] * 500) + b"]",
            deep,
        ),
        *(
            b'{"query":' + deep,
            b'{"query":"{ log { size } }","query":1}',
            b"\xef\xbb\xbf" + good,
            good + good,
            good[:-1],
        ),
        *(
            good.decode().encode("utf-16"),
            b'{"query":"\xff\xfe"}',
            b'{"query":"\\ud800"}',
            b'{"query":"{ log \\u0000 }"}',
        ),
        *(b'{"query":"{ log { size } }","variables":[1]}', b'{"query":"{ log { size } }","operationName":{}}'),
        *(b'{"query":{"a":1}}', b"\0" * 1000, b"\x1f\x8b\x08\x00" + bytes(50), b'{"query":"' + b"#" * 900_000 + b'"}'),
        *(
            b'{"query":"{ log { size } }","variables":{"__proto__":1}}',
            b'{"query":"query A { log { size } } query A { log { size } }"}',
        ),
        *(
            b'{"query":"query A { log { size } } query B { log { size } }","operationName":"C"}',
            b'{"query":"' + b"{" * 50_000 + b'"}',
        ),
    )
    body = bodies[number // len(WAYS) % len(bodies)]
    kinds = (
        "application/json",
        "application/json;charset=utf-7",
        "text/plain",
        "application/graphql",
        "",
        "application/x-www-form-urlencoded",
    )
    kind = "application/json" if chance.random() < 0.8 else chance.choice(kinds)
    coding = {"Content-Encoding": "gzip"} if chance.random() < 0.1 else {}
    accept = {"Accept": chance.choice(("*/*", "application/graphql-response+json", "text/html", "x" * 5000, "a/b;q=x"))}
    return "a body that is no question", http("POST", "/graphql", body, {"Content-Type": kind} | coding | accept), {}


def _mutilated(chance: random.Random, contract: GraphQLSchema, _: int) -> Made:
    """A good question with some of its letters changed."""
    _name, sent, _more = _question(chance, contract, 0)
    assert isinstance(sent, bytes)
    query = list(orjson.loads(sent.partition(b"\r\n\r\n")[2])["query"][:4000])
    for _ in range(chance.choice((1, 3, 20))):
        query[chance.randrange(len(query))] = chance.choice(
            ("{", "}", "(", ")", '"', "$", "\0", "…", "é", "\\", "#", "9" * 50, "")
        )
    return "a question with letters changed", posted({"query": "".join(query)}), {}


def _by_address(chance: random.Random, _: GraphQLSchema, number: int) -> Made:
    query = chance.choice(
        (
            SMALL,
            "mutation { record(decisions: []) { positions } }",
            "subscription { decisions { type } }",
            text(chance)[:6000],
        )
    )
    variables = chance.choice(("", "{}", "[", "null", '{"a":' * 500, "%FF"))
    target = f"/graphql?query={quote(query)}&variables={quote(variables)}"
    if number % 3 == 0:
        target = "/graphql?" + "&".join(f"query={quote(query[:20])}" for _ in range(chance.choice((2, 500))))
    method = chance.choice(("GET", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND"))
    return "a question in the address", http(method, target), {}


# ------------------------------------------------------------------------------------------ recording


def _recording(chance: random.Random, _: GraphQLSchema, number: int) -> Made:
    """Two decisions that go together or not at all, the second seldom what it should be; or no decisions at all."""
    pair = f"H{number:05}-{chance.randrange(10**6):06}"
    first = new_unit(f"{pair}-a")
    second = new_unit(f"{pair}-b") | {
        chance.choice(("at", "unit", "name", "level", "kind", "parent", "type", "note", text(chance)[:20])): value(
            chance
        )
    }
    decisions: Any = [first, second]
    how = chance.randrange(12)
    if how == 0:
        decisions = value(chance)
    elif how == 1:
        decisions = [first] * chance.choice((2, 3000))
    elif how == 2:
        decisions = [first, new_unit(f"{pair}-b")]
    sent = _dumped(
        {
            "query": "mutation ($d: [JSON!]!) { record(decisions: $d) { positions warning } }",
            "variables": {"d": decisions},
        }
    )
    ending = chance.choice(("read", "read", "read", "leave", "reset", "half"))
    return "recording", posted(sent), {"pair": pair, "ending": ending}


def new_unit(code: str) -> dict[str, Any]:
    """A unit nobody has, of which there is no government."""
    return {"type": "UnitRegistered", "at": "2020-01-01", "unit": code, "name": f"机构{code}", "level": "county",
            "kind": "department", "parent": "420684"}  # fmt: skip


def _typed_mutation(chance: random.Random, contract: GraphQLSchema, _: int) -> Made:
    root = cast(GraphQLObjectType, contract.mutation_type)
    names = [name for name in sorted(root.fields) if name != "record"]
    fields = [_field(chance, contract, root, chance.choice(names), 9) for _ in range(chance.choice((1, 1, 3, 51)))]
    query = "mutation { " + " ".join(f"m{n}: {field}" for n, field in enumerate(fields)) + " }"
    return "mutations with strange arguments", posted({"query": query}), {}


WAYS: Final[tuple[Callable[[random.Random, GraphQLSchema, int], Made], ...]] = (
    *(_question, _question, _variables, _bodies, _mutilated, _deep, _wide, _fragments, _directives, _by_address),
    *(_recording, _typed_mutation),
)
