"""Who did bear a matter on a day where the unit asked about did not, and by what a unit had the powers for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from registry.access.territory import Territory
from registry.domain.labels import MATTER_KIND
from registry.domain.text import Text
from registry.web.console.asking import NOT_SEEN
from registry.web.console.view import View
from registry.web.console.views.accountability_seen import DUTY, GOVERNING, POWER
from registry.web.console.words import BY
from registry.web.pages.failure import Refused

Data = dict[str, Any]
OTHERS: Final = ("NOT_HELD", "ASSISTED")  # conclusions after which it is asked who did
NAMED: Final = 5  # bearers in the sentence
WITH_POWERS: Final = 3  # of whom it is said whether they had the powers
MOST: Final = 50  # holdings that are listed
SOURCES: Final = 3  # holders of a power that are named
ROLES: Final = ("LEAD", "SHARE", "ASSIST", None)
ORDER: Final = ("law", "list", "delegation")
STEPS: Final = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Incident:
    """What an account is asked about: a matter and a day."""

    matter: str
    on: str


@dataclass(frozen=True, slots=True)
class Bearers:
    """Who bore a matter: the unit's own offices, the nearest level above, else whoever did in the county; or nobody.

    `steps`: how many levels up; `area`: the government of that level, or the county; `rows`: at most MOST of `total`
    holdings, the weightiest first; `helped`: somebody nearer had only to assist; `partly`: some may lie outside what
    the reader sees; `powers`: of the first bearers, in a sentence each, whether they had the powers.
    """

    where: Literal["own", "above", "elsewhere", "nobody"]
    steps: int
    area: str
    rows: Sequence[Data]
    total: int
    helped: bool
    partly: bool
    powers: Sequence[str]


def _up(unit: Data) -> list[Data]:
    """A unit and those above it, the nearest first."""
    way: list[Data] = []
    over: Data | None = unit
    while over is not None:
        way.append(over)
        over = over.get("parent")
    return way


def _offices(unit: Data) -> list[str]:
    """The codes of a unit and of those above it up to its government, the last of them."""
    codes: list[str] = []
    for one in _up(unit):
        codes.append(one["code"])
        if one["kind"] in GOVERNING:
            break
    return codes


def _weight(one: Data) -> tuple[int, int, str, str, int]:
    return ROLES.index(one["role"]), ORDER.index(one["by"]), one["since"], one["unit"]["code"], one["position"]


async def bearers(view: View, data: Data, incident: Incident, own: Territory, lang: str) -> Bearers | None:
    """Who bore the matter of an answer that says the unit did not; None of one that says it did.

    `lang`: of the sentences about powers.
    """
    if data["accountability"]["conclusion"] not in OTHERS:
        return None
    unit: Data = data["unit"]
    way = _up(unit)
    county = next((one for one in way if one["level"] == "COUNTY" and one["kind"] in GOVERNING), way[-1])
    above = [one for one in way[1:] if one["kind"] in GOVERNING]
    matter, on = incident.matter, incident.on
    rows = await view.ask_all("holders-then", "holdersPage", within=county["code"], matter=matter, on=on, role=None)
    rows = sorted((one for one in rows if one["unit"]["code"] != unit["code"]), key=_weight)
    levels = _levels(rows, unit, above)
    partly = not own.has(county["code"])
    if county in way and not any(map(_bore, levels)):
        further = [one for one in above if one not in way[: way.index(county) + 1]]
        below: Data = county
        for one in further:
            if not own.has(below["code"]):
                partly = True
                break
            answer = await view.ask("above-then", unit=below["code"], matter=matter, on=on)
            levels[above.index(one) + 1] = sorted(answer["accountability"]["above"], key=_weight)
            below = one
    lead_alone = data["accountability"]["conclusion"] == "ASSISTED"
    for fits in (_bore,) if lead_alone else (_bore, bool):
        for steps, level in enumerate(levels):
            if not fits(level):
                continue
            chosen = [one for one in level if one["role"] != "ASSIST"] or level
            nearer = any(one["role"] == "ASSIST" for each in levels[:steps] for one in each)
            area = unit if steps == 0 else above[steps - 1]
            where: Literal["own", "above"] = "own" if steps == 0 else "above"
            powers = await _powers(view, data, chosen, incident, lang)
            return Bearers(where, steps, area["name"], chosen[:MOST], len(chosen), nearer, partly, powers)
    rest = [one for one in rows if one["role"] != "ASSIST"] or ([] if lead_alone else rows)
    if not rest:
        return Bearers("nobody", 0, county["name"], [], 0, helped=False, partly=partly, powers=[])
    powers = await _powers(view, data, rest, incident, lang)
    return Bearers("elsewhere", 0, county["name"], rest[:MOST], len(rest), False, partly, powers)


def _bore(level: Sequence[Data]) -> bool:
    """Whether somebody of a level had more to do than to assist."""
    return any(one["role"] != "ASSIST" for one in level)


def _levels(rows: Sequence[Data], unit: Data, above: Sequence[Data]) -> list[list[Data]]:
    """The holdings of the unit's own offices, then of each government above with its offices."""
    levels: list[list[Data]] = [[] for _ in range(len(above) + 1)]
    index = {one["code"]: number for number, one in enumerate(above, 1)}
    for one in rows:
        offices = _offices(one["unit"])
        if unit["code"] in offices:
            levels[0].append(one)
        elif offices[-1] in index:
            levels[index[offices[-1]]].append(one)
    return levels


