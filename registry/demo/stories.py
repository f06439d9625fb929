"""The stories of the county: what went wrong, or well, and where to look for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.demo.tables import Line, document
from registry.demo.tables import stories as files


@dataclass(frozen=True, slots=True)
class Look:
    """Where a story shows: on that day exactly these rules are said of what the unit holds by the subject."""

    as_of: str
    unit: str
    subject: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One story: its name, what happened (zh and en), where to look, and its decisions."""

    name: str
    zh: str
    en: str
    looks: tuple[Look, ...]
    decisions: tuple[Line, ...]


def stories() -> Iterator[Story]:
    """Every story of the county, in order."""
    for file in files():
        for story in document(file):
            looks = (Look(str(day), unit, subject, tuple(rules)) for day, unit, subject, rules in story["look"])
            yield Story(story["name"], story["zh"], story["en"], tuple(looks), tuple(story["decisions"]))


def decisions() -> Iterator[Line]:
    """The decisions of every story."""
    for story in stories():
        yield from story.decisions


def table() -> str:
    """The stories with where to look, as docs/reference/demo.md lists them."""
    parts: list[str] = []
    for story in stories():
        parts += [f"### {story.name}", "", story.zh, "", " ".join(story.en.split()), ""]
        if story.looks:
            parts += ["| as of | unit | subject | rules |", "| --- | --- | --- | --- |"]
            parts += [
                f"| {look.as_of} | `{look.unit}` | `{look.subject}` | {', '.join(look.rules) or '—'} |"
                for look in story.looks
            ]
            parts.append("")
    return "\n".join(parts)
