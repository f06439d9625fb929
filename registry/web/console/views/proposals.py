"""Proposals for admission (职责准入): pending and answered; one beside the checker's opinion, with its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from registry.access.operations import Rule
from registry.access.territory import READING
from registry.domain.dates import today
from registry.domain.labels import MODE, ROLE
from registry.domain.text import Text
from registry.web import forms
from registry.web.authorization import allows
from registry.web.console.asking import Data
from registry.web.console.cells import RESTS_ON
from registry.web.console.drafting.afterwards import annulled
from registry.web.console.drafting.assessing import SHOWN, borne, by_unit
from registry.web.console.drafting.content import DUTY_MODE, MATTER_KINDS, RESOURCE
from registry.web.console.drafting.ways import cause
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.pages import address as lookup
from registry.web.pages.failure import Refused, offer, offered
from registry.web.resources import ServerResources
from registry.web.small_forms import fields_of
from registry.web.viewing import viewer

ANSWERS: Final = {
    None: Text("待审核", "pending"),
    "admitted": Text("准入", "admitted"),
    "refused": Text("不准入", "refused"),
}
STATES: Final = {
    "pending": Text("待审核", "Pending"),
    "answered": Text("已答复", "Answered"),
    "all": Text("全部", "All"),
}
COLUMNS: Final = (
    Column("since", Text("提出", "Made"), "day", width=12),
    Column("matter", Text("事项", "Matter"), chinese=True, width=36),
    Column("from", Text("申请单位", "From"), chinese=True, width=22),
    Column("to", Text("承接单位", "To"), chinese=True, width=18),
    Column("document", Text("文件", "Document"), chinese=True, width=24),
    Column("answer", Text("结果", "Answer"), width=10),
    Column("answered_by", Text("由谁答复", "Answered by"), chinese=True, width=22),
    Column("on", Text("答复日", "Answered on"), "day", width=12),
    Column("delegations", Text("据此下放", "Delegations under it"), "number", width=10),
)
REASON: Final = 2000  # characters
LISTED: Final = 50  # proposals alike that are named one by one; more are answered all at once, or on their own pages
ALSO: Final = "also:"  # before the id of a proposal that is answered along with another
SAME: Final = ("matter", "from", "instrument", "since", "role", "mode", "brings", "dueOn")  # of proposals alike
_NO_REASON: Final = Text("不准入的，请写明理由。", "Write why it is refused.")
NEGATIVE: Final = "negative-list"
_NO_REASON_NEGATIVE: Final = Text(
    "申请的事项在负面清单上，不论准入还是不准入，请写明理由。什么都没有记录。",
    "The matter is on a negative list: write why it is admitted or refused. Nothing was recorded.",
)
_TOO_LONG: Final = Text(
    f"理由超过 {REASON} 字，没有记录；请缩短。",
    f"The reason is longer than {REASON} characters; nothing was recorded: shorten it.",
)
_NOBODY: Final = Text("请选择由哪个单位答复。", "Choose the unit that answers.")
offer("/proposals", "state", Text("状态", "State"), STATES)


def router(resources: ServerResources) -> APIRouter:
    """The routes of the view."""
    routes = APIRouter(include_in_schema=False, dependencies=[Depends(forms.with_forms)])

    @routes.api_route("/proposals", methods=["GET", "HEAD"])
    async def proposals(request: Request) -> Response:
        return await _proposals(await View.of(request, resources))

    @routes.api_route("/proposals/{code:path}", methods=["GET", "HEAD"])
    async def one(request: Request, code: str) -> Response:
        view = await View.of(request, resources)
        try:
            return await _one(view, code)
        except Refused as refused:
            gone = await _taken_back(view, code) if refused.code == "not-found" else None
            if gone is None:
                raise
            return gone

    @routes.post("/proposals/{code:path}")
    async def answer(request: Request, code: str) -> Response:
        view = await View.of(request, resources)
        return await _answered(view, code, await fields_of(request, LISTED + 10))

    return routes


async def _within(view: View) -> str:
    """The territory that is asked about: the reader's own, or the highest unit that there is, unless one is named."""
    if view.parameter("within"):
        return view.parameter("within")
    codes = sorted(code for code in viewer(view.request).units(*READING) if code)
    if codes:
        return codes[0]
    for level in ("CENTRAL", "PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP", "VILLAGE"):
        units = (await view.ask("proposal_root", level=level, first=1))["units"]["nodes"]
        if units:
            return units[0]["code"]
    return lookup.refuse("unknown-unit", "登记簿里还没有单位。", "The registry has no units yet.")


