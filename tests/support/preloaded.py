"""A process that has the program imported and forks a child for each command: one starts in milliseconds.

What a command does is the same as in a process of its own, its exit status, files and environment included; only
importing is done once. There is a second one that has imported no more than what reads files: those that read are
allowed so much memory and no more.

A request comes over a Unix socket: a line of JSON, with the files that become the child's standard input, output and
error. Back go the child's process id and, when it has ended, its status.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, get_args

from tests.support.workers import noted

SECONDS = 120  # longer than any command may take
FILES = "registry.exchange.sheets.reading.files"
SANDBOX = "registry.exchange.sheets.reading.sandbox"
# Memory of glibc's own in pages of 2 MB: to fork takes a quarter of the time. Elsewhere this says nothing.
LARGE_PAGES = {"PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
# Imported by the program only where they are needed.
LATE = (
    *("scipy.sparse.csgraph", "pypinyin", "typer._adapters", "typer._click.decorators"),
    *("rich.status", "rich._emoji_codes", "rich._unicode_data.unicode17-0-0"),
    *("openpyxl.packaging.extended", "encodings.ascii", "encodings.cp437"),
)
# The files of a county's own words.
COUNTY_FILES = ("REGISTRY_THESAURUS", "REGISTRY_CERTIFICATE_WORDS")
ANEW = "-m, anew"  # in a request: what `-m` is, once the program has been forgotten
READERS = ("workbooks", "delimited", "documents", "html", "opendocument")  # those of small memory


class Preloaded:
    """A child of the preloaded process, started like `python ARGUMENTS`; in the ways used here as subprocess.Popen.

    Its standard output and error are read as text; of either no more than fits in a pipe waits to be read. It reads
    what is written to its standard input, which `communicate` ends, or nothing where it is not `fed`.
    """

    def __init__(
        self, arguments: Sequence[str | Path], environment: Mapping[str, str] | None = None, *, fed: bool = False
    ) -> None:
        self._stack = ExitStack()
        self.returncode: int | None = None
        self._left = ("", "")
        self.stdout, out = self._pipe()
        self.stderr, err = self._pipe()
        given, stdin = os.pipe()
        self.stdin = self._stack.enter_context(os.fdopen(stdin, "w", encoding="utf-8"))
        if not fed:
            self.stdin.close()
        files = given, out, err
        self._talk = _requested([*map(str, arguments)], environment or os.environ, files, preloaded_socket())
        for file in files:
            os.close(file)
        self._lines = self._stack.enter_context(self._stack.enter_context(self._talk).makefile("r"))
        self.pid = int(self._lines.readline())

    def _pipe(self) -> tuple[IO[str], int]:
        reading, writing = os.pipe()
        return self._stack.enter_context(os.fdopen(reading, encoding="utf-8")), writing

    def poll(self) -> int | None:
        """Its status if it has ended."""
        if self.returncode is None and select.select([self._talk], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float = SECONDS) -> int:
        """Its status, when it has ended; raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._talk], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            self.returncode = int(self._lines.readline())
            with self._stack:
                self._left = self.stdout.read(), self.stderr.read()
        return self.returncode

    def communicate(self, given: str | None = None, timeout: float = SECONDS) -> tuple[str, str]:
        """What was left of its output and errors when it had ended, given the last of its input."""
        if not self.stdin.closed:
            with suppress(BrokenPipeError), self.stdin:
                self.stdin.write(given or "")
        self.wait(timeout)
        return self._left

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended; it may have and its status be still on the way here."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start_preloaded(*arguments: str | Path, **environment: str) -> Preloaded:
    """Start what `python ARGUMENTS` is: `-m registry …`, or `-c PROGRAM …`."""
    return Preloaded(arguments, os.environ | environment)


def run_preloaded(
    arguments: list[str], environment: dict[str, str], stdin: bytes, *, anew: bool = False
) -> subprocess.CompletedProcess[bytes]:
    """Run `registry` with arguments in a child of the preloaded process; return what a process of its own would.

    `anew`: it imports the program itself, as a process of its own does; only libraries are there already.
    """
    return _run_forked([ANEW if anew else "-m", "registry", *arguments], environment, stdin, preloaded_socket())


