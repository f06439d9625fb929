"""Webhooks over real HTTP: signed, in order, again until they are taken, going on after kill -9 with the same ids."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from standardwebhooks.webhooks import Webhook

from registry import database
from registry.exchange.webhooks import endpoints
from registry.recording.unit_of_work import record
from tests.support.cli_runner import Run, cli_runner
from tests.support.registry_under_test import empty
from tests.support.server_process import SOON, serving
from tests.support.waiting import wait_for
from tests.support.webhook_receiver import Receiver, receiving
from tests.support.worlds import COUNTY, decision, duty, grant


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    return module_database()


@pytest.fixture(scope="module")
def server(url: str) -> Iterator[str]:
    """A server that delivers."""
    with serving(url, program=SOON) as (_, address):
        yield address


@pytest.fixture
def connection(url: str) -> Iterator[psycopg.Connection]:
    """The county recorded, and nobody to be told."""
    with database.connect(url) as opened:
        opened.execute("DELETE FROM webhook.endpoint")
        empty(opened)
        record(opened, COUNTY)
        yield opened


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def run(url: str) -> Run:
    return cli_runner(url)


def added(run: Run, *arguments: str) -> dict[str, Any]:
    """An endpoint added on the command line."""
    done = run("webhooks", "add", *arguments, "--internal", "--json")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def state(run: Run) -> dict[str, Any]:
    """The one endpoint there is, as it is listed."""
    (line,) = run("webhooks", "list", "--json").stdout.splitlines()
    assert b"whsec" not in line
    return json.loads(line)


def test_decisions_come_signed_and_in_order(
    server: str, connection: psycopg.Connection, receiver: Receiver, run: Run
) -> None:
    endpoint = added(run, receiver.url)
    assert endpoint["after"] == len(COUNTY)
    record(connection, [duty("R-1"), grant("G-1")], recorded_by="clerk")
    wait_for(lambda: len(receiver.received) == 2)
    positions = [len(COUNTY) + 1, len(COUNTY) + 2]
    for position, (headers, body) in zip(positions, receiver.received, strict=True):
        message = Webhook(endpoint["secret"]).verify(body, headers)
        assert message["type"] == "decision.recorded"
        assert (message["data"]["position"], message["data"]["recordedBy"]) == (position, "clerk")
        assert message["timestamp"] == message["data"]["recordedAt"]
        assert headers["webhook-id"] == f"quanze_{endpoint['id']}_decisions_{position}"
        assert headers["content-type"] == "application/json; charset=utf-8"
        with pytest.raises(Exception, match="signature"):
            Webhook(endpoints.new_secret()).verify(body, headers)
    assert receiver.received[0][1].count("R-1") == 1
    wait_for(lambda: state(run)["position"] == positions[-1])


def test_a_message_comes_again_until_it_is_taken_and_nothing_overtakes_it(
    server: str, connection: psycopg.Connection, receiver: Receiver, run: Run
) -> None:
    receiver.answers = [500, 302]
    receiver.headers = {"Location": f"{receiver.url}/elsewhere"}
    endpoint = added(run, receiver.url, "--after", str(len(COUNTY) - 1))
    record(connection, [duty("R-1")])
    wait_for(lambda: len(receiver.received) >= 1)
    wait_for(lambda: state(run)["problem"] is not None)
    assert state(run)["problem"] in ("HTTP 500", "HTTP 302")
    run("webhooks", "resume", str(endpoint["id"]))  # at once, though it would wait a while
    wait_for(lambda: len(receiver.received) >= 2)
    wait_for(lambda: state(run)["position"] == len(COUNTY) + 1, 60)
    first, second = (f"quanze_{endpoint['id']}_decisions_{len(COUNTY) + more}" for more in (0, 1))
    assert receiver.ids() == [first, first, first, second]
    assert state(run) | {"problem": None, "attempts": 0, "next_at": None} == state(run)


def test_decisions_of_a_territory(server: str, connection: psycopg.Connection, receiver: Receiver, run: Run) -> None:
    """What concerns a unit of the territory, and what concerns none; nothing of others, not even its position."""
    with receiving() as elsewhere:
        added(run, receiver.url, "--within", "town")
        added(run, elsewhere.url, "--within", "town2")
        matter = decision("MatterDefined", "2020-01-01", matter="D-NEW", kind="duty", name="新事项")
        record(connection, [duty("R-1"), duty("R-2", to="village"), duty("R-3", to="town2"), matter])
        wait_for(lambda: len(receiver.received) == 3 and len(elsewhere.received) == 2)
        assert [_named(body) for _, body in receiver.received] == ["R-1", "R-2", "D-NEW"]
        assert [_named(body) for _, body in elsewhere.received] == ["R-3", "D-NEW"]


def _named(body: str) -> str:
    data = json.loads(body)["data"]["data"]
    return data.get("ref") or data["matter"]


def test_findings_of_a_territory(receiver: Receiver, new_database: Callable[[], str]) -> None:
    own = new_database()
    run = cli_runner(own)
    with database.connect(own) as opened, serving(own, program=SOON):
        record(opened, COUNTY)
        endpoint = added(run, receiver.url, "--feed", "findings", "--within", "town", "--after", "0")
        other = added(run, f"{receiver.url}/other", "--feed", "findings", "--within", "town2", "--after", "0")
        record(opened, [duty("R-1")])  # the town has the duty without the power
        wait_for(lambda: receiver.received)
    headers, body = receiver.received[0]
    message = Webhook(endpoint["secret"]).verify(body, headers)
    assert message["type"] == "finding.opened"
    assert message["data"]["finding"]["unit"] == "town"
    assert all(f"quanze_{other['id']}_" not in identity for identity in receiver.ids())


def test_a_receiver_that_is_gone_is_left_alone_until_somebody_resumes(
    server: str, connection: psycopg.Connection, receiver: Receiver, run: Run
) -> None:
    receiver.answers = [410]
    endpoint = added(run, receiver.url, "--after", str(len(COUNTY) - 1))
    wait_for(lambda: state(run)["stopped_at"] is not None)
    assert b"wants no more" in run("webhooks", "list").stdout
    assert run("webhooks", "resume", str(endpoint["id"]), "--after", str(len(COUNTY) - 2)).returncode == 0
    wait_for(lambda: state(run)["position"] == len(COUNTY))
    assert [identity.rpartition("_")[2] for identity in receiver.ids()] == [
        str(len(COUNTY)), str(len(COUNTY) - 1), str(len(COUNTY)),
    ]  # fmt: skip
    assert run("webhooks", "remove", str(endpoint["id"])).returncode == 0
    assert run("webhooks", "list").stdout == b""


def test_nothing_is_sent_to_an_internal_address_unless_it_is_said_to_be_one(
    server: str, connection: psycopg.Connection, receiver: Receiver, run: Run
) -> None:
    port = receiver.url.rpartition(":")[2]
    for address in (
        receiver.url,
        f"https://localhost:{port}",
        f"https://127.0.0.1:{port}",
        "https://u:p@host/",
        "ftp://host/",
        "https://",
        "x",
    ):
        done = run("webhooks", "add", address)
        if address.startswith("https://localhost"):
            assert done.returncode == 0  # judged when it is sent, for a name can come to mean another address
        else:
            assert done.stderr.startswith(b"bad-address: "), address
    record(connection, [duty("R-1")])
    wait_for(lambda: state(run)["problem"] is not None)
    assert "internal network" in state(run)["problem"]
    assert receiver.received == []


def test_other_mistakes_are_told(connection: psycopg.Connection, run: Run) -> None:
    for arguments, code in (
        (("remove", "999"), b"unknown-webhook"),
        (("resume", "999"), b"unknown-webhook"),
        (("add", "https://receiver.example/", "--feed", "letters"), b"bad-value"),
        (("add", "https://receiver.example/", "--feed", "findings", "--within", "nowhere"), b"unknown-unit"),
        (("add", "https://receiver.example/", "--after", "99999"), b"unknown-position"),
    ):
        done = run("webhooks", *arguments)
        assert done.returncode != 0
        assert done.stderr.startswith(code + b": "), done.stderr
    done = run("webhooks", "add", "https://receiver.example/")
    assert done.stdout.count(b"whsec_") == 1
    assert b"whsec_" not in run("webhooks", "list").stdout


def test_a_slow_receiver_delays_no_other(
    server: str, connection: psycopg.Connection, receiver: Receiver, run: Run
) -> None:
    with receiving() as slow:
        slow.hold.set()
        added(run, slow.url)
        added(run, receiver.url)
        record(connection, [duty("R-1"), duty("R-2")])
        wait_for(lambda: len(receiver.received) == 2 and len(slow.received) == 1)
        slow.hold.clear()
        wait_for(lambda: len(slow.received) == 2)


def test_what_was_on_its_way_at_kill_9_comes_again_with_its_id(
    url: str, connection: psycopg.Connection, receiver: Receiver, run: Run, new_database: Callable[[], str]
) -> None:
    own = new_database()
    with database.connect(own) as opened:
        record(opened, COUNTY)
    run = cli_runner(own)
    endpoint = added(run, receiver.url, "--after", str(len(COUNTY) - 1))
    receiver.hold.set()
    with serving(own, program=SOON) as (process, _):
        wait_for(lambda: len(receiver.received) == 1)  # it has come, and is not acknowledged
        process.kill()
        process.wait()
    receiver.hold.clear()
    with serving(own, program=SOON):
        wait_for(lambda: state(run)["position"] == len(COUNTY))
    assert receiver.ids() == [f"quanze_{endpoint['id']}_decisions_{len(COUNTY)}"] * 2


def test_of_two_servers_one_delivers_and_the_other_takes_over(
    receiver: Receiver, new_database: Callable[[], str]
) -> None:
    own = new_database()
    run = cli_runner(own)
    with database.connect(own) as opened:
        record(opened, COUNTY)
        added(run, receiver.url)
        with serving(own, program=SOON) as (first, _), serving(own, program=SOON):
            record(opened, [duty(f"R-{number}") for number in range(5)])
            wait_for(lambda: state(run)["position"] == len(COUNTY) + 5, 60)
            first.kill()
            first.wait()
            record(opened, [duty("S-1")])
            wait_for(lambda: state(run)["position"] == len(COUNTY) + 6, 60)
    assert len(receiver.ids()) == len(set(receiver.ids())) == 6
