"""The OpenAPI document: FastAPI's own, less the answers that no address of ours gives, and with those of the doorway.

To make it takes a while.
"""

from __future__ import annotations

from typing import Any, Final, cast

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from registry.web.authentication import OPEN_ADDRESSES
from registry.web.beside import MadeBeside

router = APIRouter(include_in_schema=False)

_NEVER = ("HTTPValidationError", "ValidationError")  # FastAPI's answer to bad parameters: ours are 400, as Errors

_TOO_MANY: Final[dict[str, Any]] = {
    "description": "请求太快。 Requests come too fast: too-many-requests.",
    "headers": {
        "Retry-After": {
            "description": "几秒后再试。 In how many seconds to try again.",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Errors"}}},
}


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of an application, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        for path, operations in cast("dict[str, dict[str, Any]]", made["paths"]).items():
            for operation in operations.values():
                responses = operation["responses"]
                if _NEVER[0] in str(responses.get("422", "")):
                    del responses["422"]
                if path not in OPEN_ADDRESSES:
                    responses["429"] = _TOO_MANY | responses.get("429", {})
                    operation["responses"] = dict(sorted(responses.items()))
        for name in _NEVER:
            made.get("components", {}).get("schemas", {}).pop(name, None)
        app.openapi_schema = made
    return app.openapi_schema


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The document of the application that is asked."""
    return MadeBeside(lambda: orjson.dumps(request.app.openapi()), media_type="application/json")