def forking_readers(path: str | None = None) -> SimpleNamespace:
    """What stands for subprocess in the module that has files read: they are, in children of the preloaded readers.

    `path`: where these listen; None: they are started.
    """

    def run(command: list[str], *, input: bytes, env: dict[str, str], **_: Any) -> Any:  # noqa: A002
        module = command.index("-m")
        assert command[module + 1] == SANDBOX
        return _run_forked(command[module:], env, input, path or preloaded_socket("readers"))

    return SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)


def _run_forked(
    arguments: list[str], environment: dict[str, str], stdin: bytes, path: str
) -> subprocess.CompletedProcess[bytes]:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        files = given.fileno(), out.fileno(), err.fileno()
        with _requested(arguments, environment, files, path) as talk, talk.makefile("r") as lines:
            talk.settimeout(SECONDS)
            lines.readline()
            status = int(lines.readline())
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(arguments, status, out.read(), err.read())


def _requested(
    arguments: list[str], environment: Mapping[str, str], files: tuple[int, int, int], path: str
) -> socket.socket:
    """Have a child forked; gives the connection over which its process id and status come."""
    talk = socket.socket(socket.AF_UNIX)
    talk.connect(path)
    request = {"arguments": arguments, "environment": dict(environment), "cwd": str(Path.cwd())}
    socket.send_fds(talk, [b" "], files)
    talk.sendall(json.dumps(request).encode() + b"\n")
    return talk


@cache
def preloaded_socket(what: str = "program") -> str:
    """Where the process that has preloaded this listens; the first worker that needs it starts it, for all.

    `what`: "program", or only the "readers" of files. It ends with the last process that has called this.
    """
    readers = [preloaded_socket("readers")] if what == "program" else []  # commands have files read there
    with noted(f"preloaded-{what}") as note:
        if note is not None and note.exists():
            folder = note.read_text("utf-8")
            with suppress(OSError):  # it has ended with those that used it
                _use(folder)
                return f"{folder}/socket"
        folder = _started(what, *readers)
        if note is not None:
            note.write_text(folder, "utf-8")
        return f"{folder}/socket"


def _use(folder: str) -> int:
    """Have the preloaded process of this folder go on until this one ends; raises OSError where it has ended."""
    using = os.open(f"{folder}/used", os.O_WRONLY | os.O_NONBLOCK)
    atexit.register(os.close, using)
    return using


def _started(what: str, *more: str) -> str:
    """Start a preloaded process; return its folder when it listens there."""
    folder = tempfile.mkdtemp(prefix="quanze-")
    command = [sys.executable, "-m", "tests.support.preloaded", f"{folder}/socket", what, *more]
    environment = {name: value for name, value in os.environ.items() if name not in COUNTY_FILES} | LARGE_PAGES
    os.mkfifo(f"{folder}/used")
    stdin = os.open(f"{folder}/used", os.O_RDONLY | os.O_NONBLOCK)
    process: list[subprocess.Popen[bytes]] = []

    def gone() -> None:
        for each in process:
            each.wait()
        shutil.rmtree(folder)

    atexit.register(gone)  # after it is used no more: what is registered last is called first
    _use(folder)
    process.append(subprocess.Popen(command, stdin=stdin, env=environment))
    os.close(stdin)
    while not Path(f"{folder}/socket").exists():
        assert process[0].poll() is None, "the preloaded process has ended"
        time.sleep(0.01)
    return folder


# ------------------------------------------------------------------------------------------ the preloaded process


