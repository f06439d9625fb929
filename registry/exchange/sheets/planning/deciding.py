"""From a file's tables to decisions: by which document, from which day, on which list, and what differs there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

import psycopg

from registry.domain import labels, words
from registry.domain.dates import OPEN, today
from registry.domain.text import Text
from registry.exchange.published.files import Entry
from registry.exchange.published.recorded_state import RecordedState, after, numbered
from registry.exchange.sheets.meaning.readings import OWN
from registry.exchange.sheets.planning import (
    besides,
    coverage,
    differing,
    ends,
    items,
    levels,
    naming,
    opposed,
    own_powers,
    stated_days,
    withdrawals,
)
from registry.exchange.sheets.planning.county_records import (
    CountyRecords,
    Instrument,
    county,
    instrument,
    like_numbered,
)
from registry.exchange.sheets.planning.differing import Background, Step
from registry.exchange.sheets.planning.listing import lists
from registry.exchange.sheets.planning.matching import Matters
from registry.exchange.sheets.planning.plans import Plan, Sheets
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.planning.scopes import Towns, noted, towns_of
from registry.exchange.sheets.recognising import headings
from registry.exchange.sheets.sentences import of

DIVISION: Final = {"polarity": "positive", "covers": "duty", "audience": "township", "assigns": "assist"}
_BELOW_COUNTIES: Final = ("township", "village")
_IN_WORDS: Final = "village-forbidden"
_SETTLED: Final = ("polarity", "covers", "audience", "assigns", "closed", "quota")


def decide(connection: psycopg.Connection[Any], request: Request, made: Plan) -> None:
    """Add to the plan what its tables would have decided, and what is wrong with them or with the request."""
    document, steps = _document(connection, request, made)
    sheet = made.tables[0].sheet
    given, request = request, stated_days.settled(request, made.tables, document and document.at, made.problems)
    then = request.day or (document.at if document else today())
    known_then = county(connection, request.county, then)
    towns = Towns("", ())
    if known_then is not None and known_then.level in _BELOW_COUNTIES:
        name = known_then.name.removesuffix("人民政府")
        made.problems.append(of(sheet, "county-wanted", code=request.county, name=name, county=request.county[:6]))
        return
    if known_then is not None:
        around = CountyRecords(connection, known_then, then)
        towns = towns_of(known_then, around.departments(), around.above())
    made.lists = lists(connection, request, towns, document and document.at, made)
    request = stated_days.unless_begun(given, request, document and document.at, made)
    day = _day(request, document, made)
    if made.errors or document is None or day is None:
        return
    unit = county(connection, request.county, day)
    if unit is None:
        made.problems.append(of(sheet, "unknown-county", code=request.county, day=day))
        return
    known = CountyRecords(connection, unit, day)
    made.steps += steps
    made.day, made.document = day, document.number
    if not request.scopes:
        made.problems += noted(made.tables, towns)
    reading = _Reading(request, known, document, made, towns)
    for sheets in made.lists:
        if sheets.kind == OWN:
            reading.add_own(sheets)
        else:
            reading.add(sheets)
    if all(sheets.kind == OWN and not sheets.steps for sheets in made.lists):
        made.steps.clear()  # what is held already needs no document


def _document(
    connection: psycopg.Connection[Any], request: Request, made: Plan
) -> tuple[Instrument | None, list[Step]]:
    """The document by which the lists are adopted, and its issue where it is not recorded yet."""
    result, issued = instrument(connection, request.instrument), request.issued
    sheet = made.tables[0].sheet
    if result is None and issued is None:
        like = like_numbered(connection, request.instrument)
        hint = f"（{'、'.join(like)}？）" if like else ""
        made.problems.append(of(sheet, "unknown-instrument", number=request.instrument, like=hint))
    if result is not None:
        if issued is not None and (result.title, result.kind, result.at) != (issued.title, issued.kind, issued.at):
            made.problems.append(of(sheet, "instrument-differs", number=request.instrument))
        return result, []
    if issued is None:
        return None, []
    fields = {"instrument": request.instrument, "title": issued.title, "kind": issued.kind}
    decision = {"type": "InstrumentIssued", "at": issued.at.isoformat()} | fields
    decision["issuer"] = issued.issuer or request.county
    return Instrument(request.instrument, issued.title, issued.kind, issued.at, None), [Step(decision, "issued")]


def _day(request: Request, document: Instrument | None, made: Plan) -> date | None:
    """The day from which it holds: as asked; else the document's where that is new to a list, else today.

    None, with a problem, where no document says it, or where it is the day that stands for having no end.
    """
    latest = max((date.fromisoformat(sheets.latest) for sheets in made.lists if sheets.latest), default=date.min)
    if OPEN in (request.day, request.issued and request.issued.at):
        made.problems.append(of(made.tables[0].sheet, "endless-day", day=OPEN))
        return None
    if request.day is None:
        if document is None:
            return None
        new = any(sheets.state is None or sheets.state.fields["instrument"] != document.number for sheets in made.lists)
        return max(document.at if new else today(), latest)
    for sheets in made.lists:
        if request.day.isoformat() < sheets.latest:
            made.problems.append(of(sheets.sheet, "from-before", code=sheets.code, latest=sheets.latest))
    return request.day


class _Reading:
    """The lists of one file, read one after the other: what one brings in the next one knows."""

    def __init__(self, request: Request, known: CountyRecords, document: Instrument, made: Plan, towns: Towns) -> None:
        self.request, self.known, self.document, self.made, self.towns = request, known, document, made, towns
        self.day = known.day.isoformat()
        self.departments = known.departments()
        self.matter_fields: dict[str, Entry] = {}
        self.spent = known.spent()
        self.vested = known.vested()
        self.new: dict[tuple[str, str], str] = {}

    def add(self, sheets: Sheets) -> None:
        """Read the rows of one list, and add what is to be decided."""
        problems = self.made.problems
        scope = sheets.scope
        unit = self.departments.by_code.get(scope)
        sheets.scope_name = unit.name.removesuffix("人民政府") if unit else scope
        sheets.scope_is_town = unit is not None and unit.level == "township"
        if scope not in self.departments.by_code:
            problems.append(of(sheets.sheet, "unknown-scope", code=scope))
            return
        attributes = self._attributes(sheets, scope)
        if attributes is None:
            return
        setting = self._setting(sheets, attributes, scope)
        matters = setting.matters
        read = items.read(sheets.tables, setting)
        problems += read.problems
        self.made.open_matters |= read.open_matters
        self.made.open_units |= read.open_units
        if self.request.polarity is None and sheets.state is None:
            county = self.known.county
            question = opposed.question(
                self.known.connection,
                sheets,
                attributes,
                read.wanted,
                (scope, county.code, county.parent),
                self.known.day,
            )
            self.made.problems += [question] if question else []
        self._add_matters(read)
        sheets.attributes = attributes
        sheets.steps = self._list(sheets, attributes, read.wanted, matters)
        self.made.steps += sheets.steps

    def add_own(self, sheets: Sheets) -> None:
        """Read the rows of a body's own powers, and add the vestings that are not recorded yet."""
        attributes: Entry = {"polarity": "positive", "covers": "power"}
        setting = self._setting(sheets, attributes, self.request.county)
        read = items.read(sheets.tables, setting)
        self.made.problems += read.problems
        self.made.open_matters |= read.open_matters
        self._add_matters(read)
        known = own_powers.Background(
            self.departments,
            self.towns,
            self.document.number,
            self.day,
            self.vested,
            self.matter_fields,
            setting.matters,
        )
        sheets.attributes = attributes
        sheets.steps = list(own_powers.steps(sheets, read, known, self.made.problems))
        units = (step.decision["unit"] for step in sheets.steps)
        sheets.holders = [self.departments.by_code[unit].name for unit in units]
        self.made.steps += sheets.steps

    def _add_matters(self, read: items.Read) -> None:
        for entry, wanted in read.defined.values():
            self.made.steps.append(Step({"type": "MatterDefined", "at": self.day} | entry, "defined", wanted))
        for entry, wanted in read.revised.values():
            self.made.steps.append(Step({"type": "MatterRevised", "at": self.day} | entry, "revised", wanted))

    def _attributes(self, sheets: Sheets, scope: str) -> Entry | None:
        """What ListAdopted says of the list: as it stands, else as its kind has it."""
        wanted = None if sheets.kind is None else self._of_kind(sheets, sheets.kind)
        if sheets.state is None or sheets.state.ended is not None:
            if wanted is None:
                wanted = {name: sheets.state.fields[name] for name in _SETTLED if name in sheets.state.fields}  # type: ignore[union-attr]
            return wanted | {"scope": scope}
        adopted = sheets.state.fields
        # Whoever exported a list with another audience, or share for lead, gets it back as it was.
        compared = [name for name in ("polarity", "covers") if wanted is not None and wanted[name] != adopted[name]]
        if compared or adopted.get("scope") != scope:
            shown = [_in_words(each) for each in (adopted, (wanted or adopted) | {"scope": scope})]
            problem = of(sheets.sheet, "list-differs", code=sheets.code, recorded=shown[0], wanted=shown[1])
            self.made.problems.append(problem)
            return None
        settled = {name: adopted[name] for name in _SETTLED if name in adopted}
        if self._replaced(sheets) and wanted is not None:
            settled = settled | {name: wanted[name] for name in ("quota",) if name in wanted}
        elif self.request.quota is not None and self.request.quota != adopted.get("quota"):
            quota = adopted.get("quota", "-")
            self.made.problems.append(of(sheets.sheet, "quota-differs", code=sheets.code, recorded=quota))
        return settled | {"scope": scope}

    def _of_kind(self, sheets: Sheets, kind: str) -> Entry:
        attributes: Entry = dict(headings.kinds()[kind].adopts or DIVISION)
        if sheets.polarity is not None and sheets.polarity != attributes["polarity"]:
            attributes = {name: attributes[name] for name in ("covers", "audience")} | {"polarity": sheets.polarity}
        texts = " ".join(f"{table.title} {table.sheet}" for table in sheets.tables)
        if headings.kinds()[kind].adopts.get("covers") in words.BURDEN_KINDS:
            towns, villages = re.search("[乡镇]|街道", texts), re.search("村|社区", texts)
            if bool(towns) != bool(villages):
                attributes["audience"] = "township" if towns else "village"
            if attributes["polarity"] == "negative":
                pass  # of what may not be there is no number
            elif self.request.quota is not None:
                attributes["quota"] = self.request.quota
            elif sheets.state is None:
                self.made.problems.append(of(sheets.sheet, "no-quota", warning=True))
        sheets.audience = attributes["audience"]
        if self.request.audience is not None:
            attributes["audience"] = self.request.audience
        self.made.problems += levels.of_others(sheets, attributes["covers"], attributes["audience"])
        if self.request.open and attributes["polarity"] == "positive":
            attributes["closed"] = False
        if sheets.assigns is not None:
            attributes["assigns"] = sheets.assigns
        return attributes

    def _setting(self, sheets: Sheets, attributes: Entry, scope: str) -> items.Setting:
        covers = attributes["covers"]
        return items.Setting(
            request=self.request,
            attributes=attributes,
            needs_sender=sheets.kind is not None and headings.kinds()[sheets.kind].needs_sender,
            by_words=sheets.kind == _IN_WORDS,
            departments=self.departments,
            matters=Matters(
                self.known.matters(covers),
                self.known.named(covers, sorted({scope, self.request.county})),
                self.request.matters,
                "none" if sheets.kind == _IN_WORDS else self.request.accept,
            ),
            matter_fields=self.matter_fields,
            spent=self.spent,
            vested=self.vested,
            load=self.known.matter_fields,
            new=self.new,
            begins=self._begins(sheets),
            written=self.document.at,
        )

    def _begins(self, sheets: Sheets) -> date:
        """The day from which the list holds, or is to hold."""
        standing = sheets.state is not None and sheets.state.ended is None
        return date.fromisoformat(sheets.state.fields["at"]) if standing and sheets.state else self.known.day

    def _replaced(self, sheets: Sheets) -> bool:
        """Whether the list is to be repealed and adopted anew: it rests on another document."""
        state = sheets.state
        return self.request.replace and state is not None and state.fields["instrument"] != self.document.number

    def _list(self, sheets: Sheets, attributes: Entry, wanted: Sequence[items.Wanted], matters: Matters) -> list[Step]:
        """The list adopted with all its items, adopted anew, or only its differences."""
        state, number, day = sheets.state, self.document.number, self.day
        if (
            self.document.repealed is not None and self.document.repealed <= self.known.day
        ) or self.document.at > self.known.day:
            warning = of(sheets.sheet, "instrument-not-in-force", warning=True, number=number, day=day)
            self.made.problems.append(warning)
        gone = withdrawals.named(sheets, matters, self.day, self.made)
        if state is None:
            self._ask_of_alike(sheets, attributes)
            return self._adopted(sheets.code, sheets, attributes, wanted, day)
        if sheets.emptied:
            sheets.going = withdrawals.without(sheets, [], day)
            repeal = {"type": "ListRepealed", "at": after(day, state), "list": sheets.code}
            return [Step(repeal, "repealed")] if state.ended is None else []
        if state.ended is not None or self._replaced(sheets):
            repealed: list[Step] = []
            if state.ended is None:
                sheets.going = withdrawals.without(sheets, wanted, day)
                self._ask_of_missing(sheets)
                if sheets.going and self.request.missing in ("keep", "within"):
                    self.made.problems.append(of(sheets.sheet, "replace-keeps-nothing", code=sheets.code))
                day = after(day, state)
                repealed = [Step({"type": "ListRepealed", "at": day, "list": sheets.code}, "repealed")]
            generation = 2 if sheets.code == sheets.base_code else int(sheets.code.rpartition("-")[2]) + 1
            code = numbered(sheets.base_code, generation)
            return [*repealed, *self._adopted(code, sheets, attributes, wanted, day)]
        other = state.fields["instrument"] != number
        if other:
            basis = instrument(self.known.connection, state.fields["instrument"])
            if basis is not None and basis.repealed is not None and basis.repealed <= self.known.day:
                self.made.problems.append(
                    of(sheets.sheet, "basis-repealed", code=sheets.code, recorded=basis.number, number=number, day=day)
                )
                return []
            rests_on = state.fields["instrument"]
            self.made.problems.append(
                of(sheets.sheet, "rests-on", warning=True, code=sheets.code, recorded=rests_on, number=number)
            )
        open_ = [item.fields for item in sheets.items.values() if ends.in_force(item, day)]
        of_items = {item["matter"] for item in open_ if "matter" in item} - self.matter_fields.keys()
        self.matter_fields |= self.known.matter_fields(sorted(of_items))
        successors = self.known.successors({item["from"] for item in open_ if "from" in item})
        background = Background(self.matter_fields, successors, number if other else None)
        keep = self._keeping(sheets, wanted)
        steps = differing.differences(sheets.code, sheets.items, wanted, day, background, gone=gone, keep=keep)
        sheets.going = withdrawals.missing(sheets, steps, gone)
        self._ask_of_missing(sheets)
        return steps

    def _keeping(self, sheets: Sheets, wanted: Sequence[items.Wanted]) -> Callable[[RecordedState], bool]:
        """Which of the items that the file does not have stay all the same, as far as that is settled."""
        if self.request.missing == "within":
            covered = coverage.of(wanted, self.matter_fields)
            return lambda item: not covered.has(item.fields, self.matter_fields)
        all_of_them = self.request.missing == "keep" or (sheets.adjusts and self.request.missing is None)
        return lambda _: all_of_them

    def _ask_of_missing(self, sheets: Sheets) -> None:
        unasked = withdrawals.unasked(sheets, self.request, self.day, self.departments.by_code, self.matter_fields)
        self.made.problems += [unasked] if unasked else []

    def _ask_of_alike(self, sheets: Sheets, attributes: Entry) -> None:
        stated = any((self.request.code, *(self.request.list_of(table.sheet) for table in sheets.tables)))
        own = [each.code for each in self.made.lists]
        known = self.known
        alike = besides.question(known.connection, sheets, attributes, own, known.day, stated=stated)
        self.made.problems += [alike] if alike else []

    def _adopted(
        self, code: str, sheets: Sheets, attributes: Entry, wanted: Sequence[items.Wanted], day: str
    ) -> list[Step]:
        title = self.request.title if len(self.made.lists) == 1 else None
        title = title or naming.among(sheets, self.made.lists, self.known.county.name)
        adopted = {"type": "ListAdopted", "at": day, "list": code, "title": title} | attributes
        adopted["instrument"] = self.document.number
        return [Step(adopted, "adopted"), *differing.entered(code, wanted, day)]


def _in_words(adopted: Entry) -> Text:
    """The kind of a list: positive or negative, of what, and where."""
    polarity, covers = labels.POLARITY[adopted["polarity"]], labels.MATTER_KIND[adopted["covers"]]
    scope = adopted.get("scope")
    where = Text("全国", "nationwide") if scope is None else Text(f"范围 {scope}", f"within {scope}")
    return Text(f"{covers.zh}，{polarity.zh}，{where.zh}", f"{polarity.en} of {covers.en}, {where.en}")
