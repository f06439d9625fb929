"""The list of commands: equal to what the commands say of themselves, and quick to print."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module

import pytest

from registry.cli.app import COMMANDS, Entry, command_of, every_command

ALL = every_command().items()


@pytest.mark.parametrize(("name", "entry"), ALL, ids=[name for name, _ in ALL])
def test_a_command_is_listed_as_it_describes_itself(name: str, entry: Entry) -> None:
    function = getattr(import_module(f"registry.cli.{entry.module}"), entry.module)
    assert inspect.getdoc(function) == entry.help
    zh, _, en = entry.help.partition(" / ")
    assert zh
    assert en
    # Every option and argument explains itself in both languages too.
    for parameter in command_of(name, entry).params:
        explained = getattr(parameter, "help", None)
        if parameter.name != "help":
            assert explained, parameter.name
            assert " / " in explained, parameter.name


def test_help_imports_nothing_that_takes_long() -> None:
    code = (
        "import sys\n"
        "from registry.cli import app\n"
        "sys.argv = ['registry', '--help']\n"
        "try:\n    app.main()\n"
        "except SystemExit:\n    pass\n"
        "print(sorted(set(sys.modules) & {'numpy', 'scipy', 'psycopg', 'asyncpg', 'pydantic', 'rich', 'fastapi'}))\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "registry [OPTIONS] COMMAND" in printed
    assert all(name in printed for name in COMMANDS)
    assert printed.splitlines()[-1] == "[]"
