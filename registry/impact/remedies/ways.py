"""The ways out of each rule's findings, the most fitting first; which of them close the finding, only trying tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from registry.checker import naming, paths
from registry.checker.holdings import commanders
from registry.domain.text import Text
from registry.impact.remedies.case import Case, Way
from registry.impact.remedies.cuts import broken_ring
from registry.snapshot.columns import FUNDS, LEVEL, STAFF, UNIT_KIND, held_by_law
from registry.snapshot.past import orders_over_time, past
from registry.snapshot.reach import closed_lists, reached_by

Ways = Iterator[Way]


# --------------------------------------------------------------------------------------------------------- taking back


def taken_back(case: Case) -> Ways:
    """The delegation ended, or the item taken off its list."""
    who, what, subject = case.name(case.unit), case.what, case.finding.subject
    if case.item is not None:
        zh, en = f"把{what.zh}一项移出清单（{subject}）。", f"Take the item {what.en} off the list ({subject})."
        yield Way("withdraw-item", Text(zh, en), [case.withdrawn()])
    elif case.row is not None:
        sender = case.name(case.snapshot.units.read(case.row["sender"]))
        action, reason = ("return-duty", "returned") if case.kind == "duty" else ("revoke", "revoked")
        zh = (
            f"把{what.zh}从{who}退回{sender}（{subject}）。"
            if case.kind == "duty"
            else f"撤回对{who}的{what.zh}（{subject}）。"
        )
        en = f"Return {what.en} from {who} to {sender} ({subject})." if case.kind == "duty" else ""
        en = en or f"Revoke {what.en} from {who} ({subject})."
        yield Way(action, Text(zh, en), [case.ended(subject, reason)])


def _assisting(case: Case) -> Ways:
    """The unit only assists."""
    if case.row is not None and case.kind == "duty" and case.row["role"] != "assist":
        who, what = case.name(case.unit), case.what
        zh, en = f"改由{who}只配合{what.zh}。", f"Let {who} only assist with {what.en}."
        yield Way("let-assist", Text(zh, en), case.instead(role="assist"))


# -------------------------------------------------------------------------------------------------------------- powers


def _duty_without_power(case: Case) -> Ways:
    powers = [case.snapshot.matters.index[code] for code in case.finding.missing or ()]
    yield from _returned_to_holder(case)
    yield from _powers_granted(case, case.unit, powers)
    yield from taken_back(case)
    yield from _assisting(case)


def _returned_to_holder(case: Case) -> Ways:
    """Everything ended from the unit up to the nearest that holds what the duty takes, itself or in its departments."""
    if case.row is None:
        return
    snapshot, delegations = case.snapshot, case.snapshot.delegations
    required = _required(case)
    ends: list[str] = []
    for ref in reversed(case.finding.path):
        place = case.place(ref)
        if place < 0:
            break
        ends.append(ref)
        sender = int(delegations.sender[place])
        holder = sender if sender >= 0 and _has(case, sender, required) else None
        if holder is not None:
            zh = f"把{case.what.zh}从{case.name(case.unit)}退回掌握所需权力的{case.name(holder)}"
            zh += f"（终止{'、'.join(ends)}）。"
            en = f"Return {case.what.en} from {case.name(case.unit)} to {case.name(holder)}, which has the powers"
            yield Way("return-duty", Text(zh, f"{en} (end {', '.join(ends)})."), _ended(case, ends))
            return
    holder = case.nearest_holder(case.unit, required)
    if holder is None or not ends:
        return
    government = int(snapshot.units.government[holder])
    zh = f"把{case.what.zh}从{case.name(case.unit)}退回，明确由掌握所需权力的{case.name(holder)}牵头。"
    en = (
        f"Return {case.what.en} from {case.name(case.unit)} and let {case.name(holder)}, which has the powers, lead it."
    )
    decisions = _ended(case, ends[:1])
    if government not in (-1, holder) and not _leads_by_law(case, holder):
        decisions.append(_made_lead(case, government, holder))
    yield Way("return-duty", Text(zh, en), decisions)


def _ended(case: Case, refs: list[str]) -> list[dict[str, Any]]:
    return [case.ended(ref, "returned") for ref in refs]


def _made_lead(case: Case, sender: int, unit: int) -> dict[str, Any]:
    row = case.row or {}
    return case.decided(
        "DutyDelegated",
        ref=case.ref(case.finding.subject),
        matter=case.finding.matter,
        from_=case.code(sender),
        to=case.code(unit),
        role="lead",
        mode="assigned",
        instrument=row.get("instrument"),
    )


def _required(case: Case) -> list[int]:
    matters = case.snapshot.matters
    start, end = matters.requires_start[case.matter : case.matter + 2]
    return [int(power) for power in matters.requires[start:end]]


def _has(case: Case, unit: int, powers: list[int]) -> bool:
    """Does the unit, itself or in its departments, hold each of these powers so that it may act on its own?"""
    start, found = case.snapshot.once(paths.departments)
    offices = (unit, *map(int, found[start[unit] : start[unit + 1]]))
    return all(any(case.may_grant(office, [power]) for office in offices) for power in powers)


def _leads_by_law(case: Case, unit: int) -> bool:
    pair = np.array([unit], np.int32), np.array([case.matter], np.int32)
    return bool(held_by_law(case.snapshot, *pair)[0])


def _powers_granted(case: Case, unit: int, powers: list[int]) -> Ways:
    """Each power granted by its nearest holder above, by a document that may."""
    if not powers or case.snapshot.units.level[unit] == LEVEL["village"]:
        return
    for mode in ("devolved", "entrusted"):
        grants: list[dict[str, Any]] = []
        said: list[Text] = []
        for power in powers:
            holder, paper = case.nearest_holder(unit, [power]), case.fit_instrument(power, mode)
            if holder is None or paper is None:
                break
            grants.append(_granted(case, power, holder, unit, mode, paper))
            name = naming.matter(case.snapshot, power)
            said.append(Text(f"{case.name(holder)}依据{paper}把{name.zh}", f"{case.name(holder)} {name.en} by {paper}"))
        else:
            how = naming.MODE[mode]
            zh = f"由{'，'.join(each.zh for each in said)}{how.zh}给{case.name(unit)}。"
            en = f"Have granted to {case.name(unit)} ({how.en}): by {'; by '.join(each.en for each in said)}."
            yield Way("grant-power", Text(zh, en), grants)


def _granted(case: Case, power: int, holder: int, unit: int, mode: str, paper: str) -> dict[str, Any]:
    return case.decided(
        "PowerGranted",
        ref=case.ref(case.finding.subject),
        matter=case.snapshot.matters.code[power],
        from_=case.code(holder),
        to=case.code(unit),
        mode=mode,
        instrument=paper,
    )


def _granted_anew(case: Case) -> Ways:
    """The grant made again as it may be: by a holder, on a fit document, to a unit that can have it."""
    snapshot, unit, power = case.snapshot, case.unit, case.matter
    if snapshot.units.level[unit] == LEVEL["village"]:
        unit = next(iter(case.above(unit)), unit)
    grantor = snapshot.units.read(case.row["sender"]) if case.row is not None else -1
    if grantor < 0 or grantor == unit or not case.may_grant(grantor, [power]):
        grantor = case.nearest_holder(unit, [power]) or -1
    for mode in ("devolved", "entrusted"):
        paper = case.fit_instrument(power, mode)
        if grantor < 0 or paper is None or snapshot.units.level[unit] == LEVEL["village"]:
            continue
        end = case.withdrawn() if case.item is not None else case.ended(case.finding.subject, "superseded")
        how = naming.MODE[mode]
        zh = f"由{case.name(grantor)}依据{paper}把{case.what.zh}重新{how.zh}给{case.name(unit)}。"
        en = f"Have {case.what.en} granted anew ({how.en}) to {case.name(unit)} by {case.name(grantor)}, on {paper}."
        yield Way("grant-anew", Text(zh, en), [end, _granted(case, power, grantor, unit, mode, paper)])


def _grant_put_right(case: Case) -> Ways:
    yield from _granted_anew(case)
    yield from taken_back(case)


def _void_grant(case: Case) -> Ways:
    yield from _granted_anew(case)
    # Where a link above is broken: give the grantor what it grants.
    if case.row is not None:
        grantor = case.snapshot.units.read(case.row["sender"])
        if grantor >= 0:
            yield from _powers_granted(case, grantor, [case.matter])
    yield from taken_back(case)


def _re_entrusted(case: Case) -> Ways:
    if case.kind == "power":
        yield from _granted_anew(case)
    yield from taken_back(case)


# --------------------------------------------------------------------------------------------------------------- means


def _unfunded_mandate(case: Case) -> Ways:
    snapshot = case.snapshot
    if case.row is not None:
        place = case.delegation
        brings = int(snapshot.delegations.brings[place])
        lacking = _names((int(snapshot.matters.needs[case.matter]) & ~brings) or FUNDS)
        zh = f"给{case.name(case.unit)}拨付{case.what.zh}所需的{naming_means(lacking).zh}。"
        en = f"Allot the {naming_means(lacking).en} that {case.what.en} takes to {case.name(case.unit)}."
        allotted = case.decided("ResourcesAllotted", ref=case.finding.subject, brings=lacking)
        yield Way("allot-resources", Text(zh, en), [allotted])
    elif case.item is not None:
        yield from _item_entered_anew(case)
    yield from taken_back(case)


def naming_means(means: list[str]) -> Text:
    """Staff and funds, in words."""
    zh, en = {"staff": "人员", "funds": "经费"}, {"staff": "staff", "funds": "funds"}
    return Text("和".join(zh[each] for each in means), " and ".join(en[each] for each in means))


def _names(bits: int) -> list[str]:
    return [name for bit, name in ((STAFF, "staff"), (FUNDS, "funds")) if bits & bit]


def _item_entered_anew(case: Case) -> Ways:
    """The item again, with all that it takes."""
    listed, item = case.item or ("", "")
    snapshot = case.snapshot
    place = next(
        place
        for place, code in enumerate(snapshot.items.code)
        if code == item and snapshot.lists.code[snapshot.items.list[place]] == listed
    )
    grantor = int(snapshot.items.grantor[place])
    needs = _names(int(snapshot.matters.needs[case.matter]) | int(snapshot.items.brings[place]))
    entered = case.decided(
        "ListItemEntered",
        list=listed,
        item=case.item_code(listed, item),
        name=snapshot.items.name[place],
        matter=case.finding.matter,
        from_=case.code(grantor) if grantor >= 0 else None,
        brings=needs,
    )
    zh = f"清单中的{case.what.zh}改为随事项配备{naming_means(needs).zh}。"
    en = f"Let {naming_means(needs).en} come with {case.what.en} on the list."
    yield Way("allot-resources", Text(zh, en), [case.withdrawn(), entered])


# --------------------------------------------------------------------------------------------------------------- lists


def _negative_list(case: Case) -> Ways:
    yield from taken_back(case)
    yield from _assisting(case)


def _off_list(case: Case) -> Ways:
    yield from taken_back(case)
    snapshot = case.snapshot
    kind = np.array([snapshot.matters.kind[case.matter]], np.int32)
    closed = np.flatnonzero(snapshot.lists.positive & snapshot.lists.closed)
    _, found = reached_by(snapshot, snapshot.once(closed_lists), np.array([case.unit], np.int32), kind)
    # A list that assigns would make every unit that it reaches hold the matter.
    lists = [int(closed[row]) for row in found if snapshot.lists.role[closed[row]] < 0]
    for place in sorted(lists, key=lambda row: snapshot.lists.code[row])[:1]:
        code, title = snapshot.lists.code[place], snapshot.lists.title[place].strip("《》")
        entered = case.decided(
            "ListItemEntered",
            list=code,
            item=case.item_code(code, case.finding.matter),
            name=snapshot.matters.name[case.matter],
            matter=case.finding.matter,
        )
        zh, en = f"按程序把{case.what.zh}列入《{title}》。", f"Have {case.what.en} entered in 《{title}》."
        yield Way("enter-item", Text(zh, en), [entered])


def _expired_basis(case: Case) -> Ways:
    paper = _replacement(case)
    if paper is not None and case.row is not None:
        zh, en = (
            f"依据现行的{paper}重新交办{case.what.zh}。",
            f"Hand {case.what.en} down anew on {paper}, which is in force.",
        )
        yield Way("renew-basis", Text(zh, en), case.instead(instrument=paper))
    yield from taken_back(case)


def _replacement(case: Case) -> str | None:
    """The document in force that replaced the finding's, or replaced what did."""
    query = """
        WITH RECURSIVE later (number, steps) AS (
            SELECT %(number)s::text COLLATE "C", 0
          UNION ALL
            SELECT i.replaced_by, later.steps + 1 FROM later JOIN instrument i ON i.number = later.number
            WHERE i.replaced_by IS NOT NULL AND later.steps < 50
              AND i.known_from <= %(known)s AND i.known_to > %(known)s
        )
        SELECT later.number FROM later JOIN instrument i ON i.number = later.number
        WHERE later.steps > 0 AND i.valid_from <= %(day)s AND i.valid_to > %(day)s
          AND i.known_from <= %(known)s AND i.known_to > %(known)s
        ORDER BY later.steps LIMIT 1
    """
    if case.row is None:
        return None
    named = {"number": case.row["instrument"], "day": case.when, "known": case.snapshot.known}
    found = case.connection.execute(query, named).fetchone()
    return None if found is None else found[0]


