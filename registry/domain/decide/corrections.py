"""What was recorded was wrong: corrected, annulled, or reinstated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Entry, List, Matter, Period, Ref, Unit, corrected
from registry.domain.decide.slice import SLICES, DecisionSlice, annulled, not_after, tags, unknown
from registry.domain.decide.transfers import TransferSlice
from registry.domain.decide.units import above_itself
from registry.domain.decision import ID_LENGTH, Decision, Step
from registry.domain.labels import MATTER_KIND
from registry.domain.lines import field_problem, form_problems, to_object
from registry.domain.problems import Problem
from registry.domain.text import Text

C = TypeVar("C", bound=d.Correction)
SHOWN: Final = 3  # of what still rests on something, how many a refusal names
# The aggregates whose id others name: while any does, what brought it in cannot be annulled.
NAMED_BY_OTHERS: Final = frozenset({"unit", "instrument", "matter", "list", "item", "proposal", "report"})


class CorrectionSlice(DecisionSlice[C]):
    """Decisions about a decision recorded before, which join every stream that has that one."""

    _joined: Sequence[str] | None = None

    def prefetch_keys(self) -> list[str]:
        """Also what the corrected fields name."""
        new = self.decision.set_ if isinstance(self.decision, d.Corrected) else {}
        kind = self.decision.named_type
        names = d.TRANSFER_NAMES if kind is None else kind.NAMES
        codes = ((name.prefix, new.get(name.field)) for name in names)
        return [self.key, *(prefix + code for prefix, code in codes if isinstance(code, str))]

    def needed_by(self) -> list[str]:
        """Its own: what others rest on is not to be taken away from them."""
        return [self.key] if self.key.partition(":")[0] in NAMED_BY_OTHERS else []

    def target(self) -> Entry | None:
        """The decision that is named, as corrected so far; None where there is none."""
        own = self.aggregates.get(self.key)
        return None if own is None else own.target(self.decision)

    @property
    def naming(self) -> str:
        """The field by which the decision names."""
        return "ref" if self.decision.of is None else "of"

    def stream_keys(self) -> list[str]:
        target = self.target()
        if target is None:
            return [self.key]
        if self._joined is None:
            # Asking the log waits, in an import, for the batch being written: only for the few that join more streams.
            usual: Any = DecisionSlice
            decided_by: Any = SLICES[target.decision.type]
            if decided_by.stream_keys is usual.stream_keys:
                self._joined = [self.key]
            else:
                self._joined = self.aggregates.log_index.streams_of(target.position)
        return list(dict.fromkeys([self.key, *self._joined, *self.joined_anew(target)]))

    def joined_anew(self, target: Entry) -> list[str]:  # noqa: ARG002
        """The streams that it joins beside those of the decision that is named."""
        return []

    def tags(self, own: Aggregate | None) -> list[str]:  # noqa: ARG002
        """Also those of the decision named, so that the history of what that names has it; of a ref's, all there."""
        target = self.target()
        if target is None:
            return [self.key]
        named = tags(target.decision)[1:]
        bearer = self.aggregates.get(self.key)
        if isinstance(bearer, Ref) and bearer.bearer is not None:
            named += tags(bearer.bearer)[1:]
        return list(dict.fromkeys([self.key, *named]))

    def unnamed(self) -> Problem:
        """Nothing that stands answers to the name that is given."""
        of = self.decision.of
        if of is None:
            code = str(self.decision.ref)
            return unknown("ref", code, "ref") if self.aggregates.get(self.key) is None else annulled(code, "ref")
        named = "、".join(f"{field} {value}" for field, value in of.items() if field != "type")
        return Problem(
            "unknown-ref",
            "of",
            Text(f"没有这样的记录：{of['type']}（{named}）。", f"No such decision stands: {of['type']} ({named})."),
        )

    def rings(self, problems: list[Problem], own: Aggregate, entries: list[Entry], field: str) -> None:
        """No unit may be above itself on any day, were these the decisions about it."""
        if isinstance(own, Unit):
            changed = own.with_entries(entries)
            assert isinstance(changed, Unit)
            code = self.key.partition(":")[2]
            if above_itself(self.aggregates, code, changed):
                sentence = Text(f"“{code}”将在某日归属于自身。", f"On some day {code} would be above itself.")
                problems.append(Problem("cycle", field, sentence))

    def checked_anew(
        self, decision: Decision, without: int, given: set[str] | None = None
    ) -> tuple[list[Problem], Aggregate | None]:
        """What is wrong with a decision, were it recorded now and the one at the position `without` were not.

        `given`: the fields to be checked (journal names); None: all. Also its aggregate without that decision.
        """
        others: dict[str, Aggregate | None] = {}
        with_it: dict[str, Aggregate | None] = {}  # what brought something in may name that by a correction
        for key in self.stream_keys():
            aggregate = self.aggregates.get(key)
            if aggregate is not None and key.partition(":")[0] != "succession":
                rest = [entry for entry in aggregate.entries() if entry.position != without]
                others[key] = aggregate.with_entries(rest)
                if decision.STEP is Step.INTRODUCES:
                    it = Entry(without, decision)
                    with_it[key] = aggregate.with_entries(sorted([*rest, it], key=lambda entry: entry.position))
        slice_ = SLICES[decision.type](decision, self.aggregates.with_others(others))
        if given is not None and isinstance(slice_, TransferSlice):
            slice_.given = given
        own = others.get(decision.key)
        if own is not None and not own.in_effect:
            own = None
        problems: list[Problem] = []
        names = [
            (name, key)
            for name, key in slice_.named
            if given is None or name.field in given or ("at" in given and name.prefix in ("unit:", "list:"))
        ]
        naming = SLICES[decision.type](decision, self.aggregates.with_others(others | with_it))
        naming.check_names(problems, decision.at, names)
        slice_.check(problems, own)
        return problems, own

    def users(self, key: str) -> Iterator[Decision]:
        """The decisions that stand and name an aggregate, its own end, revisions and answers among them."""
        own = self.aggregates.get(key)
        if own is not None:
            yield from (decision for _, decision in own.effective() if decision.STEP is not Step.INTRODUCES)
        for keys in self.aggregates.log_index.naming(key):
            for other in keys:
                aggregate = self.aggregates.get(other)
                if aggregate is not None and other != key:
                    yield from (each for _, each in aggregate.effective() if key in each.named_keys())


