"""GET /tlog/…: the log as C2SP tlog-tiles has it, for witnesses and for who follows the log.

Checkpoints and tiles of hashes are for everybody: without the decisions nothing can be read in them. Entries are the
decisions themselves, so they are for those who may read the whole log.
"""

from __future__ import annotations

import gzip
from typing import Annotated, Any, Final

import psycopg
from fastapi import APIRouter, Path, Request, Response

from registry.access.whole_log import reads_whole_log
from registry.database import embedded
from registry.log import checkpoints, publishing, tiles, witness_policy
from registry.log.tiles import Tile
from registry.web.failures import Refused
from registry.web.heads import also_head
from registry.web.resources import ServerResources
from registry.web.rest.answers import errors
from registry.web.viewing import viewer

FRESH: Final = "public, max-age=5"
FOREVER: Final = "public, max-age=31536000, immutable"
OWN: Final = "private, max-age=31536000, immutable"  # kept by who may read it, by no cache between
BYTES: Final = "application/octet-stream"
Level = Annotated[
    str, Path(pattern="^([0-9]|[1-5][0-9]|6[0-3])$", description="层。 The level: 0 has the hashes of leaves.")
]
Index = Annotated[
    str,
    Path(
        description="序号，每三位一段：`x001/234`；未满的块加 `.p/宽度`。 The index, three digits a part; "
        "`.p/W` for the first W of a tile.",
    ),
]


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(tags=["日志 tlog"], prefix="/tlog")

    def add(path: str, answer: Any, summary: str, media: str, *statuses: int) -> None:
        responses: dict[int | str, dict[str, Any]] = {
            200: {"description": summary, "content": {media: {}}},
            **errors(*statuses),
        }
        routes.add_api_route(path, answer, summary=summary, response_class=Response, responses=responses)
        also_head(routes)

    async def checkpoint() -> Response:
        """日志的检查点，已签名；有证人的，为法定数量的证人所副署的最大的一个。

        The signed checkpoint of the log; where there are witnesses, the largest that a quorum of them has cosigned.
        """
        shown = await resources.run_in_thread(_published)
        return Response(shown.note, media_type="text/plain; charset=utf-8", headers={"Cache-Control": FRESH})

    async def tile(level: Level, index: Index) -> Response:
        wanted = _wanted(int(level), index)
        return _answer(await tiles.hashes(await resources.pool(), wanted), FOREVER)

    async def entries(request: Request, index: Index) -> Response:
        if not reads_whole_log(viewer(request)):
            raise Refused(
                "forbidden",
                "决定的内容只给可查阅整个日志的人。",
                "The decisions themselves are for those who may read the whole log.",
            )
        try:
            bundle = await tiles.entries(await resources.pool(), _wanted(0, index))
        except tiles.EntryTooLong as error:
            raise Refused(
                "too-large",
                f"第 {error.position} 项超过 64 KiB，放不进条目包；请用 GraphQL 的 inclusionProof 逐项读取。",
                f"Decision {error.position} is longer than 64 KiB, more than a bundle can hold; read these one by one "
                "with inclusionProof over GraphQL.",
            ) from None
        answer = _answer(bundle, OWN)
        if "gzip" in request.headers.get("accept-encoding", ""):
            answer = Response(
                gzip.compress(bytes(answer.body), 6, mtime=0), media_type=BYTES, headers={"Cache-Control": OWN}
            )
            answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Vary"] = "Accept-Encoding, Authorization, Cookie"
        return answer

    add("/checkpoint", checkpoint, "检查点。 The checkpoint.", "text/plain", 503)
    # Before the tiles, whose address would take it.
    add(
        "/tile/entries/{index:path}",
        entries,
        "决定，每包 256 项。 Decisions, 256 a bundle.",
        BYTES,
        400,
        403,
        404,
        413,
        503,
    )
    add("/tile/{level}/{index:path}", tile, "哈希，每块 256 个。 Hashes, 256 a tile.", BYTES, 400, 404, 503)
    return routes


def _published(connection: psycopg.Connection) -> publishing.Published:
    try:
        key = checkpoints.signer(embedded.home())
        return publishing.published(connection, key, witness_policy.configured())
    except (checkpoints.NoKey, witness_policy.BadPolicy) as error:
        raise Refused(error.code, error.zh, error.en) from None


def _wanted(level: int, index: str) -> Tile:
    wanted = tiles.read_path(level, index)
    if wanted is None:
        raise _none()
    return wanted


def _answer(content: bytes | None, cache: str) -> Response:
    if content is None:
        raise _none()
    return Response(content, media_type=BYTES, headers={"Cache-Control": cache})


def _none() -> Refused:
    zh, en = "日志没有这一块，或还没有这么宽。", "The log has no such tile, or not yet of that width."
    return Refused("not-found", zh, en, headers={"Cache-Control": "no-store"})
