"""What bears a ref."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.domain import decisions as d
from registry.domain.aggregates.base import Aggregate, Entry
from registry.domain.decision import Decision, Step
from registry.domain.text import Text


@dataclass(slots=True)
class Ref(Aggregate):
    """A duty delegated, a power granted, a burden imposed, a certificate demanded or an order, as corrected so far.

    Where it was annulled, the ref may have been used again: what was decided of the first use is gone with it.
    """

    KIND = "ref"
    NOUN = Text("编号", "ref")

    transfer: d.Transfer | None = None
    ended: d.DelegationEnded | None = None
    ordered: d.RectificationOrdered | None = None

    @property
    def bearer(self) -> d.Transfer | d.RectificationOrdered | None:
        """What bears the ref."""
        return self.transfer or self.ordered

    @property
    def annulled(self) -> bool:
        """Whether it was annulled and not used again."""
        return not self.in_effect

    @property
    def ended_on(self) -> date | None:
        return self.ended.at if self.ended else None

    def fold(self, position: int, decision: Decision) -> None:  # noqa: ARG002
        if isinstance(decision, d.Transfer):
            self.transfer = decision
        elif isinstance(decision, d.DelegationEnded):
            self.ended = decision
        elif isinstance(decision, d.RectificationOrdered):
            self.ordered = decision

    def followers(self, entry: Entry) -> list[Entry]:
        """With what bears the ref goes all that followed up on it."""
        if entry.decision.STEP is not Step.INTRODUCES:
            return []
        return [each for each in self.entries() if each.position != entry.position and each.in_effect]

    def recorded_end(self) -> Entry | None:
        ends = (entry for entry in self.entries() if entry.in_effect and isinstance(entry.decision, d.DelegationEnded))
        return next(ends, None)