class Correct(CorrectionSlice[d.Corrected]):
    """What comes of a correction must be a decision that could be recorded now; only what it sets is measured."""

    def result(self, target: Entry) -> Decision:
        """The decision as it is to be read. Raises pydantic.ValidationError."""
        fixed = self.fixed(target.decision)
        return corrected(
            target.decision, {name: value for name, value in self.decision.set_.items() if name not in fixed}
        )

    @staticmethod
    def fixed(decision: Decision) -> set[str]:
        """The fields that no correction sets: its type and those that name it."""
        return {"type", *decision.key_fields()}

    def joined_anew(self, target: Entry) -> list[str]:
        """A dissolution is about the succession that it names now; the kind of a matter, about the burdens of it."""
        try:
            result = self.result(target)
        except ValidationError:
            return []
        if isinstance(result, d.UnitDissolved) and result.successor is not None:
            return ["succession:" + result.successor]
        if isinstance(result, d.MatterDefined) and "kind" in self.decision.set_:
            return [user.key for user in self.users(self.key) if isinstance(user, d.Transfer)]
        return []

    def tags(self, own: Aggregate | None) -> list[str]:
        """Also those of what the correction makes of the decision."""
        target = self.target()
        new = [] if target is None else tags(self.result(target))[1:]
        return list(dict.fromkeys([*super().tags(own), *new]))

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        target = self.target()
        own = self.aggregates.get(self.key)
        if target is None or own is None:
            problems.append(self.unnamed())
            return
        new = self.decision.set_
        problems += _unreadable(new) or _taken_from_nothing(target.decision, new)
        problems += [
            Problem("unknown-field", f"set.{field}", Text(f"不能更正“{field}”。", f"{field} cannot be corrected."))
            for field in sorted(self.fixed(target.decision) & new.keys())
        ]
        try:
            result = self.result(target)
        except ValidationError as error:
            problems += form_problems(error, "set.")
            return
        check = type(result).CHECK
        problems += map(_of_set, check(to_object(result)) if check is not None else [])
        if problems:
            return
        given = set(new)
        anew, before = self.checked_anew(result, target.position, given)
        # The slices of transfers look at the given fields only; of the others it is told by the field.
        every = "at" in given or issubclass(SLICES[result.type], TransferSlice)
        problems += [_of_set(problem) for problem in anew if every or problem.field in given]
        entries = [
            Entry(entry.position, result) if entry.position == target.position else entry for entry in own.entries()
        ]
        if "at" in given and before is None and (end := own.ended_on) is not None and end <= result.at:
            problems.append(not_after("set.at", end, result.at))
        if isinstance(own, Period):
            self.check_ends(problems, own, entries, "set.at" if "at" in given else "set.until")
        self.rings(problems, own, entries, "set")
        if isinstance(own, Matter) and "kind" in new:
            self.check_kind(problems, new["kind"])
        elif isinstance(own, List) and "covers" in new:
            self.check_covers(problems, new["covers"])

    def check_ends(self, problems: list[Problem], own: Period, entries: list[Entry], field: str) -> None:
        """What ended a period must still end one."""
        changed = own.with_entries(entries)
        assert isinstance(changed, Period)
        before = {entry.position for entry in own.endings_without_effect()}
        for entry in changed.endings_without_effect():
            if entry.position not in before:
                sentence = Text(
                    f"{entry.decision.at} 的终止记录将无所终止。",
                    f"What is recorded to end on {entry.decision.at} would end nothing.",
                )
                problems.append(Problem("bad-interval", field, sentence))
                return

    def check_kind(self, problems: list[Problem], kind: str) -> None:
        """No decision that names the matter may be left with one of a kind that it does not take."""
        for decision in self.users(self.key):
            if not self.takes(decision, kind):
                sentence = Text(
                    f"{_shown(decision)}所指的事项不能是{MATTER_KIND[kind].zh}。",
                    f"{_shown(decision)} names it, and takes no {kind}.",
                )
                problems.append(Problem("wrong-kind", "set.kind", sentence))
                return

    def takes(self, decision: Decision, kind: str) -> bool:
        """Whether a decision that names the matter takes one of this kind."""
        if isinstance(decision, d.ListItemEntered) and decision.matter == self.decision.key_values[1][0]:
            adopted = self.aggregates.get("list:" + decision.list)
            return not isinstance(adopted, List) or adopted.adopted is None or adopted.adopted.covers == kind
        if isinstance(decision, d.PowerVested | d.PowerDivested):
            return kind == "power"
        if isinstance(decision, d.MatterAttributes) and decision.key != self.key:
            code = self.key.partition(":")[2]
            if code in (decision.requires or ()):
                return kind == "power"
            return code not in (decision.includes or ()) or kind != "service"
        if isinstance(decision, d.MatterRevised):
            return not d.foreign_fields(kind, to_object(decision))
        return not decision.MATTER_KINDS or kind in decision.MATTER_KINDS

    def check_covers(self, problems: list[Problem], covers: str) -> None:
        """No item of the list may be left with a matter of a kind that the list does not cover."""
        for decision in self.users(self.key):
            if isinstance(decision, d.ListItemEntered) and decision.matter is not None:
                matter = self.matter(decision.matter)
                if matter is not None and matter.kind != covers:
                    sentence = Text(
                        f"{_shown(decision)}属于{MATTER_KIND[matter.kind].zh}。",
                        f"{_shown(decision)} is a {matter.kind}.",
                    )
                    problems.append(Problem("wrong-kind", "set.covers", sentence))
                    return


