"""Which of the readings of a table is taken, and what its rows say for themselves: parts that go to one list each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from registry.checker.names.normalise import normalised
from registry.domain.dates import today
from registry.domain.text import Text
from registry.exchange.sheets.faces import EFFECTS, POLARITIES, Face, called
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning.opinions import Verdict
from registry.exchange.sheets.meaning.readings import (
    ALLOWED,
    FORBIDDEN,
    OWN,
    Meaning,
    Reading,
    Word,
    opposite,
    polarity_of,
)
from registry.exchange.sheets.planning import answers
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import headings
from registry.exchange.sheets.recognising.days import period
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.sentences import at, of

_WORDS_SHOWN: Final = 4
_LONGEST: Final = 40  # letters quoted of a line
_FROM: Final = re.compile(r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?(?=起|后|开始)")
_ITEMS: Final = "(?:履职|职责|工作|政府|的)*(?:事务|事项|职责|类|工作|清单)*"
# What categories are called that say which of the lists of a level an item is on.
_SECTIONS: Final = (
    {
        "township-basic": re.compile(f"基本(?:履职|职责){_ITEMS}"),
        "township-assist": re.compile(f"(?:协助)?配合(?:履职|职责|事项){_ITEMS}"),
        "township-returned": re.compile(f"(?:上级|由上级)?(?:部门)?(?:收回|上收){_ITEMS}"),
    },
    {
        "village-own": re.compile(f"(?:依法)?(?:自治|自我管理){_ITEMS}"),
        "village-assist": re.compile(f"(?:依法)?协助{_ITEMS}"),
    },
)
_OF_OTHERS: Final = re.compile("其[他它余]|一律|此外")  # 除…外，其他一律…: what is excepted is on the list
_VILLAGE_BODY: Final = re.compile("[村居]|社区")
_ADJUSTING: Final = frozenset({"add", "change", "end", "deny"})


@dataclass(slots=True)
class Part:
    """Rows of a table that go to one list: what the list is, the rows on it, and those that go off it.

    `reading` is None where no kind is told. `adjusts`: nothing is touched but what the rows name.
    `leading`: what was answered of who leads (leading.py).
    """

    table: Table
    reading: Reading | None
    gone: list[Row] = field(default_factory=list[Row])
    adjusts: bool = False
    leading: Text = field(default_factory=lambda: Text("", ""))


def parts(
    table: Table, request: Request, standing: Mapping[str, Any] | None, problems: list[SheetProblem]
) -> list[Part]:
    """The parts of a table, each with its reading; none where that is not clear, and `problems` say why.

    `standing`: the ListAdopted fields of the list that it is to be, where that is in force.
    """
    if standing is not None and _is_itself(table, standing):
        return [Part(table, None)]
    readings = _possible(table, request, standing)
    if not readings and not table.meaning.readings and (request.kind or table.kind) is None:
        return [Part(table, None)]
    if len(readings) != 1:
        problems.append(_which(table, readings or table.meaning.readings, contradicted=not readings))
        return []
    return _divided(table, readings[0], request, problems)


def _is_itself(table: Table, standing: Mapping[str, Any]) -> bool:
    """Whether a list in force came back under its own title, though its words are those of another kind."""
    (reading, *others) = table.meaning.readings or (None,)
    if reading is None or others or normalised(table.title) != normalised(standing["title"]):
        return False
    covers = headings.kinds()[reading.kind].adopts.get("covers", "duty")
    return (reading.polarity, covers) != (standing["polarity"], standing["covers"])


def _possible(table: Table, request: Request, standing: Mapping[str, Any] | None) -> list[Reading]:
    """What the table can be, as far as the request or the list that stands does not settle it."""
    given = request.kind or table.kind
    stated = request.polarity, request.effect
    if not table.meaning.readings:
        if given is None:
            return []
        return [Reading(given, request.polarity or polarity_of(given), request.effect or "listed")]
    results = list(table.meaning.readings)
    if given is not None and all(reading.kind != given for reading in results):
        results = [replace(reading, kind=given) for reading in results if _can_be(given, reading)]
    elif request.kind is not None:
        results = [reading for reading in results if reading.kind == given or _can_be(request.kind, reading)]
        results = list(dict.fromkeys(replace(reading, kind=request.kind) for reading in results))
    results = [one for one in results if stated[0] in (None, one.polarity) and stated[1] in (None, one.effect)]
    if len(results) > 1 and standing is not None:
        like = [
            one
            for one in results
            if (one.polarity, headings.kinds()[one.kind].adopts.get("covers", "duty"))
            == (standing["polarity"], standing["covers"])
        ]
        results = like if len(like) == 1 else results
    return results


def _can_be(kind: str, reading: Reading) -> bool:
    """Whether a table of that reading can be of another kind without saying the opposite."""
    return polarity_of(kind) == reading.polarity or opposite(Reading(kind, polarity_of(kind))).kind == kind


def _divided(table: Table, reading: Reading, request: Request, problems: list[SheetProblem]) -> list[Part]:
    """The rows by what is said of each."""
    adjusts = table.meaning.adjusts and any(row.verdict and row.verdict.effect in _ADJUSTING for row in table.rows)
    by_reading: dict[Reading, Part] = {}
    for row in table.rows:
        goes = _row(row, table, reading, adjusts, request, problems)
        if goes is None:
            continue
        of_row, gone = goes
        named_only = adjusts or reading.effect == "withdrawn"
        part = by_reading.setdefault(of_row, Part(replace(table, rows=()), of_row, [], named_only))
        if gone:
            part.gone.append(row)
        else:
            part.table = replace(part.table, rows=(*part.table.rows, row))
    if not by_reading:
        return [Part(table, reading, [], adjusts)] if not table.rows else []
    return list(by_reading.values())


def _row(
    row: Row, table: Table, reading: Reading, adjusts: bool, request: Request, problems: list[SheetProblem]
) -> tuple[Reading, bool] | None:
    """Which list a row belongs to, and whether it goes off it; None where that is not clear."""
    row = _doubted(row, table, reading)
    effect = row.verdict.effect if row.verdict else None
    answered = request.rows.get(answers.key(row.verdict.cell.text)) if row.verdict else None
    if answered is not None:
        return _as_answered(row, answered, _of_its_section(row, reading))
    if effect in ("deny", "end") and _is_to_come(row, request):
        return _unclear(row, table, reading, problems)
    reading = _of_its_section(row, reading)
    listed = replace(reading, effect="listed")
    negative = reading.polarity == "negative"
    if effect == "moved" and (negative or reading.effect == "withdrawn"):
        effect = None  # 由市民政局统一办理: that is why it is on such a list
    if effect == "still" and not (negative or reading.effect == "withdrawn"):
        effect = None  # as on any list of what they do
    if reading.effect == "withdrawn":
        clear = effect in (None, "end", "deny")
        return (listed, True) if clear else _unclear(row, table, reading, problems)
    if effect in (None, "add", "change"):
        return listed, False
    if effect in ("keep", "permit"):
        if negative and effect == "permit" and reading.kind == FORBIDDEN:
            return Reading(ALLOWED, "positive"), False
        # 保留 on a list of what may not be: the row stays on it, or may be after all.
        return _unclear(row, table, reading, problems) if negative and not adjusts else (listed, False)
    if effect not in ("deny", "end"):
        return _unclear(row, table, reading, problems)
    if adjusts:
        return listed, effect == "end" or not negative
    if reading.kind == ALLOWED and not _struck(row):
        return Reading(FORBIDDEN, "negative"), False
    if negative:
        same = effect == "deny" or reading.kind in (FORBIDDEN, "township-returned")  # 取消的证明：取消
        return (listed, False) if same else _unclear(row, table, reading, problems)
    if effect == "deny" and reading.kind != OWN and not _opined(row):
        return opposite(listed), False  # a section of what may not be
    return listed, True


def _doubted(row: Row, table: Table, reading: Reading) -> Row:
    """The row, unclear where the list itself leaves it out, （受灾证明除外）, or others than villages issue it."""
    if row.verdict is not None:
        return row
    name = row.cells["name"]
    for word in table.meaning.words:
        if word.says != "left out" or _OF_OTHERS.search(word.words):
            continue
        if len(name.text) > 3 and normalised(name.text) in normalised(word.words):
            return replace(row, verdict=Verdict("unclear", Cell(word.words, name.location)))
    issuer = row.cells.get("issuer")
    if reading.kind == ALLOWED and issuer is not None and not _VILLAGE_BODY.search(issuer.text):
        return replace(row, verdict=Verdict("unclear", issuer))
    return row


def _as_answered(row: Row, effect: answers.Effect, reading: Reading) -> tuple[Reading, bool] | None:
    """Where a row goes of which somebody has said whether it is on the list."""
    listed = replace(reading, effect="listed")
    if effect == "keep":  # what a file of withdrawals leaves alone stays as it is
        return None if reading.effect == "withdrawn" else (listed, False)
    if effect == "deny":
        return (listed if reading.polarity == "negative" else opposite(listed)), False
    if reading.kind == ALLOWED and reading.effect == "listed" and not _struck(row):
        return Reading(FORBIDDEN, "negative"), False
    return listed, True


def _is_to_come(row: Row, request: Request) -> bool:
    """Whether what is said of a row holds from a day after the list's: 自2027年1月1日起不再出具."""
    match = _FROM.search(row.verdict.cell.text) if row.verdict else None
    since = period(f"{match[0]}") if match else None
    begins = request.day or (request.issued.at if request.issued else today())
    return since is not None and isinstance(since.since, date) and since.since > begins


