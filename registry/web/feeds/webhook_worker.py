"""The background task that delivers webhooks: in one process at a time, each endpoint at its own pace, in order."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

import httpx
import psycopg

from registry import database
from registry.access.roles import Role
from registry.access.territory import Territories
from registry.access.viewer import Grant, Viewer
from registry.exchange.webhooks import endpoints
from registry.exchange.webhooks.endpoints import Endpoint
from registry.exchange.webhooks.sending import Message, new_client, send
from registry.queries.findings.finding_events import EventPage, WantedEvents, as_object
from registry.queries.history import decisions as history
from registry.queries.history.decisions import Wanted
from registry.queries.history.following import Page
from registry.relations.two_times import newest
from registry.web.feeds.feed import Feed
from registry.web.feeds.kept_task import KeptTask
from registry.web.feeds.repeated_warnings import RepeatedWarnings
from registry.web.graphql.scalars import write_time

LOOK: Final = 1.0  # seconds between two looks at which endpoints there are
RETRY: Final = 5.0  # seconds until another attempt where another process delivers, or the database is away
log = logging.getLogger("registry.web")


class WebhookWorker(KeptTask):
    """One task of the server process. Of several processes one delivers: the one that holds an advisory lock."""

    def __init__(
        self,
        url: str | None,
        decisions: Feed[Any, Any],
        findings: Feed[Any, Any],
        primary: Callable[[], Awaitable[Any]],
        territories: Territories,
    ) -> None:
        super().__init__()
        self._url = url
        self._decisions, self._findings = decisions, findings
        self._primary, self._territories = primary, territories
        self._warnings = RepeatedWarnings("webhooks")

    async def _keep(self) -> None:
        while True:
            try:
                await self._deliver()
            except (database.NoDatabase, psycopg.Error) as problem:
                self._warnings.note(problem)
            await asyncio.sleep(RETRY)

    async def _deliver(self) -> None:
        """Deliver to all endpoints as long as the lock's connection holds; come back where another process has it."""
        connection = await asyncio.to_thread(database.connect, self._url)
        tasks: dict[tuple[int, int], asyncio.Task[None]] = {}
        try:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (endpoints.LOCK,)).fetchone()
            self._warnings.over()
            if row is None or not row[0]:
                return
            while True:
                wanted = {
                    (endpoint.id, endpoint.generation): endpoint
                    for endpoint in await asyncio.to_thread(endpoints.every, connection)
                    if endpoint.stopped_at is None
                }
                for key in tasks.keys() - wanted.keys():
                    tasks.pop(key).cancel()
                for key, endpoint in wanted.items():
                    task = tasks.get(key)
                    if task is None or task.done():
                        if task is not None and not task.cancelled() and (problem := task.exception()):
                            log.warning("webhook %d: %s", endpoint.id, problem)
                        tasks[key] = asyncio.create_task(self._follow(connection, endpoint))
                await asyncio.sleep(LOOK)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
            connection.close()

    async def _follow(self, connection: psycopg.Connection, endpoint: Endpoint) -> None:
        """Deliver to one endpoint, message after message, until it is removed, moved or gone."""
        if endpoint.next_at is not None:
            await asyncio.sleep(max(0.0, (endpoint.next_at - datetime.now(UTC)).total_seconds()))
        feed, wanted, messages = self._source(endpoint)
        async with new_client() as client:
            async for page in feed.follow_until_end(endpoint.position, wanted):
                for message in messages(await self._own(endpoint, page)):
                    taken = await self._sent(client, connection, endpoint, message)
                    if taken is None:
                        return
                    endpoint = taken
                if endpoint.position < page.position:  # nothing of concern lies between
                    position = page.position
                    if not await asyncio.to_thread(endpoints.delivered, connection, endpoint, position, message=False):
                        return
                    endpoint = dataclasses.replace(endpoint, position=position)

    def _source(self, endpoint: Endpoint) -> tuple[Feed[Any, Any], Any, Callable[[Any], Iterable[Message]]]:
        """What an endpoint follows, what of it is wanted, and how a page of it becomes messages."""
        if endpoint.feed == "findings":
            return self._findings, WantedEvents(within=endpoint.within), finding_messages
        return self._decisions, Wanted(), decision_messages

    async def _own(self, endpoint: Endpoint, page: Any) -> Any:
        """Of a page of decisions those that an auditor of the endpoint's territory, as it is now, sees.

        What concerns no unit is among them. A page of findings is narrowed where it is read.
        """
        if endpoint.within is None or not isinstance(page, Page):
            return page
        pool = await self._primary()
        auditor = Viewer(grants=(Grant(Role.AUDITOR, endpoint.within),))
        territory = await self._territories.of(auditor, pool, await newest(pool))
        seen = await history.seen(pool, [each.position for each in page.decisions], territory.listed or ())
        return dataclasses.replace(page, decisions=[each for each in page.decisions if each.position in seen])

    async def _sent(
        self, client: httpx.AsyncClient, connection: psycopg.Connection, endpoint: Endpoint, message: Message
    ) -> Endpoint | None:
        """Send a message until it is taken; the endpoint as it is then, None where it is to be followed no more."""
        while True:
            problem = await send(client, endpoint, message)
            if problem is None:
                kept = await asyncio.to_thread(
                    endpoints.delivered, connection, endpoint, message.position, message=True
                )
                return dataclasses.replace(endpoint, position=message.position, attempts=0) if kept else None
            log.warning("webhook %d: not taken: %s", endpoint.id, problem.problem)
            await asyncio.to_thread(
                endpoints.failed, connection, endpoint, problem.problem, problem.wait, gone=problem.gone
            )
            if problem.gone:
                return None
            endpoint = dataclasses.replace(endpoint, attempts=endpoint.attempts + 1)
            await asyncio.sleep(problem.wait)


def decision_messages(page: Page) -> Iterable[Message]:
    """A page of the feed of decisions as messages, their data as in the feed itself."""
    for decision in page.decisions:
        data = {
            "position": decision.position,
            "type": decision.type,
            "at": decision.data["at"],
            "recordedAt": write_time(decision.recorded_at),
            "recordedBy": decision.recorded_by,
            "data": decision.data,
        }
        yield Message(decision.position, "decision.recorded", decision.recorded_at, data)


def finding_messages(page: EventPage) -> Iterable[Message]:
    """A page of the feed of findings as messages, their data as in the feed itself; dated when they are sent."""
    for event in page.events:
        yield Message(event.number, f"finding.{event.change}", datetime.now(UTC), as_object(event))
