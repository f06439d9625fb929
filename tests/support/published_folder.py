"""A folder of published lists that a test may change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

# As fast as PyYAML was built.
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def edit(file: Path, change: Callable[[Any], None]) -> None:
    """Change the content of a YAML file in place; `change` gets it as texts, lists and dicts."""
    content = yaml.load(file.read_text("utf-8"), _Loader)
    change(content)
    file.write_text(yaml.dump(content, Dumper=_Dumper, allow_unicode=True), "utf-8")
