"""Every decision of the journal as a typed, immutable value.

The field names, types and meanings are the contract's. A decision checks its own form only; whether it can be, given
what is recorded, is decided by the slices.
"""

# Decisions are frozen, so a type of its own for each is no risk.
# pyright: reportIncompatibleVariableOverride=false

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from registry.domain import words
from registry.domain.dates import Day
from registry.domain.decision import (
    Decision,
    FreeText,
    FreeTexts,
    Given,
    Id,
    Ids,
    ListId,
    Name,
    Resources,
    Slug,
    Subject,
    unit_named_by,
)

FROM, TO = unit_named_by("from_", "from"), unit_named_by("to")
INSTRUMENT = Name("instrument", "instrument", "instrument:")
MATTER = Name("matter", "matter", "matter:")
LIST = Name("list", "list", "list:")
UNDER = Name("under", "under", "ref:")
PROPOSAL = Name("proposal", "proposal", "proposal:")


class LawfulHolder(BaseModel):
    """Units of this level and function hold the matter by law."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    level: words.Level
    function: Slug


class UnitRegistered(Decision):
    """A unit exists from this day on."""

    KEY = "unit:{unit}"
    NAMES = (unit_named_by("parent"), unit_named_by("guided_by"), unit_named_by("stationed_at"))
    type: Literal["UnitRegistered"] = "UnitRegistered"
    unit: Id
    name: FreeText
    level: words.Level
    kind: words.UnitKind
    function: Given[Slug] = None
    parent: Given[Id] = None
    guided_by: Given[Id] = None
    stationed_at: Given[Id] = None
    aliases: Given[FreeTexts] = None
    monitored: Given[bool] = None  # a monitoring point (基层减负监测点)


class UnitRevised(Decision):
    """Some of a unit's attributes are others from this day on."""

    KEY = "unit:{unit}"
    NAMES = (unit_named_by("guided_by"), unit_named_by("stationed_at"))
    type: Literal["UnitRevised"] = "UnitRevised"
    unit: Id
    name: Given[FreeText] = None
    level: Given[words.Level] = None
    kind: Given[words.UnitKind] = None
    function: Given[Slug] = None
    guided_by: Given[Id] = None
    stationed_at: Given[Id] = None
    aliases: Given[FreeTexts] = None
    monitored: Given[bool] = None


class UnitRenamed(Decision):
    """A unit bears another name from this day on."""

    KEY = "unit:{unit}"
    type: Literal["UnitRenamed"] = "UnitRenamed"
    unit: Id
    name: FreeText


class UnitMoved(Decision):
    """A unit has another parent from this day on."""

    KEY = "unit:{unit}"
    NAMES = (unit_named_by("parent"),)
    type: Literal["UnitMoved"] = "UnitMoved"
    unit: Id
    parent: Id


class UnitDissolved(Decision):
    """A unit is no more from this day on; with a successor it is read as that one."""

    KEY = "unit:{unit}"
    NAMES = (unit_named_by("successor"),)
    type: Literal["UnitDissolved"] = "UnitDissolved"
    unit: Id
    successor: Given[Id] = None


class InstrumentIssued(Decision):
    """A document (文号) is in force from this day on."""

    KEY = "instrument:{instrument}"
    NAMES = (unit_named_by("issuer"),)
    type: Literal["InstrumentIssued"] = "InstrumentIssued"
    instrument: Id
    title: FreeText
    kind: words.InstrumentKind
    issuer: Given[Id] = None


class InstrumentRepealed(Decision):
    """A document is no longer in force from this day on."""

    KEY = "instrument:{instrument}"
    NAMES = (Name("replaced_by", "replaced_by", "instrument:"),)
    type: Literal["InstrumentRepealed"] = "InstrumentRepealed"
    instrument: Id
    replaced_by: Given[Id] = None


class MatterAttributes(Decision):
    """What may be said of a matter when it is defined, and revised later."""

    category: Given[FreeText] = None
    aliases: Given[FreeTexts] = None
    basis: Given[FreeTexts] = None
    lawful_holders: Given[Annotated[tuple[LawfulHolder, ...], Field(max_length=1000)]] = None
    requires: Given[Ids] = None
    needs: Given[Resources] = None
    power_kind: Given[words.PowerKind] = None
    issuer: Given[FreeText] = None
    alternative: Given[FreeText] = None
    materials: Given[FreeTexts] = None  # what to bring
    procedure: Given[FreeText] = None  # how it is done
    online: Given[FreeText] = None  # where it is done or checked online: a service's name or a URL
    asks: Given[FreeTexts] = None  # the fields that a form asks for


