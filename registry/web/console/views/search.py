"""Search of the bar: units, matters, documents, lists, and what has a reference or a position in the log."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from registry.checker import RULES
from registry.domain import labels
from registry.domain.question_words import without_question
from registry.domain.text import Text
from registry.domain.words import MATTER_KINDS
from registry.queries import certificates, sounds
from registry.web.authorization import lets_in
from registry.web.console.asking import Data
from registry.web.console.territory_links import WITHOUT_TERRITORY
from registry.web.console.view import View
from registry.web.console.views import search_near, search_views
from registry.web.pages import village_search
from registry.web.pages.failure import Refused
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

_HAN: Final = re.compile("[\u4e00-\u9fff]")
FEW: Final = 8  # of each kind, while typing
MOST: Final = 50  # of each kind, on the page
LONGEST: Final = 60  # letters
BEGINNING: Final = 120  # letters of what a rule says
EXPLAINED: Final = 4  # letters from which on what rules say is looked through
_YEAR: Final = re.compile(
    r"[〔\[(（【［﹝〈<]\s*((?:19|20)\d\d)\s*[〕\])）】］﹞〉>]"
)  # of a document number, in any brackets
WINDOW: Final = Text("村里能不能开这个证明（先选村、社区）", "Whether a village issues it (choose the village first)")
NO_LETTER: Final = "·"  # what is followed by it is no pinyin


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/search", methods=["GET", "HEAD"])
    async def search(request: Request) -> Response:
        return await _search(await View.of(request, resources))

    return routes


async def _search(view: View) -> Response:
    """`?q=`; while typing (htmx asks) only the first few, without the frame."""
    typing = view.request.headers.get("hx-request") == "true"
    text = _YEAR.sub(r"〔\1〕", village_search.plain(view.parameter("q"))[:LONGEST])
    result = await _answered(view, text, FEW if typing else MOST)
    named = not text or _meant(result.groups, result.sought)
    if not named and (wanted := await _certificates(view, text)):
        result = Result(text, wanted, None)  # what is called like it is offered all the same
    if typing:
        return view.page("search_part.html", groups=result.groups, text=text, sought=result.sought, few=FEW, nearest=[])
    nearest = [] if named else await _nearest(view, result.sought, _hrefs(result.groups))
    return view.page(
        "search.html",
        groups=result.groups,
        text=text,
        sought=result.sought,
        unheard=result.unheard,
        nearest=nearest,
    )


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, in groups, and by which words: what was typed, or what a question was about.

    `unheard`: why lists and documents were not looked for by sound, where they were not.
    """

    sought: str
    groups: list[Data]
    unheard: Text | None


async def _answered(view: View, text: str, most: int) -> Result:
    """What is found by a text; where nothing is called so, by what it asks about, and by an area and a matter in it."""
    if not text:
        return Result(text, [], None)
    result = first = Result(text, *await _results(view, text, most))
    subject = without_question(text) or text
    if not _meant(first.groups, text) and subject != text:
        result = Result(subject, *await _results(view, subject, most))
    if _meant(result.groups, result.sought):
        return result
    for split in _after_areas(result.groups, subject):
        within = Result(split, *await _results(view, split, most))
        if _meant(within.groups, split):
            return within
    return result if result.groups else Result(subject, first.groups, first.unheard)


def _after_areas(groups: Sequence[Data], text: str) -> list[str]:
    """The text with a space after an area that it begins with (雷河镇的安全生产: 雷河镇 安全生产), longest first."""
    names = {line["name"] for group in groups for line in group["lines"] if line["area"]}
    before = sorted((name for name in names if text.startswith(name) and text != name), key=len, reverse=True)
    return [f"{name} {rest}" for name in before if (rest := text.removeprefix(name).lstrip("的 "))]


async def _certificates(view: View, text: str) -> list[Data]:
    """The certificates that a text wants in the words of a village window (没得病的证明), and where to ask for them.

    The day is the bar's; what was known earlier is not asked about.
    """
    if view.parameter("known") or len(_HAN.findall(text)) < 2:  # what is no Chinese is no saying
        return []
    reader = await view.resources.pool()
    meant = await certificates.certificates_meant(reader, text, view.moment.valid_at)
    if not meant:
        return []
    kind = view.localized(*labels.MATTER_KIND["certificate"])
    lines = [_line(view.href(f"/matters/{one.matter}"), one.name, kind, one.matter or "") for one in meant]
    window = _line(view.href("/villages"), view.localized(*WINDOW), "", "")
    return [
        _group(Text("证明（按所说的意思）", "Certificates, by what is meant"), lines),
        _group(Text("规则和页面", "Rules and views"), [{**window, "own": True}]),
    ]


