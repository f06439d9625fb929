"""A decision in words, and every decision that has to do with a unit, a matter, a document or a ref."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from fastapi import APIRouter, Request, Response

from registry.access.operations import Rule
from registry.domain.text import Text
from registry.queries.history.headlines import CORRECTIONS
from registry.web.authorization import allows
from registry.web.console.asking import Data
from registry.web.console.decision_table import day_of_effect, decision_table, decisions_naming
from registry.web.console.proof_steps import STEPS, steps_table
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import moment_of
from registry.web.pages import address
from registry.web.pages.failure import Refused
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

# Whose a matter becomes by a decision, and which.
HOLDER: Final = ("to", "unit")
MATTER: Final = ("matter", "power")
ABOUT: Final = {
    "unit": Text("单位", "unit"),
    "matter": Text("事项", "matter"),
    "document": Text("文件", "document"),
    "ref": Text("交办编号", "ref"),
}


def router(resources: ServerResources) -> APIRouter:
    """The routes of the views."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/decisions/{position}", methods=["GET", "HEAD"])
    async def decision(request: Request, position: str) -> Response:
        return await _decision(await View.of(request, resources), position)

    @routes.api_route("/history", methods=["GET", "HEAD"])
    async def history(request: Request) -> Response:
        return await _history(await View.of(request, resources))

    return routes


def _unknown(view: View, text: str) -> NoReturn:
    zh = f"没有序号为 {text[:40]} 的决定，或者它不在您的范围内。"
    en = f"There is no decision {text[:40]}, or it is not yours to see."
    hint = (f"序号从 1 到 {view.newest}。", f"Positions go from 1 to {view.newest}.")
    raise Refused("unknown-position", 404, (zh, en), hint)


