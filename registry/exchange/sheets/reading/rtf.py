"""Tables of .rtf files: their control words, as Word, WPS and LibreOffice write them (RTF 1.9.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Literal

from registry.exchange.sheets.grids import ROWS, Grid, cleaned, too_large
from registry.exchange.sheets.problems import damaged
from registry.exchange.sheets.reading.spans import MakeTable, Spanned, assembled, table
from registry.exchange.sheets.reading.unprinted import printed_beside, with_comments, with_unseen

Beside = Literal["", "comment", "footnote", "box", "margin", "unseen"]
_TOKEN: Final = re.compile(
    rb"\\(?:(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?|'(?P<hex>[0-9a-fA-F]{2})|(?P<symbol>[^a-zA-Z]))"
    rb"|(?P<open>\{)|(?P<close>\})|(?P<text>[^\\{}\r\n]+)|(?P<eol>[\r\n]+)",
    re.DOTALL,
)
# Groups whose text is not the document's.
_SKIPPED: Final = {
    *(
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"object",
        b"fldinst",
        b"listtable",
        b"listoverridetable",
    ),
    *(b"generator", b"xmlnstbl", b"rsidtbl", b"themedata", b"datastore", b"nonesttables", b"atnid"),
    *(b"listtext", b"xe", b"tc", b"sp", b"shprslt", b"nonshppict", b"revtbl", b"filetbl", b"latentstyles", b"pgptbl"),
}
# Groups whose text stands beside the document's: comments, notes, text boxes, what is on every page.
_BESIDE: Final[dict[bytes, Beside]] = {
    b"annotation": "comment",
    b"footnote": "footnote",
    b"shptxt": "box",
    **dict.fromkeys((b"header", b"headerl", b"headerr", b"headerf"), "margin"),
    **dict.fromkeys((b"footer", b"footerl", b"footerr", b"footerf"), "margin"),
}
_COLOURS: Final = re.compile(rb"\{\s*\\colortbl([^{}]*)\}")
_TEXTS: Final = ("text", "struck", "white", "struck white")
_BREAKS: Final = {b"line": "\n", b"tab": "\t", b"nestcell": "\n", b"nestrow": "\n", b"page": "\n", b"sect": "\n"}
_SYMBOLS: Final = {
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}
# Numbers of Windows code pages by the character sets that fonts have.
_CHARSETS: Final = {134: "gb18030", 136: "cp950", 128: "cp932", 129: "cp949", 0: "cp1252"}
_DEPTH: Final = 500
_EDGE: Final = 30  # twentieths of a point by which edges of rows may differ and still be one


@dataclass(frozen=True, slots=True)
class _State:
    """What a group sets for the text in it."""

    skipped: bool = False
    encoding: str = ""
    after_unicode: int = 1
    hidden: bool = False
    struck: bool = False
    beside: Beside = ""
    white: bool = False
    ground: bool = False  # behind its letters is a colour

    @property
    def kind(self) -> str:
        """What its text is."""
        marks = ("struck" if self.struck else "", "white" if self.white and not self.ground else "")
        return self.beside or " ".join(filter(None, marks)) or "text"


@dataclass(frozen=True, slots=True)
class _CellText:
    """What a cell says, and whether a line goes through its pieces of text."""

    text: str
    lines: frozenset[bool] = frozenset()
    comments: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    white: str = ""

    @property
    def struck(self) -> Literal["", "all", "part"]:
        return "" if not any(self.lines) else "all" if all(self.lines) else "part"


@dataclass(frozen=True, slots=True)
class _Edge:
    """A column of a row as it is declared: its right edge, and whether it only goes on with the one above or before."""

    right: int
    below: bool = False
    beside: bool = False
    ground: bool = False  # it has a colour of its own


@dataclass(slots=True)
class _Document:
    """What has been read: lines of text and tables in their order, and the rows of the table that is open.

    `comments` are on no cell; `margins` stand on every page; `white` is what is white on white, `unseen` hidden.
    """

    blocks: list[str | MakeTable] = field(default_factory=list[str | MakeTable])
    rows: list[tuple[list[_Edge], list[_CellText]]] = field(default_factory=list[tuple[list[_Edge], list[_CellText]]])
    comments: list[str] = field(default_factory=list[str])
    margins: list[str] = field(default_factory=list[str])
    white: list[str] = field(default_factory=list[str])
    unseen: list[str] = field(default_factory=list[str])

    def add_line(self, text: str) -> None:
        """A paragraph outside of tables, which ends the table before it."""
        if cleaned(text):
            self.end_table()
            self.blocks.append(text)

    def add_row(self, edges: list[_Edge], cells: list[_CellText]) -> None:
        """A row of the table that is open, or of a new one."""
        if len(self.rows) == ROWS:
            raise too_large("RTF", ("行数", "rows"), ROWS)
        self.rows.append((edges, cells))
        grounds = [edge.ground for edge in edges]
        self.white += (cell.white for at, cell in enumerate(cells) if cell.white and not any(grounds[at : at + 1]))

    def end_table(self) -> None:
        """Close the table that is open."""
        if self.rows:
            self.blocks.append(partial(_table, self.rows))
            self.rows = []


def _table(rows: Sequence[tuple[list[_Edge], list[_CellText]]], number: int, title: Sequence[str]) -> Grid | None:
    return table(number, title, _spanned(rows), listed=True)


def grids(content: bytes, filename: str) -> list[Grid]:
    """The document's tables, or its paragraphs where it has none. Raises BadSheet where a group is not closed."""
    document = _Document()
    text: list[str] = []
    lines: set[bool] = set()
    white: list[str] = []
    cells: list[_CellText] = []
    edges: list[_Edge] = []
    edge = _Edge(0)
    in_table = False
    beside: dict[str, list[str]] = {"comment": [], "footnote": [], "box": [], "margin": [], "unseen": []}
    notes: dict[str, list[str]] = {"comment": [], "footnote": [], "box": []}  # of what is being read
    for kind, value in _pieces(content, filename):
        if kind in beside:
            beside[kind].append(value)
        elif kind == "end":
            whole = cleaned(_joined(beside[value]))
            beside[value] = []
            if value in notes:
                notes[value] += [whole] if whole else []
            else:
                (document.margins if value == "margin" else document.unseen).append(whole)
        elif kind in _TEXTS:
            text.append(value)
            if value.strip():
                lines.add("struck" in kind)
                white += [value] if "white" in kind else []
        elif value == "par":
            if in_table:
                text.append("\n")
            else:
                document.add_line(_joined(text))
                document.white += [_joined(white)] if white else []
                _add_notes(document, notes)
                text, lines, white = [], set[bool](), []
        elif value == "pard":
            in_table = False
        elif value == "intbl":
            in_table = True
        elif value == "trowd":
            edges, edge = [], _Edge(0)
        elif value == "clvmrg":
            edge = replace(edge, below=True)
        elif value == "clmrg":
            edge = replace(edge, beside=True)
        elif value == "clground":
            edge = replace(edge, ground=True)
        elif kind == "edge":
            edges.append(replace(edge, right=int(value)))
            edge = _Edge(0)
        elif value == "cell":
            on_it = tuple(notes["comment"]), (*notes["footnote"], *notes["box"])
            cells.append(_CellText(_joined(text), frozenset(lines), *on_it, _joined(white)))
            text, lines, white, in_table = [], set[bool](), [], True
            notes = {name: [] for name in notes}
        elif value == "row":
            document.add_row(list(edges), cells)
            cells, text, lines, in_table = [], [], set[bool](), False
    document.add_line(_joined(text))
    _add_notes(document, notes)
    document.unseen.append(cleaned(_joined(beside["unseen"])))
    document.end_table()
    made = with_comments(assembled(document.blocks), document.comments)
    made = with_unseen(with_unseen(made, document.unseen, read=False), document.white, read=True)
    margins = tuple(printed_beside(document.margins))
    return [replace(each, margins=margins) for each in made]


