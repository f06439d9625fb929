"""The reference says what the code says: every page is what `make docs` writes."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from registry import settings
from registry.domain.decisions import TYPES
from tests.support.paths import DOCS, ROOT
from tools.reference import PAGES, errors, journal

SOURCES = sorted((ROOT / "registry").rglob("*.py"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_the_code_makes_of_it(page: str) -> None:
    assert (ROOT / page).read_text(encoding="utf-8") == PAGES[page](), "make docs writes it anew"


@pytest.mark.parametrize("decision", TYPES.values(), ids=lambda decision: decision.__name__)
def test_every_field_of_a_decision_has_a_meaning_in_both_languages(decision: type) -> None:
    page = (DOCS / "reference/journal.md").read_text(encoding="utf-8")
    section = page.split(f"\n## {decision.__name__}\n")[1].split("\n## ")[0]
    for field in decision.model_json_schema(by_alias=True)["properties"]:  # pyright: ignore
        answer = journal.meaning(decision.__name__, field) if field != "type" else journal.sentence(decision.__name__)
        assert re.search("[\u4e00-\u9fff]", answer)
        assert re.search("[A-Za-z]{2}", answer)
        assert field in journal.ORDER or f"| `{field}` |" in section


def test_what_nobody_described_stops_the_page() -> None:
    with pytest.raises(KeyError, match=r"UnitRenamed\.colour"):
        journal.meaning("UnitRenamed", "colour")


def test_only_the_table_of_settings_reads_the_environment_by_name() -> None:
    by_name = re.compile(r"os\.environ(\.get|\.pop|\.setdefault)?[\(\[]|os\.getenv|from os import")
    reading = [file.name for file in SOURCES if by_name.search(file.read_text(encoding="utf-8"))]
    assert reading == ["settings.py"]


def test_every_variable_that_is_named_anywhere_is_described() -> None:
    page = (DOCS / "reference/configuration.md").read_text(encoding="utf-8")
    described = set(re.findall(r"\| `([A-Z_]+)` \|", page))
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    texts = [
        ROOT / name for name in tracked if name.endswith((".py", ".md", ".yml", ".yaml", "Makefile", "Dockerfile"))
    ]
    named = {
        name
        for file in texts
        if file.exists()
        for name in re.findall(r"\bREGISTRY_[A-Z_]+[A-Z]\b", file.read_text(encoding="utf-8"))
    }
    assert named <= described, named - described
    assert {one.name for one in settings.ALL} <= described


def test_every_error_code_is_described_and_none_that_does_not_exist() -> None:
    described = {code for codes in errors.documented().values() for code in codes}
    given = errors.given()
    assert {"unknown-unit", "busy", "no-heading", "bad-evidence", "not-imported", "list-differs"} <= given
    assert given - described == set()
    rest = described - given
    texts = [file.read_text(encoding="utf-8") for file in SOURCES]
    naming = [ast.parse(text) for text in texts if any(f'"{code}"' in text for code in rest)]
    quoted = {node.value for tree in naming for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert rest - quoted == set()
