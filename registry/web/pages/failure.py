"""A page that says why a page cannot be shown, and what to do."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from registry.web.pages.rendering import UNKEPT, language, render

ADDRESSES: Final = (
    "/overview",
    "/balance",
    "/matrix",
    "/search",
    "/accountability",
    "/cases",
    "/burdens",
    "/changes",
    "/findings",
    "/rectifications",
    "/work",
    "/decisions",
    "/history",
    "/log",
    "/drafts",
    "/proposals",
    "/villages",
    "/lists",
    "/units",
    "/matters",
    "/documents",
    "/undo",
    "/docs",
    "/proofs",
    "/login",
    "/logout",
    "/account",
    "/receipts",
    "/reports",
    "/monitoring",
    "/assessments",
    "/admin",
)  # pages whatever the client accepts, unless that is JSON


class Refused(Exception):
    """A page that cannot be shown: a code with its HTTP status, in zh and en what is wrong and what to do (`hint`)."""

    def __init__(self, code: str, status: int, message: tuple[str, str], hint: tuple[str, str]) -> None:
        super().__init__(code)
        self.code, self.status, self.message, self.hint = code, status, message, hint


def wants_page(request: Request) -> bool:
    """Whether who asks reads pages: its Accept names HTML; or the address is a page and Accept does not name JSON."""
    accepted = request.headers.get("accept", "")
    if "text/html" in accepted:
        return True
    path = request.url.path
    return (path == "/" or path.startswith(ADDRESSES)) and "json" not in accepted


def failure(request: Request, refused: Refused) -> HTMLResponse:
    """The page for an error, in both languages; the reader's first."""
    return render("failure.html", language(request), status=refused.status, cache=UNKEPT, refused=refused)
