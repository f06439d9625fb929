"""The rules of the contract, one function each, all but `disguised`.

A rule yields what it says: unit, subject, and the missing powers or its severity where the rule's own is not it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import NamedTuple

import networkx as nx

from tests.oracle.fold import BURDENS, Delegation, Holding, Snapshot
from tests.oracle.powers import fit, holders


class Hit(NamedTuple):
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


Rule = Callable[[Snapshot], Iterator[Hit]]
RULES: dict[str, tuple[str, Rule]] = {}
# It compares names by a thesaurus; names that people have sorted test it, not a second program (test_disguised).
NOT_HERE = frozenset({"disguised"})


def rule(name: str, severity: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        RULES[name] = (severity, function)
        return function

    return register


def findings(snapshot: Snapshot, *, waived: bool = False) -> list[Finding]:
    """What the rules say of the day, sorted by key; with those taken out by a waiver only when asked for."""
    results = {
        Finding(name, stated.unit, stated.subject, stated.missing, stated.severity or severity)
        for name, (severity, find) in RULES.items()
        for stated in find(snapshot)
    }
    return sorted(f for f in results if waived or (f.rule, f.unit, f.subject) not in snapshot.waived)


def duties(snapshot: Snapshot, *by: str) -> list[Holding]:
    """The holdings of duties, of these ways to hold."""
    return [h for h in snapshot.holdings if h.by in by and snapshot.matters[h.matter].kind == "duty"]


def grants(snapshot: Snapshot) -> list[Holding]:
    """Each grant, one for each unit that holds it by a list."""
    return [h for h in snapshot.holdings if h.by != "law" and snapshot.matters[h.matter].kind == "power"]


def orders(snapshot: Snapshot) -> list[Delegation]:
    """The delegations of duties and burdens in force."""
    return [d for d in snapshot.delegations if d.kind != "power"]


def duty_orders(snapshot: Snapshot, *roles: str) -> list[Delegation]:
    return [d for d in snapshot.delegations if d.kind == "duty" and d.role in roles]


# ----------------------------------------------------------------------------------------------- powers and means


@rule("duty-without-power", "V")
def duty_without_power(snapshot: Snapshot) -> Iterator[Hit]:
    for held in duties(snapshot, "list", "delegation"):
        if held.role == "lead" and snapshot.units[held.unit].low:
            near = {held.unit, *snapshot.offices(held.unit, "department", "dispatched")}
            required = snapshot.matters[held.matter].requires
            missing = tuple(sorted(power for power in required if not near & holders(snapshot, power).all))
            if missing:
                yield Hit(held.unit, held.subject, missing)


@rule("unfunded-mandate", "W")
def unfunded_mandate(snapshot: Snapshot) -> Iterator[Hit]:
    for held in duties(snapshot, "list", "delegation"):
        unit = snapshot.units[held.unit]
        unmet = not set(snapshot.matters[held.matter].needs) <= held.brings
        unpaid = held.mode == "entrusted" and unit.level == "village" and "funds" not in held.brings
        if unit.low and (unmet or unpaid):
            yield Hit(held.unit, held.subject)


# ---------------------------------------------------------------------------------------------------------- lists


@rule("negative-list", "V")
def negative_list(snapshot: Snapshot) -> Iterator[Hit]:
    burdens = [h for h in snapshot.holdings if snapshot.matters[h.matter].kind in BURDENS]
    for held in [*duties(snapshot, "list", "delegation"), *burdens]:
        kind = snapshot.matters[held.matter].kind
        for adopted in snapshot.lists_for(held.unit, kind, "negative"):
            for item in snapshot.listed(adopted, held.matter):
                if kind != "duty" or held.role in item.get("roles", ("lead", "share")):
                    yield Hit(held.unit, held.subject)


@rule("off-list", "W")
def off_list(snapshot: Snapshot) -> Iterator[Hit]:
    for order in orders(snapshot):
        if snapshot.units[order.recipient].low and not snapshot.admitted(order):
            positive = snapshot.lists_for(order.recipient, order.kind, "positive")
            closed = [adopted for adopted in positive if adopted.get("closed", True)]
            if closed and not any(snapshot.listed(adopted, order.matter) for adopted in closed):
                yield Hit(order.recipient, order.ref)


@rule("quota-exceeded", "W")
def quota_exceeded(snapshot: Snapshot) -> Iterator[Hit]:
    in_force = {order.ref for order in snapshot.delegations}
    new_year = snapshot.day[:4] + "-01-01"
    for unit in snapshot.units:
        for kind in BURDENS:
            yearly = kind not in ("mechanism", "workgroup")
            given = [
                d
                for d in sorted(snapshot.begun, key=lambda d: (d.at, d.position))
                if d.recipient == unit and d.kind == kind and (d.at >= new_year if yearly else d.ref in in_force)
            ]
            lists = [*snapshot.lists_for(unit, kind, "positive"), *snapshot.lists_for(unit, kind, "negative")]
            quotas = [adopted["quota"] for adopted in lists if "quota" in adopted]
            for beyond in given[min(quotas) :] if quotas else ():
                if beyond.ref in in_force:
                    yield Hit(unit, beyond.ref)


@rule("certificate-demand", "V")
def certificate_demand(snapshot: Snapshot) -> Iterator[Hit]:
    for transfer in snapshot.history.transfers.values():
        village = snapshot.read(transfer["to"])
        if transfer["type"] == "CertificateDemanded" and transfer["at"] <= snapshot.day and village in snapshot.units:
            then = snapshot.history.on(transfer["at"])
            query = then.read(transfer["to"])
            there = query in then.units
            negative = then.lists_for(query, "certificate", "negative") if there else []
            positive = then.lists_for(query, "certificate", "positive") if there else []
            closed = [adopted for adopted in positive if adopted.get("closed", True)]
            forbidden = any(then.listed(adopted, transfer["matter"]) for adopted in negative)
            if forbidden or (closed and not any(then.listed(adopted, transfer["matter"]) for adopted in closed)):
                yield Hit(village, transfer["ref"])


@rule("informal-order", "W")
def informal_order(snapshot: Snapshot) -> Iterator[Hit]:
    for order in orders(snapshot):
        if snapshot.units[order.recipient].low and snapshot.instrument_kind(order.instrument) in ("verbal", "minutes"):
            yield Hit(order.recipient, order.ref)


# --------------------------------------------------------------------------------------------------------- grants


@rule("incapable-recipient", "V")
def incapable_recipient(snapshot: Snapshot) -> Iterator[Hit]:
    for grant in grants(snapshot):
        if snapshot.units[grant.unit].level == "village":
            yield Hit(grant.unit, grant.subject)


@rule("unfit-instrument", "V")
def unfit_instrument(snapshot: Snapshot) -> Iterator[Hit]:
    for grant in grants(snapshot):
        kind = snapshot.instrument_kind(snapshot.rests_on(grant.instrument or ""))
        if not fit(kind, snapshot.matters[grant.matter].power_kind, grant.mode, snapshot.day):
            yield Hit(grant.unit, grant.subject)


@rule("void-grant", "V")
def void_grant(snapshot: Snapshot) -> Iterator[Hit]:
    for grant in grants(snapshot):
        power = holders(snapshot, grant.matter)
        if grant.sender not in power.freely | power.entrusted:
            yield Hit(grant.unit, grant.subject)


@rule("re-entrusted", "V")
def re_entrusted(snapshot: Snapshot) -> Iterator[Hit]:
    for grant in grants(snapshot):
        power = holders(snapshot, grant.matter)
        if grant.sender in power.entrusted - power.freely:
            yield Hit(grant.unit, grant.subject)
    for order in duty_orders(snapshot, "lead", "share", "assist"):
        held = snapshot.holds(order.sender, order.matter)
        only_entrusted = all(h.by == "delegation" and h.mode == "entrusted" for h in held)
        if order.mode == "entrusted" and held and only_entrusted:
            yield Hit(order.recipient, order.ref)


@rule("expired-basis", "V")
def expired_basis(snapshot: Snapshot) -> Iterator[Hit]:
    for held in snapshot.holdings:
        if held.instrument is not None and not snapshot.has_basis(held.instrument):
            yield Hit(held.unit, held.subject)


# ---------------------------------------------------------------------------------------------- lines of command


def commander(snapshot: Snapshot, code: str | None) -> str | None:
    """The unit's government; for a unit stationed somewhere, that of the unit where it works."""
    return snapshot.government(snapshot.tree[code].stationed_at or code) if code else None


