"""What a receiver of webhooks may answer: nothing of it keeps the sender, or ends it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from registry.exchange.webhooks import sending
from registry.exchange.webhooks.endpoints import Endpoint
from registry.exchange.webhooks.sending import Message, NotTaken
from tests.support.trickling import trickling
from tests.support.webhook_receiver import receiving

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Message(1, "decision.recorded", NOW, {"position": 1})


def taken(url: str) -> NotTaken | None:
    """What becomes of a message to an endpoint of one's own network."""
    endpoint = Endpoint(1, url, "decisions", None, True, "whsec_" + "A" * 32, 0, 1, NOW, None, 0, None, None, None)

    async def send() -> NotTaken | None:
        async with sending.new_client() as client:
            return await sending.send(client, endpoint, MESSAGE)

    return asyncio.run(send())


@pytest.mark.parametrize(
    "given",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
        "Mon, 01 Jan 2026 99999999999999999999:00:00 GMT",
        "Mon, 31 Dec 9999 23:59:59 -2359",
        "9" * 400,
        "-1",
        "soon",
    ],
)
def test_whatever_day_it_names_it_is_asked_again_within_the_hour(given: str) -> None:
    with receiving() as receiver:
        receiver.answers, receiver.headers = [503], {"retry-after": given}
        problem = taken(receiver.url)
    assert problem is not None
    assert problem.problem == "HTTP 503"
    assert 0 < problem.wait <= sending.LONGEST_WAIT


def test_one_that_answers_in_drops_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "WHOLE", 1.0)
    with trickling() as (address, _):
        problem = taken(address)
    assert problem is not None
    assert problem.problem == "TimeoutError"
