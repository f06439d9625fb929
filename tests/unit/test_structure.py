"""The tests themselves: what they share is in tests/support and in fixtures, never in another test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.support.paths import TESTS

MODULES = sorted(TESTS.rglob("*.py"))
KINDS = {"unit", "property", "integration", "acceptance", "browser"}


def imported(module: Path) -> set[str]:
    """Return every module that a module imports, and every name that it imports with its module before it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(TESTS)))
def test_a_test_imports_no_other_test(module: Path) -> None:
    of_tests = {name for name in imported(module) if name.split(".")[0] == "tests"}
    assert {name for name in of_tests if name.split(".")[1] not in {"support", "oracle"}} == set()


def test_the_oracle_imports_nothing_of_the_program() -> None:
    modules = list((TESTS / "oracle").glob("*.py"))
    assert len(modules) >= 8
    for module in modules:
        assert {name for name in imported(module) if name.split(".")[0] == "registry"} == set(), module


def test_every_test_is_of_a_kind() -> None:
    tests = [module.relative_to(TESTS) for module in MODULES if module.name.startswith("test_")]
    assert len(tests) > 70
    assert {path.parts[0] for path in tests} <= KINDS


def test_what_is_among_the_properties_draws_its_inputs() -> None:
    modules = list((TESTS / "property").rglob("test_*.py"))
    assert len(modules) >= 14
    for module in modules:
        assert "hypothesis.given" in imported(module), module
