"""The objects of the schema, as of a moment: what is asked inside one is asked of the same day and the same log."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry.types import Info

from registry import checker
from registry.domain import words
from registry.queries import instruments
from registry.queries.burdens import burdens
from registry.queries.findings import findings
from registry.queries.holdings import holdings, powers
from registry.queries.lists import items as list_items
from registry.queries.matters import matters
from registry.queries.units import units
from registry.queries.units.resolve import need_rule
from registry.relations.two_times import AsOf
from registry.web.graphql import loaders, outcomes
from registry.web.graphql.context import context_of
from registry.web.graphql.decisions import Decision, history_page
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor
from registry.web.graphql.scalars import Level, MatterKind, Role, Severity
from registry.web.problems import bad_value

if TYPE_CHECKING:
    from registry.web.graphql.impact import Remedy

ID = strawberry.ID
SEVERITIES = {"V": Severity.VIOLATION, "W": Severity.WARNING, "R": Severity.REVIEW}
LETTERS = {severity: letter for letter, severity in SEVERITIES.items()}


def ids(codes: list[str]) -> list[strawberry.ID]:
    """Codes as the schema's ids."""
    return cast("list[strawberry.ID]", codes)


async def load_unit(info: Info[Any, Any], moment: AsOf, code: str | None) -> Unit | None:
    """A unit by code, as it stood."""
    row = None if code is None else await context_of(info).load(loaders.load_units, code, moment)
    return None if row is None else unit_of(row, moment)


async def need_unit(info: Info[Any, Any], moment: AsOf, code: str) -> Unit:
    """A unit that a row names, so that it is there."""
    result = await load_unit(info, moment, code)
    assert result is not None, code
    return result


async def need_matter(info: Info[Any, Any], moment: AsOf, code: str) -> Matter:
    """A matter that a row names, so that it is there."""
    result = await context_of(info).load(loaders.load_matters, code, moment)
    assert result is not None, code
    return matter_of(result, moment)


async def load_instrument(info: Info[Any, Any], moment: AsOf, number: str | None) -> Instrument | None:
    """A document by number, in force or not."""
    row = None if number is None else await context_of(info).load(loaders.load_instruments, number, moment)
    return None if row is None else instrument_of(row, moment)


