"""What stands beside the items of a file and is not understood as changing none of them: one question for all of it.

Everything there is read clause by clause: what other readers have understood (days, towns, opinions, words that decided
what a list is, legends) and what has a harmless form (meaning/harmless.yaml) is left. Of all else, whatever words it
uses, what may well change an item (meaning/likely.py, or because it speaks of some rows) is one question for the file,
without whose answer nothing is recorded; the rest is shown where the file is confirmed. Texts with words that change
items are asked about one by one (planning/unread.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from registry.checker.names.normalise import normalised, simplified
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning import changing, harmless, likely, opinions, remarks
from registry.exchange.sheets.meaning.harmless import Where
from registry.exchange.sheets.meaning.opinions import Verdict
from registry.exchange.sheets.meaning.readings import line_of
from registry.exchange.sheets.planning import answers, scopes
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.planning.scopes import Towns
from registry.exchange.sheets.planning.unread import is_legend, is_term
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import days
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.sentences import at

_SHOWN: Final = 8  # texts named one by one
_LONGEST: Final = 60  # letters quoted of one
_IN_BRACKETS: Final = re.compile("[（(【]([^（()）【】]+)[）)】]")
# Where the next label begins, in a row whose cells were joined: 填报单位：孔湾镇填表人：张三.
_LABEL: Final = re.compile(
    "(?=(?:(?:填报|填表|编制|制表|发布|报送|主管|联系)单位(?:[（(](?:盖章|公章|签章)[）)])?|(?:填报|填表|制表|审核|联系|负责|经办)人|"
    "(?:填报|填表|制表|编制|印发)(?:日期|时间)|(?:联系|监督|咨询)电话|清单编号|文号|适用范围|截至)[:：])"
)
_BY_DOCUMENT: Final = re.compile("^依据文件[:：]")
_EXPLAINS: Final = re.compile("说明|情形|范围|备注")  # headings of columns that say what an item is, or more
_SURELY: Final = 0.9  # how likely what another says that an item is must change it, to be asked about
_UNNAMED: Final = re.compile("^[A-Z]{1,2}列：")
_OPENING: Final = re.compile(r"^(?:备?注|说明)\s*[:：]\s*(?:\d{1,2}[.、．](?!\d))?\s*")
_MARKED: Final = re.compile("^标记[^：]{1,3}：")
_COMMENTED: Final = re.compile("^批注：")
# Opinions in a remark that leave a row on its list.
_OPINIONS: Final = frozenset(
    (
        "保留",
        "建议保留",
        "同意保留",
        "继续保留",
        "予以保留",
        "新增",
        "新增事项",
        "继续实施",
        "维持",
        "不变",
        "无变化",
        "修改名称",
    )
)
# What this registry writes at the foot of the lists that it exports.
_OWN_FOOT: Final = re.compile(
    r"\S*编号[:：\s]\S+\s+截至[:：\s]\S+\s+登记簿序号[:：\s]\d+\s+日志根[:：\s][0-9a-f]{64}.*", re.DOTALL
)
_NUMBERS: Final = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence beside the items as it is written, what kind of text it is of, and the row that it is said of.

    `heading`: of the column in which it stands, where no field is for that. `kept`: it is recorded or shown anyway, so
    that it is of interest only where it is this likely to change something.
    """

    cell: Cell
    where: Where
    row: Row | None = None
    heading: str = ""
    kept: float = 0.0


@dataclass(frozen=True, slots=True)
class Bundle:
    """The sentences of a file that are asked about together: by key, in their order, with how often each is there.

    `likely`: they may well change an item, so that nothing is recorded until that is answered.
    """

    key: str
    texts: Mapping[str, tuple[Cell, Table, int]]
    likely: bool


def texts(table: Table) -> Iterator[Text]:
    """Every sentence that stands beside a table's items: above and below it, in remarks and brackets, as sections."""
    verdicts = {row.verdict.cell.text for row in table.rows if row.verdict is not None}
    around = (cell for cell in table.beside if f"批注：{cell.text}" not in verdicts)
    for cell in dict.fromkeys((*table.above, *table.notes, *around)):
        yield from _parted(Text(cell, "line"))
    for heading in (*table.columns.values(), *table.noted):
        for part in _IN_BRACKETS.findall(scopes.without_bodies(heading.text)):
            yield from _parted(Text(Cell(part, heading.location), "line", kept=likely.CUT))
    of_rows = [text for row in table.rows for text in _of_row(row, table)]
    organs = _columns_of_organs(of_rows)
    yield from (text for text in of_rows if text.heading not in organs or not _is_organ(text))


