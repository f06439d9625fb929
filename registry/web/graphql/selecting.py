"""Which fields a question asks for, so that what many objects will ask for can be loaded at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def selected_names(fields: Iterable[Any]) -> set[str]:
    """The names of all fields within these (strawberry's `info.selected_fields`), however deep, fragments included."""
    names: set[str] = set()
    for each in fields:
        if hasattr(each, "name"):
            names.add(each.name)
        names |= selected_names(each.selections)
    return names
