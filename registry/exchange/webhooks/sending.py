"""One message, signed as Standard Webhooks has it, sent once; and how long until it is sent again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import orjson
from standardwebhooks.webhooks import Webhook

from registry import __version__
from registry.exchange.webhooks import addresses
from registry.exchange.webhooks.endpoints import Endpoint

PATIENCE: Final = 15.0  # seconds for a receiver to answer; it should take the message and work on it later
WHOLE: Final = 30.0  # seconds for all of it, however small the pieces in which the answer comes
# Seconds until the next attempt, by how many there were; from then on the last. Nothing is ever dropped.
BACKOFF: Final = (1, 5, 30, 120, 600, 1800, 3600)
LONGEST_WAIT: Final = 3600.0  # seconds that a receiver can have us wait by Retry-After
GONE: Final = 410  # the receiver wants no more


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: its type, when it came about, and the data as the feed has it."""

    position: int
    type: str
    at: datetime
    data: Any

    def body(self) -> str:
        """The body: type, timestamp, data."""
        when = self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return orjson.dumps({"type": self.type, "timestamp": when, "data": self.data}).decode()


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Why a message was not taken, in how many seconds it may be sent again, and whether never again."""

    problem: str
    wait: float
    gone: bool = False


def message_id(endpoint: Endpoint, position: int) -> str:
    """The webhook-id: the same whenever this message is sent, so that a receiver knows it again."""
    return f"quanze_{endpoint.id}_{endpoint.feed}_{position}"


def headers(endpoint: Endpoint, message: Message, body: str, now: datetime) -> dict[str, str]:
    """The headers of a message: its id, the time, and the signature over both and the body."""
    identity = message_id(endpoint, message.position)
    return {
        "content-type": "application/json; charset=utf-8",
        "user-agent": f"Quanze/{__version__} (Standard Webhooks)",
        "webhook-id": identity,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(endpoint.secret).sign(identity, now.replace(tzinfo=None), body),
    }


def new_client() -> httpx.AsyncClient:
    """A client for the messages of one endpoint: no redirect is followed and no proxy used."""
    return httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False, trust_env=False)


async def send(client: httpx.AsyncClient, endpoint: Endpoint, message: Message) -> NotTaken | None:
    """Send a message once; None where the receiver took it (2xx).

    `client`: the endpoint's own, for a connection that it keeps goes to the endpoint's host by its address.
    """
    body = message.body()
    try:
        parts = addresses.checked(endpoint.url, internal=endpoint.internal)
        address = await addresses.resolved(parts, internal=endpoint.internal)
    except addresses.BadAddress as problem:
        return NotTaken(problem.text.joined, _backoff(endpoint.attempts))
    url = httpx.URL(endpoint.url).copy_with(host=address)
    given = headers(endpoint, message, body, datetime.now(UTC)) | {"host": parts.netloc}
    try:
        extensions = {"sni_hostname": parts.hostname}
        async with (
            asyncio.timeout(WHOLE),
            client.stream("POST", url, content=body, headers=given, extensions=extensions) as response,
        ):
            status, retry = response.status_code, response.headers.get("retry-after", "")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        return NotTaken(reason, _backoff(endpoint.attempts))
    if 200 <= status < 300:
        return None
    wait = _backoff(endpoint.attempts)
    if status in (429, 503):
        wait = max(wait, min(_retry_after(retry), LONGEST_WAIT))
    return NotTaken(f"HTTP {status}", wait, status == GONE)


def _backoff(attempts: int) -> float:
    """The seconds until the next attempt, a little more or less so that many do not come together."""
    return BACKOFF[min(attempts, len(BACKOFF) - 1)] * random.uniform(0.9, 1.1)  # noqa: S311 - no secret


def _retry_after(text: str) -> float:
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the second of numbers that no day has
        return 0.0
    return max(0.0, (when - datetime.now(when.tzinfo)).total_seconds())
