"""The files of a folder that is imported as a table: what each was taken for, what is open, and the boxes for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from markupsafe import Markup

from registry.domain.text import Text
from registry.exchange.sheets.faces import LABELS
from registry.exchange.sheets.folders.folder_import import MOST
from registry.exchange.sheets.planning.choosing import location_text
from registry.web.console.asking import Data
from registry.web.console.importing.folder_fields import OF_FILE, OF_FILES, SKIPPED
from registry.web.console.importing.tables import FORM
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View

STATES: Final[Mapping[str, Text]] = {
    "ready": Text("可记录", "ready"),
    "recorded": Text("已记录", "recorded"),
    "unchanged": Text("已在登记簿中", "recorded before"),
    "asked": Text("待答复", "asked about"),
    "wrong": Text("有误", "wrong"),
    "skipped": Text("跳过", "left out"),
}
MARKS: Final = {"asked": "WARNING", "wrong": "VIOLATION"}
COLUMNS: Final = (
    Column("file", Text("文件", "File"), own_words=True, width=30),
    Column("state", Text("状态", "State"), width=14),
    Column("taken", Text("认作", "Taken for"), own_words=True, wide=True, width=60),
    Column("rows", Text("行数", "Rows"), "number", total=True, width=8),
    Column("questions", Text("待答复", "Questions"), "number", total=True, width=10),
    Column("problems", Text("须改正", "To be put right"), own_words=True, wide=True, width=60),
    Column("steps", Text("决定", "Decisions"), "number", total=True, width=10),
)
OWN: Final = Column("own", Text("这个文件的", "Of this file"), width=20)
SKIP: Final = Column("skip", Text("跳过", "Leave out"), width=10)
FILES: Final = Text("文件", "Files")
FIRST: Final = "instrument"  # the box that is not folded: what most files differ in
DAYS: Final = ("issued_on", "from")
_LABEL: Final = Markup("<label>{} {}</label>")
_INPUT: Final = Markup('<input form="import" name="{}" value="{}" maxlength="200" autocomplete="off"{}>')
_DAY: Final = Markup(' placeholder="2026-03-01"')
_SELECT: Final = Markup('<select form="import" name="{}"><option value=""></option>{}</select>')
_OPTION: Final = Markup('<option value="{}"{}>{}</option>')
_MORE: Final = Markup("<details{}><summary>{}</summary>{}</details>")
_OPEN: Final = Markup(" open")
_CHECKED: Final = Markup(" checked")
_SELECTED: Final = Markup(" selected")
_TICK: Final = Markup('<input type="checkbox" name="{}" value="1" aria-label="{} {}" form="import"{}>')


def folder_table(
    view: View, made: Data, chosen: Mapping[str, str], options: Mapping[str, Mapping[str, tuple[str, str]]]
) -> Table:
    """What a folder came to (shown.folder_shown), file by file; without boxes where it is recorded.

    `chosen`: the fields of the form; `options`: of a box of a file that is a choice, the words by value.
    """
    recorded = bool(made["recorded"])
    open_of = Counter(each["file"] for each in made["questions"] if not each["answer"])

    def own(one: Data) -> Cell:
        first, *others = [_box(view, name, one["digest"], chosen, options.get(name)) for name in _ordered()]
        stated = any(chosen.get(f"{OF_FILE}{name}:{one['digest']}") for name in _ordered()[1:])
        more = _MORE.format(_OPEN if stated else "", view.localized("更多", "More"), Markup("").join(others))
        return Cell(chosen.get(f"{OF_FILE}{FIRST}:{one['digest']}"), "", inner=first + more)

    def skip(one: Data) -> Cell:
        skipped = one["state"] == "skipped"
        named = (f"{SKIPPED}{one['digest']}", view.localized(*SKIP.title), one["name"])
        return Cell(skipped, "", inner=_TICK.format(*named, _CHECKED if skipped else ""))

    def problems(one: Data) -> str | None:
        texts = [
            f"{view.localized(*location_text(each['location']))}: {view.localized(*each['text'])}"
            for each in one["errors"]
        ]
        return view.clauses(texts) or None

    rows = rows_of(
        made["files"],
        file=lambda one: one["name"],
        state=lambda one: Cell(one["state"], view.localized(*STATES[one["state"]]), mark=MARKS.get(one["state"], "")),
        taken=lambda one: view.clauses([view.localized(*each) for each in one["sentences"]] or one["titles"]) or None,
        rows=lambda one: one.get("rows"),
        questions=lambda one: open_of[one["name"]],
        problems=problems,
        steps=lambda one: one["steps"],
        **({} if recorded else {"own": own, "skip": skip}),
    )
    columns = COLUMNS if recorded else (*COLUMNS, OWN, SKIP)
    # All on a page: what is entered in its boxes is sent together.
    table = Table("files", FILES, columns, rows, size=MOST, main=False)
    return table if recorded else replace(table, unboxed=_unboxed(view, table, made, chosen), unboxed_form=FORM)


def _ordered() -> list[str]:
    return [FIRST, *(name for name in OF_FILES if name != FIRST)]


def _box(
    view: View,
    name: str,
    digest: str,
    chosen: Mapping[str, str],
    choices: Mapping[str, tuple[str, str]] | None,
) -> Markup:
    """The box for one of what may be said of a file, within its label."""
    field = f"{OF_FILE}{name}:{digest}"
    now = chosen.get(field, "")
    if choices is None:
        box = _INPUT.format(field, now, _DAY if name in DAYS else "")
    else:
        offered = (
            _OPTION.format(value, _SELECTED if now == value else "", view.localized(*words))
            for value, words in choices.items()
        )
        box = _SELECT.format(field, Markup("").join(offered))
    return _LABEL.format(view.localized(LABELS[name][0], LABELS[name][1]), box)


def _unboxed(view: View, table: Table, made: Data, chosen: Mapping[str, str]) -> dict[str, str]:
    """What was said of files whose rows, or whose boxes, the address leaves out: the form sends it all the same."""
    shown = view.shown(table)
    files = {row["file"].value for row in shown.rows}
    boxed = {one["digest"] for one in made["files"] if one["name"] in files}
    skips, owns = (boxed if column in shown.columns else set[str]() for column in (SKIP, OWN))
    left_out = [one["digest"] for one in made["files"] if one["state"] == "skipped" and one["digest"] not in skips]
    stated = {
        field: value
        for field, value in chosen.items()
        if field.startswith(OF_FILE) and value and field.rpartition(":")[2] not in owns
    }
    return {f"{SKIPPED}{digest}": "1" for digest in left_out} | stated
