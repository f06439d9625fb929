"""What a question is about: the asking comes off, the name stays whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from registry.domain.question_words import without_question

LISTS = Path(__file__).parents[3] / "lists"


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("谁牵头 秸秆禁烧", "秸秆禁烧"),
        ("企业安全生产监管由谁牵头？", "企业安全生产监管"),
        ("雷河镇的安全生产归哪个部门管", "雷河镇的安全生产"),
        ("森林防灭火是谁的职责", "森林防灭火"),
        ("请问居住证在哪里办", "居住证"),
        ("which bureau is responsible for 防汛?", "防汛"),
        ("谁牵头", ""),
        ("有责无权", "有责无权"),
        ("整改", "整改"),
    ],
)
def test_the_words_of_asking_come_off(question: str, subject: str) -> None:
    assert without_question(question) == subject


def test_no_name_in_the_catalogues_is_taken_for_a_question() -> None:
    catalogues: list[Any] = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(LISTS.rglob("*.yaml"))]
    matters: list[Any] = [one for each in catalogues if "matters" in each for one in each["matters"]]
    names: list[str] = [name for one in matters for name in (one["name"], *one.get("aliases", ()))]
    assert len(names) > 500
    assert [name for name in names if without_question(name) != name] == []