def _columns_of_organs(of_rows: Sequence[Text]) -> set[str]:
    """The headings of columns that no field is for and that name organs, as 办理渠道 does: three texts of four do."""
    columns: dict[str, list[bool]] = {}
    for text in of_rows:
        if text.heading:
            columns.setdefault(text.heading, []).append(_is_organ(text))
    return {heading for heading, organs in columns.items() if len(organs) > 1 and sum(organs) * 4 >= len(organs) * 3}


def _is_organ(text: Text) -> bool:
    return all(harmless.is_harmless(clause, "unit") for clause in harmless.clauses(text.cell.text))


def keys(table: Table) -> set[str]:
    """The sentences beside a table's items, as answers are kept of them."""
    return {answers.key(text.cell.text) for text in texts(table)}


def bundles(
    tables: Sequence[Table], towns: Towns, request: Request, written: date | None, alone: Collection[str]
) -> Iterator[Bundle]:
    """What the tables of a file say beside their items that is not understood and was not answered: at most two.

    `written`: the day of the document; `alone`: what is asked about by itself.
    What a row that is unclear is asked about for is not asked about again.
    """
    unread_: dict[bool, dict[str, tuple[Cell, Table, int]]] = {True: {}, False: {}}
    titles = {cell.text for table in tables for cell in table.above}
    for table in tables:
        for text in texts(table):
            name = answers.key(text.cell.text)
            if (
                name in request.unchanged
                or name in alone
                or _is_of_unclear_row(text)
                or (text.row is None and _is_title_of(text, table, titles))
            ):
                continue
            counted = next((of for of in unread_.values() if name in of), None)
            if counted is not None:
                cell, first, count = counted[name]
                counted[name] = cell, first, count + 1
            elif not _is_read(text, table, towns, written):
                may_change = _may_change(text, table, towns, written)
                if may_change or not text.kept:
                    unread_[may_change][name] = text.cell, table, 1
    for may_change, of in unread_.items():
        if of:
            yield Bundle(_key([*of]), of, may_change)


def _may_change(text: Text, table: Table, towns: Towns, written: date | None) -> bool:
    """Whether it speaks of some rows, or what was not read of a sentence is likely to change something."""
    sentence = text.cell.text
    if changing.word(sentence, ("refers",)) is not None and not text.kept:
        return True
    clauses = (each for each in harmless.clauses(sentence) if not _is_clause_read(each, text, table, towns, written))
    return likely.chance("，".join(clauses) or sentence, text.where) >= (text.kept or likely.CUT)


def question(notes: Bundle) -> SheetProblem:
    """The question of a file: what is not understood, where it stands, what may be answered; or that it is kept."""
    zh: list[str] = []
    en: list[str] = []
    for cell, _, count in [*notes.texts.values()][:_SHOWN]:
        text = cell.text if len(cell.text) <= _LONGEST else f"{cell.text[: _LONGEST - 1]}…"
        where_zh, slash, where_en = cell.location.partition(" / ")
        zh.append(f"{where_zh}“{text}”" + (f"（{count} 处）" if count > 1 else ""))
        en.append(f"{where_en if slash else where_zh} “{text}”" + (f" ({count} times)" if count > 1 else ""))
    more = len(notes.texts) > _SHOWN
    cell, table, _ = next(iter(notes.texts.values()))
    values: dict[str, Any] = {"count": len(notes.texts), "key": notes.key}
    values |= {"texts": "；".join(zh) + ("……" if more else ""), "texts_en": "; ".join(en) + (" …" if more else "")}
    code = "notes-unread" if notes.likely else "notes-kept"
    return at(cell, table, code, warning=not notes.likely, asks=("note", notes.key), **values)


def without(notes: Bundle, names: Collection[str]) -> Bundle | None:
    """The bundle as it is once some of its texts are answered, by their keys; None where nothing is left."""
    left = {name: text for name, text in notes.texts.items() if name not in names}
    return replace(notes, key=_key([*left]), texts=left) if left else None


