"""The units whose findings a decision can change, and the matters of these findings: searched from what it names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final, Literal, LiteralString

import psycopg

from registry.domain import words
from registry.domain.decision import Decision, Step
from registry.domain.decisions import Correction
from registry.impact.reachable_units import (
    BELOW,
    FAMILY,
    GOVERNMENTS,
    IN_FORCE,
    MEMBERS,
    STATIONED,
    TEAMS,
    ListRow,
    LogWindow,
    Transfer,
)
from registry.impact.walks import Walks
from registry.relations.reenacted import PREDECESSORS
from registry.relations.two_times import known_between

# More units than these are judged faster with everybody.
MOST: Final = 20_000
# Any matter; any power.
ANY: Final = None
# What findings of a unit can be about: a matter, the quota of a kind (of its matters), or anything.
About = str | None
Touched = Mapping[str, Collection[About]]


class TooManyUnits(Exception):
    """More than MOST units are affected: checking everybody is faster than searching on."""


def affected_units(
    connection: psycopg.Connection[Any], day: date, before: int, after: int, decisions: Iterable[Decision]
) -> set[str] | None:
    """The units whose findings on the day can differ between what the log knew at two positions; None: everybody's.

    `decisions`: those in between. The answer over-approximates: it may hold units whose findings stay the same.
    """
    search = ImpactSearch(LogWindow(connection, day, day, before, after))
    try:
        search.add_decisions(decisions)
    except TooManyUnits:
        return None
    return set(search.touched)


def quota(kind: str) -> str:
    """What findings about the quota of a kind of burden are about; no matter's code has a `#`."""
    return f"#{kind}"


