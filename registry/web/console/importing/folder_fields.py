"""The boxes of the page on which a folder is imported: what they are called, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.exchange.sheets.folders.folder_answers import Answers
from registry.exchange.sheets.planning.answers import SECTIONS, Kind
from registry.exchange.sheets.planning.request import Request as ImportRequest
from registry.web.upload import folder_request

FIELDS: Final = ("county", "instrument", "as", "instrument_title", "issued_on")
ANSWER: Final = "answer:"
SKIPPED: Final = "skip:"
# What is said of one file alone, by the name of its label: `file:instrument:DIGEST`.
OF_FILE: Final = "file:"
OF_FILES: Final[Mapping[str, str]] = {
    "instrument": "instrument",
    "instrument_title": "instrument_title",
    "issued_on": "issued_on",
    "as": "code",
    "from": "day",
    "kind": "kind",
    "polarity": "polarity",
    "effect": "effect",
    "missing": "missing",
    "audience": "audience",
    "scope": "scope",
}


def folder_wanted(fields: Mapping[str, str]) -> ImportRequest:
    """The import that the boxes ask for. Raises Refused: bad-value."""
    return folder_request({name: value for name, value in fields.items() if name in FIELDS})


def folder_answers(fields: Mapping[str, str]) -> Answers:
    """What was chosen in the boxes of the page."""
    chosen: dict[str, dict[str, str]] = {"unit": {}, "matter": {}, "confirm": {}}
    for name, value in fields.items():
        kind, _, key = name.removeprefix(ANSWER).partition(":")
        if name.startswith(ANSWER) and kind in chosen and value:
            chosen[kind][key] = value
    texts: dict[tuple[Kind, str], str] = {}
    for kind in SECTIONS:
        begins = f"{ANSWER}{kind}:"
        given = {name.removeprefix(begins): text for name, text in fields.items() if name.startswith(begins) and text}
        texts |= {(kind, text): answer for text, answer in given.items()}
    stated: dict[str, dict[str, str]] = {}
    for name, value in fields.items():
        what, _, digest = name.removeprefix(OF_FILE).partition(":")
        if name.startswith(OF_FILE) and what in OF_FILES and value:
            stated.setdefault(digest, {})[OF_FILES[what]] = value
    return Answers(
        stated=stated,
        texts=texts,
        skipped=frozenset(name.removeprefix(SKIPPED) for name in fields if name.startswith(SKIPPED)),
        confirmed=frozenset(key for key, value in chosen["confirm"].items() if value == "yes"),
        denied=frozenset(key for key, value in chosen["confirm"].items() if value == "no"),
        units=chosen["unit"],
        matters=chosen["matter"],
    )
