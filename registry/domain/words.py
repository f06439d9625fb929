"""The contract's closed vocabularies, in the contract's order."""

from __future__ import annotations

from typing import Final, Literal, get_args

Level = Literal["central", "province", "prefecture", "county", "township", "village"]
UnitKind = Literal["government", "party", "department", "dispatched", "village"]
MatterKind = Literal[
    "duty",
    "power",
    "certificate",
    "service",
    "form",
    "inspection",
    "meeting",
    "document",
    "mechanism",
    "workgroup",
]
PowerKind = Literal[
    "penalty",
    "licence",
    "coercion",
    "levy",
    "payment",
    "inspection",
    "confirmation",
    "award",
    "adjudication",
    "other",
]
InstrumentKind = Literal[
    "law",
    "regulation",
    "rule",
    "provincial_decision",
    "government_document",
    "notice",
    "letter",
    "minutes",
    "verbal",
]
Role = Literal["lead", "share", "assist"]
DutyMode = Literal["assigned", "entrusted", "letter", "territorial", "purchased"]
GrantMode = Literal["devolved", "entrusted"]
EndReason = Literal["returned", "revoked", "expired", "completed", "superseded"]
Resource = Literal["staff", "funds"]
Polarity = Literal["positive", "negative"]
Outcome = Literal["upheld", "rejected", "resolved"]
CaseOutcome = Literal["exempted", "lightened", "held"]
RectificationOutcome = Literal["done", "extended", "disputed"]
Rule = Literal[
    "duty-without-power",
    "negative-list",
    "off-list",
    "unfunded-mandate",
    "incapable-recipient",
    "unfit-instrument",
    "void-grant",
    "re-entrusted",
    "expired-basis",
    "level-skip",
    "out-of-line",
    "passed-down",
    "delegation-loop",
    "deadline-squeeze",
    "conflicting-orders",
    "multiple-leads",
    "no-lead",
    "rebound",
    "quota-exceeded",
    "certificate-demand",
    "informal-order",
    "disguised",
    "rectification-overdue",
    "rectified-on-paper",
]

LEVELS: Final[tuple[str, ...]] = get_args(Level)
UNIT_KINDS: Final[tuple[str, ...]] = get_args(UnitKind)
MATTER_KINDS: Final[tuple[str, ...]] = get_args(MatterKind)
BURDEN_KINDS: Final[tuple[str, ...]] = ("form", "inspection", "meeting", "document", "mechanism", "workgroup")
# Of these a quota counts what began in the calendar year, of the other burdens what is in force.
YEARLY_KINDS: Final[tuple[str, ...]] = ("form", "inspection", "meeting", "document")
# What is handed over: duties delegated, powers granted, burdens imposed.
TRANSFER_KINDS: Final[tuple[str, ...]] = ("duty", "power", *BURDEN_KINDS)
POWER_KINDS: Final[tuple[str, ...]] = get_args(PowerKind)
INSTRUMENT_KINDS: Final[tuple[str, ...]] = get_args(InstrumentKind)
ROLES: Final[tuple[str, ...]] = get_args(Role)
DUTY_MODES: Final[tuple[str, ...]] = get_args(DutyMode)
GRANT_MODES: Final[tuple[str, ...]] = get_args(GrantMode)
END_REASONS: Final[tuple[str, ...]] = get_args(EndReason)
RESOURCES: Final[tuple[str, ...]] = get_args(Resource)
CASE_OUTCOMES: Final[tuple[str, ...]] = get_args(CaseOutcome)
RECTIFICATION_OUTCOMES: Final[tuple[str, ...]] = get_args(RectificationOutcome)
RULES: Final[tuple[str, ...]] = get_args(Rule)
# What is said of orders to put findings right; it looks at the findings of all other rules.
RECTIFICATION_RULES: Final[tuple[str, ...]] = ("rectification-overdue", "rectified-on-paper")