async def _results(view: View, text: str, most: int) -> tuple[list[Data], Text | None]:
    """The groups of what is found; and, where lists and documents were not looked for by sound, why not."""
    reader = await view.resources.pool()
    answer, villages, sounding, matters_sounding, within = await asyncio.gather(
        _named(view, text, most),
        village_search.find(reader, view.moment, text, None),
        sounds.units(reader, view.moment, text, most),
        sounds.matters(reader, view.moment, text, most),
        _matters_within(view, text, most),
    )
    units: dict[str, Data] = {one["code"]: one for one in answer["units"]["nodes"]}
    if answer["unit"]:
        units.setdefault(answer["unit"]["code"], answer["unit"])
    for one in sounding:
        unit = {"code": one.code, "name": one.name, "level": one.level.upper(), "kind": one.kind, "called": one.called}
        units.setdefault(one.code, unit)
    for one in (*villages.areas, *villages.villages):
        kind = "village" if one.level == "village" else "government"
        unit = {"code": one.code, "name": one.name, "level": one.level.upper(), "kind": kind, "called": one.called}
        units.setdefault(one.code, {**unit, "area": kind == "government" and not one.called})
    matters, documents = answer["matters"]["nodes"], answer["instruments"]["nodes"]
    if (matter := answer["matter"]) and matter["code"] not in {one["code"] for one in matters}:
        matters = [matter, *matters]
    if (document := answer["instrument"]) and document["number"] not in {one["number"] for one in documents}:
        documents = [document, *documents]
    there = {one["code"] for one in matters}
    matters += [
        {"code": one.code, "name": one.name, "kind": one.kind.upper(), "called": one.called}
        for one in matters_sounding
        if one.code not in there
    ]
    groups = [
        _group(Text("单位里的事项", "Matters within a unit"), within),
        *_by_name(view, list(units.values())[:most], matters[:most], documents[:most], answer["lists"]["nodes"]),
        _group(Text("规则和页面", "Rules and views"), await _rules_and_views(view, text)),
        _group(Text("编号和序号", "References and positions"), _numbered(view, text, answer["delegation"])),
    ]
    return [group for group in groups if group["lines"]], answer["unheard"]


def _hrefs(groups: Sequence[Data]) -> set[str]:
    return {line["href"] for group in groups for line in group["lines"]}


def _meant(groups: Sequence[Data], text: str) -> bool:
    """Whether what is found is called so, and not only an area whose name the text begins with (宜城市民证局)."""
    lines = [line for group in groups for line in group["lines"]]
    return bool(lines) and not all(line["area"] and text not in line["name"] for line in lines)


async def _nearest(view: View, text: str, shown: Collection[str]) -> list[Data]:
    """The groups of what may have been meant by a text that nothing is called."""

    async def search(part: str) -> Data:
        answer = await _named(view, part, search_near.RANKED)
        if not sounds.typed(part):
            return answer
        reader = await view.resources.pool()  # of letters `_named` has neither units nor matters
        units = await sounds.units(reader, view.moment, part, search_near.RANKED)
        matters = await sounds.matters(reader, view.moment, part, search_near.RANKED)
        named = {"units": {"nodes": [asdict(one) for one in units]}}
        return {**answer, **named, "matters": {"nodes": [asdict(one) for one in matters]}}

    near = await search_near.near(view, text, search)
    groups = _by_name(view, near.units, near.matters, near.documents, near.lists)
    for group in groups:
        group["lines"] = [line for line in group["lines"] if line["href"] not in shown]
    return [group for group in groups if group["lines"]]


def _by_name(
    view: View, units: Sequence[Data], matters: Sequence[Data], documents: Sequence[Data], lists: Sequence[Data]
) -> list[Data]:
    """The groups of what has a name or title."""
    papers = [
        _line(
            view.href(f"/documents/{one['number']}"),
            one["title"],
            "" if one["inForce"] else view.localized("不在效力期", "not in force"),
            one["number"],
        )
        for one in documents
    ]
    return [
        _group(Text("单位", "Units"), [_unit(view, one) for one in units]),
        _group(Text("事项", "Matters"), [_matter(view, one) for one in matters]),
        _group(Text("文件", "Documents"), papers),
        _group(
            Text("清单", "Lists"),
            [_line(view.href(f"/lists/{one['code']}"), one["title"], "", one["code"]) for one in lists],
        ),
    ]


