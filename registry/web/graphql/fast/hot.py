"""Answers to hot documents, by statements that are compiled once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
from cachetools import LRUCache, cached

from registry.web.graphql import limits
from registry.web.graphql.fast.compiled import NotPlain, Plan, compiled
from registry.web.graphql.schema import CORE

_PLANS: Final[LRUCache[Any, Plan | None]] = LRUCache(limits.DOCUMENTS)


@cached(_PLANS)
def plan(query: str, operation_name: str | None) -> Plan | None:
    """The statement of a document's operation; None where it is not hot."""
    document = limits.read(CORE, query)
    operation = document.operation(operation_name)
    return None if document.errors or operation is None else compiled(operation)


async def answer(pool: Any, query: str, operation_name: str | None, variables: Mapping[str, Any]) -> bytes | None:
    """The answer's JSON; None where the executor must answer, which also finds the words for what is wrong."""
    statement = plan(query, operation_name)
    if statement is None:
        return None
    try:
        text = await pool.fetchval(statement.sql, *statement.bind(variables))
    except (NotPlain, asyncpg.DataError):
        return None
    return None if text is None else text.encode()
