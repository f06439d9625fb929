"""A folder of published lists that a test may change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml


def edit(file: Path, change: Callable[[Any], None]) -> None:
    """Change the content of a YAML file in place; `change` gets it as texts, lists and dicts."""
    content = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
    change(content)
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
