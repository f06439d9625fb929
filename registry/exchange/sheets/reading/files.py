"""Files of lists as grids of text: workbooks, documents, pages and texts in any of a dozen formats, whoever sent them.

The libraries that read them were written for files that are what they claim to be; one that is not can make them
crash, loop or ask for all memory. So they run in a process of its own that may use so much time and memory and no more.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

import orjson

from registry.domain.text import Text
from registry.exchange.sheets.grids import Cell, Grid
from registry.exchange.sheets.problems import BadSheet, SheetProblem, damaged
from registry.exchange.sheets.reading import converting

__all__ = ["BadSheet", "Cell", "Grid", "SheetProblem", "read"]

SIZE: Final = 20 * 2**20
SECONDS: Final = 120  # by the clock, which on a busy machine runs on; the processor's time is bounded in sandbox
# What the process that reads a file learns of this one: where programs are, and in which language they speak.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "SYSTEMROOT")


def read(path_or_bytes: Path | str | bytes, filename: str | None = None) -> list[Grid]:
    """The grids in a file, in their order: hidden and empty sheets left out, merged cells filled in.

    `filename` is what its problems call it, and what the sheet of a .csv is called; a path's own name by default. What
    the file is, its first bytes say and not its name; a .doc is converted first. Raises BadSheet, with what to do, and
    nothing else; a file that keeps its reader busy for 20 seconds (a .pdf: 60) is refused.
    """
    if isinstance(path_or_bytes, bytes):
        content, name = path_or_bytes, filename or "-"
    else:
        name = filename or Path(path_or_bytes).name
        content = _content(Path(path_or_bytes), name)
    name = (
        name.replace("\\", "/").rpartition("/")[2].replace("\0", "").encode("utf-8", "replace").decode("utf-8") or "-"
    )
    if len(content) > SIZE:
        zh = f"文件超过 {SIZE // 2**20} MB：请只保留清单本身（删去图片和无关工作表）再导入。"
        en = f"The file has more than {SIZE // 2**20} MB: keep only the list itself, without pictures and other sheets."
        raise BadSheet([SheetProblem(name, "", "too-large", zh, en)])
    if not content.strip():
        raise _empty(name)
    kept = _kept.get()
    key = hashlib.sha256(content).hexdigest(), name
    if kept is not None and key in kept:
        return kept[key]
    grids = _grids(content, name)
    if kept is not None:
        kept[key] = grids
    return grids


@contextlib.contextmanager
def keeping() -> Generator[None]:
    """Within it a file that was read once is not read again: so that nobody waits for a lock while files are read."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


_kept: ContextVar[dict[tuple[str, str], list[Grid]] | None] = ContextVar("kept", default=None)


def _grids(content: bytes, name: str) -> list[Grid]:
    answer = _apart(content, name)
    if "office" in answer:
        answer = _apart(converting.converted(content, name), name)
        if "office" in answer:
            raise damaged(name)
    if "problems" in answer:
        raise BadSheet(_problem(problem) for problem in answer["problems"])
    grids = [
        Grid(
            grid["name"],
            tuple(grid["title"]),
            tuple(tuple(Cell(*parts) for parts in row) for row in grid["rows"]),
            grid["top"],
            tuple(_problem(notice) for notice in grid["notices"]),
            tuple(grid["below"]),
            tuple(Cell(*parts) for parts in grid["comments"]),
            tuple(Cell(*parts) for parts in grid["footnotes"]),
            tuple(grid["margins"]),
        )
        for grid in answer["grids"]
    ]
    if not grids:
        raise _empty(name)
    return grids


def _problem(answer: dict[str, Any]) -> SheetProblem:
    """A problem as the other process said it: sentences of a face are pairs there."""
    faces: dict[str, Any] = {face: Text(*answer[face]) for face in ("page", "api") if answer[face] is not None}
    pairs: list[tuple[str, str]] = answer["beside"]
    beside: Any = tuple((code, title) for code, title in pairs)  # JSON has lists, and a problem is hashed
    return SheetProblem(**{**answer, **faces, "beside": beside})


def _content(path: Path, name: str) -> bytes:
    try:
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        with path.open("rb") as file:
            return file.read(SIZE + 1)
    except (OSError, ValueError) as error:
        zh = f"文件无法打开（{error}）：请核对路径和权限。"
        en = f"The file cannot be opened ({error}): check its path and who may read it."
        raise BadSheet([SheetProblem(name, "", "no-file", zh, en)]) from None


def _apart(content: bytes, name: str) -> dict[str, Any]:
    """What the process of its own says: {"grids": …}, {"problems": …} or {"office": …}. Raises BadSheet."""
    # Nothing of this process's environment, where passwords may be. Modules are found where this process finds them;
    # -P: what lies about in the current folder is no part of that.
    environment = {key: value for key, value in os.environ.items() if key in _ENVIRONMENT}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-P", "-m", "registry.exchange.sheets.reading.sandbox", name]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_slow(name) from None
    if done.returncode == -signal.SIGXCPU:
        raise _too_slow(name)
    if done.returncode and not done.stdout:
        if any(word in done.stderr for word in _OUT_OF_MEMORY):
            raise _too_vast(name)
        raise damaged(name)
    answer: dict[str, Any] = orjson.loads(done.stdout)
    return answer


def _too_slow(name: str) -> BadSheet:
    zh = "文件读取用时过长：请只保留清单本身（删去图片、无关的页和工作表），或拆成几个文件再导入。"
    en = "Reading it takes too long: keep only the list itself, without pictures and other pages, or split the file."
    return BadSheet([SheetProblem(name, "", "too-slow", zh, en)])


# As Python says it, and as the library that reads workbooks does.
_OUT_OF_MEMORY: Final = (b"MemoryError", b"memory allocation of")


def _too_vast(name: str) -> BadSheet:
    zh = "读取所需的内存过多，未予读取：请删去清单以外的内容（例如远处误填的单元格），只保留清单本身后再导入。"
    en = "Reading it takes too much memory: delete what is no part of the list (a cell filled far away, say)."
    return BadSheet([SheetProblem(name, "", "too-large", zh, en)])


def _empty(name: str) -> BadSheet:
    zh = "文件中没有内容：请核对是否选错了文件，隐藏的工作表不读取。"
    en = "There is nothing in the file: check that it is the right one; hidden sheets are not read."
    return BadSheet([SheetProblem(name, "", "empty", zh, en)])