async def _proposals(view: View) -> Response:
    """`?within=`: of a territory; `?state=`: pending (unless said otherwise), answered, or all (or empty)."""
    if "state" in view.request.query_params and not view.parameter("state"):
        return RedirectResponse(view.here(state="all"), 303)  # no link of the page keeps what is empty
    state = view.parameter("state") or "pending"
    if state not in STATES:
        state = offered("/proposals", "state", state)
    unit = await view.unit(await _within(view))
    rows = await view.ask_all("proposals", "proposals", within=unit["code"], pending=state == "pending")
    if state == "answered":
        rows = [row for row in rows if row["answer"] is not None]
    rows.sort(key=lambda row: row["since"], reverse=True)
    table = Table(
        "proposals",
        Text("准入申请", "Proposals for admission"),
        COLUMNS,
        rows_of(
            rows,
            **{"from": _from(view)},
            since=lambda one: Cell(one["since"], href=view.href(f"/proposals/{one['proposal']}")),
            matter=lambda one: Cell(
                one["matter"]["name"], href=view.href(f"/proposals/{one['proposal']}"), code=one["proposal"]
            ),
            to=lambda one: _unit(view, one["to"]),
            document=lambda one: (
                one["instrument"]
                and Cell(
                    one["instrument"]["title"],
                    href=view.href(f"/documents/{one['instrument']['number']}"),
                    code=one["instrument"]["number"],
                )
            ),
            answer=lambda one: Cell(one["answer"] or "", view.localized(*ANSWERS[one["answer"]])),
            answered_by=lambda one: _unit(view, one["answeredBy"]),
            on=lambda one: one["answeredOn"],
            delegations=lambda one: Cell(
                len(one["delegations"]),
                href=view.href(f"/proposals/{one['proposal']}") + "#delegations" if one["delegations"] else None,
            ),
        ),
    )
    return view.download(table) or view.page(
        "proposals.html", unit=unit, tables=[table], tabs=tabs(view, unit, "/proposals"), state=state, states=STATES
    )


def _from(view: View) -> Callable[[Data], Cell | None]:
    return lambda one: _unit(view, one["from"])


def _unit(view: View, unit: Data | None) -> Cell | None:
    return None if unit is None else Cell(unit["name"], href=view.href(f"/units/{unit['code']}"), code=unit["code"])


async def _need(view: View, id_: str) -> Data:
    proposal = (await view.ask("proposal", kept=False, proposal=id_[:400]))["proposal"]
    if proposal is None:
        zh, en = f"没有编号为“{id_[:80]}”的准入申请。", f"There is no proposal {id_[:80]}."
        raise Refused(
            "not-found", 404, (zh, en), ("核对编号，或从一览中打开。", "Check the id, or open it from the list.")
        )
    return proposal


async def _waiting(view: View, unit: Data | None) -> list[Data]:
    """The proposals that wait for an answer in the county of a unit, or under the highest above it; oldest first."""
    if unit is None:
        return []
    rows = await view.ask_all("proposals", "proposals", kept=False, within=_county(unit)["code"], pending=True)
    return sorted(rows, key=lambda row: (row["since"], row["proposal"]))


async def _to_carry_out(view: View, proposal: Data, unit: Data | None) -> list[Data]:
    """A proposal and those alike that were admitted as well and not carried out yet, which one draft may carry out."""
    if proposal["answer"] != "admitted" or proposal["delegations"] or unit is None:
        return []
    rows = await view.ask_all("proposals", "proposals", kept=False, within=_county(unit)["code"], pending=False)
    rows = [row for row in rows if row["answer"] == "admitted" and not row["delegations"] and row["to"]]
    return [proposal, *_alike(proposal, rows)]


