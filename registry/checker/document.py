"""The reference page of the rules, written from the rules themselves: docs/reference/rules.md, by `make docs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from registry import law
from registry.checker import setting
from registry.checker.rule import Example, Line, Rule
from registry.checker.rules import RULES
from registry.domain.text import Text

SEVERITY = {"V": Text("违规", "violation"), "W": Text("警示", "warning"), "R": Text("待核", "for review")}
HEAD = """# 规则 · The rules

由规则本身生成（`make docs`），请勿手改。
Generated from the rules themselves by `make docs`; do not edit.

每条规则说明一个承担、授权或交办当日有什么问题。问题由（规则、单位、对象）三者确定；严重程度：V 违规，W 警示，R 待核。
A rule says what is wrong with a holding, a grant or a delegation on a day. A finding is known by rule, unit and
subject. Severity: V violation, W warning, R for review.

例子都发生在同一个虚构的县；各例只列出背景之外的决定。
All examples play in one imagined county; each shows only what it adds to the setting.
"""


def markdown() -> str:
    """The whole page: a table of the rules, the setting of their examples, then each rule. Ends in a newline."""
    return "\n".join([HEAD, *_table(), "", *_setting(), *(part for rule in RULES.values() for part in _rule(rule))])


def _table() -> Iterator[str]:
    yield "| 规则 rule | | 严重程度 severity |"
    yield "| --- | --- | --- |"
    for rule in RULES.values():
        severity = SEVERITY[rule.severity]
        yield (
            f"| [`{rule.name}`](#{rule.name}) | {rule.title.zh} · {rule.title.en} "
            f"| {rule.severity} {severity.zh} {severity.en} |"
        )


def _setting() -> Iterator[str]:
    yield "## 背景 · The setting"
    yield ""
    yield from _journal(setting.SETTING)
    yield ""


def _rule(rule: Rule) -> Iterator[str]:
    severity = SEVERITY[rule.severity]
    yield f"## {rule.name}"
    yield ""
    yield f"**{rule.title.zh} · {rule.title.en}** — {rule.severity}，{severity.zh} · {severity.en}"
    yield ""
    yield from (rule.sentence.zh, "", rule.sentence.en, "")
    yield "依据 · Basis"
    yield ""
    yield from _laws(rule)
    yield from (f"- {document}" for document in rule.basis)
    yield ""
    yield "### 触发 · Fires"
    yield ""
    yield from _example(rule.fires)
    yield "### 不触发 · Does not fire"
    yield ""
    yield from _example(rule.clean)
    yield "### 如何改正 · How to put it right"
    yield ""
    yield from (rule.remedy.zh, "", rule.remedy.en, "")


def _laws(rule: Rule) -> Iterator[str]:
    """Each text of the articles that the rule cites, with the day since which it is in force; the newest first."""
    days = {since for name in rule.laws for since, _ in law.articles()[name]}
    texts: dict[str, str] = {}
    for since in sorted(days):
        for citation in law.cited(rule.laws, since):
            texts.setdefault(citation, since.isoformat())
    yield from (f"- {citation}，自 since {since}" for citation, since in reversed(texts.items()))


def _example(example: Example) -> Iterator[str]:
    yield from (example.story.zh, "", example.story.en, "")
    yield from _journal(line for line in example.journal if line not in setting.SETTING)
    yield ""
    day = example.as_of.isoformat()
    if example.findings:
        findings = "；".join(f"`{unit}` `{subject}`" for unit, subject in example.findings)
        yield f"{day}：{findings}"
    else:
        yield f"{day}：无 · nothing"
    yield ""


def _journal(lines: Iterator[Line] | tuple[Line, ...]) -> Iterator[str]:
    yield "```json"
    yield from (json.dumps(line, ensure_ascii=False) for line in lines)
    yield "```"


if __name__ == "__main__":
    sys.stdout.write(markdown())
