"""The rules of the contract, one function each, all but `disguised`.

A rule yields what it says: unit, subject, and the missing powers or its severity where the rule's own is not it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

import networkx as nx

from tests.oracle.fold import BURDENS, Delegation, Holding, Picture
from tests.oracle.powers import fit, holders


class Said(NamedTuple):
    unit: str
    subject: str
    missing: tuple[str, ...] = ()
    severity: str = ""


class Finding(NamedTuple):
    rule: str
    unit: str
    subject: str
    missing: tuple[str, ...]
    severity: str


Rule = Callable[[Picture], Iterator[Said]]
RULES: dict[str, tuple[str, Rule]] = {}


def rule(name: str, severity: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES[name] = (severity, function)
        return function

    return register


def findings(picture: Picture, *, waived: bool = False) -> list[Finding]:
    """What the rules say of the day, sorted by key; with those taken out by a waiver only when asked for."""
    found = {
        Finding(name, said.unit, said.subject, said.missing, said.severity or severity)
        for name, (severity, say) in RULES.items()
        for said in say(picture)
    }
    return sorted(f for f in found if waived or (f.rule, f.unit, f.subject) not in picture.waived)


def duties(picture: Picture, *by: str) -> list[Holding]:
    """The holdings of duties, of these ways to hold."""
    return [h for h in picture.holdings if h.by in by and picture.matters[h.matter].kind == "duty"]


def grants(picture: Picture) -> list[Holding]:
    """Each grant, one for each unit that holds it by a list."""
    return [h for h in picture.holdings if h.by != "law" and picture.matters[h.matter].kind == "power"]


def orders(picture: Picture) -> list[Delegation]:
    """The delegations of duties and burdens in force."""
    return [d for d in picture.delegations if d.kind != "power"]


def duty_orders(picture: Picture, *roles: str) -> list[Delegation]:
    return [d for d in picture.delegations if d.kind == "duty" and d.role in roles]


# ----------------------------------------------------------------------------------------------- powers and means


@rule("duty-without-power", "V")
def duty_without_power(picture: Picture) -> Iterator[Said]:
    for held in duties(picture, "list", "delegation"):
        if held.role == "lead" and picture.units[held.unit].low:
            near = {held.unit, *picture.departments(held.unit)}
            required = picture.matters[held.matter].requires
            missing = tuple(sorted(power for power in required if not near & holders(picture, power).all))
            if missing:
                yield Said(held.unit, held.subject, missing)


@rule("unfunded-mandate", "W")
def unfunded_mandate(picture: Picture) -> Iterator[Said]:
    for held in duties(picture, "list", "delegation"):
        unit = picture.units[held.unit]
        unmet = not set(picture.matters[held.matter].needs) <= held.brings
        unpaid = held.mode == "entrusted" and unit.level == "village" and "funds" not in held.brings
        if unit.low and (unmet or unpaid):
            yield Said(held.unit, held.subject)


# ---------------------------------------------------------------------------------------------------------- lists


@rule("negative-list", "V")
def negative_list(picture: Picture) -> Iterator[Said]:
    burdens = [h for h in picture.holdings if picture.matters[h.matter].kind in BURDENS]
    for held in [*duties(picture, "list", "delegation"), *burdens]:
        kind = picture.matters[held.matter].kind
        for adopted in picture.lists_for(held.unit, kind, "negative"):
            for item in picture.listed(adopted, held.matter):
                if kind != "duty" or held.role in item.get("roles", ("lead", "share")):
                    yield Said(held.unit, held.subject)


@rule("off-list", "W")
def off_list(picture: Picture) -> Iterator[Said]:
    for order in orders(picture):
        if picture.units[order.recipient].low and not picture.admitted(order):
            positive = picture.lists_for(order.recipient, order.kind, "positive")
            closed = [adopted for adopted in positive if adopted.get("closed", True)]
            if closed and not any(picture.listed(adopted, order.matter) for adopted in closed):
                yield Said(order.recipient, order.ref)


@rule("quota-exceeded", "W")
def quota_exceeded(picture: Picture) -> Iterator[Said]:
    in_force = {order.ref for order in picture.delegations}
    new_year = picture.day[:4] + "-01-01"
    for unit in picture.units:
        for kind in BURDENS:
            yearly = kind in ("form", "inspection")
            given = [
                d
                for d in sorted(picture.begun, key=lambda d: (d.at, d.position))
                if d.recipient == unit and d.kind == kind and (d.at >= new_year if yearly else d.ref in in_force)
            ]
            lists = [*picture.lists_for(unit, kind, "positive"), *picture.lists_for(unit, kind, "negative")]
            quotas = [adopted["quota"] for adopted in lists if "quota" in adopted]
            for beyond in given[min(quotas) :] if quotas else ():
                if beyond.ref in in_force:
                    yield Said(unit, beyond.ref)


@rule("certificate-demand", "V")
def certificate_demand(picture: Picture) -> Iterator[Said]:
    for deed in picture.history.deeds.values():
        village = picture.read(deed["to"])
        if deed["type"] == "CertificateDemanded" and deed["at"] <= picture.day and village is not None:
            then = picture.history.on(deed["at"])
            asked = then.read(deed["to"])
            negative = then.lists_for(asked, "certificate", "negative") if asked else []
            positive = then.lists_for(asked, "certificate", "positive") if asked else []
            closed = [adopted for adopted in positive if adopted.get("closed", True)]
            forbidden = any(then.listed(adopted, deed["matter"]) for adopted in negative)
            if forbidden or (closed and not any(then.listed(adopted, deed["matter"]) for adopted in closed)):
                yield Said(village, deed["ref"])


# --------------------------------------------------------------------------------------------------------- grants


@rule("incapable-recipient", "V")
def incapable_recipient(picture: Picture) -> Iterator[Said]:
    for grant in grants(picture):
        if picture.units[grant.unit].level == "village":
            yield Said(grant.unit, grant.subject)


@rule("unfit-instrument", "V")
def unfit_instrument(picture: Picture) -> Iterator[Said]:
    for grant in grants(picture):
        kind = picture.instrument_kind(grant.instrument or "")
        if not fit(kind, picture.matters[grant.matter].power_kind, grant.mode):
            yield Said(grant.unit, grant.subject)


@rule("void-grant", "V")
def void_grant(picture: Picture) -> Iterator[Said]:
    for grant in grants(picture):
        power = holders(picture, grant.matter)
        if grant.sender not in power.freely | power.entrusted:
            yield Said(grant.unit, grant.subject)


@rule("re-entrusted", "V")
def re_entrusted(picture: Picture) -> Iterator[Said]:
    for grant in grants(picture):
        power = holders(picture, grant.matter)
        if grant.sender in power.entrusted - power.freely:
            yield Said(grant.unit, grant.subject)
    for order in duty_orders(picture, "lead", "share", "assist"):
        held = picture.holds(order.sender, order.matter)
        only_entrusted = all(h.by == "delegation" and h.mode == "entrusted" for h in held)
        if order.mode == "entrusted" and held and only_entrusted:
            yield Said(order.recipient, order.ref)


@rule("expired-basis", "V")
def expired_basis(picture: Picture) -> Iterator[Said]:
    for held in picture.holdings:
        if held.instrument is not None and not picture.in_force(held.instrument):
            yield Said(held.unit, held.subject)


# ---------------------------------------------------------------------------------------------- lines of command


def commander(picture: Picture, code: str | None) -> str | None:
    """The unit's government; for a unit stationed somewhere, that of the unit where it works."""
    return picture.government(picture.units[code].stationed_at or code) if code else None


