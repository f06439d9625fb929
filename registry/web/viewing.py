"""Whose request it is, as the authentication in front of the application has said."""

from __future__ import annotations

from typing import Final

from starlette.requests import HTTPConnection
from starlette.types import Scope

from registry.access.viewer import OPEN, Viewer

STATE: Final = "viewer"  # its name in the state of a request


def set_viewer(scope: Scope, viewer: Viewer) -> None:
    """Say whose request or WebSocket it is, before anything answers it."""
    scope["state"] = {**scope.get("state", {}), STATE: viewer}


def viewer_of(scope: Scope) -> Viewer:
    """Whose request or WebSocket it is; OPEN where no authentication is installed."""
    return scope.get("state", {}).get(STATE, OPEN)


def viewer(connection: HTTPConnection) -> Viewer:
    """Whose request or WebSocket it is; OPEN where no authentication is installed."""
    return viewer_of(connection.scope)
