"""What processes that open strangers' files cannot do: hold secrets, reach the network, other files and processes."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from registry.exchange.sheets.reading import converting, files

LINUX = sys.platform.startswith("linux")
SECRET = "postgresql://quanze:hush-hush@127.0.0.1:5432/quanze"

# What a file's author would try who has made a reader run what he likes: each line says whether it was possible. The C
# library is asked as well, for machine code does not ask Python.
ATTEMPTS = """
import ctypes, json, os, socket, subprocess, sys
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
home, port, outside = sys.argv[-3], int(sys.argv[-2]), sys.argv[-1]
results = {}

def attempt(name, action):
    try:
        results[name] = bool(action())
    except (OSError, PermissionError) as error:
        results[name] = False

def connect():
    with socket.create_connection(("127.0.0.1", port), 5):
        return True

def by_c(*call):
    return getattr(libc, call[0])(*call[1:]) >= 0

attempt("the key", lambda: Path(home, "signing.key").read_bytes())
attempt("the key, in C", lambda: by_c("open", os.fsencode(home + "/signing.key"), 0))
attempt("other files", lambda: Path("/etc/passwd").read_bytes())
attempt("a folder", lambda: os.listdir(home))
attempt("the environment of the server", lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes())
attempt("a new file", lambda: Path(outside).write_bytes(b"x"))
attempt("a connection", connect)
attempt("a socket in C", lambda: by_c("socket", socket.AF_INET, socket.SOCK_STREAM, 0))
attempt("a socket of IPv6 in C", lambda: by_c("socket", socket.AF_INET6, socket.SOCK_DGRAM, 0))
attempt("a signal to the server, in C", lambda: by_c("kill", os.getppid(), 0))
"""
# Only of readers: an office program starts others.
ATTEMPTS_OF_READERS = """
attempt("a program", lambda: subprocess.run(["true"]))
attempt("a program in C", lambda: by_c("execv", b"/bin/true", None))
attempt("a process in C", lambda: by_c("fork"))
attempt("a socket of this machine in C", lambda: by_c("socket", socket.AF_UNIX, socket.SOCK_STREAM, 0))
"""
# What Python alone refuses where the kernel cannot.
BY_PYTHON = {"a connection", "a program"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry's folder with its key, in an environment with a password."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "signing.key").write_text("PRIVATE+KEY")
    monkeypatch.setenv("REGISTRY_HOME", str(folder))
    monkeypatch.setenv("REGISTRY_DATABASE_URL", SECRET)
    return folder


@pytest.fixture
def port() -> Iterator[int]:
    """A port of this machine that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_reader_reaches_nothing_but_its_file(home: Path, port: int, tmp_path: Path) -> None:
    confined = (
        "from pathlib import Path; import registry; from registry.exchange.sheets.reading import confinement;"
        "confinement.confine_reader([Path(registry.__file__).parent])"
    )
    outside = tmp_path / "outside"
    program = f"{confined}\n{ATTEMPTS}{ATTEMPTS_OF_READERS}\nprint(json.dumps(results))"
    command = [sys.executable, "-P", "-c", program, str(home), str(port), str(outside)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=Path.cwd())
    results = json.loads(done.stdout)
    assert len(results) == 14
    possible = {name for name, done in results.items() if done}
    assert possible == (set() if LINUX else set(results) - BY_PYTHON)
    assert outside.exists() is not LINUX


def test_the_process_that_reads_has_no_secret_and_no_file_but_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is started: looked at from outside while it waits for the file."""
    seen: dict[str, Any] = {}

    def run(command: list[str], *, input: bytes, env: dict[str, str], **_: Any) -> Any:  # noqa: A002
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=env) as process:
            proc = Path("/proc", str(process.pid))
            deadline = time.monotonic() + 60
            while LINUX and "Seccomp:\t2" not in (proc / "status").read_text():
                if time.monotonic() > deadline:
                    process.kill()
                    pytest.fail("it does not give up system calls")
                time.sleep(0.01)
            if LINUX:
                seen["environment"] = (proc / "environ").read_bytes()
                kinds = {number.name: stat.S_IFMT(number.stat().st_mode) for number in (proc / "fd").iterdir()}
                seen["files"] = kinds
            out, err = process.communicate(input)
            return subprocess.CompletedProcess(command, process.returncode, out, err)

    standing_in = SimpleNamespace(run=run, TimeoutExpired=subprocess.TimeoutExpired)
    monkeypatch.setattr(files, "subprocess", standing_in)
    (grid,) = files.read("名称,牵头\n秸秆禁烧,镇\n".encode(), "名单.csv")
    assert [cell.text for cell in grid.rows[1]] == ["秸秆禁烧", "镇"]
    if LINUX:
        assert b"hush-hush" not in seen["environment"]
        assert b"REGISTRY" not in seen["environment"]
        assert str(home).encode() not in seen["environment"]
        assert seen["files"] == dict.fromkeys(("0", "1", "2"), stat.S_IFIFO)


def test_an_office_program_reaches_nothing_but_its_folder(
    home: Path, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that stands in for LibreOffice, and does what a macro would."""
    outside = tmp_path / "outside"
    answer = """
results["the environment"] = any("hush" in value or "REGISTRY" in name for name, value in os.environ.items())
results["its document"] = Path(sys.argv[-4]).read_bytes() == b"\\xd0\\xcf\\x11\\xe0 a document"
results["another program"] = subprocess.run(["true"]).returncode == 0
results["a socket of this machine"] = by_c("socket", socket.AF_UNIX, socket.SOCK_STREAM, 0)
Path(sys.argv[sys.argv.index("--outdir") + 1], "list.docx").write_text(json.dumps(results))
"""
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    given = f"import sys\nsys.argv += [{str(home)!r}, '{port}', {str(outside)!r}]\n"
    program.write_text(f"#!{sys.executable}\n{given}{ATTEMPTS}{answer}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    results = json.loads(converting.converted(b"\xd0\xcf\x11\xe0 a document", "list.doc"))
    needed = {"its document", "another program", "a socket of this machine"}
    # Programs are told of the kernel's users by /etc/passwd, and stop what they started.
    allowed = {"other files", "a signal to the server, in C"}
    assert {name for name in needed if results[name]} == needed
    assert not results["the environment"]
    if LINUX:
        assert {name for name, done in results.items() if done} - needed <= allowed
        assert not outside.exists()
