"""Taking recordings back: the decisions that make the log read as if some positions had never been recorded.

Nothing is deleted: what was recorded is annulled, an end or an annulment taken back, a correction corrected to what was
there before. So the undoing is itself a recording, and can be undone.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, Final

import orjson
import psycopg

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Entry
from registry.domain.dates import today
from registry.domain.decide import slice_for
from registry.domain.decision import Step
from registry.domain.decisions import Decision
from registry.domain.lines import from_object, to_object
from registry.domain.problems import Problem, Refused
from registry.domain.text import Text
from registry.log import recorder
from registry.log.events import own_keys, recorded_decision
from registry.log.recorder import LogRecorder
from registry.recording.inverses import Doing, Past, brings_back, coming_back, folded, naming, recorded_anew, set_back
from registry.recording.unit_of_work import Recorded, UnitOfWork, record

MOST: Final = 50_000  # positions taken back at once
PATIENCE: Final = 30.0  # seconds that a server works it out: its thread goes on when the client has left
TOO_LONG: Final = Text(
    "其后以此为据的记录太多，一时算不完，未记录任何内容；请分几次撤回，后记录的先撤回。",
    "So much that was recorded later rests on it that it takes too long to work out; nothing was recorded. "
    "Take it back in several goes, the last recorded first.",
)


class CannotUndo(Exception):
    """Positions that cannot be taken back so: a code, and a sentence in zh and en."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(message.joined)
        self.code = code
        self.zh, self.en = message


@dataclass(frozen=True, slots=True)
class Resting:
    """What stands in the way: the decision at `on` can only be taken back after the one at `position`."""

    on: int
    position: int
    decision: Decision


@dataclass(slots=True)
class Undo:
    """What takes positions back.

    `decisions`: journal objects, in the order in which they are recorded; empty where anything stands in the way.
    `positions`: what they take back, the last recorded first; `steps`: by position, those of the decisions that do it.
    `resting`: later decisions outside these positions that rest on them. `without_effect`: positions that are read no
    more as it is. `goes_with`: what goes with a ref that is annulled. `problems`: why else it cannot be, by position.
    """

    decisions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    positions: list[int] = field(default_factory=list[int])
    steps: dict[int, list[dict[str, Any]]] = field(default_factory=dict[int, list[dict[str, Any]]])
    resting: list[Resting] = field(default_factory=list[Resting])
    without_effect: list[int] = field(default_factory=list[int])
    goes_with: list[int] = field(default_factory=list[int])
    problems: list[tuple[int, Problem]] = field(default_factory=list[tuple[int, Problem]])

    @property
    def possible(self) -> bool:
        """Whether the decisions can be recorded."""
        return not self.resting and not self.problems

    @property
    def digest(self) -> str:
        """Tells these decisions from others: the SHA-256 of their lines, in hexadecimal."""
        lines = (orjson.dumps(decision, option=orjson.OPT_SORT_KEYS) + b"\n" for decision in self.decisions)
        return hashlib.sha256(b"".join(lines)).hexdigest()


class NotUndone(Exception):
    """Nothing was recorded: `undo` says what stands in the way."""

    def __init__(self, undo: Undo) -> None:
        if undo.resting:
            first, count = undo.resting[0], len({each.position for each in undo.resting})
            self.code = "in-use"
            others = f" 等 {count} 条记录" if count > 1 else " 的记录"
            self.zh = (
                f"序号 {first.on} 的记录不能单独撤回：后来序号 {first.position}{others}仍以它为据；"
                "请先撤回后来的，或者连同后来的一并撤回。"
            )
            rests = f"{count} later ones rest on it, such as that at" if count > 1 else "a later one rests on it, at"
            self.en = (
                f"The recording at {first.on} cannot be taken back alone: {rests} {first.position}. "
                "Take back first what is later, or all of it together."
            )
        else:
            position, problem = undo.problems[0]
            self.code = problem.code
            self.zh = f"序号 {position} 的记录不能撤回：{problem.message.zh}"
            self.en = f"The recording at {position} cannot be taken back: {problem.message.en}"
        super().__init__(Text(self.zh, self.en).joined)
        self.undo = undo


