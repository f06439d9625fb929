"""The contract's closed vocabularies, in the contract's order."""

from __future__ import annotations

from typing import Final, Literal

Level = Literal["central", "province", "prefecture", "county", "township", "village"]
UnitKind = Literal["government", "party", "department", "dispatched", "village"]
MatterKind = Literal["duty", "power", "certificate", "form", "inspection", "mechanism", "workgroup"]
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
    "disguised",
]

LEVELS: Final[tuple[str, ...]] = Level.__args__  # type: ignore[attr-defined]
UNIT_KINDS: Final[tuple[str, ...]] = UnitKind.__args__  # type: ignore[attr-defined]
MATTER_KINDS: Final[tuple[str, ...]] = MatterKind.__args__  # type: ignore[attr-defined]
BURDEN_KINDS: Final[tuple[str, ...]] = ("form", "inspection", "mechanism", "workgroup")
POWER_KINDS: Final[tuple[str, ...]] = PowerKind.__args__  # type: ignore[attr-defined]
INSTRUMENT_KINDS: Final[tuple[str, ...]] = InstrumentKind.__args__  # type: ignore[attr-defined]
ROLES: Final[tuple[str, ...]] = Role.__args__  # type: ignore[attr-defined]
DUTY_MODES: Final[tuple[str, ...]] = DutyMode.__args__  # type: ignore[attr-defined]
GRANT_MODES: Final[tuple[str, ...]] = GrantMode.__args__  # type: ignore[attr-defined]
END_REASONS: Final[tuple[str, ...]] = EndReason.__args__  # type: ignore[attr-defined]
RESOURCES: Final[tuple[str, ...]] = Resource.__args__  # type: ignore[attr-defined]
RULES: Final[tuple[str, ...]] = Rule.__args__  # type: ignore[attr-defined]

ALL_BUT_VERBAL: Final = frozenset(INSTRUMENT_KINDS) - {"verbal"}

# Which kinds of instrument are fit to hand a power down. Devolving a penalty: Administrative Penalty Law (2021)
# art. 24; entrusting it: art. 20; entrusting a licence: Licensing Law art. 24; coercion is never entrusted:
# Administrative Coercion Law art. 17.
FIT: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("penalty", "devolved"): frozenset({"law", "regulation", "provincial_decision"}),
    ("penalty", "entrusted"): frozenset({"law", "regulation", "rule"}),
    ("licence", "devolved"): frozenset({"law", "regulation", "provincial_decision"}),
    ("licence", "entrusted"): frozenset({"law", "regulation", "rule"}),
    ("coercion", "devolved"): frozenset({"law", "regulation", "provincial_decision"}),
    ("coercion", "entrusted"): frozenset(),
} | {
    (kind, mode): ALL_BUT_VERBAL
    for kind in POWER_KINDS
    if kind not in ("penalty", "licence", "coercion")
    for mode in GRANT_MODES
}
