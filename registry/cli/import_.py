"""`registry import`: journals, read line by line, recorded all or not at all."""

from __future__ import annotations

import gzip
import os
import stat
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.cli.lines import print_undo, write
from registry.cli.terminal import BY, JSON, console, fail, login, report
from registry.database import connect
from registry.domain.text import counted
from registry.exchange import journal
from registry.queries.findings.judged_up_to import judged_up_to
from registry.recording.journal_import import Imported, import_journal
from registry.recording.unit_of_work import JournalRefused, LineError

Stream = tuple[str, BinaryIO, int | None]  # a file's name, the file, its size in bytes (None: it comes through a pipe)


def import_(
    files: Annotated[list[Path], typer.Argument(help="日志文件 .jsonl / .jsonl.gz，- 为标准输入。 / Journal files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不记录。 / Check only; record nothing.")] = False,
    as_json: JSON = False,
    by: BY = None,
) -> None:
    """导入日志：全部记录，或全不记录。 / Import journals: all or nothing."""
    several = len(files) > 1
    with _opened(files) as streams, connect() as connection:
        lines = _Lines(streams)

        def print_error(error: LineError) -> None:
            name, line = lines.origin(error.line)
            if as_json:
                write({**error.as_object(), "line": line} | ({"file": name} if several else {}))
            else:
                field = f" [{error.field}]" if error.field else ""
                report(f"{name}:{line}: {error.code}{field}: {error.message.joined}")

        with _progress(streams) as progress:
            try:
                counts = import_journal(
                    connection,
                    lines.read(),
                    recorded_by=by or login(),
                    dry_run=dry_run,
                    on_error=print_error,
                    progress=progress,
                )
            except JournalRefused as refused:
                sys.stdout.flush()
                if not as_json:
                    report(str(refused), "red")
                sys.exit(1)
        judged = judged_up_to(connection) if counts.after > counts.before else None
    if as_json:
        summary: dict[str, Any] = {"read": counts.read, "recorded": counts.recorded, "repeated": counts.repeated}
        if counts.warning is not None:
            summary["warning"] = {"zh": counts.warning.zh, "en": counts.warning.en}
        if judged is not None:
            summary["judged"] = {"position": judged, "of": counts.after}
        write(summary | {"annulled": counts.annulled, "blank": counts.blank, "dry_run": dry_run})
    else:
        verb = ("可记录", "to record") if dry_run else ("已记录", "recorded")
        print(f"读取 {counts.read} 行：{verb[0]} {counts.recorded}，重复 {counts.repeated}，空行 {counts.blank}。")
        read = counted(counts.read, "line")
        print(f"{read}: {counts.recorded} {verb[1]}, {counts.repeated} repeated, {counts.blank} blank.")
        if counts.annulled:
            print(f"重复的行中，{counts.annulled} 行所记录的已被撤销，仍不生效；要恢复请记录 Reinstated。")
            print(
                f"Annulled since, of the repeated, and not in force: {counts.annulled}; to have these back, reinstate."
            )
        print_undo(counts.before, counts.after)
        if judged is not None:
            _print_judged(judged, counts.after)


def _print_judged(judged: int, last: int) -> None:
    """Say how far the feed of findings goes, where that is not all."""
    if judged < last:
        print(f"问题动态判定到第 {judged} 项决定，共 {last} 项；服务运行时自行接着判定，也可运行 registry findings。")
        print(f"The feed of findings goes up to decision {judged} of {last}; a running server goes on by itself,")
        print("or else run registry findings.")


@contextmanager
def _opened(files: list[Path]) -> Generator[list[Stream]]:
    """Open the files for reading; `-` is standard input."""
    with ExitStack() as stack:
        streams: list[Stream] = []
        for file in files:
            if str(file) == "-":
                streams.append(("-", sys.stdin.buffer, None))
                continue
            try:
                stream = stack.enter_context(file.open("rb"))
                opened = os.fstat(stream.fileno())  # a pipe has no size, and no place to report
                streams.append((str(file), stream, opened.st_size if stat.S_ISREG(opened.st_mode) else None))
            except OSError as problem:
                fail("unreadable", f"无法读取 {file}：{problem.strerror}", f"Cannot read {file}: {problem.strerror}")
        yield streams


class _Lines:
    """Several journals read as one, and where each line stands."""

    def __init__(self, streams: list[Stream]) -> None:
        self.streams = streams
        self._starts: list[int] = []

    def read(self) -> Iterator[bytes]:
        """Yield all lines, file after file."""
        count = 0
        for name, stream, _ in self.streams:
            self._starts.append(count)
            try:
                for line in journal.lines(stream):
                    count += 1
                    yield line
            except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
                fail("bad-gzip", f"{name} 压缩数据损坏：{problem}", f"{name}: damaged gzip data: {problem}")
            except OSError as problem:
                fail("unreadable", f"无法读取 {name}：{problem}", f"Cannot read {name}: {problem}")

    def origin(self, line: int) -> tuple[str, int]:
        """Give the file of a line, counted from 1 over all files, and its number in that file."""
        file = max(index for index, start in enumerate(self._starts) if start < line)
        return self.streams[file][0], line - self._starts[file]


@contextmanager
def _progress(streams: list[Stream]) -> Generator[Callable[[Imported], None]]:
    """Show a bar by bytes read, with the rate in lines and the time left, where someone is looking."""
    sizes = [size for _, _, size in streams]
    total = None if any(size is None for size in sizes) else sum(size or 0 for size in sizes)
    columns = (
        TextColumn("导入 import"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[lines]} 行 lines, {task.fields[rate]:.0f}/s"),
        TimeRemainingColumn(),
    )
    screen = console()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("import", total=total, lines=0, rate=0.0)

        def update(counts: Imported) -> None:
            read = sum(stream.tell() for _, stream, size in streams if size is not None)
            elapsed = bar.tasks[0].elapsed or 1
            bar.update(task, completed=read, lines=counts.read, rate=counts.read / elapsed)

        yield update
