"""What a feed tells, from its beginning and resumed at a position of somebody else: one's own alone, to the end."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from registry.access.roles import Role
from tests.support.counties import Counties, Who, mentioned
from tests.support.live_server import live_server
from tests.support.waiting import PATIENCE
from tests.support.websocket_client import payload, subscribe, talk


@pytest.fixture(scope="module")
def address(counties: Counties) -> Iterator[str]:
    with live_server(counties.url) as opened:
        yield opened


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/findings"])
def test_a_stream_tells_ones_own_and_goes_on_from_any_position(counties: Counties, address: str, path: str) -> None:
    counties.query(Who(Role.AUDITOR, None), "{ findingsJudged { number } }")  # all is judged from here on
    for after in (0, counties.positions["B-town"] % 7):
        text = ""
        with httpx.stream(
            "GET", address + path, params={"after": after}, headers=counties.headers(Who(Role.CLERK)), timeout=PATIENCE
        ) as answer:
            for line in answer.iter_lines():
                text += line + "\n"
                if text.endswith("\n\n") and "data:" in text:
                    break
        assert mentioned(text) <= {"A-town"}
        assert '"recordedBy":"' not in text
    refused = httpx.get(address + path, headers=counties.headers(Who(Role.ADMINISTRATOR, None)))
    assert (refused.status_code, httpx.get(address + path).status_code) == (403, 401)


@pytest.mark.parametrize("resumed", ["after", "last-event-id"])
def test_a_stream_resumed_at_anothers_position_tells_ones_own_after_it(
    counties: Counties, address: str, resumed: str
) -> None:
    clerk, after = Who(Role.CLERK, "B-town"), counties.positions["A-town"]
    following = f"{{ decisions(after: {after}, first: 1000) {{ position }} }}"
    own = counties.query(clerk, following)["data"]["decisions"]
    all_ = counties.query(clerk, "{ decisions(first: 1000) { position } }")["data"]["decisions"]
    assert own == [each for each in all_ if each["position"] > after]
    headers = {**counties.headers(clerk), **({"last-event-id": str(after)} if resumed != "after" else {})}
    params = {"after": after} if resumed == "after" else {}
    heard: list[int] = []
    url = f"{address}/v1/decisions"
    with httpx.stream("GET", url, params=params, headers=headers, timeout=PATIENCE) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                heard.append(json.loads(line.removeprefix("data:"))["position"])
                assert mentioned(line) <= {"B-town"}
            if len(heard) == len(own):
                break
    assert heard == [each["position"] for each in own]


def test_a_subscription_tells_ones_own(counties: Counties, address: str) -> None:
    follow = "subscription { decisions(after: 0) { position recordedBy data } }"
    clerk = Who(Role.CLERK, "B-town")
    own = counties.query(clerk, "{ decisions(first: 1000) { position data } }")["data"]["decisions"]
    assert counties.positions["A-town"] < own[-1]["position"]  # there is something to leave out before the last
    with talk(address, additional_headers=counties.headers(clerk)) as socket:
        subscribe(socket, follow)
        events = [payload(socket)["data"]["decisions"] for _ in own]
    assert [{"position": each["position"], "data": each["data"]} for each in events] == own
    assert mentioned(str(events)) == {"B-town"}
    assert {each["recordedBy"] for each in events} == {None}
    with talk(address) as socket:
        subscribe(socket, follow)
        assert "not-logged-in" in socket.recv(PATIENCE)
