"""A believable county to try the registry on: Yicheng 宜城市 in Hubei, with stories of what goes wrong and well.

Divisions are real; organs, documents, figures and everything that happens are made up after real cases, unless
docs/demo.md says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.demo import papers, stories, tasks, units
from registry.demo.tables import Decision
from registry.domain.words import LEVELS

# On one day things are recorded in the order in which they can name each other.
_ORDER = (
    "UnitRegistered",
    "UnitRenamed",
    "UnitRevised",
    "UnitMoved",
    "UnitDissolved",
    "InstrumentIssued",
    "MatterDefined",
    "MatterRevised",
    "MatterRetired",
    "PowerVested",
    "ListAdopted",
    "ListItemEntered",
    "ListItemWithdrawn",
    "ListRepealed",
    "DelegationProposed",
    "ProposalAdmitted",
    "ProposalRefused",
    "DutyDelegated",
    "PowerGranted",
    "BurdenImposed",
    "CertificateDemanded",
    "ResourcesAllotted",
    "DelegationEnded",
    "PowerDivested",
    "InstrumentRepealed",
    "BurdenReported",
    "ReportAnswered",
    "FindingWaived",
    "WaiverLifted",
    "Corrected",
    "Reinstated",
    "Annulled",
)
_PLACE = {kind: place for place, kind in enumerate(_ORDER)}
_RANK = {level: rank for rank, level in enumerate(LEVELS)}


def journal() -> Iterator[Decision]:
    """The county's decisions, in the order of their days, ready for the log once the published lists are loaded.

    A story's decision with `recorded` came to the clerk's desk only on that later day and stands there in the order.
    """
    whole = [*units.decisions(), *papers.decisions(), *tasks.decisions(), *stories.decisions()]
    whole.sort(key=_desk)
    for decision in whole:
        yield {key: value for key, value in decision.items() if key != "recorded"}


def _desk(decision: Decision) -> tuple[object, ...]:
    """When a decision came to the clerk's desk; units of one day from above downwards, governments first."""
    return (
        decision.get("recorded", decision["at"]),
        _PLACE[decision["type"]],
        _RANK.get(decision.get("level", ""), 0) if decision["type"] == "UnitRegistered" else 0,
        decision.get("kind") != "government",
    )
