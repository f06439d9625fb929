"""Forms of drafts, filled in and sent as a browser without scripts does."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

Send = Callable[..., httpx.Response]
PAGE = {"accept": "text/html"}


@dataclass
class Pages:
    """Drafts as one reader sees them. `send`: a method, a path, and what httpx takes besides."""

    send: Send

    def get(self, path: str, status: int = 200) -> str:
        answer = self.send("GET", path, headers=PAGE)
        assert answer.status_code == status, answer.text
        return answer.text

    def hidden(self, page: str) -> dict[str, str]:
        """The fields of a page's form that nobody fills in: its token, the draft's id and version, what was shown."""
        names = ("token", "id", "version", "kind", "shown")
        fields = re.findall(r'<input type="hidden"(?: form="draft")? name="(\w+)" value="([^"]*)"', page)
        return {name: html.unescape(value) for name, value in fields if name in names}

    def post(self, fields: Mapping[str, Any], act: str, path: str = "/drafts") -> httpx.Response:
        answer = self.send("POST", path, data={**fields, "do": act}, headers=PAGE)
        assert answer.status_code < 500, answer.text
        return answer

    def begun(self, fields: Mapping[str, str], act: str = "look") -> dict[str, str]:
        """The fields of a new draft, filled in, as the page sends them back after it was looked at."""
        page = self.get(f"/drafts/new?kind={fields['kind']}")
        answer = self.post({**self.hidden(page), **fields}, "look")
        given = {**fields, **self.hidden(answer.text)}
        if act != "look":
            assert self.post(given, act).status_code == 303
        return given


def text(page: str) -> str:
    """What is read on a page."""
    return html.unescape(re.sub(r"<[^>]*>", "", page))
