"""Documents parsed and validated so that nothing of it is left in rings for the garbage collector.

The library chains the tokens of a document both ways, and each rule of its validator holds itself and the document: a
long document leaves a hundred thousand objects, which only a full pass of the collector frees, and meanwhile nobody is
answered. Here the chains are cut once they were read. The plain form is graphql's own `parse` and `validate`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, cast

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, validate
from graphql.language.parser import Parser


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
    used: list[Any] = []

    def noted(rule: type[ASTValidationRule]) -> Callable[[Any], Any]:
        def begun(context: Any) -> Any:
            used.append(rule(context))
            return used[-1]

        return begun

    try:
        noting = cast(Any, [noted(rule) for rule in rules])
        return validate(schema, node, noting, max_errors=max_errors)
    finally:
        for each in used:
            for holder in (each.context, each):
                holder.__dict__.clear()
