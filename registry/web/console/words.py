"""Words of the contract and times as people read them, for every view."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from registry.domain.dates import SHANGHAI
from registry.domain.text import Text
from registry.queries.history.sentences import WORDS
from registry.web.console.tables import Cell

if TYPE_CHECKING:
    from registry.web.console.view import View

BY: Final = {
    "law": Text("法律规定", "by law"),
    "list": Text("清单", "by a list"),
    "delegation": Text("交办", "handed down"),
}
OTHER: Final = {
    "law": Text("法定", "by law"),
    "vested": Text("依法授予", "vested by law"),
    "imposed": Text("交办", "imposed"),
}


def word(view: View, given: str | None) -> str:
    """A role, a way of handing down, means, an outcome: in Chinese as WORDS has it, in English the word itself."""
    if not given:
        return ""
    if given in OTHER:
        return view.localized(*OTHER[given])
    return view.localized(WORDS.get(given.lower(), given), given.lower().replace("_", " "))


def words(view: View, given: list[str]) -> str:
    """Several of them."""
    return view.localized("、", ", ").join(word(view, each) for each in given)


def moment_of(written: str) -> str:
    """A time of the API as people here write it: `2026-03-01 09:30`, China Standard Time."""
    return datetime.fromisoformat(written).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def day_of(written: str) -> date:
    """The day of a time of the API, China Standard Time."""
    return datetime.fromisoformat(written).astimezone(SHANGHAI).date()


def time_cell(written: str) -> Cell:
    """A time in a table: sorted as it is, shown as `moment_of` has it."""
    return Cell(written, moment_of(written))


def decision_cell(view: View, decision: dict[str, Any] | None, text: str = "summary") -> Cell | None:
    """What was decided, as a link to the decision."""
    if decision is None:
        return None
    return Cell(decision[text], href=view.href(f"/decisions/{decision['position']}"))
