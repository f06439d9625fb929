"""Who may do what: the one table of every operation, from which the checks, the reference and the tests are made.

A row says of a field of GraphQL, a type of decision, or an address which rule holds of it. A rule says of each role
what it gives of its own unit, of what is below that, of the unit above, and of others. What has no row is for nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from registry.access.roles import Role
from registry.domain.decisions import TYPES
from registry.domain.text import Text


class Where(StrEnum):
    """Of which unit something is, seen from that of a role."""

    OWN = "own"
    BELOW = "below"
    PARENT = "parent"
    OTHER = "other"


class Answer(StrEnum):
    """What a rule gives."""

    YES = "yes"
    PART = "part"  # what lies in the own territory, or reaches it
    NO = "no"  # null, nothing, or the error for what is not there; `forbidden` where everybody knows that it is


class Rule(StrEnum):
    """How an operation is guarded."""

    PUBLISHED = "published"
    TERRITORY = "territory"
    UNIT = "unit"
    OBJECT = "object"
    RECORDER = "recorder"
    CLERK = "clerk"
    EDITOR = "editor"
    ORGANIZER = "organizer"
    WHOLE = "whole"
    ACCOUNT = "account"
    ADMINISTRATOR = "administrator"

    @property
    def text(self) -> Text:
        """The rule in a sentence."""
        return RULES[self]


RULES: Final[Mapping[Rule, Text]] = MappingProxyType(
    {
        Rule.PUBLISHED: Text("公开，任何人可看。", "Published: for everybody."),
        Rule.TERRITORY: Text(
            "只含本辖区（本单位及以下）；问上级或全部时，也只答本辖区的。合计、分页、检索同此。",
            "Only what is of the own territory (the unit and all below it), also where a larger one is asked about; "
            "totals, pages and searches too.",
        ),
        Rule.UNIT: Text("须是本辖区的单位。", "Of a unit of the own territory."),
        Rule.OBJECT: Text(
            "随所属的记录：有一方在本辖区的才看得见，否则如同没有。",
            "As what it belongs to: seen where one of the units concerned is of the own territory; else it is not "
            "there.",
        ),
        Rule.RECORDER: Text(
            "谁记录的，以及写有记录人的原文：组织编制管理员和审计员可见。",
            "Who recorded it, and the bytes that say so: for organizers and auditors.",
        ),
        Rule.CLERK: Text("经办员及以上，为本辖区的单位。", "Clerks and up, for units of the territory."),
        Rule.EDITOR: Text("编辑员及以上，为本辖区的单位。", "Editors and up, for units of the territory."),
        Rule.ORGANIZER: Text("组织编制管理员，为本辖区的单位。", "Organizers, for units of the territory."),
        Rule.WHOLE: Text("在整个登记簿有查阅角色的账号。", "Whoever reads the whole registry."),
        Rule.ACCOUNT: Text("已登录的账号，限于本人。", "Whoever is logged in, about itself."),
        Rule.ADMINISTRATOR: Text("系统管理员。", "Administrators."),
    }
)
_READERS: Final = (Role.CLERK, Role.EDITOR, Role.ORGANIZER, Role.AUDITOR)
ROLES: Final[Mapping[Rule, tuple[Role, ...]]] = MappingProxyType(
    {
        Rule.PUBLISHED: tuple(Role),
        Rule.TERRITORY: _READERS,
        Rule.UNIT: _READERS,
        Rule.OBJECT: _READERS,
        Rule.RECORDER: (Role.ORGANIZER, Role.AUDITOR),
        Rule.CLERK: (Role.CLERK, Role.EDITOR, Role.ORGANIZER),
        Rule.EDITOR: (Role.EDITOR, Role.ORGANIZER),
        Rule.ORGANIZER: (Role.ORGANIZER,),
        Rule.WHOLE: _READERS,
        Rule.ACCOUNT: tuple(role for role in Role if role is not Role.ANYBODY),
        Rule.ADMINISTRATOR: (Role.ADMINISTRATOR,),
    }
)
_EVERYWHERE: Final = frozenset({Rule.PUBLISHED, Rule.ACCOUNT, Rule.ADMINISTRATOR})  # hang on no unit
_IN_PART: Final = frozenset({Rule.TERRITORY, Rule.OBJECT, Rule.RECORDER})  # what is of both is seen from both


def answer(rule: Rule, role: Role, where: Where) -> Answer:
    """What a rule gives a role of a unit."""
    if role not in ROLES[rule]:
        return Answer.NO
    if rule is Rule.WHOLE:  # whose role is for a unit does not read the whole
        return Answer.NO
    if rule in _EVERYWHERE or where in (Where.OWN, Where.BELOW):
        return Answer.YES
    return Answer.PART if rule in _IN_PART and where is Where.PARENT else Answer.NO


# ------------------------------------------------------------------------------------------------- types of decision

# The lowest role that records a type; which unit must be in its territory, the type says itself (Decision.ACTING).
RECORDS: Final[Mapping[str, Role]] = MappingProxyType(
    dict.fromkeys(TYPES, Role.EDITOR)
    | dict.fromkeys(("BurdenReported", "ReportAnswered", "RectificationAnswered", "UnitAssessed"), Role.CLERK)
    | dict.fromkeys(
        (
            *("UnitRegistered", "UnitRevised", "UnitRenamed", "UnitMoved", "UnitDissolved"),
            *("ProposalAdmitted", "ProposalRefused", "FindingWaived", "WaiverLifted", "RectificationOrdered"),
            *("Corrected", "Reinstated", "Annulled"),
        ),
        Role.ORGANIZER,
    )
)


def recorders(kind: str) -> tuple[Role, ...]:
    """The roles that record a type of decision."""
    return ROLES[Rule(RECORDS[kind])]


# ------------------------------------------------------------------------------------------------------------ GraphQL

P, T, U, O = Rule.PUBLISHED, Rule.TERRITORY, Rule.UNIT, Rule.OBJECT  # noqa: E741
_FIELDS: Final[dict[str, dict[Rule, str]]] = {
    "Query": {
        P: "certificate consistency consistencyProof inclusionProof instrument instruments list listComparison lists "
        "log matter matters services unit units",
        T: "assessmentPeriods assessments assessmentsMade balance balanceOverTime balanceSeries burdenTotals cases "
        "certificateDemands changes changesPage custody decisions dutyMatrix expiredBases findingCounts findingEvents "
        "findingFacets findings findingsCompared findingsJudged holders holdersPage monitoring powerHolders proposals "
        "rectifications reportStatistics reports restsOn",
        U: "finding accountability burdenYear landing sameFields",
        O: "decision delegation proposal report",
        Rule.CLERK: "simulate simulateEach",
        Rule.ORGANIZER: "undo",
    },
    "Subscription": {T: "decisions findingEvents"},
    # What everybody sees, and what hangs on it that not everybody does.
    "Unit": {
        P: "aliases children code dissolved function guidedBy handedDownByLists kind level monitored name negativeList "
        "parent positiveList since stationedAt successor until",
        U: "burdens findings handedDown history powers responsibilities",
    },
    "Matter": {
        P: "aliases alternative asks basis category code fitInstrument inLaw includes issuer kind lawfulHolders "
        "materials name needs online position powerKind procedure requires retired window",
        T: "history",
    },
    "Instrument": {P: "inForce issuer kind number position reenacted replacedBy since title until"},
    "LawfulHolder": {P: "function level"},
    "List": {
        P: "assigns audience closed code covers inForce instrument items kind polarity position quota scope since "
        "title until"
    },
    "ListComparison": {P: "added after before changed items moved removed same"},
    "ItemDifference": {P: "after before change fields"},
    "ListItem": {
        P: "alternative assigns audience brings category closed covers from instrument issuer item list matter name "
        "polarity position quota roles scope since subject terms title until"
    },
    "Service": {P: "includes materials matter online procedure window"},
    "CertificateAdvice": {P: "about legalBasis text"},
    "CertificateAnswer": {
        P: "advice alternative basis candidates choices issuer item legalBasis materials matter message name online "
        "procedure reason services status"
    },
    "CertificateChoice": {P: "code name status"},
    "Log": {P: "checkpoint checkpoints leaves root size"},
    "LogCheckpoint": {P: "issuedAt note size"},
    "LogLeaf": {P: "hash position"},
    "InclusionProof": {P: "hashes holds leafHash leafIndex position root size steps", Rule.RECORDER: "leaf"},
    "Consistency": {P: "first hashes holds newRoot newSteps oldRoot oldSteps second"},
    "ProofStep": {P: "hash left right"},
    "PageInfo": {P: "endCursor hasNextPage hasPreviousPage startCursor"},
    "ChangedField": {P: "after before field"},
    "JudgedUpTo": {T: "number on position"},
    # The rest is seen with what it belongs to.
    "Accountability": {
        O: "above brings chain conclusion findings held holdings message missing needs precedentOutcomes precedents "
        "required role"
    },
    "AskedForm": {O: "asks delegations doubled matter"},
    "Assessment": {O: "assessment by on score text unit"},
    "AssessmentPeriod": {O: "assessed made period"},
    "AssessmentSummary": {
        O: "askedOf assessedBy assessments burdensSent dutiesSent findings mean overdue period sent silent spread "
        "unit withoutPower"
    },
    "SentWork": {O: "findings kind matter overdue ref to withoutPower"},
    "Balance": {T: "asOf below levels total units"},
    "BalanceFigures": {
        T: "assigned duties dutyViolations funded led noPowerNeeded powers unfunded units violations "
        "violationsPer100Duties withPower withoutNeeds withoutPower"
    },
    "BalanceSeries": {T: "below days levels total"},
    "BranchSeries": {O: "unit values"},
    "LevelSeries": {T: "level values"},
    "DutyMatrix": {T: "rows units"},
    "DutyMatrixRow": {T: "cells matter"},
    "FindingsCompared": {T: "closed opened"},
    "ComparedFinding": {O: "matter rule severity subject unit"},
    "LevelBalance": {T: "figures level"},
    "UnitBalance": {O: "figures unit"},
    "BurdenTally": {T: "admitted byThen change excess halved imposed kind listed planned quota unplanned yearBefore"},
    "BurdenTotals": {T: "imposed tallies units until year"},
    "BurdenYear": {O: "imposed planned tallies unit until year"},
    "Case": {O: "about by case category instrument matter on outcome position rule text title why"},
    "CaseOutcomes": {T: "exempted held lightened"},
    "CertificateDemands": {T: "demanded forbidden matters refs unit unlisted villages waived"},
    "DemandedCertificate": {T: "demanded matter"},
    "Change": {O: "change decision fields matter on subject unit"},
    "CustodySpan": {O: "brings by decision endedBy from holder instrument mode role since subject until"},
    "Decision": {
        O: "at correctedBy corrects data effects message position recordedAt stated summary type",
        Rule.RECORDER: "recordedBy",
    },
    "StatedField": {O: "field label value"},
    "Effect": {O: "change fields key message since table until"},
    "Delegation": {O: "at brings dueOn from instrument kind matter mode position proposal ref role to under until"},
    "ExpiredBasis": {O: "cites name reenacted replacement since subject what why"},
    "Finding": {
        O: "basis instrument matter message missing orders path remedies rule sender severity since steps "
        "subject unit waivedBy waiver"
    },
    "FacetValue": {T: "count instrument key matter unit"},
    "FindingFacet": {T: "by values"},
    "FindingFacets": {T: "aged facets total"},
    "FindingStep": {
        O: "began brings dueOn ended from inForce instrument listed matter mode name position role source subject to"
    },
    "Waiver": {O: "by ended instrument position reason since"},
    "FindingCount": {T: "count keys reviews violations warnings"},
    "FindingEvent": {O: "cause change decision finding number on position"},
    "ToldFinding": {O: "matter message rule severity subject unit"},
    "FormGroup": {O: "forms pairs"},
    "FormPair": {O: "common one other relation share units"},
    "Holding": {
        O: "brings by dueOn effective from instrument matter missing mode position role since subject unit until"
    },
    "ImposedBurden": {O: "admitted beyond delegation plannedBy"},
    "Landed": {O: "begins continues delegation due ends"},
    "LandedFrom": {T: "before burdens from kind"},
    "Landing": {O: "burdens duties month unit"},
    "Monitoring": {
        T: "begunBefore burdens closed landed month opened openedBefore openedTheMonthBefore points reports "
        "reportsBefore until"
    },
    "MonitoringPoint": {O: "burdens landed landedBefore opened openedBefore reports reportsBefore unit"},
    "Opinion": {O: "by closed entitled errors opened"},
    "PlannedItem": {O: "instrument kind name quota refs subject title"},
    "PowerHolding": {O: "chain effective entrustedOnly links power"},
    "PowerHolders": {T: "power units"},
    "PowerLink": {O: "delegation list subject"},
    "Proposal": {
        O: "answer answeredBy answeredOn brings delegations dueOn from instrument matter mode opinion position "
        "proposal reason role since to"
    },
    "Recorded": {O: "annulled closed opened positions warning"},
    "Rectification": {O: "answers by dueOn finding instrument ordered position ref rule state subject text unit"},
    "RectificationAnswer": {O: "at by dueOn outcome text"},
    "Remedy": {O: "action closes decisions message opens"},
    "Report": {
        O: "about answer answeredBy answeredOn candidates days findings from kind matter on outcome position report "
        "state text to unit"
    },
    "ReportCandidate": {O: "delegation findings name share"},
    "ReportStatistics": {T: "answered days open rejected reports resolved unit upheld"},
    "RestingDecision": {O: "decision on"},
    "RestsOn": {T: "delegations delegationsPage lists opened openedPage vestings"},
    "Simulation": {T: "asOf closed errors messages opened"},
    "Undo": {
        Rule.ORGANIZER: "asOf closed decisions digest goesWith judged opened positions problems resting withoutEffect"
    },
    "UnitTallies": {O: "tallies unit"},
    # A page of anything: what is on it is guarded itself.
    "Connection": {P: "edges nodes pageInfo totalCount"},
    "Edge": {P: "cursor node"},
}


def _mutations() -> dict[str, Rule]:
    rules = {kind.MUTATION: Rule(RECORDS[name]) for name, kind in TYPES.items()}
    return {"record": Rule.CLERK, "undo": Rule.ORGANIZER, **rules}


FIELDS: Final[Mapping[str, Mapping[str, Rule]]] = MappingProxyType(
    {kind: {name: rule for rule, names in by.items() for name in names.split()} for kind, by in _FIELDS.items()}
    | {"Mutation": _mutations()}
)


def field_rule(kind: str, name: str) -> Rule | None:
    """The rule of a field; None where it has no row."""
    page = kind not in FIELDS and re.search("(Connection|Edge)$", kind)
    return FIELDS.get(page[1] if page else kind, {}).get(name)


# ---------------------------------------------------------------------------------------------------------- addresses


class Address(NamedTuple):
    """An address of the server: the methods that it takes (WEBSOCKET for one), its path as a route writes it."""

    methods: str
    path: str
    rule: Rule


READ: Final = "GET HEAD"
ADDRESSES: Final = (
    Address(READ, "/", P),
    Address(READ, "/docs", P),
    Address(READ, "/openapi.json", P),
    Address(READ, "/health", P),
    Address(READ, "/ready", P),
    Address(READ, "/metrics", P),  # which sees itself to who may have them
    Address("GET HEAD POST", "/login", P),
    Address("GET", "/login/provider", P),
    Address("GET", "/login/callback", P),
    Address("GET HEAD POST", "/logout", P),
    Address("GET HEAD POST", "/account", Rule.ACCOUNT),
    Address("GET HEAD POST", "/accounts", Rule.ADMINISTRATOR),
    Address("GET HEAD POST", "/accounts/{name}", Rule.ADMINISTRATOR),
    Address("GET HEAD POST WEBSOCKET", "/graphql", P),  # each field has a row of its own
    # The console. What a view shows is asked as over GraphQL, where each field has a row of its own.
    Address(READ, "/assets/{digest}/{name}", P),
    Address(READ, "/overview", T),
    Address(READ, "/overview/{code:path}", T),
    Address(READ, "/balance/{code:path}", T),
    Address(READ, "/matrix/{code:path}", T),
    Address(READ, "/search", P),
    Address(READ, "/burdens", T),
    Address(READ, "/changes/{code:path}", T),
    Address(READ, "/findings", T),
    Address("GET HEAD POST", "/findings/one", T),  # each form records what its own rule lets
    Address(READ, "/rectifications", T),
    Address(READ, "/work", Rule.ACCOUNT),
    Address(READ, "/work/{number}", Rule.ACCOUNT),  # who began it alone
    Address(READ, "/admin", Rule.ADMINISTRATOR),
    Address(READ, "/admin/accounts", Rule.ADMINISTRATOR),
    Address(READ, "/admin/size", Rule.ADMINISTRATOR),
    Address(READ, "/reports", T),
    Address("GET HEAD POST", "/reports/{report:path}", Rule.OBJECT),
    Address(READ, "/monitoring", T),
    Address("GET HEAD POST", "/assessments", T),
    Address(READ, "/history", T),
    Address(READ, "/decisions/{position}", O),
    Address(READ, "/accountability", U),
    Address(READ, "/accountability.docx", U),
    Address(READ, "/cases", T),
    Address(READ, "/lists/compare", P),
    Address(READ, "/log", P),
    Address("GET HEAD POST", "/proofs/check", P),
    Address(READ, "/matters", P),
    Address(READ, "/matters/{code:path}", T),
    Address(READ, "/documents", P),
    Address(READ, "/documents/{number:path}", P),
    Address(READ, "/units/{code:path}", P),  # whose lists are, too; what it holds has rows of its own
    Address("GET HEAD POST", "/drafts", Rule.EDITOR),  # one's own, and those shared with one's territory
    Address(READ, "/drafts/new", Rule.EDITOR),
    Address(READ, "/drafts/choices", Rule.EDITOR),
    Address(READ, "/drafts/{code}", Rule.EDITOR),
    Address(READ, "/proposals", T),
    Address(READ, "/proposals/{code:path}", O),
    Address("POST", "/proposals/{code:path}", Rule.ORGANIZER),
    Address(READ, "/proofs", P),
    Address(READ, "/tlog/checkpoint", P),
    Address(READ, "/tlog/tile/{level}/{index:path}", P),  # of hashes
    Address(READ, "/tlog/tile/entries/{index:path}", Rule.WHOLE),  # the decisions themselves
    Address(READ, "/v1/decisions", T),
    Address(READ, "/v1/evidence.zip", Rule.RECORDER),
    Address(READ, "/v1/findings", T),
    Address("GET", "/v1/units/{code:path}/balance.csv", T),
    Address(READ, "/v1/rectifications/{ref:path}/order.docx", O),
    Address(READ, "/v1/rectifications/{ref:path}/answer.docx", O),
    Address("POST", "/v1/lists", Rule.EDITOR),
    *(
        Address(READ, f"/v1/{path}.{format_}", P)
        for path in ("lists/{code:path}", "units/{code:path}/lists")
        for format_ in ("xlsx", "docx", "json")
    ),
    Address(READ, "/v1/villages/{code:path}/certificates", P),
    Address(READ, "/v1/villages/{code:path}/services", P),
    Address(READ, "/villages/{code:path}/burdens", U),
    Address("GET HEAD POST", "/villages/{code:path}/wrong-answer", Rule.CLERK),
    Address("GET HEAD POST", "/villages/{code:path}/report", Rule.CLERK),
    Address(READ, "/receipts", P),
    Address(READ, "/receipts/{number}", P),
    Address(READ, "/villages", P),
    Address(READ, "/villages/{code:path}", P),
    Address("GET HEAD POST", "/lists/import", Rule.EDITOR),
    Address("GET HEAD POST", "/lists/import-folder", Rule.EDITOR),
    Address("GET HEAD POST", "/undo", Rule.ORGANIZER),
    Address(READ, "/lists", P),
    Address(READ, "/lists/{code:path}", P),
    Address(READ, "/units/{code:path}/lists", P),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the table: where it is (graphql, decision, address), its name, and its rule."""

    face: str
    name: str
    rule: Rule


def operations() -> Iterator[Operation]:
    """Every row."""
    for kind, rules in FIELDS.items():
        yield from (Operation("graphql", f"{kind}.{name}", rule) for name, rule in sorted(rules.items()))
    yield from (Operation("decision", kind, Rule(role)) for kind, role in RECORDS.items())
    for address in ADDRESSES:
        yield from (
            Operation("address", f"{method} {address.path}", address.rule) for method in address.methods.split()
        )


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], frozenset[str], Rule], ...]:
    made: list[tuple[re.Pattern[str], frozenset[str], Rule]] = []
    for methods, path, rule in ADDRESSES:
        literal = re.split(r"\{\w+(?::path)?\}", path)
        made.append((re.compile(".*".join(map(re.escape, literal)), re.DOTALL), frozenset(methods.split()), rule))
    return tuple(made)


def address_rules(method: str, path: str) -> frozenset[Rule]:
    """The rules of all rows that could be meant by an address; none where there is no such address."""
    return frozenset(rule for pattern, methods, rule in _patterns() if method in methods and pattern.fullmatch(path))