class Annul(CorrectionSlice[d.Annulled]):
    """Whatever is recorded can be annulled, unless something that stands still rests on it."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        target = self.target()
        own = self.aggregates.get(self.key)
        if target is None or own is None:
            problems.append(self.unnamed())
            return
        decision = target.decision
        if decision.STEP is Step.INTRODUCES and own.KIND in NAMED_BY_OTHERS:
            users = list(islice(self.users(self.key), SHOWN + 1))
            if users:
                shown = "、".join(map(_shown, users[:SHOWN]))
                more_zh, more_en = ("等", " and more") if len(users) > SHOWN else ("", "")
                sentence = Text(f"仍有记录以此为据：{shown}{more_zh}。", f"Still resting on it: {shown}{more_en}.")
                problems.append(Problem("in-use", "of", sentence))
        self.rings(problems, own, [e for e in own.entries() if e.position != target.position], "of")


class Reinstate(CorrectionSlice[d.Reinstated]):
    """An end or an annulment that is recorded can be taken back; what comes back is checked as if recorded now."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        target = self.target()
        own = self.aggregates.get(self.key)
        if target is None or own is None:
            problems.append(self.unnamed())
            return
        if target.in_effect:
            if own.recorded_end() is None:
                code = str(self.decision.ref)
                sentence = Text(
                    f"“{code}”既未终止也未撤销，没有可以恢复的。", f"{code} has neither ended nor been annulled."
                )
                problems.append(Problem("not-in-force", "ref", sentence))
            return
        anew, before = self.checked_anew(target.decision, target.position)
        if before is not None and target.decision.STEP is Step.INTRODUCES:
            anew = [problem for problem in anew if problem.code == "conflict"]  # the id is in use again
        entries = own.entries()
        returning = {entry.position for entry in own.returning(target)}
        for entry in entries:
            if entry.position in returning:
                self.check_names(anew, entry.decision.at, entry.decision.named())
        problems += map(partial(_of, field=self.naming), anew)
        back = [
            Entry(entry.position, entry.decision)
            if entry.position == target.position or entry.position in returning
            else entry
            for entry in entries
        ]
        self.rings(problems, own, back, self.naming)


def _of(problem: Problem, field: str) -> Problem:
    return Problem(problem.code, field, problem.sentence)


def _of_set(problem: Problem) -> Problem:
    return Problem(problem.code, f"set.{problem.field}", problem.sentence)


def _shown(decision: Decision) -> str:
    """A decision as a refusal names it: its type and what names it."""
    return f"{decision.type} {decision.key.partition(':')[2]}"


def _taken_from_nothing(decision: Decision, new: dict[str, Any]) -> list[Problem]:
    """Fields that null is to take away, and that no decision of the type has."""
    fields = {field.alias or name for name, field in type(decision).model_fields.items()}
    gone = sorted(field for field, value in new.items() if value is None and field not in fields)
    return [field_problem("extra_forbidden", f"set.{field}", None, "") for field in gone]


def _unreadable(new: dict[str, Any]) -> list[Problem]:
    """Field names that cannot be any field's."""
    return [
        Problem("unknown-field", "set", Text(f"没有字段“{field}”。", f"There is no field {field}."))
        for field in new
        if len(field) > ID_LENGTH or "\x00" in field
    ]
