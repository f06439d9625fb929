"""Accountability for an incident: whether a unit held a matter then, by which chain, with which powers and means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.access.operations import Rule
from registry.access.territory import Territory
from registry.domain.dates import today
from registry.domain.labels import CASE_OUTCOME, MATTER_KIND
from registry.domain.text import Text
from registry.exchange.sheets.writing.printable import Source
from registry.exchange.statement import TITLE, Section, Statement, statement_letter
from registry.relations.two_times import AsOf
from registry.web.authorization import allows
from registry.web.console.asking import NOT_SEEN
from registry.web.console.drafting.naming import codes_in, written
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import BY, day_of, time_cell, word, words
from registry.web.pages import address
from registry.web.pages.failure import Refused, offer
from registry.web.resources import ServerResources
from registry.web.rest import downloads
from registry.web.viewing import viewer

Data = dict[str, Any]
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
DUTY: Final = "DUTY"
POWER: Final = "POWER"
KIND: Final = {**MATTER_KIND, "duty": Text("职责", "duty"), "power": Text("权力，不是职责", "power, no duty")}
GOVERNING: Final = ("government", "village")
ABOVE_OUTSIDE: Final = Text(
    "上一级不在您能查看的范围内：是否承担，这里不能说明。",
    "The level above lies outside what you may see: whether it held any of it is not said here.",
)
ABOVE_IN_PART: Final = Text(
    "上一级不在您能查看的范围内，只列出与您的范围有关的承担，可能还有别的。",
    "The level above lies outside what you may see: only what touches your territory is listed, there may be more.",
)
CHAIN_OUTSIDE: Final = Text(
    "再往上的来源不在您能查看的范围内，没有列出。",
    "Where it came from before that lies outside what you may see and is not listed.",
)
NO_CASES: Final = Text("没有类似的案例。", "There is no case like it.")
NO_CASES_SEEN: Final = Text("您能查看的范围内没有类似的案例。", "There is no case like it within what you may see.")
TO_COME: Final = Text(
    "这一天还没有到：以下只按已登记的记录推算，不能作为已经发生的事实。",
    "This day is still to come: what follows is what the records so far make of it, and no fact.",
)
SEVERITIES: Final = {
    "VIOLATION": Text("违规", "violation"),
    "WARNING": Text("提醒", "warning"),
    "REVIEW": Text("待核", "to review"),
}


@dataclass(frozen=True, slots=True)
class Outside:
    """Of which parts of an answer some may lie outside what the reader sees."""

    above: bool
    chain: bool
    cases: bool


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
    unit = await address.unit(reader, moment, view.parameter("unit"))
    return view.parameter("matter"), unit, moment


async def _answer(view: View, matter: str, unit: str, moment: AsOf, lang: str | None = None) -> Data:
    given: Data = {"matter": matter, "unit": unit, "on": str(moment.valid_at), "lang": lang or view.lang}
    return await view.ask("accountability", **given)


async def _meant(view: View, on: str) -> tuple[Data | None, list[Data]]:
    """The matter that is meant; else None and what may be, duties first.

    It is the one of a code, or the only one that has the text in its name and is no power. Who answers for something
    asks for a duty: of a power that is named, those that require it may be meant as well as itself.
    """
    text = view.parameter("matter")
    for code in codes_in(text):
        exact = (await view.ask("matter-name", code=code, asOf=on))["matter"]
        if exact is not None:
            return exact, []
    nodes: list[Data] = (await view.ask("matters-named", search=text, asOf=on))["matters"]["nodes"]
    if len(nodes) == 1 and nodes[0]["kind"] != POWER:
        return nodes[0], []
    named = {one["code"] for one in nodes}
    needing = await _requiring(view, {one["code"] for one in nodes if one["kind"] == POWER}, on)
    choices = [*nodes, *(one for one in needing if one["code"] not in named)]
    return None, sorted(choices, key=lambda one: [DUTY, POWER, one["kind"]].index(one["kind"]))


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
    matter, choices = await _meant(view, str(on))
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
            kinds=kinds,
            power_named=any(one["kind"] == POWER for one in choices),
            lacking=False,
            own_day=True,
        )
    moment = AsOf(on, view.moment.known_at)
    code = await address.unit(await view.resources.pool(), moment, given["unit"])
    data = await _answer(view, matter["code"], code, moment)
    account: Data = data["accountability"]
    positions = _positions(account)
    recorded = await _recorded(view, positions)
    outside = _outside(data, await view.seen())
    then = partial(_then, view, on)
    tables = _tables(view, account, recorded, outside, then)
    parameters: dict[str, str | None] = {"matter": matter["code"], "unit": code, "on": str(on)}
    return view.download(*tables) or view.page(
        "accountability.html",
        unit=await view.unit(code),
        tables=tables,
        given={**given, "matter": written(matter["name"], matter["code"])},
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
        later=sum(day_of(written) > on for written in recorded.values()),
        known_on=(await address.moment(await view.resources.pool(), None, address.known_as_written(str(on)))).known_at,
    )


def _then(view: View, on: date, path: str, **parameters: str | None) -> str:
    """An address of the console on the day of the incident: what held then may be otherwise, or nothing, today."""
    return view.href(path, **parameters, as_of=None if on == today() else str(on))


def _outside(data: Data, own: Territory) -> Outside:
    """What the answer lacks for who sees no more than a territory: there the API leaves out what is not of it."""
    over = data["unit"]["parent"]
    while over is not None and over["kind"] not in GOVERNING:
        over = over.get("parent")
    chain: list[Data] = data["accountability"]["chain"]
    begins = chain[-1]["from"] if chain and chain[-1]["by"] != "law" else None
    return Outside(
        above=over is not None and not own.has(over["code"]),
        chain=begins is not None and not own.has(begins["code"]),
        cases=not own.everywhere,
    )


async def _recorded(view: View, positions: set[int]) -> dict[int, str]:
    """When each of these decisions was recorded, by its position; those that the reader sees."""

    async def of(position: int) -> Data | None:
        try:
            return (await view.ask("recorded", position=position))["decision"]
        except Refused as refused:
            if refused.code not in NOT_SEEN:
                raise
            return None

    seen = await asyncio.gather(*(of(position) for position in sorted(positions)))
    return {one["position"]: one["recordedAt"] for one in seen if one}


def _tables(
    view: View, account: Data, recorded: dict[int, str], outside: Outside, then: Callable[..., str]
) -> list[Table]:
    def holdings(name: str, title: Text, empty: Text) -> Table:
        rows = [_holding(view, one, recorded, then) for one in account[name]]
        return Table(name, title, COLUMNS, rows, empty, main=False)

    nothing = Text("当天没有承担。", "It held nothing that day.")
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
    return [chain, own, above, findings, cases]


def _holding(view: View, one: Data, recorded: dict[int, str], then: Callable[..., str]) -> dict[str, Cell]:
    paper = one["instrument"]
    sender = one["from"]
    return {
        "unit": Cell(one["unit"]["name"], href=then(f"/units/{one['unit']['code']}")),
        "role": Cell(one["role"], word(view, one["role"])),
        "by": Cell(one["by"], _how(view, one), code=one["subject"]),
        "from": Cell(None) if sender is None else Cell(sender["name"], href=then(f"/units/{sender['code']}")),
        "document": Cell(None)
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
    recorded = await _recorded(view, _positions(data["accountability"]))
    outside = _outside(data, await view.seen())
    when = _when_recorded(data["accountability"], recorded, moment.valid_at, outside)
    statement = _statement(data, outside, when, ahead=moment.valid_at > today())
    content = await asyncio.to_thread(statement_letter, statement, source)
    answer = downloads.file(content, f"{TITLE} {statement.unit}", source, "docx")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _positions(account: Data) -> set[int]:
    """The decisions that the holdings of an answer come from."""
    return {one["position"] for name in ("holdings", "chain", "above") for one in account[name]}


def _when_recorded(account: Data, recorded: dict[int, str], on: date, outside: Outside) -> list[str]:
    """Whether what the holdings come from had been recorded by the day, in a line; none where they come from none."""
    rests = len(_positions(account))
    later = sorted(position for position, written in recorded.items() if day_of(written) > on)
    afterwards = f"{len(later)}项是事发之日以后记入的（第{'、'.join(map(str, later))}号决定）。" if later else ""
    if not rests:
        return []
    if rests > len(recorded):
        unseen = f"其中{rests - len(recorded)}项不在您能查看的范围内，是否在事发之日以前记入，这里不能说明。"
        return [f"承担和来源出自{rests}项记录，{unseen}{'其余的有' if later else ''}{afterwards}"]
    if later:
        return [f"承担和来源出自{rests}项记录，其中{afterwards}"]
    listed = "所列的" if outside.above or outside.chain else ""
    return [f"{listed}承担和来源所出自的记录，事发之日都已记入。"]


def _statement(data: Data, outside: Outside, when_recorded: list[str], *, ahead: bool) -> Statement:
    account: Data = data["accountability"]
    outcomes: Data = account["precedentOutcomes"]
    required = "、".join(one["name"] for one in account["required"]) or "无"
    missing = "、".join(one["name"] for one in account["missing"]) or "无"
    zh: Any = _Chinese()
    kind = MATTER_KIND[data["matter"]["kind"].lower()].zh
    powers = [f"履行该事项所需的权力：{required}；当天不具备的：{missing}。"]
    duty = data["matter"]["kind"] == DUTY
    nothing = "当天没有承担这一事项。" if duty else "当天没有登记在其名下。"
    if not duty:
        powers = [f"该事项属于{kind}，不是职责。"]
    means = f"需要的保障：{words(zh, account['needs']) or '无'}；随附的保障：{words(zh, account['brings']) or '无'}。"
    cases = [
        f"（{number}）{one['title']}（{one['by']['name']}，{one['on']}）："
        f"{CASE_OUTCOME[one['outcome']].zh}。{one['why'] or ''}"
        for number, one in enumerate(account["precedents"][:10], 1)
    ]
    chain, above = _links(account["chain"]), _links(account["above"])
    if outside.chain:
        chain.append(CHAIN_OUTSIDE.zh)
    if outside.above:
        above.append((ABOVE_IN_PART if above else ABOVE_OUTSIDE).zh)
    within = "您能查看的范围内：" if outside.cases else ""
    counted = f"{within}免责{outcomes['exempted']}起，从轻或减轻{outcomes['lightened']}起，追责{outcomes['held']}起。"
    return Statement(
        data["unit"]["name"],
        data["matter"]["name"],
        f"{TO_COME.zh}{account['message']}" if ahead else account["message"],
        [
            Section(
                "承担和来源",
                [*(chain or [nothing]), *when_recorded],
            ),
            Section("权力和保障", [*powers, means]),
            Section("上一级的承担", above or ["上一级没有承担。"]),
            Section("当时存在的问题", [one["message"] for one in account["findings"]] or ["当时没有查出问题。"]),
            Section("类似案例", [counted, *cases] if cases else [(NO_CASES_SEEN if outside.cases else NO_CASES).zh]),
        ],
    )


class _Chinese:
    """What `words` asks of a view, in Chinese whatever the reader's language."""

    @staticmethod
    def localized(zh: str, _: str) -> str:
        return zh


def _links(chain: list[Data]) -> list[str]:
    """The holdings of a chain, each in a line."""
    zh: Any = _Chinese()
    lines: list[str] = []
    for number, one in enumerate(chain, 1):
        sender = f"由{one['from']['name']}" if one["from"] else ""
        how = {
            "law": "依照法律规定",
            "list": f"{sender}按清单分派",
            "delegation": f"{sender}以“{word(zh, one['mode'])}”方式交办",
        }[one["by"]]
        paper = one["instrument"]
        document = f"，依据《{paper['title'].strip('《》')}》（{paper['number']}）" if paper else ""
        lasting = f"自{one['since']}起" + (f"至{one['until']}前" if one["until"] else "")
        means = f"，随附{words(zh, one['brings'])}" if one["brings"] else ""
        role = f"，{word(zh, one['role'])}承担" if one["role"] else ""
        lines.append(
            f"（{number}）{one['unit']['name']}：{lasting}，{how}{role}{document}{means}（第{one['position']}号决定）。"
        )
    return lines
