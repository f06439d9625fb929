"""One finding: its sentence, rule and law, the chain that shows it, its history, ways out, what is done about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response

from registry import law
from registry.access.operations import recorders
from registry.checker import RULES
from registry.domain import labels
from registry.domain.dates import today
from registry.domain.text import Text
from registry.web import forms
from registry.web.background import work
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Row, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views import finding_acts as acts
from registry.web.console.views import finding_words as words
from registry.web.console.views.finding_acts import Key
from registry.web.console.views.finding_ended import ended_on, met
from registry.web.console.views.finding_questions import LONGEST, NotDone
from registry.web.pages import address as lookup
from registry.web.pages.failure import NO_CHOICE, Refused
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

CHAIN: Final = (
    Column("step", Text("步", "Step"), "number", width=6),
    Column("what", Text("下放、交办或清单", "What"), width=34),
    Column("sender", Text("由", "From"), chinese=True, width=20),
    Column("recipient", Text("到", "To"), chinese=True, width=20),
    Column("matter", Text("事项", "Matter"), chinese=True, width=26),
    Column("document", Text("依据文件", "Document"), chinese=True, width=36),
    Column("force", Text("文件效力", "In force"), width=10),
    Column("began", Text("起", "Since"), "day", width=12),
    Column("ended", Text("止", "Ended"), "day", width=12),
    Column("due", Text("期限", "Due"), "day", width=12),
    Column("means", Text("随附人员经费", "Means"), width=14),
)
HOLDERS: Final = (
    Column("power", Text("所缺权力", "Missing power"), chinese=True, width=36),
    Column("unit", Text("谁掌握", "Who holds it"), chinese=True, width=24),
    Column("effective", Text("是否有效", "Effective"), width=20),
    Column("how", Text("怎样取得", "How"), width=16),
    Column("since", Text("起", "Since"), "day", width=12),
    Column("document", Text("依据", "By"), chinese=True, width=36),
)
EFFECTIVE: Final = {
    True: Text("有效", "yes"),
    False: Text("无效：授权的来源不成立", "no: what it was granted by is void"),
    None: Text("不在您的范围内", "not within your territory"),
}
NOBODY_HOLDS: Final = Text("本县内没有单位掌握", "nobody in the county")
NOBODY_SEEN: Final = Text("您能查看的范围内没有单位掌握", "nobody within what you may see")
HISTORY: Final = (
    Column("on", Text("判定日", "Judged on"), "day", width=12),
    Column("change", Text("变化", "Change"), width=10),
    Column("cause", Text("由于", "Because of"), own_words=True, width=60),
)
CHANGE: Final = {"OPENED": Text("查出", "noticed"), "CLOSED": Text("消除", "closed")}
CAUSE: Final = {
    "DAY": Text("只是到了日期", "only days passed"),
    "RULES": Text("程序的判定规则有改动", "the program judges otherwise than before"),
    "DECISION": Text("不在您范围内的一项决定", "a decision outside your territory"),
}
SOURCE: Final = {
    "demand": Text("要求出具证明", "certificate demanded"),
    "order": Text("整改督办", "order to put right"),
}
MOST_WHO_ACT: Final = 12  # units offered as those that have to act
TIME_TO_PUT_RIGHT: Final = timedelta(days=14)  # offered for an order; whoever orders sets another
BY_LAW: Final = Text("法定，或不在您的范围内", "by law, or not of your territory")


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/findings/one", methods=["GET", "HEAD"])
    async def finding(request: Request) -> Response:
        view = await View.of(request, resources)
        return await _page(view, _key(view))

    @routes.post("/findings/one")
    async def act(request: Request) -> Response:
        view = await View.of(request, resources)
        key = _key(view)
        outcome = await acts.done(view, key)
        if isinstance(outcome, Response):
            return outcome
        return await _page(view, key, outcome)

    return routes


def _key(view: View) -> Key:
    """The finding that an address names. Raises Refused, bad-value."""
    rule, unit, subject = (view.parameter(name) for name in ("rule", "unit", "subject"))
    if not (rule and unit and subject):
        lookup.refuse(
            "bad-value",
            "这个地址不全：没有写明是哪条规则、哪个单位、什么对象的问题。请从问题台账打开。",
            "This address lacks the rule, the unit or the subject of a finding: open it from the findings.",
        )
    return Key(rule, unit, subject)


async def _page(view: View, key: Key, refused: NotDone | None = None) -> Response:
    """The page; `refused`: why a form of it is shown again, filled in as it was sent."""
    given: Mapping[str, str] = refused.given if refused else {}
    now, ever, unit = await asyncio.gather(
        view.ask("finding", kept=True, **key.variables),
        view.ask("finding_events", kept=False, **key.variables),
        _unit(view, key),
    )
    finding: Data | None = now["finding"]
    events: list[Data] = ever["findingEvents"]["nodes"]
    if finding is None and not events:
        raise _never(view)
    tables = [_history(view, events)]
    if finding is not None:
        tables += [_chain(view, finding)]
        if finding["missing"]:
            tables.append(await _holders(view, unit, finding))
    answer = view.download(*tables)
    if answer is not None:
        return answer
    ways, expired = await _ways(view, key)
    closed = events[-1] if events and events[-1]["change"] == "CLOSED" else None
    orders: list[Data] = finding["orders"] if finding else await _orders(view, key)
    since = await _orders(view, key, str(today())) if view.past[0] else orders
    ended = await ended_on(view, key, closed, since)
    return view.form(
        "finding.html",
        note=refused.note if refused else expired,
        status=refused.status if refused else 200,
        unit=unit,
        tables=tables,
        key=key,
        finding=finding,
        matter=finding["matter"] if finding else events[-1]["finding"]["matter"],
        quoted=law.quoted,
        sentence=finding["message"] if finding else events[-1]["finding"]["message"],
        rule=RULES.get(key.rule),
        rule_name=words.rule_name(view, key.rule),
        noticed=next((each["on"] for each in reversed(events) if each["change"] == "OPENED"), None),
        ended=closed,
        ended_on=ended,
        orders=orders,
        met={one["ref"]: met(one, ended) for one in orders},
        ordered_since=[one for one in since if one["ref"] not in {order["ref"] for order in orders}],
        order_state=words.ORDER_STATE,
        outcomes=labels.RECTIFICATION_OUTCOME,
        letter=words.letter,
        may=_may(view),
        above=unit["above"],
        by=await _by(view, unit),
        due=today() + TIME_TO_PUT_RIGHT,
        given={**dict.fromkeys(acts.FIELDS, ""), **given},
        meant=refused.meant if refused else NO_CHOICE,
        confirmation=refused.confirmation if refused else "",
        who_acts=_who_acts(unit, finding, tables) if finding else [],
        new_ref=given.get("new_ref") or acts.new_ref(),
        longest=LONGEST,
        today=today(),
        ways=ways,
        written=acts.written,
        ledger=view.href("/findings", within=unit["code"], rule=key.rule),
        link=lambda one: _href(view, one),  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        draft_title=view.localized("整改：", "Way out of: ") + words.rule_name(view, key.rule),
    )


def _href(view: View, one: Data) -> str:
    return words.finding_href(view, one["rule"], one["unit"]["code"], one["subject"])


def _never(view: View) -> Refused:
    return Refused(
        "not-found",
        404,
        (
            "没有这个问题：从未有过，或不在您的范围内。",
            "There is no such finding: there never was, or it is not of your territory.",
        ),
        (f"在问题台账（{view.href('/findings')}）里查找。", "Look for it in the ledger of findings (/findings)."),
    )


async def _unit(view: View, key: Key) -> Data:
    """The unit for the bar; one that is no more without those above it."""
    try:
        return await view.unit(key.unit)
    except Refused:
        return {"code": key.unit, "name": key.unit, "level": "", "above": [], "partly": []}


async def _by(view: View, unit: Data) -> str:
    """Who is offered as ordering: the nearest above the unit that the reader orders for, else another of these.

    Of who orders for every unit, or for the unit itself alone: its county, else who is right above it.
    """
    above, own = unit["above"], viewer(view.request).units(*recorders("RectificationOrdered"))
    mine = [each["name"] for each in above if each["code"] in own]
    others = sorted(code for code in own if code and code != unit["code"]) if not mine and None not in own else []
    if others:
        named = (await view.ask("unit_named", code=others[0]))["unit"]
        mine = [named["name"]] if named else []
    counties = [each["name"] for each in above if each["level"] == "COUNTY"]
    return (mine[-1:] or counties or [each["name"] for each in above[-1:]] or [""])[0]


def _who_acts(unit: Data, finding: Data, tables: Sequence[Table]) -> list[tuple[str, str]]:
    """Who may have to act, by code and name: the unit itself, who handed it down, who holds what it lacks."""
    units = [unit, finding["sender"], *(step["from"] for step in finding["steps"])]
    rows = [(each["code"], each["name"]) for each in units if each]
    holders = [row["unit"] for table in tables if table.name == "holders" for row in table.rows if row["unit"]]
    rows += [(cell.code, cell.text) for cell in holders if cell.code]
    return list(dict(rows).items())[:MOST_WHO_ACT]


def _may(view: View) -> dict[str, bool]:
    """Which forms are for the reader's roles: whether of this unit, the API says."""
    who, now = viewer(view.request), view.past == (None, None)
    kinds = {"order": "RectificationOrdered", "answer": "RectificationAnswered", "waive": "FindingWaived"}
    may = {name: now and (who.open or bool(who.units(*recorders(kind)))) for name, kind in kinds.items()}
    return {**may, "record": may["answer"], "ways": now}


