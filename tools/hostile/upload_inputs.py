"""Hostile uploads: archives that are bombs, entities, names that are paths, cells of 100 MB, broken forms."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final
from urllib.parse import urlencode

from registry.data_files import CHECKOUT
from tools.hostile.inputs import Input, http, text

FIELDS: Final = {"county": "420684", "instrument": "宜办发〔2022〕11号", "as": "HOSTILE"}
STATED: Final = {"kind": "certificates", "polarity": "negative", "audience": "village", "scope": "420684"}
NAMES: Final = (
    *(
        "list.xlsx",
        "../../../../etc/passwd",
        "..\\..\\x.xlsx",
        "/etc/passwd",
        "a\x00b.xlsx",
        "",
        "x" * 100_000,
        "CON",
        ".",
    ),
    *(
        "list.xlsx\r\nX: y",
        "名单.docx",
        "a/b/c.csv",
        "list.doc",
        "'\"; rm -rf /.xls",
        "%00.xlsx",
        "\u202exslx.exe",
        "-o.xlsx",
    ),
)


def forms(chance: random.Random, many: int) -> Iterator[Input]:
    """So many forms and bodies that are broken before any file is opened."""
    for number in range(many):
        name, body, kind = FORMS[number % len(FORMS)](chance)
        target = chance.choice(("/v1/lists", "/lists/import", "/lists/import-folder", "/undo"))
        yield Input("forms", name, (http("POST", target, body, {"Content-Type": kind}),))


def files(chance: random.Random, many: int) -> Iterator[Input]:
    """So many files, each opened by the server; some as if they were to be recorded."""
    makers = list(FILES)
    for number in range(many):
        maker = makers[number % len(makers)] if number < len(makers) else chance.choice((*makers, *[_damaged] * 12))
        name, content = maker(chance)
        fields = (
            FIELDS
            | (STATED if chance.random() < 0.5 else {"dry_run": "1"})
            | {"filename": chance.choice(NAMES[:6] + NAMES[9:])}
        )
        yield Input("files", name, (http("POST", f"/v1/lists?{urlencode(fields)}", content),))


# ------------------------------------------------------------------------------------------ forms


def _form(parts: list[tuple[str, bytes]], boundary: str = "x", closing: bytes = b"--x--\r\n") -> tuple[bytes, str]:
    body = b"".join(
        f"--{boundary}\r\n{head}\r\n\r\n".encode("utf-8", "replace") + content + b"\r\n" for head, content in parts
    )
    return body + closing, f"multipart/form-data; boundary={boundary}"


def _field(name: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"'


def _sent(name: str) -> str:
    return f'Content-Disposition: form-data; name="file"; filename="{name}"'


def _named(chance: random.Random) -> tuple[str, bytes, str]:
    fields = [(_field(name), given.encode()) for name, given in FIELDS.items()]
    return "a name that is a path", *_form([*fields, (_field("dry_run"), b"1"), (_sent(chance.choice(NAMES)), b"x")])


def _many_fields(chance: random.Random) -> tuple[str, bytes, str]:
    many = chance.choice((100, 21_000))
    return "many fields", *_form([(_field(f"matter:{number}"), b"new") for number in range(many)])


def _many_files(chance: random.Random) -> tuple[str, bytes, str]:
    return "many files", *_form([(_sent(f"{number}.csv"), b"a,b\n") for number in range(chance.choice((11, 400)))])


def _cut(chance: random.Random) -> tuple[str, bytes, str]:
    body, kind = _form([(_field("county"), b"420684"), (_sent("a.csv"), b"a,b\n" * 500)])
    return "a form that is cut", body[: chance.randrange(len(body))], kind


def _boundary(chance: random.Random) -> tuple[str, bytes, str]:
    kinds = (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'b' * 9000}",
        'multipart/form-data; boundary="',
        "multipart/mixed; boundary=x",
    )
    return "a boundary that is none", _form([(_field("county"), b"1")])[0], chance.choice(kinds)


def _odd_parts(chance: random.Random) -> tuple[str, bytes, str]:
    odd = (
        *("", "X", "Content-Disposition:", 'Content-Disposition: form-data; name="', "Content-Disposition: form-data"),
        *(_field("a" * 300_000), "Content-Disposition: form-data; name*=utf-8''%ff; filename*=x"),
        _field("county") + "\r\n" + "A: b\r\n" * 3000,
    )
    return "parts without a name", *_form([(chance.choice(odd), text(chance).encode("utf-8", "replace"))])


def _kept(chance: random.Random) -> tuple[str, bytes, str]:
    contents = (b"=", b"AAAA", b"a" * 1_000_001, "城".encode(), b"UEsDBA==", b"\0")
    fields = [(_field(name), given.encode()) for name, given in FIELDS.items()]
    return "a file brought back that is none", *_form(
        [*fields, (_field("content"), chance.choice(contents)), (_field("filename"), b"a.xlsx")]
    )


def _options(chance: random.Random) -> tuple[str, bytes, str]:
    names = (
        "county",
        "instrument",
        "as",
        "kind",
        "polarity",
        "sheet",
        "from",
        "scope",
        "audience",
        "quota",
        "reading",
        "shown",
        "dry_run",
        "token",
    )
    fields = [(_field(name), text(chance).encode("utf-8", "replace")) for name in chance.sample(names, 8)]
    return "strange options", *_form([*fields, (_sent("a.csv"), "名称\n低保证明\n".encode())])


def _too_large(chance: random.Random) -> tuple[str, bytes, str]:
    return "more than a file may have", *_form([(_sent("a.csv"), b"a" * chance.choice((21 * 2**20, 29 * 2**20)))])


def _many_rows(chance: random.Random) -> tuple[str, bytes, str]:
    return "no form", b"&".join([b"a=b"] * chance.choice((10, 30_000))), "application/x-www-form-urlencoded"


FORMS: Final[tuple[Callable[[random.Random], tuple[str, bytes, str]], ...]] = (
    *(_named, _named, _many_fields, _many_files, _cut, _cut, _boundary, _odd_parts, _kept, _options, _options),
    *(_many_rows, _named, _cut, _options, _too_large),
)


# ------------------------------------------------------------------------------------------ files


def _archive(parts: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", packing, compresslevel=1 if packing else None) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return output.getvalue()


@cache
def archives() -> tuple[bytes, ...]:
    """Archives of few bytes: one that unpacks to 60 MB, and one whose names are paths."""
    return _archive({"log.jsonl": bytes(60 * 2**20)}), _archive(
        {"../../x": b"", "/etc/passwd": b"", "manifest.json": b"{"}
    )


_TYPES: Final = b"""<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml"
ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
_RELS: Final = b"""<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" Target="%s"/>
</Relationships>"""
_BOOK: Final = b"""<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"""
_SHEET: Final = b"""<?xml version="1.0"?>%s<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<sheetData>%s</sheetData>%s</worksheet>"""


