"""GET /v1/decisions and /v1/findings: feeds as server-sent events, resumable by the position that is each event's id.

WHATWG HTML, section 9.2: a reader that reconnects says the last id in Last-Event-ID; an id without data moves that on
without an event, so that a filtered reader resumes where the log had been read to, not where it last matched something.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from registry.access.operations import Rule
from registry.queries.findings.finding_events import SEVERITY, EventPage, FindingEvent, WantedEvents, as_object
from registry.queries.findings.finding_events import resolve_wanted as resolve_findings
from registry.queries.history import decisions as history
from registry.queries.history.decisions import Decision, Wanted
from registry.queries.history.decisions import resolve_wanted as resolve_decisions
from registry.queries.history.following import Page
from registry.web import viewing
from registry.web.authorization import allows
from registry.web.failures import Refused
from registry.web.feeds.feed import Feed
from registry.web.graphql.scalars import write_time
from registry.web.heads import also_head
from registry.web.lasting import LastingConnections
from registry.web.resources import ServerResources

HEARTBEAT: Final = 15.0  # seconds: proxies and readers take silence for a lost connection
SLOW: Final = 60.0  # seconds that a reader may take for what it is sent, before it is let go to come back later
TOGETHER: Final = 1 << 16  # bytes after which events are sent off
WAIT: Final = 1000  # milliseconds after which a reader comes back
Only = Callable[[Any], Awaitable[Any]]  # of a page what the reader may see, the page's position kept
Encode = Callable[[Any], Iterable[tuple[int, ServerSentEvent]]]  # a page as positions, each with its event


class EventStream(EventSourceResponse):
    """Server-sent events to one reader, until it leaves, is too slow, or the server stops.

    Raises Refused (too-many-connections) where its account has too many connections that last.
    """

    def __init__(
        self,
        lasting: LastingConnections,
        feed: Feed[Any, Any],
        start: int,
        wanted: Any,
        encode: Encode,
        only: Only | None = None,
    ) -> None:
        self._lasting, self._position, self._only = lasting, start, only
        super().__init__(  # pyright: ignore[reportUnknownMemberType]
            self._chunks(feed, start, wanted, encode),
            headers={"Cache-Control": "no-store"},
            ping=HEARTBEAT,
            ping_message_factory=lambda: ServerSentEvent(comment=str(self._position), sep="\n"),
            send_timeout=SLOW,
            sep="\n",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with self._lasting.one_more(scope):
                await super().__call__(scope, receive, send)
        except (SendTimeoutError, OSError):  # too slow, or gone: it may come back and go on where it was
            return

    async def _chunks(
        self, feed: Feed[Any, Any], start: int, wanted: Any, encode: Encode
    ) -> AsyncGenerator[bytes, None]:
        yield b"retry: %d\nid: %d\n\n" % (WAIT, start)
        async for page in feed.follow_until_end(start, wanted):
            chunk = bytearray()
            last = 0
            shown = page if self._only is None else await self._only(page)
            for position, event in encode(shown):
                last = position
                chunk += event.encode()
                if len(chunk) > TOGETHER:
                    yield bytes(chunk)
                    chunk.clear()
            if last < page.position:
                chunk += ServerSentEvent(id=str(page.position), sep="\n").encode()
            if chunk:
                yield bytes(chunk)
            self._position = page.position


def read_severity(name: str | None) -> str | None:
    """The letter of a severity; None for none. Raises Refused: bad-value."""
    letters = {name: letter for letter, name in SEVERITY.items()}
    if name is None or name in letters:
        return name and letters[name]
    names = ", ".join(letters)
    zh, en = f"没有严重程度“{name}”，可用：{names}。", f"There is no severity {name}; use {names}."
    raise Refused("bad-value", zh, en)


def _decision_events(page: Page) -> Iterable[tuple[int, ServerSentEvent]]:
    return ((decision.position, decision_event(decision)) for decision in page.decisions)


def _finding_events(page: EventPage) -> Iterable[tuple[int, ServerSentEvent]]:
    return ((event.number, finding_event(event)) for event in page.events)


def decision_event(decision: Decision) -> ServerSentEvent:
    """An event: its data is the decision as GraphQL gives it, in one line of JSON."""
    data = {
        "position": decision.position,
        "type": decision.type,
        "at": decision.data["at"],
        "recordedAt": write_time(decision.recorded_at),
        "recordedBy": decision.recorded_by,
        "data": decision.data,
    }
    return ServerSentEvent(orjson.dumps(data).decode(), event="decision", id=str(decision.position), sep="\n")


def finding_event(event: FindingEvent) -> ServerSentEvent:
    """An event: its data is the finding event as GraphQL gives it, in one line of JSON."""
    return ServerSentEvent(orjson.dumps(as_object(event)).decode(), event="finding", id=str(event.number), sep="\n")


After = Annotated[
    str | None,
    Query(description="从哪个序号之后开始；缺省只送此后新增的。 After which number; default: what comes from now on."),
]
LastEventId = Annotated[
    str | None, Header(description="重连时已收到的序号，优先于 after。 How far a reader has come; goes before `after`.")
]
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "server-sent events", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    400: {"description": "bad-value"},
    404: {"description": "unknown-unit, unknown-matter, unknown-instrument, unknown-ref"},
    429: {"description": "too-many-connections, too-many-requests"},
    503: {"description": "database-unavailable"},
}


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's feeds."""
    routes = APIRouter(tags=["动态 feeds"])

    def serve(path: str, summary: str, answer: Callable[..., Awaitable[Response]]) -> None:
        options: dict[str, Any] = {"summary": summary, "response_class": Response, "responses": RESPONSES}
        routes.add_api_route(path, answer, **options)
        also_head(routes)

    async def decisions(
        request: Request,
        after: After = None,
        last_event_id: LastEventId = None,
        type: str | None = None,  # noqa: A002 - the contract's word
        unit: str | None = None,
        matter: str | None = None,
        instrument: str | None = None,
        ref: str | None = None,
    ) -> Response:
        refuse_others(request, ("after", "type", "unit", "matter", "instrument", "ref"))
        start = read_position(last_event_id or after)
        own = await viewing.territory(request, await resources.pool())
        # What is named and cannot be seen is not there.
        wanted = Wanted(ref, instrument, matter, unit, type, seen=own.listed)
        wanted = replace(await resolve_decisions(await resources.pool(), wanted), seen=None)
        only = None if viewing.viewer(request).open else partial(_own_decisions, resources, request)
        return await stream(resources.lasting, resources.feed, start, wanted, _decision_events, only)

    async def findings(
        request: Request,
        after: After = None,
        last_event_id: LastEventId = None,
        within: str | None = None,
        rule: str | None = None,
        severity: str | None = None,
    ) -> Response:
        refuse_others(request, ("after", "within", "rule", "severity"))
        start = read_position(last_event_id or after)
        wanted = WantedEvents(within, rule, read_severity(severity))
        wanted = await resolve_findings(await resources.pool(), wanted)
        resources.finding_worker.start()
        own = await viewing.territory(request, await resources.pool())
        wanted = replace(wanted, within=own.narrowed(wanted.within))
        only = None if viewing.viewer(request).open else partial(_own_findings, resources, request)
        return await stream(resources.lasting, resources.findings, start, wanted, _finding_events, only)

    serve("/v1/decisions", "新决定。 Decisions as they are recorded.", decisions)
    serve("/v1/findings", "问题动态。 Findings as they open and close.", findings)
    return routes


