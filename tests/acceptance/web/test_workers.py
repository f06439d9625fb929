"""`registry serve --workers N`, and two servers on one database: what one process knows the other knows."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from registry import database
from registry.recording.unit_of_work import record
from registry.telemetry.numbers_folder import PREFIX, NumbersFolder, remove_left
from tests.support.live_server import live_server
from tests.support.preloaded import Preloaded
from tests.support.server_process import serving
from tests.support.waiting import PATIENCE, wait_for
from tests.support.worlds import COUNTY, duty, grant

WORKERS = 2


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    made = module_database()
    with database.connect(made) as connection:
        record(connection, COUNTY)
    return made


@pytest.fixture
def server(url: str) -> Iterator[tuple[Preloaded, str]]:
    with serving(url, processes=WORKERS, command=True) as started:
        yield started


def children(pid: int) -> set[int]:
    return {int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def numbers_of(pid: int) -> Path:
    """Where a server's processes keep their numbers: the folder of the file that they hold."""
    (held,) = (link for link in map(os.readlink, Path(f"/proc/{pid}/fd").iterdir()) if "/quanze-numbers-" in link)
    return Path(held).parent


def fresh(address: str, path: str) -> httpx.Response:
    """An answer over a connection of its own: any process may give it."""
    return httpx.get(f"{address}{path}", headers={"connection": "close"})


def requests_counted(address: str, operation: str) -> float:
    """How many requests of that kind the server says that it has answered."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(fresh(address, "/metrics").text)
        for sample in family.samples
        if sample.name == "quanze_requests_total" and sample.labels["operation"] == operation
    )


def test_the_processes_share_the_work_and_their_numbers_add_up(server: tuple[Preloaded, str]) -> None:
    process, address = server
    assert len(children(process.pid)) == WORKERS
    for _ in range(60):
        assert fresh(address, "/ready").json() == {"status": "ready"}
    assert {requests_counted(address, "GET /ready") for _ in range(10)} == {60}
    (victim, *_) = children(process.pid)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: len(children(process.pid) - {victim}) == WORKERS)
    for _ in range(20):
        assert fresh(address, "/ready").json() == {"status": "ready"}
    assert {requests_counted(address, "GET /ready") for _ in range(10)} == {80}


def test_told_to_stop_all_stop(server: tuple[Preloaded, str]) -> None:
    process, _ = server
    theirs = children(process.pid)
    process.terminate()
    _, err = process.communicate(timeout=PATIENCE)
    assert err == ""
    assert process.returncode == 128 + signal.SIGTERM
    assert not any(map(alive, theirs))


def test_when_the_parent_is_killed_no_process_is_left(server: tuple[Preloaded, str]) -> None:
    process, _ = server
    theirs = children(process.pid)
    folder = numbers_of(process.pid)
    process.kill()
    wait_for(lambda: not any(map(alive, theirs)))
    assert not folder.exists()


def test_what_a_server_killed_with_all_its_processes_left_the_next_removes(server: tuple[Preloaded, str]) -> None:
    process, _ = server
    theirs = children(process.pid)
    folder = numbers_of(process.pid)
    NumbersFolder.make().leave()  # another server comes and goes
    assert folder.exists()
    for each in (process.pid, *theirs):
        os.kill(each, signal.SIGKILL)
    wait_for(lambda: not any(map(alive, (process.pid, *theirs))))
    assert folder.exists()

    def removed() -> bool:
        remove_left()
        return not folder.exists()

    wait_for(removed)  # once what they had started besides, such as the reader of sheets, has noticed


def test_a_server_of_one_process_removes_what_was_left_and_leaves_what_is_being_made(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    used = NumbersFolder.make()
    killed, begun, old = (tmp_path / f"{PREFIX}{name}" for name in ("killed", "begun", "old"))
    for folder in (killed, begun, old):
        folder.mkdir()
    (killed / "in-use").touch()
    os.utime(old, (0, 0))  # its server was killed before it had the lock
    with serving(url, TMPDIR=str(tmp_path)):
        assert {each.name for each in tmp_path.glob(f"{PREFIX}*")} == {begun.name, used.path.name}
    used.leave()


def test_a_taken_address_is_reported(server: tuple[Preloaded, str], url: str) -> None:
    port = int(server[1].rpartition(":")[2])
    for processes in (1, WORKERS):
        with pytest.raises(AssertionError, match="cannot-listen"), serving(url, port, processes, command=True):
            pass


@pytest.fixture(scope="module")
def both(url: str) -> Iterator[tuple[str, str]]:
    """Two servers on one database, as behind a balancer."""
    with live_server(url) as one, serving(url) as (_, other):
        yield one, other


def test_a_form_that_one_showed_is_taken_by_the_other(both: tuple[str, str], url: str) -> None:
    one, other = both
    with httpx.Client() as browser:
        page = browser.get(f"{one}/lists/import?lang=en")
        (token,) = set(re.findall(r'name="token" value="([^"]+)"', page.text))
        cookie = {"cookie": f"quanze_form={browser.cookies['quanze_form']}"}
        form = {"token": token, "county": "420684", "instrument": "通知1号", "as": "MORE"}
        content = "基本履职事项清单\n序号,事项名称\n1,巡河\n".encode()
        sent = {"file": ("a.csv", content)}
        shown = httpx.post(f"{other}/lists/import", data=form, files=sent, headers=cookie, follow_redirects=True)
        while "<progress" in shown.text:  # either tells how far the other is
            shown = httpx.get(one + shown.url.raw_path.decode(), headers=cookie, follow_redirects=True)
    assert shown.status_code == 200
    assert "巡河" in shown.text


def test_a_feed_goes_on_at_another_from_its_position(both: tuple[str, str], url: str) -> None:
    one, other = both
    with database.connect(url) as connection:
        record(connection, [duty("F-1"), duty("F-2")])

    def first_id(address: str, after: int) -> int:
        with httpx.stream("GET", f"{address}/v1/decisions", headers={"last-event-id": str(after)}) as lines:
            ids = (line for line in lines.iter_lines() if line.startswith("id:"))
            next(ids)  # where it starts
            return int(next(ids)[3:])

    reached = first_id(one, 0)
    assert first_id(other, reached) == reached + 1


def test_findings_are_judged_once_though_both_would(url: str) -> None:
    with serving(url) as (_, one), serving(url) as (_, _):
        with database.connect(url) as connection:
            record(connection, [grant("G-1", "2021-01-01"), duty("F-3", to="town2")])
            wait_for(lambda: _judged(connection))
            rows = connection.execute("SELECT number, rule, unit, subject FROM judged.event ORDER BY number").fetchall()
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        assert fresh(one, "/ready").status_code == 200


def _judged(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT p.position = (SELECT max(position) FROM log.decision) FROM judged.progress p"
    ).fetchone()
    return row is not None and row[0]
