"""Services (“一件事”): one application for several matters, handed in once at one window."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.checker.names.normalise import letters
from registry.database.row_objects import as_object
from registry.domain.question_words import without_question
from registry.queries.certificates.status import Item, Listed
from registry.relations.matching import matches
from registry.relations.two_times import AsOf, Reader, at

# What every service is called beside its own name: it tells none from another.
_FRAME: Final = ("高效办成", "一件事", "一次办", "联办", "服务")
_SHORTEST: Final = 2  # letters of a name that is looked for in what was said


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is offered on a day: defined, begun and not retired.

    `includes`: codes of the matters that it does with one application; `included`: their names, in the same order.
    `window`: the level at which it is handed in, None where that is not said.
    """

    code: str
    name: str
    category: str | None
    aliases: tuple[str, ...]
    includes: tuple[str, ...]
    included: tuple[str, ...]
    window: str | None
    materials: tuple[str, ...]
    procedure: str | None
    online: str | None
    basis: tuple[str, ...]


SERVICES: Final = f"""
SELECT m.code, m.name, m.category, m.aliases, m.includes,
    ARRAY(
        SELECT i.name
        FROM unnest(m.includes) WITH ORDINALITY AS n (code, place),
        LATERAL (SELECT * FROM matter i WHERE i.code = n.code AND {at("i")} OFFSET 0) i
        ORDER BY n.place
    ) AS included,
    m.window_level AS window, m.materials, m.procedure, m.online, m.basis
FROM matter m WHERE m.kind = 'service' AND m.in_law AND {at("m")} ORDER BY m.code
"""


async def services(reader: Reader, moment: AsOf) -> tuple[Service, ...]:
    """Every service that is offered on the moment's day, by code."""
    return tuple(_service(row) for row in await reader.fetch(SERVICES, moment.valid_at, moment.known_at))


def _service(row: Any) -> Service:
    arrays = ("aliases", "includes", "included", "materials", "basis")
    return as_object(Service, {**row, **{name: tuple(row[name]) for name in arrays}})


def including(offered: Iterable[Service], matter: str | None) -> tuple[Service, ...]:
    """Those of the services that include a matter."""
    return tuple(service for service in offered if matter is not None and matter in service.includes)


def open_to(offered: Iterable[Service], lists: Sequence[Listed], items: Sequence[Item]) -> tuple[Service, ...]:
    """Those that the lists of services which reach a village leave open to it.

    Not what an item of a negative list matches; and where closed positive lists reach it, only what is on one of them.
    """

    def on(service: Service, *, of: Iterable[Item]) -> bool:
        names = (service.name, *service.aliases)
        return any(
            matches((item.matter, item.category, item.terms), service.code, service.category, names) for item in of
        )

    barring = [item for item in items if not item.of.positive]
    closed = any(listed.positive and listed.closed for listed in lists)
    listing = [item for item in items if item.of.positive and item.of.closed]
    return tuple(
        service for service in offered if not on(service, of=barring) and (not closed or on(service, of=listing))
    )


def handed_in_at(offered: Iterable[Service], level: str) -> tuple[Service, ...]:
    """Those handed in at a window of a level, and those of which it is not said where."""
    return tuple(service for service in offered if service.window in (None, level))


def spoken_of(offered: Iterable[Service], text: str, certificates: Iterable[str] = ()) -> tuple[Service, ...]:
    """Those that a person means who says this, in any words: the most certain first.

    First those of which a name is in what is said, or the other way round; then those that include a matter so named,
    or one of these certificates (codes).
    """
    request = _core(without_question(text))
    if not request:
        return ()
    wanted = set(certificates)
    named: list[Service] = []
    included: list[Service] = []
    for service in offered:
        if any(_alike(request, _core(name)) for name in (service.name, *service.aliases)):
            named.append(service)
        elif wanted.intersection(service.includes) or any(_alike(request, letters(name)) for name in service.included):
            included.append(service)
    return (*named, *included)


def _core(text: str) -> str:
    core = letters(text)
    for word in _FRAME:
        core = core.replace(word, "")
    return core


def _alike(request: str, name: str) -> bool:
    return (len(name) >= _SHORTEST and name in request) or (len(request) >= _SHORTEST and request in name)
