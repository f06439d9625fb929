"""The oracle's own test: it must give exactly what every worked case states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import answers, rules, validity
from tests.oracle.fold import History
from tests.oracle.powers import powers_of

CASES = sorted(Path(__file__).parent.joinpath("cases").glob("*.jsonl"), key=lambda path: path.stem)


def asked() -> list[Any]:
    """Every question of every case."""
    return [
        pytest.param(path, ask, id=f"{path.stem}-{number}")
        for path in CASES
        for number, ask in enumerate(json.loads(path.with_suffix(".expect.json").read_bytes())["ask"])
    ]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_line_of_a_case_can_be(path: Path) -> None:
    read = validity.judge(path.read_bytes().splitlines())
    assert read.errors == []
    assert read.recorded == [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize(("path", "ask"), asked())
def test_answers_of_the_cases(path: Path, ask: dict[str, Any]) -> None:
    history = History([json.loads(line) for line in path.read_bytes().splitlines()], ask["known"])
    picture = history.on(ask["as_of"])
    found = rules.findings(picture)
    assert [[f.rule, f.unit, f.subject] for f in found] == sorted(ask["findings"])
    for rule, unit, subject, missing in ask.get("missing", ()):
        assert [list(f.missing) for f in found if f[:3] == (rule, unit, subject)] == [missing]
    for rule, unit, subject, severity in ask.get("severity", ()):
        assert [f.severity for f in found if f[:3] == (rule, unit, subject)] == [severity]
    if holders := ask.get("holders"):
        held = answers.held(picture, holders["matter"], holders["within"])
        assert [list(holding) for holding in held] == holders["are"]
    for unit, powers in ask.get("powers", {}).items():
        assert powers_of(picture, unit) == powers
    for custody in ask.get("custody", ()):
        spans = answers.custody(history, custody["matter"], custody["within"])
        assert [list(span) for span in spans] == custody["spans"]
    for village, matter, status in ask.get("certificates", ()):
        assert answers.certificate(picture, village, matter) == status
