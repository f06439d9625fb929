"""The folder in which the processes of one server keep their numbers; it goes with the last of them.

All hold a lock on a file in it that they have from their parent by fork, and that the system takes from whoever is
killed. So the last one to end finds it free and removes the folder; where all were killed at once, the next server
does.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

PREFIX: Final = "quanze-numbers-"
MADE: Final = 600.0  # seconds after which a folder has its lock, or a server that is no more
_LOCK: Final = "in-use"


@dataclass(frozen=True, slots=True)
class NumbersFolder:
    """The folder, and the open file whose lock says that it is used."""

    path: Path
    lock: int

    @classmethod
    def make(cls) -> Self:
        """A new, empty one in the temporary folder of the system; what killed servers left there is removed."""
        remove_left()
        path = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cls(path, lock)

    def leave(self) -> None:
        """Use it no more; the last process to leave removes it. Called once in each, at its end. Raises nothing."""
        with contextlib.suppress(OSError):
            os.close(self.lock)
        _remove_unless_used(self.path)


def remove_left() -> None:
    """Remove what killed servers left in the temporary folder of the system. Raises nothing."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        _remove_unless_used(left)


def _remove_unless_used(path: Path) -> None:
    """Remove a folder of this user's that no server uses. One without its lock has just been made: it stays a while."""
    try:
        state = path.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.geteuid():
            return
        if time.time() - state.st_mtime > MADE and not (path / _LOCK).exists():  # its server was killed in between
            shutil.rmtree(path, ignore_errors=True)
            return
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except OSError:  # somebody holds it
        pass
    finally:
        os.close(lock)
