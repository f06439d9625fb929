"""Documents parsed and validated once, and weighed: what is malformed or too costly never reaches the database."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, cast

from cachetools import LRUCache, cached
from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    VariableNode,
    get_named_type,
    specified_rules,
)

from registry.access.viewer import OPEN, Viewer
from registry.web.beside import beside
from registry.web.graphql.fast.without_rings import parsed, validated
from registry.web.graphql.relay import MOST
from registry.web.problems import problem

TOKENS: Final = 4000
DEPTH: Final = 16  # the usual introspection query is 14 deep
OBJECTS: Final = 200_000  # that one answer may hold, if every page were full
WITHOUT_ACCOUNT: Final = 100_000  # that the answer to who has no account may hold, where there are accounts
MUTATIONS: Final = 50  # of one request
DOCUMENTS: Final = 1000  # of which what is hot is kept
LONGEST: Final = 200_000  # letters of a document: comments and blanks are no tokens, and are read all the same
LETTERS: Final = 200_000  # of the documents that are kept parsed and validated; in memory each takes hundreds of bytes
LISTED: Final = 20_000  # entries of the lists in an operation's variables: each is compared with its type
QUICK: Final = 2000  # letters of a document that the event loop reads itself: a few milliseconds at most
# How many a list is taken to hold, and a page whose size is not said.
SUPPOSED: Final = 30
# What is asked of the schema itself is there for everybody, at any time and in one go: each of its objects counts for
# several. The whole of it, as tools ask for it, is within what is allowed.
_OF_THE_SCHEMA: Final = {"__schema": (SchemaMetaFieldDef, 15), "__type": (TypeMetaFieldDef, 100)}
_MEMBERS: Final = 6  # fields of a type, about


@dataclass(frozen=True, eq=False)
class Document:
    """A query text, read: its document, or the errors for which it cannot be executed."""

    node: DocumentNode | None
    errors: tuple[GraphQLError, ...]
    length: int  # of the text

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """The operation of that name, or the only one."""
        if self.node is None:
            return None
        results = [
            each
            for each in self.node.definitions
            if isinstance(each, OperationDefinitionNode)
            and (name is None or (each.name is not None and each.name.value == name))
        ]
        return results[0] if len(results) == 1 else None


def bad_query(error: GraphQLError) -> GraphQLError:
    """A parser's or validator's error with a code."""
    if "code" in (error.extensions or {}):
        return error
    named = problem("bad-query", f"查询语句有误：{error.message}", error.message)
    return GraphQLError(named.message, error.nodes, error.source, error.positions, extensions=named.extensions)


class _SomethingSelected(ASTValidationRule):
    """A selection names a field: the library's parser lets `{}` pass, which GraphQL's grammar does not know."""

    def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> None:
        if not node.selections:
            self.report_error(GraphQLError("A selection must name a field between { and }.", node))


_RULES: Final = (*specified_rules, _SomethingSelected)
_DOCUMENTS: Final[LRUCache[Any, Document]] = LRUCache(LETTERS, getsizeof=lambda document: document.length + 500)


# The query text of the request that is being answered, and its document: not read again where others push it out.
_OWN: Final[ContextVar[tuple[str, Document] | None]] = ContextVar("_OWN", default=None)


async def read_beside(schema: GraphQLSchema, query: str) -> Document:
    """As `read`, which from now on has it at hand in this task: a long text is parsed and validated in a thread."""
    kept = _OWN.get()
    if kept is None or kept[0] != query:
        long = len(query) > QUICK
        _OWN.set((query, await beside(_read, schema, query) if long else _read(schema, query)))
    return read(schema, query)


def read(schema: GraphQLSchema, query: str) -> Document:
    """Parse and validate a query text; the last ones asked for are kept."""
    kept = _OWN.get()
    return kept[1] if kept is not None and kept[0] == query else _read(schema, query)


def forget() -> None:
    """Keep no document that was read."""
    _DOCUMENTS.clear()


@cached(_DOCUMENTS, lock=Lock())
def _read(schema: GraphQLSchema, query: str) -> Document:
    if len(query) > LONGEST:
        zh, en = f"查询语句超过 {LONGEST} 个字符。", f"The query is longer than {LONGEST} letters."
        return Document(None, (problem("too-large", zh, en),), len(query))
    try:
        node = parsed(query, TOKENS)
        # A document within bounds cannot keep the validator busy for long.
        too_deep = depth_problem(node)
        if too_deep is not None:
            return Document(None, (too_deep,), len(query))
        errors = validated(schema, node, _RULES, 20)
    except GraphQLError as error:
        return Document(None, (bad_query(error),), len(query))
    except RecursionError:
        too_deep = costly(f"嵌套超过 {DEPTH} 层。", f"It nests deeper than {DEPTH}.")
        return Document(None, (too_deep,), len(query))
    return Document(node, tuple(map(bad_query, errors)), len(query))


def problems(
    schema: GraphQLSchema,
    query: str,
    variables: Mapping[str, Any],
    operation_name: str | None,
    viewer: Viewer = OPEN,
) -> list[GraphQLError]:
    """Why an operation cannot be executed: malformed, not to be told from others, or too costly; empty where it can.

    `viewer`: who asks, by which it is what is too costly.
    """
    document = read(schema, query)
    if document.node is None or document.errors:
        return list(document.errors)
    operation = document.operation(operation_name)
    if operation is None:
        error = problem(
            "bad-query",
            "operationName 须指明文档中的一个操作。",
            "operationName must name one of the document's operations.",
        )
        return [error]
    given = listed(operation, variables)
    if given > LISTED:
        too_many = costly(
            f"变量的列表共 {given} 项以上，最多 {LISTED} 项，请分几次。",
            f"The lists of the variables have {given} entries or more; {LISTED} are the most: ask in several.",
        )
        return [too_many]
    most = OBJECTS if viewer.open or viewer.account is not None else WITHOUT_ACCOUNT
    too_costly = cost_problem(schema, document.node, operation, variables, most)
    return [] if too_costly is None else [too_costly]


def listed(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
    """How many entries the lists have that an operation's variables are given, counted until there are too many.

    What is of the type JSON is taken as it is; every other entry is compared with its type, one after the other.
    """
    total = 0
    waiting = [
        variables.get(each.variable.name.value)
        for each in operation.variable_definitions or ()
        if not isinstance(each.type, NamedTypeNode)
        and (not isinstance(each.type, NonNullTypeNode) or isinstance(each.type.type, ListTypeNode))
    ]
    while waiting and total <= LISTED:
        given = waiting.pop()
        if isinstance(given, list):
            entries = cast("list[Any]", given)
            total += len(entries)
            waiting += [entry for entry in entries[:LISTED] if isinstance(entry, list)]
    return total


def costly(zh: str, en: str) -> GraphQLError:
    """A query that asks for too much."""
    return problem("too-costly", zh, en)


def depth_problem(node: DocumentNode) -> GraphQLError | None:
    """The error for a document that nests too deeply, fragments spread where they are named."""
    fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
    depths: dict[str, int] = {}

    def depth(selections: SelectionSetNode | None, open_: frozenset[str]) -> int:
        deepest = 0
        for each in selections.selections if selections else ():
            if isinstance(each, FieldNode):
                deepest = max(deepest, 1 + depth(each.selection_set, open_))
            elif isinstance(each, InlineFragmentNode):
                deepest = max(deepest, depth(each.selection_set, open_))
            elif isinstance(each, FragmentSpreadNode):
                name = each.name.value
                if name in fragments and name not in open_:  # a ring is for the validator to report
                    if name not in depths:
                        depths[name] = depth(fragments[name].selection_set, open_ | {name})
                    deepest = max(deepest, depths[name])
        return deepest

    try:
        for each in node.definitions:
            if isinstance(each, (OperationDefinitionNode, FragmentDefinitionNode)):
                deepest = depth(each.selection_set, frozenset())
                if deepest > DEPTH:
                    zh, en = f"嵌套 {deepest} 层，超过 {DEPTH} 层。", f"It nests {deepest} deep; {DEPTH} is the most."
                    return costly(zh, en)
    finally:
        fragments.clear()  # `depth` is in a ring with itself: they would stay with it until the collector comes
    return None


class _TooMany(Exception):
    """Counting has gone beyond the bound."""


def cost_problem(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    most: int = OBJECTS,
) -> GraphQLError | None:
    """The error for an operation whose answer could hold more than `most` objects, or that records too often."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    sizes = _defaults(operation) | dict(variables)
    visited = 0

    def objects(parent: Any, selections: SelectionSetNode | None, times: int) -> int:
        nonlocal visited
        total = 0
        for each in selections.selections if selections else ():
            visited += 1
            if visited > TOKENS:
                raise _TooMany
            if isinstance(each, FragmentSpreadNode):
                total += objects(parent, fragments[each.name.value].selection_set, times)
            elif isinstance(each, InlineFragmentNode):
                total += objects(parent, each.selection_set, times)
            elif isinstance(each, FieldNode):
                field, weight = _field(schema, parent, each.name.value)
                if field is not None and each.selection_set is not None:
                    here = times * weight * _many(schema, parent, field, each, sizes)
                    counted = 0 if _is_page(field.type) or each.name.value == "ofType" else here  # mostly null
                    total += counted + objects(get_named_type(field.type), each.selection_set, here)
            if total > most:
                raise _TooMany
        return total

    def selected(selections: SelectionSetNode, room: int) -> int:
        """Count the fields of one level, those of its fragments included, until there are more than `room`."""
        total = 0
        for each in selections.selections:
            if total > room:
                break
            if isinstance(each, FieldNode):
                total += 1
            elif isinstance(each, InlineFragmentNode):
                total += selected(each.selection_set, room - total)
            elif isinstance(each, FragmentSpreadNode):
                total += selected(fragments[each.name.value].selection_set, room - total)
        return total

    root = schema.get_root_type(operation.operation)
    try:
        if operation.operation is OperationType.MUTATION and selected(operation.selection_set, MUTATIONS) > MUTATIONS:
            return costly(
                f"一次请求最多 {MUTATIONS} 个修改；多项决定请用 record。",
                f"At most {MUTATIONS} mutations in one request; for more decisions use record.",
            )
        objects(root, operation.selection_set, 1)
    except _TooMany:
        zh, en = ("", "") if most == OBJECTS else (f"（登录后为 {OBJECTS} 个）", f" ({OBJECTS} once logged in)")
        return costly(
            f"这一查询可能返回超过 {most} 个对象{zh}。", f"The answer could hold more than {most} objects{en}."
        )
    finally:
        fragments.clear()  # as above
        sizes.clear()
    return None


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """The variables that an operation gives a whole number of its own: a page's size, where the request names none."""
    return {
        each.variable.name.value: int(each.default_value.value)
        for each in operation.variable_definitions or ()
        if isinstance(each.default_value, IntValueNode)
    }


