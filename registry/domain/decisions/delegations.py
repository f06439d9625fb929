"""What bears a ref: duties delegated, powers granted, burdens imposed, certificates demanded; means and ends."""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.decision import (
    AGGREGATE,
    BEGUN,
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
    acting,
)
from registry.domain.text import Text


class Transfer(Decision):
    """What bears a ref: a matter from one unit to another."""

    KEY = "ref:{ref}"
    NAMED_BY_OF = False
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
    ACTING = acting("from_")
    MUTATION = "delegateDuty"
    SENTENCE = Text(
        "职责自当日起由一个单位交给另一个单位。",
        "A duty passes from one unit to another from this day on.",
    )

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
    ACTING = acting("from_")
    MUTATION = "grantPower"
    SENTENCE = Text(
        "权力自当日起由一个单位下放或委托给另一个单位。",
        "A power is handed from one unit to another from this day on.",
    )

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
    ACTING = acting("from_")
    MUTATION = "imposeBurden"
    SENTENCE = Text(
        "把报表、检查考核、会议、文件、机制牌子或工作群加于一个单位。",
        "A form, inspection, meeting, document, mechanism or workgroup is put on a unit.",
    )

    type: Literal["BurdenImposed"] = "BurdenImposed"
    instrument: Id
    until: Given[Day] = None
    due_on: Given[Day] = None
    under: Given[Id] = None
    proposal: Given[Id] = None


class DelegationEnded(Decision):
    KEY = "ref:{ref}"
    NAMED_BY_OF = False  # an end is taken back by Reinstated
    NAMES = (INSTRUMENT,)
    STEP = Step.ENDS
    FINDINGS = AGGREGATE
    PRECEDENCE = 1
    ACTING = BEGUN
    MUTATION = "endDelegation"
    SENTENCE = Text(
        "下放自当日起终止。",
        "A delegation is no longer in force from this day on.",
    )

    type: Literal["DelegationEnded"] = "DelegationEnded"
    ref: Id
    reason: words.EndReason
    instrument: Given[Id] = None


class ResourcesAllotted(Decision):
    KEY = "ref:{ref}"
    SEVERAL = True
    STEP = Step.CHANGES
    FINDINGS = AGGREGATE
    ACTING = BEGUN
    MUTATION = "allotResources"
    SENTENCE = Text(
        "自当日起为一项下放另配人员或经费。",
        "Staff or funds follow a delegation from this day on.",
    )

    type: Literal["ResourcesAllotted"] = "ResourcesAllotted"
    ref: Id
    brings: Resources


class CertificateDemanded(Transfer):
    STEP = Step.INTRODUCES
    FINDINGS = AGGREGATE
    MATTER_KINDS = ("certificate",)
    ACTING = acting("from_")
    MUTATION = "demandCertificate"
    SENTENCE = Text(
        "一个单位当日向一个村索要证明。",
        "A unit demanded a certificate of a village on that day.",
    )

    type: Literal["CertificateDemanded"] = "CertificateDemanded"


Delegation = DutyDelegated | PowerGranted | BurdenImposed


def delegation_type(matter_kind: str) -> type[Delegation]:
    """The type of decision that hands down a matter of this kind; a burden's where the kind is not known."""
    types: tuple[type[Delegation], ...] = (DutyDelegated, PowerGranted)
    return next((each for each in types if matter_kind in each.MATTER_KINDS), BurdenImposed)


# The names that a transfer of any type has.
TRANSFER_NAMES: Final = tuple(
    dict.fromkeys(
        name for kind in (DutyDelegated, PowerGranted, BurdenImposed, CertificateDemanded) for name in kind.NAMES
    )
)
