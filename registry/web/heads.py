"""HEAD at addresses of the API: as GET, and not in the document, in which an operation has one method."""

from __future__ import annotations

from copy import copy

from fastapi import APIRouter
from fastapi.routing import APIRoute


def also_head(routes: APIRouter) -> None:
    """Have the address that was added last answer HEAD too, by what FastAPI has made of its parameters already."""
    added = routes.routes[-1]
    assert isinstance(added, APIRoute)
    twin = copy(added)
    twin.methods, twin.include_in_schema = {"HEAD"}, False
    routes.routes.append(twin)