def _is_page(of: Any) -> bool:
    return str(of).strip("[]!").endswith(("Connection", "Edge"))


def _field(schema: GraphQLSchema, parent: Any, name: str) -> tuple[Any, int]:
    """A field of a type, None where it has none of that name, and how many objects each of its objects counts for."""
    if parent is schema.query_type and name in _OF_THE_SCHEMA:
        return _OF_THE_SCHEMA[name]
    return (parent.fields.get(name) if isinstance(parent, GraphQLObjectType) else None), 1


def _many(schema: GraphQLSchema, parent: Any, field: Any, node: FieldNode, variables: Mapping[str, Any]) -> int:
    """How many objects stand behind a field, for each of its parents."""
    if parent.name.startswith("__"):
        return {"types": len(schema.type_map), "fields": _MEMBERS}.get(node.name.value, 1)
    if "first" in field.args:
        given: Any = None
        for argument in node.arguments or ():
            if argument.name.value == "first":
                value = argument.value
                if isinstance(value, VariableNode):
                    given = variables.get(value.name.value)
                elif isinstance(value, IntValueNode):
                    given = int(value.value)
        return min(given, MOST) if isinstance(given, int) and given >= 0 else SUPPOSED
    listed = "[" in str(field.type) and node.name.value not in ("edges", "nodes")
    return SUPPOSED if listed else 1
