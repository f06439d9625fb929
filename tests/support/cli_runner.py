"""The command line against a registry under test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.preloaded import Preloaded, run_preloaded, start_preloaded

Run = Callable[..., subprocess.CompletedProcess[bytes]]


def cli_runner(url: str, *, anew: bool = False, **environment: str) -> Run:
    """Return a function that runs `registry …` against a database, with `stdin` as its standard input.

    The command is a process whose imports are done: see preloaded; `anew`: only those of libraries. Where starting
    and ending matter: cli_process.
    """

    def run(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return run_preloaded([*map(str, arguments)], _environment(url, environment), stdin, anew=anew)

    return run


def cli_process(url: str, **environment: str) -> Run:
    """Return a function that runs `registry …` against a database as its users do, in a process of its own."""

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


def start_command(url: str, *arguments: str | Path) -> Preloaded:
    """Start `registry …` against a database and return its process without waiting."""
    return start_preloaded("-m", "registry", *arguments, REGISTRY_DATABASE_URL=url)


def _command(arguments: tuple[str | Path, ...]) -> list[str]:
    return [sys.executable, "-m", "registry", *map(str, arguments)]


def _environment(url: str, more: dict[str, str]) -> dict[str, str]:
    return os.environ | {"REGISTRY_DATABASE_URL": url} | more
