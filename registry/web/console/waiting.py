"""What waits in a territory for the reader, by the roles that they have there: each section, and where its rows are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from registry.access.operations import Rule
from registry.access.roles import READING, Role
from registry.domain.dates import SHANGHAI
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.decision_table import corrections
from registry.web.console.drafting import kept
from registry.web.console.drafting.kept import Reader
from registry.web.console.territory_links import finding_href, rule_title
from registry.web.console.view import View
from registry.web.console.words import decision_cell
from registry.web.viewing import territory, viewer

LISTED: Final = 1000  # of a section at most
DAYS: Final = 31  # within which corrections were recorded that an auditor is shown
ACTING: Final = (Role.CLERK, Role.EDITOR, Role.ORGANIZER)
# Each section in the order of the page, and for whom it is.
SECTIONS: Final[dict[str, tuple[Text, tuple[Role, ...]]]] = {
    "overdue": (Text("逾期未整改", "Rectifications overdue"), READING),
    "on_paper": (Text("只在纸面整改的", "Put right on paper alone"), READING),
    "disputed": (Text("有异议、待处理的督办", "Orders disputed"), (Role.ORGANIZER, Role.AUDITOR)),
    "open": (Text("期限未到、待答复的督办", "Orders still to be answered"), ACTING),
    "proposals": (Text("待答复的准入申请", "Proposals to answer"), (Role.ORGANIZER,)),
    "asked": (Text("已提出、等待答复的准入申请", "Proposals made that wait for an answer"), (Role.EDITOR,)),
    "admitted": (
        Text("已准入、还没有据此下放的", "Admitted, and not handed down yet"),
        (Role.EDITOR, Role.ORGANIZER),
    ),
    "drafts": (Text("还没有办完的草稿", "Drafts to be finished"), (Role.EDITOR, Role.ORGANIZER)),
    "reports": (Text("待答复的基层反映", "Reports to answer"), ACTING),
    "corrections": (Text(f"近 {DAYS} 天的更正和撤销", f"Corrections of the last {DAYS} days"), (Role.AUDITOR,)),
}
ORDERS: Final = {"overdue": "overdue", "on_paper": "onPaper", "disputed": "disputed", "open": "due"}


@dataclass(frozen=True, slots=True)
class Item:
    """One that waits: its link with a text, and what is said of it besides, names of units and days."""

    href: str
    text: str
    about: str = ""
    day: str = ""
    chinese: bool = True  # the text is a name or somebody's words
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """What waits of one kind: how many there are, where all of them are, and the first of them."""

    name: str
    title: Text
    total: int
    href: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Waiting:
    """All sections of the reader's, and the roles by which they are these; none where everybody does everything."""

    sections: Sequence[Section]
    roles: Sequence[Role]


async def waiting(view: View, unit: Data, first: int) -> Waiting:
    """What waits for the reader in a unit's territory, the `first` of each kind."""
    roles = await _roles(view, unit["code"])
    wanted = [name for name, (_, for_whom) in SECTIONS.items() if set(for_whom) & set(roles)]
    if "proposals" in wanted and "asked" in wanted:
        wanted.remove("asked")
    answer, drafts, corrected = await asyncio.gather(
        view.ask("overview_waiting", within=unit["code"], first=first, many=LISTED),
        _drafts(view) if "drafts" in wanted else _none(),
        _corrections(view) if "corrections" in wanted else _none(),
    )
    made = {"drafts": drafts, "corrections": corrected}
    sections = [
        _section(view, unit["code"], name, made[name], first)
        if name in made
        else _answered(view, unit["code"], name, answer, first)
        for name in wanted
    ]
    return Waiting(sections, () if viewer(view.request).open else roles)


