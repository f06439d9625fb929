"""The pages of villages: finding one by its name, and what it may certify."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from registry.domain.dates import today
from registry.domain.labels import WINDOW
from registry.queries import certificates, instruments
from registry.queries.certificates.wording import bare_name, improper
from registry.queries.instruments import Instrument
from registry.queries.lists import items
from registry.queries.units import places, units
from registry.queries.units.places import NamedUnit
from registry.relations.two_times import AsOf, newest
from registry.web.pages import address as lookup
from registry.web.pages.failure import Refused
from registry.web.pages.rendering import FRESH, UNKEPT, Lang, address, language, render
from registry.web.pages.village_search import LONGEST, Matches, find, plain

PAGE: Final = 20
UNCLEAR: Final = ("UNKNOWN", "UNLISTED", "AMBIGUOUS")  # answers that leave open whether a certificate was meant
CERTIFICATE: Final = "证"  # in whatever one says who asks for one
AREAS: Final = 24
OWNED: Final = 5  # duties shown of what somebody asks whose it is
LONGEST_SHOWN: Final = 200  # letters of a question that are shown again; more are not understood anyway
Pool = Callable[[], Awaitable[Any]]


def router(pool: Pool) -> APIRouter:
    """The routes, over the database that `pool` gives (it may raise database.NoDatabase)."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/villages", methods=["GET", "HEAD"])
    async def search(request: Request) -> Response:
        return await _search(request, await pool())

    @routes.api_route("/villages/{code:path}", methods=["GET", "HEAD"])
    async def village(request: Request, code: str) -> Response:
        return await _village(request, await pool(), code)

    return routes


# ------------------------------------------------------------------------------------------------------------ search


