"""A draft looked at: what it names, what is wrong with it, what it would open and close, and what may help."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from registry.domain.dates import today
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.drafting import idle_grants
from registry.web.console.drafting import ways as changes
from registry.web.console.drafting.content import (
    HANDED_DOWN,
    Content,
    Named,
    Problem,
    acting_unit,
    decisions_of,
    incomplete,
    proposals_of,
    wrong_days,
)
from registry.web.console.drafting.levels import by_the_level_between
from registry.web.console.drafting.naming import resolved
from registry.web.console.drafting.recipients import government
from registry.web.console.drafting.ways import Way
from registry.web.console.drafting.year_plan import Planned, planned
from registry.web.console.view import View
from registry.web.pages.failure import Refused

FEW: Final = 20  # recipients
MOST_TRIED: Final = 20  # changes that may help, which the API tries at once
MOST_POWERS: Final = 5  # for which a fit document is looked for
SHOWN = 200  # decisions, findings and errors in words on the page


@dataclass(frozen=True, slots=True)
class Tried:
    """A change to the draft that was tried: how many findings it would open and close then."""

    way: Way
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Assessed:
    """A draft looked at. `effects`: what the API says of its decisions; None where it is not complete.

    `problems`: of its fields; `errors`: why it cannot be recorded as it is; `borne`: how recipients hold the
    matter already on the day from which the draft hands it to them; `used`: the delegations that were recorded already
    under the proposal that it carries out; `idle`: why a power that it hands down closes nothing;
    `plan`: whether what it imposes is in the plan of the recipients' year.
    """

    names: Named
    problems: Sequence[Problem] = ()
    decisions: Sequence[Mapping[str, Any]] = ()
    proposals: Sequence[Mapping[str, Any]] = ()
    effects: Data | None = None
    errors: Sequence[Text] = ()
    tried: Sequence[Tried] = field(default_factory=list[Tried])
    unit: str | None = None
    borne: Sequence[Data] = ()
    used: Sequence[str] = ()
    idle: Sequence[Text] = ()
    plan: Sequence[Planned] = ()

    @property
    def new_document(self) -> bool:
        """Whether it names a document by a number that none is recorded under."""
        return self.names.instrument is not None and not self.names.issued

    @property
    def sound(self) -> bool:
        """Whether it could be recorded as it is."""
        return self.effects is not None and not self.errors

    @property
    def new_matters(self) -> set[str]:
        """The codes of the matters that it would bring in."""
        return new_matters(self.decisions)

    @property
    def days(self) -> list[str]:
        """From which day each of the decisions takes effect; empty for one that does not say."""
        return [str(decision.get("at", "")) for decision in self.decisions]

    @property
    def digest(self) -> str:
        """Of what it would record, open and close: another where that has changed since it was shown."""
        if self.effects is None:
            return ""
        held = [sorted(_key(each) for each in self.effects[name]) for name in ("opened", "closed")]
        return hashlib.sha256(orjson.dumps([list(self.decisions), held], option=orjson.OPT_SORT_KEYS)).hexdigest()

    def by_unit(self, name: str) -> list[tuple[Data, list[Data]]]:
        """What it would open, or close, by unit."""
        return by_unit((self.effects or {}).get(name, ()))


def new_matters(decisions: Sequence[Mapping[str, Any]]) -> set[str]:
    """The codes of the matters that decisions would bring in: they have no page before that."""
    return {decision["matter"] for decision in decisions if decision["type"] == "MatterDefined"}


def by_unit(findings: Sequence[Data]) -> list[tuple[Data, list[Data]]]:
    """Findings by the unit that they are of, in their order."""
    groups: dict[str, tuple[Data, list[Data]]] = {}
    for finding in findings:
        groups.setdefault(finding["unit"]["code"], (finding["unit"], []))[1].append(finding)
    return list(groups.values())


def _key(finding: Data) -> list[str]:
    return [finding["rule"], finding["unit"]["code"], finding["subject"], *finding["missing"]]


async def effects_of(view: View, decisions: Sequence[Mapping[str, Any]]) -> Data:
    """What decisions would open and close, and what is wrong with them. Raises Refused."""
    return (await view.ask("draft_effects", kept=False, decisions=list(decisions)))["simulate"]


async def assess(view: View, content: Content, id_: str, *, helped: bool = True) -> Assessed:
    """A draft looked at, as it would be recorded under its id now; `helped`: with the changes that may help tried."""
    names, problems = await resolved(view, content, id_)
    problems = [*wrong_days(content), *incomplete(content), *problems]
    unit = acting_unit(content, names)
    if problems:
        return Assessed(names, problems, unit=unit)
    day = str(today())
    decisions = decisions_of(content, names, id_, day)
    proposals = proposals_of(content, names, id_, day) if content.kind in HANDED_DOWN else []
    try:
        effects = await effects_of(view, decisions)
    except Refused as refused:
        return Assessed(names, [Problem("effects", Text(*refused.message))], decisions, unit=unit)
    errors = _errors(effects["errors"])
    tried: list[Tried] = []
    if helped and not errors:
        tried = await _tried(view, content, names, effects, id_)
    used = await used_under(view, content.proposals, id_)
    within = await _within(view, content, names) if helped else ()
    borne = await _borne(view, content, names, within, content.text("at") or day)
    idle: Sequence[Text] = ()
    if helped and not errors and content.kind == "grant" and names.matter is not None:
        idle = await idle_grants.reasons(view, names.matter["code"], content.recipients, within, borne, effects)
    plan: Sequence[Planned] = ()
    if helped and content.kind == "impose" and names.matter is not None:
        plan = await planned(view, names.matter, content.recipients, content.text("at") or day)
    return Assessed(names, problems, decisions, proposals, effects, errors, tried, unit, borne, used, idle, plan)


async def _other_documents(view: View, content: Content, effects: Data) -> list[Way]:
    """Documents on which it might rest instead: fit for its powers, or what replaced one that is in force no more."""
    opened, day, mode = effects["opened"], effects["asOf"], content.chosen("grant_mode")
    powers = changes.unfit_powers(content, opened)[:MOST_POWERS]
    questions = [view.ask("draft_fit", code=power, mode=mode, asOf=day) for power in powers]
    documents = [answer["matter"] and answer["matter"]["fitInstrument"] for answer in await asyncio.gather(*questions)]
    if content.kind in HANDED_DOWN and any(finding["rule"] == "expired-basis" for finding in opened):
        answer = await view.ask("draft_replaced", number=content.text("instrument"), asOf=day)
        later = answer["instrument"] and answer["instrument"]["replacedBy"]
        while later and not later["inForce"]:
            later = later.get("replacedBy")
        documents.append(later)
    by_number = {document["number"]: document["title"] for document in documents if document}
    return [changes.on_document(*document) for document in by_number.items()]


async def _within(view: View, content: Content, names: Named) -> Sequence[str]:
    """The territories to ask about recipients in: of a few each its own, of many the sender's whole one."""
    if len(content.recipients) <= FEW or names.sender is None:
        return content.recipients
    return ((await government(view, names.sender))["code"],)