def _workbook(rows: bytes, before: bytes = b"", after: bytes = b"", more: Mapping[str, bytes] | None = None) -> bytes:
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELS % (b"officeDocument", b"xl/workbook.xml"),
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _RELS % (b"worksheet", b"worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": _SHEET % (before, rows, after),
    }
    return _archive({**parts, **(more or {})})


def _cell(content: bytes) -> bytes:
    return b'<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>' % content


def _huge_cell(chance: random.Random) -> tuple[str, bytes]:
    return "a cell of 100 MB", _workbook(_cell(b"a" * chance.choice((100, 190)) * 2**20))


def _zip_bomb(chance: random.Random) -> tuple[str, bytes]:
    return "a ZIP bomb", _workbook(
        _cell(b"a"), more={f"xl/media/{number}.xml": bytes(60 * 2**20) for number in range(chance.choice((4, 8)))}
    )


def _many_parts(chance: random.Random) -> tuple[str, bytes]:
    return "many parts", _archive({f"xl/{number}.xml": b"" for number in range(chance.choice((5_001, 20_000)))})


def _entities(chance: random.Random) -> tuple[str, bytes]:
    laughs = (
        b'<!DOCTYPE a [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(12))
        + b"]>"
    )
    outside = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    which, name = chance.choice(((laughs, b"&m;"), (outside, b"&x;")))
    return "XML entities", _workbook(_cell(name), before=which)


def _deep_xml(chance: random.Random) -> tuple[str, bytes]:
    depth = chance.choice((1_000, 200_000))
    return "XML nested deeply", _workbook(b"<a>" * depth + b"</a>" * depth)


def _many_rows_of_cells(chance: random.Random) -> tuple[str, bytes]:
    return "a million rows", _workbook(
        b"".join(
            b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(1, chance.choice((300_000, 1_000_000)))
        )
    )


