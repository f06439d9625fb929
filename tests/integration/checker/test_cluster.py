"""The demo county judged by a Dask cluster of this machine, a worker of which is killed while it judges."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from registry.recording.unit_of_work import record
from tests.support.cli_runner import cli_process, cli_runner
from tests.support.waiting import PATIENCE, wait_for
from tests.support.worlds import COUNTY

pytestmark = pytest.mark.slow  # a scheduler and two workers start, which import Dask and the program

Worker = Callable[..., subprocess.Popen[bytes]]
QUESTION = ("check", "--as-of", "2026-06-30", "--json", "--no-remedies")  # ways out are no work of the cluster's
# A worker that begins to judge its first piece, says so in a file, and never ends.
STUCK = """
import pathlib, time
from registry.checker import cluster

def stuck(url, task):
    pathlib.Path({file!r}).touch()
    time.sleep(3600)

cluster.judged_at = stuck
"""


@contextmanager
def started(log: Path, *arguments: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of Dask, which writes into a file what it says; killed in the end."""
    command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | environment)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a scheduler. What Dask keeps in the user's folders is kept in the test's."""
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path / "dask"))
    log = tmp_path / "scheduler.log"
    with started(log, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"):
        wait_for(lambda: "Scheduler at" in log.read_text("utf-8"))
        address = re.search(r"Scheduler at:\s+(tcp://\S+)", log.read_text("utf-8"))
        assert address is not None
        yield address.group(1)


@pytest.fixture
def workers(scheduler: str, tmp_path: Path) -> Iterator[Worker]:
    """A function that starts a worker of the scheduler, by a name, and waits until it is registered there."""
    with ExitStack() as stack:

        def start(name: str, *more: str, **environment: str) -> subprocess.Popen[bytes]:
            log = tmp_path / f"{name}.log"
            options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / name))
            process = stack.enter_context(started(log, "worker", scheduler, *options, *more, **environment))
            wait_for(lambda: "Registered to" in log.read_text("utf-8"))
            return process

        yield start


def test_a_worker_that_is_killed_midway_changes_nothing(
    workers: Worker, scheduler: str, demo_database: str, tmp_path: Path
) -> None:
    expected = cli_runner(demo_database)(*QUESTION)
    assert len(expected.stdout.splitlines()) > 50
    begun, preload = tmp_path / "begun", tmp_path / "stuck.py"
    preload.write_text(STUCK.format(file=str(begun)), "utf-8")
    stuck = workers("stuck", "--preload", str(preload), REGISTRY_DATABASE_URL=demo_database)
    workers("well", REGISTRY_READ_URL=demo_database)
    with subprocess.Popen(
        [sys.executable, "-m", "registry", *QUESTION, "--cluster", scheduler],
        stdout=subprocess.PIPE,
        env=os.environ | {"REGISTRY_DATABASE_URL": demo_database},
    ) as asking:
        wait_for(begun.exists)
        stuck.kill()
        answer, _ = asking.communicate(timeout=PATIENCE)
    assert (asking.returncode, answer) == (0, expected.stdout)


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_worker_that_reads_another_registry_or_none_is_refused(
    workers: Worker,
    scheduler: str,
    demo_database: str,
    connection: psycopg.Connection,
    database_url: str,
    *,
    elsewhere: bool,
) -> None:
    record(connection, COUNTY)
    workers("other", REGISTRY_DATABASE_URL=database_url if elsewhere else "")
    refused = cli_process(demo_database)(*QUESTION, "--known", "3", "--cluster", scheduler)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert b"another-registry" in refused.stderr


def test_where_there_is_no_cluster_it_says_so(demo_database: str) -> None:
    refused = cli_process(demo_database)(*QUESTION, "--cluster", "tcp://127.0.0.1:1")
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert b"cluster-unavailable" in refused.stderr
