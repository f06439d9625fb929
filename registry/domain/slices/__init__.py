"""The slices: for each type of decision, what it depends on and when it cannot be."""

from __future__ import annotations

from typing import Final

from registry.domain.decisions import Decision
from registry.domain.slices import corrections, delegations, instruments, lists, matters, units, voices
from registry.domain.slices.deciding import Deciding, reading
from registry.domain.things import Things

SLICES: Final[dict[str, type[Deciding]]] = {
    "UnitRegistered": units.RegisterUnit,
    "UnitRevised": units.ReviseUnit,
    "UnitRenamed": units.ReviseUnit,
    "UnitMoved": units.ReviseUnit,
    "UnitDissolved": units.ReviseUnit,
    "InstrumentIssued": instruments.IssueInstrument,
    "InstrumentRepealed": instruments.RepealInstrument,
    "MatterDefined": matters.DescribeMatter,
    "MatterRevised": matters.DescribeMatter,
    "MatterRetired": matters.RetireMatter,
    "PowerVested": matters.VestPower,
    "PowerDivested": matters.VestPower,
    "ListAdopted": lists.AdoptList,
    "ListItemEntered": lists.ChangeItem,
    "ListItemWithdrawn": lists.ChangeItem,
    "ListRepealed": lists.RepealList,
    "DelegationProposed": delegations.ProposeDelegation,
    "ProposalAdmitted": delegations.AnswerProposal,
    "ProposalRefused": delegations.AnswerProposal,
    "DutyDelegated": delegations.MakeDeed,
    "PowerGranted": delegations.MakeDeed,
    "BurdenImposed": delegations.MakeDeed,
    "DelegationEnded": delegations.EndDelegation,
    "ResourcesAllotted": delegations.AllotResources,
    "CertificateDemanded": delegations.MakeDeed,
    "BurdenReported": voices.ReportBurden,
    "ReportAnswered": voices.AnswerReport,
    "FindingWaived": voices.WaiveFinding,
    "WaiverLifted": voices.WaiveFinding,
    "Corrected": corrections.Correct,
    "Reinstated": corrections.Reinstate,
    "Annulled": corrections.Annul,
}


def slice_for(decision: Decision, things: Things) -> Deciding:
    """The slice that decides this decision over the things read so far."""
    return SLICES[decision.type](decision, things)


__all__ = ["SLICES", "Deciding", "reading", "slice_for"]
