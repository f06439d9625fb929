"""Rows struck through, in every format that can strike: off the list where all of the name is, asked about in part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any, Final

import docx
import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests.support import list_files
from tests.support.planned_lists import errors, of_text
from tests.support.registry_under_test import Registry

TITLE: Final = "宜城市镇（街道）基本履职事项清单"
NAME: Final = "示例乙登记"
ROWS: Final = [["序号", "事项名称"], ["1", "示例甲登记"], ["2", NAME], ["3", "示例丙登记"]]
Build = Callable[[str, str], bytes]  # what of the name is struck, and what is not


def xlsx(struck: str, plain: str) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [[TITLE], *ROWS]:
        book.active.append(row)
    book.active["B4"] = CellRichText(TextBlock(InlineFont(strike=True), struck), *filter(None, [plain]))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls(struck: str, plain: str, *, more: int = 0) -> bytes:
    of: Any = xlwt  # it has no types
    line, book = of.Font(), of.Workbook(encoding="utf-8")
    line.struck_out = True
    sheet = book.add_sheet("Sheet1")
    for at, row in enumerate([[TITLE], *ROWS, *([str(number), f"示例{number}号登记"] for number in range(4, more))]):
        for column, text in enumerate(row):
            if text != NAME:
                sheet.write(at, column, text)
            elif plain:
                sheet.write_rich_text(at, column, [(struck, line), (plain, of.Font())])
            else:
                sheet.write(at, column, text, of.easyxf("font: struck_out on"))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def long_xls(struck: str, plain: str) -> bytes:
    """Its shared texts take several records, as they do from some 8 KB on."""
    return xls(struck, plain, more=1200)


def document(struck: str, plain: str) -> bytes:
    made = docx.Document()
    made.add_paragraph(TITLE)
    table = made.add_table(len(ROWS), 2)
    for at, row in enumerate(ROWS):
        for column, text in enumerate(row):
            if text == NAME:
                table.cell(at, column).paragraphs[0].add_run(struck).font.strike = True
                table.cell(at, column).paragraphs[0].add_run(plain)
            else:
                table.cell(at, column).text = text
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def opendocument(content: bytes, old: str, new: str) -> bytes:
    """The file with styles of which `Line`, and `Child` that rests on it, strike their text."""
    styles = "".join(
        f'<style:style style:name="Line" style:family="{family}"><style:text-properties '
        'style:text-line-through-style="solid"/></style:style>'
        f'<style:style style:name="Child" style:family="{family}" style:parent-style-name="Line"/>'
        f'<style:style style:name="None" style:family="{family}"><style:text-properties '
        'style:text-line-through-style="none"/></style:style>'
        for family in ("text", "paragraph", "table-cell")
    )
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as changed:
        for part in source.namelist():
            text = source.read(part).decode()
            if part == "content.xml":
                assert old in text
                text = text.replace(old, new)
                text = text.replace(
                    "<office:body>", f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
                )
            changed.writestr(part, text)
    return target.getvalue()


def odt(struck: str, plain: str) -> bytes:
    new = f'<text:p><text:span text:style-name="Line">{struck}</text:span>{plain}</text:p>'
    return opendocument(list_files.odt([TITLE, ROWS]), f"<text:p>{NAME}</text:p>", new)


def odt_by_paragraph(struck: str, plain: str) -> bytes:
    rest = f'<text:span text:style-name="None">{plain}</text:span>' if plain else ""
    new = f'<text:p text:style-name="Child">{struck}{rest}</text:p>'
    return opendocument(list_files.odt([TITLE, ROWS]), f"<text:p>{NAME}</text:p>", new)


def ods(struck: str, plain: str) -> bytes:
    rest = f'<text:span text:style-name="None">{plain}</text:span>' if plain else ""
    old = f'number-rows-spanned="1"><text:p>{NAME}</text:p>'
    new = f'number-rows-spanned="1" table:style-name="Child"><text:p>{struck}{rest}</text:p>'
    return opendocument(list_files.ods([TITLE, ROWS]), old, new)


def rtf(struck: str, plain: str) -> bytes:
    def written(text: str) -> bytes:
        return "".join(f"\\u{ord(letter)}?" for letter in text).encode()

    content = list_files.rtf([TITLE, [[text.replace(NAME, "HERE") for text in row] for row in ROWS]])
    assert content.count(b"HERE") == 1
    return content.replace(b"HERE", rb"{\strike " + written(struck) + rb"}{\strike\strike0 " + written(plain) + b"}")


def html(struck: str, plain: str) -> bytes:
    return list_files.html([TITLE, ROWS]).replace(NAME.encode(), f"<strike>{struck}</strike>{plain}".encode())


FORMATS: Final[dict[str, tuple[str, Build]]] = {
    "xlsx": ("xlsx", xlsx),
    "xls": ("xls", xls),
    "long xls": ("xls", long_xls),
    "docx": ("docx", document),
    "odt": ("odt", odt),
    "odt by paragraph": ("odt", odt_by_paragraph),
    "ods": ("ods", ods),
    "rtf": ("rtf", rtf),
    "html": ("html", html),
}


def entered(demo: Registry, content: bytes, ending: str) -> list[Any]:
    planned = of_text(demo, content, f"清单.{ending}")
    assert errors(planned) == []
    assert "left-out" in [problem.code for problem in planned.warnings]
    return [one["name"] for one in planned.decisions if one["type"] == "ListItemEntered"]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_row_that_is_struck_out_is_not_on_the_list(demo: Registry, format_: str) -> None:
    ending, build = FORMATS[format_]
    names = entered(demo, build(NAME, ""), ending)
    assert (NAME in names, names[:2]) == (False, ["示例甲登记", "示例丙登记"])
    assert errors(of_text(demo, build(NAME[:3], NAME[3:]), f"清单.{ending}")) == ["row-unclear"]
