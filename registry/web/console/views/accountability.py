"""Accountability for an incident: whether a unit held a matter then, by which chain, with which powers and means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.access.operations import Rule
from registry.domain.dates import today
from registry.domain.labels import CASE_OUTCOME
from registry.domain.text import Text
from registry.domain.words import MATTER_KINDS
from registry.exchange.sheets.writing.printable import Source
from registry.exchange.statement import TITLE, statement_letter
from registry.queries import sounds
from registry.relations.two_times import AsOf
from registry.web.authorization import allows
from registry.web.console.drafting.naming import matters_alike, written
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views.accountability_bearers import (
    Bearers,
    Incident,
    PowerSource,
    bearers,
    power_sources,
    sentence,
)
from registry.web.console.views.accountability_letter import Besides, statement_of, when_recorded
from registry.web.console.views.accountability_seen import (
    ABOVE_IN_PART,
    ABOVE_OUTSIDE,
    CHAIN_OUTSIDE,
    DUTY,
    KIND,
    NO_CASES,
    NO_CASES_SEEN,
    POWER,
    TO_COME,
    Outside,
    outside_of,
    positions_of,
    recorded_at,
)
from registry.web.console.words import BY, day_of, time_cell, word, words
from registry.web.pages import address
from registry.web.pages.failure import offer
from registry.web.pages.unit_meant import codes_in
from registry.web.resources import ServerResources
from registry.web.rest import downloads
from registry.web.viewing import viewer

Data = dict[str, Any]
MOST_LIKE: Final = 12  # matters that are offered where none is called so
CODED: Final = 4  # letters of a code from which on it is looked through
PARAMETERS: Final = ("matter", "unit", "on")
COLUMNS: Final = (
    Column("unit", Text("单位", "Unit"), chinese=True, width=24),
    Column("role", Text("承担方式", "Role"), width=10),
    Column("by", Text("依据种类", "Held"), width=12),
    Column("from", Text("交办单位", "From"), chinese=True, width=24),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("since", Text("自", "Since"), "day", width=12),
    Column("until", Text("至（不含）", "Until"), "day", width=12),
    Column("brings", Text("随附保障", "Means"), width=14),
    Column("decision", Text("决定", "Decision"), "number", width=9),
    Column("recorded", Text("记录时间", "Recorded"), "day", width=17),
)
FINDINGS: Final = (
    Column("severity", Text("性质", "Severity"), width=10),
    Column("message", Text("问题", "Finding"), own_words=True, width=70),
    Column("basis", Text("认定依据", "By"), chinese=True, width=50),
)
CASES: Final = (
    Column("on", Text("处理日期", "Settled"), "day", width=12),
    Column("title", Text("案例", "Case"), chinese=True, width=40),
    Column("outcome", Text("结果", "Outcome"), width=12),
    Column("by", Text("处理单位", "Settled by"), chinese=True, width=24),
    Column("why", Text("为何相似", "Why it is alike"), own_words=True, width=40),
)
SEVERITIES: Final = {
    "VIOLATION": Text("违规", "violation"),
    "WARNING": Text("提醒", "warning"),
    "REVIEW": Text("待核", "to review"),
}


offer("/accountability", "unit", Text("单位（名称或代码）", "Unit (name or code)"))
offer("/accountability", "matter", Text("事项（名称里的字或编码）", "Matter (words of its name, or code)"))
offer("/accountability", "on", Text("事发之日", "Day of the incident"))


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/accountability", methods=["GET", "HEAD"])
    async def accountability(request: Request) -> Response:
        return await _page(await View.of(request, resources))

    @routes.api_route("/accountability.docx", methods=["GET", "HEAD"])
    async def letter(request: Request) -> Response:
        return await _letter(await View.of(request, resources))

    return routes


async def _named_in_address(view: View) -> tuple[str, str, AsOf]:
    """The matter and the unit that the address names, and the day and position it is about. Raises Refused."""
    for name in PARAMETERS:
        if not view.parameter(name):
            address.refuse("bad-value", f"{name} 没有填写。", f"{name} is not given.", field=name)
    on = address.day(view.parameter("on"), "on")
    moment = AsOf(on, view.moment.known_at)
    reader = await view.resources.pool()
    unit = await address.unit_by_name(reader, moment, view.parameter("unit"), "unit")
    return view.parameter("matter"), unit, moment


async def _answer(view: View, matter: str, unit: str, moment: AsOf, lang: str | None = None) -> Data:
    given: Data = {"matter": matter, "unit": unit, "on": str(moment.valid_at), "lang": lang or view.lang}
    return await view.ask("accountability", **given)


async def _meant(view: View, on: str) -> tuple[Data | None, list[Data], int]:
    """The matter that is meant; else None and what may be, duties first; and how many more may be, which are left out.

    It is the one of a code, or the only one that has the text in its name and is no power. Who answers for something
    asks for a duty: of a power that is named, those that require it may be meant as well as itself.
    """
    text = view.parameter("matter")
    for code in codes_in(text):
        exact = (await view.ask("matter-name", code=code, asOf=on))["matter"]
        if exact is not None:
            return exact, [], 0
    page = (await view.ask("matters-named", search=text, asOf=on))["matters"]
    nodes: list[Data] = page["nodes"]
    if len(nodes) == 1 and nodes[0]["kind"] != POWER:
        return nodes[0], [], 0
    if not nodes:
        return None, await _like(view, text), 0
    named = {one["code"] for one in nodes}
    needing = await _requiring(view, {one["code"] for one in nodes if one["kind"] == POWER}, on)
    choices = [*nodes, *(one for one in needing if one["code"] not in named)]
    choices.sort(key=lambda one: [DUTY, POWER, one["kind"]].index(one["kind"]))
    return None, choices, page["totalCount"] - len(nodes)


async def _like(view: View, text: str) -> list[Data]:
    """The matters that may be meant by a text that none has in its name: by sound, the words of a code, or likeness."""
    reader = await view.resources.pool()
    sounding = await sounds.matters(reader, view.moment, text, MOST_LIKE)
    rows: list[Data] = [{"code": one.code, "name": one.name, "kind": one.kind.upper()} for one in sounding]
    coded = "-".join(text.upper().split())
    if coded.isascii() and len(coded) >= CODED:
        every = await view.ask_all("draft_matters_alike", "matters", kind=None)
        rows += [one for one in every if coded in one["code"] and not one["retired"]]
    rows = rows or await matters_alike(view, text, MATTER_KINDS)
    return list({one["code"]: one for one in rows}.values())[:MOST_LIKE]


async def _requiring(view: View, powers: set[str], on: str) -> list[Data]:
    """The duties that require one of these powers."""
    if not powers:
        return []
    duties = await view.ask_all("duties-requiring", "matters", asOf=on)
    return [one for one in duties if not one["retired"] and any(power["code"] in powers for power in one["requires"])]


async def _page(view: View) -> Response:
    """The form alone where nothing is given; the matters to choose from where a text names several."""
    given = {name: view.parameter(name) for name in PARAMETERS}
    if not all(given.values()):
        lacking = any(given.values())
        return view.page("accountability.html", given=given, account=None, choices=[], lacking=lacking, own_day=True)
    on = address.day(given["on"], "on")
    matter, choices, more = await _meant(view, str(on))
    if matter is None and not choices:
        zh, en = (
            f"没有名称里有“{given['matter'][:60]}”的事项。",
            f"There is no matter with {given['matter'][:60]} in its name.",
        )
        address.refuse("unknown-matter", zh, en)
    if matter is None:
        kinds = {name.upper(): view.localized(*text) for name, text in KIND.items()}
        return view.page(
            "accountability.html",
            given=given,
            account=None,
            choices=choices,
            more=more,
            kinds=kinds,
            power_named=any(one["kind"] == POWER for one in choices),
            lacking=False,
            own_day=True,
        )
    moment = AsOf(on, view.moment.known_at)
    code = await address.unit_by_name(await view.resources.pool(), moment, given["unit"], "unit")
    data = await _answer(view, matter["code"], code, moment)
    account: Data = data["accountability"]
    own = await view.seen()
    incident = Incident(matter["code"], str(on))
    borne = await bearers(view, data, incident, own, view.lang)
    sources = await power_sources(view, account, data["unit"], incident.on)
    of_account, positions = _positions(account, None), _positions(account, borne)
    recorded = await recorded_at(view, positions)
    outside = outside_of(data, own)
    then = partial(_then, view, on)
    tables = _tables(view, data, recorded, outside, then, borne)
    parameters: dict[str, str | None] = {"matter": matter["code"], "unit": code, "on": str(on)}
    return view.download(*tables) or view.page(
        "accountability.html",
        unit=await view.unit(code),
        tables=tables,
        given={
            **given,
            "matter": written(matter["name"], matter["code"]),
            "unit": written(data["unit"]["name"], code),
        },
        needing=await _requiring(view, {matter["code"]} if matter["kind"] == POWER else set(), str(on)),
        account=account,
        data=data,
        choices=[],
        lacking=False,
        parameters=parameters,
        words=partial(words, view),
        then=then,
        notes={"above": ABOVE_IN_PART, "chain": CHAIN_OUTSIDE, "to_come": TO_COME},
        outcomes={name: view.localized(*text) for name, text in CASE_OUTCOME.items()},
        evidence=allows(Rule.RECORDER, viewer(view.request)),
        on=on,
        own_day=True,
        ahead=on > today(),
        outside=outside,
        rests=len(positions),
        unseen=len(positions) - len(recorded),
        sealed=all(position in recorded for position in of_account),
        borne=borne,
        borne_by=borne and view.localized(*sentence(borne, data["matter"]["kind"])),
        sources=_by_power(sources),
        later=sum(day_of(written) > on for written in recorded.values()),
        known_on=await _known_on(view, on),
    )


def _by_power(sources: Sequence[PowerSource]) -> dict[str, list[PowerSource]]:
    """The sources of each power, by its code."""
    powers: dict[str, list[PowerSource]] = {}
    for one in sources:
        powers.setdefault(one.power["code"], []).append(one)
    return powers


def _then(view: View, on: date, path: str, **parameters: str | None) -> str:
    """An address of the console on the day of the incident: what held then may be otherwise, or nothing, today."""
    return view.href(path, **parameters, as_of=None if on == today() else str(on))


def _tables(
    view: View,
    data: Data,
    recorded: dict[int, str],
    outside: Outside,
    then: Callable[..., str],
    borne: Bearers | None,
) -> list[Table]:
    account: Data = data["accountability"]
    basis = view.clauses(data["matter"]["basis"])

    def holdings(name: str, title: Text, empty: Text) -> Table:
        listed = (borne.rows if borne else ()) if name == "borne" else account[name]
        rows = [_holding(view, one, recorded, then, basis) for one in listed]
        return Table(name, title, COLUMNS, rows, empty, main=False)

    nothing = Text("当天没有承担。", "It held nothing that day.")
    nobody = Text("没有单位承担。", "Nobody bore it.")
    chain = holdings("chain", Text("来源链", "By which chain"), nothing)
    own = holdings("holdings", Text("全部承担", "All that it held of it"), nothing)
    above = holdings(
        "above",
        Text("上一级的承担", "The level above"),
        ABOVE_OUTSIDE if outside.above else Text("上一级没有承担。", "The level above held nothing of it."),
    )
    findings = Table(
        "findings",
        Text("当时的问题", "What was wrong then"),
        FINDINGS,
        rows_of(
            account["findings"],
            severity=lambda one: Cell(
                one["severity"], view.localized(*SEVERITIES[one["severity"]]), mark=one["severity"]
            ),
            message=lambda one: Cell(
                one["message"],
                href=then("/findings/one", rule=one["rule"], unit=one["unit"]["code"], subject=one["subject"]),
            ),
            basis=lambda one: view.clauses(one["basis"]),
        ),
        Text("当时没有查出问题。", "Nothing was found wrong then."),
        main=False,
    )
    cases = Table(
        "precedents",
        Text("类似案例", "Precedents"),
        CASES,
        rows_of(
            account["precedents"],
            on=lambda one: one["on"],
            title=lambda one: Cell(one["title"], href=view.href(f"/decisions/{one['position']}"), code=one["case"]),
            outcome=lambda one: Cell(one["outcome"], view.localized(*CASE_OUTCOME[one["outcome"]])),
            by=lambda one: one["by"]["name"],
            why=lambda one: one["why"],
        ),
        NO_CASES_SEEN if outside.cases else NO_CASES,
        main=False,
    )
    instead = holdings("borne", Text("当天由谁承担", "Who bore it that day"), nobody)
    return [chain, own, *([instead] if borne else []), above, findings, cases]


def _holding(view: View, one: Data, recorded: dict[int, str], then: Callable[..., str], basis: str) -> dict[str, Cell]:
    paper = one["instrument"]
    sender = one["from"]
    return {
        "unit": Cell(one["unit"]["name"], href=then(f"/units/{one['unit']['code']}")),
        "role": Cell(one["role"], word(view, one["role"])),
        "by": Cell(one["by"], _how(view, one), code=one["subject"]),
        "from": Cell(None) if sender is None else Cell(sender["name"], href=then(f"/units/{sender['code']}")),
        "document": Cell(basis if one["by"] == "law" and basis else None)
        if paper is None
        else Cell(paper["title"], href=then(f"/documents/{paper['number']}"), code=paper["number"]),
        "since": Cell(one["since"]),
        "until": Cell(one["until"]),
        "brings": Cell(view.series(one["brings"]), words(view, one["brings"])),
        "decision": Cell(
            one["position"],
            href=view.href(f"/decisions/{one['position']}") if one["position"] in recorded else None,
        ),
        "recorded": time_cell(recorded[one["position"]])
        if one["position"] in recorded
        else Cell("", view.localized("不在您能查看的范围内", "outside what you may see")),
    }


def _how(view: View, one: Data) -> str:
    """By law, by a list, or handed down in what way."""
    return word(view, one["mode"]) if one["by"] == "delegation" else view.localized(*BY[one["by"]])


# ------------------------------------------------------------------------------------------------------ as a document


async def _letter(view: View) -> Response:
    matter, unit, moment = await _named_in_address(view)
    data = await _answer(view, matter, unit, moment, "zh")
    source = Source(moment, await downloads.root(view.resources, moment.known_at))
    own = await view.seen()
    incident = Incident(matter, str(moment.valid_at))
    borne = await bearers(view, data, incident, own, "zh")
    sources = await power_sources(view, data["accountability"], data["unit"], incident.on)
    positions = _positions(data["accountability"], borne)
    recorded = await recorded_at(view, positions)
    outside = outside_of(data, own)
    when = when_recorded(positions, recorded, moment.valid_at, outside)
    if await _known_on(view, moment.valid_at) is None and positions:
        when.append("事发之日登记簿还没有记录，不能按当时所知回答。")
    evidence = (
        f"与本说明对应的证据包（可离线核验），由能查阅整个登记簿的审计员在同一页面下载：单位{unit}，事项{matter}，"
        f"{moment.valid_at}，登记簿序号{moment.known_at}，日志根{source.root}；在“核验证据包”页面核验。"
    )
    ahead = moment.valid_at > today()
    besides = Besides(when, borne, sources, moment.known_at, evidence, ahead)
    statement = statement_of(data, outside, besides)
    content = await asyncio.to_thread(statement_letter, statement, source)
    answer = downloads.file(content, f"{TITLE} {statement.unit}", source, "docx")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _positions(account: Data, borne: Bearers | None) -> set[int]:
    """The decisions that the holdings of an answer come from, and those of who bore the matter instead."""
    return positions_of(account["holdings"], account["chain"], account["above"], borne.rows if borne else ())


async def _known_on(view: View, on: date) -> int | None:
    """The last position that the registry had by the end of a day; none where nothing had been recorded."""
    reader = await view.resources.pool()
    return (await address.moment(reader, None, address.known_as_written(str(on)))).known_at or None
