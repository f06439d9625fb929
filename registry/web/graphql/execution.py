"""How an operation is executed, over HTTP and WebSocket: within its limits and its time, each error with a code."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final, cast

import strawberry
from graphql import FieldNode, GraphQLError, GraphQLSchema, OperationType
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult, PreExecutionError

from registry.access.viewer import OPEN, Viewer
from registry.web.failures import known_failure
from registry.web.graphql import limits
from registry.web.graphql.context import RequestContext, Spent
from registry.web.graphql.fast import resolving
from registry.web.graphql.fast.without_rings import let_go
from registry.web.problems import presentable, problem
from registry.web.resources import ServerResources

SECONDS: Final = 60  # that an operation may take; a recording waits up to half of it for the lock
log = logging.getLogger("registry.web")


class Schema(strawberry.Schema):
    """Strawberry's schema; its context value is `Asking`, or the `ServerResources` alone where all is open.

    `running`: how many questions and mutations are being answered now.
    """

    running = 0

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core has it: what documents are validated against."""
        return self._schema

    async def execute(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        **more: Any,
    ) -> ExecutionResult:
        """Execute a question or a mutation. Raises nothing: what goes wrong is in the result's `errors`."""
        await limits.read_beside(self.core, query or "")
        viewer = _asking(context_value).viewer
        problems = limits.problems(self.core, query or "", variable_values or {}, operation_name, viewer)
        if not problems and self._follows(query or "", operation_name):
            problems = [
                problem(
                    "bad-request",
                    "订阅请用 WebSocket（graphql-transport-ws），或 GET /v1/decisions、/v1/findings。",
                    "A subscription goes over WebSocket (graphql-transport-ws); or GET /v1/decisions, /v1/findings.",
                )
            ]
        if problems:
            return PreExecutionError(data=None, errors=problems)
        self.running += 1
        try:
            async with asyncio.timeout(SECONDS):
                asking = _asking(context_value)
                resources = asking.resources
                pool = resources.pool if self._asks(query or "", operation_name) else resources.primary
                reader = await pool()
                spent: Spent = defaultdict(float)
                with RequestContext(resources, reader, asking.viewer, spent) as context:
                    data = await self._compiled(query or "", operation_name, variable_values or {}, context)
                if data is not None:
                    return ExecutionResult(data=data, errors=None)
                with RequestContext(resources, reader, asking.viewer, spent) as context:
                    result = await super().execute(query, variable_values, context, root_value, operation_name, **more)
        except Exception as error:
            return _failed(error)
        finally:
            self.running -= 1
        return _finished(result)

    async def _compiled(
        self, query: str, operation_name: str | None, variables: Mapping[str, Any], context: RequestContext
    ) -> dict[str, Any] | None:
        """The data of a question that is compiled; None where the executor must answer it, all of it anew."""
        compiled = resolving.compiled(self.core, self.schema_converter, query, operation_name)
        if compiled is None or not compiled.promising:
            return None
        try:
            data = await compiled.data(variables, context)
        except Exception:  # which one, the executor will say
            compiled.failures += 1
            return None
        compiled.answers += 1
        return data

    async def stream(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        **more: Any,
    ) -> AsyncGenerator[ExecutionResult, None]:
        """The results of an operation: of a subscription one for each event, else one."""
        await limits.read_beside(self.core, query or "")
        viewer = _asking(context_value).viewer
        problems = limits.problems(self.core, query or "", variable_values or {}, operation_name, viewer)
        if problems or not self._follows(query or "", operation_name):
            return self._once(query, variable_values, context_value, root_value, operation_name, **more)
        return self._events(query, variable_values, context_value, root_value, operation_name, **more)

    def _follows(self, query: str, operation_name: str | None) -> bool:
        operation = limits.read(self.core, query).operation(operation_name)
        return operation is not None and operation.operation is OperationType.SUBSCRIPTION

    def _asks(self, query: str, operation_name: str | None) -> bool:
        """Whether it is a question, which a replica can answer; what a mutation answers only the primary knows."""
        operation = limits.read(self.core, query).operation(operation_name)
        return operation is not None and operation.operation is OperationType.QUERY

    async def _once(self, *given: Any, **more: Any) -> AsyncGenerator[ExecutionResult, None]:
        yield await self.execute(*given, **more)

    async def _events(
        self, query: str | None, variables: Any, resources: Any, root_value: Any, name: str | None, **more: Any
    ) -> AsyncGenerator[ExecutionResult, None]:
        try:
            asking = _asking(resources)
            context = RequestContext(asking.resources, await asking.resources.primary(), asking.viewer)
            results: Any = await super().stream(query, variables, context, root_value, name, **more)
            async with aclosing(results):
                async for result in results:
                    yield _finished(result)
        except Exception as error:
            yield _failed(error)

    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here: most errors are the client's, and those of the program are logged as they are named."""


class Prepared(SchemaExtension):
    """Gives strawberry the document that was read before, instead of parsing and validating it again."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.graphql_document = limits.read(cast(Schema, context.schema).core, context.query or "").node
        yield

    def on_validate(self) -> Iterator[None]:
        self.execution_context.pre_execution_errors = []
        yield


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and with what it is answered."""

    resources: ServerResources
    viewer: Viewer


def _asking(given: ServerResources | Asking) -> Asking:
    return given if isinstance(given, Asking) else Asking(given, OPEN)


def _failed(error: Exception) -> PreExecutionError:
    """The result where nothing could be executed."""
    known = known_failure(error)
    if (known.extensions or {})["code"] == "internal":
        log.error("operation failed", exc_info=error)
    let_go(error)
    return PreExecutionError(data=None, errors=[known])


def _finished(result: ExecutionResult) -> ExecutionResult:
    """A result as clients may see it; one without data, none of whose fields was reached, as an error before it."""
    if not result.errors:
        return result
    errors = [presentable(_named(error)) for error in result.errors]
    for error in result.errors:
        let_go(error)
    if result.data is None and not any(error.path for error in errors):
        return PreExecutionError(data=None, errors=errors)
    result.errors = errors
    return result


def _named(error: GraphQLError) -> GraphQLError:
    """An error of the database or of time under its code; others as they are, and in the server's log."""
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        return error
    known = known_failure(original)
    if known.extensions and known.extensions["code"] == "internal":
        field = error.nodes[0] if error.nodes else None
        log.error("resolver of %s failed", field.name.value if isinstance(field, FieldNode) else "?", exc_info=original)
    return GraphQLError(known.message, error.nodes, path=error.path, extensions=known.extensions)
