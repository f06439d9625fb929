"""The sentences of an import in every language, for one and for many, on every face."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any, Final

import pytest

from registry.domain.text import Count, Text, counted
from registry.exchange.sheets.faces import Face
from registry.exchange.sheets.sentences import sentence, sentences
from tests.support.paths import ROOT

FACES: Final[tuple[Face, ...]] = ("terminal", "page", "api")
COUNTED: Final = {"count", "rows", "read", "standing", "all", "most"}
# What English texts of the program count. A number before it is written with `counted`, or as a Count.
NOUNS: Final = (
    "row|item|decision|error|question|file|finding|report|case|unit|line|day|checkpoint|document|matter|power|"
    "problem|event|list|entry|burden|village|town|township|month|year"
)


def names(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("which", sorted(sentences()))
def test_one_is_not_said_as_many(which: str) -> None:
    for face in FACES:
        written = sentences()[which]
        written = written.get(face, written)
        values: dict[str, Any] = {
            name: Text("x", "x") if f"{{{name}." in written["zh"] else "x"
            for name in names(written["zh"]) | names(written["en"])
            if name != "option"
        }
        numbers = {name for name in values if name in COUNTED and f"{{{name}:" in written["en"]}
        one = sentence(which, face, values | dict.fromkeys(numbers, 1)).en
        assert not re.search(r"\b1 (?!is\b|has\b|was\b)[a-z]+s\b", one), one
        many = sentence(which, face, values | dict.fromkeys(numbers, 2)).en
        assert not re.search(rf"\b2 (?:{NOUNS})\b", many), many


def test_a_number_counts_what_stands_beside_it() -> None:
    assert f"{Count(1):row is|rows are} read" == "1 row is read"
    assert f"{Count(3):row is|rows are} read" == "3 rows are read"
    assert f"{Count(3)}, {Count(3):>4}" == "3,    3"
    assert [counted(1, "entry", "entries"), counted(0, "row"), counted(2, "row")] == ["1 entry", "0 rows", "2 rows"]


def test_no_text_of_lists_says_many_where_there_may_be_one() -> None:
    """A number that may be 1 is not written before a plural: {len(rows)} decisions. Limits, in capitals, are many."""
    loose = re.compile(rf"\{{[a-z_][^{{}}]*\}} (?:(?:{NOUNS.replace('entry', 'entrie')})s)\b")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted([*(ROOT / "registry/exchange").rglob("*.py"), *(ROOT / "registry/cli").glob("lists_*.py")])
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if loose.search(line)
        and line.lstrip().startswith(("f", "print(f", "return f", "report(f", "en = f", "en += f"))
    ]
    assert wrong == []
