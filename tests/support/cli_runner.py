"""The command line against a registry under test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[bytes]]


def cli_runner(url: str, **environment: str) -> Run:
    """Return a function that runs `registry …` against a database, with `stdin` as its standard input."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            _command(arguments),
            input=stdin,
            capture_output=True,
            env=_environment(url, environment),
            timeout=120,
            check=False,
        )

    return run


def start_command(url: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start `registry …` against a database and return its process without waiting."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(_command(arguments), env=_environment(url, {}), **pipes)


def _command(arguments: tuple[str | Path, ...]) -> list[str]:
    return [sys.executable, "-m", "registry", *map(str, arguments)]


def _environment(url: str, more: dict[str, str]) -> dict[str, str]:
    return os.environ | {"REGISTRY_DATABASE_URL": url} | more
