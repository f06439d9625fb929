"""The server as a process: ready, healthy, answering, and stopping when told to."""

from __future__ import annotations

import re
import signal
import socket

import httpx
import pytest

from registry import database
from registry.recording.unit_of_work import record
from registry.web.server import bound
from tests.support.cli_runner import cli_runner
from tests.support.live_server import live_server
from tests.support.server_process import serving, serving_alone
from tests.support.waiting import PATIENCE
from tests.support.worlds import COUNTY


def test_a_server_answers_and_stops_on_a_signal(database_url: str) -> None:
    with database.connect(database_url) as connection:
        record(connection, COUNTY)
    with serving_alone(database_url) as (process, address), httpx.Client(base_url=address) as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/ready").json() == {"status": "ready"}
        hot = '{ unit(code: "town") { name responsibilities { nodes { subject matter { name } } } } }'
        answer = client.post("/graphql", json={"query": hot})
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        held = [{"subject": "BASIC#1", "matter": {"name": "巡河"}}]
        assert answer.json() == {"data": {"unit": {"name": "单位town", "responsibilities": {"nodes": held}}}}
        recorded = client.post(
            "/graphql",
            json={"query": 'mutation { renameUnit(at: "2022-01-01", unit: "town", name: "新镇") { positions } }'},
        )
        assert recorded.json() == {"data": {"renameUnit": {"positions": [len(COUNTY) + 1]}}}
        assert client.post("/graphql", json={"query": '{ unit(code: "town") { name } }'}).json() == {
            "data": {"unit": {"name": "新镇"}}
        }
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
        assert (out, err) == ("", "")
        assert process.returncode == 128 + signal.SIGTERM


def test_the_explorer_needs_nothing_from_elsewhere(database_url: str) -> None:
    with live_server(database_url) as address, httpx.Client(base_url=address) as client:
        assert 'href="/graphql"' in client.get("/").text
        page = client.get("/graphql", headers={"accept": "text/html"})
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.search(r"""(src|href)\s*=\s*["'](https?:)?//""", page.text)
        assert "Responsibilities" in page.text
        assert "/*OPERATIONS*/" not in page.text
        assert client.head("/graphql").text == ""


def test_a_server_without_its_database_says_that_it_is_not_ready() -> None:
    with serving("postgresql://nobody@127.0.0.1:1/nothing") as (process, address):
        with httpx.Client(base_url=address) as client:
            assert client.get("/health").status_code == 200
            for answer in (client.get("/ready"), client.post("/graphql", json={"query": "{ log { size } }"})):
                assert answer.status_code == 503
                assert answer.json()["errors"][0]["extensions"]["code"] == "database-unavailable"
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
        assert "database-unavailable" in err


def test_a_server_over_tables_of_a_newer_program_is_not_ready(database_url: str) -> None:
    with database.connect(database_url) as connection:
        connection.execute("INSERT INTO quanze.migration (number, name, checksum) VALUES (9999, 'later', '')")
        connection.commit()
    with live_server(database_url) as address, httpx.Client(base_url=address) as client:
        for path in ("/ready", "/v1/decisions", "/v1/findings"):
            assert client.get(path).status_code == 503
            error = client.get(path).json()["errors"][0]["extensions"]
            assert (path, error["code"]) == (path, "database-not-ready")
            assert "9999" in error["message"]["zh"]
            assert "Upgrade this program" in error["message"]["en"]


def test_a_server_whose_database_a_newer_program_changes_meanwhile_says_so(database_url: str) -> None:
    ask = {"query": '{ matter(code: "D-1") { name } }'}
    with database.connect(database_url) as connection, live_server(database_url) as address:
        assert httpx.post(f"{address}/graphql", json=ask).json()["data"] == {"matter": None}
        assert httpx.get(f"{address}/ready").status_code == 200
        connection.execute("INSERT INTO quanze.migration (number, name, checksum) VALUES (9999, 'later', '')")
        connection.execute("ALTER TABLE live.matter RENAME TO task")
        for answer in (httpx.get(f"{address}/ready"), httpx.post(f"{address}/graphql", json=ask)):
            assert answer.status_code == 503
            error = answer.json()["errors"][0]["extensions"]
            assert error["code"] == "database-not-ready"
            assert "升级本程序" in error["message"]["zh"]


def test_a_taken_address_is_reported(database_url: str) -> None:
    with bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = cli_runner(database_url)("serve", "--port", str(port))
    errors = done.stderr.decode()
    assert done.returncode == 1
    assert "cannot-listen" in errors
    assert "监听" in errors
    assert "Traceback" not in errors


def test_a_name_that_cannot_be_is_reported_at_the_start(database_url: str) -> None:
    for name in ("REGISTRY_HOSTS", "REGISTRY_PROXIES"):
        done = cli_runner(database_url, **{name: "localhost,http://quanze.example"})("serve", "--port", "0")
        errors = done.stderr.decode()
        assert (done.returncode, errors[:9]) == (1, "bad-value")
        assert "http://quanze.example" in errors or name == "REGISTRY_PROXIES"
        assert "Traceback" not in errors


def test_a_client_that_leaves_in_the_middle_does_no_harm(database_url: str) -> None:
    with serving(database_url) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as left:
            left.sendall(
                b"POST /graphql HTTP/1.1\r\nhost: localhost\r\n"
                b"content-type: application/json\r\ncontent-length: 100\r\n\r\n{"
            )
        with httpx.Client(base_url=address) as client:
            assert client.post("/graphql", json={"query": "{ log { size } }"}).json() == {"data": {"log": {"size": 0}}}
        process.terminate()
        _, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_of_either_family_can_be_listened_on(host: str) -> None:
    try:
        with bound(host, 0) as listening:
            assert listening.getsockname()[1] > 0
    except OSError:
        assert host == "::1", "only a machine without IPv6 may refuse"