async def _ways(view: View, key: Key) -> tuple[list[Data] | None, tuple[str, str] | None]:
    """The ways out that were computed (None: not asked for), and why they are not there."""
    number = view.parameter("ways")
    if not number:
        return None, None
    try:
        parameters, result = await work.result(view, number, acts.WAYS_OUT.name)
    except Refused as refused:
        return None, refused.message
    return (result["ways"], None) if parameters == key.variables else (None, None)


async def _orders(view: View, key: Key, day: str | None = None) -> list[Data]:
    """The orders about a finding, as for one that does not hold any more; `day`: by that one, not the bar's."""
    given: dict[str, Any] = {"asOf": day} if day else {}
    try:
        nodes = await view.ask_all("rectifications", "rectifications", within=key.unit, **given)
    except Refused:
        return []
    return [{**one, "answers": []} for one in nodes if (one["rule"], one["subject"]) == (key.rule, key.subject)]


# ------------------------------------------------------------------------------------------------------------ tables


def _chain(view: View, finding: Data) -> Table:
    def what(step: Data) -> str:
        if step["source"] is None:
            return view.localized(*BY_LAW)
        if step["source"] in SOURCE:
            return view.localized(*SOURCE[step["source"]])
        how = view.series(
            view.localized(*words.MODE[each]) for each in (step["role"], step["mode"]) if each in words.MODE
        )
        if step["source"] == "item":
            return f"《{step['listed']}》{step['name']}" + (f"（{how}）" if how else "")
        return how or view.localized("交办", "imposed")

    def force(step: Data) -> Cell | None:
        document = step["instrument"]
        if document is None:
            return None
        good = document["inForce"]
        return Cell(good, view.localized("有效", "in force") if good else view.localized("已失效", "no longer"))

    steps = [{**step, "number": number} for number, step in enumerate(finding["steps"], 1)]
    return Table(
        "chain",
        Text("由来：自上而下的每一步", "How it came about, from the top down"),
        CHAIN,
        rows_of(
            steps,
            step=lambda one: one["number"],
            what=lambda one: Cell(what(one), code=one["subject"]),
            sender=lambda one: words.unit_cell(view, one["from"]),
            recipient=lambda one: words.unit_cell(view, one["to"]),
            matter=lambda one: words.matter_cell(view, one["matter"]),
            document=lambda one: words.document_cell(view, one["instrument"]),
            force=force,
            began=lambda one: one["began"],
            ended=lambda one: one["ended"],
            due=lambda one: one["dueOn"],
            means=lambda one: words.means(view, one["brings"]) or (one["source"] and view.localized("无", "none")),
        ),
        main=False,
    )


