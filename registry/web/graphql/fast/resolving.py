"""Questions compiled once to calls of their fields' resolvers.

For each object the executor of graphql-core finds out anew which fields it has, with what each is called and how its
type is written. Here that is worked out once for a document; what remains is to call the schema's own resolvers, with
all that guards them, and to write down what comes of it, in the same order. What waits, waits together. Where anything
goes wrong (a resolver raises, null where none may be) there is no answer: the executor is asked from the beginning, and
finds the words. Introspection, directives and fields that are named twice are the executor's as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import iscoroutine
from typing import Any, Final, cast

from cachetools import LRUCache, cached
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
)
from graphql.execution.values import get_argument_values, get_variable_values
from graphql.pyutils import Path
from strawberry.schema.schema_converter import get_arguments

from registry.web.graphql import limits, turns

LONGEST: Final = 8_000  # letters of a document that is compiled
_PLAIN: Final = {"String": str, "ID": str, "Int": int, "Boolean": bool}
_SMALL: Final = 2**31


class NotCompiled(Exception):
    """The document, or this answer, is for the executor."""


Complete = Callable[["Run", Any], Any]


@dataclass(slots=True)
class Field:
    """A field of a selection: what it is called in the answer, where its value is, and how that is written."""

    key: str
    name: str
    attribute: str | None  # of the source, where that is all there is to it
    definition: Any
    node: FieldNode
    parent: Any
    number: int
    complete: Complete
    resolver: Any = None  # strawberry's field, where nothing but its resolver makes the value
    guarded: bool = False  # for viewers that do not see everything


@dataclass(slots=True)
class Compiled:
    """A document's operation, compiled. `failures` and `answers`: how often it was asked in vain, and answered."""

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    schema: GraphQLSchema
    converter: Any  # strawberry's, of the schema
    fields: list[Field] = field(default_factory=list[Field])
    selection: tuple[Field, ...] = ()
    failures: int = 0
    answers: int = 0

    @property
    def promising(self) -> bool:
        """Whether it is worth trying; what is asked mostly in error the executor alone answers faster."""
        return self.failures <= self.answers + 1

    async def data(self, variables: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """The answer's data. Raises NotCompiled, or whatever a resolver raises: then it is for the executor."""
        values = get_variable_values(
            self.schema, self.operation.variable_definitions or (), dict(variables), max_errors=1
        )
        if isinstance(values, list):
            raise NotCompiled
        run = Run(self, values, context)
        result = _object(run, self.selection, None)
        await run.drain()
        return result


class Run:
    """One answer on its way, or a piece of it: what its fields are called with, and what is still waited for."""

    __slots__ = ("calls", "compiled", "context", "counted", "pending", "values")

    def __init__(self, compiled: Compiled, values: Any, context: Any) -> None:
        self.compiled, self.values, self.context = compiled, values, context
        self.calls: list[Any] = [None] * len(compiled.fields)
        self.counted = [0]  # objects in lists, of the whole answer
        self.pending: list[tuple[Awaitable[Any], Complete | None, Any, Any]] = []

    def piece(self) -> Run:
        """The same answer with a waiting list of its own."""
        part = Run.__new__(Run)
        part.compiled, part.values, part.context = self.compiled, self.values, self.context
        part.calls, part.counted, part.pending = self.calls, self.counted, []
        return part

    async def drain(self) -> None:
        """Wait for all that is waited for, and for what comes of that. What is left when one fails is cancelled."""
        try:
            while self.pending:
                waiting, self.pending = self.pending, []
                values = await _together([each for each, *_ in waiting])
                for (_, complete, holder, key), value in zip(waiting, values, strict=True):
                    if complete is not None:
                        holder[key] = complete(self, value)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Begin none of what was still to be waited for."""
        for each, *_ in self.pending:
            if iscoroutine(each):
                each.close()
        self.pending = []

    def call(self, of: Field, source: Any) -> Any:
        """What the resolver of a field gives."""
        made = self.calls[of.number]
        if made is None:
            made = self.calls[of.number] = self._call(of)
        resolve, first, arguments = made
        return resolve(source, *first, **arguments)

    def _call(self, of: Field) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]:
        """How the resolver of a field is called for each object of this answer: what it gets after the object."""
        info, given = self._info(of), get_argument_values(of.definition, of.node, self.values)
        if of.resolver is None or (of.guarded and not self.context.viewer.open):
            return of.definition.resolve, (info,), given
        # What strawberry does for each object, once.
        converter = self.compiled.converter
        mine = converter.config.info_class(_raw_info=info, _field=of.resolver)
        _, arguments = get_arguments(
            field=of.resolver,
            source=None,
            info=mine,
            kwargs=given,
            config=converter.config,
            scalar_registry=converter.scalar_registry,
        )
        return of.resolver.base_resolver.wrapped_func, (), arguments

    def _info(self, of: Field) -> Any:
        compiled = self.compiled
        path = Path(None, of.key, of.parent.name)
        more = (compiled.schema, compiled.fragments, None, compiled.operation, self.values, self.context)
        info: Any = GraphQLResolveInfo
        return info(of.name, [of.node], of.definition.type, of.parent, path, *more, _is_awaitable, None, None)


def _is_awaitable(value: Any) -> bool:
    return hasattr(value, "__await__")


async def _together(awaited: list[Awaitable[Any]]) -> Sequence[Any]:
    if len(awaited) == 1:
        return [await awaited[0]]
    tasks = [asyncio.ensure_future(each) for each in awaited]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


def _object(run: Run, selection: Sequence[Field], source: Any) -> dict[str, Any]:
    result: dict[str, Any] = {}
    try:
        for each in selection:
            if each.attribute is not None:
                result[each.key] = each.complete(run, getattr(source, each.attribute))
                continue
            value = run.call(each, source)
            if _is_awaitable(value):
                result[each.key] = None
                run.pending.append((value, each.complete, result, each.key))
            else:
                result[each.key] = each.complete(run, value)
    except BaseException:
        run.leave()
        raise
    return result


async def _in_pieces(run: Run, rows: Sequence[Any], results: list[Any], complete: Complete, weight: int) -> None:
    """Complete a long list a piece at a time, by turns, as the executor does."""
    size = max(1, turns.ROUND // weight)
    for start in range(0, len(rows), size):
        end = min(start + size, len(rows))
        await turns.TURNS.wait((end - start) * weight)
        part = run.piece()
        for index in range(start, end):
            results[index] = complete(part, rows[index])
        await part.drain()


class _Compiling:
    """Compiles one document."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled

    def selection(self, parent: GraphQLObjectType, selections: SelectionSetNode) -> tuple[tuple[Field, ...], int]:
        """The fields of a selection, and how much they weigh: theirs and those of objects in them, not of lists."""
        fields: dict[str, Field] = {}
        weight = 0
        for node in self._flat(parent, selections):
            key = node.alias.value if node.alias else node.name.value
            if key in fields:
                raise NotCompiled
            fields[key], heavy = self._field(parent, key, node)
            weight += 1 + heavy
        return tuple(fields.values()), weight

    def _flat(self, parent: GraphQLObjectType, selections: SelectionSetNode) -> list[FieldNode]:
        nodes: list[FieldNode] = []
        for each in selections.selections:
            if each.directives:
                raise NotCompiled
            if isinstance(each, FieldNode):
                nodes.append(each)
                continue
            within: Any = each
            if isinstance(each, FragmentSpreadNode):
                within = self._compiled.fragments[each.name.value]
            if within.directives or (within.type_condition and within.type_condition.name.value != parent.name):
                raise NotCompiled
            nodes += self._flat(parent, within.selection_set)
        return nodes

    def _field(self, parent: GraphQLObjectType, key: str, node: FieldNode) -> tuple[Field, int]:
        name = node.name.value
        if name == "__typename":
            typename = parent.name
            return Field(key, name, "__class__", None, node, parent, 0, lambda _, __: typename), 0
        definition: GraphQLField | None = parent.fields.get(name)
        if definition is None or definition.resolve is None:
            raise NotCompiled
        complete, weight = self._type(cast(Any, definition).type, node)
        number = len(self._compiled.fields)
        guarded = not hasattr(definition.resolve, "_is_default")
        attribute, resolver = None if guarded else _attribute(definition), _resolver(definition)
        made = Field(key, name, attribute, definition, node, parent, number, complete, resolver, guarded)
        self._compiled.fields.append(made)
        return made, weight

    def _type(self, of: Any, node: FieldNode) -> tuple[Complete, int]:
        """How a value of a type is written, and how much it weighs."""
        if isinstance(of, GraphQLNonNull):
            inner, weight = self._type(cast(Any, of).of_type, node)
            return _needed(inner), weight
        if isinstance(of, GraphQLList):
            item: Any = cast(Any, of).of_type
            inner, weight = self._type(item, node)
            if is_leaf_type(get_named_type(item)):
                return _leaves(inner), 0
            return _list(inner, weight + 1), 0
        if is_leaf_type(of):
            return _leaf(of), 0
        if not isinstance(of, GraphQLObjectType) or node.selection_set is None:
            raise NotCompiled
        selection, weight = self.selection(of, node.selection_set)
        return (lambda run, value: None if value is None else _object(run, selection, value)), weight


def _attribute(definition: GraphQLField) -> str | None:
    """The attribute that a field without a resolver of its own is read from."""
    known: Any = (definition.extensions or {}).get("strawberry-definition")
    return known.python_name if known is not None and known.is_basic_field else None


def _resolver(definition: GraphQLField) -> Any:
    """Strawberry's field where its resolver is a method, and nothing comes before or after it."""
    known: Any = (definition.extensions or {}).get("strawberry-definition")
    resolver = known and known.base_resolver
    if not resolver or known.extensions or not resolver.self_parameter:
        return None
    return None if resolver.parent_parameter or resolver.root_parameter else known


def _needed(inner: Complete) -> Complete:
    def complete(run: Run, value: Any) -> Any:
        result = inner(run, value)
        if result is None:
            raise NotCompiled
        return result

    return complete


def _counted(run: Run, value: Any) -> Sequence[Any]:
    """A list's rows, counted into all that the question makes. Raises NotCompiled beyond limits.OBJECTS."""
    if not isinstance(value, (list, tuple)):
        raise NotCompiled
    rows = cast("Sequence[Any]", value)
    run.counted[0] += len(rows)
    if run.counted[0] > limits.OBJECTS:
        raise NotCompiled
    return rows


def _list(inner: Complete, weight: int) -> Complete:
    def complete(run: Run, value: Any) -> Any:
        if value is None:
            return None
        rows = _counted(run, value)
        if len(rows) * weight <= turns.ROUND and turns.TURNS.take(len(rows) * weight):
            return [inner(run, row) for row in rows]
        results: list[Any] = [None] * len(rows)
        run.pending.append((_in_pieces(run, rows, results, inner, weight), None, None, None))
        return results

    return complete


def _leaves(inner: Complete) -> Complete:
    def complete(run: Run, value: Any) -> Any:
        if value is None:
            return None
        rows = _counted(run, value)
        return [inner(run, row) for row in rows]

    return complete


def _leaf(of: Any) -> Complete:
    """How a scalar or a word is written: texts and whole numbers are as they are, the rest as its type has it."""
    plain, coerce = _PLAIN.get(of.name), of.coerce_output_value

    def complete(_: Run, value: Any) -> Any:
        if value is None:
            return None
        if type(value) is plain and (plain is not int or -_SMALL <= value < _SMALL):
            return value
        result = coerce(value)
        if result is None:
            raise NotCompiled
        return result

    return complete


def compiled(schema: GraphQLSchema, converter: Any, query: str, operation_name: str | None) -> Compiled | None:
    """A valid document's question, compiled; None where it is for the executor. Those asked last are kept.

    What it may cost was looked at before (`limits.problems`): fragments are laid out here wherever they are spread.
    """
    if len(query) + len(operation_name or "") > LONGEST:
        return None
    return _compiled(schema, converter, query, operation_name)


def _size(made: Compiled | None) -> int:
    """How much of what is kept one document takes: for each field about what its document takes for 20 letters."""
    return 500 + (0 if made is None else 20 * len(made.fields))


_COMPILED: Final[LRUCache[Any, Compiled | None]] = LRUCache(limits.LETTERS, getsizeof=_size)


@cached(_COMPILED)
def _compiled(schema: GraphQLSchema, converter: Any, query: str, operation_name: str | None) -> Compiled | None:
    document = limits.read(schema, query)
    operation = document.operation(operation_name)
    if document.node is None or document.errors or operation is None or schema.query_type is None:
        return None
    if operation.operation is not OperationType.QUERY or operation.directives:
        return None
    definitions = document.node.definitions
    fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
    made = Compiled(operation, fragments, schema, converter)
    try:
        made.selection, _ = _Compiling(made).selection(schema.query_type, operation.selection_set)
    except NotCompiled:
        return None
    return made