async def _search(request: Request, reader: Any) -> Response:
    """Villages by name, or what is directly inside an area."""
    text = plain(request.query_params.get("q", ""))
    moment = AsOf(today(), await newest(reader))
    given = request.query_params.get("in", "")
    area = await _unit(reader, moment, given) if given else None
    now = await _successor(reader, moment, area) if area and area.dissolved else area
    if now is not None and (now is not area or now.level == "village"):
        return RedirectResponse(_address(now, language(request)), 303)
    within = None if area is None else area.code
    inside = [] if text else await _inside(reader, moment, within)
    result = await find(reader, moment, text, within) if text else Matches()
    pages = max(1, -(-len(result.villages) // PAGE))
    page = min(_number(request.query_params.get("page", "1")), pages)
    villages = result.villages[(page - 1) * PAGE : page * PAGE]
    areas = result.areas[:AREAS]
    shown = [index.code for index in (*villages, *areas, *inside[:1])]
    chains = await places.chains(reader, moment, [*shown, *([within] if within else [])])
    return render(
        "villages.html",
        language(request),
        query={"q": text, "in": within or ""},
        cache=UNKEPT if text else FRESH,
        q=text,
        longest=LONGEST,
        area=area,
        inside=inside,
        result=result,
        villages=villages,
        areas=areas,
        chains=chains,
        page=page,
        pages=pages,
    )


def _address(unit: units.Unit, lang: Lang) -> str:
    """Where a village, or what lies in an area, is shown."""
    if unit.level == "village":
        return address(f"/villages/{unit.code}", lang)
    return address("/villages", lang, **{"in": unit.code})


async def _inside(reader: Any, moment: AsOf, within: str | None) -> list[NamedUnit]:
    """What to choose from: what is directly inside an area; without one, where the registry's areas begin to differ."""
    if within is not None:
        return await places.inside(reader, moment, within)
    inside: list[NamedUnit] = []
    for level in ("province", "prefecture", "county"):
        inside = await places.governed(reader, moment, level)
        if inside:
            break
    while len(inside) == 1 and inside[0].level != "village":
        inside = await places.inside(reader, moment, inside[0].code)
    return inside


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[1-9]\d{0,3}", text, re.ASCII) else 1


async def _unit(reader: Any, moment: AsOf, text: str) -> units.Unit:
    code = await lookup.unit(reader, moment, text)
    known = (await units.units(reader, moment, [code])).get(code)
    if known is None:
        raise _unknown(code, moment)
    return known


def _unknown(code: str, moment: AsOf) -> Refused:
    day, shown = moment.valid_at, code[:LONGEST_SHOWN]
    return Refused(
        "unknown-unit",
        404,
        (f"{day} 没有代码为“{shown}”的单位。", f"On {day} there is no unit {shown}."),
        ("核对网址里的代码，或者按名称查找。", "Check the code in the address, or search by name."),
    )


# ----------------------------------------------------------------------------------------------------------- village


async def _village(request: Request, reader: Any, code: str) -> Response:
    """What a village may certify, and the answer to `?q=`; `?as_of=`: on that day."""
    lang = language(request)
    given = request.query_params.get("as_of", "")
    text = plain_text(request.query_params.get("q", ""))
    before = plain_text(request.query_params.get("said", ""))
    moment = await lookup.moment(reader, given, None)
    unit = await _unit(reader, moment, code)
    code = unit.code
    if unit.level != "village":
        return RedirectResponse(_address(unit, lang), 303)
    about: dict[str, Any] = {
        "unit": unit,
        "above": (await places.chains(reader, moment, [code]))[code],
        "given": moment.valid_at.isoformat() if given else "",
        "moment": moment,
    }
    if unit.dissolved:
        now = await _successor(reader, moment, unit)
        return render("village_gone.html", lang, query={"as_of": given}, now=now, **about)
    try:
        listed = await certificates.certificates_of(reader, code, moment.valid_at)
        # What was said first, where this is the choice made then: what in particular was asked about is told for both.
        answer = await certificates.answer(reader, code, text, moment.valid_at, before=before) if text else None
        services = await certificates.services_for(reader, moment.valid_at, village=code)
        # The service that includes what was asked for; where no certificate was meant, the one that was.
        meant = answer.services if answer else ()
        if text and not meant and answer and answer.status == "UNKNOWN" and not answer.errand:
            meant = await certificates.services_for(reader, moment.valid_at, village=code, text=text)
    except certificates.UnknownVillage:  # it was dissolved since
        raise _unknown(code, moment) from None
    forbidden = await _forbidden(reader, moment, code, text) if answer and answer.status in UNCLEAR else []
    groups = {status: [one for one in listed if one.status == status] for status in ("ALLOWED", "FORBIDDEN")}
    papers = {status: [one.basis[0] for one in group if one.basis] for status, group in groups.items()}
    basis = answer.basis if answer else ()
    if answer and answer.advice:
        basis = tuple(dict.fromkeys([*basis, *answer.advice.basis]))
    known = await instruments.instruments(
        reader, moment, list({*basis, *papers["ALLOWED"], *papers["FORBIDDEN"], *(one.instrument for one in forbidden)})
    )
    return render(
        "village.html",
        lang,
        query={"q": text[:LONGEST_SHOWN], "as_of": given, **({"said": before[:LONGEST_SHOWN]} if before else {})},
        cache=UNKEPT if text else FRESH,
        q=text[:LONGEST_SHOWN],
        said=before[:LONGEST_SHOWN] or text[:LONGEST_SHOWN],
        answer=answer,
        sentence=certificates.sentence(replace(answer, basis=(), advice=None, demander=None), lang) if answer else "",
        improper=improper(answer.demander) if answer and answer.demander else None,
        owned=await _owned(reader, moment, code, answer.errand.named) if answer and answer.errand else [],
        basis=_documents(basis, known),
        online=answer.online if answer and re.fullmatch(r"https?://\S+", answer.online or "") else None,
        groups=groups,
        nobody=sum((one.issuer or "").startswith("不用") for one in groups["FORBIDDEN"]),
        forbidden=[(one.name, _document(one.instrument, known.get(one.instrument))) for one in forbidden],
        about_certificate=CERTIFICATE in text,
        meant=meant,
        services=services,
        window=WINDOW,
        bare_name=bare_name,
        papers={status: _documents(numbers, known) for status, numbers in papers.items()},
        **about,
    )


def plain_text(text: str) -> str:
    """What was typed, with a space for what cannot be printed."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


async def _owned(reader: Any, moment: AsOf, code: str, named: Sequence[str]) -> list[items.Item]:
    """The duties on the lists that reach the village whose names have one of these in them, the closest first."""
    every = await items.items(reader, moment, [code], "positive", "duty") if named else []
    owned = [item for item in every if any(word in item.name for word in named)]
    return sorted(owned, key=lambda item: next(at for at, word in enumerate(named) if word in item.name))[:OWNED]


async def _forbidden(reader: Any, moment: AsOf, code: str, text: str) -> list[items.Item]:
    """What of that which somebody speaks of may not be the village's to answer for, by the negative lists of duties."""
    every = await items.items(reader, moment, [code], "negative", "duty")
    return [item for item in every if items.speaks_of(text, item.name, item.terms)]


async def _successor(reader: Any, moment: AsOf, unit: units.Unit) -> units.Unit | None:
    """The unit that a dissolved one is now part of; None: it ended without a successor."""
    now: units.Unit | None = unit
    while now is not None and now.dissolved:
        now = None if now.successor is None else (await units.units(reader, moment, [now.successor])).get(now.successor)
    return now


def _documents(numbers: Sequence[str], known: Mapping[str, Instrument]) -> list[str]:
    """Each document once, with its number, and its title where that is not in the number."""
    return list(dict.fromkeys(_document(number, known.get(number)) for number in numbers))


def _document(number: str, instrument: Instrument | None) -> str:
    if instrument is None or "《" in number or instrument.title == number:
        return number
    return f"{instrument.title}（{number}）" if "《" in instrument.title else f"《{instrument.title}》（{number}）"
