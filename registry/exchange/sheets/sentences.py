"""What an import says of a file, and what to do about it, as each face says it (sentences.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from registry.data_files import own_yaml
from registry.domain.text import Count, Text
from registry.exchange.sheets.faces import LABELS, Face, called
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.problems import AnswerKind, SheetProblem

if TYPE_CHECKING:
    from registry.exchange.sheets.recognising.tables import Table

FILES: Final = tuple(Path(__file__).parent / room / "sentences.yaml" for room in ("recognising", "planning"))


def at(
    cell: Cell,
    table: Table,
    which: str,
    /,
    *,
    warning: bool = False,
    asks: tuple[AnswerKind, str] | None = None,
    **values: Any,
) -> SheetProblem:
    """What is wrong with a cell: the sentence of that code, with the values that it names."""
    address = "" if cell.location == table.sheet else cell.location.rpartition("!")[2]
    return of(table.sheet, which, cell=address, warning=warning, asks=asks, **values)


def of(
    sheet: str,
    which: str,
    /,
    *,
    cell: str = "",
    problem_code: str | None = None,
    warning: bool = False,
    asks: tuple[AnswerKind, str] | None = None,
    **values: Any,
) -> SheetProblem:
    """What is wrong with a sheet, a cell of it (`C7`), or with what was requested.

    `problem_code`: where a code has several sentences; `asks`: the kind of answer that settles it, and the text.
    """
    zh, en = sentence(which, "terminal", values)
    page, api = sentence(which, "page", values), sentence(which, "api", values)
    return SheetProblem(sheet, cell, problem_code or which, zh, en, warning, page, api, asks)


def sentence(which: str, face: Face, values: Mapping[str, Any]) -> Text:
    """A sentence as a face says it, in zh and en; a value may be a function of the face."""
    values = {name: _countable(value(face) if callable(value) else value) for name, value in values.items()}
    written = sentences()[which]
    written = written.get(face, written)
    zh, en = ({name: called(name, face)[location] for name in LABELS} for location in (0, 1))
    return Text(written["zh"].format(**values, option=zh), written["en"].format(**values, option=en))


def _countable(value: Any) -> Any:
    return Count(value) if isinstance(value, int) and not isinstance(value, bool) else value


@cache
def sentences() -> Mapping[str, Mapping[str, Any]]:
    """All sentences by name and language, and below `page` and `api` where these do not say what the terminal does."""
    return {code: texts for file in FILES for code, texts in own_yaml(file).items()}
