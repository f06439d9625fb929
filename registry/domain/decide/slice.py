"""What all slices do: read the aggregates a decision names, refuse what cannot be, trigger what can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, TypeVar, get_args

from eventsourcing.dcb.domain import Selector, Slice, Tagged

from registry.domain import aggregates as a
from registry.domain.aggregates import Aggregate, AggregateCache, StreamNotLoaded
from registry.domain.decision import Decision, Name
from registry.domain.problems import Problem, Refused, first
from registry.domain.text import Text

D = TypeVar("D", bound=Decision)
R = TypeVar("R")
Named = list[tuple[Name, str]]  # names that a decision gives, with the keys of what they name

# The slices by the types of decision that each decides.
SLICES: Final[dict[str, type[DecisionSlice[Any]]]] = {}


class DecisionSlice(Slice[D]):
    """Decides one decision, reading only what that depends on: these aggregates are its consistency boundary.

    A slice names its types of decision once, as its type argument: `DecisionSlice[UnitRenamed | UnitMoved]`.
    """

    def __init_subclass__(cls) -> None:
        """Enter the slice under the types of decision that it names."""
        super().__init_subclass__()
        for base in cls.__dict__.get("__orig_bases__", ()):
            for argument in get_args(base):
                for decided in get_args(argument) or (argument,):
                    if isinstance(decided, type):  # else a variable, in a base of other slices
                        SLICES[decided.__name__] = cls

    def __init__(self, decision: D, aggregates: AggregateCache) -> None:
        self.decision = decision
        self.aggregates = aggregates
        self.key = decision.key
        self.named = decision.named()
        self.duplicate_of: int | None = None  # the position of a decision equal in every field
        self.duplicate_annulled = False  # and whether that one is not to be read

    def consistency_boundary(self) -> Sequence[Selector]:
        """The streams of all aggregates that were loaded."""
        return [Selector(tags=[key]) for key in self.aggregates.loaded_keys()]

    def execute(self) -> None:
        """Trigger the decision, or set `duplicate_of` where it is recorded already. Raises Refused, StreamNotLoaded."""
        decision = self.decision
        own = self.aggregates.get(self.key)
        if own is not None:
            self.duplicate_of = own.position_of(decision)
            if self.duplicate_of is not None:
                self.duplicate_annulled = own.is_annulled(self.duplicate_of)
                return
            if not own.in_effect:
                own = None
        problems: list[Problem] = []
        self.check_names(problems, decision.at, self.named)
        self.check(problems, own)
        if problems:
            raise Refused(first(problems))
        keys, tags = self._keys_and_tags(own)
        # What trigger_event does, but for the generic alias that it makes an object of each time.
        self.new_decisions.append(Tagged(tags, decision))
        self.aggregates.apply(decision, keys)

    def event_tags(self) -> list[str]:
        """The tags under which the decision is recorded where the log is as it stands. Raises StreamNotLoaded."""
        own = self.aggregates.get(self.key)
        return self._keys_and_tags(own if own is None or own.in_effect else None)[1]

    def _keys_and_tags(self, own: Aggregate | None) -> tuple[list[str], list[str]]:
        keys, tags = self.stream_keys(), self.tags(own)
        if len(keys) > 1:
            for key in keys:
                self.aggregates.get(key)  # a stream is loaded before a decision joins it
            tags = list(dict.fromkeys([*keys, *tags]))
        return keys, tags

    def prefetch_keys(self) -> list[str]:
        """The keys of the aggregates that it will need, as far as the decision alone tells: to be loaded at once."""
        return [self.key, *[key for _, key in self.named]]

    def needed_by(self) -> list[str]:
        """The keys of the aggregates of which it may ask who names them, as far as the decision alone tells."""
        return []

    def stream_keys(self) -> list[str]:
        """The keys of the aggregates whose streams the decision joins: almost always one."""
        return [self.key]

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        """Add what is wrong with this decision in particular; `own`: its aggregate, None where that does not stand."""

    def check_names(self, problems: list[Problem], day: date, named: Named) -> None:
        """What a decision of that day names must be recorded; units must exist then, refs must not be annulled."""
        get = self.aggregates.get
        for name, key in named:
            aggregate = get(key)
            if aggregate is not None and aggregate.in_effect:
                if isinstance(aggregate, a.Unit) and not aggregate.exists_on(day):
                    problems.append(no_unit_then(key.partition(":")[2], name.field, day))
            elif isinstance(aggregate, a.Ref):
                problems.append(annulled(key.partition(":")[2], name.field))
            else:
                problems.append(unknown(name.prefix[:-1] or "ref", key.partition(":")[2], name.field))

    def tags(self, own: Aggregate | None) -> list[str]:  # noqa: ARG002  what follows up a transfer has its tags too
        """Its own key, then `@` and the key of each other aggregate it names."""
        return tags_of(self.key, self.named)

    def predecessors(self, unit: str, day: date) -> list[str]:
        """The units that are read as this one by that day: dissolved into it, or into one that was."""
        predecessors: list[str] = []
        open_ways = [unit]
        while open_ways:
            successor = open_ways.pop()
            aggregate = self.aggregates.get("succession:" + successor)
            if isinstance(aggregate, a.Succession):
                new = [
                    code
                    for code in aggregate.candidates()
                    if code not in predecessors and self.is_succeeded(code, successor, day)
                ]
                predecessors += new
                open_ways += new
        return predecessors

    def is_succeeded(self, code: str, successor: str, day: date) -> bool:
        """Whether a unit was dissolved into that one by that day."""
        unit = self.aggregates.get("unit:" + code)
        dissolved = unit.dissolved if isinstance(unit, a.Unit) else None
        return dissolved is not None and dissolved.successor == successor and dissolved.at <= day

    def matter(self, code: str) -> a.Matter | None:
        """The matter of that code, if it is recorded."""
        aggregate = self.aggregates.get("matter:" + code)
        return aggregate if isinstance(aggregate, a.Matter) and aggregate.in_effect else None


def tags(decision: Decision) -> list[str]:
    """The decision's key, then `@` and the key of each other aggregate it names."""
    return tags_of(decision.key, decision.named())