class MatterDefined(MatterAttributes):
    """Something a list can name."""

    KEY = "matter:{matter}"
    type: Literal["MatterDefined"] = "MatterDefined"
    matter: Id
    kind: words.MatterKind
    name: FreeText


class MatterRevised(MatterAttributes):
    """Some of a matter's attributes are others from this day on."""

    KEY = "matter:{matter}"
    type: Literal["MatterRevised"] = "MatterRevised"
    matter: Id
    name: Given[FreeText] = None


class MatterRetired(Decision):
    """Nobody holds the matter by law from this day on."""

    KEY = "matter:{matter}"
    type: Literal["MatterRetired"] = "MatterRetired"
    matter: Id


class PowerVested(Decision):
    """A unit holds a power by law, by name."""

    KEY = "vesting:{power}#{unit}"
    NAMES = (Name("power", "power", "matter:"), unit_named_by("unit"), INSTRUMENT)
    type: Literal["PowerVested"] = "PowerVested"
    power: Id
    unit: Id
    instrument: Id


class PowerDivested(Decision):
    """Ends all vestings of the power in the unit begun before that day."""

    KEY = "vesting:{power}#{unit}"
    NAMES = (Name("power", "power", "matter:"), unit_named_by("unit"))
    type: Literal["PowerDivested"] = "PowerDivested"
    power: Id
    unit: Id


class ListAdopted(Decision):
    """A positive or negative list for an audience (a level) within a scope (a unit's territory; none: nationwide)."""

    KEY = "list:{list}"
    NAMES = (unit_named_by("scope"), INSTRUMENT)
    type: Literal["ListAdopted"] = "ListAdopted"
    list: ListId
    title: FreeText
    polarity: words.Polarity
    covers: words.MatterKind
    audience: words.Level
    scope: Given[Id] = None
    instrument: Id
    closed: Given[bool] = None
    assigns: Given[Literal["lead", "share", "assist", "devolved", "entrusted"]] = None
    quota: Given[Annotated[int, Field(ge=0, le=1_000_000)]] = None


class ListItemEntered(Decision):
    """An item stands on a list from this day on: one matter, a category, or terms found in names."""

    KEY = "item:{list}#{item}"
    NAMES = (LIST, MATTER, FROM)
    type: Literal["ListItemEntered"] = "ListItemEntered"
    list: ListId
    item: Id
    name: FreeText
    matter: Given[Id] = None
    category: Given[FreeText] = None
    terms: Given[Annotated[tuple[FreeText, ...], Field(min_length=1, max_length=1000)]] = None
    roles: Given[Annotated[tuple[words.Role, ...], Field(max_length=20)]] = None
    from_: Given[Id] = Field(None, alias="from")
    brings: Given[Resources] = None
    issuer: Given[FreeText] = None
    alternative: Given[FreeText] = None


class ListItemWithdrawn(Decision):
    """An item no longer stands on its list from this day on."""

    KEY = "item:{list}#{item}"
    NAMES = (LIST,)
    type: Literal["ListItemWithdrawn"] = "ListItemWithdrawn"
    list: ListId
    item: Id


class ListRepealed(Decision):
    """A list is no longer in force from this day on."""

    KEY = "list:{list}"
    type: Literal["ListRepealed"] = "ListRepealed"
    list: ListId


class DelegationProposed(Decision):
    """A delegation put to the admission procedure (职责准入)."""

    KEY = "proposal:{proposal}"
    NAMES = (MATTER, FROM, TO, INSTRUMENT)
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
    """The proposal may be carried out."""

    type: Literal["ProposalAdmitted"] = "ProposalAdmitted"


class ProposalRefused(ProposalAnswer):
    """The proposal may not be carried out."""

    type: Literal["ProposalRefused"] = "ProposalRefused"


class Transfer(Decision):
    """What bears a ref: a matter from one unit to another."""

    KEY = "ref:{ref}"
    NAMES = (MATTER, FROM, TO)
    ref: Id
    matter: Id
    from_: Id = Field(alias="from")
    to: Id


class DutyDelegated(Transfer):
    """A duty passed from one unit to another."""

    NAMES = (MATTER, FROM, TO, INSTRUMENT, UNDER, PROPOSAL)
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
    """A power handed from one unit to another."""

    NAMES = (MATTER, FROM, TO, INSTRUMENT, PROPOSAL)
    type: Literal["PowerGranted"] = "PowerGranted"
    mode: words.GrantMode
    instrument: Id
    until: Given[Day] = None
    brings: Given[Resources] = None
    proposal: Given[Id] = None


