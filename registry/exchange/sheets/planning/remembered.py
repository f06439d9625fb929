"""What a county answered of the names and texts in its lists, kept for its next file until it is withdrawn.

What names mean holds for all of its lists. What a text means holds where wording and subject come again: which towns
are meant, in all lists; what becomes of a row, in lists of that kind; what is but so for the time being (拟取消, a day,
试点镇), in what is imported again by the same document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, get_args

import psycopg

from registry.database.row_objects import in_order
from registry.domain.dates import SHANGHAI
from registry.exchange.sheets.meaning import changing
from registry.exchange.sheets.meaning.remarks import PLANNED
from registry.exchange.sheets.planning import answers, unlisted
from registry.exchange.sheets.planning.plans import Plan
from registry.exchange.sheets.planning.request import OPEN, Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.tables import Table
from registry.exchange.sheets.sentences import of
from registry.recording import authority
from registry.relations.two_times import still_known

# Codes that are gone by now are asked about again.
_KNOWN: Final = f"""
SELECT a.kind, a.subject, a.name, a.means, a.answered_by, a.answered_at FROM handed_in.answer a
WHERE a.county = %s AND (
    (a.kind = 'unit' AND (a.means = 'none' OR EXISTS (
        SELECT FROM unit u WHERE u.code = a.means AND {still_known("u")}
    )))
    OR (a.kind = 'matter' AND EXISTS (
        SELECT FROM matter m
        WHERE m.code = a.means AND NOT m.retired AND {still_known("m")} AND m.valid_to = 'infinity'
    ))
    OR a.kind IN ('row', 'town', 'day', 'note', 'lead')
) ORDER BY a.kind, a.name, a.subject
"""
_KEPT: Final = """
INSERT INTO handed_in.answer AS known (county, kind, subject, name, means, answered_by) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (county, kind, subject, name) DO UPDATE SET means = excluded.means, answered_by = excluded.answered_by,
    answered_at = excluded.answered_at
WHERE known.means <> excluded.means
"""
_WITHDRAWN: Final = "DELETE FROM handed_in.answer WHERE county = %s AND kind = %s AND name = %s"
_ANY: Final = ""
# What is so for the time being, or in one document only.
_FOR_NOW: Final = re.compile(f"{PLANNED.pattern}|待|暂|研究|再议|择机|另行|视情|试点|部分|个别|有关|相关|首批|第.批")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is kept: of a `unit`, `matter`, `row`, `town` or `day`, by what stands in the lists.

    `subject`: for lists of which kind, or by which document, it holds; empty for all. `means`: a code, or what
    planning/answers.py has; `answered_by`: None where that is not known.
    """

    kind: str
    subject: str
    name: str
    means: str
    answered_by: str | None
    answered_at: datetime

    @property
    def day(self) -> date:
        """The day in China on which it was given."""
        return self.answered_at.astimezone(SHANGHAI).date()


def every(connection: psycopg.Connection[Any], county: str) -> list[Answer]:
    """All answers of a county that still mean something, by kind and name."""
    return connection.cursor(row_factory=in_order(Answer)).execute(_KNOWN.encode(), (county,)).fetchall()


def withdraw(connection: psycopg.Connection[Any], county: str, kind: str, name: str) -> int:
    """Keep an answer no longer, for whatever it held: it is asked about again. Gives how many there were."""
    return connection.execute(_WITHDRAWN, (county, kind, name)).rowcount


def with_names(request: Request, known: Iterable[Answer]) -> Request:
    """The request with what the county answered of names before; what it says itself goes first."""
    mapping = dict(request.mapping)
    for kind, section, settled in (("unit", "units", request.units), ("matter", "matters", request.matters)):
        before = {one.name: one.means for one in known if one.kind == kind}
        if before:
            mapping[section] = mapping.get(section, {}) | before | settled
    return replace(request, mapping=mapping)


def with_texts(request: Request, known: Iterable[Answer], tables: Iterable[Table]) -> tuple[Request, list[Answer]]:
    """The request with what was answered of texts that stand in these tables, and the answers that it makes use of.

    What the request answers itself, if only that it is to be asked again (`?`), goes first; where two answers of before
    could be meant, neither is.
    """
    subjects: dict[str, set[str]] = {}
    for table in tables:
        for text in _texts(table):
            subjects.setdefault(text, {_ANY, request.instrument}).update(_kinds(table, request))
    used: dict[tuple[str, str], list[Answer]] = {}
    for one in known:
        if one.kind in get_args(answers.Kind) and one.subject in subjects.get(one.name, ()):
            used.setdefault((one.kind, one.name), []).append(one)
    mapping = dict(request.mapping)
    results: list[Answer] = []
    for kind, section in answers.SECTIONS.items():
        own: Mapping[str, str] = mapping.get(section, {})
        settled = {answers.key(text) for text, answer in own.items() if not answer.startswith(OPEN) or answer == OPEN}
        before = {
            text: same[0]
            for (of_kind, text), same in used.items()
            if of_kind == kind and text not in settled and len({one.means for one in same}) == 1
        }
        if before:
            mapping[section] = {**own, **{text: one.means for text, one in before.items()}}
            results += before.values()
    return replace(request, mapping=mapping), results


