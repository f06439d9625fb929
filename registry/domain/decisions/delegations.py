"""What bears a ref: duties delegated, powers granted, burdens imposed, certificates demanded; means and ends."""

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
    PROPOSAL,
    TO,
    UNDER,
    Decision,
    Given,
    Id,
    Resources,
    Step,
)
from registry.domain.text import Text


class Transfer(Decision):
    """What bears a ref: a matter from one unit to another."""

    KEY = "ref:{ref}"
    NAMES = (MATTER, FROM, TO)
    ref: Id
    matter: Id
    from_: Id = Field(alias="from")
    to: Id


class DutyDelegated(Transfer):
    NAMES = (MATTER, FROM, TO, INSTRUMENT, UNDER, PROPOSAL)
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    MATTER_KINDS = ("duty",)
    MUTATION = "delegateDuty"
    SENTENCE = Text("交办职责。", "A duty passed from one unit to another.")

    type: Literal["DutyDelegated"] = "DutyDelegated"
    role: words.Role
    mode: words.DutyMode
    instrument: Id
    until: Given[Day] = None
    due_on: Given[Day] = None
    brings: Given[Resources] = None
    under: Given[Id] = None
    proposal: Given[Id] = None


class PowerGranted(Transfer):
    NAMES = (MATTER, FROM, TO, INSTRUMENT, PROPOSAL)
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    MATTER_KINDS = ("power",)
    MUTATION = "grantPower"
    SENTENCE = Text("下放权力。", "A power handed from one unit to another.")

    type: Literal["PowerGranted"] = "PowerGranted"
    mode: words.GrantMode
    instrument: Id
    until: Given[Day] = None
    brings: Given[Resources] = None
    proposal: Given[Id] = None


class BurdenImposed(Transfer):
    NAMES = (MATTER, FROM, TO, INSTRUMENT, UNDER, PROPOSAL)
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    MATTER_KINDS = words.BURDEN_KINDS
    MUTATION = "imposeBurden"
    SENTENCE = Text("布置负担事项。", "A form, inspection, mechanism or workgroup put on a unit.")

    type: Literal["BurdenImposed"] = "BurdenImposed"
    instrument: Id
    until: Given[Day] = None
    due_on: Given[Day] = None
    under: Given[Id] = None
    proposal: Given[Id] = None


class DelegationEnded(Decision):
    KEY = "ref:{ref}"
    NAMES = (INSTRUMENT,)
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    PRECEDENCE = 1
    MUTATION = "endDelegation"
    SENTENCE = Text("终止下放。", "A delegation is no longer in force from this day on.")

    type: Literal["DelegationEnded"] = "DelegationEnded"
    ref: Id
    reason: words.EndReason
    instrument: Given[Id] = None


class ResourcesAllotted(Decision):
    KEY = "ref:{ref}"
    STEP = Step.CHANGES
    FINDINGS = AGGREGATE
    MUTATION = "allotResources"
    SENTENCE = Text("划拨人员经费。", "Staff or funds that follow a delegation from this day on.")

    type: Literal["ResourcesAllotted"] = "ResourcesAllotted"
    ref: Id
    brings: Resources


class CertificateDemanded(Transfer):
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    MATTER_KINDS = ("certificate",)
    MUTATION = "demandCertificate"
    SENTENCE = Text("索要证明。", "A unit demanded a certificate of a village on that day.")

    type: Literal["CertificateDemanded"] = "CertificateDemanded"


Delegation = DutyDelegated | PowerGranted | BurdenImposed


def delegation_type(matter_kind: str) -> type[Delegation]:
    """The type of decision that hands down a matter of this kind; a burden's where the kind is not known."""
    types: tuple[type[Delegation], ...] = (DutyDelegated, PowerGranted)
    return next((each for each in types if matter_kind in each.MATTER_KINDS), BurdenImposed)
