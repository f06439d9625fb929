"""Lists as papers: which kind of list it is, its columns under their headings, its rows as texts, in order."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.exchange.published.files import NOTE
from registry.exchange.sheets.planning import notes
from registry.exchange.sheets.recognising import headings
from registry.queries.instruments import Instrument
from registry.queries.lists.lists import Entry, List, Listing
from registry.queries.units.units import Unit
from registry.relations.two_times import AsOf

# Column widths in characters of print, half the width of a Chinese one; others have 16.
WIDTHS: Final = {
    "number": 8,
    "name": 34,
    "department": 20,
    "department_duties": 46,
    "township_duties": 46,
    "village_duties": 40,
    "content": 34,
    "means": 40,
    "basis": 40,
    "alternative": 40,
    "materials": 30,
    "procedure": 30,
    "asks": 30,
    "terms": 40,
    "brings": 12,
    "quota": 10,
}
# What machines need and readers do not: on a sheet that is imported again, not on paper.
CODES: Final = ("code", "department_code")
ROLES: Final = {"lead": "牵头", "share": "共同", "assist": "配合"}
MEANS: Final = {"staff": "人员", "funds": "经费"}
MODES: Final = {"devolved": "直接赋权", "entrusted": "委托"}
POWERS: Final = {
    "penalty": "行政处罚",
    "licence": "行政许可",
    "coercion": "行政强制",
    "levy": "行政征收",
    "payment": "行政给付",
    "inspection": "行政检查",
    "confirmation": "行政确认",
    "award": "行政奖励",
    "adjudication": "行政裁决",
    "other": "其他行政权力",
}
# A list says once how it assigns; kinds are told by these.
_LIKE: Final = {"share": "lead", "entrusted": "devolved"}


@dataclass(frozen=True, slots=True)
class Source:
    """What an exported list rests on: the day, the last decision known, and the log's root there, in hexadecimal."""

    moment: AsOf
    root: str


@dataclass(frozen=True, slots=True)
class Column:
    """A field under its heading, in zh and en; its width in characters of print."""

    field: str
    zh: str
    en: str
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """An item's texts by field, what is empty left out; its subject LIST#ITEM, its document, its decision."""

    subject: str
    cells: Mapping[str, str]
    instrument: Instrument
    position: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A table with its title: one list, or what lists of one kind say for one unit.

    `kind` is a name of headings.kinds(), None where none fits. `name` is that kind's, in zh and en.
    """

    kind: str | None
    title: str
    name: tuple[str, str]
    listings: tuple[Listing, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def distinct(self) -> int:
        """How many items it has, those of one matter (else of one name) once: several documents may list the same."""
        entries = [entry for listing in self.listings for entry in listing.entries]
        return len({entry.matter.code if entry.matter else entry.item.name for entry in entries})

    def printed(self) -> tuple[Column, ...]:
        """The columns for readers: without codes, and without those in which nothing stands."""
        filled = {field for row in self.rows for field in row.cells} | {"number", "name"}
        return tuple(column for column in self.columns if column.field in filled and column.field not in CODES)


def kind_of(of: List) -> str | None:
    """The kind of list that its attributes make it; burdens' plans are of any audience."""
    assigns = _LIKE.get(of.assigns or "", of.assigns)
    for name, kind in headings.kinds().items():
        adopts = kind.adopts
        if (adopts.get("polarity"), adopts.get("covers")) != (of.polarity, of.covers):
            continue
        if of.covers in ("duty", "power") and (adopts.get("audience"), adopts.get("assigns")) != (of.audience, assigns):
            continue
        return name
    return None


def paper(listing: Listing) -> Paper:
    """One list as a paper under its own title."""
    kind = kind_of(listing.list)
    return _paper(kind, listing.list.title, [listing])


def papers(unit: Unit, listings: Iterable[Listing]) -> list[Paper]:
    """What all lists say for a unit: a paper for each kind of list by rank, all others in one at the end.

    Within a paper lists come by code, each item under its own list's.
    """
    by_kind: dict[str | None, list[Listing]] = {}
    for listing in listings:
        by_kind.setdefault(kind_of(listing.list), []).append(listing)
    ranked = sorted(by_kind, key=lambda kind: headings.kinds()[kind].rank if kind else math.inf)
    return [_paper(kind, unit.name + named(kind)[0], by_kind[kind]) for kind in ranked]


def named(kind: str | None) -> tuple[str, str]:
    """What a kind of list is called, in zh and en."""
    if kind is None:
        return "其他清单", "other lists"
    result = headings.kinds()[kind]
    return result.zh, result.en


def _paper(kind: str | None, title: str, listings: Sequence[Listing]) -> Paper:
    rows = tuple(row for listing in listings for row in _rows(listing))
    return Paper(kind, title, named(kind), tuple(listings), _columns(kind, rows), rows)


