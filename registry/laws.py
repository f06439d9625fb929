"""What the program knows of laws and documents: when they ended, what replaced them, where their articles went.

Read from lists/instruments, which the published lists cite; a registry can be asked about it before it has loaded them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from registry import data_files

INSTRUMENTS: Final = "lists/instruments"


class Law(NamedTuple):
    """A law or document.

    `texts`: the days from which its articles are numbered in some way; `renumbered`: where articles went in the
    document that replaced it.
    """

    number: str
    title: str
    kind: str
    since: date
    texts: tuple[date, ...]
    repealed: date | None
    overtaken: date | None
    replaced_by: str | None
    reenacted: bool
    renumbered: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its title as bases cite it, without the country's name."""
        return plain(self.title)


def plain(title: str) -> str:
    """A title without the country's name: 村民委员会组织法."""
    return title.removeprefix("中华人民共和国")


@cache
def laws() -> Mapping[str, Law]:
    """The laws and documents by number, read once a process."""
    import yaml

    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # it makes nothing but text
    made: dict[str, Law] = {}
    for file in sorted(data_files.path(INSTRUMENTS).glob("*.yaml")):
        for entry in yaml.load(file.read_text("utf-8"), loader)["instruments"]:  # noqa: S506
            law = _law(entry)
            made[law.number] = law
    return made


def _law(entry: Mapping[str, Any]) -> Law:
    def day(name: str) -> date | None:
        return date.fromisoformat(entry[name]) if name in entry else None

    return Law(
        number=entry["number"],
        title=entry["title"],
        kind=entry["kind"],
        since=date.fromisoformat(entry["at"]),
        texts=tuple(sorted(date.fromisoformat(text) for text in entry.get("texts", {}))),
        repealed=day("repealed"),
        overtaken=day("overtaken"),
        replaced_by=entry.get("replaced_by"),
        reenacted=entry.get("reenacted") == "true",
        renumbered=entry.get("renumbered", {}),
    )
