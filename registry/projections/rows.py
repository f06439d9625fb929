"""What the state of an aggregate reads as: the rows of the read tables, as now known.

A row here is without `known_from` and `known_to`; the writer gives these by comparing an aggregate's rows before
and after a decision.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import orjson

from registry.domain import aggregates as t
from registry.domain import decisions as d
from registry.domain.dates import EVER, OPEN

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A read table: its columns (but the two of knowledge), and which of them tell its open rows apart."""

    name: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]


def _table(name: str, identity: str, columns: str) -> Table:
    return Table(name, tuple(columns.split()), tuple(identity.split()))


UNIT: Final = _table(
    "unit",
    "code valid_from",
    "code name level kind function parent guided_by stationed_at aliases monitored dissolved successor position"
    " province valid_from valid_to",
)
INSTRUMENT: Final = _table("instrument", "number", "number title kind issuer replaced_by position valid_from valid_to")
MATTER: Final = _table(
    "matter",
    "code valid_from",
    "code kind name category aliases basis lawful_holders requires needs power_kind issuer alternative materials"
    " procedure online asks in_law retired position valid_from valid_to",
)
LAWFUL_HOLDER: Final = _table(
    "lawful_holder",
    "matter level function valid_from",
    "matter kind level function position valid_from valid_to",
)
VESTING: Final = _table("vesting", "power unit position", "power unit instrument position province valid_from valid_to")
LIST: Final = _table(
    "list",
    "code",
    "code title polarity covers audience scope instrument closed assigns quota position province valid_from valid_to",
)
ITEM: Final = _table(
    "item",
    "list item",
    "list item name matter category terms roles grantor brings issuer alternative position valid_from valid_to",
)
DELEGATION: Final = _table(
    "delegation",
    "ref valid_from",
    "ref kind matter sender recipient role mode instrument began until ended end_reason due_on brings under proposal"
    " position province valid_from valid_to",
)
DEMAND: Final = _table("demand", "ref", "ref matter sender recipient position province valid_from valid_to")
PROPOSAL: Final = _table(
    "proposal",
    "proposal valid_from",
    "proposal matter sender recipient role mode instrument brings due_on answer answered_by answered_on reason position"
    " province valid_from valid_to",
)
REPORT: Final = _table(
    "report",
    "report valid_from",
    "report unit text about outcome answered_by answer position province valid_from valid_to",
)
WAIVER: Final = _table(
    "waiver",
    "unit rule subject position",
    "rule subject unit waived_by reason instrument position province valid_from valid_to",
)
TABLES: Final[tuple[Table, ...]] = (
    UNIT,
    INSTRUMENT,
    MATTER,
    LAWFUL_HOLDER,
    VESTING,
    LIST,
    ITEM,
    DELEGATION,
    DEMAND,
    PROPOSAL,
    REPORT,
    WAIVER,
)

Row = tuple[Table, Values]
KindOf = Callable[[str], str]


def rows(aggregate: t.Aggregate | None, kind_of: KindOf) -> list[Row]:
    """The rows that an aggregate reads as now; `kind_of` tells the kind of a matter by its code."""
    if aggregate is None:
        return []
    if isinstance(aggregate, t.Ref):
        return _ref(aggregate, kind_of)
    read = _READ.get(type(aggregate))
    return [] if read is None else read(aggregate)


def _province(code: str | None) -> str:
    return code[:2] if code else ""


def _unit(unit: t.Unit) -> list[Row]:
    registered = unit.registered
    if registered is None:
        return []
    position = unit.history[0][0]
    found: list[Row] = []

    def add(start: date, end: date, now: dict[str, Any], successor: str | None, *, dissolved: bool) -> None:
        function = now["function"] or ("government" if now["kind"] == "government" else None)
        found.append(
            (
                UNIT,
                (
                    registered.unit,
                    now["name"],
                    now["level"],
                    now["kind"],
                    function,
                    now["parent"],
                    now["guided_by"],
                    now["stationed_at"],
                    tuple(now["aliases"]),
                    now["monitored"],
                    dissolved,
                    successor,
                    position,
                    _province(registered.unit),
                    start,
                    end,
                ),
            )
        )

    intervals = unit.intervals()
    for start, end, now in intervals:
        add(start, end, now, None, dissolved=False)
    if unit.dissolved is not None:
        add(unit.ends, OPEN, intervals[-1][2], unit.dissolved.successor, dissolved=True)
    return found


