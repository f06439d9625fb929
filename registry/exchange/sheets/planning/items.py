"""What each row asks of its list: the item, the matter behind it, and what is left for the item's note."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import orjson

from registry.checker.names.normalise import normalised
from registry.exchange.published.files import Entry
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.planning import cell_values, stated_days
from registry.exchange.sheets.planning.matching import NEW, Match, Matters, is_own, new_code
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import cells, citations, powers
from registry.exchange.sheets.recognising.department_cells import Named
from registry.exchange.sheets.recognising.department_cells import named as named_departments
from registry.exchange.sheets.recognising.departments import Departments
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.sentences import at, of

# What a definition takes from a row, by kind of matter; what of it a list of that kind may revise.
OF_EVERY: Final = ("category", "basis")
OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "power": ("power_kind",),
    "certificate": ("issuer", "alternative", "materials", "procedure", "online"),
    "form": ("asks",),
}
REVISED: Final = ("materials", "procedure", "online", "asks")
ITEMS_OWN: Final = ("issuer", "alternative")
Choices = tuple[tuple[str, str], ...]  # what a name may mean: codes and names
_TOWNSHIP: Final = ("township", "government")
NONE: Final = "none"  # a mapping file's word for a unit that is not to be recorded
# Said by what they lead to; and names and telephones: the log forgets nothing, so no person goes in.
NOWHERE: Final = ("number", "name", "code", "department_code", "person", "page")


def key(item: Entry) -> tuple[str, Any]:
    """What an item of a list is of: its matter, its category or its terms."""
    way = next(way for way in ("matter", "category", "terms") if way in item)
    return way, tuple(item[way]) if way == "terms" else item[way]


@dataclass(slots=True)
class Wanted:
    """An item as a row wants it, without list, id and day; where it stands; and what it needs beforehand."""

    row: Row
    table: Table
    item: Entry
    since: date | None = None
    until: date | None = None
    note: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def name(self) -> Cell:
        return self.row.cells["name"]

    @property
    def number(self) -> str | None:
        number = self.row.cells.get("number")
        return number.text if number else None

    @property
    def key(self) -> tuple[str, Any]:
        """What the item is of: two items of the same are the same one at different times."""
        return key(self.item)


@dataclass(slots=True)
class Read:
    """What came of the rows of one list."""

    wanted: list[Wanted] = field(default_factory=list[Wanted])
    defined: dict[str, tuple[Entry, Wanted]] = field(default_factory=dict[str, tuple[Entry, Wanted]])
    revised: dict[str, tuple[Entry, Wanted]] = field(default_factory=dict[str, tuple[Entry, Wanted]])
    problems: list[SheetProblem] = field(default_factory=list[SheetProblem])
    open_matters: dict[str, Choices] = field(default_factory=dict[str, Choices])
    open_units: dict[str, Choices] = field(default_factory=dict[str, Choices])
    ends: list[tuple[Wanted, Cell]] = field(default_factory=list[tuple[Wanted, Cell]])
    before: list[tuple[Wanted, Cell]] = field(default_factory=list[tuple[Wanted, Cell]])
    times: list[tuple[Wanted, Cell]] = field(default_factory=list[tuple[Wanted, Cell]])


@dataclass(slots=True)
class Setting:
    """What the rows of one list are read against: its ListAdopted fields, and what is known.

    `by_words`: rows name what is forbidden in general words (招商引资), to be found in the names of others.
    `matter_fields`: what matters are known to be, by code, and `load` what the registry has of others; `spent`: codes
    that are taken; `vested`: powers and the units that hold them by name. Matters that the rows bring in join
    `matter_fields`, `spent` and, by kind and normalised name, `new`. `begins`: the day from which the list holds;
    `written`: that of the document.
    """

    request: Request
    attributes: Entry
    needs_sender: bool
    by_words: bool
    departments: Departments
    matters: Matters
    matter_fields: dict[str, Entry]
    spent: set[str]
    vested: Collection[tuple[str, str]]
    load: Callable[[list[str]], dict[str, Entry]]
    new: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    begins: date | None = None
    written: date | None = None

    @property
    def covers(self) -> str:
        return self.attributes["covers"]


def read(tables: Sequence[Table], setting: Setting) -> Read:
    """The items that the rows of these tables want, in their order; or what is wrong with them, cell by cell."""
    made = Read()
    rows = [(table, row) for table in tables for row in joined(table.rows) if "name" in row.cells]
    undecided = [(table, row) for table, row in rows if _by_matter(row) and _decided(row, setting) is None]
    matched = setting.matters.match([row.cells["name"].text for _, row in undecided])
    matches = {id(row): match for (_, row), match in zip(undecided, matched, strict=True)}
    meant = {match.code for match in matched} | {_decided(row, setting) for _, row in rows if _by_matter(row)}
    wanted_codes = (code for code in setting.matters.by_code if code in meant)
    setting.matter_fields |= setting.load([code for code in wanted_codes if code not in setting.matter_fields])
    given = {row.cells["code"].text for _, row in rows if "code" in row.cells}
    setting.spent |= setting.load([code for code in sorted(given) if is_own(code, setting.covers)]).keys()
    closing = {id(table): stated_days.last_day(table, setting.written) for table in tables}
    for table, row in rows:
        wanted = Wanted(row, table, {"name": row.cells["name"].text})
        match = matches.get(id(row))
        by_words = not _by_matter(row)
        if setting.by_words and match == Match(None):
            wanted.item["terms"], by_words = cells.terms(wanted.name.text), True
        code = None if by_words else _matter(wanted, match, setting, made)
        sender = _sender(wanted, setting, made)
        _fill(wanted, code, sender, setting, made)
        if (line := closing[id(table)]) is not None:
            cell_values.close(wanted, line, stated_days.until(line, setting.written), setting, made)
        if code is not None or by_words:  # else a problem says why
            made.wanted.append(wanted)
    for table in tables:
        cell_values.ask_of_term(table, stated_days.open_term(table, setting.written), made)
        if any("person" in row.cells for row in table.rows):
            made.problems.append(of(table.sheet, "person-left-out", warning=True))
    cell_values.days_noted(made)
    _leave_out_repeats(made)
    return made


def joined(rows: Sequence[Row]) -> list[Row]:
    """Rows of one item, written over several rows, as one: what differs stands line below line."""
    made: list[Row] = []
    for row in rows:
        if not made or not _continues(row, made[-1]):
            made.append(row)
            continue
        merged = dict(made[-1].cells)
        for name, cell in row.cells.items():
            before = merged.get(name)
            if before is None:
                merged[name] = cell
            elif cell.location != before.location and cell.text not in re.split("[\n、]", before.text):
                between = "、" if name in ("department", "supporting") else "\n"
                merged[name] = Cell(f"{before.text}{between}{cell.text}", before.location)
        made[-1] = Row(made[-1].number, made[-1].location, merged)
    return made


def _continues(row: Row, last: Row) -> bool:
    name, before = row.cells.get("name"), last.cells.get("name")
    return name is not None and before is not None and name.location == before.location


def _by_matter(row: Row) -> bool:
    return "terms" not in row.cells and "match_category" not in row.cells


def _decided(row: Row, setting: Setting) -> str | None:
    """What the mapping file, else the row's own code, says that the row means."""
    decided = setting.matters.decided(row.cells["name"].text)
    if decided is None and "code" in row.cells and row.cells["code"].text in setting.matters.by_code:
        return row.cells["code"].text
    return decided


