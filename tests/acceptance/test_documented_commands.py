"""The commands of README and of the tutorial, run one after another as they stand, on the demo county.

What stands in a block of text after a block of commands is in what these print.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from psycopg import sql

from registry import database, demo
from tests.conftest import drop, execute, named
from tests.support.paths import ROOT

PAGES = ["README.md", "README.en.md", "docs/tutorial/first-hour.md", "docs/tutorial/first-hour.en.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MAKE = re.compile(r"^make (\w+)")


@pytest.fixture(scope="module")
def demo_database(server_url: str, migrated: str) -> Iterator[Callable[[], str]]:
    """A function that gives the URL of a new copy of the demo county."""
    made = [f"{migrated}_documented"]
    _copy(server_url, migrated, made[0])
    with database.connect(named(server_url, made[0])) as connection:
        demo.record(connection)

    def copy() -> str:
        made.append(f"{made[0]}_{len(made)}")
        _copy(server_url, made[0], made[-1])
        return named(server_url, made[-1])

    yield copy
    for name in reversed(made):
        drop(server_url, name)


def _copy(server_url: str, source: str, name: str) -> None:
    copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
    execute(server_url, copied)


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """The address of a server that runs as `make run` starts it, on a port of its own."""
    command = [sys.executable, "-m", "registry", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], 120)[0], "it does not say that it is ready"
            address = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
            assert address is not None
            yield address[0]
        finally:
            process.kill()


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_and_print_what_it_says(
    page: str, demo_database: Callable[[], str], tmp_path: Path
) -> None:
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    program = tmp_path / ".venv/bin/registry"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m registry "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {"REGISTRY_DATABASE_URL": demo_database(), "PYTHONUNBUFFERED": "1"}
    targets = set(re.findall(r"^(\w[\w-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    printed, ran = "", 0
    with served(environment) as address:
        for language, text in blocks:
            if language == "text":
                for line in text.splitlines():
                    assert " ".join(line.split()) in " ".join(printed.split()), line
            if language != "sh":
                continue
            made = [MAKE.match(line) for line in text.splitlines()]
            if any(made):
                assert all(made), "commands of make stand in blocks of their own"
                assert {one[1] for one in made if one} <= targets
                continue
            ran += 1
            command = text.replace("http://127.0.0.1:8000", address)
            done = subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", command],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            printed = done.stdout
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            assert printed or "cat >" in command, command
            assert '"errors"' not in printed
    assert ran
