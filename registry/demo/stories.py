"""The stories of the county: what went wrong, or well, and where to look for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from registry.demo.tables import Decision, document
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
    decisions: tuple[Decision, ...]


def told() -> Iterator[Story]:
    """Every story of the county, in order."""
    for file in files():
        for story in document(file):
            looks = (Look(str(day), unit, subject, tuple(rules)) for day, unit, subject, rules in story["look"])
            yield Story(story["name"], story["zh"], story["en"], tuple(looks), tuple(story["decisions"]))


def decisions() -> Iterator[Decision]:
    """The decisions of every story."""
    for story in told():
        yield from story.decisions
