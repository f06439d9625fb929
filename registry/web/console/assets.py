"""What pages of the console load beside themselves: a style sheet, scripts, each under its own digest."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources as files
from typing import Final

from fastapi import APIRouter, Response

from registry.web.pages.failure import Refused

TYPES: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
FOR_GOOD: Final = "public, max-age=31536000, immutable"  # another version has another address
router = APIRouter(include_in_schema=False)


@router.api_route("/assets/{digest}/{name}", methods=["GET", "HEAD"])
async def asset(digest: str, name: str) -> Response:
    """A file under `static/`, at the address that asset_address gives."""
    suffix = name.rpartition(".")[2]
    if name not in _names() or _read(name)[1] != digest:
        zh, en = f"没有 {name} 这一文件，或者它已更新。", f"There is no file {name}, or it is another now."
        raise Refused("not-found", 404, (zh, en), ("请刷新页面。", "Load the page again."))
    return Response(_read(name)[0], media_type=TYPES[suffix], headers={"Cache-Control": FOR_GOOD})


def asset_address(name: str) -> str:
    """The address of a file under `static/`: another when its content changes."""
    return f"/assets/{_read(name)[1]}/{name}"


@cache
def _names() -> frozenset[str]:
    return frozenset(
        each.name
        for each in (files.files("registry.web.console") / "static").iterdir()
        if each.name.endswith((".css", ".js"))
    )


@cache
def _read(name: str) -> tuple[bytes, str]:
    content = (files.files("registry.web.console") / "static" / name).read_bytes()
    return content, hashlib.sha256(content).hexdigest()[:16]
