"""A folder of published lists that a test may change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

# As fast as PyYAML was built.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class DatesAsTexts(_SafeLoader):
    """YAML whose dates stay the text they are, as a schema sees them."""


DatesAsTexts.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def edit(file: Path, change: Callable[[Any], None]) -> None:
    """Change the content of a YAML file in place; `change` gets dates as texts."""
    content = yaml.load(file.read_text("utf-8"), DatesAsTexts)
    change(content)
    file.write_text(yaml.dump(content, Dumper=_Dumper, allow_unicode=True), "utf-8")
