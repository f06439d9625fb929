"""The live feed against a real server: nothing missed and nothing twice, whoever writes, dies, restarts or dawdles."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import conninfo

from registry import database
from registry.queries.history import following
from registry.queries.history.decisions import Wanted
from registry.recording.unit_of_work import record
from registry.web.feeds import streams
from registry.web.feeds.feed import Feed
from registry.web.lasting import LastingConnections
from tests.support.live_server import live_server
from tests.support.paths import DOCS
from tests.support.preloaded import start_preloaded
from tests.support.server_process import serving
from tests.support.waiting import PATIENCE
from tests.support.websocket_client import FOLLOW, payload, subscribe, talk
from tests.support.worlds import COUNTY, decision, duty

WRITERS = 4
EACH = 60

WRITER = """
import sys
from registry import database
from registry.recording.unit_of_work import record
from tests.support.worlds import duty
url, writer, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with database.connect(url) as connection:
    for number in range(count):
        record(connection, [duty(f"W{writer}-{number}-{part}") for part in range(1 + number % 3)])
"""

# Prints the position of each decision it is told, until it is killed.
READERS = {
    "events": """
import sys, httpx
address, after = sys.argv[1], sys.argv[2]
with httpx.stream("GET", address + "/v1/decisions", headers={"last-event-id": after}, timeout=60) as answer:
    for line in answer.iter_lines():
        if line.startswith("data:"):
            print(__import__("json").loads(line[5:])["position"], flush=True)
""",
    "socket": f"""
import sys, json
from websockets.sync.client import connect
address, after = sys.argv[1], int(sys.argv[2])
with connect(address.replace("http", "ws") + "/graphql", subprotocols=["graphql-transport-ws"]) as told:
    told.send(json.dumps({{"type": "connection_init"}}))
    told.recv()
    payload = {{"query": {FOLLOW!r}, "variables": {{"after": after}}}}
    told.send(json.dumps({{"type": "subscribe", "id": "1", "payload": payload}}))
    while True:
        print(json.loads(told.recv())["payload"]["data"]["decisions"]["position"], flush=True)