async def _holders(view: View, unit: Data, finding: Data) -> Table:
    """Who holds the powers that are missing, within the county of the unit (or the highest above it)."""
    over = [each for each in unit["above"] if each["level"] == "COUNTY"] or unit["above"][:1] or [unit]
    nobody = NOBODY_HOLDS if (await view.seen()).has(over[0]["code"]) else NOBODY_SEEN
    rows: list[Row] = []
    answers = (view.ask("power_holders", matter=code, within=over[0]["code"]) for code in finding["missing"])
    for code, answer in zip(finding["missing"], await asyncio.gather(*answers), strict=True):
        holders: list[Data] = answer["holdersPage"]["nodes"] if answer["holdersPage"] else []
        names = {each["code"]: each["name"] for each in finding["matter"]["requires"]}
        power = words.matter_cell(view, {"code": code, "name": names.get(code, code)}) or Cell(code)
        if not holders:
            rows.append({"power": power, "unit": Cell(None, view.localized(*nobody))})
        rows += [
            {
                "power": power,
                "unit": words.unit_cell(view, one["unit"]) or Cell(None),
                "effective": Cell(one["effective"], view.localized(*EFFECTIVE[one["effective"]])),
                "how": Cell(view.localized(*acts.HOW.get(one["mode"], Text(one["mode"], one["mode"])))),
                "since": Cell(one["since"]),
                "document": words.document_cell(view, one["instrument"]) or Cell(None),
            }
            for one in holders
        ]
    return Table("holders", Text("所缺的权力在谁手里", "Who holds the missing powers"), HOLDERS, rows, main=False)


def _history(view: View, events: list[Data]) -> Table:
    def cause(event: Data) -> Cell:
        decision = event["decision"]
        if decision is None:
            return Cell(view.localized(*CAUSE[event["cause"]]))
        position = str(decision["position"])
        return Cell(decision["summary"], href=view.href(f"/decisions/{position}"), code=position)

    return Table(
        "history",
        Text("经过", "History"),
        HISTORY,
        rows_of(
            events,
            on=lambda one: one["on"],
            change=lambda one: Cell(one["change"], view.localized(*CHANGE[one["change"]])),
            cause=cause,
        ),
        Text("登记簿还没有记下它的变化。", "No change of it has been judged yet."),
        main=False,
    )