def _add_notes(document: _Document, notes: dict[str, list[str]]) -> None:
    """What is on a paragraph outside of tables: its text boxes and footnotes are lines below it."""
    document.comments += notes["comment"]
    for line in (
        *(line for box in notes["box"] for line in box.split("\n")),
        *(f"注：{one}" for one in notes["footnote"]),
    ):
        document.add_line(line)
    for each in notes.values():
        each.clear()


def _joined(pieces: Sequence[str]) -> str:
    """Pieces of text as one: a letter beyond the first plane comes as two halves."""
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _pieces(content: bytes, filename: str) -> Iterator[tuple[str, str]]:
    """Runs of text, and the control words of tables and paragraphs, in the order in which they stand."""
    states = [_State()]
    fonts: dict[int, str] = {}
    default, pending, unread, font, in_fonts = "cp1252", bytearray(), 0, 0, 0
    ended = False
    colours = _colours(content)
    for token in _TOKEN.finditer(content):
        state = states[-1]
        if token["hex"] is not None or token["text"] is not None:
            raw = bytes([int(token["hex"], 16)]) if token["hex"] else token["text"]
            left = min(unread, len(raw))
            unread, raw = unread - left, raw[left:]
            if not (state.skipped or state.hidden):
                pending += raw
            continue
        if token["eol"]:
            continue
        if pending:
            # A character's second byte may be a letter or a brace of its own, so bytes are put together first.
            yield state.kind, pending.decode(state.encoding or default, "replace")
            pending = bytearray()
        if token["open"]:
            if len(states) > _DEPTH:
                raise damaged(filename, "too deep")
            states.append(state)
        elif token["close"]:
            if len(states) > 1:
                states.pop()
                if state.beside and states[-1].beside != state.beside:
                    yield "end", state.beside
            if in_fonts and len(states) < in_fonts:
                in_fonts = 0
            if len(states) == 1:
                ended = True
                break
        elif token["symbol"]:
            if token["symbol"] == b"*":
                states[-1] = replace(state, skipped=True)
            elif not (state.skipped or state.hidden):
                if unread:
                    unread -= 1
                else:
                    yield (
                        state.kind,
                        {b"~": " ", b"_": "-", b"-": ""}.get(token["symbol"], _plain(token["symbol"])),
                    )
        else:
            word, number = token["word"], int(token["number"] or 1)
            if word == b"fonttbl":
                in_fonts = len(states)
            if word in _BESIDE and (not state.skipped or word in (b"annotation", b"shptxt")):
                within = _BESIDE[word] if state.beside in ("", "unseen") else state.beside
                states[-1] = replace(state, skipped=False, beside=within)
            elif word in _SKIPPED:
                states[-1] = replace(state, skipped=True)
            elif word == b"ansicpg":
                default = {936: "gb18030", 65001: "utf-8", 950: "cp950"}.get(number, f"cp{number}")
                default = default if _known(default) else "gb18030"
            elif word == b"f":
                font = number if token["number"] else 0
                if not in_fonts:
                    states[-1] = replace(state, encoding=fonts.get(font, ""))
            elif word == b"fcharset" and in_fonts:
                # The Latin set says nothing of what Chinese programs put under it.
                fonts[font] = _CHARSETS.get(number, "") if token["number"] and number else ""
            elif word == b"uc":
                states[-1] = replace(state, after_unicode=number if token["number"] else 1)
            elif word == b"v" and state.beside in ("", "unseen"):
                states[-1] = replace(state, beside="" if token["number"] == b"0" else "unseen")
            elif word == b"deleted":
                states[-1] = replace(state, hidden=token["number"] != b"0")
            elif word in (b"strike", b"striked"):
                states[-1] = replace(state, struck=token["number"] != b"0")
            elif word == b"plain":
                beside: Beside = "" if state.beside == "unseen" else state.beside
                states[-1] = replace(state, hidden=False, struck=False, white=False, ground=False, beside=beside)
            elif word == b"cf":
                states[-1] = replace(state, white=bool(token["number"]) and number in colours.white)
            elif word in (b"cb", b"chcbpat", b"highlight", b"cbpat"):
                states[-1] = replace(state, ground=bool(token["number"]) and number in colours.grounds)
            elif state.skipped or state.hidden:
                continue
            elif word == b"u":
                code = int(token["number"] or 0) % 65536
                yield state.kind, chr(code)
                unread = state.after_unicode
            elif state.beside:
                if word in _BREAKS or word in (b"par", b"cell", b"row"):
                    yield state.kind, "\n"
            elif word in _BREAKS:
                yield "text", _BREAKS[word]
            elif word in _SYMBOLS:
                yield "text", _SYMBOLS[word]
            elif word in (b"clcbpat", b"clshdng"):
                if token["number"] and (number in colours.grounds if word == b"clcbpat" else number > 0):
                    yield "word", "clground"
            elif word == b"cellx":
                yield "edge", str(number)
            else:
                yield "word", word.decode("ascii")
    if not ended:
        raise damaged(filename, "RTF")


