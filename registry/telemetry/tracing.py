"""Traces by OpenTelemetry, where a collector is configured: requests, operations, statements, by name, without values.

Nothing of OpenTelemetry's SDK is imported otherwise; `span` then costs one comparison.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from registry import __version__, settings

log = logging.getLogger("registry.web")
_VERB: Final = re.compile(r"\s*(?:/\*.*?\*/\s*)*\(*\s*([A-Za-z]+)", re.DOTALL)
_TABLE: Final = re.compile(r"\b(?:FROM|INTO|UPDATE|JOIN|TABLE|COPY)\s+(?:ONLY\s+)?([a-z_][\w.]*)", re.IGNORECASE)

_tracer: Any = None
_provider: Any = None


def configure() -> None:
    """Send traces of this process where OTEL_EXPORTER_OTLP_ENDPOINT says; a line in the log where that cannot be."""
    global _tracer, _provider
    if not settings.TRACES_ENDPOINT.read():
        return
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning(
            "设了 %s，但没有安装调用链所需的包（附加项 traces），不发送调用链。 / %s is set, but the extra `traces` is "
            "not installed: no traces are sent.",
            settings.TRACES_ENDPOINT.name,
            settings.TRACES_ENDPOINT.name,
        )
        return
    named = Resource.create({"service.name": "quanze", "service.version": __version__})
    _provider = TracerProvider(resource=named)
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = trace.get_tracer("registry", __version__, tracer_provider=_provider)


def close() -> None:
    """Send what has not been sent yet."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def enabled() -> bool:
    """Whether traces are sent."""
    return _tracer is not None


@contextmanager
def span(name: str, attributes: Mapping[str, Any] | None = None) -> Generator[Any]:
    """A span around what is done within it; gives None where no traces are sent. Errors are named by kind only."""
    if _tracer is None:
        yield None
        return
    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            _failed(current, error)
            raise


@contextmanager
def server_span(headers: Mapping[str, str]) -> Generator[Any]:
    """The span of a request, part of the caller's trace where its headers say so (W3C Trace Context)."""
    if _tracer is None:
        yield None
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    with _tracer.start_as_current_span(
        "request", context=extract(headers), kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    ) as current:
        yield current


def statement_took(sql: str, seconds: float, error: BaseException | None) -> None:
    """A statement has just ended, as part of the current span."""
    if _tracer is None:
        return
    from opentelemetry.trace import SpanKind

    name, attributes = _statement(sql)
    end = time.time_ns()
    ended = _tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes, start_time=end - int(seconds * 1e9))
    if error is not None:
        _failed(ended, error)
    ended.end(end)


def _failed(current: Any, error: BaseException) -> None:
    from opentelemetry.trace import StatusCode

    current.set_attribute("error.type", f"{type(error).__module__}.{type(error).__qualname__}")
    current.set_status(StatusCode.ERROR)


@lru_cache(2000)
def _statement(sql: str) -> tuple[str, dict[str, str]]:
    """The name of a statement, such as `SELECT log.decision`, and its attributes; its values are parameters."""
    verb, table = _VERB.match(sql), _TABLE.search(sql)
    name = " ".join([verb[1].upper() if verb else "SQL", *([table[1]] if table else [])])
    return name, {"db.system.name": "postgresql", "db.query.summary": name}
