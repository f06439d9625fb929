"""Reading on a replica: a real primary and its standby, near, behind, gone, promoted."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from registry import database
from registry.database import embedded
from registry.recording.unit_of_work import record
from tests.support.paths import DOCS, ROOT
from tests.support.preloaded import preloaded_socket
from tests.support.server_process import SERVE, serving
from tests.support.waiting import wait_for
from tests.support.worlds import COUNTY, duty, unit
from tools.clusters import Cluster, clusters, programs

pytestmark = pytest.mark.slow  # two database servers are made, started, killed
SIZE = "{ log { size } }"
# A server that looks at its replicas every tenth of a second, and leaves one out that is a second behind.
SOON = f"from registry.database import replicas as r; r.LOOK, r.LAG = 0.1, 1.0; {SERVE.format(port=0, processes=1)}"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Cluster, Cluster]]:
    with clusters() as made:
        with database.connect(made[0].url) as connection:
            record(connection, COUNTY)
        yield made


def both(primary: Cluster, standby: Cluster) -> str:
    """The address of whichever of the two takes writes."""
    hosts = quote(f"{primary.folder},{standby.folder}", safe="")
    return f"postgresql://{embedded.NAME}@/{embedded.NAME}?host={hosts}&target_session_attrs=read-write"


class Client:
    """Asks a server, with the cookies that it was given."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=60)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(self, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        answer = self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    def record(self, *decisions: dict[str, Any]) -> httpx.Response:
        query = "mutation ($decisions: [JSON!]!) { record(decisions: $decisions) { positions opened { rule } } }"
        answer = self.http.post("/graphql", json={"query": query, "variables": {"decisions": [*decisions]}})
        assert "errors" not in answer.json(), answer.json()
        return answer


def connections(cluster: Cluster) -> int:
    """How many of the program's connections have asked something of a server's log."""
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'quanze' AND query ILIKE %s"
        row = connection.execute(statement, ("%unit%",)).fetchone()
        assert row
        return row[0]


def test_questions_are_asked_of_the_replica_and_what_one_recorded_is_read_at_once(
    pair: tuple[Cluster, Cluster], monkeypatch: pytest.MonkeyPatch
) -> None:
    primary, standby = pair
    monkeypatch.setenv("REGISTRY_READ_URL", standby.url)
    with (
        serving(primary.url, program=SOON) as (_, address),
        serving(primary.url, program=SOON) as (_, elsewhere),
        Client(address) as client,
        Client(address) as other,
        Client(elsewhere) as behind,
    ):
        name = '{ unit(code: "town") { name } }'
        wait_for(lambda: client.ask(name) and behind.ask(name) and connections(standby) > 1)
        standby.pause(stopped=True)
        before = client.ask(SIZE)["log"]["size"]
        answer = client.record(duty(f"P-{before}"))
        position = answer.json()["data"]["record"]["positions"][0]
        assert answer.headers["quanze-position"] == str(position) == answer.cookies["quanze_position"]
        assert client.ask(SIZE)["log"]["size"] == position  # by its cookie: from the primary
        client.http.cookies.clear()
        assert client.ask(SIZE, {"Quanze-Position": str(position)})["log"]["size"] == position  # by its header
        assert client.ask(SIZE)["log"]["size"] == position  # this process has seen it recording
        # A reader of another process may be as far behind as the replica is, not further than the bound.
        assert behind.ask(SIZE)["log"]["size"] in (before, position)  # on a slow machine it is left out by now
        wait_for(lambda: behind.ask(SIZE)["log"]["size"] == position)  # it is left out, for it is behind
        # A server that starts meanwhile does not begin with it.
        with serving(primary.url, program=SOON) as (_, later), Client(later) as beginning:
            assert {beginning.ask(SIZE)["log"]["size"] for _ in range(20)} == {position}
        standby.pause(stopped=False)
        # What the replica has not yet, it is waited for: the answer is the replica's.
        answer = client.record(duty(f"Q-{before}"))
        assert other.ask(SIZE)["log"]["size"] == position + 1