@rule("level-skip", "W")
def level_skip(picture: Picture) -> Iterator[Said]:
    for order in orders(picture):
        sender, recipient = commander(picture, order.sender), commander(picture, order.recipient)
        chain = picture.chain(recipient)
        if sender in chain and chain.index(sender) > 1:
            yield Said(order.recipient, order.ref)


@rule("out-of-line", "W")
def out_of_line(picture: Picture) -> Iterator[Said]:
    for order in orders(picture):
        sender, recipient = commander(picture, order.sender), commander(picture, order.recipient)
        guided = order.sender is not None and picture.units[order.recipient].guided_by == order.sender
        if sender not in picture.chain(recipient) and not guided:
            yield Said(order.recipient, order.ref)


@rule("passed-down", "W")
def passed_down(picture: Picture) -> Iterator[Said]:
    for order in duty_orders(picture, "lead"):
        ways = {held.by for held in picture.holds(order.sender, order.matter, "lead")}
        if ways and "law" not in ways:
            yield Said(order.recipient, order.ref)


@rule("delegation-loop", "V")
def delegation_loop(picture: Picture) -> Iterator[Said]:
    shared = [order for order in duty_orders(picture, "lead", "share") if order.sender is not None]
    for matter in {order.matter for order in shared}:
        graph = nx.DiGraph((order.sender, order.recipient) for order in shared if order.matter == matter)
        rings = list(nx.strongly_connected_components(graph))
        for order in shared:
            ends = {order.sender, order.recipient}
            if order.matter == matter and len(ends) == 2 and any(ends <= ring for ring in rings):
                yield Said(order.recipient, order.ref)


