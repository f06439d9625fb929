"""What does not exist is an error with a code on the command line too, never an empty answer."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import pytest

from registry.cli.app import ACCOUNTS, every_command
from tests.support.cli_runner import cli_runner
from tests.support.worlds import COUNTY, duty, unit

JOURNAL = [
    *COUNTY,
    unit("twin-1", "village", "village", "town") | {"name": "双胞村"},
    unit("twin-2", "village", "village", "town2") | {"name": "双胞村"},
    duty("R-1"),
    duty("R-2", to="village"),
]
OF = ["--matter", "D-RIVER", "--unit"]
# For each command, how it is called with a unit, and what else it must be told.
UNIT = {
    "check": ["check", "--within"],
    "findings": ["findings", "--within"],
    "balance": ["balance"],
    "burdens": ["burdens"],
    "burdens --month": ["burdens", "--month", "2020-05"],
    "burdens --below": ["burdens", "--below"],
    "burdens --forms": ["burdens", "--forms"],
    "reports": ["reports", "--within"],
    "reports --count-by": ["reports", "--count-by", "unit", "--within"],
    "monitoring": ["monitoring"],
    "certificate": ["certificate"],
    "certificate-demands": ["certificate-demands", "--from", "2020-01-01"],
    "blame": ["blame", "D-RIVER", "--within"],
    "changes": ["changes", "--from", "2020-01-01", "--within"],
    "account": ["account", "D-RIVER", "--on", "2020-05-01", "--unit"],
    "decisions": ["decisions", "--unit"],
    "evidence": ["evidence", *OF],
    "graph": ["graph", "--within"],
    "lists export": ["lists", "export", "--unit"],
    "lists answers": ["lists", "answers", "--county"],
    "assessments": ["assessments", "--period", "2020", "--within"],
    "assessments --unit": ["assessments", "--period", "2020", "--unit"],
    "rectifications": ["rectifications", "--within"],
    "services": ["services", "--unit"],
    "webhooks add": ["webhooks", "add", "https://receiver.example/", "--feed", "findings", "--within"],
    "services --village": ["services", "--village"],
}
REST = {"certificate": ["受灾证明"], "evidence": ["--on", "2020-05-01", "-o", "{folder}/evidence.zip"]}
# Commands that take no unit.
WITHOUT = {
    "import", "undo", "export", "checkpoint", "verify", "replay", "rules", "demo", "serve", "lists import",
    "lists load", "lists check", "history", "cases", "marked-answers", "backup", "restore", "doctor",
    "witness show", "witness submit", "webhooks list", "webhooks remove", "webhooks resume",
    *(f"accounts {name}" for name in ACCOUNTS),
}  # fmt: skip


class Ran(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def run(journal_url: str) -> Run:
    """Run `registry …` against a registry with the journal, of which nothing here records anything more."""
    execute = cli_runner(journal_url)

    def ran(*arguments: str) -> Ran:
        done = execute(*arguments)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    return ran


def test_every_command_is_tried_here_or_takes_no_unit() -> None:
    tried = {name.partition(" --")[0] for name in UNIT} | WITHOUT
    assert tried == set(every_command())


@pytest.mark.parametrize("command", UNIT)
def test_a_unit_that_does_not_exist(run: Run, command: str, tmp_path: Path) -> None:
    rest = [each.format(folder=tmp_path) for each in REST.get(command, [])]
    ran = run(*UNIT[command], "999999", *rest)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("unknown-unit: ")
    assert "“999999”" in ran.err
    assert "with the code or name 999999" in ran.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["check", "balance", "blame", "graph"])
def test_a_name_that_two_units_bear_is_left_for_confirmation(run: Run, command: str) -> None:
    ran = run(*UNIT[command], "双胞村")
    assert (ran.status, ran.out) == (1, "")
    assert "twin-1" in ran.err
    assert "twin-2" in ran.err


def test_a_unit_may_be_named_by_its_name(run: Run) -> None:
    by_code, by_name = (
        run("check", "--within", "village", "--json"),
        run("check", "--within", "单位village", "--json"),
    )
    assert by_code.status == by_name.status == 0
    assert by_code.out == by_name.out != ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["check", "--rule", "no-such-rule"], "bad-value"),
        (["findings", "--rule", "no-such-rule"], "bad-value"),
        (["blame", "NO-MATTER", "--within", "420684"], "unknown-matter"),
        (["history", "NO-MATTER"], "unknown-matter"),
        (["account", "NO-MATTER", "--unit", "town", "--on", "2020-05-01"], "unknown-matter"),
        (["decisions", "--matter", "NO-MATTER"], "unknown-matter"),
        (["decisions", "--type", "NoDecision"], "bad-value"),
        (["decisions", "--instrument", "无此文号"], "unknown-instrument"),
        (["decisions", "--ref", "NO-REF"], "unknown-ref"),
        (["lists", "export", "NO-LIST", "--format", "json"], "unknown-list"),
        (["check", "--as-of", "2020-02-30"], "bad-value"),
        (["check", "--as-of", "2025-W01-1"], "bad-value"),
        (["check", "--known", "999999"], "unknown-position"),
        (["export", "--until", "999999"], "unknown-position"),
        (["replay", "--until", "999999"], "unknown-position"),
        (["burdens", "town", "--month", "2020-13"], "bad-value"),
        (["check", "--within", "420684", "--no-such-option"], "bad-usage"),
        (["no-such-command"], "bad-usage"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_other_things_that_do_not_exist(run: Run, arguments: list[str], code: str) -> None:
    ran = run(*arguments)
    assert ran.status in (1, 2)
    assert ran.out == ""
    assert ran.err.startswith(f"{code}: ")
    assert "Traceback" not in ran.err


def test_the_version_is_that_of_the_package(run: Run) -> None:
    ran = run("--version")
    assert (ran.status, ran.out) == (0, f"quanze {metadata.version('quanze')}\n")
