"""What a viewer may record: by its roles, for the units whose act a decision is, about what it can see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.access.operations import RECORDS, recorders
from registry.access.roles import Role
from registry.access.territory import Territory, acting_now, reading_now, still_granted
from registry.access.viewer import Viewer
from registry.domain.aggregates import Aggregate, Ref
from registry.domain.aggregates.base import corrected
from registry.domain.decide import DecisionSlice, load_and_retry, slice_for
from registry.domain.decision import Decision, Step
from registry.domain.decisions import BurdenReported, Corrected, Correction, UnitRegistered
from registry.domain.problems import Problem, Refused
from registry.domain.text import Text
from registry.recording.authority import Guard
from registry.recording.unit_of_work import UnitOfWork

# What everybody can see is a list, a document or a unit; the rest is seen by those whose units it names.
PUBLISHED: Final = frozenset({"unit", "succession", "matter", "instrument", "list", "item"})


@dataclass(frozen=True, slots=True)
class Recorder:
    """A viewer as somebody for whom decisions are recorded."""

    viewer: Viewer

    @property
    def account(self) -> str | None:
        return self.viewer.account

    def guard(self, work: UnitOfWork) -> Guard:
        return _Guard(self.viewer, work).look_at


class _Guard:
    """Looks at the decisions of one unit of work, one after another."""

    def __init__(self, viewer: Viewer, work: UnitOfWork) -> None:
        self._viewer, self._work = viewer, work
        self._looked = False  # whether the viewer still has its roles
        self._reading: Territory | None = None
        self._acting: dict[Role, Territory] = {}
        self._hidden: frozenset[str] = frozenset()  # what the decision looked at names and the viewer does not see
        self._new: set[str] = set()  # units that this very work has registered within the territory

    def look_at(self, slice_: DecisionSlice[Any]) -> None:
        """Raise Refused: `forbidden` where it is not theirs; what it names and cannot be seen is not there.

        In that order, whether it is there or not: else the one answer or the other would tell.
        """
        decision: Decision = slice_.decision
        if not self._looked:
            self._viewer, self._looked = still_granted(self._work.log.connection, self._viewer), True
        self._hidden = frozenset()
        if not self._viewer.units(*recorders(decision.type)):
            raise Refused(_no_role(decision.type))
        self._hidden = frozenset([key for key in self._keys(decision) if not self._sees(key)])
        for field, unit in self._acting_units(decision):
            self._need(decision, field, unit)
        if self._hidden:
            self._refuse_as_if_not_there(decision)
        if isinstance(decision, UnitRegistered) and self._aggregate(decision.key) is None:
            self._new.add(decision.unit)

    # ---------------------------------------------------------------------------------------------- what can be seen

    def _keys(self, decision: Decision) -> list[str]:
        """What is named, and what is changed: the aggregates that must be there."""
        own = [] if decision.STEP is Step.INTRODUCES else [decision.key]
        return [*own, *(key for _, key in decision.named())]

    def _sees(self, key: str) -> bool:
        if key.partition(":")[0] in PUBLISHED:
            return True
        # The same work for what is hidden and for what is not there: how long it takes tells as well.
        reads, aggregate = self._reads(), self._aggregate(key)
        if key.startswith("report:") and (aggregate is None or not _about(aggregate)):
            self._aggregate("ref:")  # as what a report is about, which there is not
        return aggregate is None or reads.has(*self._concerned(aggregate))

    def _concerned(self, aggregate: Aggregate) -> set[str]:
        """The units that any decision about it names, annulled or not; of a report also those of what it is about."""
        units: set[str] = set()
        for entry in aggregate.entries():
            named = entry.decision.named()
            units |= {key.removeprefix("unit:") for _, key in named if key.startswith("unit:")}
        for key in _about(aggregate):
            about = self._aggregate(key)
            units |= set() if about is None else self._concerned(about)
        return units

    def _reads(self) -> Territory:
        if self._reading is None:
            self._reading = reading_now(self._work.log.connection, self._viewer)
        if self._new and self._reading.codes is not None:
            return Territory(self._reading.codes | self._new)
        return self._reading

    def _refuse_as_if_not_there(self, decision: Decision) -> None:
        """Refuse in the very words in which it would be, were nothing recorded under the hidden keys."""
        nothing: Mapping[str, Aggregate | None] = dict.fromkeys(self._hidden)
        overlay = slice_for(decision, self._work.aggregates.cache.with_others(nothing))
        load_and_retry(overlay.execute, self._work.aggregates.load_one)
        raise Refused(_outside(decision, None, None))

    # ------------------------------------------------------------------------------------------------- whose act it is

    def _acting_units(self, decision: Decision) -> list[tuple[str, str | None]]:
        """The units whose act it is, each with the field it is named by; a unit None: nobody's in particular."""
        acting = type(decision).ACTING
        if acting.source == "named":
            assert isinstance(decision, Correction)
            return self._of_named(decision)
        if acting.source == "begun":
            key = decision.key.partition("#")[0].replace("item:", "list:", 1)
            return [(decision.key_fields()[0], unit) for _, unit in self._of_begun(self._aggregate(key))]
        given = [(name.removesuffix("_"), getattr(decision, name)) for name in acting.fields]
        units: list[tuple[str, str | None]] = [(name, unit) for name, unit in given if isinstance(unit, str)]
        return units or ([] if acting.shared else [("", None)])

    def _of_begun(self, aggregate: Aggregate | None) -> list[tuple[str, str | None]]:
        """Who acted when something was begun; nothing where that is not there, which the slice will say."""
        if aggregate is None or not aggregate.effective():
            return []
        return self._acting_units(aggregate.effective()[0][1]) or self._of_shared(aggregate)

    def _of_shared(self, aggregate: Aggregate) -> list[tuple[str, str | None]]:
        """What belongs to everybody is changed by the account that brought it in, or for the whole registry."""
        position, log = aggregate.entries()[0].position, self._work.log
        row = log.connection.execute("SELECT recorded_by FROM log.decision WHERE position = %s", (position,)).fetchone()
        own = row is None or (row[0] is not None and row[0] == self._viewer.account)  # None: by this very work
        return [] if own else [("", None)]

    def _of_named(self, correction: Correction) -> list[tuple[str, str | None]]:
        """Who acted in what is corrected, and who would have when it is."""
        aggregate = self._aggregate(correction.key)
        target = None if aggregate is None else aggregate.target(correction)
        if aggregate is None or target is None:
            return []
        field = "ref" if correction.of is None else "of"
        acts = [target.decision]
        if isinstance(correction, Corrected):
            try:
                acts.append(corrected(target.decision, correction.set_))
            except Exception:
                return [("set", None)]
        if isinstance(aggregate, Ref) and target.decision.STEP is Step.INTRODUCES:
            acts += [decision for _, decision in aggregate.effective()[:1]]
        units = [(field, unit) for decision in acts for _, unit in self._acting_units(decision)]
        return list(dict.fromkeys(units)) if units else self._of_shared(aggregate)

    def _need(self, decision: Decision, field: str, unit: str | None) -> None:
        """Raise Refused where the viewer does not record for the unit. One that there is not, the slice will tell."""
        allowed = [self._territory(role) for role in recorders(decision.type)]
        if any(each.everywhere for each in allowed):
            return
        if unit is None:
            raise Refused(_outside(decision, field or None, None))
        if unit in self._new or any(each.has(unit) for each in allowed):
            return
        if self._aggregate("unit:" + unit) is not None:
            raise Refused(_outside(decision, field, unit))

    def _territory(self, role: Role) -> Territory:
        if role not in self._acting:
            self._acting[role] = acting_now(self._work.log.connection, self._viewer, [role])
        return self._acting[role]

    def _aggregate(self, key: str) -> Aggregate | None:
        return None if key in self._hidden else self._work.aggregates.aggregate(key)


def _about(aggregate: Aggregate) -> set[str]:
    """The keys of what a report is about; none of anything else."""
    reported = [entry.decision for entry in aggregate.entries() if isinstance(entry.decision, BurdenReported)]
    return {key for decision in reported for _, key in decision.named() if key.startswith("ref:")}


def _no_role(kind: str) -> Problem:
    role = RECORDS[kind].text
    return Problem(
        "forbidden",
        "type",
        Text(
            f"记录 {kind} 须有“{role.zh}”或更高的角色。", f"To record {kind} takes the role {role.en}, or a higher one."
        ),
    )


def _outside(decision: Decision, field: str | None, unit: str | None) -> Problem:
    if unit is None:
        zh = f"{decision.type} 涉及不属于任何一个单位的内容，须由负责整个登记簿的账号记录。"
        en = f"This {decision.type} belongs to no one unit: it takes an account for the whole registry."
        return Problem("forbidden", field, Text(zh, en))
    zh, en = (
        f"单位“{unit}”不在您可以记录的范围内。",
        f"The unit {unit} is not within the territory that you record for.",
    )
    return Problem("forbidden", field, Text(zh, en))
