"""The view in which recordings are taken back: what that would record and change, and only then recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import psycopg
from fastapi import APIRouter, Depends, Request, Response

from registry.domain.dates import SHANGHAI, today
from registry.domain.text import Text
from registry.impact.simulation import MOST as MOST_ASSESSED
from registry.impact.simulation import Simulation
from registry.impact.undoing import Preview, preview
from registry.queries.history import undo_words
from registry.queries.matters import matters
from registry.queries.units import units
from registry.recording import undo as undoing
from registry.recording.undo import CannotUndo, Changed, NotUndone
from registry.recording.unit_of_work import Busy, Recorded
from registry.relations.two_times import AsOf
from registry.web import forms
from registry.web.console.asking import Data
from registry.web.console.tables import Table
from registry.web.console.undo_tables import Batch, finding_tables, recent_table, undo_tables
from registry.web.console.view import View
from registry.web.failures import STATUS
from registry.web.own_undo import need_positions, of_own
from registry.web.resources import ServerResources
from registry.web.upload import received
from registry.web.viewing import territory

SHOWN: Final = 200  # recordings, and findings, listed on the page
WHOLE: Final = 2000  # recordings of a table that is sorted, filtered, or a file
LOOKED_AT: Final = 300  # last positions, among which what was recorded together is offered
PAGE: Final = 1000  # of what reaches back further, read at once
BATCHES: Final = 100  # of these, at most
_DIGITS: Final = 18  # of a position: the log never has as many
_NO_POSITION: Final = Text("序号请填写数字，如 1200。", "Write a position as a number, such as 1200.")


@dataclass(frozen=True, slots=True)
class Given:
    """What the address or the form says: positions, as they were written, and whether what is later goes too."""

    first: str
    last: str
    with_later: bool

    def positions(self) -> range:
        """The positions. Raises CannotUndo."""
        last = self.last or self.first
        if not all(end.isascii() and end.isdecimal() and len(end) <= _DIGITS for end in (self.first, last)):
            raise CannotUndo("bad-value", _NO_POSITION)
        return undoing.positions_between(int(self.first), int(last))


@dataclass(slots=True)
class Shown:
    """What the page shows below the form: an undoing, or the positions around what it was."""

    preview: Preview | None = None
    most: int = 0  # rows of its tables
    recorded: tuple[int, int] | None = None


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/undo", methods=["GET", "HEAD"])
    async def look(request: Request) -> Response:
        view = await View.of(request, resources)
        done = _done(view)
        if done is not None:
            return _page(view, _given({}), Shown(recorded=done))
        given = _given(request.query_params)
        if given.first:
            return await _looked_at(view, given)
        return _page(view, given, Shown(), tables=[recent_table(view, await _recent(view))])

    @routes.post("/undo")
    async def submit(request: Request) -> Response:
        view = await View.of(request, resources)
        fields = (await received(request)).fields
        given, unsigned = _given(fields), forms.token_problem(request, fields.get(forms.FIELD, ""))
        if unsigned is not None:
            return await _looked_at(view, given, status=403, note=Text(*unsigned))
        shown, pool = fields.get("shown", ""), await resources.pool()
        try:
            await need_positions(await territory(request, pool), pool, given.positions())
            done = await resources.run_recording(
                _carry_out, given.positions(), with_later=given.with_later, shown=shown
            )
        except (Changed, NotUndone) as refused:
            return await _looked_at(view, given, status=409, note=Text(refused.zh, refused.en))
        except (CannotUndo, Busy) as refused:
            note = Text(refused.zh, refused.en)
            return _page(view, given, Shown(), status=_status(refused.code), note=note)
        # By GET, so that loading it again, or going back to it, records nothing again.
        return view.go("/undo", done=f"{done.before}-{done.after}")

    return routes


def _done(view: View) -> tuple[int, int] | None:
    """The positions around what an undoing recorded, as the address has them after it; None where it has none."""
    before, _, after = view.parameter("done").partition("-")
    if not all(end.isascii() and end.isdecimal() and len(end) <= _DIGITS for end in (before, after)):
        return None
    return (int(before), int(after)) if int(before) <= int(after) <= view.newest else None


async def _recent(view: View) -> list[Batch]:
    """What was recorded together, the last first, of the last positions that the reader sees all of.

    Of the last positions LOOKED_AT are read, and of what began before them and is cut there, the rest.
    """
    after = max(view.newest - LOOKED_AT, 0)
    rows = (await view.ask("undo_recent", after=after, first=LOOKED_AT, since=None, until=None, worded=True))[
        "decisions"
    ]
    batches = [_batch(list(each)) for _, each in groupby(rows, key=itemgetter("recordedAt"))]
    if after and batches and batches[0] is not None and batches[0].first == after + 1:
        batches[0] = await _reaching_back(view, rows[0]["recordedAt"], batches[0])
    return [each for each in reversed(batches) if each is not None][:BATCHES]


def _batch(rows: Sequence[Data]) -> Batch | None:
    """What was recorded together, by its decisions in order; None where the reader does not see all of it."""
    first, last = rows[0], rows[-1]
    if last["position"] - first["position"] + 1 != len(rows):
        return None
    at = datetime.fromisoformat(first["recordedAt"]).astimezone(SHANGHAI)
    return Batch(first["position"], last["position"], at, first["summary"])


async def _reaching_back(view: View, at: str, cut: Batch) -> Batch | None:
    """A batch with what was recorded with it before its first position.

    None where the reader does not see all of it, or it is more than is taken back at once.
    """

    async def before(after: int, first: int, *, worded: bool) -> list[Data]:
        wanted: Data = {"after": after, "first": first, "since": at, "until": at, "worded": worded}
        return (await view.ask("undo_recent", **wanted))["decisions"]

    (first,) = await before(0, 1, worded=True)
    if cut.last - first["position"] + 1 > undoing.MOST:
        return None
    seen_to = first["position"]
    while seen_to < cut.first:
        page = await before(seen_to, PAGE, worded=False)
        if page[-1]["position"] - seen_to != len(page):
            return None
        seen_to = page[-1]["position"]
    return replace(cut, first=first["position"], summary=first["summary"])


def _given(fields: Mapping[str, str]) -> Given:
    first, last = (fields.get(name, "").strip().removeprefix("#") for name in ("from", "to"))
    return Given(first, last, fields.get("with_later", "") not in ("", "0"))


async def _looked_at(view: View, given: Given, *, status: int = 200, note: Text | None = None) -> Response:
    """The page with what would take the positions back; `note`: why it is shown again."""
    pool = await view.resources.pool()
    own = await territory(view.request, pool)
    try:
        await need_positions(own, pool, given.positions())
        made = await view.resources.run_long(
            preview, given.positions(), with_later=given.with_later, seconds=undoing.PATIENCE
        )
        made = await of_own(own, pool, made)
    except (CannotUndo, Busy) as refused:
        return _page(view, given, Shown(), status=_status(refused.code), note=Text(refused.zh, refused.en))
    plan = made.undo
    listed = (plan.positions, plan.goes_with, [each.position for each in plan.resting])
    most = WHOLE if _narrowed(view) else SHOWN
    wanted = [position for positions in listed for position in positions[:most]]
    wanted += [position for position, _ in plan.problems[:most]]
    tables = undo_tables(view, plan, await undo_words.lines(pool, wanted), most)
    if made.simulation is not None:
        tables += finding_tables(view, made.simulation, await _names(pool, view, made.simulation), most)
    return _page(view, given, Shown(made, most=most), status=status, note=note, tables=tables)


async def _names(pool: Any, view: View, simulation: Simulation) -> dict[tuple[str, str], str]:
    """What the units and matters of findings are called on the day of the simulation, by kind and code."""
    moment, findings = AsOf(simulation.as_of, view.newest), (*simulation.opened, *simulation.closed)
    of = await units.units(pool, moment, sorted({one.unit for one in findings}))
    about = await matters.matters(pool, moment, [one.matter for one in findings])
    named = {("unit", code): one.name for code, one in of.items()}
    return named | {("matter", code): one.name for code, one in about.items()}


def _narrowed(view: View) -> bool:
    """Whether the address has a table sorted, filtered, at another page, or as a file: of all its rows."""
    return any(name == "format" or name.endswith(("-q", "-sort", "-page")) for name in view.request.query_params)


def _carry_out(connection: psycopg.Connection, positions: range, *, with_later: bool, shown: str) -> Recorded:
    return undoing.carry_out(connection, positions, with_later=with_later, shown=shown, seconds=undoing.PATIENCE)[1]


def _status(code: str) -> int:
    return STATUS.get(code, 503 if code == Busy.code else 400)


def _page(
    view: View,
    given: Given,
    shown: Shown,
    *,
    status: int = 200,
    note: Text | None = None,
    tables: Sequence[Table] = (),
) -> Response:
    return view.download(*tables) or view.form(
        "undo.html",
        status=status,
        note=note,
        given=given,
        plan=shown.preview.undo if shown.preview else None,
        preview=shown.preview,
        recorded=shown.recorded,
        tables=tables,
        most_assessed=MOST_ASSESSED,
        most=shown.most or SHOWN,
        own_day=True,
        today=today(),
    )
