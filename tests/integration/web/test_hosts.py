"""Under which names the server answers: a page of another site must not reach it by a name of its own."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from websockets.exceptions import InvalidStatus

from registry.web.hosts import KnownHosts, hosts_for, proxies
from tests.support.live_server import live_server
from tests.support.waiting import PATIENCE
from tests.support.websocket_client import talk

PAGE = {"accept": "text/html"}
LOCAL = ("localhost", "LocalHost:8000", "127.0.0.1", "127.0.0.1:9", "127.8.8.8", "[::1]", "[::1]:8000", "localhost.")
STRANGE = (
    *(
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example@localhost",
    ),
    *("localhost:8000:8000", "[::1", "a b", "", "local\u00c5\u00bfhost"),
)


@pytest.fixture(scope="module")
def client(module_database: Callable[[], str]) -> Iterator[httpx.Client]:
    """The server as it listens on loopback, with no names listed."""
    with live_server(module_database()) as address, httpx.Client(base_url=address) as opened:
        yield opened


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, int]]:
    """A function that gives the status for each Host, of a server that listens at `bound_to` with these settings."""

    def statuses(bound_to: str, *given: str, listed: str = "", trusted: str = "", **headers: str) -> dict[str, int]:
        monkeypatch.setenv("REGISTRY_HOSTS", listed)
        monkeypatch.setenv("REGISTRY_PROXIES", trusted)
        application = KnownHosts(PlainTextResponse("here"), hosts_for(bound_to), proxies())

        async def answers() -> dict[str, int]:
            transport = httpx.ASGITransport(application, client=("127.0.0.1", 50000))
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as asking:
                results: dict[str, int] = {}
                for host in given:
                    sent: Any = {"host": host.encode("latin-1"), **headers}
                    results[host] = (await asking.get("/lists", headers=sent)).status_code
                return results

        return asyncio.run(answers())

    return statuses


def test_on_loopback_only_this_machine_is_known(answers: Callable[..., dict[str, int]]) -> None:
    for bound_to in ("127.0.0.1", "::1", "localhost"):
        assert answers(bound_to, *LOCAL) == dict.fromkeys(LOCAL, 200)
        strange = (*STRANGE, "10.1.2.3", socket.gethostname())
        assert answers(bound_to, *strange) == dict.fromkeys(strange, 421)


def test_elsewhere_addresses_and_the_machines_own_names_are_known(answers: Callable[..., dict[str, int]]) -> None:
    known = (*LOCAL, "10.1.2.3:8000", "[2001:db8::1]:8000", socket.gethostname(), f"{socket.getfqdn()}:8000")
    for bound_to in ("0.0.0.0", "::", "10.1.2.3"):
        assert answers(bound_to, *known) == dict.fromkeys(known, 200)
        assert answers(bound_to, *STRANGE) == dict.fromkeys(STRANGE, 421)


def test_the_names_that_are_listed_are_known(answers: Callable[..., dict[str, int]]) -> None:
    listed = "quanze.example, [2001:db8::1] Other.Example:8443"
    known = (*LOCAL, "quanze.example", "QUANZE.example:1", "[2001:db8:0::1]:8000", "other.example:8443")
    strange = (*STRANGE, "other.example", "other.example:80", "10.1.2.3", "a.quanze.example", socket.gethostname())
    assert answers("0.0.0.0", *known, listed=listed) == dict.fromkeys(known, 200)
    assert answers("0.0.0.0", *strange, listed=listed) == dict.fromkeys(strange, 421)
    assert answers("0.0.0.0", "whatever.example", "a b", listed="*") == {"whatever.example": 200, "a b": 421}


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [
        ("", (421, 200, 421)),
        ("127.0.0.1", (200, 421, 200)),
        ("10.0.0.0/8", (421, 200, 421)),
        ("127.0.0.0/8,::1", (200, 421, 200)),
    ],
)
def test_what_proxies_forward_counts_from_those_configured(
    answers: Callable[..., dict[str, int]], trusted: str, expected: Sequence[int]
) -> None:
    statuses: list[int] = []
    for host, forwarded in (
        ("evil.example", "quanze.example"),
        ("quanze.example", "evil.example"),
        ("evil.example", "quanze.example, evil.example"),
    ):
        headers = {"x-forwarded-host": forwarded}
        statuses += answers("0.0.0.0", host, listed="quanze.example", trusted=trusted, **headers).values()
    assert tuple(statuses) == expected


def test_who_comes_by_another_name_learns_what_to_do(client: httpx.Client) -> None:
    evil = {"host": "evil.example:8000"}
    answers = client.post("/graphql", json={"query": "{ log { size } }"}, headers=evil)
    error = answers.json()["errors"][0]["extensions"]
    assert (answers.status_code, error["code"]) == (421, "unknown-host")
    assert len(answers.headers["x-request-id"]) == 32
    assert "evil.example:8000" in error["message"]["zh"]
    assert "REGISTRY_HOSTS" in error["hint"]["en"]
    page = client.get("/villages", headers=PAGE | evil)
    assert (page.status_code, "REGISTRY_HOSTS" in page.text) == (421, True)
    for path in ("/", "/v1/decisions", "/lists/import", "/graphql?query={log{size}}", "/nothing", "//health"):
        assert client.get(path, headers=evil).status_code == 421, path
    for path in ("/health", "/ready"):  # whoever looks whether it lives asks for an address
        assert client.get(path, headers=evil).status_code == 200, path


def test_a_websocket_is_opened_under_a_known_name_only(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    def handshake(host: str, origin: Any) -> int:
        with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as connection:
            try:
                with talk(f"http://{host}", sock=connection, origin=origin):
                    return 101
            except InvalidStatus as refused:
                return refused.response.status_code

    assert handshake("localhost", "http://localhost") == 101
    assert handshake("localhost", "http://evil.example") == 403
    assert handshake("evil.example", "http://evil.example") == 421  # a page whose name was made to point here
    assert "handshake" not in caplog.text


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"GET / HTTP/1.1\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n", 400),
        (b"GET / HTTP/1.0\r\n", 200),
        (b"GET / HTTP/1.0\r\nHost: evil.example\r\n", 421),
    ],
)
def test_a_request_has_one_host(client: httpx.Client, head: bytes, expected: int) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=PATIENCE) as connection:
        connection.sendall(head + b"Accept: application/json\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.split(b" ", 2)[1] == str(expected).encode()
    if expected == 400:
        assert json.loads(received.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"] == "bad-request"