@strawberry.type(description="单位。 An organ or organisation that can hold duties or powers.")
class Unit:
    row: strawberry.Private[units.Unit]
    moment: strawberry.Private[AsOf]
    code: ID
    name: str
    level: Level
    kind: str
    function: str | None
    aliases: list[str]
    monitored: bool = strawberry.field(description="减负监测点。 It is a monitoring point.")
    dissolved: bool = strawberry.field(description="已撤销。 It is no more on that day.")
    since: date = strawberry.field(description="设立日。 The day of its registration.")
    until: date | None = strawberry.field(description="撤销日。 The day of its dissolution, as known.")

    @strawberry.field(description="上级。 The unit above it; a dissolved one is read as its successor.")
    async def parent(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.parent)

    @strawberry.field(description="业务指导单位。 The superior of its line (条).")
    async def guided_by(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.guided_by)

    @strawberry.field(description="派驻地。 Where a dispatched team works.")
    async def stationed_at(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.stationed_at)

    @strawberry.field(description="承接单位。 What it is read as once dissolved.")
    async def successor(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.successor)

    @strawberry.field(description="下级。 The units directly below it, by code.")
    async def children(
        self, info: Info, level: Level | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[Unit]:
        size, key = page_size(first), read_cursor(after)
        what = (self.moment, level and level.value, key, size + 1)
        total, rows = await context_of(info).load(loaders.load_children, self.code, *what) or (0, [])
        nodes = [unit_of(row, self.moment) for row in rows]
        return connection(nodes, lambda unit: unit.code, size, after, lambda: total)

    @strawberry.field(description="职责。 The duties it holds, by subject.")
    async def responsibilities(
        self, info: Info, role: Role | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[Holding]:
        size, key = page_size(first), read_cursor(after)
        what = (self.moment, role and role.value, key, size + 1)
        total, rows = await context_of(info).load(loaders.load_responsibilities, self.code, *what) or (0, [])
        nodes = [holding_of(row, self.moment) for row in rows]
        return connection(nodes, lambda holding: holding.subject, size, after, lambda: total)

    @strawberry.field(description="权力。 The powers it holds, and those handed to it in vain, by code.")
    async def powers(self, info: Info) -> list[PowerHolding]:
        rows = await context_of(info).load(loaders.load_powers, self.code, self.moment) or []
        return [power_of(row, self.moment) for row in rows]

    @strawberry.field(description="负担事项。 The burdens on it in force.")
    async def burdens(self, info: Info, kind: MatterKind | None = None) -> list[Delegation]:
        need_burden(kind)
        rows = await context_of(info).load(loaders.load_burdens, self.code, self.moment, kind and kind.value) or []
        return [delegation_of(row, self.moment) for row in rows]

    @strawberry.field(description="负面清单事项。 What negative lists that reach it forbid.")
    async def negative_list(self, info: Info, covers: MatterKind | None = None) -> list[ListItem]:
        return await self._items(info, "negative", covers)

    @strawberry.field(description="正面清单事项。 What positive lists that reach it name.")
    async def positive_list(self, info: Info, covers: MatterKind | None = None) -> list[ListItem]:
        return await self._items(info, "positive", covers)

    async def _items(self, info: Info, polarity: str, covers: Any) -> list[ListItem]:
        what = (self.moment, polarity, covers and covers.value)
        rows = await context_of(info).load(loaders.load_items, self.code, *what) or []
        return [item_of(row, self.moment) for row in rows]

    @strawberry.field(description="问题。 What the checker finds that it bears, by rule and subject.")
    async def findings(
        self,
        info: Info,
        rule: str | None = None,
        severity: Severity | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Finding]:
        if rule is not None:
            need_rule(rule)
        rows = await context_of(info).load(loaders.load_findings, self.code, self.moment) or []
        rows = findings.chosen(rows, rule=rule, severity=severity and LETTERS[severity])
        return findings_page(rows, self.moment, first, after)

    @strawberry.field(
        description="变更记录。 The decisions that name it, and what became of what they are about, by position."
    )
    async def history(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Decision]:
        return await history_page(info, "unit", self.code, self.moment.known_at, first, after)


@strawberry.type(description="承担。 A unit holding a matter: by law, by a list that assigns, or by a delegation.")
class Holding:
    row: strawberry.Private[holdings.Holding]
    moment: strawberry.Private[AsOf]
    role: Role | None = strawberry.field(description="权力和负担事项为空。 null for powers and burdens.")
    by: str = strawberry.field(description="依据种类。 law, list or delegation")
    subject: ID = strawberry.field(description="依据编号。 LAW#MATTER, LIST#ITEM, or the delegation's ref.")
    mode: str = strawberry.field(
        description="方式。 As decided; law or vested by law, assigned by a list of duties, imposed for a burden."
    )
    since: date
    until: date | None
    brings: list[str]
    due_on: date | None
    position: int = strawberry.field(description="所依决定的序号。 Of the decision it rests on.")

    @strawberry.field
    async def unit(self, info: Info) -> Unit:
        return await need_unit(info, self.moment, self.row.unit)

    @strawberry.field
    async def matter(self, info: Info) -> Matter:
        return await need_matter(info, self.moment, self.row.matter)

    @strawberry.field(name="from", description="交办单位。 Who handed it down, read as its successor.")
    async def sender(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.sender)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.instrument)


@strawberry.type(description="法定承担者。 Units of this level and function hold the matter by law.")
class LawfulHolder:
    level: Level
    function: str


@strawberry.type(description="事项。 Anything a list can name.")
class Matter:
    row: strawberry.Private[matters.Matter]
    moment: strawberry.Private[AsOf]
    code: ID
    kind: MatterKind
    name: str
    category: str | None
    aliases: list[str]
    basis: list[str]
    lawful_holders: list[LawfulHolder]
    needs: list[str]
    power_kind: str | None
    issuer: str | None = strawberry.field(description="出具机关。 Of a certificate: who issues it.")
    alternative: str | None = strawberry.field(description="替代办法。 Of a certificate: what does instead.")
    materials: list[str] = strawberry.field(description="所需材料。 Of a certificate: what to bring.")
    procedure: str | None = strawberry.field(description="办理方式。 Of a certificate: how it is done.")
    online: str | None = strawberry.field(description="网上办理。 Of a certificate: where it is done or checked.")
    asks: list[str] = strawberry.field(description="填报内容。 Of a form: the fields that it asks for.")
    in_law: bool = strawberry.field(description="有效。 Begun and not retired: can be held by law.")
    retired: bool
    position: int

    @strawberry.field(description="所需权力。 The powers that a duty requires.")
    async def requires(self, info: Info) -> list[Matter]:
        return [await need_matter(info, self.moment, code) for code in self.row.requires]

    @strawberry.field(
        description="变更记录。 The decisions that name it, and what became of what they are about, by position."
    )
    async def history(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Decision]:
        return await history_page(info, "matter", self.code, self.moment.known_at, first, after)


@strawberry.type(description="依据文件。 The document that gives a decision its basis.")
class Instrument:
    row: strawberry.Private[instruments.Instrument]
    moment: strawberry.Private[AsOf]
    number: ID = strawberry.field(description="文号。 Its number.")
    title: str
    kind: str
    since: date
    until: date | None
    in_force: bool
    position: int

    @strawberry.field
    async def issuer(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.issuer)

    @strawberry.field
    async def replaced_by(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.replaced_by)


@strawberry.type(description="清单事项。 An item of a list in force, with what matters of its list.")
class ListItem:
    row: strawberry.Private[list_items.Item]
    moment: strawberry.Private[AsOf]
    subject: ID = strawberry.field(description="LIST#ITEM")
    list: ID
    title: str = strawberry.field(description="清单名称。 Of the list.")
    polarity: str
    covers: MatterKind
    audience: Level
    closed: bool
    assigns: str | None
    quota: int | None
    item: ID
    name: str
    category: str | None
    terms: list[str]
    roles: list[Role]
    brings: list[str]
    issuer: str | None
    alternative: str | None
    since: date
    until: date | None
    position: int

    @strawberry.field(description="适用地域。 The unit whose territory it is for; null: nationwide.")
    async def scope(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.scope)

    @strawberry.field
    async def matter(self, info: Info) -> Matter | None:
        code = self.row.matter
        return None if code is None else await need_matter(info, self.moment, code)

    @strawberry.field(name="from")
    async def sender(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.sender)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.instrument)


