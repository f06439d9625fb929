"""`registry undo`: what it shows, asks, records and refuses."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from registry import database
from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.log import recorder
from registry.queries.history.headlines import OF_REFS, VERBS
from registry.recording.unit_of_work import record
from tests.support.cli_runner import Run, cli_runner
from tests.support.registry_under_test import empty
from tests.support.worlds import COUNTY, decision, duty, journal, unit

FIRST = len(COUNTY) + 1
TOWN = unit("town3", "township", "government", "420684") | {"name": "孔湾镇"}
JOURNAL = [*COUNTY, TOWN, duty("D-1", to="town3"), decision("UnitRenamed", "2021-01-01", unit="town3", name="新孔湾镇")]


@pytest.fixture(scope="module")
def url(module_database: Callable[[], str]) -> str:
    return module_database()


@pytest.fixture
def registry(url: str) -> Iterator[tuple[Run, Callable[[], int]]]:
    """The command over a small county, and how long its log is."""
    with database.connect(url) as connection:
        empty(connection)
        record(connection, JOURNAL)
        yield cli_runner(url), lambda: recorder.head(connection)[0]


def test_it_shows_what_it_records_and_undoes_what_it_recorded(registry: tuple[Run, Callable[[], int]]) -> None:
    run, head = registry
    before = head()
    shown = run("undo", f"{FIRST + 1}-{FIRST + 2}", "--dry-run")
    assert shown.returncode == 0, shown.stderr.decode()
    printed = shown.stdout.decode()
    assert f"#{FIRST + 2}  2021-01-01  UnitRenamed  → 撤销 annulled" in printed
    assert "变更单位 新孔湾镇（town3）" in printed
    assert (
        "登记职责交办 D-1：事项 采砂管理（D-SAND）；交办单位 单位water（water）；承接单位 新孔湾镇（town3）" in printed
    )
    assert "duty D-1 recorded: matter 采砂管理 (D-SAND); from 单位water (water); to 新孔湾镇 (town3)" in printed
    assert "  Annulled: 2" in printed
    assert "Findings closed: 2" in printed
    assert "2 decisions to record" in printed
    assert head() == before
    lines = run("undo", f"#{FIRST + 1}", "--json")  # as it is printed
    assert [json.loads(line)["type"] for line in lines.stdout.splitlines()] == ["Annulled"]
    assert head() == before

    done = run("undo", f"{FIRST + 1}-{FIRST + 2}", "--yes", "--by", "编办")
    assert done.returncode == 0
    assert f"registry undo {before + 1}-{before + 2}" in done.stdout.decode()
    assert head() == before + 2
    nothing = run("undo", f"{FIRST + 1}-{FIRST + 2}", "--yes")
    assert (nothing.returncode, "There is nothing to take back" in nothing.stdout.decode()) == (0, True)
    back = run("undo", f"{before + 1}-{before + 2}", "--yes")
    assert "→ 恢复 reinstated" in back.stdout.decode()
    assert "撤销“登记职责交办" not in back.stdout.decode()  # a ref does not say what it stands for
    assert head() == before + 4
    # The decisions may be piped as well.
    piped = run("import", "-", stdin=run("undo", str(FIRST + 1), "--json").stdout)
    assert f"registry undo {before + 5}" in piped.stdout.decode()


def test_what_was_annulled_and_recorded_again_comes_back_with_its_means(
    registry: tuple[Run, Callable[[], int]],
) -> None:
    run, head = registry
    again = {"matter": "D-STAFF", "to": "town3"}
    given = [
        decision("MatterDefined", "2019-01-01", matter="D-STAFF", kind="duty", name="值守", needs=["staff"]),
        duty("D-2", **again),
        decision("ResourcesAllotted", "2020-02-01", ref="D-2", brings=["staff"]),
        decision("Annulled", "2020-06-30", ref="D-2"),
        duty("D-2", "2021-07-15", **again, note="重录"),
    ]
    first = head() + 1
    assert run("import", "-", stdin=journal(given)).returncode == 0

    def rules(known: int) -> list[str]:
        """Those of the findings of D-2, as far as was known at a position."""
        printed = run("check", "--as-of", "2022-01-01", "--known", str(known), "--json")
        findings = [json.loads(line) for line in printed.stdout.splitlines()]
        return [each["rule"] for each in findings if each["subject"] == "D-2"]

    unfunded = "unfunded-mandate"
    assert [unfunded in rules(first + known) for known in (1, 2, 4)] == [True, False, True]
    done = run("undo", f"{first + 3}-{first + 4}", "--yes")
    assert done.returncode == 0, done.stderr.decode()
    assert "→ 重新记录 recorded anew" in done.stdout.decode()
    undone = head()
    assert rules(undone) == rules(first + 2)
    assert run("undo", f"{first + 5}-{undone}", "--yes").returncode == 0
    redone = head()
    assert rules(redone) == rules(first + 4)
    assert run("undo", f"{undone + 1}-{redone}", "--yes").returncode == 0
    assert rules(head()) == rules(first + 2)


def test_what_rests_on_it_is_shown_and_goes_too_where_wanted(registry: tuple[Run, Callable[[], int]]) -> None:
    run, head = registry
    before = head()
    for more in ((), ("--json",), ("--dry-run",), ("--yes",)):
        refused = run("undo", str(FIRST), *more)
        assert refused.returncode == 1
        errors = refused.stderr.decode()
        assert errors.startswith("in-use: ")
        assert "--with-later" in errors
        assert "--json" in more or f"#{FIRST + 1}  2020-01-01  DutyDelegated" in refused.stdout.decode()
    assert head() == before
    done = run("undo", str(FIRST), "--with-later", "--yes")
    assert done.returncode == 0, done.stderr.decode()
    assert head() > before
    assert run("history", "town3").returncode == 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["x"], "bad-value"),
        (["3-"], "bad-value"),
        (["-3"], "bad-value"),
        (["٣"], "bad-value"),
        (["1" * 19], "bad-value"),
        (["9-3"], "bad-value"),
        (["0"], "unknown-position"),
        (["1000000"], "unknown-position"),
        (["1", "2-1000"], "unknown-position"),
        (["1-100000000000"], "too-large"),
        (["1-40000", "1-40000"], "too-large"),
    ],
)
def test_positions_that_cannot_be_are_refused(
    registry: tuple[Run, Callable[[], int]], given: list[str], code: str
) -> None:
    run, head = registry
    before = head()
    refused = run("undo", "--yes", "--", *given)
    assert refused.returncode == 1
    zh, _, en = refused.stderr.decode().partition(" / ")
    assert zh.startswith(f"{code}: ")
    assert en.strip()
    assert head() == before


def test_at_a_terminal_it_asks_and_what_is_recorded_meanwhile_keeps_it_from_recording(
    registry: tuple[Run, Callable[[], int]], url: str
) -> None:
    _, head = registry
    before = head()
    assert "Nothing was recorded" in at_a_terminal(url, b"n\n", lambda: None)
    assert head() == before

    def annul() -> None:
        with database.connect(url) as connection:
            record(connection, [decision("Annulled", "2022-01-01", ref="D-1")])

    assert "conflict: " in at_a_terminal(url, b"y\n", annul)
    assert head() == before + 1


def at_a_terminal(url: str, answer: bytes, meanwhile: Callable[[], None]) -> str:
    """What `registry undo` writes at a terminal where it is answered so when it asks, after something else happened."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "registry", "undo", f"{FIRST + 1}-{FIRST + 2}"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"REGISTRY_DATABASE_URL": url},
    )
    os.close(theirs)
    written, answered = b"", False
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not some:
            break
        written += some
        if not answered and b"Take this back?" in written:
            answered = True
            meanwhile()
            os.write(ours, answer)
    assert process.wait(60) == 1
    os.close(ours)
    assert answered, written.decode()
    return written.decode()


def test_every_step_and_every_ref_has_a_word() -> None:
    assert {type_.STEP for type_ in TYPES.values()} - {Step.CORRECTS} <= set(VERBS)
    introducing = {name for name, type_ in TYPES.items() if type_.STEP is Step.INTRODUCES}
    assert {name for name in introducing if TYPES[name].aggregate_kind() == "ref"} <= set(OF_REFS)
    assert {TYPES[name].aggregate_kind() for name in OF_REFS} == {"ref"}
