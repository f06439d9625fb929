"""When the rules or the law change, the feed assesses anew what they can touch; when anything else changes, nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from registry import checker, data_files, law
from registry.checker.names import thesaurus
from registry.checker.rule import Hits, of_delegations
from registry.checker.setting import DECISION, SETTING, TOWN, URBAN, delegated, granted
from registry.domain.words import RECTIFICATION_RULES
from registry.impact import finding_feed
from registry.impact.finding_feed import versions
from registry.impact.finding_feed.store import Store
from registry.impact.since import since
from registry.recording.unit_of_work import record
from registry.snapshot import Snapshot
from tests.support.finding_feed import feed_rows
from tests.support.paths import ROOT

# Rests on no law and no thesaurus; the others do.
PLAIN, POWERS, NAMES = "level-skip", "void-grant", "disguised"
OF_POWERS = {"duty-without-power", "unfit-instrument", "void-grant", "re-entrusted"}
# Look at the findings of all others, and so change with each of them.
OF_FINDINGS = set(RECTIFICATION_RULES)


@pytest.fixture
def county(connection: psycopg.Connection) -> psycopg.Connection:
    """A town that leads with the power to do so, given by a decision of the province; the feed is up to date."""
    record(
        connection,
        [*SETTING, granted("G-1", URBAN, TOWN, "devolved", DECISION), delegated("R-1", URBAN, TOWN)],
    )
    finding_feed.bring_up_to_date(connection)
    return connection


def by_rules(connection: psycopg.Connection) -> list[tuple[str, tuple[str, str, str]]]:
    """What opened and closed because the rules are others."""
    return [(row[4], row[5][:3]) for row in feed_rows(connection) if row[1] == "rules"]


def recorded_versions(connection: psycopg.Connection) -> str:
    progress = Store(connection).progress()
    assert progress is not None
    return progress.rules


def with_another_law(monkeypatch: pytest.MonkeyPatch, folder: Path, old: str, new: str) -> None:
    """Let the program carry a table of fit instruments in which one text is replaced."""
    text = data_files.path(law.FIT_INSTRUMENTS).read_text("utf-8")
    assert old in text
    file = folder / "fit.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    table = law.read_fit_instruments(file)
    monkeypatch.setattr(law, "fit_instruments", lambda: table)


def only_rules(monkeypatch: pytest.MonkeyPatch, names: set[str]) -> None:
    """Let every other rule fail when it is asked."""

    def fail(_: Snapshot) -> Hits:
        raise AssertionError("a rule is assessed that has not changed")

    for name, rule in list(checker.RULES.items()):
        if name not in names:
            monkeypatch.setitem(checker.RULES, name, replace(rule, find=fail))


def test_every_rule_says_its_version_and_what_it_rests_on() -> None:
    assert json.loads(versions.rule_versions()).keys() == checker.RULES.keys()
    assert checker.RULES[PLAIN].full_version == "1 snapshot.1"
    fit = law.fit_instruments().version
    for name, rule in checker.RULES.items():
        assert (fit in rule.full_version) == (name in OF_POWERS | OF_FINDINGS)
        assert (thesaurus.load_thesaurus().version in rule.full_version) == (name in {NAMES} | OF_FINDINGS)


def test_another_law_is_assessed_anew_by_the_rules_that_rest_on_it(
    county: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert by_rules(county) == []
    with_another_law(monkeypatch, tmp_path, "[law, regulation, provincial_decision]", "[law, regulation]")
    assert versions.changed_rules(recorded_versions(county)) == OF_POWERS | OF_FINDINGS
    only_rules(monkeypatch, OF_POWERS | OF_FINDINGS)
    finding_feed.bring_up_to_date(county)
    assert by_rules(county) == [
        ("opened", ("duty-without-power", TOWN, "R-1")),
        ("opened", ("unfit-instrument", TOWN, "G-1")),
    ]
    finding_feed.bring_up_to_date(county)
    assert len(by_rules(county)) == 2
    assert recorded_versions(county) == versions.rule_versions()


def test_the_description_of_the_law_changes_nothing(
    county: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_another_law(monkeypatch, tmp_path, "zh: 下放、委托行政权力所据文件的种类", "zh: 文件种类 # 改了说明")
    only_rules(monkeypatch, set())
    finding_feed.bring_up_to_date(county)
    assert by_rules(county) == []


def test_a_day_on_which_the_law_changes_is_a_day_of_the_feed_and_of_since(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = "2021-07-15:\n        value: [law, regulation, provincial_decision]"
    stricter = "\n        reference: []\n      2999-03-01:\n        value: [law, regulation]"
    with_another_law(monkeypatch, tmp_path, now, now + stricter)
    record(connection, [*SETTING, granted("G-1", URBAN, TOWN, "devolved", DECISION)])
    monkeypatch.setattr(finding_feed, "today", lambda: date(2999, 12, 31))
    finding_feed.bring_up_to_date(connection)
    opened = [
        (row[1], row[3], row[4]) for row in feed_rows(connection) if row[5][:3] == ("unfit-instrument", TOWN, "G-1")
    ]
    assert opened == [("day", date(2999, 3, 1), "opened")]
    (finding,) = checker.check(connection, date(2999, 6, 1), 10**9, rule="unfit-instrument")
    assert since(connection, date(2999, 6, 1), 10**9, [finding]) == {finding.key: date(2999, 3, 1)}


def test_another_thesaurus_is_assessed_anew(county: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    words = thesaurus.load_thesaurus()
    other = replace(words, burdens=(*words.burdens[:-1], replace(words.burdens[-1], heads=("新头",))))
    monkeypatch.setattr(thesaurus, "load_thesaurus", lambda: other)
    assert versions.changed_rules(recorded_versions(county)) == {NAMES} | OF_FINDINGS


def test_another_version_of_a_rule_is_assessed_anew_and_no_other_rule(
    county: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(snapshot: Snapshot) -> Hits:
        return of_delegations(snapshot, np.flatnonzero(snapshot.delegations.role >= 0))

    changed = replace(checker.RULES[PLAIN], find=find, explain=checker.RULES["out-of-line"].explain)
    monkeypatch.setitem(checker.RULES, PLAIN, changed)
    finding_feed.bring_up_to_date(county)
    assert by_rules(county) == []
    monkeypatch.setitem(checker.RULES, PLAIN, replace(changed, version=changed.version + 1))
    only_rules(monkeypatch, {PLAIN} | OF_FINDINGS)
    finding_feed.bring_up_to_date(county)
    assert by_rules(county) == [("opened", (PLAIN, TOWN, "R-1"))]


def test_what_an_earlier_program_kept_is_assessed_anew_once(
    county: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to 0.1.0 it was a hash of source files: everything is assessed, and from then on nothing."""
    arguments: list[str] = []
    for name, rule in list(checker.RULES.items()):

        def find(snapshot: Snapshot, rule: Any = rule) -> Hits:
            arguments.append(rule.name)
            return rule.find(snapshot)

        monkeypatch.setitem(checker.RULES, name, replace(rule, find=find))
    for earlier in ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "1" * 64):
        county.execute("UPDATE judged.progress SET rules = %s", (earlier,))
        county.execute("DELETE FROM judged.standing")
        county.commit()
        arguments.clear()
        finding_feed.bring_up_to_date(county)
        assert set(arguments) == set(checker.RULES)
        assert recorded_versions(county) == versions.rule_versions()
        arguments.clear()
        finding_feed.bring_up_to_date(county)
        assert arguments == []


def test_a_comment_in_a_rule_changes_no_version(tmp_path: Path) -> None:
    """In a copy of the program with a comment in every rule, the versions are the same."""
    for part in ("registry", "lists"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    commented = list((tmp_path / "registry" / "checker").rglob("*.py"))
    for file in commented:
        file.write_text(file.read_text("utf-8") + "\n# Nothing that matters.\n", "utf-8")
    assert len(commented) > len(checker.RULES)
    program = "from registry.impact.finding_feed import versions; import registry; print(registry.__file__);"
    program += "print(versions.rule_versions())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    file, there = done.stdout.splitlines()
    assert file.startswith(str(tmp_path))
    assert there == versions.rule_versions()
