"""Changes of a territory: the snapshots of each day and its eve, compared."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.oracle.fold import History, Snapshot

Attributes = tuple[Any, ...]  # role, mode, from, instrument, brings, due_on
Change = tuple[str, str, str | None, str]  # day, began / ended / changed, unit (None: an item of a list), subject


def changes(history: History, within: str, after: str, until: str) -> list[Change]:
    """What began, ended or changed after one day, up to and including another."""
    changes_between: list[Change] = []
    for day in history.days():
        if not after < day <= until:
            continue
        eve = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
        was, now = holdings_and_items(history.on(eve), within), holdings_and_items(history.on(day), within)
        for unit, subject in was.keys() | now.keys():
            before, then = was.get((unit, subject)), now.get((unit, subject))
            if before is None or then is None:
                changes_between.append((day, "ended" if then is None else "began", unit, subject))
            elif before != then:
                changes_between.append((day, "changed", unit, subject))
    return sorted(changes_between, key=lambda change: (change[0], change[2] or "", change[3]))


def holdings_and_items(snapshot: Snapshot, within: str) -> dict[tuple[str | None, str], Attributes]:
    """The holdings of the territory by unit and subject, and the items of lists that reach a unit in it."""
    territory = snapshot.within(snapshot.read(within) or within)
    results: dict[tuple[str | None, str], Attributes] = {}
    for held in snapshot.holdings:
        if held.unit in territory:
            mode, paper, due_on, sender = held.mode, held.instrument, None, None
            if held.by == "law":
                mode, paper = by_law(snapshot, held.unit, held.matter)
            elif held.by == "list":
                code, item = held.subject.split("#", 1)
                stated = next(line for line in snapshot.items(code) if line["item"] == item)
                sender = snapshot.read(stated.get("from")) or stated.get("from")
            else:
                transfer = snapshot.history.transfers[held.subject]
                sender, due_on = snapshot.read(transfer["from"]) or transfer["from"], transfer.get("due_on")
            results[held.unit, held.subject] = (held.role, mode, sender, paper, held.brings, due_on)
    for code, adopted in snapshot.lists.items():
        if any(snapshot.reaches(code, unit) for unit in territory):
            for item in snapshot.items(code):
                sender, brings = snapshot.read(item.get("from")) or item.get("from"), frozenset(item.get("brings", ()))
                stated = (adopted.get("assigns"), None, sender, adopted["instrument"], brings, None)
                results[None, f"{code}#{item['item']}"] = stated
    return results


def by_law(snapshot: Snapshot, unit: str, matter: str) -> tuple[str, str | None]:
    """By level and function, or else by the first of the vestings in force."""
    of = snapshot.units[unit]
    if (of.level, of.function) in snapshot.matters[matter].lawful_holders:
        return "law", None
    papers = []
    for vesting in sorted(snapshot.so_far("PowerVested"), key=lambda line: line["position"]):
        ends = [line for line in snapshot.so_far("PowerDivested") if snapshot._same(line, vesting, "power")]
        over = any(vesting["at"] < line["at"] for line in ends)
        same = vesting["power"] == matter and snapshot.read(vesting["unit"]) == unit
        if same and not over and snapshot.has_basis(vesting["instrument"]):
            papers.append(vesting["instrument"])
    return "vested", papers[0]
