"""What somebody asks to be imported, and under which names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from registry.domain import words
from registry.exchange.sheets.planning import answers

OPEN: Final = "?"  # begins what a mapping file has for a name that nobody has decided on yet


@dataclass(frozen=True, slots=True)
class Issued:
    """The document itself, where it is not recorded yet: its title, kind, day and, if not the county, issuer."""

    title: str
    kind: words.InstrumentKind
    at: date
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """An import: for which county, by which document, from which day, and what was decided beforehand.

    `code`: the list's id, or what the ids of several lists begin with (the county's code where it is left out);
    `accept`: take the nearest name (`near`), or none but equal ones (`none`); `open`: what is not on the list is not
    off it; `replace`: a list that rests on another document is repealed and adopted anew; `holders`: the departments
    named hold new matters by law; `miscounted`: the list has not as many items as it says of itself; `polarity`,
    `effect`: which reading of the file is meant (meaning/readings.py); `missing`: what is to become of items that stand
    and are not in the file (`within`: those go that are of categories and departments which it has); `scope`: one unit,
    or several joined by commas; `reading`: all lists as planning/confirming.py states them, joined by commas;
    `mapping`: a mapping file's content.
    """

    county: str
    instrument: str
    code: str | None = None
    kind: str | None = None
    polarity: Literal["positive", "negative"] | None = None
    effect: Literal["listed", "withdrawn"] | None = None
    missing: Literal["withdraw", "keep", "within"] | None = None
    reading: str | None = None
    sheet: str | None = None
    title: str | None = None
    day: date | None = None
    scope: str | None = None
    audience: words.Level | None = None
    quota: int | None = None
    accept: Literal["near", "none"] | None = None
    open: bool = False
    replace: bool = False
    holders: bool = False
    miscounted: bool = False
    issued: Issued | None = None
    mapping: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def matters(self) -> dict[str, str]:
        """What the mapping says that names of matters mean: a code, or `new`; those still open left out."""
        return _settled(self.mapping.get("matters", {}))

    @property
    def units(self) -> dict[str, str]:
        """What the mapping says that names of units mean: a code, or `none`."""
        return _settled(self.mapping.get("units", {}))

    @property
    def rows(self) -> dict[str, answers.Effect]:
        """What was answered of rows, by what is said of them: that they are on the list, are not, or may not be."""
        given = answers.given(self.mapping, "row").items()
        return {text: one for text, answer in given if (one := answers.effect(answer)) is not None}

    @property
    def notes(self) -> dict[str, str]:
        """What was answered of texts beside the items, by the text or by what several of them go by (unlisted.py)."""
        return answers.given(self.mapping, "note")

    @property
    def unchanged(self) -> set[str]:
        """The texts beside the items that were answered to change none of them."""
        return {text for text, answer in self.notes.items() if answers.is_nothing(answer)} | {
            text for text, effect in self.rows.items() if effect == "keep"
        }

    @property
    def towns(self) -> dict[str, str]:
        """Which towns were answered to be meant by texts: names or codes, or `all`."""
        return answers.given(self.mapping, "town")

    @property
    def days(self) -> dict[str, date | Literal["none"]]:
        """Which days were answered to be meant by texts; `none`: no day."""
        given = answers.given(self.mapping, "day").items()
        return {text: one for text, answer in given if (one := answers.day(answer)) is not None}

    @property
    def leads(self) -> dict[str, answers.Lead]:
        """Who was answered to lead what columns name others for, by the column's heading."""
        given = answers.given(self.mapping, "lead").items()
        return {heading: one for heading, answer in given if (one := answers.lead(answer)) is not None}

    @property
    def scopes(self) -> tuple[str, ...]:
        """The units for which the lists are said to be; none where nothing is said."""
        return tuple(part.strip() for part in (self.scope or "").split(",") if part.strip())

    @property
    def readings(self) -> set[str]:
        """The readings stated."""
        return {part.strip() for part in (self.reading or "").split(",") if part.strip()}

    def list_of(self, sheet: str) -> str | None:
        """The list that the mapping says a sheet is, by its name or for any sheet."""
        lists = {entry["sheet"]: entry["list"] for entry in self.mapping.get("tables", ()) if "list" in entry}
        return lists.get(sheet, lists.get("*"))


def _settled(means: Mapping[str, str]) -> dict[str, str]:
    return {name: meant for name, meant in means.items() if not meant.startswith(OPEN)}