async def _decision(view: View, text: str) -> Response:
    if not (text.isascii() and text.isdecimal() and len(text) < 10) or not 0 < int(text) <= view.newest:
        _unknown(view, text)
    position = int(text)
    decision = (await view.ask("decision", position=position))["decision"]
    if decision is None:
        _unknown(view, text)
    proof = (await view.ask("inclusion", position=position, size=view.newest))["inclusionProof"]
    try:
        leaf = (await view.ask("leaf", position=position))["inclusionProof"]["leaf"]
    except Refused:  # the words are seen, the bytes are not: a proof then begins with the hash
        leaf = None
    corrected = [one for one in decision["correctedBy"] if one["position"] <= view.moment.known_at]
    fields = _fields(view, decision["stated"], [one for one in corrected if one["type"] == "Corrected"])
    effects = Table(
        "effects",
        Text("改变了什么", "What it changed"),
        (
            Column("since", Text("自", "From"), "day", width=12),
            Column("until", Text("至（不含）", "Until"), "day", width=12),
            Column("effect", Text("变化", "Change"), own_words=True, width=80),
        ),
        rows_of(
            decision["effects"],
            since=lambda one: one["since"],
            until=lambda one: one["until"],
            effect=lambda one: one["message"],
        ),
        Text("没有改变登记簿所说的内容。", "It changed nothing of what the registry says."),
        main=False,
    )
    tables = [fields, effects, steps_table("steps", STEPS, proof["steps"])]
    return view.download(*tables) or view.page(
        "decision.html",
        tables=tables,
        decision=decision,
        corrected=corrected,
        recorded=moment_of(decision["recordedAt"]),
        proof=proof,
        leaf=leaf,
        written=json.dumps(decision["data"], ensure_ascii=False, indent=1),
        moment_of=moment_of,
        before=position - 1 if position > 1 else None,
        after=position + 1 if position < view.newest else None,
        corrections=CORRECTIONS,
        may_undo=allows(Rule.ORGANIZER, viewer(view.request))
        and not any(one["type"] == "Annulled" for one in corrected),
        effective=day_of_effect(decision, decision["effects"]),
        evidence=_evidence(view, decision),
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where evidence that has a decision is to be had; `whole`: nothing is left to be filled in there."""

    href: str
    whole: bool


def _evidence(view: View, decision: Data) -> Evidence:
    """The account of the unit and the matter that a decision, or what it corrects, is about, on its day."""
    of = decision["corrects"] or decision
    unit, matter = (next((of["data"][name] for name in names if name in of["data"]), "") for names in (HOLDER, MATTER))
    href = view.href("/accountability", unit=unit or None, matter=matter or None, on=of["at"], as_of=None)
    return Evidence(href, bool(unit and matter))


def _fields(view: View, stated: list[Data], corrections: list[Data]) -> Table:
    """What a decision says field by field; where it was corrected, as recorded and as corrected by which."""
    recorded = {one["field"] for one in stated}  # of a correction some twice: its own, and what it sets
    corrected: dict[str, tuple[Data, Data]] = {}  # the field, and the last correction that set it
    for correction in corrections:
        sets = correction["data"]["set"]
        corrected |= {one["field"]: (one, correction) for one in correction["stated"] if one["field"] in sets}
    columns = [
        Column("what", Text("项目", "Field"), width=16),
        Column("value", Text("内容", "Value"), own_words=True, width=60),
    ]
    if corrected:
        columns[1:] = [
            Column("value", Text("当时记的", "As recorded"), own_words=True, width=50),
            Column("now", Text("更正后", "As corrected"), own_words=True, width=50),
            Column("by", Text("由哪次更正", "By which correction"), own_words=True, width=40),
        ]

    def now(field: Data) -> Cell:
        if field["field"] not in corrected:
            return Cell(field["value"])
        return Cell(corrected[field["field"]][0]["value"], mark="whole")

    def by(field: Data) -> Cell | None:
        if field["field"] not in corrected:
            return None
        position = corrected[field["field"]][1]["position"]
        shown = view.localized(f"第 {position} 号", f"decision {position}")
        return Cell(position, shown, view.href(f"/decisions/{position}"))

    rows = rows_of(
        [*stated, *(one for name, (one, _) in corrected.items() if name not in recorded)],
        what=lambda one: Cell(one["label"], code=one["field"]),
        value=lambda one: one["value"] if one["field"] in recorded else None,
        **({"now": now, "by": by} if corrected else {}),
    )
    return Table("fields", Text("决定的内容", "What it says"), columns, rows)


async def _history(view: View) -> Response:
    given = {name: view.parameter(name) for name in ABOUT if view.parameter(name)}
    if not given:
        return view.page("history.html", about=None, given={}, names=ABOUT)
    if len(given) > 1:
        zh, en = "一次只能查一项：单位、事项、文件或者交办编号。", "Give one of unit, matter, document and ref."
        address.refuse("bad-value", zh, en)
    ((kind, text),) = given.items()
    unit, title, rows = await _history_of(view, kind, text)
    table = await decision_table(view, rows)
    return view.download(table) or view.page(
        "history.html", unit=unit, tables=[table], about=ABOUT[kind], title=title, given=given, names=ABOUT
    )


async def _history_of(view: View, kind: str, text: str) -> tuple[dict[str, Any] | None, str, list[dict[str, Any]]]:
    """The unit that it is about, where it is one; what it is called; its decisions."""
    if kind == "unit":
        unit = await view.unit(text)
        return unit, unit["name"], await view.ask_all("history-unit", "unit.history", code=unit["code"])
    if kind == "matter":
        matter = (await view.ask("matter-name", code=text))["matter"]
        if matter is None:
            address.refuse("unknown-matter", f"没有编码为“{text[:60]}”的事项。", f"There is no matter {text[:60]}.")
        return None, matter["name"], await view.ask_all("history-matter", "matter.history", code=text)
    title = text
    if kind == "document":
        paper = (await view.ask("document-name", number=text))["instrument"]
        title = f"《{paper['title'].strip('《》')}》（{text}）" if paper else text
    rows = await (decisions_naming(view, instrument=text) if kind == "document" else decisions_naming(view, ref=text))
    return None, title, rows