def named(tables: Sequence[Table], key: str, answer: str | None) -> list[Table] | None:
    """The tables, those rows unclear that the answer says a text concerns; None where it names others, or none.

    `key`: what the text, or several asked about together, go by.
    """
    numbers = set(_NUMBERS.findall(answer or ""))
    there = {row.cells["number"].text for table in tables for row in table.rows if "number" in row.cells}
    if not numbers or not numbers <= there:
        return None
    results: list[Table] = []
    for table in tables:
        rows = [_unclear(row, key) if _number(row) in numbers else row for row in table.rows]
        results.append(replace(table, rows=tuple(rows)))
    return results


def nameable(tables: Sequence[Table]) -> dict[str, list[str]]:
    """The rows that an answer can name: by their number in the file, the items that have it (of each table one)."""
    rows: dict[str, list[str]] = {}
    for row in (row for table in tables for row in table.rows):
        if _NUMBERS.fullmatch(_number(row)):
            rows.setdefault(_number(row), []).append(row.cells["name"].text)
    return rows


def _unclear(row: Row, key: str) -> Row:
    cell = row.cells["name"]
    return replace(row, verdict=Verdict("unclear", replace(cell, text=f"{_number(row)}：{key}")))


def _number(row: Row) -> str:
    return row.cells["number"].text if "number" in row.cells else ""


def _key(names: Sequence[str]) -> str:
    """What the texts go by as one: the first of them, how many there are, and what tells them from others."""
    if len(names) == 1:
        return names[0]
    digest = hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:8]
    return f"{names[0][:24]}等{len(names)}处#{digest}"


def _of_row(row: Row, table: Table) -> Iterator[Text]:
    headings = {heading.text.replace("\n", "") for heading in table.noted}
    remark = row.cells.get("remark")
    for line in remark.text.split("\n") if remark is not None else ():
        heading, colon, rest = line.partition("：")
        known = bool(colon) and heading in headings
        bare = _UNNAMED.sub("", _COMMENTED.sub("", _MARKED.sub("", rest if known else line)))
        yield from _parted(Text(Cell(bare, remark.location if remark else ""), "remark", row, heading if known else ""))
    for part in _IN_BRACKETS.findall(scopes.without_bodies(row.cells["name"].text)):
        yield from _parted(Text(Cell(part, row.cells["name"].location), "name", row))
    for field in ("department", "supporting"):
        cell = row.cells.get(field)
        for part in _IN_BRACKETS.findall(scopes.without_bodies(cell.text)) if cell is not None else ():
            yield from _parted(Text(Cell(part, cell.location if cell else ""), "unit", row))
    for field in ("category", "subcategory"):
        if field in row.cells:
            yield Text(row.cells[field], "section", row)
    if (content := row.cells.get("content")) is not None:
        explains = _EXPLAINS.search(table.columns["content"].text if "content" in table.columns else "")
        yield from _parted(Text(content, "remark", row, kept=likely.CUT if explains else _SURELY))


def _parted(text: Text) -> Iterator[Text]:
    for sentence in harmless.sentences(_OWN_FOOT.sub("", text.cell.text)):
        yield replace(text, cell=replace(text.cell, text=_OPENING.sub("", sentence) or sentence))


def _is_of_unclear_row(text: Text) -> bool:
    """Whether a row is asked about for what a text says of it."""
    verdict = text.row.verdict if text.row is not None else None
    return verdict is not None and verdict.effect == "unclear" and text.cell.text in verdict.cell.text


def _is_title_of(text: Text, table: Table, titles: set[str]) -> bool:
    """Whether a note on a table is the title of the next one, which is read there."""
    return text.cell.text in titles and all(text.cell.text not in cell.text for cell in table.above)


def _is_read(text: Text, table: Table, towns: Towns, written: date | None) -> bool:
    """Whether a sentence is understood: all of it by another reader, or each of its clauses."""
    sentence = text.cell.text
    if text.where in ("line", "section") and _is_title(sentence, table, towns, written):
        return True
    if len(table.meaning.readings) != 1 and any(sentence in word.text for word in table.meaning.words):
        return True  # what the list is, is asked about first
    if len(table.meaning.readings) != 1 and line_of(Cell(sentence, "")).source == "title" and text.cell in table.above:
        return True  # what the list is, is asked about first
    named = _BY_DOCUMENT.sub("", sentence)
    if text.where == "line" and named != sentence and _is_title(named, table, towns, written):
        return True
    if text.where == "line" and is_legend(sentence, table) and _is_of_legend(sentence):
        return True
    return all(_is_clause_read(clause, text, table, towns, written) for clause in harmless.clauses(sentence))


def _is_of_legend(sentence: str) -> bool:
    return all(harmless.is_legend(clause) for clause in harmless.clauses(sentence))


