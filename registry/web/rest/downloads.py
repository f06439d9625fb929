"""Lists as files to download: GET /v1/lists/{code}.xlsx and /v1/units/{code}/lists.xlsx, as .docx and .json too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.exchange.file_names import disposition
from registry.exchange.letter_source import Unordered, load_order
from registry.exchange.letters import Letter, answer_form, order_letter
from registry.exchange.sheets.writing import exporting
from registry.exchange.sheets.writing.exporting import Format
from registry.exchange.sheets.writing.printable import Source
from registry.impact.followed_up import standing_findings
from registry.log import tree
from registry.web.heads import also_head
from registry.web.pages import address
from registry.web.resources import ServerResources
from registry.web.rest.answers import errors
from registry.web.rest.parameters import AsOfDay, KnownAt, ListCode, RectificationRef, UnitCode
from registry.web.viewing import territory

Answer = Callable[..., Awaitable[Response]]
LETTERS: Final[dict[str, tuple[Callable[[Letter, Source], bytes], str]]] = {
    "order": (order_letter, "督办单 The letter of order"),
    "answer": (answer_form, "整改情况答复单 The form of the answer"),
}


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(tags=["清单 lists"])
    for format_ in exporting.MEDIA:
        _add(
            routes,
            f"/v1/lists/{{code:path}}.{format_}",
            list_download(resources, format_),
            format_,
            name="list",
            summary="一份清单 One list on a day",
        )
        _add(
            routes,
            f"/v1/units/{{code:path}}/lists.{format_}",
            unit_download(resources, format_),
            format_,
            name="unit_lists",
            summary="适用于一个单位的全部清单 All lists that reach a unit",
        )
    for name, (make, summary) in LETTERS.items():
        path, format_ = f"/v1/rectifications/{{ref:path}}/{name}.docx", "docx"
        answer = letter_download(resources, make)
        _add(routes, path, answer, format_, name=f"rectification_{name}", summary=summary)
    return routes


def letter_download(resources: ServerResources, make: Callable[[Letter, Source], bytes]) -> Answer:
    """A handler that answers with a letter about an order."""

    async def answer(
        request: Request,
        ref: RectificationRef,
        as_of: AsOfDay = None,
        known: KnownAt = None,
    ) -> Response:
        pool = await resources.pool()
        moment = await address.moment(pool, as_of, known)
        own = await territory(request, pool)
        try:
            letter = await load_order(pool, moment, ref, lambda order: own.has(order.unit, order.by))
        except Unordered as missing:
            address.refuse(missing.code, missing.text.zh, missing.text.en)
        standing = await resources.run_in_thread(standing_findings, moment.valid_at, moment.known_at, [letter.order])
        letter = replace(letter, finding=standing.get(letter.order.ref))
        source = Source(moment, await root(resources, moment.known_at))
        content = await asyncio.to_thread(make, letter, source)
        return file(content, f"督办 {letter.order.ref}", source, "docx")

    return answer


def list_download(resources: ServerResources, format_: Format) -> Answer:
    """A handler that answers with one list in a format."""

    async def answer(
        code: ListCode,
        as_of: AsOfDay = None,
        known: KnownAt = None,
    ) -> Response:
        pool, source = await _source(resources, as_of, known)
        listing = await address.listing(pool, source.moment, code)
        content = await asyncio.to_thread(exporting.list_file, listing, source, format_)
        return file(content, listing.list.title, source, format_)

    return answer


def unit_download(resources: ServerResources, format_: Format) -> Answer:
    """A handler that answers with all lists of a unit in a format."""

    async def answer(
        code: UnitCode,
        as_of: AsOfDay = None,
        known: KnownAt = None,
    ) -> Response:
        pool, source = await _source(resources, as_of, known)
        unit, listings = await address.unit_listings(pool, source.moment, code)
        content = await asyncio.to_thread(exporting.unit_file, unit, listings, source, format_)
        return file(content, exporting.unit_title(unit), source, format_)

    return answer


def file(content: bytes, title: str, source: Source, format_: Format) -> Response:
    """A file under the name that its title and day give it."""
    name = exporting.file_name(title, source, format_)
    shown = disposition(f"list.{format_}", name, inline=format_ == "json")
    headers = {"Content-Disposition": shown, "Cache-Control": "public, max-age=60"}
    return Response(content, media_type=exporting.MEDIA[format_], headers=headers)


async def root(resources: ServerResources, position: int) -> str:
    """The root of the log's tree over its first decisions, in hexadecimal."""
    return (await resources.run_in_thread(tree.root, position)).hex()


async def _source(resources: ServerResources, as_of: str | None, known: str | None) -> tuple[Any, Source]:
    """The pool, and what the file is to rest on: the moment and the log's root."""
    pool = await resources.pool()
    moment = await address.moment(pool, as_of, known)
    return pool, Source(moment, await root(resources, moment.known_at))


def _add(routes: APIRouter, path: str, answer: Answer, format_: Format, *, name: str, summary: str) -> None:
    responses: dict[int | str, dict[str, Any]] = {
        200: {"description": "文件。 The file.", "content": {exporting.MEDIA[format_]: {}}},
        **errors(400, 404, 503),
    }
    routes.add_api_route(
        path,
        answer,
        summary=f"{summary} (.{format_})",
        operation_id=f"{name}_{format_}",
        response_class=Response,
        responses=responses,
    )
    also_head(routes)
