"""Every command by itself, importing what it needs of the program: the same as in the preloaded process of other tests.

Some are started as their users do, by an interpreter that has imported nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from registry import database
from registry.cli import app
from registry.recording.unit_of_work import record
from tests.support.cli_runner import cli_process, cli_runner
from tests.support.worlds import COUNTY, duty, grant, journal

pytestmark = pytest.mark.slow  # servers of several processes start, are killed and start again

PERIOD = ("--from", "2019-01-01", "--to", "2022-01-01")
# The arguments of each command; {folder} has a journal and a sheet.
COMMANDS: dict[str, tuple[str, ...]] = {
    "accounts add": ("nobody", "--role", "clerk"),
    "accounts changes": (),
    "accounts disable": ("nobody",),
    "accounts enable": ("nobody",),
    "accounts list": (),
    "accounts logout": ("nobody",),
    "accounts password": ("nobody",),
    "accounts role": ("nobody", "--give", "auditor:*"),
    "accounts tokens": ("nobody",),
    "account": ("D-SAND", "--unit", "town", "--on", "2020-06-01"),
    "assessments": ("--within", "420684", "--period", "2020"),
    "backup": ("{folder}/kept",),
    "balance": ("420684", "--as-of", "2020-06-01"),
    "blame": ("D-SAND", "--within", "420684"),
    "burdens": ("village", "--as-of", "2020-06-01"),
    "certificate": ("village", "亲属关系证明"),
    "certificate-demands": ("420684", *PERIOD),
    "cases": (),
    "changes": ("--within", "420684", *PERIOD),
    "check": ("--as-of", "2020-06-01"),
    "checkpoint": (),
    "decisions": (),
    "demo": ("--print",),
    "doctor": (),
    "evidence": ("--matter", "D-SAND", "--unit", "town", "--on", "2020-06-01", "-o", "{folder}/evidence.zip"),
    "export": (),
    "findings": (),
    "graph": ("--within", "420684", "-o", "{folder}/county.graphml"),
    "history": ("town",),
    "import": ("{folder}/county.jsonl", "--dry-run"),
    "lists answers": ("--county", "420684"),
    "lists check": ("--as-of", "2026-11-29"),
    "lists export": ("BASIC", "--as-of", "2020-06-01", "-o", "{folder}/list.xlsx"),
    "lists import": ("{folder}/list.csv", "--county", "420684", "--instrument", "通知1号", "--dry-run"),
    "lists load": ("{folder}/none",),
    "marked-answers": (),
    "monitoring": ("420684", "--month", "2020-06"),
    "rectifications": (),
    "replay": (),
    "reports": ("--within", "420684"),
    "restore": ("{folder}/none",),
    "rules": (),
    "serve": ("--help",),
    "services": (),
    "undo": (str(len(COUNTY) + 2), "--dry-run"),
    "verify": (),
    "webhooks add": ("ftp://receiver.example/",),
    "webhooks list": (),
    "webhooks remove": ("1",),
    "webhooks resume": ("1",),
    "witness show": (),
    "witness submit": (),
}
# The server of the tests is not durable; no such folder, address, webhook, account or witness; a role needs a unit.
FAILING = {"lists load", "restore", "doctor", "witness show", "witness submit"}
FAILING |= {"webhooks add", "webhooks remove", "webhooks resume"}
FAILING |= {f"accounts {name}" for name in app.ACCOUNTS if name not in ("changes", "list")}
SPACE = re.compile(rb"\d+\.\d+ GiB")  # what others leave free on the disk meanwhile, as `doctor` shows it
STARTED = {"check", "lists export", "serve"}  # with few libraries, with most, and the server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the key is that signs checkpoints."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    made = module_database()
    with database.connect(made) as connection:
        record(connection, [*COUNTY, duty("R-1"), grant("G-1", "2021-01-01")], recorded_by="clerk")
    return made


def test_each_command_is_tried() -> None:
    assert set(app.every_command()) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_by_itself(url: str, home: Path, command: str, tmp_path: Path) -> None:
    (tmp_path / "county.jsonl").write_bytes(journal(COUNTY))
    (tmp_path / "list.csv").write_text("基本履职事项清单\n序号,事项名称\n1,巡河\n", "utf-8")
    arguments = [*command.split(), *(each.format(folder=tmp_path) for each in COMMANDS[command])]
    by_itself = cli_process if command in STARTED else partial(cli_runner, anew=True)
    alone = by_itself(url, REGISTRY_HOME=str(home))(*arguments)
    assert alone.returncode == (1 if command in FAILING else 0), alone.stderr.decode()
    assert b"Traceback" not in alone.stderr
    preloaded = cli_runner(url, REGISTRY_HOME=str(home))(*arguments)
    assert (preloaded.returncode, preloaded.stderr) == (alone.returncode, alone.stderr)
    assert SPACE.sub(b"", preloaded.stdout) == SPACE.sub(b"", alone.stdout)
