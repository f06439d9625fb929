"""Both counties behind the API, filled once for all tests here: these record little, each under ids of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry import database
from registry.access import accounts
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.recording.unit_of_work import record
from tests.support.alike import every_statement
from tests.support.api_client import api
from tests.support.counties import BY, Counties
from tests.support.databases import Databases
from tests.support.two_counties import JOURNAL, TOWNS, mark


@pytest.fixture(scope="package")
def counties(lent_databases: Databases) -> Iterator[Counties]:
    with lent_databases.lent() as url, database.connect(url) as connection, api(url) as opened:
        record(connection, JOURNAL, recorded_by="someone")
        accounts.add(connection, "first", None, [Grant(Role.ADMINISTRATOR)], BY)  # it is open to everybody no more
        connection.commit()
        refs = {line.get("ref"): position for position, line in enumerate(JOURNAL, 1)}
        yield Counties(url, opened, connection, {town: refs[f"{mark(town)}D2"] for town in TOWNS})


@pytest.fixture(scope="module")
def statements() -> Iterator[list[str]]:
    """Every statement of the server, cleared by whoever counts them."""
    with every_statement() as noted:
        yield noted
