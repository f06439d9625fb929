"""What a county answers in the report of a folder: read back from the file, whatever program has saved it since."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from registry.exchange.sheets.faces import LABELS
from registry.exchange.sheets.grids import Grid
from registry.exchange.sheets.planning.answers import SECTIONS, Kind
from registry.exchange.sheets.problems import BadSheet, SheetProblem
from registry.exchange.sheets.reading.files import read

FILES: Final = "文件"
QUESTIONS: Final = "问题"
# Columns of the report that are read back, by what they are called there.
FILE: Final = "文件"
DIGEST: Final = "指纹（SHA-256）"
IMPORTED: Final = "导入"
KEY: Final = "键"
ANSWER: Final = "答复"
SKIP: Final = "跳过"
YES: Final = "是"
# What of an import can be said for each file, by the columns in which it stands.
STATED: Final[Mapping[str, str]] = {
    LABELS[label].zh: name
    for label, name in {
        "as": "code",
        "instrument": "instrument",
        "instrument_title": "instrument_title",
        "issued_on": "issued_on",
        "from": "day",
        "kind": "kind",
        "polarity": "polarity",
        "effect": "effect",
        "missing": "missing",
        "audience": "audience",
        "scope": "scope",
    }.items()
}
_AGREED: Final = re.compile(r"是的?|对|正确|没错|y|yes|ok|1|true", re.IGNORECASE)
_REFUSED: Final = re.compile(r"否|不是?|不对|跳过|n|no|0|false|skip", re.IGNORECASE)
_NEW: Final = re.compile(r"新|新事项|new", re.IGNORECASE)
_NONE: Final = re.compile(r"无|不记|没有|none", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered: of files by their digest, of names by what they name, of questions by their key.

    `stated`: what is to be taken for a file, by name (`code`, `instrument` …); `skipped`: digests of files left out;
    `confirmed`, `denied`: keys of the questions that were answered with yes and with no; `texts`: what was answered of
    texts that are not clear, by the kind of answer and the text (planning/answers.py).
    """

    stated: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    skipped: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    matters: Mapping[str, str] = field(default_factory=dict[str, str])
    texts: Mapping[tuple[Kind, str], str] = field(default_factory=dict[tuple[Kind, str], str])


def read_answers(path: Path) -> Answers:
    """The answers in a report. Raises BadSheet where it is none, or cannot be read."""
    grids = {grid.name: grid for grid in read(path)}
    if FILES not in grids:
        zh = f"不是文件夹导入的报告（没有“{FILES}”工作表）：请用 registry 生成的报告填写后再给回。"
        en = f"This is no report of a folder (it has no sheet {FILES}): fill in the report that registry has written."
        raise BadSheet([SheetProblem(path.name, "", "bad-answers", zh, en)])
    files = _rows(grids[FILES])
    questions = _rows(grids[QUESTIONS]) if QUESTIONS in grids else []
    stated: dict[str, dict[str, str]] = {}
    skipped: set[str] = set()
    for row in files:
        digest = row.get(DIGEST, "")
        stated[digest] = {name: row[heading] for heading, name in STATED.items() if row.get(heading)}
        if _REFUSED.fullmatch(row.get(IMPORTED, "")):
            skipped.add(digest)
    confirmed: set[str] = set()
    denied: set[str] = set()
    units: dict[str, str] = {}
    matters: dict[str, str] = {}
    texts: dict[tuple[Kind, str], str] = {}
    for row in questions:
        kind, _, name = row.get(KEY, "").partition(":")
        answer = row.get(ANSWER, "").strip()
        if not answer:
            continue
        first = answer.split()[0].rstrip("、，,；;")
        if kind == "unit":
            units[name] = "none" if _NONE.fullmatch(answer) else first
        elif kind == "matter":
            matters[name] = "new" if _NEW.fullmatch(answer) else first
        elif kind == "confirm" and _AGREED.fullmatch(answer):
            confirmed.add(name)
        elif kind == "confirm" and _REFUSED.fullmatch(answer):
            denied.add(name)
        texts |= {(one, name): answer for one in SECTIONS if one == kind}
    return Answers(stated, frozenset(skipped), frozenset(confirmed), frozenset(denied), units, matters, texts)


def _rows(grid: Grid) -> list[dict[str, str]]:
    """A sheet's rows by their headings, which are in the first row that has several cells."""
    rows: Sequence[Sequence[str]] = [[cell.text for cell in row] for row in grid.rows]
    # The line of instructions above them is one cell over several columns.
    top = next((at for at, row in enumerate(rows) if len(set(filter(None, row))) > 2), len(rows))
    if top == len(rows):
        return []
    headings = [heading.removesuffix("（可填）") for heading in rows[top]]
    return [dict(zip(headings, row, strict=False)) for row in rows[top + 1 :] if any(row)]
