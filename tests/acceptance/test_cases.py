"""The worked cases, asked of the product: the rules that it has, missing powers, severity, holders and powers."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry import checker
from registry.relations.two_times import NEWEST
from tests.support.registry_under_test import Registry
from tests.support.worked_cases import WORKED_CASES


@pytest.mark.parametrize("path", WORKED_CASES, ids=lambda path: path.stem)
def test_answers_of_the_case(registry: Registry, path: Path) -> None:
    assert registry.import_lines(path.read_bytes().splitlines(keepends=True)) == []
    for ask in json.loads(path.with_suffix(".expect.json").read_bytes())["ask"]:
        answer(registry, ask)


def answer(registry: Registry, ask: dict[str, Any]) -> None:
    """Ask one question and compare."""
    as_of, known = ask["as_of"], ask["known"] or NEWEST
    findings = checker.check(registry.connection, date.fromisoformat(as_of), known)
    results = [finding for finding in findings if finding.rule != "disguised"]  # the cases leave it out
    registry.connection.rollback()
    by_key = {finding.key: finding for finding in results}
    expected = sorted(map(tuple, ask["findings"]))
    assert sorted(finding.key for finding in results) == expected, as_of
    for *key, missing in ask.get("missing", ()):
        assert list(by_key[tuple(key)].missing or ()) == missing
    for *key, severity in ask.get("severity", ()):
        assert by_key[tuple(key)].severity == severity
    if holders := ask.get("holders"):
        held = registry.held(as_of, known, holders["matter"], holders["within"])
        assert sorted(map(list, held), key=str) == sorted(holders["are"], key=str)
    for _, matter, services in ask.get("services", ()):
        assert registry.services(as_of, known, matter) == services
    powers = ask.get("powers", {})
    if powers:
        assert registry.powers(as_of, known, list(powers)) == powers
