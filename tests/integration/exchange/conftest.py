"""What the tests of exchange share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry import data_files
from registry.recording.unit_of_work import record
from tests.support import sheets_county
from tests.support.registry_under_test import Registry, open_registry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the published lists."""
    return Path(shutil.copytree(data_files.path("lists"), tmp_path / "lists"))


@pytest.fixture(scope="module")
def demo(demo_database: str) -> Iterator[Registry]:
    """The registry of the demo county; tests that record take it back."""
    with open_registry(demo_database) as registry:
        yield registry


@pytest.fixture(scope="module")
def recorded_county(registry: Registry) -> Registry:
    """The county whose lists come as sheets, with nothing but what it is; tests that record take it back."""
    record(registry.connection, sheets_county.journal())
    return registry


@pytest.fixture
def county(recorded_county: Registry) -> Iterator[Registry]:
    """The same, of which nothing stays that a test records on its connection."""
    with recorded_county.connection.transaction(force_rollback=True):
        yield recorded_county
