"""Names are nouns and verbs of the field: no participle that leaves open what was found, said, told or asked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PARTS = {"told", "found", "asked", "said", "kin"}  # nowhere in a name
WHOLE = {"tell", "say", "place", "placed", "turn", "stand", "stands", "thing", "things"}  # no name by itself
# What is published stays as it is called: types of GraphQL, and these.
SCHEMA = (ROOT / "graphql/schema.graphql").read_text("utf-8")
PUBLISHED = {
    "asked_of": {  # GraphQL, and a column of `registry assessments`
        "registry/queries/units/assessments.py",
        "registry/web/graphql/assessments.py",
    },
    "place": {"registry/web/rest/answers.py"},  # REST: where in a file
    "said": {  # a column of `registry marked-answers`, and the field of the page that fills it
        "registry/queries/certificates/review.py",
        "registry/web/pages/wrong_answers.py",
        "tests/acceptance/web/test_wrong_answers.py",
    },
}
MODULES = sorted(path for name in ("registry", "bench", "tools", "tests") for path in (ROOT / name).rglob("*.py"))
TEMPLATES = sorted((ROOT / "registry/web/pages/templates").glob("*.html"))


def bound(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The names that a module gives: of classes, functions, arguments, variables and attributes; with their lines."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                if not name.startswith("test_"):  # a sentence
                    yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.alias(asname=str(name)):
                yield name, node.lineno
            case _:
                pass


def refused(name: str) -> bool:
    """Whether a name has one of these words: `_found_by`, `ToldFinding`, but not `foundation`."""
    words = re.sub("([a-z])([A-Z])", r"\1_\2", name).lower().strip("_").split("_")
    return bool(PARTS & {*words}) or "_".join(words) in WHOLE


@pytest.mark.parametrize("folder", ["registry", "bench", "tools", "tests"])
def test_names_say_what_they_hold(folder: str) -> None:
    wrong = [
        f"{module.relative_to(ROOT)}:{line}: {name}"
        for module in MODULES
        if module.is_relative_to(ROOT / folder)
        for name, line in bound(ast.parse(module.read_text("utf-8")))
        if refused(name) and not published(name, module)
    ]
    assert wrong == []


def published(name: str, module: Path) -> bool:
    in_schema = bool(re.search(rf"^(?:type|input|enum) {name}\b", SCHEMA, re.MULTILINE))
    return in_schema or str(module.relative_to(ROOT)) in PUBLISHED.get(name, set())


def test_templates_do_the_same() -> None:
    calls = re.compile(r"\b(say|told|asked|found|place)\s*\(|macro (\w+)|set (\w+) =|for (\w+) in")
    wrong = [
        f"{template.name}: {name}"
        for template in TEMPLATES
        for match in calls.finditer(re.sub(r'"[^"]*"', "", template.read_text("utf-8")))
        for name in match.groups()
        if name and refused(name)
    ]
    assert wrong == []


def test_these_words_are_seen() -> None:
    names = bound(ast.parse("def _found_by(): told = 1\nclass ToldFinding: ...\nfoundation = 2\nx.place = 3"))
    assert {name for name, _ in names if refused(name)} == {"_found_by", "ToldFinding", "told", "place"}
