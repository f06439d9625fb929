"""How commands print: one JSON object a line, tables as wide as they need, decisions and times."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from rich.cells import cell_len

if TYPE_CHECKING:
    from registry.queries.history.decisions import Decision


def write(line: Mapping[str, Any]) -> None:
    """Print one JSON object on a line."""
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Print columns as wide as their widest cell, two screen columns for each Chinese character."""
    widths = [max(map(cell_len, column)) for column in zip(head, *lines, strict=True)]
    for line in (head, *lines):
        print(
            "  ".join(cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        )


def recorded(decision: Decision | None) -> dict[str, Any] | None:
    """Give where, when and by whom a decision was recorded; None for none."""
    if decision is None:
        return None
    line = {"position": decision.position, "type": decision.type, "at": decision.data["at"]}
    return line | {"recorded_at": at_time(decision.recorded_at), "recorded_by": decision.recorded_by}


def print_undo(before: int, after: int) -> None:
    """Say how what was recorded after one position up to another is taken back; nothing where nothing was."""
    if after > before:
        span = str(after) if after == before + 1 else f"{before + 1}-{after}"
        print(f"如需撤回：registry undo {span} / To take it back: registry undo {span}")


def at_time(time: datetime) -> str:
    """Write a time in UTC, to the second."""
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def with_code(name: str | None, code: str | None) -> str:
    """Write what a person calls something, and its code behind it."""
    if not code:
        return "—"
    return f"{name}（{code}）" if name else code