@rule("level-skip", "W")
def level_skip(snapshot: Snapshot) -> Iterator[Hit]:
    for order in orders(snapshot):
        sender, recipient = commander(snapshot, order.sender), commander(snapshot, order.recipient)
        chain = snapshot.chain(recipient)
        if sender in chain and chain.index(sender) > 1:
            yield Hit(order.recipient, order.ref)


@rule("out-of-line", "W")
def out_of_line(snapshot: Snapshot) -> Iterator[Hit]:
    for order in orders(snapshot):
        sender, recipient = commander(snapshot, order.sender), commander(snapshot, order.recipient)
        guided = order.sender is not None and snapshot.units[order.recipient].guided_by == order.sender
        if sender not in snapshot.chain(recipient) and not guided:
            yield Hit(order.recipient, order.ref)


@rule("passed-down", "W")
def passed_down(snapshot: Snapshot) -> Iterator[Hit]:
    for order in duty_orders(snapshot, "lead"):
        ways = {held.by for held in snapshot.holds(order.sender, order.matter, "lead")}
        if ways and "law" not in ways:
            yield Hit(order.recipient, order.ref)


@rule("delegation-loop", "V")
def delegation_loop(snapshot: Snapshot) -> Iterator[Hit]:
    shared = [order for order in duty_orders(snapshot, "lead", "share") if order.sender is not None]
    for matter in {order.matter for order in shared}:
        graph = nx.DiGraph((order.sender, order.recipient) for order in shared if order.matter == matter)
        rings = list(nx.strongly_connected_components(graph))
        for order in shared:
            ends = {order.sender, order.recipient}
            if order.matter == matter and len(ends) == 2 and any(ends <= ring for ring in rings):
                yield Hit(order.recipient, order.ref)