@pytest.mark.parametrize("way", ["stopped", "killed"])
def test_a_replica_that_is_gone_is_left_out_and_comes_back(
    pair: tuple[Cluster, Cluster], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    primary, standby = pair
    monkeypatch.setenv("REGISTRY_READ_URL", standby.url)
    name = '{ unit(code: "town") { name } }'
    with serving(primary.url, program=SOON) as (process, address), Client(address) as client:
        wait_for(lambda: client.ask(name) and connections(standby) > 0)
        if way == "killed":
            standby.kill()
        else:
            standby.stop("fast")
        for _ in range(20):
            assert client.ask(name) == {"unit": {"name": "单位town"}}  # no question fails meanwhile
        standby.start()
        wait_for(lambda: client.ask(name) and connections(standby) > 0)
        assert process.poll() is None


def test_a_read_url_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("postgresql://user:secret/pass@host/db", "host=a,b port=1,2,3", "nonsense"):
        monkeypatch.setenv("REGISTRY_READ_URL", given)
        with pytest.raises(database.NoDatabase) as refused:
            database.replica_urls()
        assert "REGISTRY_READ_URL" in refused.value.zh
        assert "secret" not in refused.value.zh + refused.value.en


def test_each_host_is_a_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_READ_URL", "postgresql://u:p@a,b:5433/db")
    assert [database.without_password(url) for url in database.replica_urls()] == ["u@a:5432/db", "u@b:5433/db"]
    monkeypatch.delenv("REGISTRY_READ_URL")
    assert database.replica_urls() == []


def test_the_primary_is_killed_and_the_standby_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a synchronous standby: whatever was acknowledged is there afterwards, once, and the proof holds."""
    with clusters() as (primary, standby):
        with database.connect(primary.url) as connection:
            record(connection, COUNTY)
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            connection.execute("SELECT pg_reload_conf()")
            wait_for(lambda: _synchronous(connection))
        monkeypatch.setenv("REGISTRY_READ_URL", f"{standby.url}")
        with serving(both(primary, standby)) as (process, address):
            acknowledged: list[str] = []
            done = threading.Event()
            writer = threading.Thread(target=_write, args=(address, acknowledged, done))
            writer.start()
            wait_for(lambda: len(acknowledged) > 20)
            primary.kill()
            standby.promote()
            with psycopg.connect(standby.url, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
                connection.execute("SELECT pg_reload_conf()")
            count = len(acknowledged)
            wait_for(lambda: len(acknowledged) > count + 20, 60)  # the same process goes on, with the other server
            done.set()
            writer.join()
            assert process.poll() is None
        with psycopg.connect(standby.url) as connection:
            rows = connection.execute(
                "SELECT convert_from(data, 'UTF8')::json ->> 'unit' FROM log.decision"
                " WHERE type = 'UnitRegistered' AND convert_from(data, 'UTF8')::json ->> 'unit' LIKE 'n-%'"
            ).fetchall()
            recorded = [row[0] for row in rows]
            assert len(recorded) == len(set(recorded))
            assert set(acknowledged) <= set(recorded)
            assert len(set(recorded) - set(acknowledged)) <= 1  # one may be recorded whose answer was lost
            assert verify(connection)


def test_the_commands_of_the_how_to_run_and_print_what_it_says(tmp_path: Path) -> None:
    blocks = re.findall(
        r"^```(sh|text)\n(.*?)^```$", (DOCS / "howto/replicas.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    with clusters() as (primary, standby):
        with database.connect(primary.url) as connection:
            record(connection, COUNTY)
        standby.stop("fast")
        shutil.rmtree(standby.folder / "data")
        programs(tmp_path / "bin", primary)
        registry = tmp_path / "bin/registry"
        registry.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {ROOT}/tests/support/preloaded_client.py "$@"\n')
        registry.chmod(0o755)
        environment = os.environ | {
            "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "QUANZE_PRELOADED": preloaded_socket(),
            "REGISTRY_HOME": str(tmp_path / "home"),
            "PRIMARY": primary.url,
            "STANDBY": standby.url,
            "DATA": str(standby.folder / "data"),
        }
        # The two of this test are on one machine: the standby's socket is put into its own folder.
        own = f'echo "unix_socket_directories = \'{standby.folder}\'" >> "$DATA/postgresql.auto.conf"\npg_ctl'
        printed = ""
        for kind, text in blocks:
            if kind == "text":
                assert text.strip() in printed or text.startswith("REGISTRY_DATABASE_URL="), text
                continue
            if "promote" in text:
                primary.kill()
            script = text.replace("\npg_ctl", f"\n{own}", 1) if "pg_basebackup" in text else text
            done = subprocess.run(
                ["bash", "-e", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=120
            )
            assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
            printed = done.stdout


def _synchronous(connection: psycopg.Connection) -> bool:
    rows = connection.execute("SELECT sync_state FROM pg_stat_replication").fetchall()
    return ("sync",) in rows


def _write(address: str, acknowledged: list[str], done: threading.Event) -> None:
    """Record unit after unit, each again until it is acknowledged: what was recorded already is a repeat."""
    query = "mutation ($decisions: [JSON!]!) { record(decisions: $decisions) { positions } }"
    number = 0
    with httpx.Client(base_url=address, timeout=10) as client:
        while not done.is_set():
            code = f"n-{number}"
            try:
                given = {"decisions": [unit(code, "village", "village", "town")]}
                answer = client.post("/graphql", json={"query": query, "variables": given})
                if "errors" in answer.json():
                    done.wait(0.1)
                    continue
            except (httpx.HTTPError, ValueError):
                done.wait(0.1)
                continue
            acknowledged.append(code)
            number += 1


def verify(connection: psycopg.Connection) -> bool:
    from registry.log import verifying

    connection.rollback()
    connection.autocommit = True
    return verifying.verify(connection).differs is None
