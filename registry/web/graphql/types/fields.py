"""What the objects of the schema share: ids, texts in a language, columns of a row."""

from __future__ import annotations

from typing import Any, cast

import strawberry

ID = strawberry.ID


def ids(codes: list[str]) -> list[strawberry.ID]:
    """Codes as the schema's ids."""
    return cast("list[strawberry.ID]", codes)


def text_in(message: dict[str, str], lang: str | None) -> str:
    """A text in the language asked for (zh, en and their variants); Chinese for any other."""
    return message["en" if (lang or "zh").lower().startswith("en") else "zh"]


def columns(row: Any, *names: str) -> dict[str, Any]:
    """These columns of a row, by name."""
    return {name: getattr(row, name) for name in names}
