"""A matter: what it is, who holds it where, its way down to the villages, rings, and who led it when."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.access.territory import READING
from registry.domain import labels
from registry.domain.text import Text
from registry.domain.words import MATTER_KINDS
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.decision_table import decision_table
from registry.web.console.pictures import Picture
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views import matter_flow
from registry.web.console.views.matter_custody import custody_picture, custody_table, spans_by
from registry.web.console.views.matter_rings import ring_pictures
from registry.web.pages import address as lookup
from registry.web.pages.failure import TAB, offer
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

MOST: Final = 3000  # holdings that are drawn and listed at once
HOLDERS: Final = (
    Column("unit", Text("单位", "Unit"), chinese=True, width=24),
    Column("level", Text("层级", "Level"), width=8),
    Column("above", Text("上级", "Above it"), chinese=True, width=20),
    Column("role", Text("承担方式", "How"), width=10),
    Column("by", Text("依据种类", "By"), width=8),
    Column("sender", Text("交办单位", "From"), chinese=True, width=22),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("since", Text("起始", "Since"), "day", width=12),
    Column("due", Text("期限", "Due"), "day", width=12),
)
# Of a power, which has no role and is not due, whether each effectively holds it, and what is wrong with how it came.
POWER_HOLDERS: Final = (
    HOLDERS[0],
    Column("effective", Text("是否有效", "In effect"), width=12),
    *(column for column in HOLDERS[1:] if column.key not in ("role", "due")),
    Column("why", Text("问题", "Finding"), own_words=True, width=60),
)
MATTERS: Final = (
    Column("name", Text("事项", "Matter"), chinese=True, width=44),
    Column("kind", Text("种类", "Kind"), width=14),
    Column("category", Text("类别", "Category"), chinese=True, width=20),
    Column("requires", Text("所需权力项数", "Powers it takes"), "number", width=10),
    Column("basis", Text("依据", "Basis"), chinese=True, width=50),
    Column("retired", Text("是否有效", "In force"), width=10),
)
NOBODY_HERE: Final = Text("{unit}范围内没有单位承担。", "Nobody holds it within {unit}.")
NOBODY_SEEN: Final = Text(
    "在您能看到的范围内（{unit}）没有单位承担；范围以外有没有，这里不能说明。",
    "Nobody holds it within what you may see ({unit}); whether somebody does outside is not said here.",
)
TABS: Final = {"": Text("谁承担、怎样交下去", "Who holds it"), "history": Text("变更记录", "History")}
offer("/matters", "kind", Text("种类", "Kind"), {name: labels.MATTER_KIND[name] for name in MATTER_KINDS}, every=True)
offer("/matters", "tab", TAB, TABS)


def router(resources: ServerResources) -> APIRouter:
    """The routes of the views."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/matters", methods=["GET", "HEAD"])
    async def matters(request: Request) -> Response:
        return await _matters(await View.of(request, resources))

    @routes.api_route("/matters/{code:path}", methods=["GET", "HEAD"])
    async def matter(request: Request, code: str) -> Response:
        return await _matter(await View.of(request, resources), code)

    return routes


async def _matters(view: View) -> Response:
    """`?q=`: part of the name, an alias or the code; `?kind=`: one of MATTER_KINDS."""
    kind = view.choice("kind")
    rows = rows_of(
        await view.ask_all("matters", "matters", kind=kind.upper() or None),
        name=lambda one: cells.matter_cell(view, one),
        kind=lambda one: Cell(one["kind"], view.localized(*labels.MATTER_KIND[one["kind"].lower()])),
        category=lambda one: one["category"],
        requires=lambda one: Cell(
            len(one["requires"]), href=view.href(f"/matters/{one['code']}") + "#requires" if one["requires"] else None
        ),
        basis=lambda one: view.clauses(one["basis"]) or None,
        retired=lambda one: view.localized(*(("已取消", "retired") if one["retired"] else ("有效", "yes"))),
    )
    table = Table("matters", Text("事项", "Matters"), MATTERS, rows)
    kinds = [(name, view.localized(*labels.MATTER_KIND[name])) for name in MATTER_KINDS]
    return view.download(table) or view.page("matters.html", tables=[table], kinds=kinds, kind=kind)


async def _matter(view: View, code: str) -> Response:
    """`?within=`: the territory, by a unit's name or code; without, the reader's own. `?tab=history`."""
    about = (await view.ask("matter", code=code))["matter"]
    if about is None:
        lookup.refuse("unknown-matter", f"没有编码为“{code}”的事项。", f"There is no matter {code}.")
    tab = view.choice("tab")
    path = view.request.scope["path"]
    within = view.parameter("within") or await own_territory(view)
    unit = await view.unit(within) if within else None
    links = [
        (view.href(path, tab=name or None, within=view.parameter("within")), view.localized(*text), name == tab)
        for name, text in TABS.items()
    ]
    shared: dict[str, Any] = {
        "about": about,
        "kind": labels.MATTER_KIND[about["kind"].lower()],
        "lawful": [
            (labels.LEVEL[one["level"].lower()], labels.FUNCTION.get(one["function"], Text(*[one["function"]] * 2)))
            for one in about["lawfulHolders"]
        ],
        "unit": unit,
        "tab": tab,
        "links": links,
        "size": 0,
        "most": MOST,
        "void": 0,
    }
    drawn: dict[str, Any] = {"flow": None, "branches": [], "rings": [], "custody": None, "drawn": ""}
    if tab == "history":
        table = await decision_table(view, (await view.ask_all("history-matter", "matter.history", code=code))[::-1])
        return view.download(table) or view.page("matter.html", tables=[table], **shared, **drawn)
    if unit is None:
        return view.page("matter.html", **shared, **drawn)
    shared["size"] = (await view.ask("matter_size", code=code, within=unit["code"]))["holdersPage"]["totalCount"]
    if shared["size"] > MOST:
        return view.page("matter.html", **shared, **drawn)
    return await _held(view, about, unit, shared, drawn)


