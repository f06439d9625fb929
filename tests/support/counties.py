"""Both counties behind the API, asked by accounts that have one role each, with tokens of theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
import psycopg

from registry.access import accounts, sessions, tokens
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from tests.support import questions
from tests.support.api_client import Api
from tests.support.two_counties import TOWNS, mark

BY = By("test", "command")


class Who(NamedTuple):
    """An account by its role and the unit of that; None: for the whole registry."""

    role: Role
    unit: str | None = "A-town"

    @property
    def account(self) -> str:
        """Its name."""
        return f"{self.role}-{self.unit or 'all'}".lower()


@dataclass
class Counties:
    """The API over both counties. `positions`: of what each town handed on to its village."""

    url: str
    api: Api
    connection: psycopg.Connection
    positions: dict[str, int]
    _headers: dict[Who, dict[str, str]] = field(default_factory=dict[Who, dict[str, str]])

    def headers(self, who: Who) -> Mapping[str, str]:
        """What says that a request is of an account; of nobody's nothing does."""
        if who.role is Role.ANYBODY:
            return {}
        if who not in self._headers:
            grant = Grant(who.role, who.unit)
            accounts.add(self.connection, who.account, None, [grant], BY)
            _, token = tokens.make(self.connection, who.account, "test", grant, today(), BY)
            self.connection.commit()
            self._headers[who] = {"authorization": f"Bearer {token}"}
        return self._headers[who]

    def cookie(self, who: Who) -> Mapping[str, str]:
        """What says that a page is read by an account that has logged in."""
        if who.role is Role.ANYBODY:
            return {}
        self.headers(who)  # the account is there
        cookie = sessions.begin(self.connection, who.account, "password")
        self.connection.commit()
        return {"cookie": f"quanze_session={cookie}"}

    def send(self, who: Who, method: str, path: str, **request: Any) -> httpx.Response:
        """An answer to somebody."""
        headers = {**self.headers(who), **request.pop("headers", {})}
        return self.api.send(method, path, headers=headers, **request)

    def query(self, who: Who, query: str, **variables: Any) -> Any:
        """The answer to a GraphQL document."""
        response = self.send(who, "POST", "/graphql", json={"query": query, "variables": variables})
        assert response.status_code == 200, response.text
        return response.json()

    def ask(self, role: Role, question: str, unit: str = "A-town", town: str = "A-town", of: str = "A-town") -> str:
        """What a role for a unit (`of`) is answered to one of the questions, as text."""
        query = questions.filled(question, unit, town, mark(town), self.positions[town])
        response = self.send(Who(role, of), "POST", "/graphql", json={"query": query})
        assert response.status_code == 200, response.text
        return response.text

    def last(self) -> tuple[int, str | None]:
        """The last position of the log, and who recorded it."""
        newest = "SELECT position, recorded_by FROM log.decision ORDER BY 1 DESC LIMIT 1"
        row = self.connection.execute(newest).fetchone()
        self.connection.rollback()
        assert row is not None
        return row


def mentioned(text: str) -> set[str]:
    """The towns of which an answer tells something that is not published."""
    return {town for town in TOWNS if mark(town) in text}


def refused(text: str) -> bool:
    """Whether an answer says that it takes a role, or to log in."""
    return '"forbidden"' in text or '"not-logged-in"' in text
