"""A bar on standard error for what goes through the log decision by decision, where someone is looking."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.cli.terminal import console


@contextmanager
def decisions_bar(title: str) -> Generator[Callable[[int, int], None]]:
    """Show a bar; gives the function that is told the decisions done and in all."""
    screen = console()
    columns = (TextColumn(title), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
