"""What was recorded under a ref was wrong: corrected, reinstated, annulled."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from registry.domain import decisions as d
from registry.domain.aggregates import Aggregate, Ref, corrected
from registry.domain.decide.delegations import FollowUpSlice
from registry.domain.decide.slice import named, not_after
from registry.domain.decide.transfers import tags_with
from registry.domain.decision import ID_LENGTH
from registry.domain.lines import form_problems
from registry.domain.problems import Problem
from registry.domain.text import Text

# The names that a transfer of any type has.
TRANSFER_NAMES: Final = tuple(
    dict.fromkeys(name for kind in d.TYPES.values() if issubclass(kind, d.Transfer) for name in kind.NAMES)
)


class Correct(FollowUpSlice[d.Corrected]):
    """What comes of a correction must be a decision that could have been recorded; only what it says is measured."""

    def prefetch_keys(self) -> list[str]:
        """Also what the corrected fields name."""
        new = self.decision.set_
        codes = ((name.prefix, new.get(name.field)) for name in TRANSFER_NAMES)
        return [*super().prefetch_keys(), *(prefix + code for prefix, code in codes if isinstance(code, str))]

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        ref = self.ref(problems, own, of_demands=True)
        if ref is None or ref.transfer is None:
            return
        new = self.decision.set_
        problems += [
            Problem("unknown-field", f"set.{field}", Text(f"不能更正“{field}”。", f"{field} cannot be corrected."))
            for field in ("type", "ref")
            if field in new
        ]
        problems += _unreadable(new)
        try:
            transfer = corrected(
                ref.transfer, {field: value for field, value in new.items() if field not in ("type", "ref")}
            )
        except ValidationError as error:
            problems += form_problems(error, "set.")
            return
        names = [name for name in transfer.NAMES if name.field in new or ("at" in new and name.prefix == "unit:")]
        self.check_names(problems, transfer.at, named(transfer, names))
        self.check_transfer(problems, transfer, set(new))
        if ref.ended is not None and "at" in new and ref.ended.at <= transfer.at:
            problems.append(not_after("set.at", ref.ended.at, transfer.at))

    def tags(self, own: Aggregate | None) -> list[str]:
        tags = super().tags(own)
        if isinstance(own, Ref) and own.transfer is not None:
            corrected_tags = tags_with(self.decision, corrected(own.transfer, self.decision.set_))
            tags = list(dict.fromkeys([*tags, *corrected_tags]))
        return tags


def _unreadable(new: dict[str, Any]) -> list[Problem]:
    """Field names that cannot be any field's."""
    return [
        Problem("unknown-field", "set", Text(f"没有字段“{field}”。", f"There is no field {field}."))
        for field in new
        if len(field) > ID_LENGTH or "\x00" in field
    ]


class Reinstate(FollowUpSlice[d.Reinstated]):
    """Only a delegation whose end is recorded can be reinstated."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        ref = self.ref(problems, own)
        if ref is not None and ref.transfer is not None and ref.ended is None and not ref.annulled:
            problems.append(
                Problem(
                    "not-in-force",
                    "ref",
                    Text(f"“{ref.transfer.ref}”没有终止记录。", f"No end of {ref.transfer.ref} is recorded."),
                )
            )


class Annul(FollowUpSlice[d.Annulled]):
    """Whatever bears a ref can be annulled, once."""

    def check(self, problems: list[Problem], own: Aggregate | None) -> None:
        self.ref(problems, own, of_demands=True)
