"""What an import comes to before it is recorded: what was recognised, what is wrong, and what would be decided."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from registry.domain.text import Text
from registry.exchange.published.files import Entry
from registry.exchange.published.recorded_state import RecordedState
from registry.exchange.sheets.planning import accounting, ends
from registry.exchange.sheets.planning.answers import SECTIONS, Kind
from registry.exchange.sheets.planning.differing import Step
from registry.exchange.sheets.planning.items import Choices
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.recording.unit_of_work import Recorded


@dataclass(slots=True)
class Sheets:
    """The tables that make one list, and the list as it stands: its code, what was said of it, its items.

    `gone`: the rows that go off it; `adjusts`: what the file does not name stays as it is; `going`: the items, by id
    and name, that go because the file does not have them; `emptied`: it has none of them, so the list goes. `steps`,
    `attributes`: what would be recorded of it, and what ListAdopted says of it; `audience`: for whom the file says it
    is; `holders`: of powers that are somebody's own, whose.
    """

    base_code: str
    kind: str | None
    tables: list[Table]
    polarity: str | None = None
    scope: str = ""
    gone: list[tuple[Table, Row]] = field(default_factory=list[tuple[Table, Row]])
    adjusts: bool = False
    emptied: bool = False
    going: Mapping[str, str] = field(default_factory=dict[str, str])
    steps: list[Step] = field(default_factory=list[Step])
    attributes: Entry = field(default_factory=dict[str, Any])
    audience: str = ""
    scope_name: str = ""
    scope_is_town: bool = False
    holders: list[str] = field(default_factory=list[str])
    leading: Text = field(default_factory=lambda: Text("", ""))  # what was answered of who leads (leading.py)
    assigns: str | None = None  # of powers: how all of these are handed down
    code: str = ""
    state: RecordedState | None = None
    items: dict[str, RecordedState] = field(default_factory=dict[str, RecordedState])

    @property
    def sheet(self) -> str:
        return self.tables[0].sheet

    @property
    def latest(self) -> str:
        """The last day on which anything was decided of the list; empty where there is none.

        That an item ends by itself later was decided with its entry.
        """
        all_of_it = [*([self.state] if self.state else []), *self.items.values()]
        days = (one.fields["at"] for one in all_of_it)
        gone = (one.ended or "" for one in all_of_it if ends.foreseen(one) is None)
        return max((*days, *gone), default="")


@dataclass(slots=True)
class Plan:
    """What a file was recognised as, what is wrong with it or to be told, and what would be recorded, in order.

    `open_matters` and `open_units`: names that nobody has decided on, with what they may mean: code and name.
    `beside`: the texts that one question is about, by what it goes by; `bundles`: those of them that must be answered
    (unlisted.Bundle).
    `recorded`: where the decisions are in the log, once they are recorded; `day`, `document`: from when, and by what.
    """

    tables: tuple[Table, ...] = ()
    lists: list[Sheets] = field(default_factory=list[Sheets])
    steps: list[Step] = field(default_factory=list[Step])
    problems: list[SheetProblem] = field(default_factory=list[SheetProblem])
    open_matters: dict[str, Choices] = field(default_factory=dict[str, Choices])
    open_units: dict[str, Choices] = field(default_factory=dict[str, Choices])
    beside: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    bundles: dict[str, Any] = field(default_factory=dict[str, Any])
    recorded: Recorded | None = None
    day: date | None = None
    document: str = ""

    @property
    def open_texts(self) -> dict[tuple[Kind, str], bool]:
        """The texts that somebody may say the meaning of: kind of answer and text; whether it must be said."""
        texts: dict[tuple[Kind, str], bool] = {}
        for problem in self.problems:
            if problem.asks is not None:
                texts[problem.asks] = texts.get(problem.asks, False) or not problem.warning
        return texts

    @property
    def errors(self) -> list[SheetProblem]:
        """What keeps the file from being recorded."""
        return [problem for problem in self.problems if not problem.warning]

    @property
    def warnings(self) -> list[SheetProblem]:
        """What should be known, and keeps nothing from being recorded."""
        return [problem for problem in self.problems if problem.warning]

    @property
    def decisions(self) -> list[Entry]:
        """The decisions, as journal objects."""
        return [step.decision for step in self.steps]

    @property
    def digest(self) -> str:
        """Tells these decisions from others: the SHA-256 of their lines, in hexadecimal."""
        lines = (orjson.dumps(decision, option=orjson.OPT_SORT_KEYS) + b"\n" for decision in self.decisions)
        return hashlib.sha256(b"".join(lines)).hexdigest()

    def as_object(self) -> dict[str, Any]:
        """The plan as JSON has it: tables with their columns, problems by cell, names to decide on, decisions."""
        return {
            "tables": [
                {
                    "sheet": table.sheet,
                    "kind": table.kind,
                    "title": table.title,
                    "rows": len(table.rows),
                    "columns": {
                        field: {"heading": heading.text, "place": heading.location}
                        for field, heading in table.columns.items()
                    },
                    "noted": [heading.text for heading in table.noted],
                    "unused": [heading.text for heading in table.unused],
                    "read": accounting.counts(rows),
                    "accounts": [
                        {"sheet": row.sheet, "row": row.number, "place": row.location, "use": row.use, "text": row.text}
                        for row in rows
                    ],
                }
                for table in self.tables
                for rows in [accounting.uses(table, self.problems)]
            ],
            "problems": [
                {
                    "sheet": problem.sheet,
                    "cell": problem.cell,
                    "place": problem.location,
                    "code": problem.code,
                    "message": dict(zip(("zh", "en"), problem.on("api"), strict=True)),
                    "warning": problem.warning,
                }
                for problem in self.problems
            ],
            "open": {
                "matters": {name: dict(choices) for name, choices in self.open_matters.items()},
                "units": {name: dict(choices) for name, choices in self.open_units.items()},
                **{section: [text for of, text in self.open_texts if of == kind] for kind, section in SECTIONS.items()},
            },
            "decisions": self.decisions,
            "digest": self.digest,
        }
