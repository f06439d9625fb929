"""Calendar days: `YYYY-MM-DD`, Asia/Shanghai."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

# A validity that has no end, and one that had no beginning.
OPEN: Final = date.max
EVER: Final = date.min

# China has had one time zone without daylight saving since 1991.
SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")


class _Strictly:
    """A date written exactly as YYYY-MM-DD; the library alone would take a number of seconds in a string too."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        written = core_schema.chain_schema(
            [
                core_schema.str_schema(pattern=r"^\d{4}-\d{2}-\d{2}$"),
                core_schema.date_schema(strict=False),
            ]
        )
        return core_schema.json_or_python_schema(
            json_schema=written,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(date), written]),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )


Day = Annotated[date, _Strictly()]


def today() -> date:
    """The current day in China."""
    return datetime.now(SHANGHAI).date()


def in_chinese(day: date) -> str:
    """The day as Chinese readers write it: 2026年11月29日."""
    return f"{day.year}年{day.month}月{day.day}日"
