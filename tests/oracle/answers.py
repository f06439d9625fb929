"""Answers to questions that are not rules: holders, custody, certificates."""

from __future__ import annotations

from tests.oracle.fold import History, Snapshot

Span = tuple[str, str, str | None, str]


def held(snapshot: Snapshot, matter: str, within: str) -> list[tuple[str, str | None, str, str]]:
    """The holdings of the matter in the unit's territory: unit, role, by, subject. Dissolved, it is its successor."""
    territory = snapshot.within(snapshot.read(within) or within)
    results = {
        (h.unit, h.role, h.by, h.subject) for h in snapshot.holdings if h.matter == matter and h.unit in territory
    }
    return sorted(results, key=lambda holding: (holding[0], holding[2:], holding[1] or ""))


def custody(history: History, matter: str, within: str) -> list[Span]:
    """Who led the duty in the territory: holder, since, until (None: open), subject; in the order of days."""
    spans: list[Span] = []
    current: dict[tuple[str, str], str] = {}
    for day in history.days():
        leading = {(unit, s) for unit, role, _, s in held(history.on(day), matter, within) if role == "lead"}
        for holder, subject in set(current) - leading:
            spans.append((holder, current.pop((holder, subject)), day, subject))
        for key in leading - set(current):
            current[key] = day
    spans += [(holder, since, None, subject) for (holder, subject), since in current.items()]
    return sorted(spans, key=lambda span: (span[1], span[0], span[3], span[2] or "~"))


def certificate(snapshot: Snapshot, village: str, matter: str) -> str:
    """May the village issue it: FORBIDDEN, ALLOWED or UNLISTED."""
    for polarity, status in (("negative", "FORBIDDEN"), ("positive", "ALLOWED")):
        if any(snapshot.listed(adopted, matter) for adopted in snapshot.lists_for(village, "certificate", polarity)):
            return status
    return "UNLISTED"


def services(snapshot: Snapshot, matter: str) -> list[str]:
    """The services that include the matter, defined and not retired."""
    return sorted(code for code, each in snapshot.matters.items() if each.in_law and matter in each.includes)
