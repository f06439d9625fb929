"""How fast one account, or one address without an account, may send requests, and how much it may ask for at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from registry import database, settings
from registry.access import accounts, tokens
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from registry.settings import BadSetting
from registry.web import rates
from registry.web.hosts import Hosts, KnownHosts
from registry.web.rates import Buckets, Limit
from tests.support.api_client import api
from tests.support.live_server import live_server
from tests.support.visitor import HTML
from tests.support.websocket_client import payload, subscribe, talk

BY = By("test", "command")
TWO = "0.001:2"  # two requests at once, and the third after a quarter of an hour
SIZE = "{ log { size } }"
ELSEWHERE = "198.51.100.7"
QUESTION = {"json": {"query": SIZE}}
Send = Callable[..., httpx.Response]


def token(connection: psycopg.Connection, name: str) -> dict[str, str]:
    grant = Grant(Role.AUDITOR)
    accounts.add(connection, name, None, [grant], BY)
    _, secret = tokens.make(connection, name, "test", grant, today(), BY)
    connection.commit()
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_RATE_OF_ACCOUNT", TWO)
    monkeypatch.setenv("REGISTRY_RATE_OF_ADDRESS", TWO)


@contextmanager
def sender(url: str, trusted: Sequence[str] = ()) -> Generator[Send]:
    """Sends requests from an address, as a server takes them in that trusts these proxies."""
    with api(url) as opened:
        app = KnownHosts(opened.app, Hosts(frozenset(), all_=True), [*trusted])

        def send(
            path: str = "/graphql?query={log{size}}", method: str = "GET", *, by: str = ELSEWHERE, **more: Any
        ) -> httpx.Response:
            async def sent() -> httpx.Response:
                transport = httpx.ASGITransport(app, client=(by, 50000))
                async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                    return await client.request(method, path, **more)

            return opened.runner.run(sent())

        yield send


def codes(*answers: httpx.Response) -> list[str | int]:
    """The code of each answer that is refused, and the status of others."""
    return [
        answer.json()["errors"][0]["extensions"]["code"] if answer.status_code == 429 else answer.status_code
        for answer in answers
    ]


@pytest.mark.usefixtures("two")
def test_an_account_that_sends_too_fast_is_refused_alone(database_url: str) -> None:
    with database.connect(database_url) as connection, sender(database_url) as send:
        li, wang = token(connection, "li"), token(connection, "wang")
        every = [send("/graphql", "POST", headers=li, **QUESTION) for _ in range(3)]
        assert codes(*every) == [200, 200, "too-many-requests"]
        refused = every[2]
        wait = int(refused.headers["retry-after"])
        error = refused.json()["errors"][0]["extensions"]
        assert 900 < wait <= 1000
        assert error["message"] == {
            "zh": f"请求太多，请 {wait} 秒后再试。",
            "en": f"Too many requests: try again in {wait} seconds.",
        }
        assert "Retry-After" in error["hint"]["zh"]
        # From another address it is the same account, on each face of the server.
        for path in ("/graphql?query={log{size}}", "/v1/decisions", "/v1/tree/0", "/nothing"):
            assert codes(send(path, headers=li, by="198.51.100.8")) == ["too-many-requests"], path
        # Others at its address are answered: another account, and who has none.
        assert codes(*(send("/graphql", "POST", headers=wang, **QUESTION) for _ in range(2))) == [200, 200]
        assert codes(*(send() for _ in range(3))) == [200, 200, "too-many-requests"]


@pytest.mark.usefixtures("two")
def test_a_page_says_in_its_own_words_that_too_much_is_sent(database_url: str) -> None:
    with database.connect(database_url) as connection, sender(database_url) as send:
        token(connection, "li")
        for language, words in (("zh", "请求太多，请 "), ("en", "Too many requests: try again in ")):
            headers = HTML | {"accept-language": language}
            pages = [send("/villages", headers=headers, by=f"198.51.100.{len(words)}") for _ in range(3)]
            assert [page.status_code for page in pages] == [200, 200, 429]
            assert pages[2].headers["content-type"].startswith("text/html")
            assert int(pages[2].headers["retry-after"]) > 900
            assert words in pages[2].text
            assert "too-many-requests" in pages[2].text


@pytest.mark.usefixtures("two")
def test_whose_token_does_not_work_counts_by_address(database_url: str) -> None:
    wrong = {"authorization": "Bearer qz_nothing"}
    with database.connect(database_url) as connection, sender(database_url) as send:
        li = token(connection, "li")
        assert codes(*(send(headers=wrong) for _ in range(3))) == [401, 401, "too-many-requests"]
        assert codes(send(), send(headers=li)) == ["too-many-requests", 200]


@pytest.mark.usefixtures("two")
def test_of_an_ipv6_address_the_network_counts(database_url: str) -> None:
    with database.connect(database_url) as connection, sender(database_url) as send:
        token(connection, "li")
        same = ("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:2:ffff::3")
        assert codes(*(send(by=address) for address in same)) == [200, 200, "too-many-requests"]
        assert codes(send(by="2001:db8:1:3::1")) == [200]
        mapped = ("::ffff:198.51.100.7", ELSEWHERE, ELSEWHERE)
        assert codes(*(send(by=address) for address in mapped)) == [200, 200, "too-many-requests"]


@pytest.mark.usefixtures("two")
def test_behind_a_proxy_that_is_trusted_the_visitor_counts_and_nobody_else_says_who_it_is(database_url: str) -> None:
    def forwarded(address: str) -> dict[str, Any]:
        return {"headers": {"x-forwarded-for": address}}

    with database.connect(database_url) as connection, sender(database_url, ["10.0.0.5"]) as send:
        token(connection, "li")
        visitors = [send(by="10.0.0.5", **forwarded(f"203.0.113.{number}")) for number in (1, 2, 3, 1, 1)]
        assert codes(*visitors) == [200, 200, 200, 200, "too-many-requests"]
        # Who is no proxy cannot be another each time; nor, behind one, who writes the header before it does.
        pretending = [send(**forwarded(f"203.0.113.{number}")) for number in (7, 8, 9)]
        assert codes(*pretending) == [200, 200, "too-many-requests"]
        before = [send(by="10.0.0.5", **forwarded(f"203.0.113.{number}, 192.0.2.9")) for number in (11, 12, 13)]
        assert codes(*before) == [200, 200, "too-many-requests"]


@pytest.mark.usefixtures("two")
def test_this_machine_without_accounts_and_what_looks_after_the_server_are_not_counted(database_url: str) -> None:
    with sender(database_url) as send:
        assert codes(*(send(by="127.0.0.1") for _ in range(5))) == [200] * 5
        assert codes(*(send(by="::1") for _ in range(5))) == [200] * 5
        # An open registry that others reach counts them.
        assert codes(*(send() for _ in range(3))) == [200, 200, "too-many-requests"]
        for path in ("/health", "/ready"):
            assert codes(*(send(path) for _ in range(3))) == [200] * 3, path
        assert {send("/metrics").status_code for _ in range(3)} == {403}
    with database.connect(database_url) as connection, sender(database_url) as send:
        token(connection, "li")
        assert codes(*(send(by="127.0.0.1") for _ in range(3))) == [200, 200, "too-many-requests"]


def test_without_a_limit_none_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_RATE_OF_ACCOUNT", "0")
    monkeypatch.setenv("REGISTRY_RATE_OF_ADDRESS", TWO)
    with database.connect(database_url) as connection, sender(database_url) as send:
        li = token(connection, "li")
        assert codes(*(send(headers=li) for _ in range(5))) == [200] * 5
        assert codes(*(send() for _ in range(3))) == [200, 200, "too-many-requests"]
    monkeypatch.setenv("REGISTRY_RATE_OF_ADDRESS", "0")
    with sender(database_url) as send:
        assert codes(*(send() for _ in range(5))) == [200] * 5


def test_operations_on_a_websocket_and_streams_count(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_RATE_OF_ACCOUNT", "0.001:3")
    with database.connect(database_url) as connection, live_server(database_url) as address:
        li, wang = token(connection, "li"), token(connection, "wang")
        with talk(address, additional_headers=li) as socket:  # the first
            for key in ("1", "2"):
                subscribe(socket, SIZE, key)
                assert payload(socket) == {"data": {"log": {"size": 0}}}
                assert json.loads(socket.recv())["type"] == "complete"
            for key in ("3", "4"):
                subscribe(socket, SIZE, key)
                message = json.loads(socket.recv())
                assert (message["id"], message["type"]) == (key, "error")
                extensions = message["payload"][0]["extensions"]
                assert extensions["code"] == "too-many-requests"
                assert 900 < extensions["retryAfter"] <= 1000
            socket.send('{"type": "ping"}')  # which begins nothing
            assert json.loads(socket.recv()) == {"type": "pong"}
        with pytest.raises(InvalidStatus) as refused, talk(address, additional_headers=li):
            pass
        response = refused.value.response
        assert (response.status_code, "too-many-requests" in response.body.decode()) == (429, True)
        assert int(response.headers["retry-after"]) > 900
        assert codes(httpx.get(f"{address}/v1/decisions", headers=li)) == ["too-many-requests"]
        for _ in range(3):
            assert (
                httpx.get(f"{address}/graphql", params={"query": "{ log { size } }"}, headers=wang).status_code == 200
            )
        assert codes(httpx.get(f"{address}/v1/findings", headers=wang)) == ["too-many-requests"]


def test_who_has_no_account_asks_for_half_as_much_at_once(database_url: str) -> None:
    def question(children: int) -> str:
        return f"{{ units(first: 1000) {{ nodes {{ children(first: {children}) {{ nodes {{ code }} }} }} }} }}"

    def code(children: int, **headers: str) -> str | None:
        answer = httpx.post(f"{address}/graphql", json={"query": question(children)}, headers=headers).json()
        return answer["errors"][0]["extensions"]["code"] if "errors" in answer else None

    with live_server(database_url) as address:
        assert [code(150), code(250)] == [None, "too-costly"]  # where there are no accounts, all have the whole
    with database.connect(database_url) as connection, live_server(database_url) as address:
        li = token(connection, "li")
        assert [code(150, **li), code(250, **li)] == [None, "too-costly"]
        assert [code(50), code(150)] == [None, "too-costly"]
        with talk(address) as socket:
            subscribe(socket, question(150))
            refused = json.loads(socket.recv())["payload"][0]["extensions"]
        assert refused["code"] == "too-costly"
        assert refused["message"]["zh"] == "这一查询可能返回超过 100000 个对象（登录后为 200000 个）。"


def test_a_bucket_fills_again_and_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    buckets = Buckets(Limit(rate=2, burst=3), lambda: now[0])
    assert [buckets.take("li") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("wang") == 0
    now[0] += 0.5
    assert [buckets.take("li") for _ in range(2)] == [0, 0.5]  # what was refused took nothing out
    now[0] += 60
    assert [buckets.take("li") for _ in range(4)] == [0, 0, 0, 0.5]  # no more than it holds
    monkeypatch.setattr(rates, "KEPT", 2)
    for name in ("li", "zhao", "li", "qian"):  # wang and zhao have sent nothing for longest
        buckets.take(name)
    assert len(buckets) == 2
    assert [buckets.take(name) for name in ("li", "zhao", "zhao")][1:] == [0, 0]


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        ("", Limit(300, 9000)),
        ("0", None),
        ("10", Limit(10, 300)),
        ("0.01", Limit(0.01, 1)),
        ("0.5:7", Limit(0.5, 7)),
    ],
)
def test_a_limit_is_read(value: str, limit: Limit | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_RATE_OF_ACCOUNT", value)
    assert Limit.read(settings.RATE_OF_ACCOUNT, rates.OF_ACCOUNT) == limit
    assert settings.RATE_OF_ACCOUNT.default_en == f"`{rates.OF_ACCOUNT}`"
    assert settings.RATE_OF_ADDRESS.default_en == f"`{rates.OF_ADDRESS}`"


@pytest.mark.parametrize("value", ["much", "-1", "0:5", "5:0", "5:", ":5", "nan", "inf", "1e400", "5:1.5", "1:2:3"])
def test_what_is_no_limit_is_refused_at_the_start(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_RATE_OF_ADDRESS", value)
    with pytest.raises(BadSetting, match="REGISTRY_RATE_OF_ADDRESS is written RATE or RATE:BURST"):
        rates.Rates.read()