async def _own_decisions(resources: ServerResources, request: Request, page: Page) -> Page:
    """Of a page the decisions that concern the viewer's territory; who recorded them, as far as that is seen."""
    # The primary's: a replica may not have yet what the feed has just heard of.
    pool, positions = await resources.primary(), [each.position for each in page.decisions]
    own = await viewing.territory(request, pool)
    seen = set(positions) if own.listed is None else await history.seen(pool, positions, own.listed)
    named = set[int]()
    if allows(Rule.RECORDER, viewing.viewer(request)):
        recorders = await viewing.territory(request, pool, Rule.RECORDER)
        named = seen if recorders.listed is None else await history.seen(pool, positions, recorders.listed)
    return replace(
        page,
        decisions=[
            each if each.position in named else replace(each, recorded_by=None)
            for each in page.decisions
            if each.position in seen
        ],
    )


async def _own_findings(resources: ServerResources, request: Request, page: EventPage) -> EventPage:
    """Of a page what is of the viewer's territory."""
    own = await viewing.territory(request, await resources.primary())
    return replace(page, events=[each for each in page.events if own.has(each.unit)])


async def stream(
    lasting: LastingConnections,
    feed: Feed[Any, Any],
    after: int | None,
    wanted: Any,
    encode: Encode,
    only: Only | None = None,
) -> EventStream:
    """What is wanted after a position; after the newest where none is given. `encode`: how a page is written.

    `only`: what of a page its reader may see.

    Raises Refused (bad-value) for a position that there is not yet, NoDatabase, or what asyncpg raises.
    """
    newest = await feed.newest()
    if after is not None and after > newest:
        raise Refused(
            "bad-value", f"没有序号 {after}，最新为 {newest}。", f"There is no {after}; the newest is {newest}."
        )
    return EventStream(lasting, feed, newest if after is None else after, wanted, encode, only)


def refuse_others(request: Request, names: Sequence[str]) -> None:
    """Refuse a parameter that there is not: a filter misspelt would silently filter nothing. Raises Refused."""
    for name in request.query_params:
        if name not in names:
            listed = ", ".join(names)
            raise Refused("bad-value", f"没有参数 {name}，可用：{listed}。", f"No parameter {name}; use {listed}.")


def read_position(text: str | None) -> int | None:
    """The position that a reader has come to; None where it names none. Raises Refused: bad-value."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Refused("bad-value", f"序号应为非负整数：{text}。", f"A position is a number from 0 up: {text}.")
    return int(text)
