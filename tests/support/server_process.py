"""The server as a process of its own."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SERVE = "import sys; from registry import web; web.serve('127.0.0.1', int(sys.argv[1]))"


@contextmanager
def serving(url: str, port: int = 0) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process over a database, and its address; killed if the test has not ended it."""
    environment = {**os.environ, "REGISTRY_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", SERVE, str(port)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:  # type: ignore[call-overload]
        try:
            assert select.select([process.stdout], [], [], 60)[0], "it does not say that it is ready"
            line = process.stdout.readline()
            match = re.search(r"http://[\d.]+:\d+", line)
            assert match, process.kill() or process.stderr.read()
            assert "ready" in line
            assert "就绪" in line
            yield process, match[0]
        finally:
            if process.poll() is None:
                process.kill()
