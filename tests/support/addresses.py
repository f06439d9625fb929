"""How the addresses of the table of operations are filled for a town: a new one usually needs nothing here."""

from __future__ import annotations

import re
from typing import Final

from registry.access.operations import Where
from registry.web.console.assets import asset_address
from tests.support import questions

# By the name of a part, what stands for it in an address, as in tests/support/questions.py; an address' own, by what
# it begins with, before that. $town-village is a village, $town's.
PARTS: Final = {
    "code": "$unit",
    "unit": "$unit",
    "matter": "D-SAND",
    "number": "$county号",
    "ref": "$markD2",
    "proposal": "$markP1",
    "report": "$markQ1",
    "case": "$markA1",
    "list": "$county-PLAN",
    "position": "$position",
    "day": "2022-02-01",
    "year": "2022",
    "month": "2022-01",
    "/accounts/{name}": "first",
    "/receipts/{number}": "100000000004",
    "/assets/{digest}": asset_address("console.css").split("/")[2],
    "/assets/{digest}/{name}": "console.css",
    "/documents/{code}": "$county号",
    "/lists/{code}": "$county-PLAN",
    "/matters/{code}": "D-SAND",
    "/proposals/{code}": "$markP1",
    "/proposals/{ref}": "$markP1",
    "/tlog/tile/{level}": "0",
    "/tlog/tile/{level}/{index}": "000.p/1",
    "/tlog/tile/entries/{index}": "000.p/1",
    "/v1/lists/{code}": "$county-PLAN",
    "/v1/rectifications/{ref}": "$markZ1",
    "/v1/villages/{code}": "$town-village",
    "/villages/{code}": "$town-village",
    "/work/{number}": "1",
}
# What an address is asked with, each by itself; what is not here is asked with nothing.
QUERIES: Final = {
    "/assessments": ("within=$unit&period=2022",),
    "/burdens": ("within=$unit",),
    "/monitoring": ("within=$unit&month=2022-01",),
    "/reports": ("within=$unit",),
    "/v1/decisions": ("after=0",),
    "/v1/findings": ("after=0", "after=0&within=$unit"),
    "/v1/villages/{code:path}/certificates": ("text=亲属关系证明",),
    "/villages": ("q=town",),
    "/villages/{code:path}": ("text=亲属关系证明",),
}
# The same where the table does not say whether it is answered, as where nothing is left of a filter: only what is told.
BESIDES: Final = {
    "/v1/decisions": ("after=0&unit=$unit", "after=0&ref=$markD2"),
    "/findings": ("unit=$unit", "within=$unit", "q=$mark"),
    "/lists/compare": ("one=$county-PLAN&other=NEG",),
    "/search": ("q=$mark", "q=town"),
    "/undo": ("first=$position", "first=$position&last=96&with_later=1"),
}
NEEDS: Final = {"/findings/one": "rule=duty-without-power&unit=$town-village&subject=$markD2"}  # asked with at any time
# There is no provider of log-ins in the tests, and what is in the background is seen by who began it alone.
NOT_THERE: Final = {"/login/provider", "/login/callback", "/work/{number}", "/drafts/{code}"}
# The units that each is asked of, by a role for A-town: the unit, and the town that it is or lies in.
UNITS: Final = {
    Where.OWN: ("A-town", "A-town"),
    Where.BELOW: ("A-town-village", "A-town"),
    Where.PARENT: ("A", "A-town"),
    Where.OTHER: ("B-town", "B-town"),
}
_PART: Final = re.compile(r"\{(\w+)(?::path)?\}")


def filled(path: str) -> list[tuple[str, bool]]:
    """The address of a row, its parts filled for a $unit, once for each that it is asked with.

    Each with whether the table says if it is answered. Raises KeyError for a part that PARTS knows nothing of.
    """
    plain = _PART.sub(r"{\1}", path)

    def part(match: re.Match[str]) -> str:
        own = PARTS.get(plain[: match.end()])
        return own if own is not None else PARTS[match[1].strip("{}")]

    address = re.sub(r"\{(\w+)\}", part, plain)
    with_ = [(query, True) for query in QUERIES.get(path, (NEEDS.get(path, ""),))]
    with_ += [(query, False) for query in BESIDES.get(path, ())]
    return [(f"{address}?{query}" if query else address, judged) for query, judged in with_]


def addresses_of(address: str, positions: dict[str, int], mark: str) -> dict[Where, str]:
    """An address for each of UNITS; once where it is the same of several."""
    made: dict[str, Where] = {}
    for where, (unit, town) in UNITS.items():
        text = questions.replaced(address, unit, town, mark.replace("TOWN", town), positions[town])
        made.setdefault(text, where)
    return {where: text for text, where in made.items()}
