"""The kinds of background work that this server knows, each with what does it and where its result is shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psycopg

from registry.access.viewer import Viewer
from registry.domain.text import Text

if TYPE_CHECKING:
    from registry.web.graphql.execution import Asking

Json = Any
Parameters = dict[str, Any]
# How much is done, of 100, and what is being done now, in zh and en. Raises OutOfTime where the work is to end.
Progress = Callable[[int, str, str], None]
InThread = Callable[[psycopg.Connection[Any], Parameters, Viewer, Progress], Json]
OverApi = Callable[["Asking", Parameters, Progress], Awaitable[Json]]
SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work.

    `name`: stands in the table. `title`: what is done, for the reader. `address`: path and parameters of the page that
    shows the result, of the work's id and its parameters.

    One of the two does it: `in_thread`, with a connection of its own in no transaction; or `over_api`, which asks the
    API as who began it would. A file handed in is among the parameters as `file`, bytes. Both give the result, as JSON,
    and may raise registry.web.failures.Refused. What is recorded is recorded for who began it. It may be stopped after
    `seconds`, or die with the process: it records all at once or nothing. `shows_failure`: the page at `address` says
    what it failed of, with what was entered.
    """

    name: str
    title: Text
    address: Callable[[str, Parameters], tuple[str, dict[str, str]]]
    in_thread: InThread | None = None
    over_api: OverApi | None = None
    seconds: int = SECONDS
    shows_failure: bool = False


_KINDS: Final[dict[str, Kind]] = {}


def register(kind: Kind) -> Kind:
    """Have a kind known by its name; gives it back."""
    _KINDS[kind.name] = kind
    return kind


def kind(name: str) -> Kind | None:
    """The kind of a name; None where this program knows none, as an older or newer one may have."""
    return _KINDS.get(name)