@dataclass(frozen=True, slots=True)
class _Colours:
    """The numbers of the document's colours that are white, and of those that are a ground of their own."""

    white: frozenset[int]
    grounds: frozenset[int]


def _colours(content: bytes) -> _Colours:
    r"""The document's table of colours: {\colortbl;\red255\green255\blue255;}, the first being the usual one."""
    table_ = _COLOURS.search(content)
    entries = table_[1].split(b";")[:-1] if table_ else []
    values = [tuple(map(int, re.findall(rb"\\(?:red|green|blue)(\d{1,3})", each))) for each in entries]
    white = {at for at, value in enumerate(values) if value == (255, 255, 255)}
    grounds = {at for at, value in enumerate(values) if value and at not in white}
    return _Colours(frozenset(white), frozenset(grounds))


def _plain(symbol: bytes) -> str:
    return symbol.decode("latin-1") if symbol in (b"\\", b"{", b"}") else ""


def _known(encoding: str) -> bool:
    try:
        "".encode(encoding)
    except LookupError:
        return False
    return True


def _spanned(rows: Sequence[tuple[list[_Edge], list[_CellText]]]) -> Iterator[list[Spanned]]:
    """Rows over the columns that the edges of all rows make together: a wide cell reaches over several."""
    rights = sorted({edge.right for edges, _ in rows for edge in edges})
    columns: list[int] = []
    for right in rights:
        if not columns or right - columns[-1] > _EDGE:
            columns.append(right)

    def column_of(right: int) -> int:
        return min(range(len(columns)), key=lambda at: abs(columns[at] - right))

    filled: list[list[tuple[int, int, bool, _CellText]]] = []  # first column, columns, goes on from above, text
    for edges, texts in rows:
        known = edges or [_Edge(columns[at]) for at in range(min(len(texts), len(columns)))]
        cells: list[tuple[int, int, bool, _CellText]] = []
        start = 0
        for at, edge in enumerate(known):
            end = column_of(edge.right) + 1
            text = texts[at] if at < len(texts) else _CellText("")
            if edge.beside and cells:
                first, width, below, before = cells[-1]
                cells[-1] = (
                    first,
                    max(end - first, width),
                    below,
                    _CellText(
                        before.text + text.text,
                        before.lines | text.lines,
                        before.comments + text.comments,
                        before.footnotes + text.footnotes,
                    ),
                )
            elif end > start:
                cells.append((start, end - start, edge.below, text))
            start = max(start, end)
        filled.append(cells)
    for at, cells in enumerate(filled):
        row = [Spanned("", covered=True)] * len(columns)
        for first, width, below, text in cells:
            if not below or not at:
                row[first] = Spanned(
                    text.text,
                    width,
                    _reach(filled, at, first, width),
                    struck=text.struck,
                    comments=text.comments,
                    footnotes=text.footnotes,
                )
        yield row


def _reach(filled: Sequence[list[tuple[int, int, bool, _CellText]]], at: int, first: int, width: int) -> int:
    """How many rows a cell reaches over: those below that only go on with it."""
    last = at
    while last + 1 < len(filled) and any(cell[:3] == (first, width, True) for cell in filled[last + 1]):
        last += 1
    return last - at + 1