""",
}


@pytest.fixture
def county(connection: psycopg.Connection) -> psycopg.Connection:
    record(connection, COUNTY)
    return connection


def head(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT max(position) FROM log.decision").fetchone()
    assert row is not None
    return int(row[0])


class Reader:
    """A process that follows the feed, and the positions it has been told."""

    def __init__(self, kind: str, address: str, after: int) -> None:
        self.process = start_preloaded("-c", READERS[kind], address, str(after))

    def next(self) -> int | None:
        """The next position; None where the stream has ended."""
        line = self.process.stdout.readline()
        return int(line) if line.strip() else None

    def kill(self) -> list[int]:
        """What it had still printed when it was killed."""
        self.process.kill()
        out, _ = self.process.communicate()
        return [int(line) for line in out.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("kind", READERS)
def test_with_four_writers_a_reader_that_is_killed_misses_nothing_and_hears_nothing_twice(
    kind: str, county: psycopg.Connection, database_url: str
) -> None:
    heard: list[int] = []
    with serving(database_url) as (_, address):
        writers = [start_preloaded("-c", WRITER, database_url, str(number), str(EACH)) for number in range(WRITERS)]
        expected = len(COUNTY) + WRITERS * sum(1 + number % 3 for number in range(EACH))
        while len(heard) < expected:
            reader = Reader(kind, address, heard[-1] if heard else 0)
            for _ in range(80):
                answer = reader.next()
                assert answer is not None
                heard.append(answer)
                if len(heard) == expected:
                    break
            heard += reader.kill()
        assert [writer.wait(PATIENCE) for writer in writers] == [0] * WRITERS
    assert heard == list(range(1, expected + 1))
    assert head(county) == expected


@pytest.mark.parametrize("kind", READERS)
def test_a_stopping_server_ends_streams_at_once_and_the_next_one_goes_on(
    kind: str, county: psycopg.Connection, database_url: str
) -> None:
    with serving(database_url) as (process, address):
        reader = Reader(kind, address, len(COUNTY) - 1)
        assert reader.next() == len(COUNTY)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
        assert err == ""  # it had not to be waited for until its grace was over, of which there would be a word
        assert reader.next() is None
        reader.kill()
    record(county, [duty("A"), duty("B")])
    with serving(database_url) as (_, address):
        reader = Reader(kind, address, len(COUNTY))
        assert [reader.next(), reader.next()] == [len(COUNTY) + 1, len(COUNTY) + 2]
        reader.kill()


def test_streams_go_on_when_the_database_has_thrown_everybody_out(
    county: psycopg.Connection, database_url: str, server_url: str
) -> None:
    with serving(database_url) as (_, address):
        readers = [Reader(kind, address, len(COUNTY) - 1) for kind in READERS]
        assert [reader.next() for reader in readers] == [len(COUNTY)] * 2
        name = conninfo.conninfo_to_dict(database_url)["dbname"]
        for number in range(2):
            with psycopg.connect(server_url, autocommit=True) as server:
                server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            with database.connect(database_url) as connection:
                record(connection, [duty(f"A{number}")])
            assert [reader.next() for reader in readers] == [len(COUNTY) + 1 + number] * 2
        for reader in readers:
            reader.kill()


@contextmanager
def stream(address: str, **request: Any) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    """Server-sent events, line by line."""
    with httpx.stream("GET", f"{address}/v1/decisions", timeout=PATIENCE, **request) as answer:
        yield answer, answer.iter_lines()


def event(lines: Iterator[str]) -> dict[str, str]:
    """The next event that has data, as a browser's EventSource reads it, with the last id said before it."""
    results: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if name:
            results[name] = value
        elif "data" in results:
            return results
        else:
            results = {key: results[key] for key in results if key == "id"}
    raise AssertionError("the stream has ended")


def test_an_event_is_the_decision_as_graphql_gives_it(county: psycopg.Connection, database_url: str) -> None:
    record(county, [duty("A", note="两行\n文字")], recorded_by="张三")
    position = len(COUNTY) + 1
    query = f"{{ decision(position: {position}) {{ position type at recordedAt recordedBy data }} }}"
    with live_server(database_url) as address, stream(address, params={"after": position - 1}) as (answer, lines):
        given = event(lines)
        graphql = httpx.post(f"{address}/graphql", json={"query": query}).json()["data"]["decision"]
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert (given["id"], given["event"]) == (str(position), "decision")
    assert json.loads(given["data"]) == graphql
    assert graphql["recordedBy"] == "张三"


def test_without_a_position_only_what_is_recorded_from_now_on_is_reported(
    county: psycopg.Connection, database_url: str
) -> None:
    with live_server(database_url) as address, stream(address) as (_, lines), talk(address) as websocket:
        assert [next(lines), next(lines)] == ["retry: 1000", f"id: {len(COUNTY)}"]
        subscribe(websocket, "subscription { decisions { position } }")
        made = 0
        heard: list[int] = []
        while len(heard) < 3:  # nothing says that a subscription has begun
            record(county, [duty(f"A{made}")])
            made += 1
            assert event(lines)["id"] == str(len(COUNTY) + made)
            with suppress(TimeoutError):
                heard.append(json.loads(websocket.recv(0.2))["payload"]["data"]["decisions"]["position"])
        assert len(COUNTY) < heard[0] <= len(COUNTY) + made
        assert heard == list(range(heard[0], heard[0] + 3))


