"""What may be decided in a small random world: each function adds the lines of one kind of decision.

Most lines can be; which, the oracle's validity says.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Final

from tests.oracle.reading import BEARERS, NAMED
from tests.support.random_world import BURDENS, DAYS, RULES, WORDS, Line, World, attributes, define, issue, maybe, name

# Rules that find often in such a world.
OFTEN: Final = ("duty-without-power", "negative-list", "off-list", "unfunded-mandate", "void-grant", "out-of-line")

# ----------------------------------------------------------------------------------------------------- what is decided


def late_unit(world: World, random: Random) -> None:
    county = "420684"
    code = f"{county}10{len(world.ids['unit'])}"
    level, kind = random.choice((("township", "government"), ("village", "village"), ("township", "dispatched")))
    parent = random.choice(world.ids["unit"])
    guide, station = maybe(random, 0.2, world.ids["unit"]), maybe(random, 0.2, world.ids["unit"])
    fields = {"level": level, "kind": kind, "parent": parent, "guided_by": guide, "stationed_at": station}
    fields["monitored"] = maybe(random, 0.3, (True, True, False))
    world.add("UnitRegistered", random.choice(DAYS), unit=code, name="新单位", **fields)
    world.ids["unit"].append(code)


def revise_unit(world: World, random: Random) -> None:
    field, value = random.choice(
        (
            ("name", "某局"),
            ("level", random.choice(("county", "township", "village"))),
            ("kind", random.choice(("government", "department", "dispatched", "village"))),
            ("function", random.choice(("market", "water", "government"))),
            ("guided_by", random.choice(world.ids["unit"])),
            ("stationed_at", random.choice(world.ids["unit"])),
            ("aliases", ["别名"]),
            ("monitored", random.random() < 0.7),
        )
    )
    line = world.add("UnitRevised", random.choice(DAYS), unit=random.choice(world.ids["unit"]), **{field: value})
    if field not in ("name", "level", "kind") and random.random() < 0.3:
        line[field] = None  # taken away


def rename_unit(world: World, random: Random) -> None:
    world.add("UnitRenamed", random.choice(DAYS), unit=random.choice(world.ids["unit"]), name=random.choice("甲乙丙"))


def move_unit(world: World, random: Random) -> None:
    unit, parent = random.choice(world.ids["unit"]), random.choice(world.ids["unit"])
    world.add("UnitMoved", random.choice(DAYS), unit=unit, parent=parent)


def dissolve_unit(world: World, random: Random) -> None:
    successor = maybe(random, 0.7, world.ids["unit"])
    # Mostly low ones: the whole world hangs on the others.
    units = [code for code in world.ids["unit"] if len(code) > 6] or world.ids["unit"]
    world.add("UnitDissolved", random.choice(DAYS), unit=random.choice(units), successor=successor)


def repeal(world: World, random: Random) -> None:
    replaced = maybe(random, 0.6, world.ids["instrument"])
    number = random.choice(world.ids["instrument"])
    line = world.add("InstrumentRepealed", random.choice(DAYS), instrument=number, replaced_by=replaced)
    if replaced is not None and random.random() < 0.7:
        line["reenacted"] = True


def revise_matter(world: World, random: Random) -> None:
    code = random.choice(world.ids["matter"])
    fields = attributes(world, random, world.by_id[code]["kind"]) or {"name": name(random)}
    if random.random() < 0.3:
        fields["name"] = name(random)
    if random.random() < 0.2:
        fields["aliases"] = []
    line = world.add("MatterRevised", random.choice(DAYS), matter=code, **fields)
    if fields.get("aliases") == []:
        line["aliases"] = []
    if random.random() < 0.3:
        clearable = [field for field in fields if field not in ("name", "power_kind", "includes")]
        line[random.choice(clearable or ["basis"])] = None


def retire_matter(world: World, random: Random) -> None:
    world.add("MatterRetired", random.choice(DAYS), matter=random.choice(world.ids["matter"]))


def vest(world: World, random: Random) -> None:
    power, unit, number = (random.choice(world.ids[sort]) for sort in ("power", "unit", "instrument"))
    line = world.add("PowerVested", random.choice(DAYS), power=power, unit=unit, instrument=number)
    world.ids["vesting"].append(f"{power}#{unit}")
    world.by_id[f"{power}#{unit}"] = line


def divest(world: World, random: Random) -> None:
    power, unit = random.choice(world.ids["vesting"]).split("#")
    world.add("PowerDivested", random.choice(DAYS), power=power, unit=unit)


def adopt(world: World, random: Random) -> None:
    covers = random.choice(("duty", "duty", "duty", "power", "power", "certificate", "certificate", *BURDENS))
    negative = covers != "power" and random.random() < 0.4
    fields: Line = {"polarity": "negative" if negative else "positive", "covers": covers}
    fields["audience"] = random.choice(("township", "township", "township", "village", "village", "county"))
    fields["scope"] = maybe(random, 0.7, (*world.ids["unit"], *["4206", "420684", "420684-water"] * 5))
    fields["instrument"] = random.choice(world.ids["instrument"])
    if not negative:
        fields["closed"] = random.choice((None, None, True, False))
        assigned = {"duty": ("lead", "share", "assist"), "power": ("devolved", "entrusted")}.get(covers)
        fields["assigns"] = maybe(random, 0.7, assigned)
    if covers in BURDENS:
        fields["quota"] = maybe(random, 0.6, (0, 1, 2))
    at = min(random.choice(DAYS), random.choice(DAYS))
    world.new("list", "清单", lambda code: world.add("ListAdopted", at, list=code, title="清单", **fields))
    for _ in range(random.choice((1, 2, 3))):
        enter(world, random, world.ids["list"][-1], at)


def enter(world: World, random: Random, code: str | None = None, at: str | None = None) -> None:
    code = code or random.choice(world.ids["list"])
    adopted = world.by_id[code]
    fields: Line = {}
    which = random.choice(("matter", "matter", "matter", "category", "terms"))
    if which == "matter" and world.ids[adopted["covers"]]:
        fields["matter"] = random.choice(world.ids[adopted["covers"]])
    elif which == "category":
        fields["category"] = random.choice(("甲类", "乙类"))
    else:
        fields["terms"] = random.sample(WORDS, random.choice((1, 2)))
    if adopted["polarity"] == "negative":
        fields["roles"] = maybe(random, 0.3, (["lead"], ["assist"], ["lead", "share", "assist"]))
    if "assigns" in adopted:
        fields["from_"] = maybe(random, 0.8, world.ids["unit"])
        fields["brings"] = maybe(random, 0.4, (["funds"], ["staff"], ["staff", "funds"]))
    if adopted["covers"] == "certificate":
        fields["alternative"] = maybe(random, 0.3, ("查询系统",))
    item = f"{len(world.ids['item']) + 1}"
    world.ids["item"].append(f"{code}#{item}")
    at = at or random.choice(DAYS)
    world.by_id[f"{code}#{item}"] = world.add("ListItemEntered", at, list=code, item=item, name="事项", **fields)


def withdraw(world: World, random: Random) -> None:
    code, item = random.choice(world.ids["item"]).split("#")
    world.add("ListItemWithdrawn", random.choice(DAYS), list=code, item=item)


def repeal_list(world: World, random: Random) -> None:
    world.add("ListRepealed", random.choice(DAYS), list=random.choice(world.ids["list"]))


def parties(world: World, random: Random, matter: str, types: tuple[str, ...]) -> Line:
    """From and to: often down the line, often on from where the matter already is: chains and rings form."""
    units = world.ids["unit"]
    passed = [world.by_id[ref] for type_ in types for ref in world.ids[type_] if world.by_id[ref]["matter"] == matter]
    sender = random.choice(passed)["to"] if passed and random.random() < 0.5 else random.choice(units)
    if passed and random.random() < 0.15:
        recipient = random.choice(passed)["from"]
    else:
        below = [code for code in units if code.startswith((sender[:6], "420684101")) and code != sender]
        recipient = random.choice(below if below and random.random() < 0.7 else units)
    if recipient == sender:
        recipient = random.choice([code for code in units if code != sender])
    return {"from_": sender, "to": recipient}


def terms(world: World, random: Random, at: str) -> Line:
    """Until, and the proposal it rests on."""
    later = [day for day in (*DAYS, "2021-12-31") if day > at]
    return {"until": maybe(random, 0.2, later), "proposal": maybe(random, 0.3, world.ids["proposal"])}


def due(random: Random, at: str) -> str | None:
    return maybe(random, 0.5, [day for day in (*DAYS, "2021-12-31") if day >= at])


def delegate(world: World, random: Random) -> None:
    matter, at = random.choice(world.ids["duty"]), random.choice(DAYS)
    fields = {**parties(world, random, matter, ("DutyDelegated",)), **terms(world, random, at)}
    fields["role"] = random.choice(("lead", "lead", "lead", "share", "assist"))
    fields["mode"] = random.choice(
        ("assigned", "assigned", "entrusted", "entrusted", "letter", "territorial", "purchased")
    )
    fields["instrument"] = random.choice(world.ids["instrument"])
    fields["due_on"] = due(random, at)
    fields["brings"] = maybe(random, 0.4, (["funds"], ["staff", "funds"]))
    fields["under"] = maybe(random, 0.2, [r for r in world.ids["DutyDelegated"] if world.by_id[r]["matter"] == matter])
    world.new("DutyDelegated", "D", lambda ref: world.add("DutyDelegated", at, ref=ref, matter=matter, **fields))


def grant(world: World, random: Random) -> None:
    matter, at = random.choice(world.ids["power"]), random.choice(DAYS)
    fields = {**parties(world, random, matter, ("PowerGranted",)), **terms(world, random, at)}
    if random.random() < 0.5:
        holders = world.by_id[matter].get("lawful_holders", ())
        lawful = [u for u in world.ids["unit"] for h in holders if h["level"] == "county" and u.endswith(h["function"])]
        fields["from_"] = random.choice(lawful) if lawful and fields["to"] not in lawful else fields["from_"]
    fields["mode"] = random.choice(("devolved", "entrusted", "entrusted"))
    fields["instrument"] = random.choice(
        world.ids["instrument"][:3] if random.random() < 0.6 else world.ids["instrument"]
    )
    fields["brings"] = maybe(random, 0.2, (["staff"],))
    world.new("PowerGranted", "G", lambda ref: world.add("PowerGranted", at, ref=ref, matter=matter, **fields))


def impose(world: World, random: Random) -> None:
    kind = random.choice([kind for kind in BURDENS if world.ids[kind]])
    matter, at = random.choice(world.ids[kind]), random.choice(DAYS)
    fields = {**parties(world, random, matter, ("BurdenImposed",)), **terms(world, random, at)}
    fields["instrument"], fields["due_on"] = random.choice(world.ids["instrument"]), due(random, at)
    fields["under"] = maybe(random, 0.2, [r for r in world.ids["BurdenImposed"] if world.by_id[r]["matter"] == matter])
    world.new("BurdenImposed", "B", lambda ref: world.add("BurdenImposed", at, ref=ref, matter=matter, **fields))


def demand(world: World, random: Random) -> None:
    villages = [unit for unit in world.ids["unit"] if len(unit) == 12 and unit.isdigit()]
    fields = {
        "matter": random.choice(world.ids["certificate"]),
        "from_": "420684-market",
        "to": random.choice(villages),
    }
    at = random.choice(DAYS)
    world.new("CertificateDemanded", "C", lambda ref: world.add("CertificateDemanded", at, ref=ref, **fields))


def delegations(world: World) -> list[str]:
    return [ref for type_ in ("DutyDelegated", "PowerGranted", "BurdenImposed") for ref in world.ids[type_]]


def end(world: World, random: Random) -> None:
    reason = random.choice(("returned", "returned", "revoked", "expired", "completed", "superseded"))
    number = maybe(random, 0.3, world.ids["instrument"])
    ref = random.choice(delegations(world))
    world.ids["ended"].append(ref)
    world.add("DelegationEnded", random.choice(DAYS), ref=ref, reason=reason, instrument=number)


def give_again(world: World, random: Random) -> None:
    """What was ended, often returned, comes to the same unit once more."""
    like = world.by_id[random.choice(world.ids["ended"])]
    ref = f"{like['ref']}-{len(world.lines)}"
    world.lines.append({**like, "ref": ref, "at": max(like["at"], random.choice(DAYS))})
    for field in ("until", "due_on", "under"):
        world.lines[-1].pop(field, None)
    world.by_id[ref] = world.lines[-1]
    world.ids[like["type"]].append(ref)


def reinstate(world: World, random: Random) -> None:
    world.add("Reinstated", random.choice(DAYS), ref=random.choice(world.ids["ended"] or delegations(world)))


def annul(world: World, random: Random) -> None:
    ref = random.choice([*delegations(world), *world.ids["CertificateDemanded"]])
    world.add("Annulled", random.choice(DAYS), ref=ref)


def naming(line: Line) -> Line:
    """What names a decision in a correction."""
    if line["type"] in BEARERS:
        return {"ref": line["ref"]}
    return {"of": {"type": line["type"], **{field: line[field] for field in NAMED[line["type"]]}}}


def amend(world: World, random: Random) -> None:
    """Correct, annul or bring back a decision of any type; often what was amended before, or its id again."""
    lines = [line for line in world.lines if line["type"] in (*NAMED, *BEARERS)]
    line = random.choice(world.amended if world.amended and random.random() < 0.5 else lines)
    world.amended.append(line)
    type_ = random.choice(("Annulled", "Annulled", "Reinstated", "Corrected", "Corrected"))
    fields = naming(line)
    if type_ == "Corrected":
        like = random.choice([other for other in lines if other["type"] == line["type"]])
        chosen = random.sample(sorted(like.keys() - {"type"}), random.choice((1, 1, 2)))
        fields["set"] = {field: like[field] for field in chosen}
        if random.random() < 0.3:
            fields["set"] = {"at": random.choice(DAYS)}
        elif random.random() < 0.2:
            fields["set"][random.choice(sorted(line.keys() - {"type"}))] = None
    if random.random() < 0.5:
        fields["note"] = f"第{len(world.lines)}次"  # else it may be a repeat
    world.lines.append({"type": type_, "at": random.choice(DAYS), **fields})
    if type_ == "Annulled" and random.random() < 0.3:
        world.lines.append({**line, "at": random.choice(DAYS), "note": "重录"})


def allot(world: World, random: Random) -> None:
    ref = random.choice([*world.ids["DutyDelegated"], *world.ids["PowerGranted"]])
    world.add("ResourcesAllotted", random.choice(DAYS), ref=ref, brings=random.choice((["funds"], ["staff"])))


def propose(world: World, random: Random) -> None:
    like = world.by_id[random.choice(delegations(world))]
    kept = ("matter", "from", "to", "role", "mode", "instrument", "due_on")
    fields = {("from_" if field == "from" else field): like[field] for field in kept if field in like}
    at = min(random.choice(DAYS), fields.get("due_on", "9999"))
    world.new("proposal", "P", lambda code: world.add("DelegationProposed", at, proposal=code, **fields))
    if random.random() < 0.6:
        again = {**like, "ref": f"{like['ref']}-{world.ids['proposal'][-1]}", "proposal": world.ids["proposal"][-1]}
        world.lines.append(again)
        world.ids[like["type"]].append(again["ref"])
        world.by_id[again["ref"]] = again


def answer(world: World, random: Random) -> None:
    type_ = random.choice(("ProposalAdmitted", "ProposalAdmitted", "ProposalRefused"))
    code = random.choice(world.ids["proposal"])
    world.add(type_, random.choice(DAYS), proposal=code, by="4206", reason=maybe(random, 0.3, ("理由",)))


def correct(world: World, random: Random) -> None:
    ref = random.choice(delegations(world))
    transfer = world.by_id[ref]
    kind = world.by_id[transfer["matter"]]["kind"]
    change: Line = {
        "at": random.choice(DAYS),
        "from": random.choice(world.ids["unit"]),
        "to": random.choice(world.ids["unit"]),
        "matter": random.choice(world.ids[kind]),
        "until": random.choice((None, *DAYS)),
        "instrument": random.choice(world.ids["instrument"]),
        "note": "更正",
    }
    if kind == "duty":
        change |= {"role": random.choice(("lead", "share", "assist")), "mode": random.choice(("assigned", "entrusted"))}
    if kind == "power":
        change["mode"] = random.choice(("devolved", "entrusted"))
    if kind != "power":
        change["due_on"] = random.choice((None, *DAYS))
    if kind in ("duty", "power"):
        change["brings"] = random.choice((None, [], ["funds"], ["staff"]))
    chosen = random.sample(sorted(change), random.choice((1, 1, 2)))
    world.add("Corrected", random.choice(DAYS), ref=ref, set={field: change[field] for field in chosen})


def report(world: World, random: Random) -> None:
    unit, about = random.choice(world.ids["unit"]), maybe(random, 0.6, delegations(world))
    at = random.choice(DAYS)
    world.new(
        "report", "R", lambda code: world.add("BurdenReported", at, report=code, unit=unit, text="太多", about=about)
    )


def answer_report(world: World, random: Random) -> None:
    outcome = random.choice(("upheld", "rejected", "resolved"))
    code = random.choice(world.ids["report"])
    world.add("ReportAnswered", random.choice(DAYS), report=code, by="420684", text="收到", outcome=outcome)


def waive(world: World, random: Random) -> None:
    law = f"LAW#{random.choice(world.ids['duty'])}"
    subject = random.choice([*delegations(world), *world.ids["item"], law])
    at, unit = random.choice(DAYS), world.by_id.get(subject, {}).get("to") or random.choice(world.ids["unit"])
    fields = {"rule": random.choice((*RULES, *OFTEN)), "subject": subject, "unit": unit}
    if world.ids["RectificationOrdered"] and random.random() < 0.3:
        ordered = world.by_id[random.choice(world.ids["RectificationOrdered"])]
        rule = random.choice(("rectification-overdue", "rectified-on-paper"))
        fields = {"rule": rule, "subject": ordered["ref"], "unit": ordered["unit"]}
    until = maybe(random, 0.3, [day for day in DAYS if day > at])
    world.ids["waiver"].append(f"W{len(world.ids['waiver'])}")
    world.by_id[world.ids["waiver"][-1]] = fields
    world.add("FindingWaived", at, **fields, by="4206", reason="容错", until=until)


def lift(world: World, random: Random) -> None:
    world.add("WaiverLifted", random.choice(DAYS), **world.by_id[random.choice(world.ids["waiver"])])


def order(world: World, random: Random) -> None:
    """An order about a finding of a rule that finds often, mostly of the unit that bears it."""
    subject = random.choice([*delegations(world), *world.ids["CertificateDemanded"], *world.ids["item"]])
    unit = world.by_id[subject].get("to") if random.random() < 0.9 else None
    at = random.choice(DAYS)
    fields = {
        "rule": random.choice((*OFTEN, "certificate-demand") if "#" not in subject else OFTEN),
        "subject": subject,
        "unit": unit or random.choice(world.ids["unit"]),
        "by": random.choice(("4206", "420684", random.choice(world.ids["unit"]))),
        "due_on": random.choice([day for day in (*DAYS, "2021-12-31") if day >= at]),
        "instrument": maybe(random, 0.2, world.ids["instrument"]),
    }
    world.new(
        "RectificationOrdered", "Z", lambda ref: world.add("RectificationOrdered", at, ref=ref, text="整改", **fields)
    )


def answer_order(world: World, random: Random) -> None:
    ref, at = random.choice(world.ids["RectificationOrdered"]), random.choice(DAYS)
    outcome = random.choice(("done", "done", "extended", "disputed"))
    due_on = random.choice([day for day in (*DAYS, "2021-12-31") if day >= at]) if outcome == "extended" else None
    by = random.choice(("420684", random.choice(world.ids["unit"])))
    world.add("RectificationAnswered", at, ref=ref, by=by, text="报告", outcome=outcome, due_on=due_on)


def record_case(world: World, random: Random) -> None:
    fields = {"matter": maybe(random, 0.6, world.ids["matter"]), "rule": maybe(random, 0.5, RULES)}
    fields["category"] = maybe(random, 0.3, ("甲类", "乙类"))
    refs = [*delegations(world), *world.ids["CertificateDemanded"]]
    fields["about"] = random.sample(refs, min(len(refs), random.choice((0, 1, 2))))
    fields["instrument"] = maybe(random, 0.2, world.ids["instrument"])
    outcome, by = random.choice(("exempted", "lightened", "held")), random.choice(world.ids["unit"])
    fields = {"title": name(random), "text": "已尽职", "outcome": outcome, "by": by, **fields}
    at = random.choice(DAYS)
    world.new("case", "A", lambda code: world.add("CaseRecorded", at, case=code, **fields))


def assess(world: World, random: Random) -> None:
    unit, by = random.choice(world.ids["unit"]), random.choice(world.ids["unit"])
    fields = {"unit": unit, "by": by, "period": random.choice(("2020", "2020-H1", "2020-Q1", "2020-02"))}
    fields["score"], fields["text"] = random.choice((0, 60, 85, 100)), maybe(random, 0.3, ("尚可",))
    at = random.choice(DAYS)
    world.new("assessment", "Y", lambda code: world.add("UnitAssessed", at, assessment=code, **fields))


def repeat(world: World, random: Random) -> None:
    world.lines.append(copy.deepcopy(random.choice(world.lines)))


# What may be decided, how often, and what there must be for it.
DECISIONS: Final[tuple[tuple[Callable[[World, Random], None], int, str | None], ...]] = (
    (late_unit, 2, None),
    (revise_unit, 3, None),
    (rename_unit, 1, None),
    (move_unit, 2, None),
    (dissolve_unit, 4, None),
    (issue, 2, None),
    (repeal, 3, None),
    (define, 2, None),
    (revise_matter, 3, None),
    (retire_matter, 2, None),
    (vest, 3, None),
    (divest, 2, "vesting"),
    (adopt, 8, None),
    (enter, 4, "list"),
    (withdraw, 3, "item"),
    (repeal_list, 1, "list"),
    (delegate, 16, None),
    (grant, 14, None),
    (impose, 7, None),
    (demand, 3, None),
    (end, 5, "delegation"),
    (give_again, 3, "ended"),
    (reinstate, 2, "ended"),
    (annul, 2, "delegation"),
    (allot, 2, "delegation"),
    (propose, 3, "delegation"),
    (answer, 3, "proposal"),
    (correct, 6, "delegation"),
    (amend, 8, None),
    (report, 1, None),
    (answer_report, 1, "report"),
    (waive, 3, "delegation"),
    (lift, 2, "waiver"),
    (order, 4, "delegation"),
    (answer_order, 3, "RectificationOrdered"),
    (record_case, 1, None),
    (assess, 1, None),
    (repeat, 2, None),
)
CHOICES: Final = tuple(choice for choice in DECISIONS for _ in range(choice[1]))


def add_decision(world: World, random: Random) -> None:
    """Add one more decision to the world: mostly one line, a list with its items several."""
    make, _, needed = random.choice(CHOICES)
    there = delegations(world) if needed == "delegation" else world.ids[needed] if needed else True
    if make is allot:
        there = world.ids["DutyDelegated"] or world.ids["PowerGranted"]
    (make if there else delegate)(world, random)