@strawberry.type(description="下放、赋权、交办。 One duty delegated, power granted or burden imposed.")
class Delegation:
    row: strawberry.Private[burdens.Delegation]
    moment: strawberry.Private[AsOf]
    ref: ID
    kind: MatterKind
    role: Role | None
    mode: str | None
    at: date
    until: date | None
    due_on: date | None
    brings: list[str]
    under: ID | None
    proposal: ID | None
    position: int

    @strawberry.field
    async def matter(self, info: Info) -> Matter:
        return await need_matter(info, self.moment, self.row.matter)

    @strawberry.field(name="from")
    async def sender(self, info: Info) -> Unit:
        return await need_unit(info, self.moment, self.row.sender)

    @strawberry.field(name="to")
    async def recipient(self, info: Info) -> Unit:
        return await need_unit(info, self.moment, self.row.recipient)

    @strawberry.field
    async def instrument(self, info: Info) -> Instrument | None:
        return await load_instrument(info, self.moment, self.row.instrument)


@strawberry.type(description="权力。 A power that a unit holds, or was handed in vain.")
class PowerHolding:
    row: strawberry.Private[powers.PowerHolding]
    moment: strawberry.Private[AsOf]
    effective: bool
    entrusted_only: bool = strawberry.field(description="仅受委托。 So that it may not grant it again.")
    chain: list[ID] = strawberry.field(description="来源链。 Subjects from the original holder down to it.")

    @strawberry.field
    async def power(self, info: Info) -> Matter:
        return await need_matter(info, self.moment, self.row.power)


@strawberry.type(description="问题。 What the checker says about a holding or delegation.")
class Finding:
    row: strawberry.Private[checker.Finding]
    moment: strawberry.Private[AsOf]
    unrecorded: strawberry.Private[outcomes.Unrecorded | None]
    rule: str
    severity: Severity
    subject: ID
    missing: list[ID]
    path: list[ID]
    basis: list[str]
    waived_by: ID | None

    @strawberry.field
    async def unit(self, info: Info) -> Unit:
        if self.unrecorded is not None and (new := self.unrecorded.units.get(self.row.unit)) is not None:
            return unit_of(new, self.moment)
        return await need_unit(info, self.moment, self.row.unit)

    @strawberry.field
    async def matter(self, info: Info) -> Matter:
        if self.unrecorded is not None and (new := self.unrecorded.matters.get(self.row.matter)) is not None:
            return matter_of(new, self.moment)
        return await need_matter(info, self.moment, self.row.matter)

    @strawberry.field(description="说明。 A sentence for the reader, in zh or en.")
    def message(self, lang: str | None = "zh") -> str:
        return said({"zh": self.row.message.zh, "en": self.row.message.en}, lang)

    @strawberry.field(description="起始日。 The first day of the unbroken time in which it holds; null: not looked up.")
    async def since(self, info: Info) -> date | None:
        return await context_of(info).load(outcomes.load_since, self.row, self.moment)

    @strawberry.field(description="整改办法。 Ways out as the log stands now, the best first, each tried.")
    async def remedies(self, info: Info) -> list[Annotated[Remedy, strawberry.lazy("registry.web.graphql.impact")]]:
        from registry.web.graphql.impact import remedy_of

        rows = await context_of(info).load(outcomes.load_remedies, self.row) or []
        return [remedy_of(row, self.moment) for row in rows]


