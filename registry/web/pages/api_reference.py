"""The page of the API, /docs: the OpenAPI document to read, made on the server, without script and without the net."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from registry.web.beside import beside
from registry.web.pages.rendering import language, render

router = APIRouter(include_in_schema=False)


@router.api_route("/docs", methods=["GET", "HEAD"])
async def docs(request: Request) -> Response:
    """Every address of the API with its parameters and answers, as /openapi.json has them."""
    document: dict[str, Any] = await beside(request.app.openapi)
    operations = [
        {"method": method.upper(), "path": path, "parameters": (), "requestBody": {}, "description": ""} | operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    models = document["components"]["schemas"]
    return render(
        "api_reference.html",
        language(request),
        base=str(request.base_url),
        version=document["info"]["version"],
        operations=operations,
        models=models,
    )