# ----------------------------------------------------------------------------------------------------- lines of command


def _resent(case: Case) -> Ways:
    """By the government right above the recipient's; for an office, by its own government."""
    if case.row is not None:
        snapshot = case.snapshot
        commander = int(snapshot.once(commanders)[case.unit])
        lineage = [int(place) for place in snapshot.units.lineage[commander] if place >= 0] if commander >= 0 else []
        senders = lineage if commander != case.unit else lineage[1:]
        senders = [place for place in senders if snapshot.units.kind[place] == UNIT_KIND["government"]]
        for sender in senders[:1]:
            zh = f"改由{case.name(sender)}向{case.name(case.unit)}安排{case.what.zh}。"
            en = f"Let {case.name(sender)} hand {case.what.en} to {case.name(case.unit)}."
            yield Way("send-by-superior", Text(zh, en), case.instead(sender=case.code(sender), under=None))
    yield from taken_back(case)


def _passed_down(case: Case) -> Ways:
    yield from taken_back(case)
    yield from _assisting(case)


def _multiple_leads(case: Case) -> Ways:
    yield from taken_back(case)
    zh, en = (
        f"改由{case.name(case.unit)}共同承担{case.what.zh}。",
        f"Let {case.name(case.unit)} only share {case.what.en}.",
    )
    yield Way("let-share", Text(zh, en), case.instead(role="share"))


