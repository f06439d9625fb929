"""Parameters that several REST addresses take, as the OpenAPI document describes them. None may be given empty."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Path, Query
from pydantic import WithJsonSchema

_DAY: Final = WithJsonSchema({"type": "string", "format": "date"})
_KNOWN: Final[dict[str, Any]] = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "format": "date-time"}]
}

AsOfDay = Annotated[
    str | None,
    _DAY,
    Query(min_length=1, description="截至哪一天，缺省今天。 As of which day, default today."),
]
OnDay = Annotated[str | None, _DAY, Query(min_length=1, description="哪一天，缺省今天。 On which day, default today.")]
KnownAt = Annotated[
    str | None,
    WithJsonSchema(_KNOWN),
    Query(
        min_length=1,
        description="截至哪个序号或时间所知，缺省最新。 As known at a position, or a time with its zone (RFC 3339).",
    ),
]
UnitCode = Annotated[
    str, Path(min_length=1, description="单位代码，或唯一的名称。 A unit's code, or a name that it alone bears.")
]
ListCode = Annotated[str, Path(min_length=1, description="清单编号。 A list's code.")]
RectificationRef = Annotated[str, Path(min_length=1, description="督办编号。 The ref of an order.")]
Language = Annotated[
    str, WithJsonSchema({"type": "string", "enum": ["zh", "en"]}), Query(description="zh 或 en。 The language.")
]