async def _powers(view: View, data: Data, rows: Sequence[Data], incident: Incident, lang: str) -> list[str]:
    """Of the first bearers of a duty, whether they had the powers that it requires, and by what: a sentence each."""
    if data["matter"]["kind"] != DUTY:
        return []
    first = list({one["unit"]["code"]: one["unit"] for one in rows}.values())[:WITH_POWERS]

    async def of(unit: Data) -> list[str]:
        try:
            answer = await view.ask(
                "with-powers-then", matter=incident.matter, unit=unit["code"], on=incident.on, lang=lang
            )
        except Refused as refused:
            if refused.code not in NOT_SEEN:
                raise
            return []
        account = answer["accountability"]
        sources = await power_sources(view, account, answer["unit"], incident.on)
        lines = map(source_line, sources)
        return [account["message"], *(line.zh if lang == "zh" else line.en for line in lines)]

    return [line for lines in await asyncio.gather(*map(of, first)) for line in lines]


def sentence(given: Bearers, kind: str) -> Text:
    """Who bore a matter of that kind, in a sentence with names."""
    names: dict[str, list[str | None]] = {}
    for one in given.rows:
        names.setdefault(one["unit"]["name"], []).append(one["role"])
    zh = "、".join(f"{name}{_role(roles[0], zh=True)}" for name, roles in list(names.items())[:NAMED])
    en = ", ".join(f"{name}{_role(roles[0], zh=False)}" for name, roles in list(names.items())[:NAMED])
    if len(names) > NAMED:
        zh, en = f"{zh}等{len(names)}个单位", f"{en} and {len(names) - NAMED} more"
    noun = MATTER_KIND[kind.lower()]
    bore = f"名下登记有这一{noun.zh}" if kind == POWER else f"承担这一{noun.zh}"
    has = f"had this {noun.en} recorded as its own" if kind == POWER else f"bore this {noun.en}"
    text = _stated(given, bore, has, zh, en)
    if given.rows and all(one["role"] == "ASSIST" for one in given.rows):
        text = Text(f"{text.zh}没有单位牵头或者共同承担。", f"{text.en} Nobody led or shared it.")
    if given.partly:
        text = Text(
            f"{text.zh}以上只是您能查看的范围内的；范围以外的是否承担，这里不能说明。",
            f"{text.en} This is of what you may see alone: whether others bore it is not said here.",
        )
    return text