async def _roles(view: View, code: str) -> list[Role]:
    """The roles that the reader has for a unit, for one over it or for one below it; without accounts all that act."""
    who = viewer(view.request)
    if who.open:
        return list(ACTING)
    pool, roles = await view.resources.pool(), list[Role]()
    for role in READING:
        mine = who.with_roles(role)
        if not mine.grants:
            continue
        own = await view.resources.territories.of(mine, pool, view.newest)
        if own.has(code) or code in own.above:
            roles.append(role)
    return roles


async def _none() -> list[Item]:
    return []


async def _drafts(view: View) -> list[Item]:
    """Drafts of the reader, or shared with them, that are neither recorded nor proposed; the last changed first."""
    own = await territory(view.request, await view.resources.pool(), Rule.EDITOR)
    reader = Reader(viewer(view.request).account or "", own)
    lines = await view.resources.run_in_thread(kept.drafts, reader)
    return [
        Item(view.href(f"/drafts/{one.id}"), one.title, day=f"{one.changed_at.astimezone(SHANGHAI):%Y-%m-%d}")
        for one in lines
        if one.done is None
    ]


async def _corrections(view: View) -> list[Item]:
    """What corrected, annulled or reinstated another lately, the last first."""
    since = str(view.moment.valid_at - timedelta(days=DAYS))
    items: list[Item] = []
    for one in reversed(await corrections(view)):
        day, cell = str(one["recordedAt"])[:10], decision_cell(view, one)
        if day >= since and cell is not None:
            items.append(Item(cell.href or "", cell.text, day=day))
    return items


def _section(view: View, code: str, name: str, items: Sequence[Item], first: int) -> Section:
    href = {
        "drafts": view.href("/drafts"),
        "corrections": view.href("/log", tab="corrections"),
        "asked": view.href("/proposals", within=code, state="pending"),
        "proposals": view.href("/proposals", within=code, state="pending"),
        "admitted": view.href("/proposals", within=code, state="answered"),
    }[name]
    return Section(name, SECTIONS[name][0], len(items), href, items[:first])


def _answered(view: View, code: str, name: str, answer: Data, first: int) -> Section:
    """A section of what the API answered."""
    if name in ORDERS:
        page = answer[ORDERS[name]]
        href = view.href("/rectifications", within=code, state=name)
        items = [_order(view, one, urgent=name in ("overdue", "on_paper")) for one in page["nodes"]]
        return Section(name, SECTIONS[name][0], page["totalCount"], href, items)
    if name == "reports":
        # The longest unanswered first; the API has the latest first.
        rows = sorted(answer["reports"]["nodes"], key=lambda one: one["on"])[:first]
        href = view.here(waiting="all") + "#reports"
        return Section(
            name, SECTIONS[name][0], answer["reports"]["totalCount"], href, [_report(view, one) for one in rows]
        )
    if name == "admitted":
        rows = [one for one in answer["answered"]["nodes"] if one["answer"] == "admitted" and not one["delegations"]]
    else:
        rows = answer["proposals"]["nodes"]
    made = _section(view, code, name, [_proposal(view, one) for one in rows], first)
    total = made.total if name == "admitted" else answer["proposals"]["totalCount"]
    return Section(name, made.title, total, made.href, made.items)


def _order(view: View, one: Data, *, urgent: bool) -> Item:
    href = finding_href(view, one["rule"], one["unit"]["code"], one["subject"])
    day = view.localized(f"期限 {one['dueOn']}", f"due {one['dueOn']}")
    return Item(href, rule_title(view, one["rule"]), one["unit"]["name"], day, chinese=False, urgent=urgent)


def _report(view: View, one: Data) -> Item:
    day = view.localized(f"{one['on']}，已 {one['days']} 天", f"{one['on']}, {one['days']} days ago")
    return Item(view.href(f"/reports/{one['report']}"), one["text"], one["unit"]["name"], day)


def _proposal(view: View, one: Data) -> Item:
    ends: list[Any] = [one["from"], one["to"]]
    about = " → ".join(each["name"] for each in ends if each)
    return Item(view.href(f"/proposals/{one['proposal']}"), one["matter"]["name"], about, one["since"])
