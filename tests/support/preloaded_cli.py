"""A process that has the command line imported and forks a child for each command: it starts in milliseconds.

What a command does is the same as in a process of its own, its exit status, files and environment included; only
importing is done once. The requests come as JSON lines over a pipe, the statuses go back over another.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path
from typing import Any

SECONDS = 120  # longer than any command may take


def run_preloaded(
    arguments: list[str], environment: dict[str, str], stdin: bytes
) -> subprocess.CompletedProcess[bytes]:
    """Run `registry` with arguments in a child of the preloaded process; return what a process of its own would."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "stdin").write_bytes(stdin)
        request = {"arguments": arguments, "environment": environment, "folder": name, "cwd": str(Path.cwd())}
        requests, statuses = _preloaded()
        requests.write(json.dumps(request) + "\n")
        requests.flush()
        status = int(statuses.readline())
        assert status != -signal.SIGALRM, f"registry {arguments} took longer than {SECONDS} seconds"
        return subprocess.CompletedProcess(
            ["registry", *arguments], status, (folder / "stdout").read_bytes(), (folder / "stderr").read_bytes()
        )


@cache
def _preloaded() -> tuple[Any, Any]:
    """Start the process, once; return where requests go and where statuses come from."""
    requests_end, requests = os.pipe()
    statuses, statuses_end = os.pipe()
    command = [sys.executable, "-m", "tests.support.preloaded_cli", str(requests_end), str(statuses_end)]
    process = subprocess.Popen(command, pass_fds=(requests_end, statuses_end), stdin=subprocess.DEVNULL)
    os.close(requests_end)
    os.close(statuses_end)
    opened = os.fdopen(requests, "w"), os.fdopen(statuses)

    def stop() -> None:
        opened[0].close()
        process.wait()

    atexit.register(stop)
    return opened


def _serve(requests: int, statuses: int) -> None:
    """Fork a child for each request until there are no more."""
    import registry

    for module in pkgutil.walk_packages(registry.__path__, "registry."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    # Closed in the children, that the end of the requests is seen when the tests end.
    with os.fdopen(requests) as lines, os.fdopen(statuses, "w") as out:
        for line in lines:
            child = os.fork()
            if child == 0:
                lines.close()
                out.close()
                _run(json.loads(line))
            _, status = os.waitpid(child, 0)
            out.write(f"{os.waitstatus_to_exitcode(status)}\n")
            out.flush()


def _run(request: dict[str, Any]) -> None:
    """Be the command: take its files, environment and arguments, run, and end as the interpreter would."""
    from registry.cli.app import main

    folder = Path(request["folder"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        opened = os.open(folder / name, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    sys.argv = ["registry", *request["arguments"]]
    signal.alarm(SECONDS)
    status = 0
    try:
        main()
    except SystemExit as ended:
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), int(sys.argv[2]))