def _is_title(sentence: str, table: Table, towns: Towns, written: date | None) -> bool:
    """Whether a line is a title, what it has in brackets understood too."""
    body = simplified(scopes.without_bodies(sentence))
    parts = _IN_BRACKETS.findall(body)
    if not harmless.is_title(_IN_BRACKETS.sub("", body)):
        return False
    text = Text(Cell(sentence, ""), "line")
    return all(
        _is_clause_read(clause, text, table, towns, written) for part in parts for clause in harmless.clauses(part)
    )


def _is_clause_read(clause: str, text: Text, table: Table, towns: Towns, written: date | None) -> bool:
    if harmless.is_harmless(clause, text.where, text.heading):
        return True
    if text.where == "line":
        parts = [part for word in clause.split() for part in _LABEL.split(word) if part]
        if len(parts) > 1 and all(_is_plain(part, text, towns, written) for part in parts):
            return True
        if _is_decided(clause, table) or harmless.is_harmless(clause, "section"):
            return True
    return _is_plain(clause, text, towns, written) or _is_of_row(clause, text)


def _is_plain(clause: str, text: Text, towns: Towns, written: date | None) -> bool:
    """Whether a clause says days or towns that were read, or has a harmless form."""
    bare = re.sub(r"\s", "", clause)
    return (
        harmless.is_harmless(clause, text.where, text.heading)
        or is_term(bare, written)
        or days.of_remark(bare, written) != days.Period()
        or scopes.is_of_towns(bare, towns)
        or scopes.is_everybody(bare)
        or _is_label_of_towns(bare, towns)
        or (bool(text.heading) and _is_label_of_towns(f"{text.heading}：{bare}", towns))
    )


def _is_label_of_towns(clause: str, towns: Towns) -> bool:
    """Whether a clause names towns after a label, or says what a town is ticked for: 试点乡镇：孔湾镇, 孔湾镇：√."""
    before, colon, after = (
        (part.strip() for part in re.split("([:：])", clause, maxsplit=1))
        if re.search("[:：]", clause)
        else ("", "", "")
    )
    if not colon:
        return False
    if (
        after.removesuffix("人民政府") in (towns.county, "全国")
        or towns.only(after)
        or scopes.meaning(after, towns, {}) not in (None, "unclear")
    ):
        return bool(
            re.fullmatch("(?:适用|试点|承接|实施|赋权|所属|填报|填表)*(?:范围|单位|乡镇|镇街道?|镇|地区|街道)?", before)
        )
    return bool(towns.only(before) or re.fullmatch("镇|街道|乡", before)) and bool(
        re.fullmatch("[√✓×✕○●◯◎▲△■□☆★*]|牵头|配合|主责|承接|是|否", after)
    )


def _is_decided(clause: str, table: Table) -> bool:
    """Whether a clause has the words that decided what the list is, or was understood to be left out of it."""
    plain = re.sub(r"\s", "", clause)
    for word in table.meaning.words:
        words = re.sub(r"\s", "", simplified(word.words))
        if word.says == "left out" and (plain in words or words in plain):
            return True
        if words == plain:
            return True
        if (
            words in plain
            and plain in re.sub(r"\s", "", simplified(scopes.without_bodies(word.text)))
            and harmless.is_decided(plain)
        ):
            return True
    return False


def _is_of_row(clause: str, text: Text) -> bool:
    """Whether a clause is understood as an opinion on its row, or but says again what the row says elsewhere."""
    row = text.row
    if row is None:
        return False
    bare = re.sub(r"\s", "", clause)
    if text.where == "section":
        return (
            opinions.of_section(bare) is not None
            or scopes.is_own(bare)
            or (row.verdict is not None and row.verdict.cell == text.cell)
        )
    if text.where in ("remark", "name") and remarks.of_remark(bare) is not None:
        return True
    ended = row.verdict is not None and row.verdict.effect in ("end", "deny")
    if ended and text.where == "remark" and harmless.is_of_what_ended(bare):
        return True
    if row.verdict is not None and row.verdict.cell.text in (text.cell.text, bare):
        return True
    if text.where == "remark" and bare in _OPINIONS and (not ended or "意见" in text.heading):
        return True
    others = (cell.text for field, cell in row.cells.items() if field != "remark" and cell.text != text.cell.text)
    return text.where == "remark" and len(bare) > 1 and any(normalised(bare) in normalised(other) for other in others)