def _far_cells(_: random.Random) -> tuple[str, bytes]:
    return "cells far apart", _workbook(_cell(b"a") + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def _merges(_: random.Random) -> tuple[str, bytes]:
    merged = b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 2000 + b"</mergeCells>"
    return "merged cells without end", _workbook(_cell(b"a"), after=merged)


def _paths(_: random.Random) -> tuple[str, bytes]:
    return "parts that are paths", _archive(
        {"../../../../tmp/quanze-hostile": b"x", "/etc/x.xml": b"<a/>", "xl/workbook.xml": _BOOK, "C:\\x": b""}
    )


def _within(_: random.Random) -> tuple[str, bytes]:
    content = b"a" * 1000
    for _n in range(50):
        content = _archive({"a.zip": content}, zipfile.ZIP_STORED)
    return "archives in archives", content


def _long_line(chance: random.Random) -> tuple[str, bytes]:
    return "a line of 19 MB", chance.choice((b"a", b'"', b",", b"\n", b"\xff", "城".encode())) * (19 * 2**20 // 3)


def _html(chance: random.Random) -> tuple[str, bytes]:
    return "HTML nested deeply", b"<html><body>" + b"<table><tr><td>" * chance.choice((100, 60_000)) + b"x"


def _spans(_: random.Random) -> tuple[str, bytes]:
    return (
        "spans without end",
        b"<html><table>" + b'<tr><td rowspan="999999999" colspan="999999999">a</td></tr>' * 50 + b"</table></html>",
    )


def _rtf(chance: random.Random) -> tuple[str, bytes]:
    return "RTF nested deeply", b"{\\rtf1" + b"{" * chance.choice((1_000, 500_000)) + b"\\trowd\\cellx1 a\\cell\\row"


def _repeated(_: random.Random) -> tuple[str, bytes]:
    content = b"""<?xml version="1.0"?><office:document-content
    xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
    <office:body><office:spreadsheet><table:table table:name="S">
    <table:table-row table:number-rows-repeated="999999999">
    <table:table-cell table:number-columns-repeated="999999999"><text:p>a</text:p></table:table-cell></table:table-row>
    </table:table></office:spreadsheet></office:body></office:document-content>"""
    return "rows repeated without end", _archive(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    )


def _pdf(chance: random.Random) -> tuple[str, bytes]:
    objects = b"".join(
        b"%d 0 obj <</Type/Pages/Kids[%d 0 R]/Count 1/Parent %d 0 R>> endobj\n" % (n, n + 1, n)
        for n in range(1, chance.choice((3, 5000)))
    )
    return (
        "a PDF in a ring",
        b"%PDF-1.7\n" + objects + b"1 0 obj <</Type/Catalog/Pages 1 0 R>> endobj trailer <</Root 1 0 R>>",
    )


def _compound(chance: random.Random) -> tuple[str, bytes]:
    return "an old file of nothing", bytes.fromhex("d0cf11e0a1b11ae1") + chance.randbytes(
        chance.choice((10, 504, 5000))
    )


def _ofd(_: random.Random) -> tuple[str, bytes]:
    return "an OFD that names itself", _archive(
        {"OFD.xml": b"<OFD><DocBody><DocRoot>OFD.xml</DocRoot></DocBody></OFD>", "a.xml": b"<a/>"}
    )


@cache
def _samples() -> tuple[tuple[str, bytes], ...]:
    files = sorted(
        file for file in (CHECKOUT / "tests" / "corpus").iterdir() if file.suffix in (".xlsx", ".xls", ".docx", ".csv")
    )
    return tuple((file.suffix, file.read_bytes()) for file in files)


def _damaged(chance: random.Random) -> tuple[str, bytes]:
    """A list as counties publish it, with some of its bytes changed, cut or doubled."""
    ending, content = chance.choice(_samples())
    broken = bytearray(content)
    for _ in range(chance.choice((1, 5, 50))):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    at = chance.randrange(len(broken))
    how = chance.randrange(3)
    result = bytes(broken) if how == 0 else bytes(broken[:at]) if how == 1 else bytes(broken[:at] + broken[at // 2 :])
    return f"a damaged {ending}", result


FILES: Final[tuple[Callable[[random.Random], tuple[str, bytes]], ...]] = (
    *(
        _huge_cell,
        _zip_bomb,
        _many_parts,
        _entities,
        _entities,
        _deep_xml,
        _many_rows_of_cells,
        _far_cells,
        _merges,
        _paths,
    ),
    *(_within, _long_line, _html, _spans, _rtf, _repeated, _pdf, _compound, _ofd, _damaged),
)