def _preload(what: str, readers: str | None) -> None:
    """Import the program, and what programs of the tests use; or the readers."""
    if what == "readers":
        for name in READERS:
            importlib.import_module(f"{SANDBOX.rpartition('.')[0]}.{name}")
        return
    import httpx  # noqa: F401
    import websockets.sync.client  # noqa: F401

    import registry

    for module in pkgutil.walk_packages(registry.__path__, "registry."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in LATE:
        importlib.import_module(name)
    importlib.import_module(FILES).subprocess = forking_readers(readers)  # type: ignore[attr-defined]
    for read in (*_read_of_counties(), *_read_of_the_program()):
        read()
    _make_commands()


def _make_commands() -> None:
    """Have Typer make every command of its function once: that took half as long as the shorter of them run."""
    from registry.cli import app

    app.root, app.command_of = cache(app.root), cache(app.command_of)
    made = [app.command_of(name.rpartition(" ")[2], entry) for name, entry in app.every_command().items()]
    commands: list[Any] = [app.root(), *made]
    for command in commands:
        for parameter in command.params:
            parameter.get_runtime_param()


def _read_of_counties() -> list[Any]:
    """What reads, once a process, data that come with the program and files that a county names in the environment."""
    from registry.checker.names.thesaurus import load_thesaurus
    from registry.queries.certificates.understanding import knowledge
    from registry.queries.certificates.vocabulary import load_vocabulary

    return [load_thesaurus, load_vocabulary, knowledge]


def _read_of_the_program() -> list[Any]:
    """What reads, once a process, only data that come with the program."""
    from registry.checker.names.learned import load_models
    from registry.database.schema import migrations
    from registry.queries.certificates.model import models

    return [load_models, models, migrations, _compile_forms]


def _compile_forms() -> None:
    """Have the forms of words that change no list compiled: of an import of a small list that took half the time."""
    from registry.exchange.sheets.meaning import changing, harmless
    from registry.exchange.sheets.recognising import headings

    unknown = "一句谁也不认得的话"
    for where in get_args(harmless.Where):
        harmless.is_harmless(unknown, where, unknown)
    for judge in (harmless.is_title, harmless.is_decided, harmless.is_legend, harmless.is_of_what_ended):
        judge(unknown)
    changing.word(unknown)
    headings.field_of(unknown)


def _serve(path: str, what: str, readers: str | None = None) -> None:
    """Fork a child for each request and report how it ended, until the standard input ends."""
    gc.disable()  # nothing that is imported goes away
    _preload(what, readers)
    gc.freeze()
    gc.enable()
    awake, waking = socket.socketpair()
    waking.setblocking(False)
    signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    running: dict[int, socket.socket] = {}  # by the child's process id, to whom its status goes
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{path}.new")
        listening.listen()
        Path(f"{path}.new").rename(path)
        while listening in (ready := select.select([listening, awake, 0], [], [])[0]) or awake in ready:
            if awake in ready:
                awake.recv(4096)
                _report_ended(running)
            if listening in ready:
                talk, _ = listening.accept()
                child = _forked(talk, [listening, awake, waking, *running.values()])
                running[child] = talk
                _send(talk, child)


def _forked(talk: socket.socket, others: Sequence[socket.socket]) -> int:
    """Fork a child that is the command that is requested; it keeps nothing of the `others`. Gives its process id."""
    _, files, _, _ = socket.recv_fds(talk, 1, 3)
    with talk.makefile("r") as lines:
        request = json.loads(lines.readline())
    child = os.fork()
    if child == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for each in (talk, *others):
            each.close()
        _run(request, files)
    for file in files:
        os.close(file)
    return child


def _report_ended(running: dict[int, socket.socket]) -> None:
    """Say of each child that has ended with what status."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            child, status = ended
            with running.pop(child) as talk:
                _send(talk, os.waitstatus_to_exitcode(status))


def _send(talk: socket.socket, number: int) -> None:
    with suppress(OSError):  # nobody waits for it any more
        talk.sendall(f"{number}\n".encode())


def _run(request: dict[str, Any], files: Sequence[int]) -> None:
    """Be the command: take its files, environment and arguments, run, and end as the interpreter would."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    os.environ.clear()
    os.environ.update(request["environment"])
    if any(name in os.environ for name in COUNTY_FILES):
        for read in _read_of_counties():
            read.cache_clear()
    os.chdir(request["cwd"])
    status = 0
    try:
        _interpret(request["arguments"])
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        atexit._run_exitfuncs()
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _interpret(arguments: list[str]) -> None:
    """Do what `python ARGUMENTS` does."""
    how, what, *more = arguments
    if how == ANEW:
        _forget_the_program()
        sys.argv = [what, *more]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    if how == "-c":
        sys.argv = ["-c", *more]
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
        return
    assert how == "-m"
    sys.argv = [what, *more]
    importlib.import_module("registry.cli.app" if what == "registry" else what).main()


def _forget_the_program() -> None:
    """Be as if nothing of the program had been imported."""
    from eventsourcing import utils

    utils.clear_topic_cache()
    for name in [name for name in sys.modules if name.partition(".")[0] == "registry"]:
        del sys.modules[name]


if __name__ == "__main__":
    _serve(*sys.argv[1:])
