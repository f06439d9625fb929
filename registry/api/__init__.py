"""GraphQL and REST over HTTP: `serve` runs the server, `application` is what it serves (ASGI)."""

from __future__ import annotations

from registry.api.application import application
from registry.api.serving import serve

__all__ = ["application", "serve"]
