"""Whose findings a decision can change, found from what it names and not by looking at everybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import psycopg

from registry.domain import decisions as d
from registry.domain.decisions import Decision
from registry.judging.kin import BELOW, FAMILY, GOVERNMENTS, IN_FORCE, MEMBERS, STATIONED, TEAMS, Asking, Deed

# More units than these are judged faster with everybody.
MOST: Final = 20_000
# Any matter; any power.
ANY: Final = None


class Everybody(Exception):
    """The decision bears on more units than are worth finding one by one."""


def affected(
    connection: psycopg.Connection[Any], day: date, before: int, after: int, decisions: Iterable[Decision]
) -> set[str] | None:
    """The units whose findings on the day can differ between what the log knew at two positions; None: everybody's.

    `decisions`: those in between. Rather too many units than too few.
    """
    taken = list(decisions)
    try:
        return set[str]().union(*(_Reach(Asking(connection, day, known)).of(taken) for known in (before, after)))
    except Everybody:
        return None


class _Reach:
    """What decisions bear on, as the log knew it at one position: a search from thing to thing, each looked at once."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.touched: set[str] = set()
        self._chained: set[str] = set()
        self._led: set[tuple[str, str | None]] = set()
        self._empowered: set[tuple[str, str | None]] = set()

    def of(self, decisions: Sequence[Decision]) -> set[str]:
        """All units that they bear on."""
        refs: set[str] = set()
        for decision in decisions:
            match decision:
                case d.DutyDelegated() | d.PowerGranted() | d.BurdenImposed() | d.CertificateDemanded():
                    refs.add(decision.ref)
                case d.DelegationEnded() | d.ResourcesAllotted() | d.Corrected() | d.Reinstated() | d.Annulled():
                    refs.add(decision.ref)
                case _:
                    _BEARS[type(decision)](self, decision)
        self._refs(refs)
        return self.touched

    # ------------------------------------------------------------------------------------------------- what is touched

    def _touch(self, units: Iterable[str]) -> None:
        self.touched.update(units)
        if len(self.touched) > MOST:
            raise Everybody

    def _refs(self, refs: Collection[str]) -> None:
        """These delegations and demands are others than before."""
        if not refs:
            return
        asking = self.asking
        demand = "SELECT recipient FROM demand WHERE ref = ANY(%(refs)s) AND known_from <= %(known)s"
        demand += " AND known_to > %(known)s"
        self._touch(row[0] for row in asking.rows(demand, refs=sorted(refs)))
        deeds = asking.deeds("ref = ANY(%(refs)s)", refs=sorted(refs))
        self._touch(deed.recipient for deed in deeds)
        self._chain([deed for deed in deeds if deed.kind != "power"], refs)
        self._lead({(deed.recipient, deed.matter) for deed in deeds if deed.kind == "duty"})
        self._empower({(deed.recipient, deed.matter) for deed in deeds if deed.kind == "power"})
        self._given_back(refs)

    def _chain(self, deeds: Iterable[Deed], refs: Collection[str] = ()) -> None:
        """Who was handed on what these handed down, however often: for deadlines and rings."""
        fresh = [deed for deed in deeds if deed.ref not in self._chained]
        under: set[str] = set(refs)
        while fresh or under:
            self._chained |= {deed.ref for deed in fresh}
            under |= {deed.ref for deed in fresh}
            self._touch(deed.recipient for deed in fresh)
            passed = self.asking.deeds("under = ANY(%(refs)s) AND kind <> 'power'", refs=sorted(under))
            by_matter: dict[str, set[str]] = {}
            for deed in fresh:
                by_matter.setdefault(deed.matter, set()).add(deed.recipient)
            for matter, units in by_matter.items():
                passed += self._sent(units, matter)
            fresh = [deed for deed in passed if deed.ref not in self._chained]
            under.clear()

    def _sent(self, units: Collection[str], matter: str | None) -> list[Deed]:
        """What these units, under any of their names, handed on of a matter (or of all)."""
        return self.asking.deeds(
            "sender = ANY(%(senders)s) AND kind <> 'power' AND (%(matter)s::text IS NULL OR matter = %(matter)s)",
            senders=sorted(self.asking.units(FAMILY, units)),
            matter=matter,
        )

    def _lead(self, held: Collection[tuple[str, str | None]]) -> None:
        """A unit may hold a duty otherwise than before: those of its government, and whom they hand it to."""
        fresh = set(held) - self._led
        self._led |= fresh
        by_matter: dict[str | None, set[str]] = {}
        for unit, matter in fresh:
            by_matter.setdefault(matter, set()).add(unit)
        for matter, units in by_matter.items():
            members = self.asking.units(MEMBERS, units)
            self._touch(members)
            self._touch(deed.recipient for deed in self._sent(members, matter))

    def _empower(self, held: Collection[tuple[str, str | None]]) -> None:
        """A unit may hold a power otherwise than before: whom it grants it to, its teams, and their governments."""
        fresh = set(held) - self._empowered
        while fresh:
            self._empowered |= fresh
            by_power: dict[str | None, set[str]] = {}
            for unit, power in fresh:
                by_power.setdefault(power, set()).add(unit)
            reached: set[tuple[str, str | None]] = set()
            for power, units in by_power.items():
                teams = self.asking.units(TEAMS, units)
                self._touch(teams | self.asking.units(GOVERNMENTS, teams))
                reached |= {(unit, power) for unit in teams | self._granted(teams, power)}
            fresh = reached - self._empowered

    def _granted(self, units: Collection[str], power: str | None) -> set[str]:
        """To whom these units grant a power (or any), by delegation or by an item of a list."""
        asking = self.asking
        grants = asking.deeds(
            "sender = ANY(%(senders)s) AND kind = 'power' AND (%(power)s::text IS NULL OR matter = %(power)s) AND "
            + IN_FORCE,
            senders=sorted(units),
            power=power,
        )
        lists = asking.lists(
            "assigns IS NOT NULL AND covers = 'power' AND "
            + IN_FORCE
            + " AND code IN (SELECT list FROM item i WHERE i.grantor = ANY(%(grantors)s)"
            " AND (%(power)s::text IS NULL OR i.matter = %(power)s)"
            " AND i.known_from <= %(known)s AND i.known_to > %(known)s)",
            grantors=sorted(units),
            power=power,
        )
        return {grant.recipient for grant in grants}.union(*(self._reached(listed, assigned=True) for listed in lists))

    def _reached(self, listed: Mapping[str, Any], *, assigned: bool) -> set[str]:
        """The units that a list may reach: all to whom it assigns; else those to whom anything was handed down."""
        asking = self.asking
        scope, audience = listed["scope"], listed["audience"]
        below: list[str] | None = None
        if scope is not None:
            below = sorted(asking.units(BELOW, asking.units(GOVERNMENTS, [scope])))
        at_level = (
            "SELECT DISTINCT code FROM unit WHERE level = %(level)s AND (%(below)s::text[] IS NULL"
            " OR code = ANY(%(below)s)) AND known_from <= %(known)s AND known_to > %(known)s"
        )
        if assigned:
            return {row[0] for row in asking.rows(at_level, level=audience, below=below)}
        burdened = (
            "SELECT DISTINCT recipient FROM delegation WHERE kind <> 'power' AND (%(below)s::text[] IS NULL"
            " OR recipient = ANY(%(below)s)) AND valid_from <= %(day)s AND valid_to > %(day)s"
            " AND known_from <= %(known)s AND known_to > %(known)s"
        )
        return {row[0] for row in asking.rows(burdened, below=below)}

    def _list(self, listed: Mapping[str, Any], matters: Collection[str]) -> None:
        """A list is other than before, in these matters of what it assigns."""
        asking, assigns = self.asking, listed["assigns"] is not None
        reached = self._reached(listed, assigned=assigns)
        self._touch(reached)
        if assigns and listed["covers"] == "duty":
            self._lead({(unit, matter) for unit in reached for matter in matters})
        elif assigns:
            self._empower({(unit, power) for unit in reached for power in matters})
        elif listed["polarity"] == "negative" and listed["covers"] == "duty":
            # What other lists assign is measured against it too.
            for other in asking.lists("assigns IS NOT NULL AND covers = 'duty' AND " + IN_FORCE):
                if other["audience"] == listed["audience"]:
                    self._touch(self._reached(other, assigned=True))
        if listed["covers"] == "certificate":
            demanded = "SELECT DISTINCT recipient FROM demand WHERE known_from <= %(known)s AND known_to > %(known)s"
            villages = {row[0] for row in asking.rows(demanded)}
            if listed["scope"] is not None:
                villages &= asking.units(BELOW, asking.units(GOVERNMENTS, [listed["scope"]]))
            self._touch(villages)

    def _given_back(self, refs: Collection[str]) -> None:
        """What was returned may come down again on those below, under whatever name."""
        returned = self.asking.deeds("ref = ANY(%(refs)s) AND end_reason = 'returned'", refs=sorted(refs))
        self._touch(self.asking.units(BELOW, {deed.recipient for deed in returned}))

    # ---------------------------------------------------------------------------------------------- what bears on whom

    def nobody(self, decision: Decision) -> None:
        """It changes no finding."""

    def unit_registered(self, decision: d.UnitRegistered) -> None:
        """Only its own government and what that hands down: nothing names it yet."""
        self._touch([decision.unit])
        self._lead({(decision.unit, ANY)})
        self._empower({(decision.unit, ANY)})

    def unit_revised(self, decision: d.UnitRevised) -> None:
        """A name changes nothing."""
        if any(
            getattr(decision, field) is not None for field in ("level", "kind", "function", "guided_by", "stationed_at")
        ):
            self._unit(decision.unit)

    def unit_moved(self, decision: d.UnitMoved) -> None:
        """It and all below it are elsewhere."""
        self._unit(decision.unit)

    def unit_dissolved(self, decision: d.UnitDissolved) -> None:
        """It is read as its successor."""
        self._unit(decision.unit)

    def _unit(self, unit: str) -> None:
        asking = self.asking
        below = asking.units(BELOW, [unit])
        below |= asking.units(STATIONED, below)
        self._touch(below)
        given = asking.deeds("recipient = ANY(%(codes)s) AND kind <> 'power'", codes=sorted(below))
        self._chain([*given, *self._sent(below, ANY)])
        self._lead({(each, ANY) for each in below})
        self._empower({(each, ANY) for each in below})
        self._given_back({deed.ref for deed in given})
        for listed in asking.lists("scope = ANY(%(codes)s)", codes=sorted(below)):
            self._whole_list(listed)

    def _whole_list(self, listed: Mapping[str, Any]) -> None:
        items = "SELECT matter FROM item WHERE list = %(list)s AND matter IS NOT NULL"
        items += " AND known_from <= %(known)s AND known_to > %(known)s"
        self._list(listed, {row[0] for row in self.asking.rows(items, list=listed["code"])})

    def instrument_repealed(self, decision: d.InstrumentRepealed) -> None:
        """Everything that stands on it."""
        asking, number = self.asking, decision.instrument
        deeds = asking.deeds("instrument = %(number)s AND " + IN_FORCE, number=number)
        self._touch(deed.recipient for deed in deeds)
        self._empower({(deed.recipient, deed.matter) for deed in deeds if deed.kind == "power"})
        vested = "SELECT unit, power FROM vesting WHERE instrument = %(number)s"
        vested += " AND known_from <= %(known)s AND known_to > %(known)s"
        self._empower({(unit, power) for unit, power in asking.rows(vested, number=number)})
        for listed in asking.lists("instrument = %(number)s AND assigns IS NOT NULL", number=number):
            self._whole_list(listed)

    def matter_changed(self, decision: d.MatterRevised | d.MatterRetired) -> None:
        """Whoever holds it; of a power, whoever needs it and is needed for it."""
        self._matter(decision.matter)
        requiring = "SELECT DISTINCT code FROM matter WHERE %(power)s = ANY(requires)"
        requiring += " AND known_from <= %(known)s AND known_to > %(known)s"
        for (duty,) in self.asking.rows(requiring, power=decision.matter):
            self._matter(duty)

    def _matter(self, matter: str) -> None:
        asking = self.asking
        deeds = asking.deeds("matter = %(matter)s", matter=matter)
        self._touch(deed.recipient for deed in deeds)
        for listed in asking.lists(
            "assigns IS NOT NULL AND code IN (SELECT list FROM item i WHERE i.matter = %(matter)s"
            " AND i.known_from <= %(known)s AND i.known_to > %(known)s)",
            matter=matter,
        ):
            self._touch(self._reached(listed, assigned=True))
        demanded = "SELECT recipient FROM demand WHERE matter = %(matter)s"
        demanded += " AND known_from <= %(known)s AND known_to > %(known)s"
        self._touch(row[0] for row in asking.rows(demanded, matter=matter))
        self._given_back({deed.ref for deed in deeds})
        # A list's item that names it says another thing by it: what is like it, elsewhere.
        for listed in asking.lists(
            "polarity = 'negative' AND code IN (SELECT list FROM item i WHERE i.matter = %(matter)s"
            " AND i.known_from <= %(known)s AND i.known_to > %(known)s)",
            matter=matter,
        ):
            self._touch(self._reached(listed, assigned=False))

    def vested(self, decision: d.PowerVested | d.PowerDivested) -> None:
        """The unit holds the power, or no longer."""
        self._empower({(unit, decision.power) for unit in self.asking.units(FAMILY, [decision.unit])})

    def list_changed(self, decision: d.ListAdopted | d.ListRepealed) -> None:
        """Everybody whom it reaches."""
        for listed in self.asking.lists("code = %(list)s", list=decision.list):
            self._whole_list(listed)

    def item_changed(self, decision: d.ListItemEntered | d.ListItemWithdrawn) -> None:
        """Everybody whom the list reaches; of what it assigns only the item's matter."""
        item = "SELECT matter FROM item WHERE list = %(list)s AND item = %(item)s AND matter IS NOT NULL"
        item += " AND known_from <= %(known)s AND known_to > %(known)s"
        matters = {row[0] for row in self.asking.rows(item, list=decision.list, item=decision.item)}
        for listed in self.asking.lists("code = %(list)s", list=decision.list):
            self._list(listed, matters)

    def answered(self, decision: d.ProposalAdmitted) -> None:
        """Whoever was handed what was proposed."""
        proposed = "SELECT recipient FROM proposal WHERE proposal = %(proposal)s"
        proposed += " AND known_from <= %(known)s AND known_to > %(known)s"
        self._touch(row[0] for row in self.asking.rows(proposed, proposal=decision.proposal))

    def waived(self, decision: d.FindingWaived | d.WaiverLifted) -> None:
        """The unit that bears the finding."""
        self._touch([decision.unit])