def _stated(given: Bearers, bore: str, has: str, zh: str, en: str) -> Text:
    if given.where == "own":
        return Text(f"当天{bore}的，是其所属的{zh}。", f"That day offices of its own {has}: {en}.")
    if given.where == "above":
        if given.steps == 1:
            return Text(f"当天{bore}的，是上一级的{zh}。", f"That day the level above {has}: {en}.")
        between = Text("没有牵头或者共同承担的", "only assisted") if given.helped else Text("都没有承担", "did not")
        return Text(
            f"当天{bore}的，是往上第{STEPS[given.steps]}级的{zh}；其间各级{between.zh}。",
            f"That day {en}, {given.steps} levels up, {has}; those in between {between.en}.",
        )
    if given.where == "elsewhere":
        return Text(
            f"它的上级当天都没有承担；{given.area}范围内{bore}的，是{zh}。",
            f"Nobody above it did that day; within {given.area} these {has}: {en}.",
        )
    if given.partly:
        return Text(f"当天没有查到{bore}的单位。", f"Nobody is seen that {has} that day.")
    return Text(
        f"当天没有任何单位{bore}：{given.area}及其所属各单位、往上各级，都没有登记。",
        f"Nobody at all {has} that day: neither {given.area}, nor anyone in it, nor anyone above.",
    )


def _role(role: str | None, *, zh: bool) -> str:
    if role is None:
        return ""
    texts = {"LEAD": Text("牵头", "lead"), "SHARE": Text("共同承担", "shared"), "ASSIST": Text("配合", "assist")}
    return f"（{texts[role].zh}）" if zh else f" ({texts[role].en})"


@dataclass(frozen=True, slots=True)
class PowerSource:
    """Who held a power for a unit, and by what: `title` and `number` of the document, or the articles of the law."""

    power: Data
    holder: str
    code: str
    how: Text
    number: str
    title: str


async def power_sources(view: View, account: Data, unit: Data, on: str) -> list[PowerSource]:
    """By what a unit had each required power that an answer does not say it lacked: by its own or its offices'."""
    lacking = {one["code"] for one in account["missing"]}

    async def of(power: Data) -> list[PowerSource]:
        code = power["code"]
        matter = (await view.ask("power-basis-then", matter=code, on=on))["matter"]
        rows = await view.ask_all("power-sources-then", "holdersPage", matter=code, within=unit["code"], on=on)
        offices = (one for one in rows if one["effective"] and unit["code"] in _offices(one["unit"]))
        own = [one for one in offices if unit["kind"] in GOVERNING or one["unit"]["code"] == unit["code"]]
        own.sort(key=lambda one: (one["unit"]["code"] != unit["code"], ORDER.index(one["by"]), one["since"]))
        return [_source(power, one, matter["basis"]) for one in own[:SOURCES]]

    held = [one for one in account["required"] if one["code"] not in lacking]
    return [source for sources in await asyncio.gather(*map(of, held)) for source in sources]


def _source(power: Data, one: Data, basis: Sequence[str]) -> PowerSource:
    paper: Data | None = one["instrument"]
    how = BY[one["by"]]
    if one["from"]:
        how = Text(f"{one['from']['name']}{how.zh}", f"{how.en} by {one['from']['name']}")
    if paper is not None:
        return PowerSource(power, one["unit"]["name"], one["unit"]["code"], how, paper["number"], paper["title"])
    law = "；".join(basis) if one["by"] == "law" else ""
    return PowerSource(power, one["unit"]["name"], one["unit"]["code"], how, "", law)


def source_line(one: PowerSource) -> Text:
    """A source in a sentence."""
    number = f"（{one.number}）" if one.number else ""
    zh = f"，依据{one.title}{number}" if one.title else "，登记簿没有写明依据文件"
    en = f", by {one.title}{number}" if one.title else ", by no document that is recorded"
    return Text(
        f"“{one.power['name']}”：{one.holder}，{one.how.zh}{zh}。",
        f"“{one.power['name']}”: {one.holder}, {one.how.en}{en}.",
    )
