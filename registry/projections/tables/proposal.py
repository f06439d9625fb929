"""Proposals to delegate, and their answers."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Proposal
from registry.domain.dates import OPEN
from registry.domain.decisions import ProposalAdmitted, ProposalAnswer
from registry.projections.tables.table import table


class ProposalRow(NamedTuple):
    """A proposal before the day of its answer, and another row from that day on (`answer`: admitted or refused)."""

    proposal: str
    matter: str
    sender: str
    recipient: str
    role: str | None
    mode: str | None
    instrument: str
    brings: tuple[str, ...]
    due_on: date | None
    answer: str | None
    answered_by: str | None
    answered_on: date | None
    reason: str | None
    position: int
    valid_from: date
    valid_to: date


PROPOSAL: Final = table("proposal", ProposalRow, identity="proposal valid_from", aggregate="proposal", key="proposal")


def proposal_rows(proposal: Proposal) -> list[ProposalRow]:
    """The rows that a proposal makes."""
    proposed, answered = proposal.proposed, proposal.answer
    if proposed is None:
        return []
    position = proposal.introduced_at

    def row(start: date, end: date, answer: ProposalAnswer | None) -> ProposalRow:
        outcome = "admitted" if isinstance(answer, ProposalAdmitted) else "refused"
        return ProposalRow(
            proposal=proposed.proposal,
            matter=proposed.matter,
            sender=proposed.from_,
            recipient=proposed.to,
            role=proposed.role,
            mode=proposed.mode,
            instrument=proposed.instrument,
            brings=proposed.brings or (),
            due_on=proposed.due_on,
            answer=None if answer is None else outcome,
            answered_by=answer.by if answer else None,
            answered_on=answer.at if answer else None,
            reason=answer.reason if answer else None,
            position=position,
            valid_from=start,
            valid_to=end,
        )

    if answered is None:
        return [row(proposed.at, OPEN, None)]
    if answered.at <= proposed.at:
        return [row(answered.at, OPEN, answered)]
    return [row(proposed.at, answered.at, None), row(answered.at, OPEN, answered)]