def keep(connection: psycopg.Connection[Any], request: Request, made: Plan, answered_by: str | None) -> None:
    """Keep what the request says of names, and of texts in the plan's tables; a new matter has its own name henceforth.

    What was answered of several texts together is kept of each of them.
    """
    rows = [("unit", _ANY, name, means) for name, means in request.units.items()]
    rows += [("matter", _ANY, name, means) for name, means in request.matters.items() if means != "new"]
    rows += _of_texts(request, made)
    by = authority.account(answered_by)
    with connection.cursor() as cursor:
        cursor.executemany(_KEPT, [(request.county, *row, by) for row in dict.fromkeys(rows)])


def used(
    tables: tuple[Table, ...], known: Iterable[Answer], own: Request, texts: Iterable[Answer]
) -> Iterator[SheetProblem]:
    """What is told of the answers of before that a file makes use of: of names, and `texts`. `own`: as it was made."""
    sheet = tables[0].sheet
    cells = {cell.text for table in tables for row in table.rows for cell in row.cells.values()}
    settled = {"unit": own.units, "matter": own.matters}
    for one in known:
        if one.kind in settled and one.name not in settled[one.kind] and any(one.name in text for text in cells):
            yield of(sheet, "answered-before", warning=True, name=one.name, means=one.means, day=one.day)
    texts = list(texts)
    notes = [one for one in texts if one.kind == "note"]
    if notes:
        yield of(
            sheet,
            "notes-answered-before",
            problem_code="answered-before",
            warning=True,
            count=len(notes),
            name=notes[0].name,
        )
    for one in texts:
        if one.kind == "note":
            continue
        kind: answers.Kind = one.kind  # type: ignore[assignment]  # texts have no other
        zh, en = answers.shown(kind, one.means)
        asks = kind, one.name
        values: dict[str, Any] = {"name": one.name, "means": zh, "means_en": en, "day": one.day, "kind": one.kind}
        yield of(sheet, "text-answered-before", problem_code="answered-before", warning=True, asks=asks, **values)


def _of_texts(request: Request, made: Plan) -> Iterator[tuple[str, str, str, str]]:
    """What is kept of the texts that the request answers: kind of answer, for what it holds, text and answer."""
    days = {text: str(day) for text, day in request.days.items()}
    nothing = {name: answers.NOTHING for name, answer in request.notes.items() if answers.is_nothing(answer)}
    notes = {text: answers.NOTHING for name in nothing for text in made.beside.get(name, (name,))}
    given: dict[str, Mapping[str, str]] = {"row": request.rows, "town": request.towns, "day": days, "note": notes}
    given["lead"] = request.leads
    for table in made.tables:
        texts = _texts(table)
        for kind, answered in given.items():
            for text in answered.keys() & texts:
                for subject in _holds_for(kind, text, answered[text], _kinds(table, request), request):
                    yield kind, subject, text, answered[text]


def _holds_for(kind: str, text: str, means: str, kinds: Iterable[str], request: Request) -> Iterable[str]:
    if _FOR_NOW.search(text) or (kind == "day" and means != answers.NO_DAY):
        return (request.instrument,)
    if kind == "lead":
        return list(kinds) or (request.instrument,)  # a list that stands came back without a kind
    return (_ANY,) if kind == "town" else kinds


def _kinds(table: Table, request: Request) -> set[str]:
    """The kinds of list that a table may be."""
    kinds = {reading.kind for reading in table.meaning.readings} or {table.kind}
    return {request.kind} if request.kind is not None else {kind for kind in kinds if kind is not None}


def _texts(table: Table) -> set[str]:
    """All that stands in a table's rows, over its columns and beside them, as answers are kept of it."""
    cells = {answers.key(cell.text) for row in table.rows for cell in row.cells.values()}
    headings = {answers.key(heading.text) for heading in (*table.columns.values(), *table.noted)}
    return (
        cells
        | headings
        | unlisted.keys(table)
        | {answers.key(text) for cell in (*table.above, *table.notes) for text in changing.sentences(cell.text)}
    )