def _county(unit: Data) -> Data:
    """The county of a unit; the highest above it where it is in none."""
    return ([each for each in unit["above"] if each["level"] == "COUNTY"] or [*unit["above"][:1], unit])[0]


async def _borne(view: View, proposal: Data) -> list[Data]:
    """How the recipient holds the matter already; nothing where that is answered, or it is no duty or power."""
    duties = {*MATTER_KINDS["delegate"], *MATTER_KINDS["grant"]}
    if proposal["answer"] is not None or proposal["to"] is None or proposal["matter"]["kind"].lower() not in duties:
        return []
    to = [proposal["to"]["code"]]
    return await borne(view, proposal["matter"], to, to, str(view.moment.valid_at))


def _alike(proposal: Data, waiting: list[Data]) -> list[Data]:
    """Those of the proposals waiting that ask the same of other recipients, on one document and day."""

    def same(one: Data) -> list[Any]:
        codes = [one[name] and (one[name].get("code") or one[name].get("number")) for name in SAME[:3]]
        return [*codes, *(one[name] for name in SAME[3:])]

    return [one for one in waiting if one["proposal"] != proposal["proposal"] and same(one) == same(proposal)]


def _recorded(view: View) -> tuple[int, int] | None:
    """The positions that were recorded just before, as the address has them."""
    first, _, last = view.parameter("done").partition("-")
    numbers = [int(each) for each in (first, last or first) if each.isascii() and each.isdecimal() and len(each) < 16]
    return (numbers[0], numbers[1]) if len(numbers) == 2 else None


async def _taken_back(view: View, id_: str) -> Response | None:
    """The page of a proposal that was taken back: by which decision, and what it was; None where none was."""
    try:
        decisions = (await view.ask("proposal_history", proposal=id_[:400]))["decisions"]
    except Refused:  # there never was one, or it is not the reader's to see
        return None
    made = [one for one in decisions if one["type"] == "DelegationProposed"]
    gone = annulled(made)
    return gone and view.page("proposal_gone.html", status=404, proposal=id_[:400], made=made[0], gone=gone)


async def _one(view: View, id_: str, *, note: Text | None = None, status: int = 200, given: str = "") -> Response:
    proposal = await _need(view, id_)
    unit = await view.unit(proposal["to"]["code"]) if proposal["to"] else None
    waiting = await _waiting(view, unit)
    carried = await _to_carry_out(view, proposal, unit)
    opinion: Data = proposal["opinion"] or {"errors": [], "by": [], "opened": [], "closed": [], "entitled": None}
    return view.form(
        "proposal.html",
        note=note,
        status=status,
        unit=unit,
        proposal=proposal,
        opinion=opinion,
        opened=by_unit(opinion["opened"]),
        closed=by_unit(opinion["closed"]),
        borne=await _borne(view, proposal),
        rests_on=RESTS_ON,
        alike=_alike(proposal, waiting) if proposal["answer"] is None else [],
        listed=LISTED,
        also=ALSO,
        waiting=len(waiting),
        next=next((one for one in waiting if one["proposal"] != proposal["proposal"]), None),
        recorded=_recorded(view),
        may_answer=allows(Rule.ORGANIZER, viewer(view.request)),
        draft=_draft(proposal),
        drafts=_draft_of_all(carried),
        carried=carried,
        negative=proposal["answer"] is None and _touches(proposal),
        answers=ANSWERS,
        roles=ROLE,
        modes={**DUTY_MODE, **MODE},
        resources=RESOURCE,
        reason=given,
        today=str(today()),
        cause=cause,
        most=SHOWN,
    )


