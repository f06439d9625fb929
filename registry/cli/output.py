"""Writing what a command makes to a file: beside it first, so that it is there whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from registry.cli.terminal import fail


def write_file(output: Path, write: Callable[[BinaryIO], object]) -> None:
    """Have `write` fill a file that takes the name `output` when it is complete. Leaves where it cannot be written."""
    unfinished = output.with_name(output.name + ".part")
    try:
        with unfinished.open("wb") as file:
            write(file)
        unfinished.replace(output)
    except OSError as problem:
        unfinished.unlink(missing_ok=True)
        fail("unwritable", f"无法写入 {output}：{problem.strerror}", f"Cannot write {output}: {problem.strerror}")


def write_stdout(content: bytes) -> None:
    """Write bytes on standard output."""
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def refuse_terminal(what_zh: str, what_en: str) -> None:
    """Leave where standard output is a terminal: such bytes are for a file."""
    if sys.stdout.isatty():
        fail("bad-value", f"{what_zh}请用 -o 写入文件。", f"{what_en}: name a file with -o.", 2)
