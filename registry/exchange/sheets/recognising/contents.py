"""Tables of contents (目录): rows that another table of the file says again, with duties and departments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from registry.checker.names.normalise import normalised
from registry.exchange.sheets.grids import address
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.sentences import of

if TYPE_CHECKING:
    from registry.exchange.sheets.recognising.tables import Table

_CALLED: Final = re.compile("目录|目次|索引|汇总")
_MOST: Final = 0.6  # of its names must be another table's; those that are not are told
_NAMED: Final = 5  # names told one by one


def left_out(tables: Sequence[Table]) -> list[Table]:
    """The tables without those of contents, whose rows are accounted for with the first table that they list.

    A table is one of contents where its columns have pages, or its sheet or title calls it 目录, and what it names
    stands in other tables of the file. A list that is called 目录 and stands alone is a list.
    """
    results = list(tables)
    for table in tables:
        others = [other for other in results if other is not table and _may_be_listed(table, other)]
        if table not in results or not _is_called(table) or not others:
            continue
        names = {normalised(name): name for name in _names(table)}
        listed = {normalised(name) for other in others for name in _names(other)}
        missing = [name for bare, name in names.items() if bare not in listed]
        if not names or len(missing) > (1 - _MOST) * len(names):
            continue
        results.remove(table)
        first = next(at for at, other in enumerate(results) if other in others)
        uses = [replace(use, use="contents") if use.use in ("item", "part") else use for use in table.uses]
        results[first] = replace(
            results[first],
            uses=(*results[first].uses, *uses),
            problems=(*results[first].problems, *_problems(table, missing)),
        )
    return results


def _is_called(table: Table) -> bool:
    title = re.sub("[（(].*?[）)]", "", table.title)
    return "page" in table.columns or bool(_CALLED.search(table.sheet) or _CALLED.search(title[-4:]))


def _may_be_listed(table: Table, other: Table) -> bool:
    """Whether the other says more of items of the same kind; contents of all lists are of no kind of their own."""
    same = other.kind == table.kind or None in (other.kind, table.kind)
    everything = "page" in table.columns or _CALLED.search(table.sheet) is not None
    return bool(other.rows) and (same or everything) and set(other.columns) != set(table.columns)


def _names(table: Table) -> list[str]:
    return [row.cells["name"].text for row in table.rows if "name" in row.cells]


def _problems(table: Table, missing: Sequence[str]) -> list[SheetProblem]:
    if not missing:
        return []
    row = next(row for row in table.rows if row.cells["name"].text == missing[0])
    names = "、".join(missing[:_NAMED]) + ("……" if len(missing) > _NAMED else "")
    cell = address(row.cells["name"].location)
    return [of(table.sheet, "contents-differ", cell=cell, warning=True, count=len(missing), names=names)]