async def _held(view: View, about: Data, unit: Data, shared: dict[str, Any], drawn: dict[str, Any]) -> Response:
    """The page with who holds the matter in the territory of a unit, and how it came there."""
    code, name = about["code"], about["name"]
    duty, power = about["kind"] == "DUTY", about["kind"] == "POWER"
    of: dict[str, Any] = {"code": code, "within": unit["code"]}
    holdings, effective, findings, lists, spans, history = await asyncio.gather(
        view.ask_all("matter_holders", "holdersPage", **of),
        view.ask_all("matter_effective", "holdersPage", **of) if power else _nothing(),
        view.ask_all("matter_findings", "findings", **of) if power else _nothing(),
        view.ask_all("matter_lists", "lists", covers=about["kind"]),
        view.ask("matter_custody", **of) if duty else _nothing(),
        view.ask_all("history-matter", "matter.history", code=code) if duty else _nothing(),
    )
    for holding, answer in zip(holdings, effective, strict=power):
        holding["effective"] = answer["effective"]
    whole = (await view.seen()).everywhere
    nobody = NOBODY_HERE if whole else NOBODY_SEEN
    nobody = Text(nobody.zh.format(unit=unit["name"]), nobody.en.format(unit=unit["name"]))
    holders = _holders(view, holdings, findings if power else None, nobody)
    flow = matter_flow.flow_of(view, holdings, {one["code"]: one["title"] for one in lists})
    rings = ring_pictures(view, flow.rings, unit["name"])
    stretches = spans_by(view, spans["custody"]) if spans else []
    custody = custody_table(view, stretches)
    picture = custody_picture(view, name, stretches, history, custody, unit["name"]) if stretches else None
    pictures: list[Picture] = [each for each, _ in rings] + ([picture] if picture else [])
    shared["void"] = len({one["unit"]["code"] for one in holdings if one.get("effective") is False})
    drawn |= {
        "branches": matter_flow.tree(view, flow),
        "drawn": _json(matter_flow.chart(view, flow, name)) if flow.links else "",
        "rings": [each for each, _ in rings],
        "custody": picture,
    }
    downloads = [holders, custody, *(table for _, table in rings)]
    return view.download(*downloads, pictures=pictures) or view.page("matter.html", tables=[holders], **shared, **drawn)


async def _nothing() -> Any:
    return []


def _holders(view: View, holdings: list[Data], findings: Sequence[Data] | None, nobody: Text) -> Table:
    """`findings`: about the matter where it is a power; None of others. `nobody`: what is said where there is none."""
    wrong: defaultdict[tuple[str, str], list[Data]] = defaultdict(list)
    for one in findings or ():
        wrong[one["subject"], one["unit"]["code"]].append(one)

    def why(one: Data) -> Cell | None:
        of_one = wrong[one["subject"], one["unit"]["code"]]
        if not of_one:
            return None
        first = min(of_one, key=lambda each: cells.ORDER.index(each["severity"]))
        href = view.href("/findings/one", rule=first["rule"], unit=one["unit"]["code"], subject=one["subject"])
        return Cell(view.clauses(each["message"].rstrip("。.") for each in of_one), href=href, mark=first["severity"])

    def effective(one: Data) -> Cell | None:
        if one["effective"] is None:  # not the reader's to see
            return None
        words = ("✓ 有效", "✓ in effect") if one["effective"] else ("✗ 无效", "✗ in vain")
        return Cell(int(one["effective"]), view.localized(*words), mark="" if one["effective"] else "lacking")

    of_power = {} if findings is None else {"effective": effective, "why": why}
    rows = rows_of(
        holdings,
        unit=lambda one: cells.unit_cell(view, one["unit"]),
        level=lambda one: Cell(one["unit"]["level"], view.localized(*labels.LEVEL[one["unit"]["level"].lower()])),
        above=lambda one: cells.unit_cell(view, one["unit"]["parent"]),
        role=lambda one: cells.role_cell(view, one["role"]),
        by=lambda one: Cell(one["by"], view.localized(*cells.RESTS_ON[one["by"]])),
        sender=lambda one: cells.unit_cell(view, one["from"]),
        document=lambda one: cells.document_cell(view, one["instrument"]),
        since=lambda one: one["since"],
        due=lambda one: cells.day_cell(view, one["dueOn"]),
        **of_power,
    )
    columns = HOLDERS if findings is None else POWER_HOLDERS
    return Table("holders", Text("承担单位", "Who holds it"), columns, rows, nobody)


def _json(data: Data) -> str:
    """JSON that can stand in a script element: no `</script>` in it ends that."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


async def own_territory(view: View) -> str | None:
    """The unit whose territory a view begins with: the reader's own, or of all; None where all are too many to show."""
    who = viewer(view.request)
    own = who.units(*READING)
    if not who.open and own and None not in own:
        return min(unit for unit in own if unit is not None)
    units = (await view.ask("roots"))["units"]
    if not units["nodes"] or units["totalCount"] > MOST:
        return None
    root = units["nodes"][0]
    while root.get("parent"):
        root = root["parent"]
    return root["code"]
