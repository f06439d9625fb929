"""The rules by name, in the order of registry.domain.words.RULES, which is the one list of them.

The rule `level-skip` is the `RULE` of the module `level_skip`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from registry.checker.rule import Rule
from registry.domain import words


def _load(name: str) -> Rule:
    rule: Rule = import_module(f"{__name__}.{name.replace('-', '_')}").RULE
    if rule.name != name:
        raise ImportError(f"{rule.name} is in the module of {name}")
    return rule


RULES: Final[dict[str, Rule]] = {name: _load(name) for name in words.RULES}