def _of_its_section(row: Row, reading: Reading) -> Reading:
    """The reading of the list that the row's category names, 协助事务, where one table has the lists of a level."""
    for name in ("subcategory", "category"):
        text = row.cells[name].text if name in row.cells else ""
        for level in _SECTIONS:
            if reading.kind in level and reading.effect == "listed":
                kind = next((kind for kind, called in level.items() if called.fullmatch(text)), reading.kind)
                if kind != reading.kind:
                    return replace(reading, kind=kind, polarity=polarity_of(kind))
    return reading


def _struck(row: Row) -> bool:
    """Whether a line through the row speaks: it is not on the list, which forbids nothing."""
    return row.verdict is not None and row.verdict.cell.location == row.cells["name"].location


def _opined(row: Row) -> bool:
    """Whether it is an opinion on the row that speaks, 不予保留, and no section of what may not be."""
    return row.verdict is not None and row.verdict.cell in (row.cells.get("opinion"), row.cells.get("remark"))


def _unclear(row: Row, table: Table, reading: Reading, problems: list[SheetProblem]) -> None:
    assert row.verdict is not None
    cell, name, kind = row.verdict.cell, row.cells["name"].text, of_reading(reading)
    asks = "row", answers.key(cell.text)
    problems.append(at(cell, table, "row-unclear", asks=asks, text=cell.text, name=name, list=kind.zh, list_en=kind.en))


