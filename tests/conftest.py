"""One PostgreSQL for all tests, and empty migrated databases for those that ask for one.

The server is the program's own, in a temporary folder, or that of REGISTRY_TEST_DATABASE_URL. With pytest-xdist the
workers share it. No test touches the user's own registry.
"""

from __future__ import annotations

import gc
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import httpx
import psycopg
import pytest

from registry import database, demo
from registry.impact import finding_feed
from tests.support import databases, workers
from tests.support.databases import Databases
from tests.support.drawing import load_profile, searching
from tests.support.preloaded import forking_readers
from tests.support.registry_under_test import Registry, open_registry
from tools.waiting import PATIENCE

os.environ.pop("REGISTRY_DATABASE_URL", None)
# What tests and the processes that they start import is compiled once, whatever the environment says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
load_profile()
gc.disable()  # importing all tests: nothing goes away
# Of objects made, before the young are looked at; and how often as often before the older are. With Python's own 700
# the collector took a twelfth of the tests' time.
COLLECTED = (10_000, 10, 10)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let the modules with slow tests begin: of two workers, neither is left with a long one at the end.

    A search begins anywhere; else one that ends early would never come to the last tests.
    """
    if searching():
        random.Random(config.getoption("--hypothesis-seed")).shuffle(items)  # all workers alike
        return
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Collect garbage from now on, but look no more at what was imported, which the tests do not let go of."""
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def server_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The server of the session: a URL of some database of it, whose user may create others."""
    base = tmp_path_factory.getbasetemp()
    shared = base
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = base.parent
        workers.share_in(shared)
    os.environ["REGISTRY_HOME"] = str(shared / "home")
    chosen = os.environ.get("REGISTRY_TEST_DATABASE_URL")
    if chosen:
        return chosen
    url = database.url()
    with psycopg.connect(url, autocommit=True) as server:
        # Nothing here need survive a power cut; and tables are counted and tidied only where a test says so.
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            server.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        server.execute("SELECT pg_reload_conf()")
    return url


@pytest.fixture(scope="session", autouse=True)
def readers() -> Iterator[None]:
    """Files are read in processes of their own with their limits, as ever; but these do not import the readers anew.

    So it is in preloaded commands; those that are processes of their own (cli_process) start them as users do.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("registry.exchange.sheets.reading.files.subprocess", forking_readers())
        yield


@pytest.fixture(scope="session", autouse=True)
def one_ssl_context() -> Iterator[None]:
    """Clients of tests share what they know of certificates: to read those took each longer than what it asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def patient_clients() -> Iterator[None]:
    """Clients of tests wait longer than five seconds, which a slow machine may need for a first answer."""
    with pytest.MonkeyPatch.context() as patch:
        for what in ("connect", "read", "write", "pool"):
            patch.setattr(f"httpx._config.DEFAULT_TIMEOUT_CONFIG.{what}", PATIENCE)
        yield


@pytest.fixture(scope="session")
def migrated(server_url: str) -> Iterator[str]:
    """The name of a migrated, empty database of the worker's own, to be copied and to be looked at."""

    def migrate(url: str) -> None:
        database.connect(url).close()

    with (
        databases.template_database(server_url, "migrated", migrate) as first,
        databases.temporary_database(server_url, first, left=databases.goes_with_its_server()) as name,
    ):
        yield name


@pytest.fixture(scope="session")
def lent_databases(server_url: str, migrated: str) -> Iterator[Databases]:
    """Migrated, empty databases that are lent to one test after another."""
    with Databases(server_url, migrated) as lent:
        yield lent


@pytest.fixture
def new_database(lent_databases: Databases) -> Iterator[Callable[[], str]]:
    """A function that gives the URL of an empty migrated database; for tests that need several."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(lent_databases.lent())


@pytest.fixture(scope="module")
def module_database(lent_databases: Databases) -> Iterator[Callable[[], str]]:
    """A function that gives the URL of an empty migrated database, the module's until its last test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(lent_databases.lent())


@pytest.fixture(scope="session")
def demo_template(server_url: str, migrated: str) -> Iterator[str]:
    """The name of a database with the demo county recorded, to be copied only."""

    def fill(url: str) -> None:
        with database.connect(url) as connection:
            demo.record(connection)

    with databases.template_database(server_url, "demo", fill, migrated) as name:
        yield name


@pytest.fixture(scope="session")
def judged_template(server_url: str, demo_template: str) -> Iterator[str]:
    """The name of a database with the demo county recorded and its log judged, to be copied only.

    For servers whose pages say what became of a finding: over a log that is not judged, each of them judges a part of
    it, until all is, which takes as long as a hundred pages.
    """

    def judge(url: str) -> None:
        with database.connect(url) as connection:
            finding_feed.bring_up_to_date(connection)

    with databases.template_database(server_url, "demo-judged", judge, demo_template) as name:
        yield name


@pytest.fixture(scope="module")
def demo_database(server_url: str, demo_template: str) -> Iterator[str]:
    """The URL of a database of the module's own with the demo county recorded."""
    with databases.database_copy(server_url, demo_template) as url:
        yield url


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a database without any table."""
    with databases.temporary_database(server_url) as name:
        yield databases.database_url(server_url, name)


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The URL of an empty migrated database."""
    return new_database()


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection to an empty migrated database, as database.connect gives it."""
    opened = database.connect(database_url)
    yield opened
    opened.close()


# A property asks the same questions of hundreds of little registries: planned anew each time, that takes ten times as
# long as answering. What the plans are is for tests/integration/queries/test_plans*.py.
PLANNED_ONCE = "&options=-c%20plan_cache_mode%3Dforce_generic_plan"


@pytest.fixture(scope="module")
def registry(module_database: Callable[[], str]) -> Iterator[Registry]:
    """A registry in a database of the module's own; its tests empty it. A question is planned once."""
    with open_registry(module_database() + PLANNED_ONCE) as opened:
        yield opened