def _matter(wanted: Wanted, match: Match | None, setting: Setting, made: Read) -> str | None:
    """The code of the row's matter, which may be one to define; None where that is not settled."""
    decided = _decided(wanted.row, setting)
    if decided == NEW:
        return _new(wanted, setting)
    if decided is not None:
        if decided in setting.matters.by_code:
            return decided
        made.problems.append(at(wanted.name, wanted.table, "unknown-matter", name=wanted.name.text, code=decided))
        return None
    assert match is not None
    if match.code is not None:
        return match.code
    if not match.candidates:
        return _new(wanted, setting)
    listed = "、".join(f"{matter.code} {matter.name}" for matter in match.candidates)
    made.open_matters[wanted.name.text] = tuple((matter.code, matter.name) for matter in match.candidates)
    made.problems.append(at(wanted.name, wanted.table, "needs-confirmation", name=wanted.name.text, listed=listed))
    return None


def _new(wanted: Wanted, setting: Setting) -> str:
    """The code of a matter of that name which this import defines."""
    key = setting.covers, normalised(wanted.name.text)
    if key not in setting.new:
        given = wanted.row.cells.get("code")
        code = given.text if given is not None and is_own(given.text, setting.covers) else None
        if code is None or code in setting.spent:
            code = new_code(setting.request.county, setting.covers, wanted.name.text, setting.spent)
        setting.new[key] = code
        setting.spent.add(code)
    return setting.new[key]


