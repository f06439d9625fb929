"""The server as a process of its own."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.preloaded import SECONDS, Preloaded, start_preloaded

SERVE = "from registry import web; web.serve('127.0.0.1', {port}, processes={processes})"
# The same, but it looks every tenth of a second what webhooks there are, and whether nobody else delivers.
SOON = "from registry.web.feeds import webhook_worker as w; w.LOOK = w.RETRY = 0.1; " + SERVE.format(
    port=0, processes=1
)


@contextmanager
def serving(
    url: str,
    port: int = 0,
    processes: int = 1,
    *,
    program: str | None = None,
    command: bool = False,
    **environment: str,
) -> Iterator[tuple[Preloaded, str]]:
    """A server process over a database, its imports done, and its address; killed if the test has not ended it.

    `program`: another than that which serves; `command`: `registry serve`, which reports errors in words.
    """
    arguments = ["-c", program or SERVE.format(port=port, processes=processes)]
    if command:
        arguments = ["-m", "registry", "serve", "--port", str(port), "--workers", str(processes)]
    process = start_preloaded(*arguments, REGISTRY_DATABASE_URL=url, **environment)
    try:
        yield process, _address(process)
    finally:
        process.kill()
        process.wait()


@contextmanager
def serving_alone(url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The same as its users start it, in a process that imports everything itself."""
    environment = {**os.environ, "REGISTRY_DATABASE_URL": url}
    command = [sys.executable, "-m", "registry", "serve", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process, _address(process)
        finally:
            process.kill()


def _address(process: Preloaded | subprocess.Popen[str]) -> str:
    """The address of a server, when it says that it is ready."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], SECONDS)[0], "it does not say that it is ready"
    line = process.stdout.readline()
    match = re.search(r"http://[\d.]+:\d+", line)
    assert match, process.kill() or process.communicate()
    assert "ready" in line
    assert "就绪" in line
    return match[0]
