"""What all aggregates are: the fold of a stream of decisions, read as they are corrected so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any, ClassVar, Final, TypeVar

import orjson

from registry.domain import decisions as d
from registry.domain.decision import Decision, Step
from registry.domain.lines import to_object
from registry.domain.text import Text

D = TypeVar("D", bound=Decision)
Recorded = tuple[int, D]  # a position of the log, and the decision there

# The classes of aggregates by what their keys begin with.
KINDS: Final[dict[str, type[Aggregate]]] = {}


def empty_list() -> list[Any]:
    """A new list; `list[...]` called as a factory takes ten times as long, and one is made for every other decision."""
    return []


@dataclass(slots=True)
class Entry:
    """A decision of a stream as corrected so far.

    `annulled`: by a decision about itself. `gone_with`: the position of the annulled decision with which it goes and
    comes back; 0 for none.
    """

    position: int
    decision: Decision
    annulled: bool = False
    gone_with: int = 0

    @property
    def in_effect(self) -> bool:
        """Whether it is to be read: neither annulled itself nor gone with another."""
        return not self.annulled and not self.gone_with


@dataclass(slots=True)
class Aggregate:
    """What is recorded of one aggregate: decisions with their positions, oldest first.

    `history` has every decision as recorded, corrections included. `amended` has those that are no corrections, as
    corrected so far; None as long as nothing was corrected, and then `history` is what stands.

    KIND: what its keys begin with, before the colon. NOUN: what users call one. UNKNOWN: the contract's code where
    one is named that is not recorded.
    """

    KIND: ClassVar[str]
    NOUN: ClassVar[Text]
    UNKNOWN: ClassVar[str] = "unknown-ref"

    def __init_subclass__(cls) -> None:
        # dataclass(slots=True) makes each class a second time: that one is the one used.
        if "KIND" in cls.__dict__:
            KINDS[cls.KIND] = cls

    history: list[Recorded[Decision]] = field(default_factory=empty_list)
    amended: list[Entry] | None = None
    # Whether what brought it in is to be read; false where that was annulled. Asked of all that a decision names.
    in_effect: bool = field(default=True, init=False)

    def apply(self, position: int, decision: Decision) -> None:
        """Take the next decision of the stream."""
        self.history.append((position, decision))
        if isinstance(decision, d.Correction):
            self._amend(decision)
        elif self.amended is None:
            self.fold(position, decision)
        else:
            self.amended.append(Entry(position, decision))
            self.fold(position, decision)
            self.in_effect = _introduced(self.amended)

    def fold(self, position: int, decision: Decision) -> None:
        """Take a decision that stands into what is kept of the aggregate beside its history."""

    def effective(self) -> list[Recorded[Decision]]:
        """The decisions to be read, as corrected so far, oldest first; corrections are not among them."""
        if self.amended is None:
            return self.history
        return [(entry.position, entry.decision) for entry in self.amended if entry.in_effect]

    @property
    def introduced_at(self) -> int:
        """The position of what brought it in. Only where it stands."""
        return self.effective()[0][0]

    @property
    def ended_on(self) -> date | None:
        """The day of its recorded end; None where it has none."""
        return None

    def position_of(self, decision: Decision) -> int | None:
        """Where a decision equal in every field was recorded, annulled or not; None if it was not."""
        for position, recorded in self.history:
            if recorded == decision:
                return position
        return None

    def is_annulled(self, position: int) -> bool:
        """Whether the decision recorded there is not to be read."""
        return self.amended is not None and any(
            entry.position == position and not entry.in_effect for entry in self.amended
        )

    def of(self, kind: type[D]) -> list[Recorded[D]]:
        """The decisions of this type that stand, as corrected so far."""
        return [(position, decision) for position, decision in self.effective() if isinstance(decision, kind)]

    # ---------------------------------------------------------------------------------------------------- corrections

    def entries(self) -> list[Entry]:
        """Every decision that is no correction, as corrected so far, whether it stands or not."""
        if self.amended is not None:
            return self.amended
        return [Entry(position, decision) for position, decision in self.history]

    def target(self, correction: d.Correction) -> Entry | None:
        """The decision that a correction names, the last that matches; for `Reinstated` one that does not stand.

        By ref that is what bears the ref, and for `Reinstated` the last one that stands before one that does not.
        None where there is none here.
        """
        matching = [entry for entry in self.entries() if correction.names(entry.decision)]
        effective = [entry for entry in matching if entry.in_effect]
        gone = [entry for entry in matching if not entry.in_effect]
        if not isinstance(correction, d.Reinstated):
            return effective[-1] if effective else None
        candidates = gone if correction.of is not None else effective or gone
        return candidates[-1] if candidates else None

    def followers(self, entry: Entry) -> list[Entry]:  # noqa: ARG002
        """What goes with an entry when it is annulled."""
        return []

    def returning(self, entry: Entry) -> list[Entry]:
        """What comes back with an entry when it is reinstated."""
        return [each for each in self.entries() if each.gone_with == entry.position]

    def recorded_end(self) -> Entry | None:
        """The end that `Reinstated` with a ref takes back."""
        return None

    def _amend(self, correction: d.Correction) -> None:
        """Correct, annul or bring back what a correction names, and fold anew."""
        if self.amended is None:
            self.amended = [Entry(position, decision) for position, decision in self.history[:-1]]
        entry = self.target(correction)
        if entry is None:  # it names a decision of another of the streams that it joins
            self.in_effect = _introduced(self.amended)
            return
        if isinstance(correction, d.Corrected):
            entry.decision = corrected(entry.decision, correction.set_)
        elif isinstance(correction, d.Annulled):
            followers = self.followers(entry)
            entry.annulled = True
            for follower in followers:
                follower.gone_with = entry.position
        elif not entry.in_effect:
            returning = self.returning(entry)
            entry.annulled, entry.gone_with = False, 0
            for follower in returning:
                follower.gone_with = 0
        elif (end := self.recorded_end()) is not None:
            end.annulled = True
        self.refold()

    def refold(self) -> None:
        """Fold anew all that stands."""
        for each in fields(self):
            if each.name not in ("history", "amended", "in_effect"):
                fresh = each.default_factory() if each.default_factory is not MISSING else each.default
                setattr(self, each.name, fresh)
        for position, decision in self.effective():
            self.fold(position, decision)
        self.in_effect = self.amended is None or _introduced(self.amended)

    def with_entries(self, entries: list[Entry]) -> Aggregate:
        """The same aggregate, were these its decisions: to see what comes of a correction."""
        other = type(self)(list(self.history), entries)
        other.refold()
        return other


def _introduced(entries: list[Entry]) -> bool:
    """Whether what brought an aggregate in is to be read."""
    return any(entry.in_effect and entry.decision.STEP in (Step.INTRODUCES, Step.BEGINS) for entry in entries)


def corrected(decision: D, changes: Mapping[str, Any]) -> D:
    """The decision with some of its fields others (journal names and values; None takes one away).

    Raises pydantic.ValidationError where that is no decision.
    """
    merged = to_object(decision) | {name: value for name, value in changes.items() if value is not None}
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
    return type(decision).model_validate_json(orjson.dumps(merged))


def by_day(changes: list[Recorded[D]]) -> list[Recorded[D]]:
    """In the order in which they take effect; on the same day, in the order of the log."""
    return sorted(changes, key=lambda change: (change[1].at, change[0]))
