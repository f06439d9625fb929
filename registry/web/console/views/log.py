"""The log page by page with the hash of each leaf; inclusion and consistency, checked step by step."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.text import Text
from registry.queries.history.headlines import CORRECTIONS
from registry.web.console.checkpoint_tables import checkpoints_table
from registry.web.console.decision_table import correction_table
from registry.web.console.proof_steps import HASH, STEPS, steps_table
from registry.web.console.tables import Cell, Column, Row, Table
from registry.web.console.view import View
from registry.web.console.words import decision_cell, time_cell
from registry.web.pages import address
from registry.web.pages.failure import TAB, Refused, offer
from registry.web.resources import ServerResources

SIZE: Final = 50  # leaves on a page, the first of which has those of the positions 1 to SIZE for good
TABS: Final = {"": Text("逐项", "Page by page"), "corrections": Text("更正、撤销和恢复", "Corrections")}
LATE: Final = {
    "1": Text("追溯过的", "what reaches back"),
    "31": Text("追溯 31 天以上", "31 days or more"),
    "366": Text("追溯一年以上", "a year or more"),
}
offer("/log", "tab", TAB, TABS)
offer("/log", "late", Text("晚记天数", "Days late"), LATE, every=True)
NOT_SEEN: Final = ("forbidden", "not-logged-in")
COLUMNS: Final = (
    Column("position", Text("序号", "Position"), "number", width=9),
    Column("hash", Text("哈希", "Hash of the leaf"), width=66),
    Column("at", Text("生效日期", "Effective"), "day", width=12),
    Column("recorded", Text("记录时间", "Recorded"), "day", width=17),
    Column("decision", Text("决定", "What was decided"), own_words=True, width=80),
)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/log", methods=["GET", "HEAD"])
    async def log(request: Request) -> Response:
        return await _log(await View.of(request, resources))

    return routes


def _number(view: View, name: str, least: int, most: int) -> int | None:
    """A number of the address; None where it is not given. Raises Refused: bad-value."""
    text = view.parameter(name)
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        zh, en = f"{name} 须是 {least} 到 {most} 的整数。", f"{name} must be a number from {least} to {most}."
        address.refuse("bad-value", zh, en)
    return int(text)


async def _log(view: View) -> Response:
    """`?page=`, the last without; `?position=&size=`: that one is in it; `?first=&second=`: that one begins another.

    `?tab=corrections`: what corrected, annulled or reinstated another, of the whole log; `?late=`: so many days late.
    """
    whole = view.newest
    tab = view.choice("tab")
    links = [(view.href("/log", tab=name or None), view.localized(*text), name == tab) for name, text in TABS.items()]
    if tab:
        late = view.choice("late")
        table = await correction_table(view, int(late or 0))
        values: dict[str, Any] = {"tab": tab, "links": links, "late": LATE, "chosen": late}
        return view.download(table) or view.page("log.html", tables=[table], **values)
    pages = max(1, -(-whole // SIZE))
    page = _number(view, "page", 1, pages) or pages
    after = (page - 1) * SIZE
    log = (await view.ask("log", kept=False, after=after, first=SIZE))["log"]
    seen = await _decisions(view, after)
    leaves = Table(
        "leaves", Text("日志", "The log"), COLUMNS, [_row(view, leaf, seen) for leaf in log["leaves"]], main=False
    )
    proved = await _proofs(view, whole)
    tables = [leaves, checkpoints_table(view, log["checkpoints"]), *_steps(proved)]
    return view.download(*tables) or view.page(
        "log.html",
        tables=tables,
        tab=tab,
        links=links,
        whole=whole,
        number=page,
        count=pages,
        root=log["root"],
        **proved,
    )


async def _decisions(view: View, after: int) -> dict[int, dict[str, Any]]:
    """The decisions of the page that the reader sees; none for who sees hashes only."""
    try:
        rows = (await view.ask("log-decisions", after=after, first=SIZE))["decisions"]
    except Refused as refused:
        if refused.code not in NOT_SEEN:
            raise
        return {}
    return {row["position"]: row for row in rows}


def _row(view: View, leaf: dict[str, Any], seen: dict[int, dict[str, Any]]) -> Row:
    position = leaf["position"]
    decision = seen.get(position)
    hashed = Cell(leaf["hash"], mark=HASH)
    if decision is None:
        hidden = view.localized("不在您的范围内，只公开哈希", "not yours to see: only the hash is published")
        return {"position": Cell(position), "hash": hashed, "decision": Cell(None, hidden)}
    link = decision_cell(view, decision)
    assert link is not None
    return {
        "position": Cell(position, href=view.href(f"/decisions/{position}")),
        "hash": hashed,
        "at": Cell(None if decision["type"] in CORRECTIONS else decision["at"]),
        "recorded": time_cell(decision["recordedAt"]),
        "decision": link,
    }


async def _proofs(view: View, whole: int) -> dict[str, Any]:
    """What the address asks to be proved."""
    position, size = _number(view, "position", 1, whole), _number(view, "size", 1, whole)
    first, second = _number(view, "first", 1, whole), _number(view, "second", 1, whole)
    proved: dict[str, Any] = {"inclusion": None, "consistency": None}
    if position is not None:
        answer = await view.ask("inclusion", position=position, size=size or whole)
        proved["inclusion"] = answer["inclusionProof"]
    if first is not None:
        answer = await view.ask("consistency", first=first, second=second or whole)
        proved["consistency"] = answer["consistency"]
    return proved


def _steps(proved: dict[str, Any]) -> list[Table]:
    """The steps of what is proved: `steps` that a decision is in the log; `old`, `new` up to the root of either log."""
    tables: list[Table] = []
    if proved["inclusion"]:
        tables.append(steps_table("steps", STEPS, proved["inclusion"]["steps"]))
    if proved["consistency"]:
        proof = proved["consistency"]
        for name, of, steps in (("old", "first", "oldSteps"), ("new", "second", "newSteps")):
            title = Text(f"算到前 {proof[of]} 项的树根", f"Up to the root of {proof[of]}")
            tables.append(steps_table(name, title, proof[steps]))
    return tables
