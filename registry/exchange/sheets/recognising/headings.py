"""The headings that columns have, and the kinds of list that a title or headings tell: headings.yaml, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from registry.checker.names.normalise import normalised
from registry.data_files import own_yaml

FILE: Final = Path(__file__).with_name("headings.yaml")
SCHEMA: Final = Path(__file__).with_name("headings.schema.json")


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can hold: its heading in zh and en; `line`: breaks in a cell only wrap it; `split`: two in one.

    `otherwise`: the field that it is where no column of the table is that one.
    """

    name: str
    heading: str
    en: str
    line: bool
    split: tuple[str, ...]
    otherwise: str | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of list: its names, the ListAdopted fields that it settles, its columns with their canonical headings.

    `columns` is in the order in which they are written; without those `expected` a list says less than it should.
    `adopts` is empty for `division`, of which several lists are made. `id` is what a list's id ends with where one file
    holds several kinds. `rank` orders a unit's lists on paper, from 1; 0: never written out. `needs_sender`: its items
    come from somebody above, who must be clear.
    """

    name: str
    zh: str
    en: str
    adopts: Mapping[str, str]
    titles: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    signs: tuple[str, ...]
    columns: Mapping[str, str]
    expected: tuple[str, ...]
    id: str
    rank: int
    needs_sender: bool


@cache
def fields() -> Mapping[str, Field]:
    """All fields by name."""
    return {
        name: Field(
            name,
            entry["heading"],
            entry["en"],
            entry.get("line", False),
            tuple(entry.get("split", ())),
            entry.get("otherwise"),
        )
        for name, entry in _content()["fields"].items()
    }


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds of list by name, in the order in which the first that fits is taken."""
    return {
        name: Kind(
            name,
            entry["zh"],
            entry["en"],
            entry.get("list", {}),
            tuple(_words(title) for title in entry["titles"]),
            tuple(entry["signs"]),
            entry["columns"],
            tuple(entry.get("expected", ())),
            entry["id"],
            entry.get("rank", 0),
            entry.get("sender") == "required",
        )
        for name, entry in _content()["kinds"].items()
    }


def field_of(heading: str, kind: str | None = None) -> str | None:
    """The field that a heading means, in this kind of list if one is given; None where it is no heading we know."""
    word = alike(heading)
    return _of_kind(kind).get(word) or _synonyms().get(word) if word else None


def kind_of(title: str) -> str | None:
    """The kind of list that a title tells; None where its words are of none."""
    text = normalised(title)
    for kind in kinds().values():
        for wanted, unwanted in kind.titles:
            if all(word in text for word in wanted) and not any(word in text for word in unwanted):
                return kind.name
    return None


@lru_cache(maxsize=1 << 14)
def alike(text: str) -> str:
    """A heading as headings are compared: bare letters, and one word for all that a township or village is called."""
    word = normalised(text)
    for other, same in _alike():
        word = word.replace(other, same)
    return word


@cache
def _alike() -> tuple[tuple[str, str], ...]:
    pairs = [(normalised(word), entry["as"]) for entry in _content()["alike"] for word in entry["words"]]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _synonyms() -> Mapping[str, str]:
    means: dict[str, str] = {}
    entries = _content()["fields"].items()
    for name, entry in entries:
        for text in (entry["heading"], *entry.get("synonyms", ())):
            means.setdefault(alike(text), name)
    for name, entry in entries:  # after what is written out, which may mean something of its own
        for parts in product(*entry.get("composed", {"": ()}).values()):
            means.setdefault(alike("".join(parts)), name)
    return means


@cache
def _of_kind(kind: str | None) -> Mapping[str, str]:
    if kind is None:
        return {}
    entry = _content()["kinds"][kind]
    means = {alike(heading): field for field, heading in entry["columns"].items()}
    return means | {alike(text): field for field, texts in entry.get("synonyms", {}).items() for text in texts}


def _words(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that a title must have, and those it must not: `村+履职-协助`."""
    wanted, *unwanted = title.split("-")
    return tuple(wanted.split("+")), tuple(unwanted)


@cache
def _content() -> dict[str, Any]:
    return own_yaml(FILE)
