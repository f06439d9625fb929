"""What a request can fail of: its code, and the HTTP status that goes with it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

import asyncpg
import psycopg
from graphql import GraphQLError

from registry.access.territory import NotOwn
from registry.checker.names.thesaurus import BadThesaurus
from registry.database import NoDatabase
from registry.queries.certificates import BadWords
from registry.queries.history import changes
from registry.queries.units.resolve import UnknownName
from registry.web.problems import problem

log = logging.getLogger("registry.web")
STATUS: Final = {
    "bad-json": 400,
    "bad-request": 400,
    "bad-value": 400,
    "weak-password": 400,
    "login-expired": 400,
    "not-logged-in": 401,
    "forbidden": 403,
    "login-failed": 403,
    "account-disabled": 403,
    "provider-refused": 403,
    "metrics-closed": 403,
    "not-found": 404,
    "unknown-unit": 404,
    "unknown-matter": 404,
    "unknown-list": 404,
    "unknown-instrument": 404,
    "unknown-ref": 404,
    "unknown-position": 404,
    "unknown-account": 404,
    "method-not-allowed": 405,
    "account-exists": 409,
    "last-administrator": 409,
    "too-large": 413,
    "unsupported-media-type": 415,
    "bad-key": 503,
    "bad-witnesses": 503,
    "unknown-host": 421,
    "too-many-attempts": 429,
    "too-much-work": 429,
    "too-many-connections": 429,
    "too-many-requests": 429,
    "provider-unavailable": 503,
    "bad-thesaurus": 503,
    "bad-certificate-words": 503,
    "timeout": 503,
    "overloaded": 503,
    "database-unavailable": 503,
    "database-not-ready": 503,
}


class Refused(Exception):
    """A request that cannot be answered: a code with its sentence in zh and en, and headers of the answer."""

    def __init__(self, code: str, zh: str, en: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(en)
        self.code, self.zh, self.en, self.headers = code, zh, en, headers


def known_failure(error: BaseException) -> GraphQLError:
    """The error of the database, of time, or of the program, under its code."""
    if isinstance(error, NoDatabase):
        code = "database-unavailable" if error.code == "database-unavailable" else "database-not-ready"
        return problem(code, error.zh, error.en)
    if isinstance(error, UnknownName):
        return problem(error.code, error.text.zh, error.text.en, field=error.field)
    if isinstance(error, NotOwn):
        return problem(error.code, error.text.zh, error.text.en, unit=error.unit)
    if isinstance(error, changes.TooMany):
        return problem(error.code, error.text.zh, error.text.en)
    if isinstance(error, (BadThesaurus, BadWords)):
        return problem(error.code, error.zh, error.en)
    if _does_not_fit(error):
        return problem(
            "database-not-ready",
            "数据库的表与本程序不符，可能已由更新版本的程序升级。请升级本程序并重新启动。",
            "The tables of the database are not those of this program; a newer one may have changed them. Upgrade "
            "this program and start it again.",
        )
    if isinstance(error, (asyncpg.DataError, psycopg.DataError)):
        return problem("bad-value", "参数含有数据库不能存储的值。", "An argument has a value that cannot be stored.")
    if isinstance(error, (TimeoutError, asyncpg.QueryCanceledError, psycopg.errors.QueryCanceled)):
        return problem("timeout", "查询超时。", "The question took too long.")
    if isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
        return problem("database-unavailable", "数据库暂时不可用。", "The database is not available.")
    if isinstance(error, (OSError, psycopg.OperationalError)):
        return problem("database-unavailable", "数据库暂时不可用。", "The database is not available.")
    return problem("internal", "服务器内部错误。", "An error inside the server.")


def _does_not_fit(error: BaseException) -> bool:
    """Whether a statement names what the database has not (SQLSTATE class 42); then the server's log says so."""
    state: str = getattr(error, "sqlstate", None) or ""
    if not (isinstance(error, (asyncpg.PostgresError, psycopg.Error)) and state.startswith("42")):
        return False
    log.error("a statement does not fit the database's tables (%s, SQLSTATE %s)", type(error).__name__, state)
    return True
