"""The server's log: for people, or one JSON object a line; every line with the id of its request.

What people wrote does not belong in it: neither questions, names nor addresses. Lines are written of words of the
program; of an error its kind, its SQLSTATE and where it arose, but not its message, which may quote a value.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final, TextIO, cast

import orjson
import structlog
from structlog.types import Processor

from registry import settings
from registry.telemetry import requests

STYLES: Final = ("text", "json")
LEVELS: Final = {name: getattr(logging, name.upper()) for name in ("error", "warning", "info", "debug")}
# What begins a line, moves a terminal's cursor, or turns the direction of writing.
_ACTING: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FRAMES: Final = 12  # of the places an error came through, innermost first
Entry = MutableMapping[str, Any]


def configure(stream: TextIO | None = None) -> None:
    """Write the log of this process as REGISTRY_LOG and REGISTRY_LOG_LEVEL say, on standard error.

    All that is logged through the standard library comes this way, uvicorn's own lines as well. Raises BadSetting.
    """
    style = _one_of(settings.LOG, STYLES, "text")
    level = LEVELS[_one_of(settings.LOG_LEVEL, tuple(LEVELS), "warning")]
    output = stream or sys.stderr
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _request,
        _error_without_text if level > logging.DEBUG else _error_with_text,
        _one_line_of_asyncio,
        _written_out,
    ]
    rendering: Processor
    if style == "json":
        rendering = structlog.processors.JSONRenderer(serializer=_json)
    else:
        rendering = structlog.dev.ConsoleRenderer(colors=output.isatty(), pad_event_to=0)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendering],
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # What libraries say below a warning names addresses of clients, what they asked, and what they were answered.
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("registry").setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in ("uvicorn.error", "uvicorn.access", "uvicorn.asgi"):  # which have levels of their own
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _one_of(setting: settings.Setting, allowed: tuple[str, ...], default: str) -> str:
    """The value of a setting that takes one of a few words. Raises BadSetting."""
    value = setting.read() or default
    if value not in allowed:
        names = ", ".join(allowed)
        raise settings.BadSetting(f"{setting.name} 应为 {names} 之一。", f"{setting.name} must be one of {names}.")
    return value


def _json(entry: Any, **_: Any) -> str:
    return orjson.dumps(entry, default=str).decode()


def _request(_: Any, __: str, entry: Entry) -> Entry:
    """Add the id of the request under way."""
    under_way = requests.current()
    if under_way is not None:
        entry["request_id"] = under_way.id
    return entry


def _one_line_of_asyncio(_: Any, __: str, entry: Entry) -> Entry:
    """Of what asyncio reports only the first line: the others show values."""
    if entry.get("logger") == "asyncio":
        entry["event"] = str(entry["event"]).partition("\n")[0]
    return entry


def _written_out(_: Any, __: str, entry: Entry) -> Entry:
    """Write out what acts on who reads it: some texts are others', as why a webhook's receiver did not take it."""
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = _ACTING.sub(lambda seen: seen.group().encode("unicode_escape").decode(), value)
    return entry


def _error_without_text(_: Any, __: str, entry: Entry) -> Entry:
    """In place of a traceback: the kind of error, its SQLSTATE, and the places it came through."""
    error = _error_of(entry)
    if error is not None:
        entry.update(described(error))
    return entry


def _error_with_text(_: Any, __: str, entry: Entry) -> Entry:
    """The same with the error's own words."""
    error = _error_of(entry)
    if error is not None:
        entry.update(described(error), error_text=str(error))
    return entry


def _error_of(entry: Entry) -> BaseException | None:
    """The error of a line, taken out of it."""
    given: Any = entry.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error: object = cast("tuple[Any, ...]", given)[1] if isinstance(given, tuple) else given
    return error if isinstance(error, BaseException) else None


def described(error: BaseException) -> dict[str, str]:
    """An error without its words: `error` (its kind and those of its causes), `sqlstate`, `at` (innermost first)."""
    kinds: list[str] = []
    places: list[str] = []
    sqlstate: str | None = None
    seen: BaseException | None = error
    while seen is not None and len(kinds) < FRAMES:
        kinds.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        sqlstate = sqlstate or getattr(seen, "sqlstate", None)
        places += [
            f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in reversed(traceback.extract_tb(seen.__traceback__))
        ]
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    fields = {"error": " < ".join(kinds), "at": " < ".join(places[:FRAMES])}
    return fields | {"sqlstate": sqlstate} if sqlstate else fields