def _draft(proposal: Data) -> dict[str, str]:
    """The parameters of a new draft that carries a proposal out; nothing where one is missing."""
    kind = next((name for name, kinds in MATTER_KINDS.items() if proposal["matter"]["kind"].lower() in kinds), None)
    if kind is None or not (proposal["from"] and proposal["to"] and proposal["instrument"]):
        return {}
    mode: dict[str, Any] = {"duty_mode" if kind == "delegate" else "grant_mode": proposal["mode"]}
    fields = {
        "kind": kind,
        "matter": proposal["matter"]["code"],
        "from": proposal["from"]["code"],
        f"to:{proposal['to']['code']}": "1",
        "instrument": proposal["instrument"]["number"],
        "role": proposal["role"] and proposal["role"].lower(),
        "due_on": proposal["dueOn"],
        "proposal": proposal["proposal"],
        "at": proposal["instrument"]["since"] if proposal["instrument"]["since"] > str(today()) else None,
        **mode,
        **{f"brings:{each}": "1" for each in proposal["brings"]},
    }
    return {name: value for name, value in fields.items() if value}


def _draft_of_all(proposals: Sequence[Data]) -> dict[str, str]:
    """The parameters of a new draft that carries out several proposals alike; nothing where there is but one.

    Each recipient is handed the matter under its own proposal.
    """
    if not 1 < len({one["to"]["code"] for one in proposals}) == len(proposals) <= LISTED:
        return {}
    fields = _draft(proposals[0])
    fields.pop("proposal", None)
    codes = {one["to"]["code"]: one["proposal"] for one in proposals}
    of_each = {f"to:{code}": "1" for code in codes} | {f"under:{code}": id_ for code, id_ in codes.items()}
    return {**fields, **of_each} if fields else {}


async def _answered(view: View, id_: str, fields: Mapping[str, str]) -> Response:
    """Admit or refuse it, and those alike that are ticked, for the unit that is chosen, from today on: all or none."""
    proposal = await _need(view, id_)
    reason, by = fields.get("reason", "").replace("\x00", "").strip(), fields.get("by", "").strip()
    unsigned = forms.token_problem(view.request, fields.get(forms.FIELD, ""))
    if unsigned is not None:
        return await _one(view, id_, note=Text(*unsigned), status=403, given=reason)
    admits = fields.get("answer") == "admit"
    problem = _NOBODY if not by else _NO_REASON if not admits and not reason else None
    problem = _TOO_LONG if len(reason) > REASON else problem
    if problem is not None:
        return await _one(view, id_, note=problem, status=400, given=reason)
    ids = [proposal["proposal"], *await _also(view, proposal, fields)]
    if not reason and await _on_negative_list(view, proposal, ids[1:]):
        return await _one(view, id_, note=_NO_REASON_NEGATIVE, status=400, given=reason)
    given = {"at": str(max(str(today()), proposal["since"])), "by": by[:200], **({"reason": reason} if reason else {})}
    try:
        if len(ids) == 1:
            data = await view.record("proposal_admitted" if admits else "proposal_refused", proposal=ids[0], **given)
        else:
            kind = "ProposalAdmitted" if admits else "ProposalRefused"
            data = await view.record("record", decisions=[{"type": kind, "proposal": each, **given} for each in ids])
    except Refused as refused:
        return await _one(view, id_, note=Text(*refused.message), status=refused.status, given=reason)
    positions: list[int] = next(iter(data.values()))["positions"]
    return view.go(f"/proposals/{proposal['proposal']}", done=f"{min(positions)}-{max(positions)}")


async def _on_negative_list(view: View, proposal: Data, others: Sequence[str]) -> bool:
    """Whether handing down what is proposed, or any of `others` that are answered along, would touch such a list."""
    if _touches(proposal):
        return True
    alike = [(await view.ask("proposal", proposal=each))["proposal"] for each in others]
    return any(each is not None and _touches(each) for each in alike)


def _touches(proposal: Data) -> bool:
    opinion = proposal["opinion"]
    return bool(opinion) and any(finding["rule"] == NEGATIVE for finding in opinion["opened"])


async def _also(view: View, proposal: Data, fields: Mapping[str, str]) -> list[str]:
    """The proposals alike that a form answers along with one: those ticked that still wait, or all of them."""
    if not any(name.startswith(ALSO) for name in fields):
        return []
    unit = await view.unit(proposal["to"]["code"]) if proposal["to"] else None
    alike = [one["proposal"] for one in _alike(proposal, await _waiting(view, unit))]
    return alike if ALSO in fields else [each for each in alike if ALSO + each in fields]