class Changed(Exception):
    """What would be recorded is no more what was shown: `undo` is what it would be now."""

    code = "conflict"
    zh = "查看之后登记簿又有新的记录，将记录的内容与所示不同，未记录任何内容；请重新查看后再确认。"
    en = (
        "More was recorded since, and what would be recorded is not what was shown; nothing was recorded. "
        "Look again and confirm."
    )

    def __init__(self, undo: Undo) -> None:
        super().__init__(Text(self.zh, self.en).joined)
        self.undo = undo


def positions_between(first: int, last: int | None = None) -> range:
    """Every position from the first to the last (None: only the first), both included.

    Raises CannotUndo: `bad-value` where the last is before the first, `too-large` for more than MOST.
    """
    last = first if last is None else last
    if last < first:
        raise CannotUndo(
            "bad-value",
            Text(
                f"起止序号写反了：{first}-{last}；请写成 {last}-{first}。",
                f"The range runs backwards: {first}-{last}; write {last}-{first}.",
            ),
        )
    need_count(last - first + 1)
    return range(first, last + 1)


def need_count(count: int) -> None:
    """Raise CannotUndo, `too-large`, unless that many positions can be taken back at once."""
    if not 1 <= count <= MOST:
        message = Text(
            f"一次可撤回 1 至 {MOST} 条记录；请分几次撤回，后记录的先撤回。",
            f"Between 1 and {MOST} recordings are taken back at once; do it in several goes, the last recorded first.",
        )
        raise CannotUndo("too-large", message)


def plan_undo(
    connection: psycopg.Connection[Any],
    positions: Iterable[int],
    *,
    with_later: bool = False,
    on: date | None = None,
    seconds: float | None = None,
) -> Undo:
    """Return what takes back the decisions at these positions; records nothing.

    With `with_later` also what was recorded later and rests on them. The decisions bear the day `on` (default today),
    which has no effect. Raises CannotUndo where a position has not been recorded, or there are too many, or it takes
    longer than `seconds`: what rests on one position may be the whole log.
    """
    with connection.transaction(force_rollback=True):
        work = UnitOfWork(LogRecorder.reading(connection))
        wanted = sorted(set(positions), reverse=True)
        need_count(len(wanted))
        for position in (wanted[0], wanted[-1]):
            if not 1 <= position <= work.position:
                raise CannotUndo(
                    "unknown-position",
                    Text(
                        f"没有序号 {position}，日志到 {work.position} 为止。",
                        f"There is no position {position}; the log goes up to {work.position}.",
                    ),
                )
        return _Planning(work, wanted, with_later=with_later, on=on or today(), seconds=seconds).plan()


def carry_out(
    connection: psycopg.Connection[Any],
    positions: Iterable[int],
    *,
    with_later: bool = False,
    shown: str | None = None,
    recorded_by: str | None = None,
    seconds: float | None = None,
) -> tuple[Undo, Recorded]:
    """Record what takes these positions back, all or nothing; `shown`: the digest of what somebody confirmed.

    Raises what plan_undo raises, Changed where the decisions are others by now, NotUndone where anything stands in the
    way, Busy where the lock is held.
    """
    with connection.transaction():
        last, _ = recorder.lock(connection)  # nobody decides between the planning and the recording
        undo = plan_undo(connection, positions, with_later=with_later, seconds=seconds)
        if shown is not None and undo.digest != shown:
            raise Changed(undo)
        if not undo.possible:
            raise NotUndone(undo)
        if not undo.decisions:
            return undo, Recorded([], last, last)
        return undo, record(connection, undo.decisions, recorded_by=recorded_by)


