"""The command line: `registry import`, `check`, `serve`, `demo`, `export`, `replay`, `lists load`, `rules` and more."""

from __future__ import annotations

import gzip
import os
import signal
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import psycopg
import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry import checker
from registry.checker.names.thesaurus import BadThesaurus
from registry.cli import (
    balance,
    burdens,
    certificates,
    findings,
    history,
    lists_export,
    lists_import,
    proof,
    replay,
    reports,
)
from registry.cli import check as checking
from registry.cli.terminal import BY, JSON, console, day, fail, known_position, login, tell_plainly
from registry.database import NoDatabase, connect
from registry.exchange import journal
from registry.log import recorder
from registry.recording import unit_of_work

app = typer.Typer(
    name="registry",
    help="权责登记册：谁必须做什么。 / Quanze, the registry of who must do what.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
lists_app = typer.Typer(help="全国性清单数据。 / The nationwide lists.", no_args_is_help=True)
app.add_typer(lists_app, name="lists")
lists_app.command("export")(lists_export.export)
lists_app.command("import")(lists_import.import_lists)
app.command("checkpoint")(proof.checkpoint)
app.command("evidence")(proof.evidence)
app.command("verify")(proof.verify)
app.command("replay")(replay.replaying)
app.command("blame")(history.blame)
app.command("history")(history.history)
app.command("changes")(history.changes_)
app.command("account")(history.account)
app.command("decisions")(history.decisions_)
app.command("burdens")(burdens.burdens)
app.command("reports")(reports.reports_)
app.command("monitoring")(reports.monitoring_)
app.command("balance")(balance.balance)
app.command("findings")(findings.findings)
app.command("certificate")(certificates.certificate)
app.command("certificate-demands")(certificates.certificate_demands)


def main() -> None:
    """Run the command line; what goes wrong is said in two languages, without a traceback."""
    # A command told to end lets go of the embedded server as one that has finished does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        app()
    except NoDatabase as problem:
        fail(problem.code, f"{problem.zh} / {problem.en}")
    except unit_of_work.Busy as problem:
        fail(problem.code, str(problem))
    except BadThesaurus as problem:
        fail(problem.code, str(problem))
    except psycopg.OperationalError as problem:
        detail = " ".join(str(problem).split())
        fail("database-unavailable", f"数据库连接中断：{detail} / The database connection was lost: {detail}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        fail("interrupted", "已中断，未记录任何内容。 / Interrupted; nothing was recorded.", 130)


@contextmanager
def opened(files: list[Path]) -> Generator[list[tuple[str, BinaryIO, int | None]]]:
    """The files by name, open for reading, and their sizes; `-` is standard input."""
    with ExitStack() as stack:
        found: list[tuple[str, BinaryIO, int | None]] = []
        for file in files:
            if str(file) == "-":
                found.append(("-", sys.stdin.buffer, None))
                continue
            try:
                stream = stack.enter_context(file.open("rb"))
                found.append((str(file), stream, file.stat().st_size))
            except OSError as problem:
                fail("unreadable", f"无法读取 {file}：{problem.strerror} / Cannot read {file}: {problem.strerror}")
        yield found


class Places:
    """Where each line of several journals read as one stands."""

    def __init__(self, files: list[tuple[str, BinaryIO, int | None]]) -> None:
        self.files = files
        self._starts: list[int] = []

    def lines(self) -> Iterator[bytes]:
        """All lines, file after file."""
        count = 0
        for name, stream, _ in self.files:
            self._starts.append(count)
            try:
                for line in journal.lines(stream):
                    count += 1
                    yield line
            except (gzip.BadGzipFile, EOFError, zlib.error) as problem:
                fail("bad-gzip", f"{name} 压缩数据损坏：{problem} / {name}: damaged gzip data: {problem}")
            except OSError as problem:
                fail("unreadable", f"无法读取 {name}：{problem} / Cannot read {name}: {problem}")

    def of(self, line: int) -> tuple[str, int]:
        """The file and the line in it."""
        file = max(place for place, start in enumerate(self._starts) if start < line)
        return self.files[file][0], line - self._starts[file]


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="日志文件 .jsonl / .jsonl.gz，- 为标准输入。 / Journal files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不记录。 / Check only; record nothing.")] = False,
    as_json: JSON = False,
    by: BY = None,
) -> None:
    """导入日志：全部记录，或全不记录。 / Import journals: all or nothing."""
    several = len(files) > 1
    with opened(files) as streams, connect() as connection:
        places = Places(streams)

        def tell(error: unit_of_work.LineError) -> None:
            name, line = places.of(error.line)
            if as_json:
                found = {**error.as_object(), "line": line} | ({"file": name} if several else {})
                sys.stdout.buffer.write(orjson.dumps(found) + b"\n")
            else:
                place = f"{name}:{line}"
                field = f" [{error.field}]" if error.field else ""
                console.print(
                    f"{place}: {error.code}{field}: {error.message.joined}",
                    highlight=False,
                    markup=False,
                    soft_wrap=True,
                )

        with import_progress(streams) as progress:
            try:
                counts = unit_of_work.import_journal(
                    connection,
                    places.lines(),
                    recorded_by=by or login(),
                    dry_run=dry_run,
                    on_error=tell,
                    progress=progress,
                )
            except unit_of_work.JournalRefused as refused:
                sys.stdout.flush()
                if not as_json:
                    tell_plainly(str(refused), "red")
                sys.exit(1)
    if as_json:
        summary = {"read": counts.read, "recorded": counts.recorded, "repeated": counts.repeated, "blank": counts.blank}
        sys.stdout.buffer.write(orjson.dumps(summary | {"dry_run": dry_run}) + b"\n")
    else:
        verb = ("可记录", "to record") if dry_run else ("已记录", "recorded")
        print(f"读取 {counts.read} 行：{verb[0]} {counts.recorded}，重复 {counts.repeated}，空行 {counts.blank}。")
        print(f"{counts.read} lines: {counts.recorded} {verb[1]}, {counts.repeated} repeated, {counts.blank} blank.")


