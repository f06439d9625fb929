"""One registry asked over GraphQL and on the command line: that of the module's `JOURNAL`, recorded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from registry import database
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.cli_runner import Run, cli_runner


@pytest.fixture(scope="module")
def journal_url(request: pytest.FixtureRequest, module_database: Callable[[], str]) -> str:
    """The URL of a database with the module's JOURNAL recorded; its tests only read."""
    made = module_database()
    with database.connect(made) as connection:
        record(connection, request.module.JOURNAL)
    return made


@pytest.fixture(scope="module")
def client(journal_url: str) -> Iterator[Api]:
    """The API over the module's JOURNAL."""
    with api(journal_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def run(journal_url: str) -> Run:
    """The command line over the module's JOURNAL."""
    return cli_runner(journal_url)