@rule("multiple-leads", "W")
def multiple_leads(snapshot: Snapshot) -> Iterator[Hit]:
    for order in duty_orders(snapshot, "lead"):
        government = snapshot.government(order.recipient)
        for held in duties(snapshot, "law", "list", "delegation"):
            same = held.matter == order.matter and held.role == "lead"
            another = held.unit not in (order.recipient, order.sender)
            if same and another and government is not None and snapshot.government(held.unit) == government:
                yield Hit(order.recipient, order.ref)


@rule("no-lead", "W")
def no_lead(snapshot: Snapshot) -> Iterator[Hit]:
    for order in duty_orders(snapshot, "share", "assist"):
        government = snapshot.government(order.sender)
        above = [order.sender, government, *snapshot.offices(government, "department")]
        if not any(snapshot.holds(unit, order.matter, "lead") for unit in above):
            yield Hit(order.recipient, order.ref)


# ------------------------------------------------------------------------------------------------ days and returns


def days(order: Delegation) -> int:
    return (date.fromisoformat(order.due_on or "") - date.fromisoformat(order.at)).days


def passed_on(snapshot: Snapshot, order: Delegation) -> Delegation | None:
    """The delegation that this one passes on."""
    transfer = snapshot.history.transfers.get(order.under or "")
    if transfer is not None:
        return snapshot.history.on(transfer["at"]).read_delegation(transfer)
    then = snapshot.history.on(order.at)
    sender = then.read(snapshot.history.transfers[order.ref]["from"])
    before = [d for d in orders(then) if d.matter == order.matter and d.ref != order.ref and d.recipient == sender]
    return before[0] if len(before) == 1 and sender is not None else None