async def _named(view: View, text: str, most: int) -> Data:
    """What the API finds by a text. Units and matters spelt in letters it has by code: `sounds` has the best first."""
    spelt = bool(sounds.typed(text))
    try:
        answer, unheard = await view.ask("search", q=text, ref=text, first=most, spelt=spelt), None
    except Refused as refused:  # more sound so than are looked through
        if not spelt:
            raise
        answer = await view.ask("search", q=f"{text}{NO_LETTER}", ref=text, first=most, spelt=True)
        unheard = Text(*refused.message)
    if spelt:
        answer |= {"units": {"nodes": []}, "matters": {"nodes": []}}
    return {**answer, "unheard": unheard}


async def _matters_within(view: View, text: str, most: int) -> list[Data]:
    """Several words of which the first or the last names a unit and the others a matter: that matter within it."""
    words = text.split()
    if len(words) < 2:
        return []
    lines: list[Data] = []
    for name, matter in ((words[0], " ".join(words[1:])), (words[-1], " ".join(words[:-1]))):
        named, about = await asyncio.gather(_named(view, name, FEW), _named(view, matter, FEW))
        units: list[Data] = named["units"]["nodes"]
        units = [one for one in units if one["name"] == name] or units
        lines += [
            _line(
                view.href(f"/matters/{one['code']}", within=unit["code"]),
                f"{unit['name']} · {one['name']}",
                "",
                one["code"],
            )
            for unit in units
            for one in about["matters"]["nodes"]
        ]
    return list({line["href"]: line for line in lines}.values())[:most]


def _group(title: Text, lines: list[Data]) -> Data:
    return {"title": title, "lines": lines}


def _line(href: str, name: str, more: str, code: str) -> Data:
    return {"href": href, "name": name, "more": more, "code": code, "own": False, "area": False}


def _unit(view: View, one: Data) -> Data:
    path = "units" if one["kind"] in WITHOUT_TERRITORY else "overview"
    level = view.localized(*labels.LEVEL[one["level"].lower()])
    more = f"{level} · {one['called']}" if one.get("called") else level
    line = _line(view.href(f"/{path}/{one['code']}"), one["name"], more, one["code"])
    return {**line, "area": one.get("area", False)}


def _matter(view: View, one: Data) -> Data:
    kind = view.localized(*labels.MATTER_KIND[one["kind"].lower()])
    more = f"{kind} · {one['called']}" if one.get("called") else kind
    return _line(view.href(f"/matters/{one['code']}"), one["name"], more, one["code"])


async def _rules_and_views(view: View, text: str) -> list[Data]:
    """The rules and kinds of matters whose Chinese or English name has all words of the text in it, and the pages.

    After them the rules of which that is so of what they say, where the text is long enough to mean something.
    """
    words = text.casefold().split()
    rules = RULES if lets_in(viewer(view.request), "/findings") else {}
    named = [(view.href("/findings", rule=name), rule.title) for name, rule in rules.items()]
    named += [(view.href("/matters", kind=name), labels.MATTER_KIND[name]) for name in MATTER_KINDS]
    lines = [_line(href, view.localized(*title), "", "") for href, title in named if _has(words, title)]
    lines += [_line(href, name, "", "") for href, name in await search_views.pages(view, words)]
    if len(text) >= EXPLAINED:
        lines += [
            _line(
                view.href("/findings", rule=name),
                view.localized(*rule.title),
                _beginning(view.localized(*rule.sentence)),
                "",
            )
            for name, rule in rules.items()
            if _has(words, rule.sentence) and not _has(words, rule.title)
        ]
    return [{**line, "own": True} for line in lines]


def _beginning(text: str) -> str:
    return text if len(text) <= BEGINNING else f"{text[:BEGINNING]}……"


def _has(words: Sequence[str], text: Text) -> bool:
    return all(word in f"{text.zh} {text.en}".casefold() for word in words)


def _numbered(view: View, text: str, delegation: Data | None) -> list[Data]:
    """What has the text as its reference, or as its position in the log."""
    lines: list[Data] = []
    if delegation is not None:
        to = delegation["to"]
        name = f"{to['name']} · {delegation['matter']['name']}" if to else delegation["matter"]["name"]
        path = f"/units/{to['code']}" if to else f"/matters/{delegation['matter']['code']}"
        lines.append(_line(view.href(path, q=delegation["ref"]), name, "", delegation["ref"]))
    if text.isascii() and text.isdecimal() and 0 < int(text) <= view.newest:
        name = view.localized(f"登记簿第 {int(text)} 号记录", f"Entry {int(text)} of the log")
        lines.append({**_line(view.href("/log", position=text), name, "", ""), "own": True})
    return lines
