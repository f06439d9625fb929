"""What a file has that a print of it does not show, or shows beside its table: notes, boxes, margins, white letters.

In each format that can have it: read at its place, asked about, or told; never passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from registry.exchange.sheets.planning.plans import Plan
from tests.support import list_details_unprinted as more
from tests.support import list_files
from tests.support.list_details import detailed
from tests.support.planned_lists import errors, of_text
from tests.support.registry_under_test import Registry

TITLE: Final = "宜城市镇（街道）基本履职事项清单"
NAME: Final = "示例乙登记"
NAMES: Final = ["示例甲登记", NAME, "示例丙登记"]
ROWS: Final = [["序号", "事项名称"], *([str(at), name] for at, name in enumerate(NAMES, 1))]
BLOCKS: Final = [TITLE, ROWS]
GONE: Final = "此项已取消"
VOID: Final = "本清单已废止"

Files = dict[str, tuple[str, Callable[[], bytes]]]  # name of a case: ending, how it is built

# The middle of NAME's cell: as list_files lays pages out, in points from the upper left corner.
X: Final = 50 + list_files.WIDE * 1.5
Y: Final = 40 + 22 + 22 * 2 + 11
MM: Final = 25.4 / 72
HIGH: Final = 595.27  # of a page


def entered(made: Plan) -> list[str]:
    return [one["name"] for one in made.decisions if one["type"] == "ListItemEntered"]


def warned(made: Plan) -> dict[str, str]:
    """The warnings by their code: what they say, and where."""
    return {problem.code: f"{problem.location} {problem.zh}" for problem in made.warnings}


WHITE: Final[Files] = {
    "xls": ("xls", lambda: more.xls_styled([[TITLE], *ROWS], {NAME: "white"})),
    "xls on white": ("xls", lambda: more.xls_styled([[TITLE], *ROWS], {NAME: "paper"})),
    "rtf": ("rtf", lambda: more.rtf_white(list_files.rtf(BLOCKS), NAME)),
    "pdf": ("pdf", lambda: list_files.pdf(BLOCKS, marks={NAME: "white"})),
    "ofd": ("ofd", lambda: list_files.ofd(BLOCKS, marks={NAME: "white"})),
    "html": ("html", lambda: more.html_class(list_files.html(BLOCKS), NAME, "color:white")),
    "mht": ("mht", lambda: more.mht_class(list_files.html(BLOCKS), NAME, "color:#FFFFFF")),
}
ON_GROUND: Final[Files] = {
    "xls": ("xls", lambda: more.xls_styled([[TITLE], *ROWS], {NAME: "ground"})),
    "rtf": ("rtf", lambda: more.rtf_white_on_ground(list_files.rtf(BLOCKS), NAME)),
    "pdf": ("pdf", lambda: list_files.pdf(BLOCKS, marks={NAME: "ground"})),
    "ofd": ("ofd", lambda: list_files.ofd(BLOCKS, marks={NAME: "ground"})),
    "html": ("html", lambda: more.html_class(list_files.html(BLOCKS), NAME, "color:white;background:#003366")),
}


@pytest.mark.parametrize("name", WHITE)
def test_letters_in_the_colour_of_the_paper_are_read_and_told(demo: Registry, name: str) -> None:
    ending, build = WHITE[name]
    made = of_text(demo, build(), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], NAMES)
    assert "hidden-text" in warned(made)
    assert "B4" in warned(made)["hidden-text"] or NAME in warned(made)["hidden-text"]


@pytest.mark.parametrize("name", ON_GROUND)
def test_white_letters_on_a_coloured_ground_are_no_secret(demo: Registry, name: str) -> None:
    ending, build = ON_GROUND[name]
    made = of_text(demo, build(), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], NAMES)
    assert "hidden-text" not in warned(made)


def commented(note: str) -> Files:
    word = {NAME: note}
    return {
        "xls": ("xls", lambda: detailed(list_files.xls(BLOCKS), {"xls_comment": (3, 1, note)})),
        "docm": ("docm", lambda: detailed(list_files.word(BLOCKS, macros=True), {"comments": word})),
        "ods": ("ods", lambda: more.odf_noted(list_files.ods(BLOCKS), NAME, note, "comment")),
        "odt": ("odt", lambda: more.odf_noted(list_files.odt(BLOCKS), NAME, note, "comment")),
        "rtf": ("rtf", lambda: more.rtf_noted(list_files.rtf(BLOCKS), NAME, note, "comment")),
        "pdf": ("pdf", lambda: more.pdf_annotated(list_files.pdf(BLOCKS), note, (X, HIGH - Y))),
        "pdf beside": ("pdf", lambda: more.pdf_annotated(list_files.pdf(BLOCKS), note, (400, HIGH - Y))),
        "ofd": ("ofd", lambda: more.ofd_annotated(list_files.ofd(BLOCKS), note, (X * MM, Y * MM))),
        "ofd beside": ("ofd", lambda: more.ofd_annotated(list_files.ofd(BLOCKS), note, (400 * MM, Y * MM))),
    }


@pytest.mark.parametrize("name", commented(""))
def test_a_comment_that_takes_a_row_off_is_asked_about_at_its_row(demo: Registry, name: str) -> None:
    ending, build = commented(GONE)[name]
    made = of_text(demo, build(), f"清单.{ending}")
    (problem,) = made.errors
    assert (problem.code, problem.asks) == ("row-unclear", ("row", f"批注：{GONE}"))
    assert "B4" in problem.location or "第3行" in problem.location
    settled = of_text(demo, build(), f"清单.{ending}", mapping={"rows": {f"批注：{GONE}": "end"}})
    assert (errors(settled), entered(settled)) == ([], [NAMES[0], NAMES[2]])


@pytest.mark.parametrize("name", commented(""))
def test_what_a_comment_says_is_told_with_its_place(demo: Registry, name: str) -> None:
    ending, build = commented("联系人：张三")[name]
    made = of_text(demo, build(), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], NAMES)
    assert "联系人：张三" in warned(made)["comments"]
    assert "B4" in warned(made)["comments"] or "第3行" in warned(made)["comments"]


STRUCK: Final[Files] = {
    "pdf": ("pdf", lambda: list_files.pdf(BLOCKS, marks={NAME: "struck"})),
    "ofd": ("ofd", lambda: list_files.ofd(BLOCKS, marks={NAME: "struck"})),
    "html": ("html", lambda: more.html_class(list_files.html(BLOCKS), NAME, "text-decoration:line-through")),
    "html row": (
        "html",
        lambda: more.html_class(list_files.html(BLOCKS), NAME, "text-decoration:line-through", row=True),
    ),
    "mht": ("mht", lambda: more.mht_class(list_files.html(BLOCKS), NAME, "text-decoration:underline line-through")),
}


@pytest.mark.parametrize("name", STRUCK)
def test_a_row_struck_by_a_drawn_line_or_a_style_sheet_is_not_on_the_list(demo: Registry, name: str) -> None:
    ending, build = STRUCK[name]
    made = of_text(demo, build(), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], [NAMES[0], NAMES[2]])
    assert "left-out" in warned(made)


@pytest.mark.parametrize(
    ("ending", "build"),
    [
        ("pdf", lambda: more.pdf_annotated(list_files.pdf(BLOCKS), "", (X, HIGH - Y), "StrikeOut")),
        ("ofd", lambda: more.ofd_annotated(list_files.ofd(BLOCKS), "", (X * MM, Y * MM), subtype="Strikeout")),
    ],
)
def test_a_row_that_a_reader_has_struck_is_asked_about(demo: Registry, ending: str, build: Any) -> None:
    made = of_text(demo, build(), f"清单.{ending}")
    assert [(one.code, one.asks) for one in made.errors] == [("row-unclear", ("row", "批注：划线删除"))]


FOOTNOTES: Final[Files] = {
    "docm": ("docm", lambda: detailed(list_files.word(BLOCKS, macros=True), {"footnotes": {NAME: GONE}})),
    "odt": ("odt", lambda: more.odf_noted(list_files.odt(BLOCKS), NAME, GONE, "footnote")),
    "odt box": ("odt", lambda: more.odf_noted(list_files.odt(BLOCKS), NAME, GONE, "box")),
    "rtf": ("rtf", lambda: more.rtf_noted(list_files.rtf(BLOCKS), NAME, GONE, "footnote")),
    "rtf box": ("rtf", lambda: more.rtf_noted(list_files.rtf(BLOCKS), NAME, GONE, "box")),
}


@pytest.mark.parametrize("name", FOOTNOTES)
def test_a_footnote_or_box_within_a_cell_is_a_remark_on_its_row(demo: Registry, name: str) -> None:
    ending, build = FOOTNOTES[name]
    made = of_text(demo, build(), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], [NAMES[0], NAMES[2]])
    assert "left-out" in warned(made)


BESIDE: Final[Files] = {
    "xlsx box": ("xlsx", lambda: more.xlsx_box(list_files.xlsx(BLOCKS), VOID)),
    "xls box": ("xls", lambda: more.xls_with(list_files.xls(BLOCKS), box=VOID)),
    "xls footer": ("xls", lambda: more.xls_with(list_files.xls(BLOCKS), footer=VOID)),
    "ods box": ("ods", lambda: more.odf_box(list_files.ods(BLOCKS), VOID)),
    "ods footer": ("ods", lambda: more.odf_margin(list_files.ods(BLOCKS), VOID, "footer")),
    "odt box": ("odt", lambda: more.odf_box(list_files.odt(BLOCKS), VOID)),
    "odt header": ("odt", lambda: more.odf_margin(list_files.odt(BLOCKS), VOID, "header")),
    "odt footer": ("odt", lambda: more.odf_margin(list_files.odt(BLOCKS), VOID, "footer")),
    "rtf box": ("rtf", lambda: more.rtf_around(list_files.rtf(BLOCKS), box=VOID)),
    "rtf header": ("rtf", lambda: more.rtf_around(list_files.rtf(BLOCKS), header=VOID)),
    "rtf footer": ("rtf", lambda: more.rtf_around(list_files.rtf(BLOCKS), footer=VOID)),
    "strict header": (
        "docx",
        lambda: list_files.in_strict(detailed(list_files.word(BLOCKS), {"header": VOID})),
    ),
    "docm even header": (
        "docm",
        lambda: list_files.replaced(
            detailed(list_files.word(BLOCKS, macros=True), {"header": VOID}),
            [(b'headerReference w:type="default"', b'headerReference w:type="even"')],
        ),
    ),
    "ofd watermark": ("ofd", lambda: more.ofd_annotated(list_files.ofd(BLOCKS), VOID, (0, 0), kind="Watermark")),
    "ofd note": ("ofd", lambda: more.ofd_annotated(list_files.ofd(BLOCKS), VOID, (200, 190))),
    "pdf note": ("pdf", lambda: more.pdf_annotated(list_files.pdf(BLOCKS), VOID, (700, 50))),
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_a_box_a_margin_or_a_loose_note_says_of_the_list_is_not_passed_over(demo: Registry, name: str) -> None:
    ending, build = BESIDE[name]
    made = of_text(demo, build(), f"清单.{ending}")
    assert errors(made) != []
    assert made.decisions == []
    assert any(VOID in problem.zh for problem in made.problems)


@pytest.mark.parametrize(
    "build",
    [
        lambda text: more.rtf_around(list_files.rtf(BLOCKS), footer=text),
        lambda text: more.odf_margin(list_files.odt(BLOCKS), text, "footer"),
    ],
)
@pytest.mark.parametrize("text", ["第1页 共3页", "- 1 -", "1/3"])
def test_numbers_of_pages_are_not_asked_about(demo: Registry, build: Any, text: str) -> None:
    ending = "odt" if build(text).startswith(b"PK") else "rtf"
    made = of_text(demo, build(text), f"清单.{ending}")
    assert (errors(made), entered(made)) == ([], NAMES)
    assert "notes-kept" not in warned(made)


def test_what_is_hidden_on_an_open_sheet_is_told(demo: Registry) -> None:
    content = more.ods_hidden(list_files.ods(BLOCKS), NAME, column=0)
    made = of_text(demo, more.ods_hidden_sheet(content, "旧表"), "清单.ods")
    assert (errors(made), entered(made)) == ([], NAMES)
    assert "第 4 行" in warned(made)["hidden-rows"]
    assert "A 列" in warned(made)["hidden-columns"]
    assert "旧表" in warned(made)["hidden-sheet"]


def test_rows_that_a_style_sheet_hides_are_told(demo: Registry) -> None:
    content = more.html_class(list_files.html(BLOCKS), NAME, "display:none", row=True)
    made = of_text(demo, content, "清单.html")
    assert (errors(made), entered(made)) == ([], [NAMES[0], NAMES[2]])
    assert NAME in warned(made)["hidden-text"]


def test_text_of_an_ofd_that_is_not_shown_is_told(demo: Registry) -> None:
    made = of_text(demo, list_files.ofd(BLOCKS, marks={NAME: "unseen"}), "清单.ofd")
    assert NAME not in entered(made)
    assert NAME in warned(made)["hidden-text"]
