"""The aggregates that decisions are about, each the fold of its own stream.

An aggregate keeps what was decided of it in the order of the log and answers for any day, as far as the log knows. It
names other aggregates by code and never looks at them: that is for the slices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final, TypeVar

import orjson

from registry.domain import decisions as d
from registry.domain.dates import OPEN
from registry.domain.decisions import Decision
from registry.domain.text import Text
from registry.fast.evicted_keys import EvictedKeys

D = TypeVar("D", bound=Decision)


# The classes of aggregates by what their keys begin with.
KINDS: Final[dict[str, type[Aggregate]]] = {}


def _nothing() -> list[Any]:
    return []  # `list[...]` called as a factory takes ten times as long; one is made for every other decision


@dataclass(slots=True)
class Aggregate:
    """What is recorded of one aggregate: decisions with their positions, oldest first.

    KIND: what its keys begin with, before the colon. NOUN: what users call one. UNKNOWN: the contract's code where
    one is named that is not recorded.
    """

    KIND: ClassVar[str]
    NOUN: ClassVar[Text]
    UNKNOWN: ClassVar[str] = "unknown-ref"

    def __init_subclass__(cls) -> None:
        # dataclass(slots=True) makes each class a second time: that one is the one used.
        KINDS[cls.KIND] = cls

    history: list[tuple[int, Decision]] = field(default_factory=_nothing)

    def apply(self, position: int, decision: Decision) -> None:
        self.history.append((position, decision))

    def position_of(self, decision: Decision) -> int | None:
        """Where a decision equal in every field was recorded; None if it was not."""
        for position, recorded in self.history:
            if recorded == decision:
                return position
        return None

    def of(self, kind: type[D]) -> list[tuple[int, D]]:
        return [(position, decision) for position, decision in self.history if isinstance(decision, kind)]


def by_day(changes: list[tuple[int, D]]) -> list[tuple[int, D]]:
    """In the order in which they take effect; on the same day, in the order of the log."""
    return sorted(changes, key=lambda change: (change[1].at, change[0]))


@dataclass(slots=True)
class Unit(Aggregate):
    """A unit: its registration, what was revised, and its end."""

    KIND = "unit"
    NOUN = Text("单位", "unit")
    UNKNOWN = "unknown-unit"

    registered: d.UnitRegistered | None = None
    dissolved: d.UnitDissolved | None = None
    changes: list[tuple[int, Decision]] = field(default_factory=_nothing)

    def apply(self, position: int, decision: Decision) -> None:
        Aggregate.apply(self, position, decision)
        if isinstance(decision, d.UnitRegistered):
            self.registered = decision
        elif isinstance(decision, d.UnitDissolved):
            self.dissolved = decision
        else:
            self.changes = by_day([*self.changes, (position, decision)])

    @property
    def begins(self) -> date:
        return self.registered.at if self.registered else OPEN

    @property
    def ends(self) -> date:
        return self.dissolved.at if self.dissolved else OPEN

    def exists_on(self, day: date) -> bool:
        registered, dissolved = self.registered, self.dissolved
        return registered is not None and registered.at <= day and (dissolved is None or day < dissolved.at)

    def intervals(self) -> list[tuple[date, date, dict[str, Any]]]:
        """The days on which its attributes were the same, and the attributes; up to its dissolution."""
        if self.registered is None:
            return []
        now: dict[str, Any] = {
            "name": self.registered.name,
            "level": self.registered.level,
            "kind": self.registered.kind,
            "function": self.registered.function,
            "parent": self.registered.parent,
            "guided_by": self.registered.guided_by,
            "stationed_at": self.registered.stationed_at,
            "aliases": self.registered.aliases or (),
            "monitored": self.registered.monitored or False,
        }
        past: list[tuple[date, date, dict[str, Any]]] = []
        start = self.registered.at
        for _, change in self.changes:
            if change.at >= self.ends:
                break
            given = {name: value for name in now if (value := getattr(change, name, None)) is not None}
            if not given:
                continue  # a decision about the unit that leaves its attributes as they are
            if change.at > start:
                past.append((start, change.at, dict(now)))
                start = change.at
            now.update(given)
        past.append((start, self.ends, now))
        return past

    def level_on(self, day: date) -> str | None:
        if not self.changes:
            return self.registered.level if self.registered else None
        return next((now["level"] for start, end, now in self.intervals() if start <= day < end), None)

    def above(self) -> list[tuple[date, date, str]]:
        """The unit it is read as, or reads up to, over time: its parents, and from its dissolution its successor.

        Dissolved without a successor it stays below its last parent (contract, section 3).
        """
        edges = [(start, end, now["parent"]) for start, end, now in self.intervals() if now["parent"] is not None]
        if self.dissolved is not None:
            last = self.dissolved.successor or self.parent_at_end
            edges += [(self.dissolved.at, OPEN, last)] if last is not None else []
        return edges

    @property
    def parent_at_end(self) -> str | None:
        """Its parent on its last day, or on the last that is known."""
        intervals = self.intervals()
        parent: str | None = intervals[-1][2]["parent"] if intervals else None
        return parent


@dataclass(slots=True)
class Succession(Aggregate):
    """The units dissolved into a unit."""

    KIND = "succession"
    NOUN = Text("承接", "succession")

    def by(self, day: date) -> list[str]:
        """Those that were by that day."""
        return [dissolved.unit for _, dissolved in self.of(d.UnitDissolved) if dissolved.at <= day]


@dataclass(slots=True)
class Instrument(Aggregate):
    """A document: issued, and perhaps repealed."""

    KIND = "instrument"
    NOUN = Text("依据文件", "instrument")
    UNKNOWN = "unknown-instrument"

    issued: d.InstrumentIssued | None = None
    repealed: d.InstrumentRepealed | None = None

    def apply(self, position: int, decision: Decision) -> None:
        Aggregate.apply(self, position, decision)
        if isinstance(decision, d.InstrumentIssued):
            self.issued = decision
        elif isinstance(decision, d.InstrumentRepealed):
            self.repealed = decision


@dataclass(slots=True)
class Matter(Aggregate):
    """A matter: defined, revised, and perhaps retired."""

    KIND = "matter"
    NOUN = Text("事项", "matter")
    UNKNOWN = "unknown-matter"

    defined: d.MatterDefined | None = None
    retired: d.MatterRetired | None = None
    revisions: list[tuple[int, d.MatterRevised]] = field(default_factory=_nothing)

    def apply(self, position: int, decision: Decision) -> None:
        Aggregate.apply(self, position, decision)
        if isinstance(decision, d.MatterDefined):
            self.defined = decision
        elif isinstance(decision, d.MatterRetired):
            self.retired = decision
        elif isinstance(decision, d.MatterRevised):
            self.revisions = by_day([*self.revisions, (position, decision)])

    @property
    def kind(self) -> str:
        return self.defined.kind if self.defined else ""


@dataclass(slots=True)
class Vesting(Aggregate):
    """The vestings of one power in one unit, and their ends."""

    KIND = "vesting"
    NOUN = Text("法定授予", "vesting")

    def ends(self, vested: d.PowerVested) -> date:
        """The first divesting after it began ends it."""
        return min((divested.at for _, divested in self.of(d.PowerDivested) if divested.at > vested.at), default=OPEN)

    def running_on(self, day: date) -> bool:
        """A vesting began before that day and has not ended by it."""
        return any(vested.at < day < self.ends(vested) for _, vested in self.of(d.PowerVested))


@dataclass(slots=True)
class List(Aggregate):
    """A list: adopted, and perhaps repealed."""

    KIND = "list"
    NOUN = Text("清单", "list")
    UNKNOWN = "unknown-list"

    adopted: d.ListAdopted | None = None
    repealed: d.ListRepealed | None = None

    def apply(self, position: int, decision: Decision) -> None:
        Aggregate.apply(self, position, decision)
        if isinstance(decision, d.ListAdopted):
            self.adopted = decision
        elif isinstance(decision, d.ListRepealed):
            self.repealed = decision

    def in_force_on(self, day: date) -> bool:
        adopted, repealed = self.adopted, self.repealed
        return adopted is not None and adopted.at <= day and (repealed is None or day < repealed.at)


@dataclass(slots=True)
class Item(Aggregate):
    """An item of a list: entered, and perhaps withdrawn."""

    KIND = "item"
    NOUN = Text("清单事项", "list item")

    entered: d.ListItemEntered | None = None
    withdrawn: d.ListItemWithdrawn | None = None

    def apply(self, position: int, decision: Decision) -> None:
        Aggregate.apply(self, position, decision)
        if isinstance(decision, d.ListItemEntered):
            self.entered = decision
        elif isinstance(decision, d.ListItemWithdrawn):
            self.withdrawn = decision


@dataclass(slots=True)
class Ref(Aggregate):
    """A duty delegated, a power granted, a burden imposed or a certificate demanded, as corrected so far."""

    KIND = "ref"
    NOUN = Text("编号", "ref")

    transfer: d.Transfer | None = None
    ended: d.DelegationEnded | None = None
    annulled: bool = False

    def apply(self, position: int, decision: Decision) -> None:
        Aggregate.apply(self, position, decision)
        if isinstance(decision, d.Transfer):
            self.transfer = decision
        elif isinstance(decision, d.DelegationEnded):
            self.ended = decision
        elif isinstance(decision, d.Reinstated):
            self.ended = None
        elif isinstance(decision, d.Annulled):
            self.annulled = True
        elif isinstance(decision, d.Corrected) and self.transfer is not None:
            self.transfer = corrected(self.transfer, decision.set_)


def corrected(transfer: d.Transfer, changes: dict[str, Any]) -> d.Transfer:
    """The transfer with some of its fields others (journal names and values; None takes one away).

    Raises pydantic.ValidationError where that is no decision.
    """
    fields = transfer.model_dump(by_alias=True, exclude_none=True, mode="json")
    fields.update(changes)
    left = {name: value for name, value in fields.items() if value is not None}
    return type(transfer).model_validate_json(orjson.dumps(left))


@dataclass(slots=True)
class Proposal(Aggregate):
    """A proposal to delegate, and its answer."""

    KIND = "proposal"
    NOUN = Text("准入申请", "proposal")

    proposed: d.DelegationProposed | None = None
    answer: d.ProposalAnswer | None = None

    def apply(self, position: int, decision: Decision) -> None:
        Aggregate.apply(self, position, decision)
        if isinstance(decision, d.DelegationProposed):
            self.proposed = decision
        elif isinstance(decision, d.ProposalAnswer):
            self.answer = decision


@dataclass(slots=True)
class Report(Aggregate):
    """A report from below, and its answers."""

    KIND = "report"
    NOUN = Text("反映件", "report")


@dataclass(slots=True)
class Waiver(Aggregate):
    """The waivers of one finding, and their ends."""

    KIND = "waiver"
    NOUN = Text("豁免", "waiver")

    def ends(self, waived: d.FindingWaived) -> date:
        """At its `until` or the first lifting after it began."""
        lifted = (lifting.at for _, lifting in self.of(d.WaiverLifted) if lifting.at > waived.at)
        return min(min(lifted, default=OPEN), waived.until or OPEN)

    def running_on(self, day: date) -> bool:
        """A waiver began before that day and has not ended by it."""
        return any(waived.at < day < self.ends(waived) for _, waived in self.of(d.FindingWaived))


class StreamNotLoaded(Exception):
    """A slice needs an aggregate whose stream is not loaded yet: load it and try again."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class AggregateCache:
    """The aggregates whose streams were loaded, by key, and the position of the last decision applied.

    None is kept for an aggregate without decisions. The same object serves one command and the run of an import: in a
    long run those not used lately are evicted (two generations, of `capacity` aggregates each), to be loaded again when
    needed.
    """

    def __init__(self, *, position: int = 0, capacity: int | None = None) -> None:
        self.position = position
        self.evicted_keys = EvictedKeys()  # not here, and recorded all the same
        self._capacity = capacity
        self._now: dict[str, Aggregate | None] = {}
        self._before: dict[str, Aggregate | None] = {}

    def get(self, key: str) -> Aggregate | None:
        """The aggregate, or None where nothing is recorded of it. Raises StreamNotLoaded."""
        try:
            return self._now[key]
        except KeyError:
            pass
        try:
            aggregate = self._now[key] = self._before.pop(key)
        except KeyError:
            raise StreamNotLoaded(key) from None
        return aggregate

    def has(self, key: str) -> bool:
        return key in self._now or key in self._before

    def not_loaded(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys whose streams have to be loaded."""
        now, before = self._now, self._before
        return [key for key in keys if key not in now and key not in before]

    def mark_empty(self, *keys: str) -> None:
        """Nothing is recorded of these aggregates."""
        self._now.update(dict.fromkeys(keys))

    def loaded_keys(self) -> list[str]:
        """The keys of all streams that were loaded: what the decisions so far depended on."""
        return [*self._now, *self._before]

    def replay_event(self, key: str, position: int, decision: Decision) -> None:
        """Apply a decision read from the log."""
        aggregate = self._now.get(key)
        if aggregate is None:
            aggregate = self._now[key] = KINDS[key.partition(":")[0]]()
        aggregate.apply(position, decision)

    def apply(self, decision: Decision, keys: Iterable[str]) -> None:
        """Apply a decision just made to the aggregates that it is about, at the next position."""
        self.position += 1
        for key in keys:
            self.replay_event(key, self.position, decision)

    def evict(self) -> None:
        """Evict, between two batches, what was not used lately, where more than the capacity is kept."""
        if self._capacity is not None and len(self._now) > self._capacity:
            self.evicted_keys.add(key for key, aggregate in self._before.items() if aggregate is not None)
            self._before, self._now = self._now, {}