def test_a_filtered_stream_reports_only_what_is_wanted_and_how_far_it_has_read(
    county: psycopg.Connection, database_url: str
) -> None:
    last = len(COUNTY)
    record(county, [duty("A"), duty("B", to="town2"), decision("UnitRenamed", "2021-01-01", unit="town", name="新镇")])
    wanted = {"town": [1, 3], "water": [1, 2]}
    with live_server(database_url) as address:
        for unit, indexes in wanted.items():
            with stream(address, params={"after": last, "unit": unit}) as (_, lines):
                assert [event(lines)["id"] for _ in indexes] == [str(last + index) for index in indexes]
        arguments = {"after": last, "unit": "town2", "type": "DutyDelegated", "matter": "D-SAND"}
        with stream(address, params=arguments) as (_, lines):
            assert event(lines)["id"] == str(last + 2)
            assert next(lines) == f"id: {last + 3}"  # where a reader that reconnects goes on
            record(county, [duty("C"), duty("D", to="town2")])
            assert event(lines)["id"] == str(last + 5)


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"params": {"after": "-1"}}, 400, "bad-value"),
        ({"params": {"after": "9" * 30}}, 400, "bad-value"),
        ({"headers": {"last-event-id": "last"}}, 400, "bad-value"),
        ({"params": {"type": "UnitAbolished"}}, 400, "bad-value"),
        ({"params": {"since": "1"}}, 400, "bad-value"),
        ({"method": "POST"}, 405, "method-not-allowed"),
    ],
)
def test_a_bad_request_is_refused_with_a_code(
    request_: dict[str, Any], status: int, code: str, database_url: str
) -> None:
    with live_server(database_url) as address:
        answer = httpx.request(**({"method": "GET"} | request_), url=f"{address}/v1/decisions")
        assert httpx.head(f"{address}/v1/decisions").headers["content-type"].startswith("text/event-stream")
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == code
    assert set(error["extensions"]["hint"]) == set(error["extensions"]["message"]) == {"zh", "en"}


def test_without_a_database_the_feed_says_so() -> None:
    with live_server("postgresql://nobody@127.0.0.1:1/nothing") as address:
        answer = httpx.get(f"{address}/v1/decisions")
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["extensions"]["code"] == "database-unavailable"
        with talk(address) as websocket:
            subscribe(websocket, FOLLOW)
            assert json.loads(websocket.recv())["payload"][0]["extensions"]["code"] == "database-unavailable"


