"""Following the log: what it gets after a position, page after page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.queries import decisions
from registry.queries.decisions import Decision, Wanted
from registry.queries.moment import Reader


@dataclass(frozen=True, slots=True)
class Page:
    """Decisions in order, and how far the log has been read with them: nothing wanted lies between."""

    decisions: list[Decision]
    position: int


async def page(reader: Reader, wanted: Wanted, after: int, until: int, limit: int) -> Page:
    """The first wanted decisions after a position up to `until`, at most `limit`.

    Positions have no gaps and become visible in their order (registry/log/recorder.py): what is visible up to `until`
    is all there will ever be up to there.
    """
    found = await decisions.decisions(reader, replace(wanted, known=until), after, limit)
    return Page(found, found[-1].position if len(found) == limit else until)