@contextmanager
def import_progress(
    streams: list[tuple[str, BinaryIO, int | None]],
) -> Generator[Callable[[unit_of_work.Imported], None]]:
    """A bar by bytes read, with the rate in lines and the time left, where someone is looking."""
    sizes = [size for _, _, size in streams]
    total = None if any(size is None for size in sizes) else sum(size or 0 for size in sizes)
    columns = (
        TextColumn("导入 import"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[lines]} 行 lines, {task.fields[rate]:.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("import", total=total, lines=0, rate=0.0)

        def told(counts: unit_of_work.Imported) -> None:
            read = sum(stream.tell() for _, stream, size in streams if size is not None)
            elapsed = bar.tasks[0].elapsed or 1
            bar.update(task, completed=read, lines=counts.read, rate=counts.read / elapsed)

        yield told


@app.command()
def export(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="写入文件（.gz 则压缩）。 / File to write (.gz: compressed).")
    ] = None,
    known: Annotated[
        str | None,
        typer.Option("--until", "--known", help="只到该序号或时间。 / Only up to this position or time."),
    ] = None,
) -> None:
    """导出日志：导入空登记册后答案相同。 / Export the log as a journal that imports to the same answers."""
    with connect() as connection:
        until = None if known is None else known_position(connection, known)
        if output is None:
            for line in journal.export_journal(connection, until=until):
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return
        unfinished = output.with_name(output.name + ".part")
        try:
            with unfinished.open("wb") as file:
                if output.suffix == ".gz":
                    # No name and time inside: the same log gives the same bytes.
                    with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
                        packed.writelines(journal.export_journal(connection, until=until))
                else:
                    file.writelines(journal.export_journal(connection, until=until))
            unfinished.replace(output)
        except OSError as problem:
            unfinished.unlink(missing_ok=True)
            fail("unwritable", f"无法写入 {output}：{problem.strerror} / Cannot write {output}: {problem.strerror}")


