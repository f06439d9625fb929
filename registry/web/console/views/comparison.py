"""Lists compared: two days of one, two lists, or those of a kind of two territories, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.access.operations import Rule
from registry.domain.text import Text
from registry.exchange.sheets.recognising import headings
from registry.web.authorization import allows
from registry.web.console.drafting import naming
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views import search_near
from registry.web.console.words import words
from registry.web.pages import address
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

Data = dict[str, Any]
CHANGES: Final = {
    "added": Text("新增", "added"),
    "removed": Text("减少", "removed"),
    "changed": Text("有改动", "changed"),
    "moved": Text("换了类别", "moved to another category"),
    "same": Text("相同", "the same"),
}
FIELDS: Final = {
    "name": Text("名称", "name"),
    "matter": Text("对应事项", "matter"),
    "category": Text("类别", "category"),
    "terms": Text("关键词", "terms"),
    "roles": Text("承担方式", "roles"),
    "from": Text("来源单位", "from"),
    "brings": Text("随附保障", "means"),
    "issuer": Text("出具机关", "issuer"),
    "alternative": Text("替代办法", "alternative"),
}
COLUMNS: Final = (
    Column("change", Text("异同", "Difference"), width=10),
    Column("before", Text("前者", "First"), chinese=True, width=40),
    Column("after", Text("后者", "Second"), chinese=True, width=40),
    Column("fields", Text("哪里不同", "What reads otherwise"), own_words=True, width=60),
    Column("category_before", Text("前者的类别", "Category (first)"), chinese=True, width=20),
    Column("category_after", Text("后者的类别", "Category (second)"), chinese=True, width=20),
    Column("from_before", Text("前者的来源单位", "From (first)"), chinese=True, width=20, hidden=True),
    Column("from_after", Text("后者的来源单位", "From (second)"), chinese=True, width=20, hidden=True),
)
ONLY: Final = {"": Text("只看不同的", "only what differs"), "all": Text("全部列出", "all of it"), **CHANGES}
KINDS: Final = {name: Text(kind.zh, kind.en) for name, kind in headings.kinds().items() if kind.adopts}
NO_CATEGORY: Final = "-"  # in addresses: items of no category
offer("/lists/compare", "category", Text("类别", "Category"))
offer("/lists/compare", "only", Text("列出", "Listed"), ONLY)
offer("/lists/compare", "kind", Text("清单种类", "Kind of list"), KINDS)
offer("/lists/compare", "list", Text("清单（名称里的字或编号）", "List (words of its title, or code)"))
offer("/lists/compare", "from", Text("前一日期", "First day"))
offer("/lists/compare", "other", Text("另一份清单（空着：同一份）", "Other list (empty: the same)"))
offer("/lists/compare", "to", Text("后一日期", "Second day"))
offer("/lists/compare", "unit", Text("县（名称或代码）", "County (name or code)"))
offer("/lists/compare", "town", Text("单位（名称或代码）", "Unit (name or code)"))
offer("/lists/compare", "otherUnit", Text("另一个县（名称或代码）", "Other county (name or code)"))
offer("/lists/compare", "itself", Text("只比这一份清单自己", "This list alone"), {"1": Text("是", "yes")})
GIVEN: Final = ("list", "other", "unit", "otherUnit", "kind", "from", "to")


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/lists/compare", methods=["GET", "HEAD"])
    async def compare(request: Request) -> Response:
        return await _compare(await View.of(request, resources))

    return routes


async def _compare(view: View) -> Response:
    """`?list=&other=&from=&to=` or `?unit=&otherUnit=&kind=&from=&to=`; `only=` one kind of difference, or all.

    `category=`: items of one category on either side.
    `?town=&from=&to=`: on to the duties of one unit on two days.
    """
    given = {name: view.parameter(name) for name in GIVEN}
    if view.parameter("town"):  # the duties of one unit, of which its own page tells
        unit = await view.unit(view.parameter("town"), of_territory=False)
        days = {name: given[name] or None for name in ("from", "to")}
        return view.go(f"/units/{unit['code']}", tab="compare", **days)
    if not given["list"] and not given["unit"]:
        return view.page("comparison.html", given=given, kinds=KINDS, result=None, only="", choices=[])
    day = str(view.moment.valid_at)
    for name in ("from", "to"):
        given[name] = str(address.day(given[name], name)) if given[name] else day
    only = view.choice("only")
    if given["unit"]:
        given["kind"] = view.choice("kind", next(iter(KINDS)))
    for name, day_of in (("list", "from"), ("other", "to")):
        named, more = await _named(view, given[name], (given[day_of], given["to"], day)) if given[name] else ([], 0)
        alike = await _alike(view, given[name], given["to"]) if given[name] and not named else []
        if len(named) > 1 or alike:
            choices = [(view.here(**{name: one["code"]}), one) for one in named or alike]
            values: Data = {
                "choices": choices,
                "unknown": given[name] if alike else "",
                "more": more,
                "text": given[name],
            }
            return view.page("comparison.html", given=given, kinds=KINDS, result=None, only="", **values)
        given[name] = named[0]["code"] if named else given[name]
    result = await _beside(view, given)
    alone = given["list"] and not given["other"]
    preceded = await _in_its_time(view, result["before"], given["from"], earlier=True) if alone else []
    followed = await _in_its_time(view, result["after"], given["to"], earlier=False) if alone else []
    itself = bool(view.parameter("itself"))
    # The list that was in force then takes the side on which this one was not, unless it is asked not to.
    stands_in = {side: one[0] for side, one in (("list", preceded), ("other", followed)) if len(one) == 1}
    if len(stands_in) == 1 and not itself:
        of_then = {"other": given["list"]} | {side: one["code"] for side, one in stands_in.items()}
        result = await _beside(view, given | of_then)
    category = view.parameter("category")
    categories = sorted({name for one in result["items"] for name in _categories(one)})
    if category and category not in (*categories, NO_CATEGORY):
        zh, en = f"两边都没有类别“{category[:60]}”。", f"Neither side has a category {category[:60]}."
        address.refuse("bad-value", zh, en, field="category", words={name: Text(name, name) for name in categories})
    rows = [
        one
        for one in result["items"]
        if (only == "all" or one["change"] == only or (not only and one["change"] != "same"))
        and (not category or category in (_categories(one) or {NO_CATEGORY}))
    ]
    table = Table(
        "comparison",
        Text("清单比对", "Lists compared"),
        COLUMNS,
        rows_of(
            rows,
            change=lambda one: Cell(one["change"], view.localized(*CHANGES[one["change"]]), mark=one["change"]),
            before=lambda one: _item(view, one["before"], given["from"]),
            after=lambda one: _item(view, one["after"], given["to"]),
            fields=lambda one: _fields(view, one),
            category_before=lambda one: one["before"] and one["before"]["category"],
            category_after=lambda one: one["after"] and one["after"]["category"],
            from_before=lambda one: one["before"] and one["before"]["from"] and one["before"]["from"]["name"],
            from_after=lambda one: one["after"] and one["after"]["from"] and one["after"]["from"]["name"],
        ),
        Text("没有不同。", "They do not differ."),
    )
    return view.download(table) or view.page(
        "comparison.html",
        tables=[table],
        preceded=preceded,
        followed=followed,
        itself=itself or len(stands_in) != 1,
        given=given,
        kinds=KINDS,
        result=result,
        only=only,
        changes=CHANGES,
        counts=Counter(
            one["change"] for one in result["items"] if not category or category in (_categories(one) or {NO_CATEGORY})
        ),
        category=category,
        categories=categories,
        choices=[],
    )


def _categories(one: Data) -> set[str]:
    """The categories that an item has on either side."""
    return {side["category"] for side in (one["before"], one["after"]) if side and side["category"]}


async def _beside(view: View, given: Data) -> Data:
    arguments: Data = {name: text or None for name, text in given.items()}
    return (await view.ask("comparison", **arguments))["listComparison"]


async def _in_its_time(view: View, lists: Sequence[Data], day: str, *, earlier: bool) -> list[Data]:
    """What was there for the same audience and territory of a list not in force on a day: before it, or after it.

    `lists`: those of a side. Of lists of the same polarity that cover the same and began `earlier` than it, or later,
    those that are in force on the day; where any of these assign alike, these alone.
    """
    absent = lists[0] if len(lists) == 1 else None
    if absent is None or absent["inForce"]:
        return []
    scope = absent["scope"] and absent["scope"]["code"]
    every = await view.ask_all("lists-following", "lists", scope=scope, covers=absent["covers"], asOf=day)
    same = [
        one
        for one in every
        if one["inForce"]
        and all(one[name] == absent[name] for name in ("polarity", "audience"))
        and (one["since"] < absent["since"] if earlier else one["since"] > absent["since"])
        and (one["scope"] and one["scope"]["code"]) == scope
    ]
    return [one for one in same if one["assigns"] == absent["assigns"]] or same


async def _named(view: View, text: str, days: tuple[str, ...]) -> tuple[list[Data], int]:
    """The list of that code; else those whose title has the text in it, on the first of the days on which one has.

    And how many more have it, which are left out.
    """
    for day in days:
        for code in naming.codes_in(text)[:-1]:  # as it is completed to: its title with its code
            coded = (await view.ask("lists-named", search=code, asOf=day))["lists"]["nodes"]
            if exact := [one for one in coded if one["code"] == code]:
                return exact, 0
        page = (await view.ask("lists-named", search=text, asOf=day))["lists"]
        named = page["nodes"]
        exact = [one for one in named if text in (one["code"], one["title"])]
        if named:
            return (exact, 0) if exact else (named, page["totalCount"] - len(named))
    return [], 0


async def _alike(view: View, text: str, day: str) -> list[Data]:
    """The lists whose title has as much as any has of the beginning, or the end, of a text that none has whole."""

    async def search(part: str) -> Data:
        return {
            **{key: {"nodes": []} for key in search_near.GROUPS},
            **await view.ask("lists-named", search=part, asOf=day),
        }

    whole = "".join(text.split())[: search_near.LONGEST]
    part = await search_near.longest_part(whole, search)
    return part["lists"]["nodes"] if part else []


def _item(view: View, item: Data | None, day: str) -> Cell | None:
    """An item of a side by its name and its code on the list; leads to its matter."""
    if item is None:
        return None
    matter = item["matter"] if allows(Rule.TERRITORY, viewer(view.request)) else None
    href = view.href(f"/matters/{matter['code']}", as_of=day) if matter else None
    return Cell(item["name"], href=href, code=item["subject"])


def _fields(view: View, one: Data) -> str | None:
    """What reads otherwise: `类别：甲 → 乙`, each on its own."""
    before, after = one["before"], one["after"]
    parts: list[str] = []
    for name in (field["field"] for field in one["fields"]):
        read = f"{_value(view, name, before) or '—'} → {_value(view, name, after) or '—'}"
        parts.append(view.localized(f"{FIELDS[name].zh}：{read}", f"{FIELDS[name].en}: {read}"))
    return view.clauses(parts) or None


def _value(view: View, name: str, item: Data) -> str:
    value: Any = item[name]
    if name in ("roles", "brings"):
        return words(view, value)
    if name in ("matter", "from"):
        return value["name"] if value else ""
    return view.series(value) if name == "terms" else value or ""