class _Planning:
    """Takes one position after another back, over what would then be recorded."""

    def __init__(
        self, work: UnitOfWork, wanted: Sequence[int], *, with_later: bool, on: date, seconds: float | None
    ) -> None:
        self.until = None if seconds is None else time.monotonic() + seconds
        self.work = work
        self.wanted = wanted
        self.last = work.position
        self.with_later = with_later
        self.on = on
        self.undo = Undo()
        self.done: set[int] = set()
        self.recorded: dict[int, tuple[str, Decision]] = {}  # by position: the key of its aggregate, and the decision
        self.past: tuple[Aggregate, int, Aggregate] | None = None
        self.substitutes: dict[int, int] = {}  # what is read in the stead of an earlier one: of its name, or of its end

    def plan(self) -> Undo:
        self._read_ahead()
        waiting = list(reversed(self.wanted))  # a stack: the last recorded is taken back first
        requested: set[int] = set()
        wanted = set(self.wanted)
        while waiting:
            position = waiting.pop()
            if self.until is not None and time.monotonic() > self.until:
                raise CannotUndo("too-large", TOO_LONG)
            if position in self.done:
                continue
            later = self.take_back(position)
            if later and (self.with_later or wanted.issuperset(later)) and not requested.issuperset(later):
                requested.update(later)
                waiting += [position, *sorted(set(later) - self.done)]
            elif later:
                self.undo.resting += [Resting(position, at, self._decision(at)) for at in sorted(later)]
                self.done.add(position)
            else:
                self.done.add(position)
        if not self.undo.possible:
            self.undo.decisions.clear()
            self.undo.positions.clear()
            self.undo.steps.clear()
        return self.undo

    def take_back(self, position: int) -> list[int]:
        """Take one position back; gives the later ones that must be taken back first."""
        key, decision = self._recorded(position)
        aggregate = self.work.aggregates.aggregate(key)
        assert aggregate is not None
        inverse = self._inverse(aggregate, position, decision)
        if inverse is None:
            self.undo.without_effect.append(position)
            return []
        target = self._target_of(aggregate, position, decision)
        steps = [Doing(inverse)]
        correction = from_object(inverse)
        if isinstance(correction, d.DelegationEnded):
            end = self._end_taken_back(aggregate, position)
            steps = [Doing(inverse, None if end is None else end.position)]
        elif isinstance(correction, d.Correction) and not isinstance(target.decision, d.DelegationEnded):
            named = aggregate.target(correction)
            if named is not None and named.position != target.position and named.in_effect:
                return self._later_of_its_name(position, target, [named.position])
            if named is not None and isinstance(correction, d.Reinstated):
                assert isinstance(decision, d.Annulled)
                past = Past(self._before_it(aggregate, position), folded(aggregate, before=self.last + 1))
                followers = coming_back(aggregate, target, decision, past, self.substitutes)
                before, after = self._of_its_name(aggregate, correction, target)
                if followers is None:
                    return self._later_of_its_name(position, target, [])
                taken_back = {self.substitutes.get(at, at) for at in self.done}  # out of turn, for another's sake
                followers = [each for each in followers if each.position not in taken_back]
                if not brings_back(aggregate, named, target, followers, before, after):
                    if after:
                        return self._later_of_its_name(position, target, after)
                    steps = [step for each in (target, *followers) for step in recorded_anew(each, self.on)]
                elif named is not target:
                    self._substitute(target.position, named.position)
        later = self._names_annulled(aggregate, position, steps)
        return later or self._decide(position, key, steps, aggregate, target)

    def _later_of_its_name(self, position: int, target: Entry, others: Sequence[int]) -> list[int]:
        """Those of the same name that are to be taken back first; where there is none, that is a problem."""
        later = sorted({*self._before(others)} - self.done)
        if not later:
            self.undo.problems.append((position, _named_by_another(target.decision)))
        return later

    def _of_its_name(
        self, aggregate: Aggregate, correction: d.Correction, target: Entry
    ) -> tuple[list[int], list[int]]:
        """Where others of the name of an annulled one are read: those recorded before it, and those after it."""
        originals = {taken: original for original, taken in self.substitutes.items()}
        at = originals.get(target.position, target.position)
        others = [each.position for each in aggregate.entries() if each.in_effect and correction.names(each.decision)]
        before = [each for each in others if originals.get(each, each) < at]
        return before, [each for each in others if each not in before]

    def _names_annulled(self, aggregate: Aggregate, position: int, steps: Sequence[Doing]) -> list[int]:
        """The later annulments of what is named by that which is recorded anew with a decision: to be taken back first.

        To be seen before anything is decided: what is decided here stays so.
        """
        keys = {key for step in steps[1:] for key in from_object(step.decision).named_keys()}
        own = {key for key in keys if self.work.aggregates.aggregate(key) is aggregate}
        return sorted({*self._annulments(sorted(keys - own), after=position)} - self.done)

    def _decide(
        self, position: int, key: str, steps: Sequence[Doing], aggregate: Aggregate, target: Entry
    ) -> list[int]:
        """Decide what takes a position back; gives the later ones that must be taken back first."""
        goes_with = aggregate.followers(target) if steps[0].decision["type"] == "Annulled" else []
        for number, step in enumerate(steps):
            try:
                recorded = self._decide_anew(position, step.decision)
            except Refused as refused:
                later = self._in_the_way(refused.problem.code, position, key, target) if number == 0 else []
                if later:
                    return later
                self.undo.problems.append((position, refused.problem))
                return []
            self.undo.decisions.append(recorded)
            self.undo.steps.setdefault(position, []).append(recorded)
            if step.anew is not None:
                self._substitute(step.anew, self.work.position)
        self.undo.positions.append(position)
        self.undo.goes_with += [at for at in self._before(each.position for each in goes_with) if at not in self.wanted]
        return []

    def _substitute(self, position: int, substitute: int) -> None:
        """What was recorded at a position is from now on read at another; where it was so before, as its first."""
        originals = {taken: original for original, taken in self.substitutes.items()}
        self.substitutes[originals.get(position, position)] = substitute

    def _before(self, positions: Iterable[int]) -> Iterator[int]:
        """The positions in the log: for what was decided here anew, that of what it stands in for."""
        originals = {substitute: original for original, substitute in self.substitutes.items()}
        for position in positions:
            before = originals.get(position, position)
            if before <= self.last:
                yield before

    def _in_the_way(self, code: str, position: int, key: str, target: Entry) -> list[int]:
        """The later positions for which the taking back of one was refused with this code."""
        if code == "in-use":
            return sorted({at for at in self._before(self._users(key)) if at not in self.done})
        own = self.work.aggregates.aggregate(key)
        if code.startswith("unknown-"):
            return sorted({*self._annulments(target.decision.named_keys(), after=position)} - self.done)
        if code != "conflict" or own is None:
            return []
        step = target.decision.STEP  # a second that is so named, or a second answer
        seconds = self._before(at for at, each in own.effective() if each.STEP is step and at > position)
        return [at for at in seconds if at not in self.done]

    def _annulments(self, keys: Iterable[str], *, after: int) -> Iterator[int]:
        """The last annulment recorded after a position of each of these that was annulled and is still."""
        for key in keys:
            aggregate = self.work.aggregates.aggregate(key)
            if aggregate is not None and not aggregate.in_effect:
                yield from [
                    at for at, each in aggregate.history if isinstance(each, d.Annulled) and after < at <= self.last
                ][-1:]

    def _decide_anew(self, position: int, step: dict[str, Any]) -> dict[str, Any]:
        """Decide it with a note by which it is none of those recorded before. Raises Refused."""
        times = 1
        while True:
            again = "" if times == 1 else f"（第{times}次）"
            noted = step | {"note": f"撤回序号 {position} 的记录{again}"}
            if self.work.decide(slice_for(from_object(noted), self.work.aggregates.cache)) is None:
                return noted
            times += 1

    def _inverse(self, aggregate: Aggregate, position: int, decision: Decision) -> dict[str, Any] | None:
        """The journal object that takes a decision back; None where it is not read any more."""
        target = self._target_of(aggregate, position, decision)
        if isinstance(decision, d.Corrected):
            before = self._before_it(aggregate, position).target(decision)
            assert before is not None
            changes = set_back(decision, to_object(before.decision), to_object(target.decision))
            if not target.in_effect or not changes:
                return None
            return naming("Corrected", target, self.on) | {"set": changes}
        if isinstance(decision, d.Annulled):
            return None if target.in_effect else naming("Reinstated", target, self.on)
        if isinstance(decision, d.Reinstated):
            end = self._end_taken_back(aggregate, position) if decision.of is None else None
            if end is not None:
                return None if end.in_effect else to_object(end.decision)
            return naming("Annulled", target, self.on) if target.in_effect else None
        if not target.in_effect:
            return None
        return naming("Reinstated" if isinstance(decision, d.DelegationEnded) else "Annulled", target, self.on)

    def _target_of(self, aggregate: Aggregate, position: int, decision: Decision) -> Entry:
        """The entry as it is now of the decision at a position or, of a correction, of the one that it named."""
        at = position
        if isinstance(decision, d.Correction):
            named = self._before_it(aggregate, position).target(decision)
            assert named is not None
            at = named.position
        at = self.substitutes.get(at, at)
        return next(each for each in aggregate.entries() if each.position == at)

    def _end_taken_back(self, aggregate: Aggregate, position: int) -> Entry | None:
        """The end that the `Reinstated` at a position took back, as it is now; None where it took back an annulment."""
        before = self._before_it(aggregate, position)
        end = before.recorded_end() if before.in_effect else None
        return None if end is None else next(each for each in aggregate.entries() if each.position == end.position)

    def _before_it(self, aggregate: Aggregate, position: int) -> Aggregate:
        """The aggregate as it was before a position that is taken back, folded once for all that is asked of it."""
        if self.past is None or self.past[0] is not aggregate or self.past[1] != position:
            self.past = aggregate, position, folded(aggregate, before=position)
        return self.past[2]

    def _users(self, key: str) -> Iterator[int]:
        """The positions in the log of what stands and names the aggregate, its own end and answers among them."""
        own = self.work.aggregates.aggregate(key)
        if own is not None:
            yield from (at for at, decision in own.effective() if decision.STEP is not Step.INTRODUCES)
        for keys in self.work.naming(key):
            for other in keys:
                aggregate = self.work.aggregates.aggregate(other)
                if aggregate is not None and other != key:
                    yield from (at for at, each in aggregate.effective() if key in each.named_keys())

    def _recorded(self, position: int) -> tuple[str, Decision]:
        """The key of the aggregate that the decision at a position is about, and the decision."""
        if position not in self.recorded:
            self._read(position, position)
        return self.recorded[position]

    def _read_ahead(self) -> None:
        """Read at once what is taken back, position after position where they follow each other, and who names it."""
        runs = groupby(enumerate(reversed(self.wanted)), lambda numbered: numbered[1] - numbered[0])
        for _, run in runs:
            positions = [position for _, position in run]
            self._read(positions[0], positions[-1])
        self.work.read_naming({key for key, _ in self.recorded.values()})

    def _read(self, first: int, last: int) -> None:
        """Read the decisions at these positions, and the streams of their aggregates."""
        for event in self.work.log.read(after=first - 1, before=last + 1):
            decision = recorded_decision(event.event)
            assert decision.key in own_keys(event.event.tags)
            self.recorded[event.position] = decision.key, decision
        self.work.aggregates.load({self.recorded[at][0] for at in range(first, last + 1)})

    def _decision(self, position: int) -> Decision:
        return self._recorded(position)[1]


def _named_by_another(decision: Decision) -> Problem:
    code = decision.key.partition(":")[2]
    sentence = Text(
        f"“{code}”此后另有记录，不能恢复；请连同后来的记录一并撤回。",
        f"{code} has been used for something else since: take back what was recorded later as well.",
    )
    return Problem("conflict", "ref", sentence)
