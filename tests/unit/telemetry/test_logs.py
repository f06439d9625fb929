"""A line of the server's log stays a line, whatever stands in it."""

from __future__ import annotations

import io
import logging
from collections.abc import Generator

import pytest

from registry.telemetry import logs

ACTING = "a\nb\r\x1b[31mc\x9bd\u2028e\u202ef\x85"


@pytest.fixture
def root() -> Generator[logging.Logger]:
    """The root logger; it and the program's are left as they were."""
    logger, own = logging.getLogger(), logging.getLogger("registry")
    kept, level, level_of_own = logger.handlers[:], logger.level, own.level
    yield logger
    logger.handlers[:] = kept
    logger.setLevel(level)
    own.setLevel(level_of_own)


@pytest.mark.parametrize("style", ["text", "json"])
def test_nothing_in_a_line_begins_another_or_acts_on_a_terminal(
    style: str, root: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_LOG", style)
    monkeypatch.setenv("REGISTRY_LOG_LEVEL", "debug")
    written = io.StringIO()
    logs.configure(written)
    try:
        raise ValueError(ACTING)
    except ValueError:
        root.getChild("test").exception("webhook 1: not taken: %s", ACTING, extra={"operation": ACTING})
    (line,) = written.getvalue().splitlines()
    assert line.isprintable()
    assert line.count("[31mc") == 3  # the sentence, the field, and the error's own words


@pytest.mark.usefixtures("root")
def test_what_libraries_pass_on_is_not_in_the_log_at_any_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_LOG_LEVEL", "debug")
    written = io.StringIO()
    logs.configure(written)
    for name in ("sse_starlette.sse", "python_multipart.multipart", "authlib", "websockets.server", "uvicorn.error"):
        logging.getLogger(name).debug("chunk: %s", "what was answered")
    assert written.getvalue() == ""
    logging.getLogger("registry.web").debug("a word of the program")
    assert "a word of the program" in written.getvalue()