@rule("deadline-squeeze", "W")
def deadline_squeeze(snapshot: Snapshot) -> Iterator[Hit]:
    for order in orders(snapshot):
        farthest, above, seen = None, passed_on(snapshot, order), {order.ref}
        while above is not None and above.ref not in seen:
            seen.add(above.ref)
            farthest = above if above.due_on else farthest
            above = passed_on(snapshot, above)
        if order.due_on and farthest and 2 * days(order) < days(farthest):
            yield Hit(order.recipient, order.ref, severity="V" if 3 * days(order) < days(farthest) else "W")


@rule("conflicting-orders", "W")
def conflicting_orders(snapshot: Snapshot) -> Iterator[Hit]:
    dated = [order for order in orders(snapshot) if order.due_on]
    for one in dated:
        for other in dated:
            same = (one.matter, one.recipient) == (other.matter, other.recipient)
            if same and one.sender != other.sender and one.due_on != other.due_on:
                yield Hit(one.recipient, one.ref)


@rule("rebound", "V")
def rebound(snapshot: Snapshot) -> Iterator[Hit]:
    history = snapshot.history
    for order in orders(snapshot):
        transfer = history.transfers[order.ref]
        then = history.on(order.at)
        recipient = then.read(transfer["to"])
        government = then.government(then.read(transfer["from"]))
        above = then.chain(recipient)
        between = above[1 : above.index(government)] if government in above[1:] else []
        for ref, end in history.ends.items():
            earlier = history.transfers[ref]
            returned = end["reason"] == "returned" and end["at"] <= order.at and earlier["matter"] == order.matter
            there = recipient is not None and then.read(earlier["to"]) in (recipient, *between)
            if returned and there and not snapshot.admitted(order):
                yield Hit(order.recipient, order.ref)


# ------------------------------------------------------------------------------------------------ rectification


def standing(snapshot: Snapshot) -> set[tuple[str, str | None, str]]:
    """The keys of the findings of all other rules in the default answer; `disguised` is not among them."""
    others = {name: hit for name, hit in RULES.items() if name not in ("rectification-overdue", "rectified-on-paper")}
    return {
        (name, stated.unit, stated.subject) for name, (_, find) in others.items() for stated in find(snapshot)
    } - snapshot.waived


def ordered(snapshot: Snapshot) -> Iterator[tuple[Hit, bool, str]]:
    """The orders by the day whose finding stands: what is said of them, whether answered as done, and due when."""
    orders_so_far = [order for order in snapshot.history.orders.values() if order["at"] <= snapshot.day]
    keys = standing(snapshot) if orders_so_far else set()
    for order in orders_so_far:
        unit = snapshot.read(order["unit"])
        answers = [each for each in snapshot.so_far("RectificationAnswered") if each["ref"] == order["ref"]]
        due = [order["due_on"], *(each["due_on"] for each in answers if each["outcome"] == "extended")][-1]
        if unit in snapshot.units and (order["rule"], unit, order["subject"]) in keys:
            yield Hit(unit, order["ref"]), any(each["outcome"] == "done" for each in answers), due


@rule("rectification-overdue", "W")
def rectification_overdue(snapshot: Snapshot) -> Iterator[Hit]:
    return (hit for hit, done, due in ordered(snapshot) if not done and due < snapshot.day)


@rule("rectified-on-paper", "V")
def rectified_on_paper(snapshot: Snapshot) -> Iterator[Hit]:
    return (hit for hit, done, _ in ordered(snapshot) if done)