def _no_lead(case: Case) -> Ways:
    """Whoever asks for help leads, by word of the government above it."""
    if case.row is not None:
        sender = case.snapshot.units.read(case.row["sender"])
        above = case.above(sender)[:1] if sender >= 0 else []
        for government in above:
            zh = f"由{case.name(government)}明确{case.name(sender)}牵头{case.what.zh}。"
            en = f"Let {case.name(government)} make {case.name(sender)} lead {case.what.en}."
            yield Way("name-lead", Text(zh, en), [_made_lead(case, government, sender)])
    yield from taken_back(case)


# ------------------------------------------------------------------------------------------------------- days and years


def _deadline_squeeze(case: Case) -> Ways:
    due_on = _fair_day(case)
    if due_on is not None:
        zh = f"把{case.what.zh}的期限放宽到{due_on.isoformat()}，重新交办。"
        en = f"Hand {case.what.en} down anew, due by {due_on.isoformat()}."
        yield Way("extend-deadline", Text(zh, en), case.instead(due_on=due_on))
    yield from taken_back(case)


def _fair_day(case: Case) -> date | None:
    """The day by which it would be due with half of the days of the farthest above."""
    orders, before = case.snapshot.once(orders_over_time), past(case.snapshot)
    longest = 0
    refs = case.snapshot.delegations.ref
    for ref in case.finding.path[:-1]:
        order = next((place for place, row in enumerate(orders.now) if refs[int(row)] == ref), None)
        if order is None:
            order = len(orders.now) + before.transfers.ref.index(ref)
        if orders.due_on[order] > 0:
            longest = max(longest, int(orders.due_on[order] - orders.began[order]))
    return case.when + timedelta(days=(longest + 1) // 2) if longest else None


def _conflicting_orders(case: Case) -> Ways:
    """One day for all: the latest that anybody asked for; or one order less."""
    delegations, own = case.snapshot.delegations, case.delegation
    others = [
        place
        for place in paths.to_unit(case.snapshot, case.unit, case.matter)
        if delegations.due_on[place] not in (0, delegations.due_on[own])
    ]
    days = [date.fromordinal(int(delegations.due_on[place])) for place in others]
    later = [day for day in days if day >= case.when]
    if later:
        day = max(later)
        zh, en = (
            f"统一期限为{day.isoformat()}，重新交办{case.what.zh}。",
            f"Hand {case.what.en} down anew, due by {day} like the other.",
        )
        yield Way("align-deadline", Text(zh, en), case.instead(due_on=day))
    yield from taken_back(case)


def _certificate_demand(case: Case) -> Ways:
    """What was asked was asked; what was done about it can be put on record."""
    above = case.above(case.unit)
    county = next((unit for unit in above if case.snapshot.units.level[unit] <= LEVEL["county"]), None)
    if county is not None:
        waived = case.decided(
            "FindingWaived",
            rule=case.finding.rule,
            subject=case.finding.subject,
            unit=case.finding.unit,
            by=case.code(county),
            reason="索要已撤回",
        )
        zh = f"撤回索要后，由{case.name(county)}记明处理结果。"
        en = f"Once it is withdrawn, have {case.name(county)} put that on record."
        yield Way("record-outcome", Text(zh, en), [waived])


WAYS: Final[Mapping[str, Callable[[Case], Ways]]] = {
    "duty-without-power": _duty_without_power,
    "negative-list": _negative_list,
    "off-list": _off_list,
    "unfunded-mandate": _unfunded_mandate,
    "incapable-recipient": _grant_put_right,
    "unfit-instrument": _grant_put_right,
    "void-grant": _void_grant,
    "re-entrusted": _re_entrusted,
    "expired-basis": _expired_basis,
    "level-skip": _resent,
    "out-of-line": _resent,
    "passed-down": _passed_down,
    "delegation-loop": broken_ring,
    "deadline-squeeze": _deadline_squeeze,
    "conflicting-orders": _conflicting_orders,
    "multiple-leads": _multiple_leads,
    "no-lead": _no_lead,
    "rebound": taken_back,
    "quota-exceeded": taken_back,
    "certificate-demand": _certificate_demand,
    "disguised": taken_back,
}
