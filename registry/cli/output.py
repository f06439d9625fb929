"""Writing what a command makes to a file: beside it first, so that it is there whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from registry.cli.terminal import fail


def write_file(output: Path, write: Callable[[BinaryIO], object]) -> None:
    """Have `write` fill a file that takes the name `output` when it is complete. Leaves where it cannot be written.

    A link is followed; a pipe or a device is written to; what takes a file's place keeps its mode.
    """
    try:
        target = output.resolve()
        there = target.stat() if target.exists() else None
        if there is None or stat.S_ISREG(there.st_mode):
            _replace(target, there, write)
        else:
            with target.open("wb") as file:
                write(file)
    except BrokenPipeError:
        fail("unwritable", f"{output} 的另一端已关闭。", f"Nobody reads {output} any more.")
    except OSError as problem:
        fail("unwritable", f"无法写入 {output}：{problem.strerror}", f"Cannot write {output}: {problem.strerror}")


def _replace(target: Path, there: os.stat_result | None, write: Callable[[BinaryIO], object]) -> None:
    """Fill a new file beside the target and give it the target's name and mode. Raises OSError."""
    if there is not None and there.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, "属于另一用户 / it belongs to another user")
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".quanze-")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(handle)
        unfinished.chmod(stat.S_IMODE(there.st_mode) if there is not None else 0o666 & ~_umask())
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink()
        raise


def _umask() -> int:
    """The mask of new files, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def write_stdout(content: bytes) -> None:
    """Write bytes on standard output."""
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def refuse_terminal(what_zh: str, what_en: str) -> None:
    """Leave where standard output is a terminal: such bytes are for a file."""
    if sys.stdout.isatty():
        fail("bad-value", f"{what_zh}请用 -o 写入文件。", f"{what_en}: name a file with -o.", 2)