def said(message: dict[str, str], lang: str | None) -> str:
    """A text in the language asked for (zh, en and their variants); Chinese for any other."""
    return message["en" if (lang or "zh").lower().startswith("en") else "zh"]


def need_burden(kind: MatterKind | None) -> None:
    """The kind, where one is given, must be one of burdens. Raises bad-value."""
    if kind is not None and kind.value not in words.BURDEN_KINDS:
        names = ", ".join(name.upper() for name in words.BURDEN_KINDS)
        zh, en = f"{kind.name} 不是负担的种类，可用：{names}。", f"{kind.name} is no kind of burden; use {names}."
        raise bad_value("kind", zh, en)


def columns(row: Any, *names: str) -> dict[str, Any]:
    """These columns of a row, by name."""
    return {name: getattr(row, name) for name in names}


def unit_of(row: units.Unit, moment: AsOf) -> Unit:
    """A unit of the schema."""
    plain = columns(row, "code", "name", "kind", "function", "aliases", "monitored", "dissolved", "since", "until")
    return Unit(row=row, moment=moment, level=Level(row.level), **plain)


def holding_of(row: holdings.Holding, moment: AsOf) -> Holding:
    """A holding of the schema."""
    plain = columns(row, "by", "subject", "mode", "since", "until", "brings", "due_on", "position")
    return Holding(row=row, moment=moment, role=None if row.role is None else Role(row.role), **plain)


def matter_of(row: matters.Matter, moment: AsOf) -> Matter:
    """A matter of the schema."""
    names = ("code", "name", "category", "aliases", "basis", "needs", "power_kind", "issuer", "alternative")
    plain = columns(row, *names, "materials", "procedure", "online", "asks", "in_law", "retired", "position")
    lawful = [LawfulHolder(level=Level(each["level"]), function=each["function"]) for each in row.lawful_holders]
    return Matter(row=row, moment=moment, kind=MatterKind(row.kind), lawful_holders=lawful, **plain)


def instrument_of(row: instruments.Instrument, moment: AsOf) -> Instrument:
    """A document of the schema."""
    plain = columns(row, "number", "title", "kind", "since", "until", "in_force", "position")
    return Instrument(row=row, moment=moment, **plain)


def item_of(row: list_items.Item, moment: AsOf) -> ListItem:
    """An item of the schema."""
    names = ("list", "title", "polarity", "closed", "assigns", "quota", "item", "name", "category", "terms", "brings")
    plain = columns(row, *names, "issuer", "alternative", "since", "until", "position")
    return ListItem(
        row=row,
        moment=moment,
        subject=ID(f"{row.list}#{row.item}"),
        covers=MatterKind(row.covers),
        audience=Level(row.audience),
        roles=[Role(role) for role in row.roles],
        **plain,
    )


def delegation_of(row: burdens.Delegation, moment: AsOf) -> Delegation:
    """A delegation of the schema."""
    plain = columns(row, "ref", "mode", "at", "until", "due_on", "brings", "under", "proposal", "position")
    return Delegation(
        row=row, moment=moment, kind=MatterKind(row.kind), role=None if row.role is None else Role(row.role), **plain
    )


def power_of(row: powers.PowerHolding, moment: AsOf) -> PowerHolding:
    """A power of the schema."""
    return PowerHolding(
        row=row, moment=moment, effective=row.effective, entrusted_only=row.entrusted_only, chain=ids(row.chain)
    )


def finding_of(row: checker.Finding, moment: AsOf, unrecorded: outcomes.Unrecorded | None = None) -> Finding:
    """A finding of the schema."""
    return Finding(
        row=row,
        moment=moment,
        unrecorded=unrecorded,
        severity=SEVERITIES[row.severity],
        missing=ids(list(row.missing or ())),
        path=ids(list(row.path)),
        basis=list(row.basis),
        **columns(row, "rule", "subject", "waived_by"),
    )


def findings_page(
    rows: list[checker.Finding], moment: AsOf, first: int | None, after: str | None
) -> Connection[Finding]:
    """A page of findings, which are in order of key."""
    size, key = page_size(first), read_cursor(after)
    start = 0 if key is None else sum(finding.key <= tuple(key.split("\n")) for finding in rows)
    nodes = [finding_of(row, moment) for row in rows[start : start + size + 1]]
    return connection(nodes, lambda found: "\n".join(found.row.key), size, after, lambda: len(rows))
