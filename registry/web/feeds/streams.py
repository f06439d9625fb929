"""GET /v1/decisions and /v1/findings: feeds as server-sent events, resumable by the position that is each event's id.

WHATWG HTML, section 9.2: a reader that reconnects says the last id in Last-Event-ID; an id without data moves that on
without an event, so that a filtered reader resumes where the log had been read to, not where it last found something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import parse_qs

import orjson
from starlette.responses import JSONResponse

from registry.domain.decisions import TYPES
from registry.domain.words import RULES
from registry.queries.findings.finding_events import SEVERITY, EventPage, FindingEvent, WantedEvents, as_object
from registry.queries.history.decisions import Decision, Wanted
from registry.queries.history.following import Page
from registry.web.failures import STATUS, known_failure
from registry.web.feeds.feed import LOST, Feed
from registry.web.graphql.scalars import write_time
from registry.web.problems import presented, problem

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEARTBEAT: Final = 15.0  # seconds: proxies and readers take silence for a lost connection
SLOW: Final = 60.0  # seconds that a reader may take for what it is sent, before it is let go to come back later
TOGETHER: Final = 1 << 16  # bytes after which events are sent off
WAIT: Final = 1000  # milliseconds after which a reader comes back
HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx: pass on at once
    (b"x-content-type-options", b"nosniff"),
)


class Refused(Exception):
    """The request is no question for the feed."""

    def __init__(self, code: str, zh: str, en: str, status: int) -> None:
        super().__init__(en)
        self.error, self.status = problem(code, zh, en), status


@dataclass(frozen=True)
class Stream:
    """How a feed is asked for and told: by which filters, and each position of a page with its event."""

    filters: tuple[str, ...]
    wanted: Callable[[dict[str, str]], Any]
    told: Callable[[Any], Iterable[tuple[int, bytes]]]


def _wanted_decisions(filters: dict[str, str]) -> Wanted:
    if "type" in filters and filters["type"] not in TYPES:
        zh, en = f"没有决定类型“{filters['type']}”。", f"There is no type of decision {filters['type']}."
        raise Refused("bad-value", zh, en, 400)
    return Wanted(**cast("dict[str, Any]", filters))


def _told_decisions(page: Page) -> Iterable[tuple[int, bytes]]:
    return ((decision.position, _event(decision)) for decision in page.decisions)


def _wanted_events(filters: dict[str, str]) -> WantedEvents:
    rule, severity = filters.get("rule"), filters.get("severity")
    if rule is not None and rule not in RULES:
        raise Refused("bad-value", f"没有规则“{rule}”。", f"There is no rule {rule}.", 400)
    if severity is not None and severity not in SEVERITY.values():
        names = ", ".join(SEVERITY.values())
        zh, en = f"没有严重程度“{severity}”，可用：{names}。", f"There is no severity {severity}; use {names}."
        raise Refused("bad-value", zh, en, 400)
    letter = next((letter for letter, name in SEVERITY.items() if name == severity), None)
    return WantedEvents(within=filters.get("within"), rule=rule, severity=letter)


def _told_events(page: EventPage) -> Iterable[tuple[int, bytes]]:
    return ((event.number, _finding_event(event)) for event in page.events)


DECISIONS: Final = Stream(("type", "unit", "matter", "instrument", "ref"), _wanted_decisions, _told_decisions)
FINDINGS: Final = Stream(("within", "rule", "severity"), _wanted_events, _told_events)


async def serve(feed: Feed[Any, Any], scope: Scope, receive: Receive, send: Send, stream: Stream = DECISIONS) -> None:
    """Answer one request, until its reader leaves or the server stops."""
    try:
        after, wanted = _asked(scope, stream)
        start = await feed.newest() if after is None else after
        await feed.newest()
    except Refused as refused:
        headers = {"Allow": "GET, HEAD"} if refused.status == 405 else None
        answer = JSONResponse({"errors": [presented(refused.error)]}, refused.status, headers)
        return await answer(dict(scope), receive, send)  # pyright: ignore[reportArgumentType]
    except LOST as lost:
        known = known_failure(lost)
        status = STATUS.get((known.extensions or {})["code"], 500)
        answer = JSONResponse({"errors": [presented(known)]}, status)
        return await answer(dict(scope), receive, send)  # pyright: ignore[reportArgumentType]
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    if scope["method"] == "HEAD":
        return await send({"type": "http.response.body", "body": b""})
    return await _stream(feed, start, wanted, receive, send, stream)


def _asked(scope: Scope, stream: Stream) -> tuple[int | None, Any]:
    """After which position, and what; None: what is recorded from now on. Raises Refused."""
    if scope["method"] not in ("GET", "HEAD"):
        raise Refused("method-not-allowed", "此地址只接受 GET。", "This address takes GET only.", 405)
    try:
        given = parse_qs(scope["query_string"].decode("ascii"), keep_blank_values=True, strict_parsing=False)
        headers = {name: value.decode("utf-8") for name, value in scope["headers"] if name == b"last-event-id"}
    except ValueError:
        raise Refused("bad-request", "地址不是合法的 URL。", "The address is no URL.", 400) from None
    for name in given:
        if name not in (*stream.filters, "after"):
            names = ", ".join((*stream.filters, "after"))
            raise Refused("bad-value", f"没有参数 {name}，可用：{names}。", f"No parameter {name}; use {names}.", 400)
    wanted = stream.wanted({name: given[name][-1] for name in stream.filters if name in given})
    # A reader that reconnects repeats its address and says in the header how far it has come.
    position = headers.get(b"last-event-id") or (given["after"][-1] if "after" in given else None)
    if position is not None and not (position.isascii() and position.isdecimal() and len(position) < 19):
        raise Refused("bad-value", f"序号应为非负整数：{position}。", f"A position is no {position}.", 400)
    return None if position is None else int(position), wanted


async def _stream(feed: Feed[Any, Any], start: int, wanted: Any, receive: Receive, send: Send, stream: Stream) -> None:
    """Send events until the reader leaves, is too slow, or the server stops; then say that it is over."""
    position = start

    async def put(text: bytes) -> None:
        async with asyncio.timeout(SLOW):  # waits where the reader does not keep up, and only this stream does
            await send({"type": "http.response.body", "body": text, "more_body": True})

    async def tell() -> None:
        nonlocal position
        await put(b"retry: %d\nid: %d\n\n" % (WAIT, start))
        async for page in feed.follow(start, wanted):
            events: list[bytes] = []
            last = 0
            for number, event in stream.told(page):
                last = number
                events.append(event)
                if sum(map(len, events)) > TOGETHER:
                    await put(b"".join(events))
                    events.clear()
            if last < page.position:
                events.append(b"id: %d\n\n" % page.position)
            if events:
                await put(b"".join(events))
            position = page.position

    async def beat() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            await put(b": %d\n\n" % position)

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    doing = [asyncio.create_task(work) for work in (tell(), beat(), gone(), feed.ended.wait())]
    try:
        done, _ = await asyncio.wait(doing, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in doing:
            task.cancel()
        results = await asyncio.gather(*doing, return_exceptions=True)
    slow = any(isinstance(result, TimeoutError) for result in results)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, (TimeoutError, OSError)):
            raise result
    if doing[2] not in done and not slow:
        try:
            async with asyncio.timeout(1):
                await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            return


def _event(decision: Decision) -> bytes:
    """An event: its data is the decision as GraphQL gives it, in one line."""
    told = {
        "position": decision.position,
        "type": decision.type,
        "at": decision.data["at"],
        "recordedAt": write_time(decision.recorded_at),
        "recordedBy": decision.recorded_by,
        "data": decision.data,
    }
    return b"id: %d\nevent: decision\ndata: %s\n\n" % (decision.position, orjson.dumps(told))


def _finding_event(event: FindingEvent) -> bytes:
    """An event: its data is the finding event as GraphQL gives it, in one line."""
    return b"id: %d\nevent: finding\ndata: %s\n\n" % (event.number, orjson.dumps(as_object(event)))
