"""The REST addresses, from the OpenAPI document that the server serves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from registry.web.application import application
from tools.reference.tables import page, table

HEAD: Final = """
完整的 OpenAPI 3.1 文档：[openapi.json](openapi.json)，与服务器给出的相同。实时推送 `/v1/decisions`、`/v1/findings` 见
[实时推送](../howto/follow-the-feed.md)。
The whole OpenAPI 3.1 document is [openapi.json](openapi.json), the same that the server gives. The streams `/v1/decisions`
and `/v1/findings` are told in [follow the feed](../howto/follow-the-feed.md).
"""
METHODS: Final = ("get", "head", "post", "put", "patch", "delete")


@cache
def _document() -> dict[str, Any]:
    return application().openapi()


def openapi() -> str:
    """The document as indented JSON. Ends in a newline."""
    return json.dumps(_document(), ensure_ascii=False, indent=1) + "\n"


def markdown() -> str:
    """The whole page: each address with its parameters and statuses."""
    return page(
        "REST 接口 · REST",
        HEAD,
        (line for path, methods in _document()["paths"].items() for line in _path(path, methods)),
    )


def _path(path: str, methods: Mapping[str, Any]) -> Iterator[str]:
    """The sections of one address. Raises ValueError where it has no summary."""
    for method in METHODS:
        if method not in methods:
            continue
        operation = methods[method]
        if not operation.get("summary"):
            raise ValueError(f"{method} {path} has no summary")
        yield f"## {method.upper()} {path}"
        yield ""
        yield operation["summary"]
        yield ""
        if operation.get("description"):
            yield from (operation["description"].strip(), "")
        yield from _parameters(operation.get("parameters", ()))
        if "requestBody" in operation:
            kinds = operation["requestBody"]["content"]
            yield f"请求体 · Body: {', '.join(f'`{kind}`' for kind in kinds)}"
            yield ""
        yield from _statuses(operation["responses"])


def _parameters(parameters: Any) -> Iterator[str]:
    if parameters:
        rows = (
            (f"`{one['name']}`", one["in"], "是 yes" if one.get("required") else "", one.get("description", ""))
            for one in parameters
        )
        yield from table(("参数 parameter", "", "必填 required", ""), rows)
        yield ""


def _statuses(responses: Mapping[str, Any]) -> Iterator[str]:
    rows = (
        (status, ", ".join(f"`{kind}`" for kind in answer.get("content", ())), answer.get("description", ""))
        for status, answer in sorted(responses.items())
    )
    yield from table(("状态 status", "", ""), rows)
    yield ""