class ImpactSearch:
    """A search from decisions to the units that they affect, each aggregate visited once. Raises TooManyUnits.

    `requiring`: the duties that ever required a power, for who asks what the touched findings are about. `shared`: with
    other searches, of a window that has this one.
    """

    def __init__(
        self,
        window: LogWindow,
        requiring: Mapping[str, Collection[str]] | None = None,
        shared: Walks | None = None,
    ) -> None:
        self.window = window
        self._walks = shared or Walks(window)
        self.touched: defaultdict[str, set[About]] = defaultdict(set)
        self._requiring = requiring or {}
        self._chained: set[str] = set()
        self._led: set[tuple[str, str | None]] = set()
        self._empowered: set[tuple[str, str | None]] = set()

    def add_decisions(self, decisions: Iterable[Decision]) -> None:
        """Search from each of these decisions, by what its class declares (`FINDINGS`)."""
        refs: set[str] = set()
        for decision in decisions:
            search = _search(decision)
            kind, codes = decision.key_values
            if search == "newcomer":
                self.newcomer(*codes)
            elif search == "aggregate":
                if kind == "ref":
                    refs.update(codes)
                else:
                    SEARCHES[kind](self, *codes)
        self.transfers(refs)

    # ------------------------------------------------------------------------------------------------- what is touched

    def touch(self, units: Iterable[str], *about: About) -> None:
        """Findings of these units can be others than before: about these things, or about anything."""
        for unit in units:
            self.touched[unit].update(about or (ANY,))
        if len(self.touched) > MOST:
            raise TooManyUnits

    def _units(self, walk: LiteralString, codes: Collection[str]) -> frozenset[str]:
        """The units that a walk from these leads to."""
        return self._walks.units(walk, codes)

    def transfers(self, refs: Collection[str]) -> None:
        """These delegations, demands and orders are others than before."""
        if not refs:
            return
        window = self.window
        for unit, matter in self._walks.ordered(refs, window):
            self.touch([unit], ANY if matter is None else matter)
        transfers = self._walks.transfers(refs, window)
        for transfer in transfers:
            quotas = [quota(transfer.kind)] if transfer.kind in words.BURDEN_KINDS else []
            self.touch([transfer.recipient], transfer.matter, *quotas)
        self._chain([transfer for transfer in transfers if transfer.kind != "power"], refs)
        self._lead({(transfer.recipient, transfer.matter) for transfer in transfers if transfer.kind == "duty"})
        self.empower({(transfer.recipient, transfer.matter) for transfer in transfers if transfer.kind == "power"})
        self._given_back(transfers)

    def _chain(self, transfers: Iterable[Transfer], refs: Collection[str] = ()) -> None:
        """Who was handed on what these handed down, however often: for deadlines and rings."""
        fresh = [transfer for transfer in transfers if transfer.ref not in self._chained]
        under: set[str] = set(refs)
        while fresh or under:
            self._chained |= {transfer.ref for transfer in fresh}
            under |= {transfer.ref for transfer in fresh}
            for transfer in fresh:
                self.touch([transfer.recipient], transfer.matter)
            passed = self._walks.passed_on(under, self.window)
            by_matter: dict[str, set[str]] = {}
            for transfer in fresh:
                by_matter.setdefault(transfer.matter, set()).add(transfer.recipient)
            for matter, units in by_matter.items():
                passed += self._sent(units, matter)
            fresh = [transfer for transfer in passed if transfer.ref not in self._chained]
            under.clear()

    def _sent(self, units: Collection[str], matter: str | None) -> list[Transfer]:
        """What these units, under any of their names, handed on of a matter (or of all)."""
        return self._walks.sent(self._units(FAMILY, units), matter, self.window)

    def _lead(self, held: Collection[tuple[str, str | None]]) -> None:
        """A unit may hold a duty otherwise than before: those of its government, and whom they hand it to."""
        fresh = set(held) - self._led
        self._led |= fresh
        by_matter: dict[str | None, set[str]] = {}
        for unit, matter in fresh:
            by_matter.setdefault(matter, set()).add(unit)
        for matter, units in by_matter.items():
            members = self._units(MEMBERS, units)
            self.touch(members, matter)
            for transfer in self._sent(members, matter):
                self.touch([transfer.recipient], transfer.matter)

    def empower(self, held: Collection[tuple[str, str | None]]) -> None:
        """A unit may hold a power otherwise than before: whom it grants it to, its teams, and their governments."""
        fresh = set(held) - self._empowered
        while fresh:
            self._empowered |= fresh
            by_power: dict[str | None, set[str]] = {}
            for unit, power in fresh:
                by_power.setdefault(power, set()).add(unit)
            reached: set[tuple[str, str | None]] = set()
            for power, units in by_power.items():
                teams = self._units(TEAMS, units)
                about = [ANY] if power is None else [power, *self._requiring.get(power, ())]
                self.touch(teams | self._units(GOVERNMENTS, teams), *about)
                reached |= {(unit, power) for unit in teams | self._granted(teams, power)}
            fresh = reached - self._empowered

    def _granted(self, units: Collection[str], power: str | None) -> set[str]:
        """To whom these units grant a power (or any), by delegation or by an item of a list."""
        grants = self._walks.granted(units, power, self.window)
        lists = self._walks.granting_lists(units, power, self.window)
        return {grant.recipient for grant in grants}.union(*(self._reached(listed, assigned=True) for listed in lists))

    def _reached(self, listed: ListRow, *, assigned: bool) -> frozenset[str]:
        """The units that a list may reach: all to whom it assigns; else those to whom anything was handed down."""
        way = listed, assigned
        reaching = self._walks.reaching
        if (reached := reaching.get(way)) is None:
            reached = reaching[way] = frozenset(self._read_reached(listed, assigned=assigned))
        return reached

    def _read_reached(self, listed: ListRow, *, assigned: bool) -> set[str]:
        window = self._walks.window
        scope, audience = listed.scope, listed.audience
        below: list[str] | None = None
        if scope is not None:
            below = sorted(self._units(BELOW, self._units(GOVERNMENTS, [scope])))
        at_level = (
            "SELECT DISTINCT code FROM unit WHERE level = %(level)s AND (%(below)s::text[] IS NULL"
            " OR code = ANY(%(below)s)) AND " + known_between()
        )
        if assigned:
            return {row[0] for row in window.rows(at_level, level=audience, below=below)}
        burdened = (
            "SELECT DISTINCT recipient FROM delegation WHERE kind <> 'power' AND (%(below)s::text[] IS NULL"
            " OR recipient = ANY(%(below)s)) AND " + IN_FORCE + " AND " + known_between()
        )
        return {row[0] for row in window.rows(burdened, below=below)}

    def _listed(self, listed: ListRow, matters: Collection[str], *about: str) -> None:
        """A list is other than before, in these matters of what it assigns; only about some, where that is sure."""
        window, assigns = self.window, listed.assigns is not None
        reached = self._reached(listed, assigned=assigns)
        self.touch(reached, *about)
        if assigns and listed.covers == "duty":
            self._lead({(unit, matter) for unit in reached for matter in matters})
        elif assigns:
            self.empower({(unit, power) for unit in reached for power in matters})
        elif listed.polarity == "negative" and listed.covers == "duty":
            # What other lists assign is measured against it too.
            for other in window.lists("assigns IS NOT NULL AND covers = 'duty' AND " + IN_FORCE):
                if other.audience == listed.audience:
                    self.touch(self._reached(other, assigned=True))
        if listed.covers == "certificate":
            demanded = "SELECT DISTINCT recipient FROM demand WHERE " + known_between()
            villages = {row[0] for row in window.rows(demanded)}
            if listed.scope is not None:
                villages &= self._units(BELOW, self._units(GOVERNMENTS, [listed.scope]))
            self.touch(villages)

    def _given_back(self, transfers: Iterable[Transfer]) -> None:
        """What was returned may come down again on those below, under whatever name."""
        self.touch(self._units(BELOW, {transfer.recipient for transfer in transfers if transfer.returned}))

    # ---------------------------------------------------------------------------------------------- what bears on whom

    def newcomer(self, unit: str) -> None:
        """A unit is registered: only its own government and what that hands down; nothing names it yet."""
        self.touch([unit])
        self._lead({(unit, ANY)})
        self.empower({(unit, ANY)})

    def unit(self, unit: str) -> None:
        """A unit is elsewhere, another, or no more."""
        window = self.window
        below = self._units(BELOW, [unit])
        below |= self._units(STATIONED, below)
        self.touch(below)
        given = window.transfers("recipient = ANY(%(codes)s) AND kind <> 'power'", codes=sorted(below))
        self._chain([*given, *self._sent(below, ANY)])
        self._lead({(each, ANY) for each in below})
        self.empower({(each, ANY) for each in below})
        self._given_back(given)
        for listed in window.lists("scope = ANY(%(codes)s)", codes=sorted(below)):
            self.whole_list(listed)

    def whole_list(self, listed: ListRow) -> None:
        """A list begins, ends, or reaches others than before."""
        items = "SELECT matter FROM item WHERE list = %(list)s AND matter IS NOT NULL"
        items += " AND " + known_between()
        self._listed(listed, {row[0] for row in self.window.rows(items, list=listed.code)})

    def instrument(self, number: str) -> None:
        """A document comes into force or ends; on it may rest what was decided under those that it re-enacts."""
        for (each,) in self.window.rows(PREDECESSORS, number=number):
            self._resting(each)

    def _resting(self, number: str) -> None:
        window = self.window
        transfers = window.transfers("instrument = %(number)s AND " + IN_FORCE, number=number)
        self.touch(transfer.recipient for transfer in transfers)
        self.empower({(transfer.recipient, transfer.matter) for transfer in transfers if transfer.kind == "power"})
        vested = "SELECT unit, power FROM vesting WHERE instrument = %(number)s"
        vested += " AND " + known_between()
        self.empower({(unit, power) for unit, power in window.rows(vested, number=number)})
        for listed in window.lists("instrument = %(number)s AND assigns IS NOT NULL", number=number):
            self.whole_list(listed)

    def matter(self, matter: str) -> None:
        """A matter is said otherwise; of a power, also whoever needs it and is needed for it."""
        self._one_matter(matter)
        requiring = "SELECT DISTINCT code FROM matter WHERE %(power)s = ANY(requires)"
        requiring += " AND " + known_between()
        for (duty,) in self.window.rows(requiring, power=matter):
            self._one_matter(duty)

    def _one_matter(self, matter: str) -> None:
        window = self.window
        transfers = window.transfers("matter = %(matter)s", matter=matter)
        self.touch(transfer.recipient for transfer in transfers)
        for listed in window.lists(
            "assigns IS NOT NULL AND code IN (SELECT list FROM item i WHERE i.matter = %(matter)s AND "
            + known_between("i")
            + ")",
            matter=matter,
        ):
            self.touch(self._reached(listed, assigned=True))
        demanded = "SELECT recipient FROM demand WHERE matter = %(matter)s"
        demanded += " AND " + known_between()
        self.touch(row[0] for row in window.rows(demanded, matter=matter))
        self._given_back(transfers)
        # A list's item that names it says another thing by it: what is like it, elsewhere.
        for listed in window.lists(
            "polarity = 'negative' AND code IN (SELECT list FROM item i WHERE i.matter = %(matter)s AND "
            + known_between("i")
            + ")",
            matter=matter,
        ):
            self.touch(self._reached(listed, assigned=False))

    def vesting(self, power: str, unit: str) -> None:
        """A unit holds a power by law, or no longer."""
        self.empower({(each, power) for each in self._units(FAMILY, [unit])})

    def one_list(self, code: str) -> None:
        """A list begins or ends: everybody whom it reaches."""
        for listed in self._walks.lists(code, self.window):
            self.whole_list(listed)

    def item(self, listed: str, item: str) -> None:
        """An item comes on a list or goes off it: everybody whom the list reaches, of what it assigns its matter."""
        matters = self._walks.item_matters(listed, item, self.window)
        for row in self._walks.lists(listed, self.window):
            # What a negative item forbids may come back under another name; an item of a positive list is itself.
            self._listed(row, matters, *(matters if row.polarity == "positive" else ()))

    def proposal(self, proposal: str) -> None:
        """A proposal is admitted: whoever was handed what was proposed."""
        proposed = "SELECT recipient FROM proposal WHERE proposal = %(proposal)s"
        proposed += " AND " + known_between()
        self.touch(row[0] for row in self.window.rows(proposed, proposal=proposal))

    def waiver(self, rule: str, unit: str, subject: str) -> None:  # noqa: ARG002  the key of a waiver
        """A waiver begins or ends: the unit that bears the finding."""
        self.touch([unit])


def _search(decision: Decision) -> Literal["nobody", "newcomer", "aggregate"]:
    """Which search finds the findings that a decision can change.

    Of a correction: what it is about was there before, so that others may name it.
    """
    if isinstance(decision, Correction) and decision.named_type is not None:
        of = decision.named_type
        bearing = of.FINDINGS.search != "nobody" or of.STEP is Step.INTRODUCES
        return "aggregate" if bearing and of.aggregate_kind() in {"ref", *SEARCHES} else "nobody"
    findings = decision.FINDINGS
    if findings.when and not any(getattr(decision, field) is not None for field in findings.when):
        return "nobody"
    return findings.search


# The search that finds on whom an aggregate bears, by the aggregate's kind; each takes the parts of its key. Refs are
# searched for together (`ImpactSearch.transfers`).
SEARCHES: Final[Mapping[str, Callable[..., None]]] = {
    "unit": ImpactSearch.unit,
    "instrument": ImpactSearch.instrument,
    "matter": ImpactSearch.matter,
    "vesting": ImpactSearch.vesting,
    "list": ImpactSearch.one_list,
    "item": ImpactSearch.item,
    "proposal": ImpactSearch.proposal,
    "waiver": ImpactSearch.waiver,
}