@app.command()
def check(
    as_of: Annotated[str | None, typer.Option(help="截至哪一天，缺省今天。 / As of which day (today).")] = None,
    known: Annotated[str | None, typer.Option(help="截至哪个序号或时间所知。 / As known when.")] = None,
    within: Annotated[str | None, typer.Option(help="只看该单位辖区。 / Only that unit's territory.")] = None,
    rule: Annotated[str | None, typer.Option(help="只看该规则。 / Only that rule.")] = None,
    remedies: Annotated[
        bool | None,
        typer.Option(
            "--remedies/--no-remedies",
            help="JSON 中给出整改办法；缺省为问题不多时。 / Ways out in JSON; default: where findings are few.",
        ),
    ] = None,
    as_json: JSON = False,
) -> None:
    """检查：列出问题及其依据。 / Check: print what is wrong, and why."""
    if rule is not None and rule not in checker.RULES:
        names = ", ".join(sorted(checker.RULES))
        fail("bad-value", f"没有规则 {rule}，可选：{names} / There is no rule {rule}; choose of: {names}", 2)
    with connect() as connection:
        position, when = known_position(connection, known), day(as_of)
        found = checker.check(connection, when, position, within=within, rule=rule)
        if as_json:
            for line in checking.lines(connection, found, remedies):
                sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
            return
    for finding in found:
        print(f"{finding.severity} {finding.rule}  {finding.unit}  {finding.subject}")
        print(f"  {finding.message.zh}")
        print(f"  {finding.message.en}")
        print(f"  依据 basis: {'；'.join(finding.basis)}")
        if finding.path:
            print(f"  链条 path: {' → '.join(finding.path)}")
    print(f"{when} 共 {len(found)} 个问题（日志截至 {position}）。")
    print(f"{len(found)} findings as of {when}, as known at position {position}.")


@lists_app.command("load")
def load_lists(
    folder: Annotated[
        Path | None, typer.Argument(help="YAML 文件夹，缺省为随程序附带的。 / Folder; default: those that come along.")
    ] = None,
    on: Annotated[str | None, typer.Option(help="改动自哪一天生效，缺省今天。 / Day from which changes hold.")] = None,
    by: BY = None,
) -> None:
    """把清单文件与登记册的差异记为决定。 / Record as decisions in what the list files differ from the registry."""
    from registry.exchange import published

    with connect() as connection:
        try:
            loaded = published.load(connection, folder, day(on), recorded_by=by or login())
        except published.BadFile as problem:
            fail(problem.code, str(problem))
        except unit_of_work.JournalRefused as refused:
            for error in refused.errors[:20]:
                tell_plainly(f"{error.code}: {error.message.joined}")
            fail("conflict", str(refused))
    count = sum(loaded.recorded.values())
    print(f"已记录 {count} 项决定。 / {count} decisions recorded.")
    for type_name, number in sorted(loaded.recorded.items()):
        print(f"  {type_name}: {number}")
    for code in loaded.waiting:
        print(f"  {code}: 适用单位尚未登记，待登记后再次载入。 / its scope is not registered yet; load again then.")
    for conflict in loaded.conflicts:
        tell_plainly(f"{conflict.code}: {conflict.subject}: {conflict.message}")
    if loaded.conflicts:
        sys.exit(1)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听地址。 / Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 为任选。 / Port; 0 takes any.")] = 8000,
) -> None:
    """启动服务：GraphQL 在 /graphql。 / Serve GraphQL at /graphql."""
    from registry import web

    web.serve(host, port)


@app.command()
def demo(
    print_: Annotated[
        bool, typer.Option("--print", help="只打印日志，不记录。 / Print the journal; record nothing.")
    ] = False,
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="已有记录则不做任何事。 / Do nothing where anything is recorded.")
    ] = False,
) -> None:
    """记录一个可信的示范县（湖北宜城）。 / Record a believable county: Yicheng, Hubei."""
    from registry import demo as county

    if print_:
        for line in county.lines():
            sys.stdout.buffer.write(line)
        return
    with connect() as connection:
        if if_empty and recorder.head(connection)[0]:
            return
        try:
            counts = county.record(connection)
        except unit_of_work.JournalRefused as refused:
            for error in refused.errors[:20]:
                tell_plainly(f"{error.line}: {error.code}: {error.message.joined}")
            fail(
                "conflict",
                "示范数据与已有记录冲突，请在空的登记册中使用。 / "
                "The demo conflicts with what is recorded; use an empty registry.",
            )
        position = recorder.head(connection)[0]
    print(f"示范县已就绪：新记录 {counts.recorded} 项，日志共 {position} 项。")
    print(f"The demo county is ready: {counts.recorded} decisions recorded, {position} in the log.")


@app.command()
def rules(
    markdown: Annotated[bool, typer.Option("--markdown", help="输出规则页。 / Print the page of rules.")] = False,
) -> None:
    """列出检查规则。 / List the checker's rules."""
    if markdown:
        from registry.checker.document import markdown as document

        sys.stdout.write(document())
        return
    for name, rule in sorted(checker.RULES.items()):
        print(f"{rule.severity} {name}")
        print(f"  {rule.sentence.zh}")
        print(f"  {rule.sentence.en}")
