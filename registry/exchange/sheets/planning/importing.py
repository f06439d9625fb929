"""A file of lists as decisions: what it says, compared with what stands, and recorded all or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psycopg

from registry.domain.problems import Problem
from registry.exchange import originals
from registry.exchange.sheets.grids import Grid
from registry.exchange.sheets.planning import confirming, remembered
from registry.exchange.sheets.planning.deciding import decide
from registry.exchange.sheets.planning.differing import Step
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import BadSheet, SheetProblem
from registry.exchange.sheets.reading.files import read
from registry.exchange.sheets.recognising.tables import Table, recognise
from registry.exchange.sheets.sentences import of
from registry.log import recorder
from registry.log.recorder import LogRecorder
from registry.recording.reviving import revived
from registry.recording.unit_of_work import UnitOfWork, read_form, record

MOST: Final = 20_000  # rows of one file
File = Path | bytes | Sequence[Grid]  # a path, the content, or what was read of it before


class NotImported(Exception):
    """The file was not recorded: its plan says why."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("\n".join(f"{problem.location}: {problem.message}" for problem in plan.errors))
        self.plan = plan


class Changed(Exception):
    """What would be recorded is no more what was shown."""

    code = "conflict"
    zh = "查看之后登记簿或文件已有变动，将记录的内容与所示不同；请重新查看后再确认。"
    en = "The registry or the file has changed since, so what would be recorded was not shown; look again and confirm."

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"{self.zh} / {self.en}")
        self.plan = plan


def plan(connection: psycopg.Connection[Any], file: File, name: str, request: Request) -> Plan:
    """What the file of that name would have recorded. Records nothing, and needs no lock.

    Whatever is wrong with the file or the request is among the plan's problems; only the database's own errors raise.
    """
    known = remembered.every(connection, request.county)
    own, request = request, remembered.with_names(request, known)
    try:
        tables = tuple(_tables(file, name, request))
    except BadSheet as bad:
        return Plan(problems=list(bad.problems))
    # Whether a kind is needed is seen when it is known what list it is to be.
    known_problems = [
        replace(problem, warning=True) if request.miscounted and problem.code == "count-differs" else problem
        for table in tables
        for problem in table.problems
        if problem.code != "unknown-kind"
    ]
    made = Plan(tables, problems=known_problems)
    request, texts = remembered.with_texts(request, known, tables)
    made.problems += remembered.used(tables, known, own, texts)
    with connection.transaction(force_rollback=True):
        decide(connection, request, made)
        if not made.errors:
            made.steps = _with_revived(connection, made.steps)
            _try(connection, made)
    if made.errors:
        made.steps.clear()  # what the rows without errors alone come to is nothing that anybody wants
    made.problems = list(dict.fromkeys(made.problems))  # a row on the lists of ten towns is told of once
    return made


def carry_out(
    connection: psycopg.Connection[Any],
    file: File,
    name: str,
    request: Request,
    *,
    recorded_by: str | None = None,
    shown: str | None = None,
    stated: bool = False,
) -> Plan:
    """Record what the file says, all or nothing; `shown` is the digest of the plan that somebody confirmed.

    `stated`: nobody was asked, so what the lists say must be stated in the request (planning/confirming.py).

    Raises NotImported where anything is wrong, Changed where the plan is another by now, Busy where the lock is held.
    """
    with connection.transaction():
        recorder.lock(connection)  # nobody decides between the comparison and the recording
        made = plan(connection, file, name, request)
        if stated and not made.errors:
            made.problems += confirming.unstated(made, request)
        if made.errors:
            raise NotImported(made)
        if shown is not None and made.digest != shown:
            raise Changed(made)
        if made.steps:
            made.recorded = record(connection, made.decisions, recorded_by=recorded_by)
            if made.recorded.warning is not None:
                made.problems.append(
                    SheetProblem(name, "", "recorded-with-warning", *made.recorded.warning, warning=True)
                )
            if isinstance(file, Path | bytes):
                originals.keep(connection, file, made.recorded)
        remembered.keep(connection, request, made, recorded_by)
    return made


def _tables(file: File, name: str, request: Request) -> list[Table]:
    """The file's tables, or the one asked for. Raises BadSheet."""
    grids = read(file, name) if isinstance(file, Path | bytes) else file
    tables = [
        table
        for table in recognise(grids, request.mapping or None)
        if request.sheet is None or table.sheet == request.sheet
    ]
    if not tables:
        raise BadSheet([of(request.sheet or name, "no-such-sheet", sheet=request.sheet or "-")])
    rows = sum(len(table.rows) for table in tables)
    if rows > MOST:
        raise BadSheet([of(name, "too-many-rows", most=MOST, rows=rows)])
    return tables


def _with_revived(connection: psycopg.Connection[Any], steps: list[Step]) -> list[Step]:
    """The steps, those that were recorded once and annulled as what reinstates them."""
    results: list[Step] = []
    for step, decisions in zip(steps, revived(connection, [step.decision for step in steps]), strict=True):
        if decisions == [step.decision]:
            results.append(step)
        else:
            results += [Step(decision, "reinstated", step.wanted) for decision in decisions]
    return results


def _try(connection: psycopg.Connection[Any], made: Plan) -> None:
    """Decide it all without writing: what the registry would refuse is told at the row that asks for it."""
    parsed = [read_form(decision) for decision in made.decisions]
    with connection.transaction(force_rollback=True):
        work = UnitOfWork(LogRecorder.reading(connection))
        for number, outcome in work.decide_batch(enumerate(parsed, 1)):
            if isinstance(outcome, Problem):
                made.problems.append(_refused(made, made.steps[number - 1], outcome))


def _refused(made: Plan, step: Step, problem: Problem) -> SheetProblem:
    zh, en = problem.message
    if step.wanted is None:
        return SheetProblem(made.tables[0].sheet, "", problem.code, zh, en)
    return SheetProblem(step.wanted.table.sheet, step.wanted.name.location.rpartition("!")[2], problem.code, zh, en)
