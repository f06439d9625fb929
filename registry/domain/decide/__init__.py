"""The slices: for each type of decision, what it depends on and when it cannot be."""

from __future__ import annotations

from typing import Final

from registry.domain.aggregates import AggregateCache
from registry.domain.decide import corrections, delegations, instruments, lists, matters, units, voices
from registry.domain.decide.slice import DecisionSlice, load_and_retry
from registry.domain.decisions import Decision

SLICES: Final[dict[str, type[DecisionSlice]]] = {
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
    "DutyDelegated": delegations.MakeTransfer,
    "PowerGranted": delegations.MakeTransfer,
    "BurdenImposed": delegations.MakeTransfer,
    "DelegationEnded": delegations.EndDelegation,
    "ResourcesAllotted": delegations.AllotResources,
    "CertificateDemanded": delegations.MakeTransfer,
    "BurdenReported": voices.ReportBurden,
    "ReportAnswered": voices.AnswerReport,
    "FindingWaived": voices.WaiveFinding,
    "WaiverLifted": voices.WaiveFinding,
    "Corrected": corrections.Correct,
    "Reinstated": corrections.Reinstate,
    "Annulled": corrections.Annul,
}


def slice_for(decision: Decision, aggregates: AggregateCache) -> DecisionSlice:
    """The slice that decides this decision over the aggregates read so far."""
    return SLICES[decision.type](decision, aggregates)


__all__ = ["SLICES", "DecisionSlice", "load_and_retry", "slice_for"]
