"""A unit's duties on two days: which came, which went, and of which the role or the paper is another; one row each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from registry.domain import labels
from registry.domain.text import Text
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.console.words import decision_cell
from registry.web.pages import address
from registry.web.pages.failure import Refused, offer

TITLE: Final = Text("两日比对", "Two days compared")
CHANGES: Final = {
    "added": Text("新增", "added"),
    "withdrawn": Text("退出", "withdrawn"),
    "role": Text("承担方式变了", "another role"),
    "paper": Text("依据变了", "another paper"),
    "same": Text("没有变", "the same"),
}
ONLY: Final = {"": Text("只看不同的", "only what differs"), "all": Text("全部列出", "all of it"), **CHANGES}
COLUMNS: Final = (
    Column("change", Text("变化", "Change"), width=12),
    Column("matter", Text("职责", "Duty"), chinese=True, width=36),
    Column("role_before", Text("前一日承担方式", "Role on the first day"), width=14),
    Column("role_after", Text("后一日承担方式", "Role on the second day"), width=14),
    Column("paper_before", Text("前一日的依据", "Paper on the first day"), own_words=True, width=44),
    Column("paper_after", Text("后一日的依据", "Paper on the second day"), own_words=True, width=44),
    Column("sender", Text("交办单位", "From"), own_words=True, width=24),
    Column("on", Text("变化日期", "Changed on"), "day", width=12),
    Column("decision", Text("由哪项决定", "By which decision"), own_words=True, width=50),
)
ROLES: Final = ("LEAD", "SHARE", "ASSIST")  # the gravest first


class Ground(NamedTuple):
    """In what role a duty is held on one ground, and the document, or what else, it rests on."""

    role: str | None
    paper: str


offer("/units", "from", Text("前一日期", "First day"))
offer("/units", "to", Text("后一日期", "Second day"))
offer("/units", "only", Text("列出", "Listed"), ONLY)


async def compared(view: View, code: str) -> tuple[list[Table], dict[str, Any]] | None:
    """The tab: `?from=` and `?to=` days (the year so far), `?only=` one kind of difference; None: not to be seen."""
    last = address.day(view.parameter("to"), "to") if view.parameter("to") else view.moment.valid_at
    given = view.parameter("from")
    first = address.day(given, "from") if given else last.replace(month=1, day=1)
    address.refuse_unless_ordered(first, last)
    only, days = view.choice("only"), (str(first), str(last))
    if await _hidden(view, code):
        return None
    before, after, decided = await asyncio.gather(
        _duties(view, code, days[0]), _duties(view, code, days[1]), _decided(view, code, *days)
    )
    every = [_pair(before[one], after[one]) for one in {**before, **after}]
    order = {name: index for index, name in enumerate(CHANGES)}
    every.sort(key=lambda one: (order[one["change"]], one["matter"]["code"]))
    shown = [one for one in every if only in ("all", one["change"]) or (not only and one["change"] != "same")]

    def decision(one: Data) -> Data:
        change = None if one["change"] == "same" else _began(one, decided.get(one["matter"]["code"], ()))
        return change or {"on": None, "decision": None}

    rows = rows_of(
        shown,
        change=lambda one: Cell(one["change"], view.localized(*CHANGES[one["change"]]), mark=one["change"]),
        matter=lambda one: cells.matter_cell(view, one["matter"]),
        role_before=lambda one: _roles(view, one["before"]),
        role_after=lambda one: _roles(view, one["after"]),
        paper_before=lambda one: _papers(view, one["before"]),
        paper_after=lambda one: _papers(view, one["after"]),
        sender=lambda one: view.series(_senders(one["after"] or one["before"])) or None,
        on=lambda one: decision(one)["on"],
        decision=lambda one: decision_cell(view, decision(one)["decision"]),
    )
    about: str = view.request.state.about
    title = Text(f"{about}的职责 {days[0]} 与 {days[1]} 比对", f"Duties of {about}, {days[0]} and {days[1]}")
    counts = {name: sum(one["change"] == name for one in every) for name in CHANGES}
    table = Table("compared", title, COLUMNS, rows, Text("这两天没有不同。", "These two days do not differ."))
    return [table], {
        "days": days,
        "only": only,
        "compared": [(counts[name], view.localized(*text), name) for name, text in CHANGES.items()],
        "on_days": [sum(bool(one[side]) for one in every) for side in ("before", "after")],
    }


async def _hidden(view: View, code: str) -> bool:
    return (await view.ask("unit_burdens", code=code))["unit"] is None


async def _duties(view: View, code: str, day: str) -> defaultdict[str, list[Data]]:
    """By matter the grounds on which the unit holds a duty on a day; none before it was set up."""
    duties: defaultdict[str, list[Data]] = defaultdict(list)
    for one in await view.ask_all("unit_duties", "unit.responsibilities", code=code, asOf=day):
        duties[one["matter"]["code"]].append(one)
    return duties


async def _decided(view: View, code: str, first: str, last: str) -> dict[str, list[Data]]:
    """By matter the changes of what the unit itself holds between the days, in order; none where too much changed."""
    try:
        between: dict[str, Any] = {"from": first, "to": last}
        changes = await view.ask_all("changes", "changesPage", within=code, **between)
    except Refused as refused:
        if refused.code != "too-costly":
            raise
        return {}
    decided: dict[str, list[Data]] = defaultdict(list)
    for one in changes:
        if one["matter"] and one["unit"] and one["unit"]["code"] == code:
            decided[one["matter"]["code"]].append(one)
    return decided


def _began(pair: Data, changes: Sequence[Data]) -> Data | None:
    """The change from which the duty is held as on the second day, or not at all, without a gap.

    By whichever ground that was: a later one changes nothing of what is held already.
    """
    grounds = {one["subject"]: _ground(one) for one in pair["before"]}
    after = _held(map(_ground, pair["after"]), pair["change"])
    began: Data | None = None
    held = _held(grounds.values(), pair["change"])
    for _, of_day in groupby(sorted(changes, key=lambda one: one["on"]), key=lambda one: one["on"]):
        same_day = list(of_day)
        for one in same_day:
            _apply(grounds, one)
        now = _held(grounds.values(), pair["change"])
        if now == after and held != after:
            ended = [one for one in same_day if (one["change"] == "ended") == (pair["change"] == "withdrawn")]
            began = (ended or same_day)[0]
        held = now
    return began or (changes[-1] if changes else None)


def _held(grounds: Iterable[Ground], change: str) -> frozenset[str | None]:
    """What of the grounds a change is of: their roles, their papers, or that there are any."""
    if change == "role":
        return frozenset(ground.role for ground in grounds)
    if change == "paper":
        return frozenset(ground.paper for ground in grounds)
    return frozenset("held" for _ in grounds)


def _apply(grounds: dict[str, Ground], change: Data) -> None:
    """Bring what is held to what a change makes of it."""
    subject = change["subject"]
    if change["change"] == "ended":
        grounds.pop(subject, None)
        return
    became = {one["field"]: one["after"] for one in change["fields"]}
    before = grounds.get(subject, Ground(None, subject))
    role = became["role"].upper() if became.get("role") else before.role
    grounds[subject] = Ground(role, became.get("instrument") or before.paper)


def _ground(one: Data) -> Ground:
    return Ground(one["role"], _paper(one))


def _pair(before: Sequence[Data], after: Sequence[Data]) -> Data:
    """A duty on both days, and what differs: the gravest of what does."""
    change = "added" if not before else "withdrawn" if not after else "same"
    if change == "same" and {one["role"] for one in before} != {one["role"] for one in after}:
        change = "role"
    elif change == "same" and {_paper(one) for one in before} != {_paper(one) for one in after}:
        change = "paper"
    return {"matter": (after or before)[0]["matter"], "before": before, "after": after, "change": change}


def _paper(ground: Data) -> str:
    return ground["instrument"]["number"] if ground["instrument"] else ground["subject"]


def _roles(view: View, grounds: Sequence[Data]) -> Cell:
    roles = sorted({one["role"] for one in grounds}, key=ROLES.index)
    return Cell(view.series(view.localized(*labels.ROLE[role.lower()]) for role in roles) or None)


def _senders(grounds: Sequence[Data]) -> list[str]:
    return list(dict.fromkeys(one["from"]["name"] for one in grounds if one["from"]))


def _papers(view: View, grounds: Sequence[Data]) -> Cell:
    """What the grounds rest on: documents by number and title, by law the articles; each with what kind it is."""
    papers: dict[str, Mapping[str, Any] | None] = {}
    for one in grounds:
        kind = view.localized(*cells.RESTS_ON[one["by"]])
        text = cells.document_cell(view, one["instrument"]).text or view.clauses(one["matter"]["basis"])
        papers[view.localized(f"{kind}：{text}", f"{kind}: {text}") if text else kind] = one["instrument"]
    (alone,) = papers.values() if len(papers) == 1 else [None]
    return Cell(view.clauses(papers) or None, href=view.href(f"/documents/{alone['number']}") if alone else None)