def _sender(wanted: Wanted, setting: Setting, made: Read) -> str | None:
    """The unit above that the row names: never a township of the list's own level."""
    code = _named_sender(wanted, setting, made)
    unit = setting.departments.by_code[code] if code is not None else None
    if unit is None or setting.attributes["audience"] != "township" or (unit.level, unit.kind) != _TOWNSHIP:
        return code
    if setting.needs_sender:
        cell = wanted.row.cells.get("department", wanted.name)
        made.problems.append(at(cell, wanted.table, "own-department", name=wanted.name.text, unit=unit.name))
    return None


def _named_sender(wanted: Wanted, setting: Setting, made: Read) -> str | None:
    """The unit whose name, or code, the row has for the one above."""
    by_code, named = wanted.row.cells.get("department_code"), wanted.row.cells.get("department")
    if setting.attributes.get("assigns") is None:
        return None
    if by_code is not None:
        if by_code.text in setting.departments.by_code:
            return by_code.text
        made.problems.append(at(by_code, wanted.table, "unknown-unit", code=by_code.text))
        return None
    if named is None:
        return None
    departments = named_departments(named.text)
    lead = departments.leads[0] if departments.leads else Named(named.text, named.text)
    decided = _decided_unit(named.text, lead, setting)
    if decided is not None and (decided == NONE or decided in setting.departments.by_code):
        return None if decided == NONE else decided
    results = setting.departments.matching(lead.written)
    if len(results) != 1 and lead.name != lead.written:  # 市农业农村局（市乡村振兴局）
        results = setting.departments.matching(lead.name) or results
    if len(results) == 1 and departments.leads:
        return results[0]
    near = [setting.departments.by_code[code] for code in results] or setting.departments.near(lead.name)
    listed = "、".join(f"{unit.code} {unit.name}" for unit in near) or "—"
    known = (other for other in made.open_units if setting.departments.alike(other, lead.name))
    made.open_units[next(known, lead.name)] = tuple((unit.code, unit.name) for unit in near)
    made.problems.append(
        at(
            named,
            wanted.table,
            "unknown-department",
            warning=not setting.needs_sender and decided is None,
            name=lead.name,
            listed=listed,
        )
    )
    return None


def _decided_unit(text: str, lead: Named, setting: Setting) -> str | None:
    """What was decided of a department, however its name is written: one answer settles all cells that name it."""
    units = setting.request.units
    for way in (text, lead.written, lead.name):
        if way in units:
            return units[way]
    return next((code for name, code in units.items() if setting.departments.alike(name, lead.name)), None)


def _fill(wanted: Wanted, code: str | None, sender: str | None, setting: Setting, made: Read) -> None:
    """Put what the row says into the item, the matter or the note, whichever takes it."""
    left = {name: cell for name, cell in wanted.row.cells.items() if name not in NOWHERE}
    item = wanted.item
    if "terms" in left:
        item["terms"] = cells.several(left.pop("terms").text)
    elif "match_category" in left:
        item["category"] = left.pop("match_category").text
    elif code is not None:
        item["matter"] = code
    if "roles" in left and setting.attributes["polarity"] == "negative":
        result = cells.roles(left["roles"].text)
        if result and result != ["lead", "share"]:
            item["roles"] = result
        left.pop("roles")
    if sender is not None:
        item["from"] = sender
        if "department" in left and named_departments(left["department"].text).alone:
            left.pop("department")
    if "brings" in left:
        cell_values.take_means(wanted, left, setting, made)
    cell_values.take_days(wanted, left, setting, made)
    if "mode" in left:
        cell_values.take_mode(wanted, left, setting, made)
    if code is not None:
        _of_matter(wanted, code, left, setting, made)
    for name in ITEMS_OWN:
        if name in left and setting.covers == "certificate":
            item[name] = left.pop(name).text
    wanted.note = {name: cell.text for name, cell in left.items()}


