"""From recorded decisions to the snapshot of a day.

Days are ISO strings, which sort as dates do. A decision is its journal line as a dict; a recorded one bears its
`position`, its place among the recorded, counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from tests.oracle.reading import BEARERS, DELEGATIONS, Line, Read, read

DEEDS = BEARERS
BURDENS = ("form", "inspection", "meeting", "document", "mechanism", "workgroup")
FOREVER = "9999-99-99"


class Unit(NamedTuple):
    """A unit as it is on a day; the units it names are read as their successors."""

    code: str
    name: str
    level: str
    kind: str
    function: str | None
    parent: str | None
    guided_by: str | None
    stationed_at: str | None

    @property
    def low(self) -> bool:
        return self.level in ("township", "village")


class Matter(NamedTuple):
    """A matter as it is on a day. in_law: begun and not retired."""

    code: str
    kind: str
    names: tuple[str, ...]
    category: str | None
    lawful_holders: tuple[tuple[str, str], ...]
    requires: tuple[str, ...]
    needs: tuple[str, ...]
    power_kind: str | None
    includes: tuple[str, ...]
    in_law: bool


class Delegation(NamedTuple):
    """A duty delegated, a power granted or a burden imposed, its units read as their successors on the day."""

    ref: str
    matter: str
    kind: str
    sender: str | None
    recipient: str
    role: str | None
    mode: str | None
    instrument: str
    at: str
    due_on: str | None
    brings: frozenset[str]
    under: str | None
    proposal: str | None
    position: int


class Holding(NamedTuple):
    """A unit holds a matter on the day."""

    unit: str
    role: str | None
    by: str  # law, list or delegation
    subject: str
    matter: str
    sender: str | None
    mode: str | None
    instrument: str | None
    brings: frozenset[str]


class History:
    """The recorded decisions as the log knew them up to a position: corrected, reinstated and annulled."""

    def __init__(self, recorded: Sequence[Line], known: int | None = None) -> None:
        self._take(read(recorded[:known]))

    @classmethod
    def of_reads(cls, reads: Sequence[Read]) -> History:
        """The history of decisions that are read already."""
        history = cls(())
        history._take(reads)
        return history

    def _take(self, reads: Sequence[Read]) -> None:
        self.lines: list[Line] = []
        self.transfers: dict[str, Line] = {}
        self.orders: dict[str, Line] = {}  # to put findings right
        self.ends: dict[str, Line] = {}
        self.annulled: dict[str, Line] = {}
        self._pictures: dict[str, Snapshot] = {}
        for each in reads:
            line, bears = each.line, each.line["type"] in DEEDS
            if not each.in_effect:
                if bears:
                    self.annulled[line["ref"]] = line
            elif line["type"] == "RectificationOrdered":
                self.orders[line["ref"]] = line
            elif bears:
                self.transfers[line["ref"]] = {**line, "position": each.position}
            elif line["type"] == "DelegationEnded":
                self.ends[line["ref"]] = line
            else:
                self.lines.append({**line, "position": each.position})
        for ref in (*self.transfers, *self.orders):
            self.annulled.pop(ref, None)

    def of(self, *types: str) -> list[Line]:
        """The decisions of these types, in the order in which they took effect."""
        return sorted(
            (line for line in self.lines if line["type"] in types), key=lambda line: (line["at"], line["position"])
        )

    def on(self, day: str) -> Snapshot:
        if day not in self._pictures:
            self._pictures[day] = Snapshot(self, day)
        return self._pictures[day]

    def days(self) -> list[str]:
        """Every day on which anything may begin or end."""
        dated = [*self.lines, *self.transfers.values(), *self.ends.values(), *self.orders.values()]
        answers = [line for line in self.lines if line["type"] == "RectificationAnswered"]
        due = {line["due_on"] for line in (*self.orders.values(), *answers) if "due_on" in line}
        # An order is overdue from the day after the one by which it was due.
        overdue = {(date.fromisoformat(day) + timedelta(days=1)).isoformat() for day in due}
        return sorted({line[field] for line in dated for field in ("at", "until") if field in line} | overdue)


class Snapshot:
    """What holds on one day."""

    def __init__(self, history: History, day: str) -> None:
        self.history = history
        self.day = day

    def so_far(self, *types: str) -> list[Line]:
        """The decisions of these types that have taken effect by this day, in that order."""
        return [line for line in self.history.of(*types) if line["at"] <= self.day]

    # ------------------------------------------------------------------------------------------------------ units

    @cached_property
    def successors(self) -> dict[str, str | None]:
        """The units dissolved by this day, each with its successor or None."""
        return {line["unit"]: line.get("successor") for line in self.so_far("UnitDissolved")}

    def read(self, code: str | None) -> str | None:
        """The unit as which this one is read on the day: the last of its successors, which may itself be gone.

        None where no unit has the code by that day.
        """
        seen = set()
        while self.successors.get(code) is not None and code not in seen:
            seen.add(code)
            code = self.successors[code]
        return code if code in self._statements else None

    @cached_property
    def _statements(self) -> dict[str, Line]:
        """What was said of each unit registered by the day, of a dissolved one up to its dissolution."""
        stated: dict[str, Line] = {}
        dissolved = {line["unit"]: line["at"] for line in self.so_far("UnitDissolved")}
        for line in self.so_far("UnitRegistered", "UnitRevised", "UnitRenamed", "UnitMoved"):
            in_time = line["at"] < dissolved.get(line["unit"], FOREVER)
            if line["type"] == "UnitRegistered" or (line["unit"] in stated and in_time):
                stated.setdefault(line["unit"], {}).update(line)
        return stated

    @cached_property
    def units_stated(self) -> dict[str, Line]:
        """What was said of each unit that exists on the day, in its own words."""
        return {code: line for code, line in self._statements.items() if code not in self.successors}

    @cached_property
    def tree(self) -> dict[str, Unit]:
        """The units that exist on the day, and those dissolved without a successor: they stay where they were."""
        units = {}
        for code, stated in self._statements.items():
            if self.successors.get(code) is not None:
                continue
            function = stated.get("function") or ("government" if stated["kind"] == "government" else None)
            parent, guide, station = (self.read(stated.get(field)) for field in ("parent", "guided_by", "stationed_at"))
            units[code] = Unit(code, stated["name"], stated["level"], stated["kind"], function, parent, guide, station)
        return units

    @cached_property
    def units(self) -> dict[str, Unit]:
        """The units that exist on the day."""
        return {code: unit for code, unit in self.tree.items() if code not in self.successors}

    def chain(self, code: str | None) -> list[str]:
        """The unit and those above it by parent, nearest first, units dissolved without a successor among them."""
        chain: list[str] = []
        while code is not None and code not in chain:
            chain.append(code)
            code = self.tree[code].parent
        return chain

    def government(self, code: str | None) -> str | None:
        """The unit itself when it is a government or a village, else the nearest such above it."""
        return next((above for above in self.chain(code) if self.tree[above].kind in ("government", "village")), None)

    def offices(self, government: str | None, *kinds: str) -> list[str]:
        """The units of these kinds of which this unit is the government."""
        return [
            unit.code
            for unit in self.units.values()
            if unit.kind in kinds and government is not None and self.government(unit.code) == government
        ]

    def within(self, code: str) -> set[str]:
        """The unit and all below it."""
        return {unit for unit in self.units if code in self.chain(unit)}

    # ---------------------------------------------------------------------------------------- instruments, matters

    def in_force(self, instrument: str) -> bool:
        issued = any(line["instrument"] == instrument for line in self.so_far("InstrumentIssued"))
        repealed = any(line["instrument"] == instrument for line in self.so_far("InstrumentRepealed"))
        return issued and not repealed

    def rests_on(self, instrument: str) -> str:
        """The document itself; or what re-enacted it and was in force when it was repealed, and so on."""
        for repealed in self.so_far("InstrumentRepealed"):
            if repealed["instrument"] == instrument and repealed.get("reenacted"):
                successor = repealed["replaced_by"]
                return self.rests_on(successor) if self.history.on(repealed["at"]).in_force(successor) else instrument
        return instrument

    def has_basis(self, instrument: str) -> bool:
        """What was decided under the document rests on one in force."""
        return self.in_force(self.rests_on(instrument))

    def instrument_kind(self, instrument: str) -> str:
        return next(line["kind"] for line in self.history.of("InstrumentIssued") if line["instrument"] == instrument)

    @cached_property
    def matters(self) -> dict[str, Matter]:
        """Every matter defined, also one whose day has not come."""
        matters = {}
        retired = {line["matter"] for line in self.so_far("MatterRetired")}
        for defined in self.history.of("MatterDefined"):
            stated = dict(defined)
            for line in self.so_far("MatterRevised"):
                if line["matter"] == defined["matter"]:
                    stated.update(line)
            matters[stated["matter"]] = Matter(
                stated["matter"],
                defined["kind"],
                (stated["name"], *(stated.get("aliases") or ())),
                stated.get("category"),
                tuple((holder["level"], holder["function"]) for holder in stated.get("lawful_holders") or ()),
                tuple(stated.get("requires") or ()),
                tuple(stated.get("needs") or ()),
                stated.get("power_kind"),
                tuple(stated.get("includes", ())),
                defined["at"] <= self.day and stated["matter"] not in retired,
            )
        return matters

    # ------------------------------------------------------------------------------------------------------ lists

    @cached_property
    def lists(self) -> dict[str, Line]:
        """The lists in force."""
        repealed = {line["list"] for line in self.so_far("ListRepealed")}
        return {line["list"]: line for line in self.so_far("ListAdopted") if line["list"] not in repealed}

    def items(self, code: str) -> list[Line]:
        """The items in force of a list in force."""
        withdrawn = {(line["list"], line["item"]) for line in self.so_far("ListItemWithdrawn")}
        return [
            line
            for line in self.so_far("ListItemEntered")
            if line["list"] == code and (code, line["item"]) not in withdrawn
        ]

    def reaches(self, code: str, unit: str) -> bool:
        """Is the unit of the list's audience, and in its scope?"""
        adopted = self.lists[code]
        if self.units[unit].level != adopted["audience"]:
            return False
        if "scope" not in adopted:
            return True
        government = self.government(self.read(adopted["scope"]))
        return government is not None and government in self.chain(unit)

    def lists_for(self, unit: str, covers: str, polarity: str) -> list[Line]:
        """The lists in force of that polarity that cover the kind and reach the unit."""
        return [
            adopted
            for code, adopted in self.lists.items()
            if adopted["covers"] == covers and adopted["polarity"] == polarity and self.reaches(code, unit)
        ]

    def matches(self, item: Line, code: str) -> bool:
        """By its matter, its category, or a term contained in the matter's name or an alias."""
        matter = self.matters[code]
        if "matter" in item:
            return item["matter"] == code
        if "category" in item:
            return item["category"] == matter.category
        return any(term in name for term in item["terms"] for name in matter.names)

    def listed(self, adopted: Line, matter: str) -> list[Line]:
        """The items of the list that match the matter."""
        return [item for item in self.items(adopted["list"]) if self.matches(item, matter)]

    # ------------------------------------------------------------------------------------------------ delegations

    def brings(self, ref: str) -> frozenset[str]:
        """What the delegation brings, its own and what was allotted by the day."""
        allotted = [line for line in self.so_far("ResourcesAllotted") if line["ref"] == ref]
        return frozenset(self.history.transfers[ref].get("brings", ())).union(*(line["brings"] for line in allotted))

    def read_delegation(self, transfer: Line) -> Delegation | None:
        """The delegation with its units as read on the day, in force or not; None where its recipient is no more."""
        recipient = self.read(transfer["to"])
        if recipient not in self.units:
            return None
        stated = [transfer.get(field) for field in ("role", "mode", "instrument", "at", "due_on")]
        kind = self.matters[transfer["matter"]].kind
        sender, brings = self.read(transfer["from"]), self.brings(transfer["ref"])
        rest = (transfer.get("under"), transfer.get("proposal"), transfer["position"])
        return Delegation(transfer["ref"], transfer["matter"], kind, sender, recipient, *stated, brings, *rest)

    @cached_property
    def begun(self) -> list[Delegation]:
        """Every delegation begun by the day, ended or not, whose recipient still is."""
        transfers = [d for d in self.history.transfers.values() if d["type"] in DELEGATIONS and d["at"] <= self.day]
        return [delegation for transfer in transfers if (delegation := self.read_delegation(transfer)) is not None]

    @cached_property
    def delegations(self) -> list[Delegation]:
        """The delegations in force."""

        def ends(ref: str) -> str:
            until = self.history.transfers[ref].get("until", FOREVER)
            return min(until, self.history.ends.get(ref, {}).get("at", FOREVER))

        return [delegation for delegation in self.begun if self.day < ends(delegation.ref)]

    def admitted(self, delegation: Delegation) -> bool:
        """Does it name a proposal of the same matter and recipient, admitted by the day?"""
        proposals = {line["proposal"]: line for line in self.history.of("DelegationProposed")}
        if delegation.proposal is None:
            return False
        proposed = proposals[delegation.proposal]
        same = proposed["matter"] == delegation.matter and self.read(proposed["to"]) == delegation.recipient
        return same and any(line["proposal"] == delegation.proposal for line in self.so_far("ProposalAdmitted"))

    # --------------------------------------------------------------------------------------------------- holdings

    @cached_property
    def holdings(self) -> list[Holding]:
        """Every holding of every matter."""
        return [*self._by_law(), *self._by_list(), *self._by_delegation()]

    def _by_law(self) -> Iterator[Holding]:
        for matter in self.matters.values():
            holders = {u.code for u in self.units.values() if (u.level, u.function) in matter.lawful_holders}
            holders |= set(self.vested(matter.code))
            for unit in sorted(holders) if matter.in_law and matter.kind in ("duty", "power") else ():
                role = "lead" if matter.kind == "duty" else None
                subject = f"LAW#{matter.code}"
                yield Holding(unit, role, "law", subject, matter.code, None, None, None, frozenset())

    def vested(self, power: str) -> list[str]:
        """The units in which the power is vested by an instrument in force, and not divested."""
        units = []
        for vesting in self.so_far("PowerVested"):
            unit = self.read(vesting["unit"])
            divested = any(
                self._same(divesting, vesting, "power") and vesting["at"] < divesting["at"]
                for divesting in self.so_far("PowerDivested")
            )
            if vesting["power"] == power and unit in self.units and not divested:
                units += [unit] if self.has_basis(vesting["instrument"]) else []
        return units

    def _same(self, ending: Line, begun: Line, *fields: str) -> bool:
        """Are both of the same unit, as it was read on the day of the ending, and alike in these fields?"""
        then = self.history.on(ending["at"])
        unit = then.read(ending["unit"])
        return unit == then.read(begun["unit"]) and all(ending[field] == begun[field] for field in fields)

    def _by_list(self) -> Iterator[Holding]:
        for code, adopted in self.lists.items():
            assigns = adopted.get("assigns")
            items = [item for item in self.items(code) if assigns and "matter" in item]
            for unit in self.units.values() if items else ():
                if unit.kind in ("government", "village") and self.reaches(code, unit.code):
                    for item in items:
                        duty = adopted["covers"] == "duty"
                        yield Holding(
                            unit.code,
                            assigns if duty else None,
                            "list",
                            f"{code}#{item['item']}",
                            item["matter"],
                            self.read(item.get("from")),
                            None if duty else assigns,
                            adopted["instrument"],
                            frozenset(item.get("brings", ())),
                        )

    def _by_delegation(self) -> Iterator[Holding]:
        for d in self.delegations:
            stated = (d.sender, d.mode, d.instrument, d.brings)
            yield Holding(d.recipient, d.role, "delegation", d.ref, d.matter, *stated)

    def holds(self, unit: str | None, matter: str, role: str | None = None) -> list[Holding]:
        """The unit's holdings of the matter, of that role where one is given."""
        held = [holding for holding in self.holdings if holding.unit == unit and holding.matter == matter]
        return [holding for holding in held if role in (None, holding.role)]

    # ---------------------------------------------------------------------------------------------------- waivers

    @cached_property
    def waived(self) -> set[tuple[str, str | None, str]]:
        """The keys (rule, unit, subject) of the waivers that stand."""
        return {
            (waiver["rule"], self.read(waiver["unit"]), waiver["subject"])
            for waiver in self.so_far("FindingWaived")
            if self.day < waiver.get("until", FOREVER)
            and not any(
                self._same(lifting, waiver, "rule", "subject") and waiver["at"] < lifting["at"]
                for lifting in self.so_far("WaiverLifted")
            )
        }
