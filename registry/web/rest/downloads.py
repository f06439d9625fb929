"""Lists as files to download: GET /v1/lists/{code}.xlsx and /v1/units/{code}/lists.xlsx, as .docx and .json too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from registry.exchange.sheets.writing import exporting
from registry.exchange.sheets.writing.exporting import Format, NotThere
from registry.exchange.sheets.writing.printable import Source
from registry.log import tree
from registry.web.connections import Access
from registry.web.pages import address

AS_OF = Annotated[str | None, Query(description="截至哪一天，缺省今天。 As of which day: YYYY-MM-DD; default today.")]
KNOWN = Annotated[
    str | None,
    Query(description="截至哪个序号或时间所知。 As known at a position or a time (RFC 3339); default the newest."),
]


async def root(access: Access, position: int) -> str:
    """The root of the log's tree over its first decisions, in hexadecimal."""
    return (await access.blocking(tree.root, position)).hex()


def router(access: Access) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(tags=["清单 lists"])

    async def source(as_of: str | None, known: str | None) -> tuple[Any, Source]:
        pool = await access.pool()
        moment = await address.moment(pool, as_of, known)
        return pool, Source(moment, await root(access, moment.known_at))

    def of_list(format_: Format) -> Callable[..., Awaitable[Response]]:
        async def answer(code: str, as_of: AS_OF = None, known: KNOWN = None) -> Response:
            pool, rests_on = await source(as_of, known)
            try:
                listing = await exporting.of_list(pool, rests_on.moment, code)
            except NotThere as missing:
                address.refuse(missing.code, missing.zh, missing.en)
            content = await asyncio.to_thread(exporting.list_file, listing, rests_on, format_)
            return file(content, listing.list.title, rests_on, format_)

        return answer

    def of_unit(format_: Format) -> Callable[..., Awaitable[Response]]:
        async def answer(code: str, as_of: AS_OF = None, known: KNOWN = None) -> Response:
            pool, rests_on = await source(as_of, known)
            try:
                unit, listings = await exporting.of_unit(pool, rests_on.moment, code)
            except NotThere as missing:
                address.refuse(missing.code, missing.zh, missing.en)
            content = await asyncio.to_thread(exporting.unit_file, unit, listings, rests_on, format_)
            return file(content, exporting.unit_title(unit), rests_on, format_)

        return answer

    for format_, media in exporting.MEDIA.items():
        asked_for = (
            (f"/v1/lists/{{code:path}}.{format_}", of_list(format_), "list", "一份清单 One list as it stood"),
            (
                f"/v1/units/{{code:path}}/lists.{format_}",
                of_unit(format_),
                "unit_lists",
                "适用于一个单位的全部清单 All lists that reach a unit",
            ),
        )
        for path, answer, name, summary in asked_for:
            routes.add_api_route(
                path,
                answer,
                summary=f"{summary} (.{format_})",
                operation_id=f"{name}_{format_}",
                response_class=Response,
                responses={200: {"content": {media: {}}}},
            )
            routes.add_api_route(path, answer, methods=["HEAD"], include_in_schema=False, response_class=Response)
    return routes


def file(content: bytes, title: str, source: Source, format_: Format) -> Response:
    """A file under the name that its title and day give it."""
    name = exporting.file_name(title, source, format_)
    headers = {"Content-Disposition": exporting.disposition(name, format_), "Cache-Control": "public, max-age=60"}
    return Response(content, media_type=exporting.MEDIA[format_], headers=headers)