class BurdenImposed(Transfer):
    """A form, inspection, mechanism or workgroup put on a unit."""

    NAMES = (MATTER, FROM, TO, INSTRUMENT, UNDER, PROPOSAL)
    type: Literal["BurdenImposed"] = "BurdenImposed"
    instrument: Id
    until: Given[Day] = None
    due_on: Given[Day] = None
    under: Given[Id] = None
    proposal: Given[Id] = None


class DelegationEnded(Decision):
    """A delegation is no longer in force from this day on."""

    KEY = "ref:{ref}"
    NAMES = (INSTRUMENT,)
    type: Literal["DelegationEnded"] = "DelegationEnded"
    ref: Id
    reason: words.EndReason
    instrument: Given[Id] = None


class ResourcesAllotted(Decision):
    """Staff or funds that follow a delegation from this day on."""

    KEY = "ref:{ref}"
    type: Literal["ResourcesAllotted"] = "ResourcesAllotted"
    ref: Id
    brings: Resources


class CertificateDemanded(Transfer):
    """A unit demanded a certificate of a village on that day."""

    type: Literal["CertificateDemanded"] = "CertificateDemanded"


class BurdenReported(Decision):
    """A unit reports a burden."""

    KEY = "report:{report}"
    NAMES = (unit_named_by("unit"), Name("about", "about", "ref:"))
    type: Literal["BurdenReported"] = "BurdenReported"
    report: Id
    unit: Id
    text: FreeText
    about: Given[Id] = None


class ReportAnswered(Decision):
    """A report is answered."""

    KEY = "report:{report}"
    NAMES = (unit_named_by("by"),)
    type: Literal["ReportAnswered"] = "ReportAnswered"
    report: Id
    by: Id
    text: FreeText
    outcome: words.Outcome


class FindingWaived(Decision):
    """A finding is taken out of the default answer, with a reason."""

    KEY = "waiver:{rule}#{unit}#{subject}"
    NAMES = (unit_named_by("unit"), unit_named_by("by"), INSTRUMENT)
    type: Literal["FindingWaived"] = "FindingWaived"
    rule: words.Rule
    subject: Subject
    unit: Id
    by: Id
    reason: FreeText
    until: Given[Day] = None
    instrument: Given[Id] = None


class WaiverLifted(Decision):
    """Ends the waivers of that finding begun before that day."""

    KEY = "waiver:{rule}#{unit}#{subject}"
    NAMES = (unit_named_by("unit"),)
    type: Literal["WaiverLifted"] = "WaiverLifted"
    rule: words.Rule
    subject: Subject
    unit: Id


class Corrected(Decision):
    """What was recorded under this ref was wrong; from this position on the log knows better."""

    KEY = "ref:{ref}"
    type: Literal["Corrected"] = "Corrected"
    ref: Id
    set_: Annotated[dict[str, Any], Field(alias="set", min_length=1)]


class Reinstated(Decision):
    """The recorded end of this ref was a mistake: it never ended."""

    KEY = "ref:{ref}"
    type: Literal["Reinstated"] = "Reinstated"
    ref: Id


class Annulled(Decision):
    """What was recorded under this ref never was."""

    KEY = "ref:{ref}"
    type: Literal["Annulled"] = "Annulled"
    ref: Id


Delegation = DutyDelegated | PowerGranted | BurdenImposed

ALL: Final[tuple[type[Decision], ...]] = (
    UnitRegistered,
    UnitRevised,
    UnitRenamed,
    UnitMoved,
    UnitDissolved,
    InstrumentIssued,
    InstrumentRepealed,
    MatterDefined,
    MatterRevised,
    MatterRetired,
    PowerVested,
    PowerDivested,
    ListAdopted,
    ListItemEntered,
    ListItemWithdrawn,
    ListRepealed,
    DelegationProposed,
    ProposalAdmitted,
    ProposalRefused,
    DutyDelegated,
    PowerGranted,
    BurdenImposed,
    DelegationEnded,
    ResourcesAllotted,
    CertificateDemanded,
    BurdenReported,
    ReportAnswered,
    FindingWaived,
    WaiverLifted,
    Corrected,
    Reinstated,
    Annulled,
)
TYPES: Final[dict[str, type[Decision]]] = {decision.__name__: decision for decision in ALL}