def of_reading(reading: Reading) -> Text:
    """What a reading is called: 不得开展的督查检查考核计划."""
    kind = headings.kinds()[reading.kind]
    if reading.effect == "withdrawn":
        return Text(f"从“{kind.zh}”中移出的事项", f"items that go off the list “{kind.en}”")
    if reading.polarity == "negative" and polarity_of(reading.kind) == "positive":
        return Text(f"负面清单：不得有的事项（{kind.zh}一类）", f"what may not be, of the kind “{kind.en}”")
    return Text(kind.zh, kind.en)


def words_of(meaning: Meaning) -> Text:
    """The words that decided, with their places."""
    shown = [word for word in meaning.words if word.says != "left out"][:_WORDS_SHOWN]
    left_out = [word for word in meaning.words if word.says == "left out"][:1]
    zh, en = ([_quoted(word, language) for word in shown] for language in (0, 1))
    zh += [f"{location_text(word.location).zh}“{_short(word.words)}”（说的是清单以外，不计）" for word in left_out]
    en += [
        f"{location_text(word.location).en} “{_short(word.words)}” (said of what is not on the list)"
        for word in left_out
    ]
    return Text("；".join(zh) or "各列的表头", "; ".join(en) or "the headings of its columns")


def location_text(location: str) -> Text:
    """A cell's location in each language: a .docx has it in both, `表2第3行第2列 / table 2 row 3 column 2`."""
    zh, slash, en = location.partition(" / ")
    return Text(zh, en) if slash else Text(location, location)


def _quoted(word: Word, language: int) -> str:
    line = f"{location_text(word.location)[language]}“{_short(word.text)}”"
    return line if word.words == word.text else f"{line}{('中的', ': ')[language]}“{word.words}”"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _which(table: Table, readings: Sequence[Reading], *, contradicted: bool) -> SheetProblem:
    """The question which of several readings is meant, or how the request contradicts the file."""
    words = words_of(table.meaning)
    code = "contradicts-file" if contradicted else "which-reading"

    def listed(language: int) -> Callable[[Face], str]:
        def on(face: Face) -> str:
            lines = (
                f"{mark}{of_reading(one)[language]}（{answer(one, face)[language]}）"
                for mark, one in zip("①②③④", readings, strict=False)
            )
            return ("；", "; ")[language].join(lines)

        return on

    return of(
        table.sheet,
        code,
        words=words.zh,
        words_en=words.en,
        readings=listed(0),
        readings_en=listed(1),
    )


def answer(reading: Reading, face: Face) -> Text:
    """A reading as a face is told it: `--kind plan-inspections --polarity negative`."""
    kind = headings.kinds()[reading.kind]
    values = [("kind", reading.kind, (kind.zh, kind.en)), ("polarity", reading.polarity, POLARITIES[reading.polarity])]
    if reading.effect != "listed":
        values.append(("effect", reading.effect, EFFECTS[reading.effect]))
    if face == "page":
        return Text(
            "、".join(f"{called(name, face).zh}选“{shown[0]}”" for name, _, shown in values),
            ", ".join(f"{called(name, face).en}: “{shown[1]}”" for name, _, shown in values),
        )
    joined = " ".join(
        f"{called(name, face).zh}{' ' if face == 'terminal' else '='}{value}" for name, value, _ in values
    )
    return Text(joined, joined)