async def _borne(view: View, content: Content, names: Named, within: Sequence[str], day: str) -> list[Data]:
    """How recipients hold the matter on a day; nothing of what the reader may not see."""
    if content.kind not in ("delegate", "grant") or names.matter is None or names.new or names.sender is None:
        return []
    return await borne(view, names.matter, content.recipients, within, day)


async def borne(
    view: View, matter: Mapping[str, Any], recipients: Sequence[str], within: Sequence[str], day: str
) -> list[Data]:
    """How units, all of them in some territories, hold a matter on a day; nothing of what the reader may not see.

    Of a power also whether effectively.
    """
    name, code = "power_held" if matter["kind"] == "POWER" else "matter_holders", matter["code"]
    answers = [view.ask_all(name, "holdersPage", code=code, within=each, asOf=day) for each in within]
    wanted = set(recipients)
    try:
        held = [row for rows in await asyncio.gather(*answers) for row in rows if row["unit"]["code"] in wanted]
    except Refused:
        return []
    return list({(row["unit"]["code"], row["subject"], row["by"]): row for row in held}.values())


async def used_under(view: View, proposals: Sequence[str], id_: str) -> list[str]:
    """The delegations under some proposals, without those of the draft itself."""
    rows = [(await view.ask("draft_proposal", kept=False, proposal=each))["proposal"] for each in proposals]
    return [ref for row in rows if row for ref in row["delegations"] if not ref.startswith(f"{id_}-")]


async def _tried(view: View, content: Content, names: Named, effects: Data, id_: str) -> list[Tried]:
    """The changes to a draft that would open less than it does (`effects`), tried all from the same moment."""
    opened, day = effects["opened"], str(today())
    tries = [(way, decisions_of(changed, names, id_, day)) for way, changed in changes.ways(content, opened)]
    for way in await by_the_level_between(view, names, opened):
        other = way.apply(content, opened)
        on_it, wrong = await resolved(view, other, id_)
        if not wrong:
            tries.append((way, decisions_of(other, on_it, id_, day)))
    for way in await _other_documents(view, content, effects):
        on_it = replace(names, instrument=way.name.removeprefix(changes.DOCUMENT), issued=True)
        tries.append((way, decisions_of(way.apply(content, opened), on_it, id_, day)))
    if not tries:
        return []
    alternatives = [list(decisions) for _, decisions in tries[:MOST_TRIED]]
    try:
        answers: list[Data] = (await view.ask("draft_tried", kept=False, alternatives=alternatives))["simulateEach"]
    except Refused:
        return []
    outcomes = [
        Tried(way, len(one["opened"]), len(one["closed"]))
        for (way, _), one in zip(tries, answers, strict=False)
        if not one["errors"]
    ]
    return [one for one in outcomes if one.opened < len(opened)]


def _errors(errors: Sequence[Data]) -> list[Text]:
    """Why decisions cannot be recorded, each reason once."""
    return list(dict.fromkeys(Text(each["zh"], each["en"]) for each in errors))[:SHOWN]
