"""What the workers of one run of the tests share (pytest-xdist): made by the first that needs it, used by all."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_folders: list[Path] = []  # the run's own, once it is known; none where there is one process only


def share_in(folder: Path) -> None:
    """Let this worker share what it makes with those that name the same folder."""
    _folders[:] = [folder]


@contextmanager
def noted(name: str) -> Iterator[Path | None]:
    """Yield the file in which the workers note where this is, for one of them at a time; None if nothing is shared."""
    if not _folders:
        yield None
        return
    with (_folders[0] / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _folders[0] / name