def _columns(kind: str | None, rows: Iterable[Row]) -> tuple[Column, ...]:
    """The kind's columns, then what else any row says in the order of headings.yaml, codes last."""
    fields = headings.fields()
    own = (
        headings.kinds()[kind].columns if kind else {"number": fields["number"].heading, "name": fields["name"].heading}
    )
    filled = {field for row in rows for field in row.cells}
    more = [field for field in fields if field in filled and field not in own and field not in CODES]
    chosen = [field for field in own if field not in CODES] + more
    if "remark" in chosen:
        chosen.remove("remark")
        chosen.append("remark")
    chosen += [field for field in CODES if field in filled or field == "code"]
    return tuple(
        Column(field, own.get(field) or fields[field].heading, fields[field].en, WIDTHS.get(field, 16))
        for field in chosen
    )


def ordered(listing: Listing) -> list[Entry]:
    """The items as a reader expects them: by number, those of one category together.

    A category is the row's; a matter's counts where the list was recorded in that order, as from a sheet grouped by
    it. Else numbers would jump by it: 1, 2, 33, 3. Where some have none these come together all the same, for an empty
    cell below a category is read as that category.
    """
    entries = sorted(listing.entries, key=lambda entry: (by_number(entry.item.item), entry.item.position))
    grouped = _grouped(entries, category)
    positions = [entry.item.position for entry in grouped]
    if positions == sorted(positions) or not all(map(category, entries)):
        return grouped
    return _grouped(entries, _own_category)


def _grouped(entries: Sequence[Entry], category_of: Callable[[Entry], str]) -> list[Entry]:
    locations: dict[str, int] = {}
    for entry in entries:
        locations.setdefault(category_of(entry), len(locations))
    return sorted(entries, key=lambda entry: locations[category_of(entry)])


def by_number(text: str) -> list[tuple[int, int, str]]:
    """A key by which 7-2 comes after 7 and before 10."""
    return [
        (0, int(piece), "") if piece.isdecimal() and len(piece) < 20 else (1, 0, piece)
        for piece in re.split(r"(\d+)", text)
        if piece
    ]


def _own_category(entry: Entry) -> str:
    """The category of the row; a matter's is not the list's, whose numbers would jump (1, 2, 33, 3) by it."""
    return _noted(entry).get("category") or ""


def category(entry: Entry) -> str:
    """The category under which an item stands: as its row said, else its matter's."""
    return _own_category(entry) or (entry.matter and entry.matter.category) or ""


def _rows(listing: Listing) -> list[Row]:
    return [
        Row(f"{entry.item.list}#{entry.item.item}", cells(listing.list, entry), listing.instrument, entry.item.position)
        for entry in ordered(listing)
    ]


def cells(of: List, entry: Entry) -> dict[str, str]:
    """What an item's row says, by field: as noted when it was entered, else the item's own, else its matter's."""
    item, matter = entry.item, entry.matter
    values: dict[str, str | None] = {
        "number": item.item,
        "name": item.name,
        "match_category": item.category,
        "terms": "、".join(item.terms),
        "department": entry.sender.name if entry.sender else None,
        "department_code": item.sender,
        "brings": _several(item.brings, MEANS),
        "mode": MODES.get(of.assigns or "") if of.covers == "power" else None,
        "issuer": item.issuer,
        "alternative": item.alternative,
    }
    if of.polarity == "negative" and of.covers == "duty" and set(item.roles) != {"lead", "share"}:
        values["roles"] = _several(item.roles, ROLES)
    if matter is not None:
        values |= {
            "code": matter.code,
            "category": matter.category,
            "basis": "；".join(matter.basis),
            "power_kind": POWERS.get(matter.power_kind or ""),
            "issuer": item.issuer or matter.issuer,
            "alternative": item.alternative or matter.alternative,
            "materials": "；".join(matter.materials),
            "procedure": matter.procedure,
            "online": matter.online,
            "asks": "；".join(matter.asks),
        }
    return {field: text for field, text in (values | _noted(entry)).items() if text}


def _noted(entry: Entry) -> dict[str, str]:
    """What the row said beside; that a list came with the program is no remark of its own."""
    if entry.note == NOTE:
        return {}
    return {field: text for field, text in notes.read(entry.note).items() if field != notes.DOCUMENT}


def _several(words: Iterable[str], in_zh: Mapping[str, str]) -> str:
    return "、".join(text for word, text in in_zh.items() if word in set(words))


def document_line(listing: Listing, source: Source, *, titled: bool) -> str:
    """The document, its issuer, the territory and the day, in one line; `titled`: with the document's title.

    A reader of spreadsheets takes the title of a document above a table for the table's own.
    """
    of, document = listing.list, listing.instrument
    title = document.title if document.title.startswith("《") else f"《{document.title}》"
    parts = [f"依据文件：{title}（{document.number}）" if titled else f"依据文件：{document.number}"]
    if listing.issuer is not None:
        parts.append(f"发布单位：{listing.issuer.name}")
    parts.append(f"适用范围：{listing.scope.name if listing.scope else '全国'}")
    if of.quota is not None:
        parts.append(f"每个单位不超过{of.quota}项")
    parts.append(f"截至：{source.moment.valid_at}")
    return "　".join(parts)


def documents_of(listings: Iterable[Listing]) -> list[Instrument]:
    """The documents that lists rest on, each once, by number."""
    results = {listing.instrument.number: listing.instrument for listing in listings}
    return [results[number] for number in sorted(results)]
