"""`registry check` by several processes: byte for byte what one finds."""

from __future__ import annotations

import pytest

from tests.support.cli_runner import cli_process, cli_runner

pytestmark = pytest.mark.slow  # processes import the program

DAY = "2026-06-30"


@pytest.mark.parametrize("arguments", [(), ("--within", "420684105", "--json", "--no-remedies")])
def test_several_processes_print_what_one_prints(demo_database: str, arguments: tuple[str, ...]) -> None:
    one = cli_runner(demo_database)("check", "--as-of", DAY, *arguments)
    assert one.returncode == 0
    assert len(one.stdout.splitlines()) > 10
    several = cli_process(demo_database)("check", "--as-of", DAY, *arguments, "--workers", "2")
    assert (several.returncode, several.stdout, several.stderr) == (0, one.stdout, one.stderr)