@rule("multiple-leads", "W")
def multiple_leads(picture: Picture) -> Iterator[Said]:
    for order in duty_orders(picture, "lead"):
        government = picture.government(order.recipient)
        for held in duties(picture, "law", "list", "delegation"):
            same = held.matter == order.matter and held.role == "lead"
            another = held.unit not in (order.recipient, order.sender)
            if same and another and government is not None and picture.government(held.unit) == government:
                yield Said(order.recipient, order.ref)


@rule("no-lead", "W")
def no_lead(picture: Picture) -> Iterator[Said]:
    for order in duty_orders(picture, "share", "assist"):
        government = picture.government(order.sender)
        above = [order.sender, government, *picture.departments(government)]
        if not any(picture.holds(unit, order.matter, "lead") for unit in above):
            yield Said(order.recipient, order.ref)


# ------------------------------------------------------------------------------------------------ days and returns


def days(order: Delegation) -> int:
    return (date.fromisoformat(order.due_on or "") - date.fromisoformat(order.at)).days


def passed_on(picture: Picture, order: Delegation) -> Delegation | None:
    """The delegation that this one passes on."""
    deed = picture.history.deeds.get(order.under or "")
    if deed is not None:
        return picture.history.on(deed["at"]).read_delegation(deed)
    then = picture.history.on(order.at)
    sender = then.read(picture.history.deeds[order.ref]["from"])
    before = [d for d in orders(then) if d.matter == order.matter and d.ref != order.ref and d.recipient == sender]
    return before[0] if len(before) == 1 and sender is not None else None


@rule("deadline-squeeze", "W")
def deadline_squeeze(picture: Picture) -> Iterator[Said]:
    for order in orders(picture):
        farthest, above, seen = None, passed_on(picture, order), {order.ref}
        while above is not None and above.ref not in seen:
            seen.add(above.ref)
            farthest = above if above.due_on else farthest
            above = passed_on(picture, above)
        if order.due_on and farthest and 2 * days(order) < days(farthest):
            yield Said(order.recipient, order.ref, severity="V" if 3 * days(order) < days(farthest) else "W")


@rule("conflicting-orders", "W")
def conflicting_orders(picture: Picture) -> Iterator[Said]:
    dated = [order for order in orders(picture) if order.due_on]
    for one in dated:
        for other in dated:
            same = (one.matter, one.recipient) == (other.matter, other.recipient)
            if same and one.sender != other.sender and one.due_on != other.due_on:
                yield Said(one.recipient, one.ref)


@rule("rebound", "V")
def rebound(picture: Picture) -> Iterator[Said]:
    history = picture.history
    for order in orders(picture):
        deed = history.deeds[order.ref]
        then = history.on(order.at)
        recipient = then.read(deed["to"])
        government = then.government(then.read(deed["from"]))
        above = then.chain(recipient)
        between = above[1 : above.index(government)] if government in above[1:] else []
        for ref, end in history.ends.items():
            earlier = history.deeds[ref]
            returned = end["reason"] == "returned" and end["at"] <= order.at and earlier["matter"] == order.matter
            there = recipient is not None and then.read(earlier["to"]) in (recipient, *between)
            if returned and there and not picture.admitted(order):
                yield Said(order.recipient, order.ref)
