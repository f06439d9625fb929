"""GraphQL and REST over HTTP: `serve` runs the server, `application` is what it serves (ASGI)."""

from __future__ import annotations

from registry.web.application import application
from registry.web.server import serve

__all__ = ["application", "serve"]