def _instrument(instrument: t.Instrument) -> list[Row]:
    issued, repealed = instrument.issued, instrument.repealed
    if issued is None:
        return []
    values = (
        issued.instrument,
        issued.title,
        issued.kind,
        issued.issuer,
        repealed.replaced_by if repealed else None,
        instrument.history[0][0],
        issued.at,
        repealed.at if repealed else OPEN,
    )
    return [(INSTRUMENT, values)]


_MATTER_ATTRIBUTES: Final = (
    "name",
    "category",
    "aliases",
    "basis",
    "lawful_holders",
    "requires",
    "needs",
    "power_kind",
    "issuer",
    "alternative",
    "materials",
    "procedure",
    "online",
    "asks",
)


def _matter(matter: t.Matter) -> list[Row]:
    defined = matter.defined
    if defined is None:
        return []
    position = matter.history[0][0]
    begins, ends = defined.at, matter.retired.at if matter.retired else OPEN
    now = {name: getattr(defined, name) for name in _MATTER_ATTRIBUTES}
    days = sorted({EVER, begins, ends, *(revised.at for _, revised in matter.revisions)} - {OPEN})
    revisions = list(matter.revisions)
    found: list[Row] = []
    held: dict[tuple[str, str], date] = {}  # holders by law, and since when
    for start, end in zip(days, [*days[1:], OPEN], strict=True):
        while revisions and revisions[0][1].at <= start:
            revised = revisions.pop(0)[1]
            now.update({name: value for name in _MATTER_ATTRIBUTES if (value := getattr(revised, name)) is not None})
        in_law = begins <= start < ends
        lawful: tuple[d.LawfulHolder, ...] = (now["lawful_holders"] or ()) if in_law else ()
        holders: set[tuple[str, str]] = {(holder.level, holder.function) for holder in lawful}
        for level, function in sorted(held.keys() - holders):
            since = held.pop((level, function))
            found.append((LAWFUL_HOLDER, (defined.matter, defined.kind, level, function, position, since, start)))
        held |= dict.fromkeys(holders - held.keys(), start)
        found.append(
            (
                MATTER,
                (
                    defined.matter,
                    defined.kind,
                    now["name"],
                    now["category"],
                    tuple(now["aliases"] or ()),
                    tuple(now["basis"] or ()),
                    orjson.dumps([holder.model_dump() for holder in now["lawful_holders"] or ()]).decode(),
                    tuple(now["requires"] or ()),
                    tuple(now["needs"] or ()),
                    now["power_kind"],
                    now["issuer"],
                    now["alternative"],
                    tuple(now["materials"] or ()),
                    now["procedure"],
                    now["online"],
                    tuple(now["asks"] or ()),
                    in_law,
                    start >= ends,
                    position,
                    start,
                    end,
                ),
            )
        )
    found += [
        (LAWFUL_HOLDER, (defined.matter, defined.kind, level, function, position, since, OPEN))
        for (level, function), since in sorted(held.items())
    ]
    return found


def _vesting(vesting: t.Vesting) -> list[Row]:
    return [
        (
            VESTING,
            (
                vested.power,
                vested.unit,
                vested.instrument,
                position,
                _province(vested.unit),
                vested.at,
                vesting.ends(vested),
            ),
        )
        for position, vested in vesting.of(d.PowerVested)
    ]


def _list(list_: t.List) -> list[Row]:
    adopted, repealed = list_.adopted, list_.repealed
    if adopted is None:
        return []
    closed = adopted.polarity == "positive" and adopted.closed is not False
    values = (
        adopted.list,
        adopted.title,
        adopted.polarity,
        adopted.covers,
        adopted.audience,
        adopted.scope,
        adopted.instrument,
        closed,
        adopted.assigns,
        adopted.quota,
        list_.history[0][0],
        _province(adopted.scope),
        adopted.at,
        repealed.at if repealed else OPEN,
    )
    return [(LIST, values)]


def _item(item: t.Item) -> list[Row]:
    entered, withdrawn = item.entered, item.withdrawn
    if entered is None:
        return []
    values = (
        entered.list,
        entered.item,
        entered.name,
        entered.matter,
        entered.category,
        entered.terms,
        ("lead", "share") if entered.roles is None else entered.roles,
        entered.from_,
        entered.brings or (),
        entered.issuer,
        entered.alternative,
        item.history[0][0],
        entered.at,
        withdrawn.at if withdrawn else OPEN,
    )
    return [(ITEM, values)]


