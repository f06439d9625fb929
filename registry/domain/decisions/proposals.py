"""Proposals to delegate (职责准入): made, admitted, refused."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.decision import (
    AGGREGATE,
    FROM,
    INSTRUMENT,
    MATTER,
    NOBODY,
    TO,
    Decision,
    FreeText,
    Given,
    Id,
    Resources,
    Step,
    acting,
    unit_named_by,
)
from registry.domain.text import Text


class DelegationProposed(Decision):
    KEY = "proposal:{proposal}"
    NAMES = (MATTER, FROM, TO, INSTRUMENT)
    STEP = Step.INTRODUCES
    FINDINGS = NOBODY
    MATTER_KINDS = ("duty", "power", *words.BURDEN_KINDS)
    ACTING = acting("from_")
    MUTATION = "proposeDelegation"
    SENTENCE = Text(
        "把一项下放提交准入审查。",
        "A delegation is put to the admission procedure.",
    )

    type: Literal["DelegationProposed"] = "DelegationProposed"
    proposal: Id
    matter: Id
    from_: Id = Field(alias="from")
    to: Id
    role: Given[words.Role] = None
    mode: Given[words.DutyMode | words.GrantMode] = None
    instrument: Id
    brings: Given[Resources] = None
    due_on: Given[Day] = None


class ProposalAnswer(Decision):
    """The answer to a proposal."""

    KEY = "proposal:{proposal}"
    NAMES = (unit_named_by("by"),)
    proposal: Id
    by: Id
    reason: Given[FreeText] = None


class ProposalAdmitted(ProposalAnswer):
    STEP = Step.CHANGES
    FINDINGS = AGGREGATE
    ACTING = acting("by")
    MUTATION = "admitProposal"
    SENTENCE = Text(
        "申请获准。",
        "The proposal may be carried out.",
    )

    type: Literal["ProposalAdmitted"] = "ProposalAdmitted"


class ProposalRefused(ProposalAnswer):
    STEP = Step.CHANGES
    FINDINGS = NOBODY
    ACTING = acting("by")
    MUTATION = "refuseProposal"
    SENTENCE = Text(
        "申请不获准。",
        "The proposal may not be carried out.",
    )

    type: Literal["ProposalRefused"] = "ProposalRefused"