_BEARS: Final[Mapping[type[Decision], Callable[[_Reach, Any], None]]] = {
    d.UnitRegistered: _Reach.unit_registered,
    d.UnitRevised: _Reach.unit_revised,
    d.UnitRenamed: _Reach.nobody,
    d.UnitMoved: _Reach.unit_moved,
    d.UnitDissolved: _Reach.unit_dissolved,
    d.InstrumentIssued: _Reach.nobody,
    d.InstrumentRepealed: _Reach.instrument_repealed,
    d.MatterDefined: _Reach.nobody,
    d.MatterRevised: _Reach.matter_changed,
    d.MatterRetired: _Reach.matter_changed,
    d.PowerVested: _Reach.vested,
    d.PowerDivested: _Reach.vested,
    d.ListAdopted: _Reach.list_changed,
    d.ListRepealed: _Reach.list_changed,
    d.ListItemEntered: _Reach.item_changed,
    d.ListItemWithdrawn: _Reach.item_changed,
    d.DelegationProposed: _Reach.nobody,
    d.ProposalAdmitted: _Reach.answered,
    d.ProposalRefused: _Reach.nobody,
    d.BurdenReported: _Reach.nobody,
    d.ReportAnswered: _Reach.nobody,
    d.FindingWaived: _Reach.waived,
    d.WaiverLifted: _Reach.waived,
}
