"""Short forms without files, as of logging in: their fields as they were typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from registry.domain.text import Text
from registry.web import forms
from registry.web.form_letters import is_utf8
from registry.web.pages.failure import Refused

LARGEST: Final = 64 * 1024  # bytes
_MOST: Final = 50  # fields


async def fields_of(request: Request, most: int = _MOST, largest: int = LARGEST) -> Mapping[str, str]:
    """The texts of a form: so many fields at most, and bytes. Raises Refused: too-large, bad-request."""
    if not is_utf8(request):
        hint = ("请从本站页面提交。", "Send it from a page of this server.")
        raise Refused("bad-request", 400, ("表单须用 UTF-8 编码。", "A form is written in UTF-8."), hint)
    try:
        bounded = Request(request.scope, _bounded(request.receive, largest))
        async with bounded.form(max_files=0, max_fields=most, max_part_size=largest) as form:
            return {name: value for name, value in form.items() if isinstance(value, str)}
    except HTTPException as error:
        raise Refused(
            "bad-request",
            400,
            ("表单不完整，无法读取。", f"The form cannot be read: {error.detail}"),
            ("请重新提交。", "Send it again."),
        ) from None


def unsigned(request: Request, fields: Mapping[str, str]) -> Text | None:
    """Why a form is not taken for one of this server's; None where it is. Raises Refused: forbidden."""
    problem = forms.token_problem(request, fields.get(forms.FIELD, ""))
    return None if problem is None else Text(*problem)


def _bounded(receive: Receive, largest: int) -> Receive:
    size = 0

    async def bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            raise Refused(
                "too-large",
                413,
                (f"超过 {largest >> 10} KiB。", f"It is larger than {largest >> 10} KiB."),
                ("请缩短填写的内容。", "Shorten what you entered."),
            )
        return message

    return bounded
