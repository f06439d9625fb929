"""What an import came to, as JSON, so that it is kept with its work: under the names that the templates know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.domain.text import Text
from registry.exchange.sheets.folders.folder_import import FolderPlan
from registry.exchange.sheets.grids import Cell, Grid
from registry.exchange.sheets.planning import accounting, confirming, unlisted
from registry.exchange.sheets.planning.differing import Step
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.accounts import RowUse
from registry.exchange.sheets.recognising.tables import Heading, Table
from registry.impact.simulation import MOST
from registry.web.console.asking import Data

ROWS: Final = 300  # of a sheet, shown beside what they were taken for
WIDTH: Final = 30  # columns of one
LISTED: Final = 2000  # decisions, and rows accounted for
PROBLEMS: Final = 500
OF_FILE: Final = 20  # problems of a file of a folder


def plan_shown(plan: Plan) -> Data:
    """A plan: `tables` with their columns and rows, `errors`, `warnings`, `steps`, what is open, `questions`.

    `decisions`: as a draft takes them; None where they are too many for one. `rows`: those that can be
    ticked for a text beside them, where one is asked about: number, names. Texts are pairs of zh and en.
    """
    recorded = plan.recorded
    asks_about_rows = any(kind == "note" for kind, _ in plan.open_texts)
    return {
        "tables": [_table(table, plan) for table in plan.tables],
        "errors": [_problem(each) for each in plan.errors[:PROBLEMS]],
        "warnings": [_problem(each) for each in plan.warnings[:PROBLEMS]],
        "counts": {"errors": len(plan.errors), "warnings": len(plan.warnings), "steps": len(plan.steps)},
        "steps": [_step(each) for each in plan.steps[:LISTED]],
        "open_matters": {name: list(map(list, choices)) for name, choices in plan.open_matters.items()},
        "open_units": {name: list(map(list, choices)) for name, choices in plan.open_units.items()},
        "rows": list(unlisted.nameable(plan.tables).items())[:LISTED] if asks_about_rows else [],
        "open_texts": [[*of, needed] for of, needed in plan.open_texts.items()],
        "questions": [] if plan.errors else [_question(each) for each in confirming.questions(plan)],
        "lists": [sheets.code for sheets in plan.lists],
        "beside": _beside(plan),
        "recorded": None if recorded is None else {"before": recorded.before, "after": recorded.after},
        "digest": plan.digest,
        "decisions": plan.decisions if not plan.errors and 0 < len(plan.steps) <= MOST else None,
        "too_many": len(plan.steps) > MOST,
    }


def _beside(plan: Plan) -> Data | None:
    """The lists beside which a file's only list must say how it stands; None where nothing of the kind is asked."""
    open_ones = [problem for problem in plan.errors if problem.beside]
    if len(open_ones) != 1 or len(plan.lists) != 1:
        return None
    return {"lists": list(map(list, open_ones[0].beside)), "would_be": open_ones[0].would_be}


def sheets_shown(grids: Sequence[Grid], plan: Plan) -> list[Data]:
    """The sheets as they are: each row with what it was taken for, and its cells with the number of their problem."""
    numbers = {problem.location: number for number, problem in enumerate([*plan.errors, *plan.warnings], 1)}
    wrong = {problem.location for problem in plan.errors}
    uses = [use for table in plan.tables for use in accounting.uses(table, plan.problems)]
    by_number = {(use.sheet, use.number): use for use in uses}
    by_place = {use.location: use for use in uses}
    return [
        {
            "name": grid.name,
            "rows": len(grid.rows),
            "lines": [
                {
                    "number": number,
                    "use": _use(row, by_number.get((grid.name, number)), by_place),
                    "cells": _cells(row, numbers, wrong),
                }
                for number, row in enumerate(grid.rows[:ROWS], grid.top)
            ],
        }
        for grid in grids
    ]


def _use(row: Sequence[Cell], numbered: RowUse | None, by_place: Mapping[str, RowUse]) -> list[str] | None:
    """What a row was taken for: the use of its number, where that is of its cells; else of what stands in it.

    Of tables that have an item each, label and value, the rows are counted by item.
    """
    places = {cell.location for cell in row if cell.text}
    use = numbered if numbered is not None and numbered.location in places else None
    if use is None or use.use == "heading":
        use = next((by_place[cell.location] for cell in reversed(row) if cell.location in by_place), use)
    return None if use is None else list(accounting.CALLED[use.use])


def folder_shown(made: FolderPlan) -> Data:
    """What a folder came to: `files`, each with its `state` and problems, the `questions`, and what was recorded."""
    return {
        "files": [
            {
                "name": one.name,
                "digest": one.digest,
                "state": one.state,
                "sentences": [list(sentence) for sentence in one.sentences],
                "titles": [table.title for table in one.plan.tables],
                "rows": sum(len(table.rows) for table in one.plan.tables),
                "errors": [_problem(each) for each in one.plan.errors[:OF_FILE]],
                "steps": len(one.plan.steps),
            }
            for one in made.files
        ],
        "questions": [
            {
                "file": each.file,
                "location": each.location,
                "text": list(each.text),
                "choices": list(each.choices),
                "key": each.key,
                "answer": each.answer,
            }
            for each in made.questions
        ],
        "open": made.open,
        "before": made.before,
        "after": made.after,
    }


def _table(table: Table, plan: Plan) -> Data:
    rows = accounting.uses(table, plan.problems)
    return {
        "sheet": table.sheet,
        "title": table.title,
        "kind": table.kind,
        "rows": len(table.rows),
        "columns": {name: _heading(heading) for name, heading in table.columns.items()},
        "noted": [_heading(heading) for heading in table.noted],
        "unused": [_heading(heading) for heading in table.unused],
        "sentence": list(accounting.sentence(rows)),
        "uses": [
            {"location": use.location, "use": list(accounting.CALLED[use.use]), "text": use.text}
            for use in rows[:LISTED]
        ],
    }


def _heading(heading: Heading) -> Data:
    return {"text": heading.text, "location": heading.location}


def _problem(problem: SheetProblem) -> Data:
    return {"location": problem.location, "text": list(problem.on("page"))}


def _step(step: Step) -> Data:
    decision = step.decision
    of = decision.get("of") or decision
    wanted = step.wanted
    return {
        "change": step.change,
        "at": decision.get("at"),
        "code": of.get("item") or of.get("matter") or of.get("list") or of.get("instrument"),
        "name": decision.get("name") or decision.get("title") or (wanted.name.text if wanted else step.name),
        "location": wanted.name.location if wanted else "",
    }


def _question(question: confirming.Question) -> Data:
    return {
        "sentence": list(question.sentence),
        "words": list(question.words),
        "samples": [list(sample.shown) for sample in question.samples],
    }


def _cells(row: Sequence[Any], numbers: Mapping[str, int], wrong: set[str]) -> list[tuple[str, int, bool]]:
    return [
        (cell.text[:400], numbers.get(cell.location, 0) if cell.location else 0, cell.location in wrong)
        for cell in row[:WIDTH]
    ]


def text_of(pair: Sequence[str]) -> Text:
    """A pair as it was kept, as a text."""
    return Text(pair[0], pair[1])
