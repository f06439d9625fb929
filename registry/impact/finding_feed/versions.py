"""By which versions of the rules the feed is assessed: kept with its progress, compared with those of the program."""

from __future__ import annotations

import json
from typing import cast

from registry.checker import RULES


def rule_versions() -> str:
    """Return the version of every rule with those of what it rests on, as a JSON object by the rule's name."""
    return json.dumps(_versions(), sort_keys=True)


def changed_rules(recorded: str) -> set[str] | None:
    """Return the names of the rules that are other than in `recorded`, new or gone; None: none of them is known.

    Up to version 0.1.0 `recorded` was a hash of source files, which says nothing about any rule.
    """
    try:
        before = cast("dict[str, str]", json.loads(recorded))
    except ValueError:
        return None
    if not isinstance(before, dict):  # pyright: ignore[reportUnnecessaryIsInstance]  (a hash of digits alone)
        return None
    now = _versions()
    return {name for name in {*before, *now} if before.get(name) != now.get(name)}


def _versions() -> dict[str, str]:
    return {rule.name: rule.full_version for rule in RULES.values()}