def tags_of(key: str, named: Named) -> list[str]:
    """The key, then `@` and the key of each other aggregate named, each once."""
    tags = [key]
    for _, other in named:
        tag = "@" + other
        if tag not in tags:
            tags.append(tag)
    return tags


def load_and_retry(step: Callable[[], R], load: Callable[[str], None]) -> R:
    """Take a step of a slice; where a stream is missing `load` it and try again. Raises Refused."""
    while True:
        try:
            return step()
        except StreamNotLoaded as missing:
            load(missing.key)


# ------------------------------------------------------------------------------------------------------ sentences


def unknown(kind: str, code: str, field: str) -> Problem:
    """Something named that is not recorded."""
    aggregate = a.KINDS[kind]
    zh, en = aggregate.NOUN
    return Problem(aggregate.UNKNOWN, field, Text(f"没有记录过{zh}“{code}”。", f"No {en} {code} is recorded."))


def no_unit_then(code: str, field: str, day: date) -> Problem:
    """A unit that does not exist on that day."""
    return Problem(
        "not-in-force", field, Text(f"单位“{code}”在 {day} 不存在。", f"The unit {code} does not exist on {day}.")
    )


def annulled(code: str, field: str) -> Problem:
    """A ref that was annulled."""
    return Problem("not-in-force", field, Text(f"“{code}”已被撤销。", f"{code} was annulled."))


def taken(code: str, field: str) -> Problem:
    """An id used again with other content."""
    return Problem(
        "conflict",
        field,
        Text(f"编号“{code}”已用于内容不同的记录。", f"The id {code} is recorded with other content."),
    )


def not_after(field: str, end: date, start: date) -> Problem:
    """An end that is not after its start."""
    return Problem(
        "bad-interval", field, Text(f"终止日 {end} 不晚于起始日 {start}。", f"The end {end} is not after {start}.")
    )


def ended_already(code: str, day: date) -> Problem:
    """A second end."""
    return Problem("bad-interval", "at", Text(f"“{code}”已于 {day} 终止。", f"{code} has ended already, on {day}."))


def wrong_kind(field: str, zh: str, en: str) -> Problem:
    """Something of a kind that does not fit here."""
    return Problem("wrong-kind", field, Text(zh, en))


def not_a_power(code: str, field: str) -> Problem:
    """A matter that is not a power where one is wanted."""
    return wrong_kind(field, f"事项“{code}”不是权力。", f"The matter {code} is not a power.")
