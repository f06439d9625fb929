"""The API over a registry that each test fills, and over the county whose lists come as sheets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from registry import database
from registry.queries import certificates
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.api_client import Api, api
from tests.support.certificate_window import DAY, VILLAGE, Window
from tests.support.registry_under_test import empty


@pytest.fixture(scope="module")
def shared_api(module_database: Callable[[], str]) -> Iterator[tuple[psycopg.Connection, Api]]:
    """A database of the module's own and the API over it."""
    url = module_database()
    with database.connect(url) as connection, api(url) as opened:
        yield connection, opened


@pytest.fixture
def api_over(shared_api: tuple[psycopg.Connection, Api]) -> Callable[..., Api]:
    """A function that records a journal into the emptied registry and returns the API over it."""

    def record_and_open(journal: list[dict[str, Any]], recorded_by: str | None = None) -> Api:
        connection, opened = shared_api
        empty(connection)
        record(connection, journal, recorded_by=recorded_by)
        return opened

    return record_and_open


@pytest.fixture
def county(api_over: Callable[..., Api]) -> Api:
    """The API over the county whose lists come as sheets, with nothing but what it is."""
    return api_over(sheets_county.journal())


@pytest.fixture(scope="module")
def window(demo_database: str) -> Iterator[Window]:
    """The certificate window of a village of the demo county."""
    with asyncio.Runner() as runner:
        pool = runner.run(database.pool(demo_database, min_size=1, max_size=2))
        listed = runner.run(certificates.certificates_of(pool, VILLAGE, DAY))
        yield Window(demo_database, runner, pool, listed)
        runner.run(pool.close())
