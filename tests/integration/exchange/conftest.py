"""What the tests of exchange share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from registry import data_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the published lists."""
    return Path(shutil.copytree(data_files.path("lists"), tmp_path / "lists"))
