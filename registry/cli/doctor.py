"""`registry doctor`: what is wrong with an installation, each with what to do about it."""

from __future__ import annotations

import sys

from registry.cli.lines import write
from registry.cli.terminal import JSON, visible
from registry.upkeep import installation
from registry.upkeep.check_results import Level

WORDS = {Level.OK: "好 ok", Level.WARNING: "注意 warning", Level.ERROR: "有误 error"}


def doctor(as_json: JSON = False) -> None:
    """体检：安装有何问题，怎么办。 / What is wrong with this installation, and what to do about it."""
    checked = list(installation.checks())
    for one in checked:
        if as_json:
            todo = one.todo and {"zh": one.todo.zh, "en": one.todo.en}
            line = {"check": one.name, "level": one.level.value, "message": {"zh": one.text.zh, "en": one.text.en}}
            write(line | {"todo": todo})
            continue
        print(visible(f"{WORDS[one.level]}: {one.text.zh} / {one.text.en}"))
        if one.todo is not None:
            print(visible(f"    → {one.todo.zh} / {one.todo.en}"))
    if any(one.level is Level.ERROR for one in checked):
        sys.exit(1)
