"""Who waits for what: no question for those who wait for the log's lock, nor for what nobody waits for any more."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest

from registry import database
from registry.recording.unit_of_work import record
from tests.support.live_server import live_server
from tests.support.waiting import PATIENCE, blocked, wait_for
from tests.support.worlds import COUNTY

MATTER = 'mutation { defineMatter(at: "2023-01-01", matter: "M-%d", kind: DUTY, name: "x") { positions } }'
FINDINGS = '{ findings(asOf: "%s") { totalCount } }'
MANY = 12  # more than there are threads for anything


@pytest.fixture(scope="module")
def county(module_database: Any) -> Iterator[tuple[str, str]]:
    """A county's database, and the address of its server."""
    url = module_database()
    with pytest.MonkeyPatch.context() as patch, database.connect(url) as connection:
        record(connection, COUNTY)
        patch.setattr("registry.web.resources.PATIENCE", 1.0)
        # Whoever waits for a lock waits for ever, unless somebody ends it.
        patch.setattr("registry.database.connections.WRITING", database.connections.WRITING.replace("30s", "0"))
        with live_server(url) as address:
            yield url, address


def ask(address: str, query: str, patience: float = PATIENCE) -> Any:
    return httpx.post(f"{address}/graphql", json={"query": query}, timeout=patience).json()


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


def test_a_question_is_answered_while_many_recordings_wait(county: tuple[str, str]) -> None:
    url, address = county
    with database.connect(url) as holding, database.connect(url) as other, ThreadPoolExecutor(MANY) as beside:
        with holding.transaction():
            holding.execute("LOCK TABLE log.decision IN EXCLUSIVE MODE")
            waiting = [beside.submit(ask, address, MATTER % number) for number in range(MANY)]
            wait_for(lambda: blocked(other) > 0)
            page = httpx.get(f"{address}/findings", headers={"accept": "text/html"}, timeout=PATIENCE)
            assert page.status_code == 200
            assert "errors" not in ask(address, FINDINGS % "2024-01-01")
            assert sum(not one.done() for one in waiting) > 0
            wait_for(lambda: sum(one.done() for one in waiting) >= MANY - blocked(other))
        answers = [one.result() for one in waiting]
    busy = [codes(answer) for answer in answers if codes(answer)]
    assert busy == [["busy"]] * len(busy)
    assert 0 < len(busy) < MANY
    for number, answer in enumerate(answers):  # what was refused was not recorded, and the other way round
        there = ask(address, f'{{ matter(code: "M-{number}") {{ code }} }}')["data"]["matter"]
        assert (there is None) is bool(codes(answer))


def test_what_nobody_waits_for_any_more_ends(county: tuple[str, str]) -> None:
    url, address = county
    with database.connect(url) as holding, database.connect(url) as other, ThreadPoolExecutor(MANY) as beside:
        with holding.transaction():
            holding.execute("LOCK TABLE live.delegation IN ACCESS EXCLUSIVE MODE")
            asking = [beside.submit(left, address, FINDINGS % f"2023-01-{day + 1:02}") for day in range(MANY)]
            wait_for(lambda: blocked(other) > 0)
            assert [one.result() for one in asking] == [None] * MANY
            wait_for(lambda: blocked(other) == 0)
        assert "errors" not in ask(address, FINDINGS % "2023-02-01")


def left(address: str, query: str) -> None:
    """Ask, and leave after a while without an answer."""
    with suppress(httpx.TimeoutException):
        raise AssertionError(ask(address, query, 2.0))
