"""The page on which those below report a burden, and are given a receipt's number to look the answer up with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from registry.domain.dates import today
from registry.domain.labels import MATTER_KIND
from registry.domain.personal_names import SuspectedName, suspected_names
from registry.domain.personal_numbers import suspected_numbers
from registry.domain.receipts import receipt_number
from registry.domain.text import Text
from registry.queries import delegations, instruments
from registry.queries.matters import matters
from registry.queries.units import places, units
from registry.queries.units.units import Unit
from registry.recording import unit_of_work
from registry.relations.two_times import AsOf, newest
from registry.web import forms
from registry.web.pages import address as lookup
from registry.web.pages.form_page import form_page
from registry.web.pages.rendering import address, language
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of, unsigned
from registry.web.viewing import territory

ADDRESS: Final = "/villages/{code:path}/report"
LONGEST: Final = 500  # letters of a report


@dataclass(frozen=True, slots=True)
class About:
    """What a report is about, in words."""

    ref: str
    matter: str
    kind: Text
    sender: str
    document: str | None


@dataclass(frozen=True, slots=True)
class Reporter:
    """From where a report comes, and about what."""

    unit: Unit
    above: tuple[places.NamedUnit, ...]
    about: About | None


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route(ADDRESS, methods=["GET", "HEAD"])
    async def look(request: Request, code: str) -> Response:
        where = await _reporter(request, resources, code, request.query_params.get("about", ""))
        return _page(request, where)

    @routes.post(ADDRESS)
    async def submit(request: Request, code: str) -> Response:
        fields = await fields_of(request)
        where = await _reporter(request, resources, code, fields.get("about", ""))
        text = "\n".join(line.strip() for line in fields.get("text", "").strip().splitlines())
        note = unsigned(request, fields)
        if note is not None:
            return _page(request, where, text=text, status=403, note=note)
        note = problem_of(text)
        if note is not None:
            return _page(request, where, text=text, status=400, note=note)
        step, names = fields.get("step", ""), list(suspected_names(text))
        if step == "edit":
            return _page(request, where, text=text)
        # What is recorded stays: it is shown before, and what looks like a name is recorded only once that was seen.
        if step == "look" or (names and step != "send"):
            return _page(request, where, text=text, names=names, looked=True)
        about = {} if where.about is None else {"about": where.about.ref}
        # Of what is sent, by whom and on which day, so that the same sent twice is one report, also from a form shown
        # anew: browsers keep no page of ours to go back to.
        parts = (
            forms.sender(request),
            today().isoformat(),
            where.unit.code,
            where.about.ref if where.about else "",
            text,
        )
        number = receipt_number(resources.form_key, *parts)
        report = {"report": number, "unit": where.unit.code, "text": text, **about}
        decision = {"type": "BurdenReported", "at": today().isoformat(), **report}
        try:
            await resources.run_recording(unit_of_work.record, [decision])
        except unit_of_work.JournalRefused as refused:
            return _page(request, where, text=text, status=400, note=refused.errors[0].message)
        except unit_of_work.Busy as busy:
            return _page(request, where, text=text, status=503, note=Text(busy.zh, busy.en))
        return RedirectResponse(
            address(f"/receipts/{number}", language(request), new="1", **{"from": where.unit.code}), 303
        )

    return routes


def problem_of(text: str) -> Text | None:
    """Why a report, or an answer to one, is not taken: it is empty, too long, or names somebody by a number."""
    if not text:
        return Text("请写明是什么事。", "Say what it is about.")
    if not re.search(r"\w", text) or any(not letter.isprintable() and letter != "\n" for letter in text):
        return Text("请用文字写明是什么事。", "Say it in words.")
    if len(text) > LONGEST:
        return Text(f"太长了，请不超过 {LONGEST} 字。", f"Too long: at most {LONGEST} letters.")
    for number in suspected_numbers(text):
        return Text(
            f"第 {number.start} 至 {number.end} 个字看来是{number.kind.zh}，没有记下。请删去再提交：记下的内容删不掉。",
            f"Characters {number.start} to {number.end} look like {number.kind.en}, so nothing was recorded. Take them "
            "out: what is recorded stays.",
        )
    return None


async def _reporter(request: Request, resources: ServerResources, text: str, about: str) -> Reporter:
    """From where, and about what, an address says. Raises Refused: unknown-unit, unknown-ref; NotOwn."""
    reader = await resources.pool()
    moment = AsOf(today(), await newest(reader))
    code = await lookup.unit(reader, moment, text)
    unit = (await units.units(reader, moment, [code])).get(code)
    if unit is None or unit.dissolved:
        day = moment.valid_at
        lookup.refuse("unknown-unit", f"{day} 没有代码为“{code}”的单位。", f"On {day} there is no unit {code}.")
    (await territory(request, reader)).need(code)
    above = (await places.chains(reader, moment, [code]))[code]
    return Reporter(unit, above, await _about(reader, moment, code, about) if about else None)


async def _about(reader: Any, moment: AsOf, unit: str, ref: str) -> About:
    row = (await delegations.delegations(reader, moment, [ref[:200]])).get(ref)
    if row is None or row.delegation.recipient != unit:
        shown = ref[:200]
        lookup.refuse(
            "unknown-ref",
            f"本单位没有编号为“{shown}”的事。",
            f"Nothing called {shown} has landed on this unit.",
        )
    it = row.delegation
    about = (await matters.matters(reader, row.moment, [it.matter])).get(it.matter)
    sender = (await units.units(reader, row.moment, [it.sender])).get(it.sender)
    paper = (await instruments.instruments(reader, row.moment, [it.instrument])).get(it.instrument)
    return About(
        ref,
        about.name if about else it.matter,
        MATTER_KIND[it.kind],
        sender.name if sender else it.sender,
        None if paper is None else f"《{paper.title.strip('《》')}》（{it.instrument}）",
    )


def _page(
    request: Request,
    reporter: Reporter,
    *,
    text: str = "",
    status: int = 200,
    note: Text | None = None,
    names: Sequence[SuspectedName] = (),
    looked: bool = False,
) -> Response:
    return form_page(
        request,
        "report.html",
        status=status,
        note=note,
        query={"about": reporter.about.ref} if reporter.about else {},
        reporter=reporter,
        text=text,
        longest=LONGEST,
        names=names,
        looked=looked,
    )
