"""The predicate of the two times is typed in registry/relations alone: elsewhere SQL is built with its builders."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import registry

PACKAGE = Path(registry.__file__).parent
HOME = PACKAGE / "relations"
BY_HAND = re.compile(
    r"\bvalid_from\s*<=?\s*\S+\s+AND\s+(\w+\.)?valid_to\s*>"  # on a day, or on some day of several
    r"|\bvalid_to\s*>\s*\S+\s+AND\s+(\w+\.)?valid_from\s*<"
    r"|\bknown_from\s*<|\bknown_to\s*>"  # as known at a position, or at some of several
    r"|\bknown_to\s*=\s*9223372036854775807",  # as known still
    re.IGNORECASE,
)
# SQL that looks like the predicate and is another: in which module, in how many texts, and why.
EXCEPTIONS = {
    "replay/comparing.py": (1, "restores the rows of a past position, with those closed since, to compare them all"),
    "queries/burdens/landing.py": (1, "takes days up to but not including the last one, which in_days includes"),
    "snapshot/moments.py": (1, "finds at which positions rows came and went, not which are known at one"),
}


def text_of(node: ast.AST) -> str | None:
    """Return the text of a literal, an f-string or a sum of them, `{}` for what is put in; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = text_of(node.left), text_of(node.right)
        return None if left is None and right is None else (left or "{}") + (right or "{}")
    return None


def by_hand(node: ast.AST) -> list[str]:
    """Return the texts below a node in which the predicate is typed."""
    text = text_of(node)
    if text is not None and BY_HAND.search(text):
        return [text]
    return [typed for child in ast.iter_child_nodes(node) for typed in by_hand(child)]


def test_only_the_relations_type_the_predicate() -> None:
    modules = [module for module in sorted(PACKAGE.rglob("*.py")) if not module.is_relative_to(HOME)]
    assert len(modules) > 150
    typed = {
        str(module.relative_to(PACKAGE)): texts
        for module in modules
        if (texts := by_hand(ast.parse(module.read_text("utf-8"))))
    }
    assert {module: len(texts) for module, texts in typed.items()} == {
        module: texts for module, (texts, _) in EXCEPTIONS.items()
    }, typed


@pytest.mark.parametrize(
    "source",
    [
        '"SELECT FROM unit WHERE valid_from <= $1 AND valid_to > $1"',
        '"SELECT FROM unit u WHERE u.valid_from <= %(day)s" + " AND u.valid_to > %(eve)s"',
        'f"SELECT FROM {table} u WHERE u.known_from <= {known}"',
        '"""SELECT FROM unit\n    WHERE code = $3\n      AND known_to > $2"""',
        '"SELECT FROM unit u WHERE " + more + " AND u.known_to = 9223372036854775807"',
    ],
)
def test_the_predicate_is_recognised_however_it_is_typed(source: str) -> None:
    assert len(by_hand(ast.parse(source))) == 1


def test_other_conditions_on_the_same_columns_are_not_the_predicate() -> None:
    source = '"SELECT FROM unit WHERE valid_from > $1", "SELECT known_to FROM unit WHERE valid_from <= $1"'
    assert by_hand(ast.parse(source)) == []