def _of_matter(wanted: Wanted, code: str, left: dict[str, Cell], setting: Setting, made: Read) -> None:
    """What the matter says already is not said again; a new one is defined by what the row says."""
    names = (*OF_EVERY, *OF_KIND.get(setting.covers, ()))
    says = {name: stated(name, left[name].text) for name in names if name in left}
    if code not in setting.matter_fields:
        setting.matter_fields[code] = _define(wanted, code, says, setting, made)
    fields = setting.matter_fields[code]
    for name, value in says.items():
        if value is None or fields.get(name) == value:
            if value is not None:
                left.pop(name)
        elif (
            name in REVISED
            and code.startswith(f"{setting.request.county}-")
            and _revise(wanted, code, name, value, fields, made)
        ):
            left.pop(name)
        elif name not in (*ITEMS_OWN, *OF_EVERY):
            made.problems.append(_kept_in_note(wanted, left[name], code))
    _check_held_by_law(wanted, fields, setting, made)


def stated(name: str, text: str) -> Any:
    """What a cell says of a matter, as the matter's field has it; None where it says nothing of use."""
    if name == "basis":
        return citations.bases(text)
    if name == "power_kind":
        return powers.of_cell(text).kind
    return cells.several(text) if name in ("materials", "asks") else text


def _define(wanted: Wanted, code: str, says: Entry, setting: Setting, made: Read) -> Entry:
    """The definition of a matter that nobody knew."""
    name = wanted.name
    fields = {field: value for field, value in says.items() if value is not None}
    if setting.covers == "power":
        fields["power_kind"] = cell_values.power_kind(wanted, made)
    sender = setting.departments.by_code.get(wanted.item.get("from", ""))
    if setting.request.holders and sender is not None and sender.function is not None:
        fields["lawful_holders"] = [{"level": sender.level, "function": sender.function}]
    entry = {"matter": code, "kind": setting.covers, "name": name.text} | fields
    made.defined[code] = entry, wanted
    return entry


def _revise(wanted: Wanted, code: str, name: str, value: Any, fields: Entry, made: Read) -> bool:
    """Revise a matter of the county's own; not where another row of the file has said something else of it."""
    revision = made.revised.setdefault(code, ({"matter": code}, wanted))[0]
    if code in made.defined or name in revision:
        if len(revision) == 1:
            del made.revised[code]
        return False
    revision[name] = fields[name] = value
    return True


def _kept_in_note(wanted: Wanted, cell: Cell, code: str) -> SheetProblem:
    return at(cell, wanted.table, "matter-differs", warning=True, code=code)


def _check_held_by_law(wanted: Wanted, fields: Entry, setting: Setting, made: Read) -> None:
    """Say where the department above does not hold by law what it hands down or leads."""
    sender = setting.departments.by_code.get(wanted.item.get("from", ""))
    if sender is None or not (setting.covers == "power" or wanted.table.kind == "division"):
        return
    held = any(
        holder == {"level": sender.level, "function": sender.function} for holder in fields.get("lawful_holders", ())
    )
    if held or (fields["matter"], sender.code) in setting.vested:
        return
    made.problems.append(
        at(
            wanted.row.cells.get("department", wanted.name),
            wanted.table,
            "not-by-law",
            warning=True,
            unit=sender.name,
            name=fields["name"],
        )
    )


def _leave_out_repeats(made: Read) -> None:
    """A row that says the same as one before it is left out, and told; one of the same matter is told."""
    first: dict[bytes, Wanted] = {}
    of_matter: dict[str, Wanted] = {}
    for wanted in made.wanted:
        same = first.setdefault(orjson.dumps([wanted.item, wanted.note], option=orjson.OPT_SORT_KEYS), wanted)
        if same is not wanted:
            location = same.name.location
            made.problems.append(at(wanted.name, wanted.table, "repeated-row", warning=True, location=location))
        elif (matter := wanted.item.get("matter")) is not None:
            earlier = of_matter.setdefault(matter, wanted)
            if earlier is not wanted and _may_repeat(wanted, earlier):
                names: dict[str, Any] = {
                    "name": wanted.name.text,
                    "earlier": earlier.name.text,
                    "location": earlier.name.location,
                }
                made.problems.append(at(wanted.name, wanted.table, "same-matter", warning=True, **names))
    made.wanted = list(first.values())


def _may_repeat(wanted: Wanted, earlier: Wanted) -> bool:
    """Whether a row of the same matter may be one too many: not where it goes by another name and is another's."""
    whose = ("from", "issuer")
    same = all(wanted.item.get(name) == earlier.item.get(name) for name in whose)
    return same or normalised(wanted.name.text) == normalised(earlier.name.text)
