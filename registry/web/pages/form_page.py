"""A page with a form that changes something: signed with a token, kept nowhere, shown again with what was entered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response

from registry.web import forms
from registry.web.pages.rendering import UNKEPT, language, render


def form_page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    note: tuple[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A page from a template whose form has `{{ token }}` in its field `token`, as forms.token_problem wants it back.

    `note`: why it is shown again, in zh and en; None the first time. `query` and `values` as for rendering.render.
    """
    token = forms.new_token(request)
    page = render(
        template,
        language(request),
        status=status,
        query=query,
        cache=UNKEPT,
        token=token.text,
        note=note,
        **values,
    )
    token.keep(request, page)
    return page
