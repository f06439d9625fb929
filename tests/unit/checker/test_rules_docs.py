"""docs/reference/rules.md says what the rules say."""

from __future__ import annotations

import pytest

from registry.checker import RULES
from registry.checker.document import markdown
from registry.checker.rule import Rule
from registry.domain import words
from tests.support.paths import DOCS

PAGE = DOCS / "reference/rules.md"


def test_the_page_is_what_the_rules_make_of_it() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown()


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_says_everything_in_both_languages(rule: Rule) -> None:
    assert rule.name in words.RULES
    texts = (rule.title, rule.sentence, rule.remedy, rule.fires.story, rule.clean.story)
    for text in texts:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
        assert text.en.isascii()
    assert all(document.startswith("《") for document in rule.basis)
    assert rule.basis or rule.laws


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_the_page_shows_both_examples(rule: Rule) -> None:
    section = markdown().split(f"\n## {rule.name}\n")[1].split("\n## ")[0]
    assert rule.fires.story.zh in section
    assert rule.clean.story.zh in section
    for _, subject in rule.fires.findings:
        assert f"`{subject}`" in section
