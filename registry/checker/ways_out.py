"""Ways out that several rules share. Each yields decisions that may close a finding; only trying them tells.

A rule's own ways out are in its file; it yields them the most fitting first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.checker import naming
from registry.checker.case import Case, Way
from registry.checker.holdings import commanders
from registry.domain import labels
from registry.domain.text import Text
from registry.relations.columns import FUNDS, LEVEL, STAFF, UNIT_KIND

Ways = Iterator[Way]


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


def let_assist(case: Case) -> Ways:
    """The unit only assists."""
    if case.row is not None and case.kind == "duty" and case.row["role"] != "assist":
        who, what = case.name(case.unit), case.what
        zh, en = f"改由{who}只配合{what.zh}。", f"Let {who} only assist with {what.en}."
        yield Way("let-assist", Text(zh, en), case.instead(role="assist"))


def made_lead(case: Case, sender: int, unit: int) -> dict[str, Any]:
    """Return the decision by which one unit makes another lead the duty, on the document of the case's delegation."""
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


def powers_granted(case: Case, unit: int, powers: list[int]) -> Ways:
    """Each power granted by its nearest holder above, by a document that may."""
    if not powers or case.snapshot.units.level[unit] == LEVEL["village"]:
        return
    for mode in ("devolved", "entrusted"):
        grants: list[dict[str, Any]] = []
        named: list[Text] = []
        for power in powers:
            holder, paper = case.nearest_holder(unit, [power]), case.fit_instrument(power, mode)
            if holder is None or paper is None:
                break
            grants.append(_granted(case, power, holder, unit, mode, paper))
            name, first = naming.matter(case.snapshot, power), case.to_be_listed_first(power, paper)
            zh = f"{case.name(holder)}依据{paper}{first.zh}把{name.zh}"
            named.append(Text(zh, f"{case.name(holder)} {name.en} by {paper}{first.en}"))
        else:
            how = labels.MODE[mode]
            zh = f"由{'，'.join(each.zh for each in named)}{how.zh}给{case.name(unit)}。"
            en = f"Have granted to {case.name(unit)} ({how.en}): by {'; by '.join(each.en for each in named)}."
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


def granted_anew(case: Case) -> Ways:
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
        how, first, grants, to = (
            labels.MODE[mode],
            case.to_be_listed_first(power, paper),
            case.name(grantor),
            case.name(unit),
        )
        zh = f"由{grants}依据{paper}{first.zh}把{case.what.zh}重新{how.zh}给{to}。"
        en = f"Have {case.what.en} granted anew ({how.en}) to {to} by {grants}, on {paper}{first.en}."
        yield Way("grant-anew", Text(zh, en), [end, _granted(case, power, grantor, unit, mode, paper)])


def grant_put_right(case: Case) -> Ways:
    """The grant made again as it may be, or taken back."""
    yield from granted_anew(case)
    yield from taken_back(case)


def sent_by_superior(case: Case) -> Ways:
    """By the government right above the recipient's; for an office, by its own government."""
    if case.row is not None:
        snapshot = case.snapshot
        commander = int(snapshot.once(commanders)[case.unit])
        lineage = [int(unit) for unit in snapshot.units.lineage[commander] if unit >= 0] if commander >= 0 else []
        senders = lineage if commander != case.unit else lineage[1:]
        senders = [unit for unit in senders if snapshot.units.kind[unit] == UNIT_KIND["government"]]
        for sender in senders[:1]:
            zh = f"改由{case.name(sender)}向{case.name(case.unit)}安排{case.what.zh}。"
            en = f"Let {case.name(sender)} hand {case.what.en} to {case.name(case.unit)}."
            yield Way("send-by-superior", Text(zh, en), case.instead(sender=case.code(sender), under=None))
    yield from taken_back(case)


def resources_text(means: list[str]) -> Text:
    """Staff and funds, in words."""
    zh, en = {"staff": "人员", "funds": "经费"}, {"staff": "staff", "funds": "funds"}
    return Text("和".join(zh[each] for each in means), " and ".join(en[each] for each in means))


def resource_names(bits: int) -> list[str]:
    """Return the contract's words for bits of STAFF and FUNDS."""
    return [name for bit, name in ((STAFF, "staff"), (FUNDS, "funds")) if bits & bit]