def _ref(ref: t.Ref, kind_of: KindOf) -> list[Row]:
    transfer = ref.transfer
    if transfer is None or ref.annulled:
        return []
    position = ref.history[0][0]
    ended, role, mode, due_on, under = ref.ended, None, None, None, None
    brings: tuple[str, ...] = ()
    if isinstance(transfer, d.DutyDelegated):
        kind, role, mode, due_on, under, brings = (
            "duty",
            transfer.role,
            transfer.mode,
            transfer.due_on,
            transfer.under,
            transfer.brings or (),
        )
    elif isinstance(transfer, d.PowerGranted):
        kind, mode, brings = "power", transfer.mode, transfer.brings or ()
    elif isinstance(transfer, d.BurdenImposed):
        kind, due_on, under = kind_of(transfer.matter), transfer.due_on, transfer.under
    else:
        values = (
            transfer.ref,
            transfer.matter,
            transfer.from_,
            transfer.to,
            position,
            _province(transfer.to),
            transfer.at,
            OPEN,
        )
        return [(DEMAND, values)]
    end = min(transfer.until or OPEN, ended.at if ended else OPEN)

    def row(start: date, stop: date, means: tuple[str, ...]) -> Row:
        return DELEGATION, (
            transfer.ref,
            kind,
            transfer.matter,
            transfer.from_,
            transfer.to,
            role,
            mode,
            transfer.instrument,
            transfer.at,
            transfer.until,
            ended.at if ended else None,
            ended.reason if ended else None,
            due_on,
            means,
            under,
            transfer.proposal,
            position,
            _province(transfer.to),
            start,
            stop,
        )

    if len(ref.history) == 1:
        return [row(transfer.at, end, _sorted(brings))]
    start, means, found = transfer.at, set(brings), list[Row]()
    for _, allotted in t.by_day(ref.of(d.ResourcesAllotted)):
        if allotted.at >= end or not set(allotted.brings) - means:
            continue
        if allotted.at > start:
            found.append(row(start, allotted.at, _sorted(means)))
            start = allotted.at
        means |= set(allotted.brings)
    found.append(row(start, end, _sorted(means)))
    return found


def _sorted(means: Collection[str]) -> tuple[str, ...]:
    """Staff before funds, each once."""
    if not means:
        return ()
    return tuple(resource for resource in ("staff", "funds") if resource in means)


def _proposal(proposal: t.Proposal) -> list[Row]:
    proposed, answer = proposal.proposed, proposal.answer
    if proposed is None:
        return []
    position = proposal.history[0][0]

    def row(start: date, end: date, given: d.ProposalAnswer | None) -> Row:
        said = None if given is None else "admitted" if isinstance(given, d.ProposalAdmitted) else "refused"
        return PROPOSAL, (
            proposed.proposal,
            proposed.matter,
            proposed.from_,
            proposed.to,
            proposed.role,
            proposed.mode,
            proposed.instrument,
            proposed.brings or (),
            proposed.due_on,
            said,
            given.by if given else None,
            given.at if given else None,
            given.reason if given else None,
            position,
            _province(proposed.to),
            start,
            end,
        )

    if answer is None:
        return [row(proposed.at, OPEN, None)]
    if answer.at <= proposed.at:
        return [row(answer.at, OPEN, answer)]
    return [row(proposed.at, answer.at, None), row(answer.at, OPEN, answer)]


def _report(report: t.Report) -> list[Row]:
    found: list[Row] = []
    for position, reported in report.of(d.BurdenReported):
        answers = [answer for _, answer in t.by_day(report.of(d.ReportAnswered))]
        states: dict[date, d.ReportAnswered | None] = {reported.at: None}
        for answer in answers:
            states[max(answer.at, reported.at)] = answer
        days = sorted(states)
        for start, end in zip(days, [*days[1:], OPEN], strict=True):
            given = states[start]
            found.append(
                (
                    REPORT,
                    (
                        reported.report,
                        reported.unit,
                        reported.text,
                        reported.about,
                        given.outcome if given else None,
                        given.by if given else None,
                        given.text if given else None,
                        position,
                        _province(reported.unit),
                        start,
                        end,
                    ),
                )
            )
    return found


def _waiver(waiver: t.Waiver) -> list[Row]:
    return [
        (
            WAIVER,
            (
                waived.rule,
                waived.subject,
                waived.unit,
                waived.by,
                waived.reason,
                waived.instrument,
                position,
                _province(waived.unit),
                waived.at,
                waiver.ends(waived),
            ),
        )
        for position, waived in waiver.of(d.FindingWaived)
    ]


_READ: Final[dict[type[t.Aggregate], Callable[[Any], list[Row]]]] = {
    t.Unit: _unit,
    t.Item: _item,
    t.Matter: _matter,
    t.Instrument: _instrument,
    t.List: _list,
    t.Vesting: _vesting,
    t.Proposal: _proposal,
    t.Report: _report,
    t.Waiver: _waiver,
}