def test_the_reader_of_the_documentation_comes_back_where_it_was(county: psycopg.Connection, database_url: str) -> None:
    text = (DOCS / "howto/follow-the-feed.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    query = re.findall(r"```graphql\n(.*?)```", text, re.DOTALL)[0]  # of decisions; that of findings comes later
    process = None
    heard: list[str] = []
    port = 0
    for number in range(2):
        with serving(database_url, port) as (server, address):
            port = int(address.rpartition(":")[2])
            if process is None:
                given = program.replace("http://127.0.0.1:8000", address)
                assert given != program
                process = subprocess.Popen([sys.executable, "-c", given], stdout=subprocess.PIPE, text=True)
            assert process.stdout is not None
            record(county, [duty(f"A{number}")])
            heard += [process.stdout.readline() for _ in range(1 if number else len(COUNTY) + 1)]
            with talk(address) as websocket:
                subscribe(websocket, query, after=len(COUNTY))
                assert payload(websocket)["data"]["decisions"]["position"] == len(COUNTY) + 1
            server.terminate()
            server.communicate(timeout=PATIENCE)
    assert process is not None
    process.kill()
    process.communicate()
    assert [int(line.split()[0]) for line in heard] == list(range(1, len(COUNTY) + 3))
    assert heard[-1].split()[1] == "DutyDelegated"


# ------------------------------------------------------------------------------------------ readers that dawdle


def test_a_reader_that_stops_reading_keeps_nobody_waiting_and_takes_no_memory(
    county: psycopg.Connection, database_url: str
) -> None:
    note = "字" * 10_000
    with serving(database_url) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        stalled: list[socket.socket] = []
        for _ in range(20):
            reader = socket.create_connection((host, int(port)))
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(b"GET /v1/decisions?after=0 HTTP/1.1\r\nhost: x\r\n\r\n")
            stalled.append(reader)
        with stream(address, params={"after": len(COUNTY)}) as (_, lines):
            before = memory(process.pid)
            for number in range(20):  # 600 kB each time
                record(county, [duty(f"A{number}-{part}", note=note) for part in range(20)])
            ids = [event(lines)["id"] for _ in range(400)]
            grown = memory(process.pid) - before
        for reader in stalled:
            reader.close()
    assert ids == [str(len(COUNTY) + 1 + number) for number in range(400)]
    assert grown < 120  # MiB; all that was sent to all of them would be 240 at the least


def memory(pid: int) -> float:
    """What a process holds, in MiB."""
    with open(f"/proc/{pid}/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * 4096 / 2**20


def test_a_reader_too_slow_is_let_go_and_silence_is_broken(
    county: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)
    monkeypatch.setattr(streams, "SLOW", 0.2)
    sent: list[bytes] = []

    async def run(stall: Callable[[], bool]) -> None:
        pool = await database.pool(database_url, min_size=1, max_size=1)

        async def get_pool() -> Any:
            return pool

        async def send(message: dict[str, Any]) -> None:
            if message.get("body"):
                sent.append(message["body"])
                if stall():
                    await asyncio.sleep(60)

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        feed = Feed(database_url, get_pool)
        answer = await streams.stream(LastingConnections(), feed, None, Wanted(), lambda _: ())
        async with asyncio.timeout(20):
            await answer({"type": "http", "method": "GET"}, receive, send)
        feed.end()
        await pool.close()

    asyncio.run(run(lambda: len(sent) == 4))
    assert sent[1:] == [b": %d\n\n" % len(COUNTY)] * 3


def test_a_notification_that_is_lost_is_made_up_for(
    county: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.web.feeds.feed.POLL", 0.1)
    monkeypatch.setattr("registry.log.recorder.notify", lambda _: None)

    async def run() -> list[int]:
        pool = await database.pool(database_url, min_size=1, max_size=1)

        async def get_pool() -> Any:
            return pool

        feed = Feed(database_url, get_pool)
        following = feed.follow(len(COUNTY) - 1, Wanted())
        pages = [await anext(following)]
        await asyncio.to_thread(record, county, [duty("A")])
        pages.append(await anext(following))
        await following.aclose()
        feed.end()
        await pool.close()
        return [row.position for page in pages for row in page.decisions]

    assert asyncio.run(asyncio.wait_for(run(), 20)) == [len(COUNTY), len(COUNTY) + 1]


def test_pages_are_cut_by_bytes_and_lose_nothing(
    county: psycopg.Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.queries.history.following.BYTES", 2000)
    record(county, [duty(f"A{number}", note="x" * (1 + 700 * (number % 5))) for number in range(30)])
    last = len(COUNTY) + 30

    async def run(wanted: Wanted, limit: int) -> tuple[list[int], int]:
        pool = await database.pool(database_url, min_size=1, max_size=1)
        async with pool:
            results: list[int] = []
            position = pages = 0
            while position < last:
                page = await following.page(pool, wanted, position, last, limit)
                results += [row.position for row in page.decisions]
                position, pages = page.position, pages + 1
        return results, pages

    duties = list(range(len(COUNTY) + 1, last + 1))
    for limit in (1, 7, 1000):
        results, pages = asyncio.run(run(Wanted(), limit))
        assert results == list(range(1, last + 1))
        assert pages >= 15
        assert asyncio.run(run(Wanted(type="DutyDelegated"), limit))[0] == duties
        assert asyncio.run(run(Wanted(unit="water", type="DutyDelegated"), limit))[0] == duties
        assert asyncio.run(run(Wanted(unit="nobody"), limit)) == ([], 1)
