"""Documents parsed and validated so that nothing of it is left in rings for the garbage collector.

The library chains the tokens of a document both ways, each rule of its validator holds itself and the document, and an
error holds the frames it came through, which hold the error: a long document leaves a hundred thousand objects, which
only a full pass of the collector frees, and meanwhile nobody is answered. Here the chains are cut once they were read.
The plain form is graphql's own `parse` and `validate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    ParallelVisitor,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    Visitor,
    visit,
)
from graphql.language.parser import Parser
from graphql.validation.validate import (
    FragmentNestingVisitor,
    ValidationAbortedError,
    query_document_keys_to_validate,
)
from graphql.validation.validation_context import VariableUsage, VariableUsageVisitor


class _Context(ValidationContext):
    """The library's, whose visitors of variables would each hold their fragment and themselves."""

    def __init__(
        self, schema: GraphQLSchema, node: DocumentNode, types: TypeInfo, noted: Callable[[GraphQLError], None]
    ) -> None:
        super().__init__(schema, node, types, noted)
        self._types = types
        self._usages: dict[int, list[VariableUsage]] = {}

    def get_variable_usages(self, node: OperationDefinitionNode | FragmentDefinitionNode) -> list[VariableUsage]:
        """Where variables are used within an operation or a fragment. Reckoned once."""
        if id(node) not in self._usages:
            inner = VariableUsageVisitor(self._types, node if isinstance(node, FragmentDefinitionNode) else None)
            outer = TypeInfoVisitor(self._types, inner)
            visit(node, outer)
            self._usages[id(node)] = inner.usages
            _emptied(inner, outer)
        return self._usages[id(node)]


def parsed(query: str, max_tokens: int) -> DocumentNode:
    """The document of a query text. Raises GraphQLError: it is none, or has more tokens."""
    parser = Parser(query, max_tokens=max_tokens)
    lexer: Any = parser._lexer  # pyright: ignore[reportPrivateUsage] - the last of the tokens, also where parsing fails
    try:
        return parser.parse_document()
    except RecursionError:
        raise GraphQLError("Syntax Error: it is nested too deeply.") from None
    finally:
        token = lexer.token.next or lexer.token  # it looks one ahead
        while token is not None:
            before = token.prev
            token.prev = token.next = None
            token = before


def validated(
    schema: GraphQLSchema, node: DocumentNode, rules: Collection[type[ASTValidationRule]], max_errors: int
) -> list[GraphQLError]:
    """What is wrong with a document by these rules, so many at most and a word that there are more."""
    errors: list[GraphQLError] = []

    def noted(error: GraphQLError) -> None:
        if len(errors) >= max_errors:
            raise ValidationAbortedError("Too many validation errors, error limit reached. Validation aborted.")
        errors.append(error)

    types = TypeInfo(schema)
    context = _Context(schema, node, types, noted)
    visitors: list[Visitor] = [rule(context) for rule in rules]
    fragments = {each.name.value: each for each in node.definitions if isinstance(each, FragmentDefinitionNode)}
    if fragments:
        visitors.insert(0, FragmentNestingVisitor(fragments))
    parallel = ParallelVisitor(visitors)
    outer = TypeInfoVisitor(types, parallel)
    try:
        visit(node, outer, query_document_keys_to_validate)
    except ValidationAbortedError as error:
        errors.append(error)
    except RecursionError:
        errors.append(ValidationAbortedError("Validation aborted."))
    finally:
        _emptied(*visitors, parallel, outer, context, types)
    for each in errors:
        let_go(each)
    return errors


def _emptied(*of: object) -> None:
    for each in of:
        each.__dict__.clear()


def let_go(error: BaseException) -> None:
    """Let go of where an error and all it came of were raised: with what was at hand there they form a ring."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            one.__traceback__ = None
            waiting += (getattr(one, "original_error", None), one.__cause__, one.__context__)
