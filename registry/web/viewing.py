"""Whose request it is, as the authentication in front of the application has said."""

from __future__ import annotations

from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.types import Scope

from registry.access.operations import ROLES, Rule
from registry.access.territory import EVERYWHERE, Territories, Territory
from registry.access.viewer import OPEN, Viewer
from registry.relations.two_times import Reader, newest

STATE: Final = "viewer"  # their names in the state of a request
TERRITORIES: Final = "territories"


def set_viewer(scope: Scope, viewer: Viewer) -> None:
    """Say whose request or WebSocket it is, before anything answers it."""
    scope["state"] = {**scope.get("state", {}), STATE: viewer}


def viewer_of(scope: Scope) -> Viewer:
    """Whose request or WebSocket it is; OPEN where no authentication is installed."""
    state: dict[str, Any] = scope.get("state") or {}
    return state.get(STATE, OPEN)


def viewer(connection: HTTPConnection) -> Viewer:
    """Whose request or WebSocket it is; OPEN where no authentication is installed."""
    return viewer_of(connection.scope)


async def territory(connection: HTTPConnection, reader: Reader, rule: Rule = Rule.TERRITORY) -> Territory:
    """What whose request it is sees of what is not published, by a rule, as the tree of units is now."""
    who = viewer(connection)
    if who.open:
        return EVERYWHERE
    territories: Territories = connection.scope["state"][TERRITORIES]
    return await territories.of(who.with_roles(*ROLES[rule]), reader, await newest(reader))
